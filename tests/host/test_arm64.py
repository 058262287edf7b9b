# SPDX-License-Identifier: BSD-2-Clause
"""The boot program on an arm64 machine: its kernels in their three forms, those of other machines, and
device trees; and lanyardd with a tree for it."""

import gzip
import hashlib
import os
import shutil
import struct

import pytest

from tests.host.client import Client
from tests.host.kernel import ARM64, arm64, blob, bzimage, zboot
from tests.host.tree import AARCH64, Tree, module, program, read, unpack, write
from tests.site import Lanyardd, Site
from tests.site.paths import BIN

CONFIG = "DEFAULT l\nLABEL l\nKERNEL vmlinuz\n"
ARM = ("--firmware", "efi", "--arch", "11")
X64 = ("--firmware", "efi", "--arch", "7")
IMAGE = arm64(3_000_000)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


KERNELS = {  # the file, and what is started
    "Image": (IMAGE, IMAGE),
    "Image.gz": (gzip.compress(IMAGE), IMAGE),
    "a small Image.gz": (gzip.compress(ARM64), ARM64),
    "zboot": (zboot(), zboot()),
}


@pytest.mark.parametrize("kind", KERNELS)
def test_kernels(dnsmasq, kind):
    file, kernel = KERNELS[kind]
    result = dnsmasq.boot(CONFIG, {"vmlinuz": file}, *ARM)
    assert result.plan, result
    assert result.plan["kernel"]["size"] == len(kernel)
    assert result.plan["kernel"]["sha256"] == sha256(kernel)


LONGER = gzip.compress(arm64(100_000, promised=70_000))
DAMAGED = bytearray(gzip.compress(IMAGE))
DAMAGED[len(DAMAGED) // 2] ^= 0x10

NO_KERNELS = {  # the machine, the file, the fault, a word of its sentence
    "x86's on arm64": (ARM, bzimage(), "LAN-401", "for x86"),
    "x86's in gzip on arm64": (ARM, gzip.compress(bzimage()), "LAN-401", "for x86"),
    "arm64's on x86": (X64, ARM64, "LAN-401", "for arm64"),
    "arm64's zboot on x86": (X64, zboot(), "LAN-401", "for arm64"),
    "gzip on x86": (X64, gzip.compress(IMAGE), "LAN-401", "gzip"),
    "no kernel in gzip": (ARM, gzip.compress(blob(70_000, 3)), "LAN-401", "no kernel does"),
    "nothing in gzip": (ARM, gzip.compress(b""), "LAN-209", ""),
    "gzip is cut": (ARM, gzip.compress(IMAGE)[:-1000], "LAN-402", "go on"),
    "gzip is cut in the kernel's head": (ARM, gzip.compress(IMAGE)[:900], "LAN-402", "go on"),
    "gzip is damaged": (ARM, bytes(DAMAGED), "LAN-401", "damaged"),
    "longer than it says": (ARM, LONGER, "LAN-401", "longer"),
    "zboot is cut": (ARM, zboot()[:-1], "LAN-402", "promises"),
}


@pytest.mark.parametrize("kind", NO_KERNELS)
def test_not_a_kernel(dnsmasq, kind):
    machine, kernel, fault, word = NO_KERNELS[kind]
    result = dnsmasq.boot(CONFIG, {"vmlinuz": kernel}, *machine)
    assert result.faults == [fault], result
    assert word in result.sentence(fault), result.sentence(fault)


def tree(content=b"", promised=None):
    """A device tree, or what is one by its header."""
    size = 56 + len(content)
    return struct.pack(">10I", 0xd00dfeed, promised or size, 56, 56, 40, 17, 16, 0, 0, 0) + bytes(16) + content


TREES = {"vmlinuz": ARM64, "a.dtb": tree(b"a"), "b.dtbo": tree(b"b"), "c.dtbo": tree(b"cc")}


def test_trees_are_fetched(dnsmasq):
    result = dnsmasq.boot(CONFIG + "FDT a.dtb\nFDTOVERLAYS  b.dtbo   c.dtbo\nKASLRSEED\n", TREES, *ARM)
    assert result.loaded()[-3:] == ["a.dtb", "b.dtbo", "c.dtbo"], result
    assert result.plan["tree"]["sha256"] == sha256(TREES["a.dtb"]) and result.plan["kaslr_seed"]
    assert [t["sha256"] for t in result.plan["overlays"]] == \
        [sha256(TREES["b.dtbo"]), sha256(TREES["c.dtbo"])]


def test_other_words_for_them(dnsmasq):
    result = dnsmasq.boot(CONFIG + "DEVICETREE a.dtb\nDEVICETREE-OVERLAY b.dtbo\n", TREES, *ARM)
    assert result.plan["tree"]["size"] == 57 and len(result.plan["overlays"]) == 1, result


def test_a_directory_without_a_tree_for_this_machine(dnsmasq):
    """U-Boot goes on, too."""
    result = dnsmasq.boot(CONFIG + "FDTDIR dtbs\n", TREES, *ARM, "--show")
    assert "tree" not in result.plan and "no device tree for" in result.console, result


def test_x86_has_none(dnsmasq):
    result = dnsmasq.boot(CONFIG + "FDT a.dtb\nFDTOVERLAYS nosuch\n", {"vmlinuz": bzimage()}, *X64)
    assert "tree" not in result.plan and result.loaded() == ["vmlinuz"], result


BAD_TREES = {  # the words, a.dtb, the fault, a part of its sentence
    "empty": ("FDT a.dtb", b"", "LAN-209", ""),
    "a web page": ("FDT a.dtb", b"<html>", "LAN-408", "begins with 3c 68 74 6d"),
    "header cut": ("FDT a.dtb", tree()[:39], "LAN-408", "cut off: 39 bytes, its header promises 40"),
    "short": ("FDT a.dtb", tree(promised=57), "LAN-408", "cut off: 56 bytes, its header promises 57"),
    "large": ("FDT a.dtb", tree(bytes(2 << 20)), "LAN-408", "more than 2097152 bytes"),
    "missing": ("FDT nosuch.dtb", b"", "LAN-201", "nosuch.dtb"),
    "overlay missing": ("FDTOVERLAYS b.dtbo nosuch.dtbo", b"", "LAN-201", "nosuch.dtbo"),
    "overlay cut": ("FDTOVERLAYS b.dtbo a.dtb", b"\xd0\x0d\xfe", "LAN-408", "cut off: 3 bytes"),
    "many overlays": ("FDTOVERLAYS" + " b.dtbo" * 17, b"", "LAN-302", "more than 16 overlays"),
    "long name": ("FDT " + "x" * 256, b"", "LAN-302", "longer than"),
}


@pytest.mark.parametrize("kind", BAD_TREES)
def test_trees_that_cannot_be_used(dnsmasq, kind):
    words, file, fault, sentence = BAD_TREES[kind]
    result = dnsmasq.boot(CONFIG + words + "\n", TREES | {"a.dtb": file}, *ARM)
    assert result.faults == [fault], result
    assert sentence in result.sentence(fault), result.sentence(fault)


def tree_with(site, kernel_name):
    """A root tree for arm64, as distributions have it: their names of the kernel differ."""
    root = Tree(site.path("tree"), machine=AARCH64)
    for path in (site.dir, root.root):
        os.chmod(path, 0o755)
    root.add("net/virtio_net.ko", module("virtio_net", machine=AARCH64))
    write(f"{root.root}/boot/{kernel_name}-{root.version}", IMAGE)
    write(f"{root.root}/sbin/init", "#!/bin/sh\n")
    return root


@pytest.mark.parametrize("kernel_name", ["vmlinuz", "Image"])
def test_lanyardd_serves_a_tree_for_arm64(kernel_name):
    """From a directory of programs that has none for x86 but mklanyard: init-arm64 is what goes into
    the image. An arm64 machine boots; an x86 one is told what is wrong."""
    with Site(name="arm64", capture=False) as site:
        root = tree_with(site, kernel_name)
        place = site.path("programs")
        os.mkdir(place)
        shutil.copy(f"{BIN}/mklanyard", place)
        write(f"{place}/init-arm64", program(AARCH64))
        write(f"{place}/lanyardaa64.efi", b"MZ")
        os.chmod(place, 0o755)
        server = Lanyardd(site, root.root, sanitized=True, modules="list:virtio_net", programs=place)
        client = Client(site, None, site.add_client())
        result = client.run(*ARM)
        assert result.plan and result.plan["kernel"]["sha256"] == sha256(IMAGE), result
        image, = [name for name in os.listdir(f"{server.state}/images") if name.endswith(".img")]
        entries = unpack(f"{server.state}/images/{image}")
        assert entries["init"].content == read(f"{place}/init-arm64")
        assert any(path.endswith("virtio_net.ko") for path in entries)
        assert "which gets lanyardaa64.efi" in server.log()
        assert client.run(*X64).faults == ["LAN-401"]
