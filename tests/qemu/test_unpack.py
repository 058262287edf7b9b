# SPDX-License-Identifier: BSD-2-Clause
"""Debian's kernel unpacks what mklanyard packs, in every compression: several archives one behind
another, after the boot program's archive and early microcode, and finds its files."""

import os
import re
import subprocess

import pytest

from tests.host.tree import Tree, amd, pieces, write
from tests.site.paths import BIN, DEPS

KERNEL = os.path.join(DEPS, "kernel")

INIT = r"""
#include <fcntl.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(void)
{
    char record[32] = "";
    FILE *table = fopen("/lanyard/modules", "r");
    int c, lines = 0, fd = open("/lanyard/test", O_RDONLY);

    while (table && (c = getc(table)) != EOF)
        lines += c == '\n';
    if (fd >= 0 && read(fd, record, sizeof record - 1) < 0)
        return 1;
    printf("\nunpacked: %d modules, record '%s', microcode %s\n", lines, record,
        access("/kernel/x86/microcode/AuthenticAMD.bin", F_OK) ? "missing" : "there");
    fflush(stdout);
    reboot(RB_POWER_OFF);
}
"""


@pytest.fixture(scope="module")
def init(tmp_path_factory):
    """A static program that says what it found, and switches off."""
    place = tmp_path_factory.mktemp("init")
    (place / "init.c").write_text(INIT)
    subprocess.run(["musl-gcc", "-static", "-Os", "-o", place / "init", place / "init.c"],
                   check=True)
    return str(place / "init")


def record():
    """As the boot program puts it before the first initrd: 8 KiB of plain cpio, zero-padded."""
    archive = b""
    for name, mode, content in (("lanyard", 0o40755, b""), ("lanyard/test", 0o100644, b"found"),
                                ("TRAILER!!!", 0, b"")):
        head = [0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        archive += b"070701" + b"".join(b"%08X" % field for field in head) + name.encode() + b"\0"
        archive += bytes(-len(archive) % 4) + content
        archive += bytes(-len(archive) % 4)
    return archive.ljust(8192, b"\0")


def make(root, image, init, *options):
    subprocess.run([os.path.join(BIN, "mklanyard"), "-r", root, "--init", init, "-o", image,
                    *options], check=True, stderr=subprocess.DEVNULL)
    with open(image, "rb") as file:
        return file.read()


def microcode(place, init):
    """The front of an image for a tree that has it."""
    tree = Tree(place / "tree")
    write(tree.root + "/lib/firmware/amd-ucode/microcode_amd.bin", amd())
    image = make(tree.root, str(place / "other"), init, "-m", "list:nfs")
    rest = make(tree.root, str(place / "rest"), init, "-m", "list:nfs", "--no-microcode")
    assert image.endswith(rest) and len(image) > len(rest)
    return image[:-len(rest)]


@pytest.mark.parametrize("kind", ["zstd", "xz", "gzip", "none"])
def test_kernel_unpacks(tmp_path, init, kind):
    image = str(tmp_path / "image")
    packed = make(KERNEL, image, init, "-m", "netboot", "--compress", kind)
    assert (len(pieces(packed)) > 1) == (kind != "none")
    with open(image, "wb") as file:
        file.write(record() + microcode(tmp_path, init) + packed)
    version = os.listdir(KERNEL + "/lib/modules")[0]
    machine = subprocess.run(
        ["qemu-system-x86_64", "-accel", "tcg", "-m", "512", "-nodefaults", "-display", "none",
         "-serial", "stdio", "-no-reboot", "-kernel", f"{KERNEL}/boot/vmlinuz-{version}",
         "-initrd", image, "-append", "console=ttyS0 panic=-1"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=120, check=True)
    console = machine.stdout.decode(errors="replace")
    found = re.search(r"unpacked: (\d+) modules, record '(\w*)', microcode there", console)
    assert found, "\n".join(console.splitlines()[-30:])
    assert int(found[1]) >= 180 and found[2] == "found"
    assert "unpacking failed" not in console
