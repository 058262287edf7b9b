# SPDX-License-Identifier: BSD-2-Clause
"""lanyard-chroot: what a command sees inside a tree, and that nothing of it stays. (What a real kernel
package does in it: tests/qemu/test_pc.py.)"""

import os
import shutil
import subprocess

import pytest

from tests.site.paths import TREE

SCRIPT = os.path.join(TREE, "server-stub/lanyard-chroot.sh")
COMMANDS = "sh", "cat", "ls", "echo", "sleep", "readlink", "test", "mount", "sed"


@pytest.fixture
def tree(tmp_path):
    """A root tree of busybox, as a PC's."""
    tree = tmp_path / "tree"
    for name in ("bin", "usr/sbin", "boot/grub", "boot/efi/EFI", "etc/initramfs-tools/conf.d", "tmp"):
        (tree / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", tree / "bin/busybox")
    for name in COMMANDS:
        (tree / "bin" / name).symlink_to("busybox")
    for name, text in (("boot/grub/grub.cfg", ""),
                       ("etc/initramfs-tools/initramfs.conf", "A=1\nMODULES=dep\nB=2\n"),
                       ("etc/initramfs-tools/conf.d/policy", "MODULES=most\n"),
                       ("etc/resolv.conf", "nameserver 9.9.9.9\n")):
        (tree / name).write_text(text)
    return tree


def run(tree, *command, status=0, **keywords):
    """What the command says."""
    done = subprocess.run([SCRIPT, str(tree), *command], capture_output=True, text=True, timeout=60,
                          **keywords)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def listing(tree):
    return sorted(str(path.relative_to(tree)) for path in tree.rglob("*"))


def test_misuse(tree, tmp_path):
    assert subprocess.run([SCRIPT], capture_output=True, check=False).returncode == 100
    assert subprocess.run([SCRIPT, "--help"], capture_output=True, check=False).returncode == 100
    run(tmp_path, status=111)
    run("/", "true", status=111)


def test_status_and_words_are_the_commands(tree):
    run(tree, "sh", "-c", "exit 7", status=7)
    assert run(tree, "echo", "a  b", "*") == "a  b *\n"
    assert run(tree, input="echo $HOME; pwd\n") == "/root\n/\n"


LINGERS = "(trap '' HUP TERM; while :; do echo x > /tmp/late; sleep 1; done) > /dev/null 2>&1 &"


def mounts():
    with open("/proc/mounts", encoding="ascii") as file:
        return file.read()


def test_nothing_stays(tree):
    before = mounts()
    run(tree, "sh", "-c", "exit 0")  # makes /proc, /sys, /dev and /run
    there = set(listing(tree))
    out = run(tree, "sh", "-c", f"sh /usr/sbin/policy-rc.d; echo $?; echo new > /tmp/new; {LINGERS}")
    assert out == "101\n"
    assert {"tmp/new"} <= set(listing(tree)) - there <= {"tmp/new", "tmp/late"}
    assert subprocess.run(["pgrep", "-f", str(tree)], capture_output=True, check=False).returncode == 1
    assert mounts() == before


def test_policy_of_the_tree_stays(tree):
    (tree / "usr/sbin/policy-rc.d").write_text("own")
    assert run(tree, "cat", "/usr/sbin/policy-rc.d") == "own"
    assert (tree / "usr/sbin/policy-rc.d").read_text() == "own"


def test_disks_and_boot_loaders_are_out_of_sight(tree):
    assert run(tree, "ls", "/boot/grub", "/boot/efi").split() == ["/boot/efi:", "/boot/grub:"]
    assert run(tree, "cat", "/etc/initramfs-tools/initramfs.conf") == "A=1\nMODULES=most\nB=2\n"
    devices = run(tree, "ls", "/dev").split()
    assert {"null", "urandom", "pts"} <= set(devices)
    assert not [name for name in devices if name.startswith(("sd", "vd", "nvme", "loop"))]
    assert run(tree, "cat", "/run/systemd/container").strip() == "lanyard-chroot"
    assert (tree / "boot/grub/grub.cfg").exists()
    assert "MODULES=dep" in (tree / "etc/initramfs-tools/initramfs.conf").read_text()


@pytest.mark.parametrize("own", ["nameserver 9.9.9.9\n", "# none\n", "link", None])
def test_name_servers(tree, own):
    """The tree's own if it has some, else this machine's."""
    file = tree / "etc/resolv.conf"
    with open("/etc/resolv.conf", encoding="utf-8") as servers:
        here = servers.read()
    file.unlink()
    if own == "link":
        file.symlink_to("/run/resolver/stub.conf")
    elif own:
        file.write_text(own)
    before = os.path.lexists(file)
    assert run(tree, "cat", "/etc/resolv.conf") == (own if own and "nameserver" in own else here)
    assert os.path.lexists(file) == before
    if own and own != "link":
        assert file.read_text() == own
