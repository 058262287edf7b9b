# SPDX-License-Identifier: BSD-2-Clause
"""mklanyard's sets of drivers (-m netboot, all, auto), firmware, microcode, and archives that are
packed side by side; on trees made here and on Debian's kernel."""

import lzma
import os
import random
import resource
import shutil
import stat
import subprocess
import tempfile

import pytest

from tests.host.maker import KERNEL, MKLANYARD, Maker
from tests.host.maker import maker, tree  # noqa: F401  (fixtures)
from tests.host.tree import (AARCH64, BASE, VERSION, Tree, amd, archive, intel, module, packed, pieces,
                             program, read, table, unpack, write)
from tests.site.paths import BIN

NET = "../kernel/drivers/net/"


def added(entries):
    """The table's lines beyond those that every image has."""
    return {name: line for name, line in table(entries).items() if name not in BASE}


def add_drivers(tree):
    """A kernel's drivers as they lie in their folders."""
    for path, needs, words in (
            ("ethernet/intel/e1000/e1000", "", {"alias": ["pci:v8086*"]}),
            ("ethernet/acme/acme-lib", "", {}),
            ("ethernet/acme/acme-card", "acme-lib,libphy", {"alias": ["pci:vACME*"]}),
            ("ethernet/acme/unused-lib", "", {}),
            ("ethernet/acme/acme_cs", "", {"alias": ["pcmcia:m1*"]}),
            ("ethernet/mellanox/mlx4/mlx4_core", "", {"alias": ["pci:v15B3*"]}),
            ("ethernet/mellanox/mlx4/mlx4_en", "mlx4_core", {}),
            ("ethernet/mellanox/mlxsw/mlxsw_spectrum", "", {"alias": ["pci:v15B4*"]}),
            ("mdio/mdio-mux", "", {"alias": ["of:N*T*Cmux"]}),
            ("phy/libphy", "", {}),
            ("phy/realtek", "libphy", {"alias": ["mdio:00000000000111001100????????????"]}),
            ("vmxnet3/vmxnet3", "", {"alias": ["pci:v15AD*"]}),
            ("virtio_net", "", {"alias": ["virtio:d00000001v*"]}),
            ("xen-netfront", "", {"alias": ["xen:vif"]}),
            ("tun", "", {"alias": ["devname:net/tun"]}),
            ("wireless/acme/radio", "", {"alias": ["pci:vACMF*"]}),
            ("../usb/core/usbcore", "", {"alias": ["usb:v*d*ic09*"]}),
            ("usb/usbnet", "usbcore", {}),
            ("usb/ax88179_178a", "usbnet", {"alias": ["usb:v0B95*"]}),
            ("usb/qmi_wwan", "usbnet", {"alias": ["usb:v1199*"]}),
            ("../usb/host/xhci-hcd", "usbcore", {}),
            ("../usb/host/xhci-pci", "xhci-hcd", {"alias": ["pci:*bc0Csc03i30*"]}),
            ("../usb/host/xhci-plat", "", {"alias": ["of:N*T*Cxhci"]}),
            ("../clk/clk-board", "", {"alias": ["of:N*T*Cboard-clk"]}),
            ("../clk/clk-card", "", {"alias": ["pci:v1234*"]})):
        name = os.path.basename(path).replace("-", "_")
        tree.add(NET + path + ".ko", module(name, needs, machine=tree.machine, **words))
    tree.depmod()


WIRED = {"e1000": "n", "acme_lib": "-", "acme_card": "n", "mlx4_core": "n", "mlx4_en": "d",
         "mdio_mux": "n", "libphy": "-", "realtek": "n", "vmxnet3": "n", "virtio_net": "n",
         "xen_netfront": "n"}


@pytest.fixture
def full(tree):
    """A tree with a kernel's drivers."""
    add_drivers(tree)
    return tree


def flags(entries):
    return {name: line.flag for name, line in added(entries).items()}


# Sets


def test_netboot_has_all_wired_cards(maker, full):
    entries = maker.make(full.root, "-m", "netboot")
    assert flags(entries) == WIRED
    assert table(entries)["realtek"].aliases == ["mdio:00000000000111001100????????????"]


USB = {"usbcore": "n", "usbnet": "-", "xhci_hcd": "-", "xhci_pci": "n"}


def test_all_has_usb_cards_too(maker, full):
    entries = maker.make(full.root, "-m", "all")
    assert flags(entries) == WIRED | USB | {"ax88179_178a": "n"}
    # The controllers need the core, which brings them along.
    assert table(entries)["xhci_hcd"].needs == ["usbcore"]


def test_sets_and_names_add_up(maker, full):
    entries = maker.make(full.root, "-m", "list:qmi_wwan", "-m", "netboot", "-m", "list:e1000,tun")
    assert flags(entries) == WIRED | USB | {"qmi_wwan": "n", "tun": "n"}
    entries = maker.make(full.root, "-m", "all", "-m", "netboot")
    assert "ax88179_178a" in table(entries)


def test_phys_come_along_where_a_card_has_one(maker, full):
    assert set(flags(maker.make(full.root, "-m", "list:acme_card"))) == \
        {"acme_card", "acme_lib", "libphy", "realtek"}
    assert set(flags(maker.make(full.root, "-m", "list:e1000"))) == {"e1000"}


def test_driver_of_two_parts(maker, full):
    """The second one is asked for by name."""
    assert flags(maker.make(full.root, "-m", "list:mlx4_core")) == \
        {"mlx4_core": "n", "mlx4_en": "d"}


def test_drivers_from_elsewhere(maker, full):
    """Those that an administrator added, if they are for a wired card; one that replaces the
    kernel's own."""
    def foreign(name, *calls, **words):
        full.write(f"updates/dkms/{name}.ko", module(name, **words) +
                   b"".join(b"\0" + call + b"\0" for call in calls))
    foreign("r8125", b"alloc_etherdev_mqs", alias=["pci:v10EC*"])
    foreign("newradio", b"alloc_etherdev_mqs", b"wiphy_register", alias=["pci:v10ED*"])
    foreign("disk", alias=["pci:v10EE*"])
    foreign("e1000", b"alloc_etherdev_mqs", alias=["pci:v8086new*"])
    full.depmod()
    lines = added(maker.make(full.root, "-m", "netboot"))
    assert set(lines) == set(WIRED) | {"r8125"}
    assert lines["e1000"].path.endswith("/updates/dkms/e1000.ko")
    assert lines["e1000"].aliases == ["pci:v8086new*"]


def test_driver_that_cannot_be_used_is_left_out(maker, full):
    full.add(NET + "ethernet/intel/e1000/e1000.ko", b"no module")
    done = maker.run(full.root, "-m", "netboot")
    assert done.returncode == 0 and done.stderr.count("\n") == 1
    assert "note: left out: e1000" in done.stderr and "e1000.ko" in done.stderr
    entries = unpack(maker.image)
    assert flags(entries) == {name: flag for name, flag in WIRED.items() if name != "e1000"}
    assert "LAN-605" in maker.run(full.root, "-m", "list:e1000").stderr


def test_many_drivers_that_cannot_be_used_are_one_note(maker, full):
    for number in range(40):
        full.add(NET + f"ethernet/bad/bad{number}.ko",
                 module(f"bad{number}", "gone", alias=[f"pci:vB{number}*"]))
    full.depmod()
    done = maker.run(full.root, "-m", "netboot")
    assert done.returncode == 0 and done.stderr.count("\n") == 1
    assert "40 drivers are left out: bad0 " in done.stderr and "bad20" not in done.stderr
    assert flags(unpack(maker.image)) == WIRED


def test_kernel_without_drivers(maker, tree):
    done = maker.run(tree.root, "-m", "netboot")
    assert done.returncode == 0 and "no drivers of network cards as modules" in done.stderr


def test_order_on_disk_does_not_matter(maker, full, tmp_path):
    """The same files, written the other way round."""
    maker.make(full.root, "-m", "all")
    expected = maker.bytes()
    other = str(tmp_path / "other")
    files = sorted((os.path.join(place, name) for place, _, names in os.walk(full.root)
                    for name in names), reverse=True)
    for path in files:
        write(other + path[len(full.root):], read(path))
    maker.make(other, "-m", "all")
    assert maker.bytes() == expected


def test_folders_that_lead_elsewhere(maker, full, tmp_path):
    """Links out of the tree, and back to where they are."""
    outside = write(str(tmp_path / "outside/evil.ko"), module("evil", alias=["pci:vE*"]))
    folder = full.path("kernel/drivers/net/ethernet")
    os.symlink(os.path.dirname(outside), folder + "/acme/away")
    os.symlink(outside, folder + "/acme/evil.ko")
    full.depmod()
    os.symlink("..", folder + "/acme/back")
    done = maker.run(full.root, "-m", "netboot")
    assert done.returncode == 0 and "left out: evil" in done.stderr
    assert flags(unpack(maker.image)) == WIRED


# The cards of this machine


class Sysfs:
    """A machine's /sys."""

    def __init__(self, place):
        self.place = str(place)
        for path in ("class/net", "bus/pci/devices"):
            os.makedirs(f"{self.place}/{path}")

    def device(self, path, modalias=None, **values):
        path = f"{self.place}/devices/{path}"
        os.makedirs(path, exist_ok=True)
        if modalias:
            values["modalias"] = modalias
        for name, value in values.items():
            write(f"{path}/{name}", value + "\n")
        return path

    def card(self, name, device, kind="1"):
        interface = f"{device}/net/{name}"
        write(f"{interface}/type", kind + "\n")
        os.symlink(device, interface + "/device")
        os.symlink(interface, f"{self.place}/class/net/{name}")
        return interface


@pytest.fixture
def sysfs(tmp_path):
    return Sysfs(tmp_path / "sys")


def test_auto_takes_this_machines_cards(maker, full, sysfs):
    sysfs.device("pci0000:00/0000:00:1c.0", "pci:v8086d1234bc06sc04i00", **{"class": "0x060400"})
    acme = sysfs.device("pci0000:00/0000:00:1c.0/0000:01:00.0", "pci:vACMEd1")
    interface = sysfs.card("eth0", acme)
    os.symlink(sysfs.device("mdio/phy1", phy_id="0x001cc916"), interface + "/phydev")
    usb = sysfs.device("pci0000:00/0000:00:14.0", "pci:v1bc0Csc03i30", **{"class": "0x0c0330"})
    sysfs.card("usb0", sysfs.device(os.path.relpath(usb, sysfs.place + "/devices") + "/usb1/1-1",
                                    "usb:v0B95p1"))
    radio = sysfs.card("wlan0", sysfs.device("pci0000:00/radio", "pci:vACMFd1"))
    os.symlink("/", radio + "/phy80211")
    sysfs.card("ib0", sysfs.device("pci0000:00/ib", "pci:v15B3d1"), kind="32")
    write(sysfs.place + "/class/net/lo/type", "1\n")
    # one that has no driver yet, and a disk
    for name, kind, alias in (("0000:02:00.0", "0x020000", "pci:v15ADd7b0"),
                              ("0000:03:00.0", "0x010000", "pci:v8086d9")):
        os.symlink(sysfs.device("pci0000:00/" + name, alias, **{"class": kind}),
                   f"{sysfs.place}/bus/pci/devices/{name}")
    assert set(flags(maker.make(full.root, "-m", "auto", "--sys", sysfs.place))) == \
        {"acme_card", "acme_lib", "libphy", "realtek", "ax88179_178a", "vmxnet3", *USB}


def test_auto_without_cards(maker, full, sysfs):
    assert "LAN-610" in maker.refuse(full.root, "-m", "auto", "--sys", sysfs.place)
    sysfs.card("eth0", sysfs.device("pci0000:00/x", "pci:vFFFFd1"))
    done = maker.run(full.root, "-m", "auto", "--sys", sysfs.place)
    assert done.returncode == 111 and "LAN-610" in done.stderr
    assert "no module for eth0 (pci:vFFFFd1)" in done.stderr
    assert "LAN-610" in maker.run(full.root, "-m", "auto", "--sys", "/nowhere").stderr


# Firmware


def firmware(entries):
    return {path: entry.content for path, entry in entries.items()
            if path.startswith("lib/firmware/") and stat.S_ISREG(entry.mode)}


def blob(tree, name, content):
    return write(f"{tree.root}/lib/firmware/{name}", content)


def test_firmware_comes_along(maker, tree):
    tree.add("a.ko", module("a", alias=["pci:a"], firmware=["acme/one.fw", "acme/two.fw", "3.fw",
                                                            "acme/one.fw", "4.fw", "5.fw"]))
    blob(tree, "acme/one.fw", "one")
    blob(tree, "acme/two.fw.xz", lzma.compress(b"two", check=lzma.CHECK_CRC32))
    blob(tree, "3.fw.zst", packed(b"three", ".zst"))
    blob(tree, "real/4.fw", "four")
    os.symlink("/lib/firmware/real/4.fw", tree.root + "/lib/firmware/4.fw")
    blob(tree, "unused.fw", "unused")
    entries = maker.make(tree.root, "-m", "list:a")
    assert firmware(entries) == {
        "lib/firmware/acme/one.fw": b"one", "lib/firmware/acme/two.fw": b"two",
        "lib/firmware/3.fw": b"three", "lib/firmware/4.fw": b"four"}


def test_firmware_is_looked_for_as_the_kernel_does(maker, tree):
    tree.add("a.ko", module("a", alias=["pci:a"], firmware=["x.fw"]))
    for place, content in ((".xz", None), ("", "plain"), (f"{VERSION}/", "version"),
                           ("updates/", "updates"), (f"updates/{VERSION}/", "first")):
        if content is None:
            blob(tree, "x.fw.xz", lzma.compress(b"packed"))
            content = "packed"
        else:
            blob(tree, place + "x.fw", content)
        assert firmware(maker.make(tree.root, "-m", "list:a")) == \
            {"lib/firmware/x.fw": content.encode()}


def test_firmware_below_usr(maker, tree):
    tree.add("a.ko", module("a", alias=["pci:a"], firmware=["x.fw"]))
    write(tree.root + "/usr/lib/firmware/x.fw", "usr")
    assert firmware(maker.make(tree.root, "-m", "list:a")) == {"lib/firmware/x.fw": b"usr"}


def test_missing_firmware_is_one_note(maker, tree):
    for number in range(30):
        tree.add(f"m{number}.ko", module(f"m{number}", alias=[f"pci:{number}"],
                                         firmware=[f"m/{number}.fw", f"m/{number}-new.fw"]))
    blob(tree, "m/3-new.fw", "enough for m3")
    tree.depmod()
    done = maker.run(tree.root, "-m", "list:" + ",".join(f"m{n}" for n in range(30)))
    assert done.returncode == 0 and done.stderr.count("\n") == 1
    assert "no firmware for m0, m1," in done.stderr and "and others" in done.stderr
    done = maker.run(tree.root, "-m", "list:m3,m4")
    assert "no firmware for m4: " in done.stderr and "m3" not in done.stderr


@pytest.mark.parametrize("name", ["../../etc/shadow", "/etc/shadow", "a/../../../etc/shadow", "a b",
                                  "", "x" * 300, "pipe", "folder", "zero", "out"])
def test_hostile_firmware(maker, tree, tmp_path, name):
    write(tree.root + "/etc/shadow", "the tree's secret")
    secret = write(str(tmp_path / "secret"), "the machine's secret")
    os.makedirs(tree.root + "/lib/firmware/folder")
    os.mkfifo(tree.root + "/lib/firmware/pipe")
    os.symlink("/dev/zero", tree.root + "/lib/firmware/zero")
    os.symlink(secret, tree.root + "/lib/firmware/out")
    tree.add("a.ko", module("a", alias=["pci:a"], firmware=[name]))
    assert maker.run(tree.root, "-m", "list:a").returncode == 0
    assert firmware(unpack(maker.image)) == {}


def test_damaged_firmware_is_pointed_out(maker, tree):
    tree.add("a.ko", module("a", alias=["pci:a"], firmware=["x.fw", "y.fw"]))
    blob(tree, "x.fw.xz", "no xz at all")
    blob(tree, "y.fw", "y")
    done = maker.run(tree.root, "-m", "list:a")
    assert done.returncode == 0 and "left out: x.fw" in done.stderr
    assert firmware(unpack(maker.image)) == {"lib/firmware/y.fw": b"y"}


# Microcode


def front(maker):
    """The early archive of the image, and its entries."""
    kind, plain = pieces(maker.bytes())[0]
    return (plain, archive(plain)[0]) if kind == "none" else (b"", {})


def kernels_search(data, path):
    """As lib/earlycpio.c finds a file."""
    at = 0
    while at + 110 < len(data):
        if data[at] == 0:
            at += 4
            continue
        if data[at:at + 6] != b"070701":
            return None
        size, length = int(data[at + 54:at + 62], 16), int(data[at + 94:at + 102], 16)
        content = at + (110 + length + 3 & ~3)
        if data[at + 110:at + 110 + len(path)] == path.encode() and \
                data[at + 110 + len(path)] == 0 and length - len(path) < 18:
            return content, data[content:content + size]
        at = content + (size + 3 & ~3)
    return None


def test_microcode_is_in_front(maker, tree):
    blob(tree, "intel-ucode/06-9e-0a", intel(2048, b"\1") + intel(1024, b"\2"))
    blob(tree, "intel-ucode/06-03-02.xz", lzma.compress(intel(1024, b"\3")))
    blob(tree, "intel-ucode/06-4f-01", intel(1024, b"\4"))
    blob(tree, "intel-ucode/06-4f-01.initramfs", intel(1024, b"\5"))
    blob(tree, "amd-ucode/microcode_amd.bin", amd())
    blob(tree, "amd-ucode/microcode_amd.bin.asc", "a signature")
    blob(tree, "amd-ucode/README", "words")
    maker.make(tree.root, SOURCE_DATE_EPOCH="1700000000")
    data = maker.bytes()
    at, content = kernels_search(data, "kernel/x86/microcode/GenuineIntel.bin")
    assert at % 16 == 0
    assert content == (intel(1024, b"\3") + intel(1024, b"\5") + intel(2048, b"\1") +
                       intel(1024, b"\2"))
    at, content = kernels_search(data, "kernel/x86/microcode/AuthenticAMD.bin")
    assert at % 16 == 0 and content == amd()
    assert kernels_search(bytes(8192) + data, "kernel/x86/microcode/AuthenticAMD.bin")
    _, entries = front(maker)
    assert list(entries) == ["kernel", "kernel/x86", "kernel/x86/microcode",
                             "kernel/x86/microcode/AuthenticAMD.bin",
                             "kernel/x86/microcode/GenuineIntel.bin"]
    assert {entry.mtime for entry in entries.values()} == {1700000000}
    maker.make(tree.root, "-m", "list:nfs", SOURCE_DATE_EPOCH="1700000000")
    assert maker.bytes() == data
    with_it = data
    maker.make(tree.root, "-m", "list:nfs", "--no-microcode", SOURCE_DATE_EPOCH="1700000000")
    assert not front(maker)[1] and with_it.endswith(maker.bytes())


def test_what_is_no_microcode(maker, tree):
    for name, content in (("intel-ucode/06-01-01", b"nothing of the kind"),
                          ("intel-ucode/06-01-02", intel()[:-16]),
                          ("intel-ucode/06-01-03", intel() + b"more"),
                          ("intel-ucode/06-01-04", b""),
                          ("amd-ucode/microcode_amd.bin", b"AMD"),
                          ("amd-ucode/x.bin.xz", b"no xz")):
        blob(tree, name, content)
    os.makedirs(tree.root + "/lib/firmware/intel-ucode/folder")
    os.mkfifo(tree.root + "/lib/firmware/intel-ucode/pipe")
    done = maker.run(tree.root)
    assert done.returncode == 0 and not front(maker)[1]
    assert done.stderr.count("\n") == 2  # one for each maker of processors
    assert "intel-ucode/06-01-01 is no microcode" in done.stderr


# Archives


def noise(tree, count=20, size=1 << 20):
    """Modules that are too much for one archive."""
    generator = random.Random(1)
    words = [generator.randbytes(generator.randrange(2, 9)) for _ in range(2000)]
    for number in range(count):
        tree.add(NET + f"ethernet/big/big{number:02}.ko",
                 module(f"big{number:02}", alias=[f"pci:v{number}*"]) +
                 b"".join(generator.choices(words, k=size // 80)) * 16)
    tree.depmod()
    return tree


@pytest.mark.parametrize("kind", ["zstd", "xz", "gzip", "none"])
def test_archives_are_complete(maker, tree, kind):
    """Each is one frame with one archive; folders come before what is in them."""
    noise(tree)
    entries = maker.make(tree.root, "-m", "netboot", "--compress", kind)
    found = pieces(maker.bytes())
    assert {one for one, _ in found} == {kind}
    assert len(found) == (1 if kind == "none" else 3)
    seen = set()
    for _, plain in found:
        for path in archive(plain)[0]:
            assert not os.path.dirname(path) or os.path.dirname(path) in seen
            seen.add(path)
    assert list(entries) == sorted(entries)
    assert [entry.inode for entry in entries.values()] == list(range(1, len(entries) + 1))
    assert {"init", "lanyard/modules", "dev/console"} <= set(archive(found[0][1])[0])


def test_any_number_of_processors_makes_the_same_bytes(maker, tree):
    noise(tree)
    maker.make(tree.root, "-m", "netboot")
    expected = maker.bytes()
    for limit in (["taskset", "1"], ["taskset", "3"], ["taskset", "2"]):
        subprocess.run(limit + maker.command(tree.root, "-m", "netboot"), check=True,
                       env=maker.environment())
        assert maker.bytes() == expected


def test_small(maker, tree):
    noise(tree)
    maker.make(tree.root, "-m", "netboot")
    usual = len(maker.bytes())
    maker.make(tree.root, "-m", "netboot", "--small")
    assert len(maker.bytes()) < usual and len(pieces(maker.bytes())) == 1


def test_print_lists_archives(maker, tree):
    noise(tree)
    blob(tree, "amd-ucode/microcode_amd.bin", amd())
    done = maker.run(tree.root, "-m", "netboot", "-o", maker.image, "--print")
    parts = [line.split() for line in done.stdout.splitlines() if " in archive " in line]
    found = pieces(maker.bytes())
    assert [int(words[0]) for words in parts] == \
        [sum(len(entry.content) for entry in archive(plain)[0].values()) for _, plain in found[1:]]
    assert sum(int(words[-2]) for words in parts) + len(found[0][1]) <= len(maker.bytes())
    assert done.stdout.splitlines()[-1].split()[4] == str(len(maker.bytes()))
    first = next(line for line in done.stdout.splitlines() if "in front" in line)
    assert "microcode" in first
    listed = maker.run(tree.root, "-m", "netboot", "--print")
    assert [line.split()[:6] for line in listed.stdout.splitlines() if " in archive " in line] == \
        [[word.rstrip(",") for word in words[:6]] for words in parts]


# Other machines, other users


def test_another_architecture(maker, tmp_path):
    arm = Tree(tmp_path / "arm", machine=AARCH64)
    add_drivers(arm)
    init = write(str(tmp_path / "arm-init"), program(AARCH64))
    blob(arm, "intel-ucode/06-9e-0a", intel())
    entries = maker.make(arm.root, "-m", "netboot", init=init)
    assert flags(entries) == WIRED | {"clk_board": "n"}  # what a board's device tree lists
    entries = maker.make(arm.root, "-m", "all", init=init)
    assert {"xhci_plat", "xhci_pci", "clk_board", "ax88179_178a"} <= set(table(entries))
    assert entries["init"].content == program(AARCH64) and not front(maker)[1]
    os.unlink(maker.image)
    sentence = maker.refuse(arm.root, "-m", "netboot")
    assert "LAN-608" in sentence and "is for x86-64, the kernel for arm64" in sentence
    assert "--init" in sentence


def test_init_of_another_architecture(maker, tmp_path):
    """Without --init: the one for that machine, or a sentence that names the option."""
    arm = Tree(tmp_path / "arm", machine=AARCH64)
    copy = str(tmp_path / "prefix/bin/mklanyard")
    os.makedirs(os.path.dirname(copy))
    shutil.copy(MKLANYARD, copy)
    write(str(tmp_path / "prefix/bin/init"), program())
    run = [copy, "-r", arm.root, "-m", "netboot", "-o", maker.image]
    failed = subprocess.run(run, capture_output=True, text=True, check=False).stderr
    assert "LAN-608" in failed and "init-arm64" in failed and "--init" in failed
    write(str(tmp_path / "prefix/lib/lanyard/init-arm64"), program(AARCH64))
    subprocess.run(run, check=True, stderr=subprocess.DEVNULL)
    assert unpack(maker.image)["init"].content == program(AARCH64)


def test_32_bit_kernel(maker, tree):
    tree.add("fs/nfs.ko", b"\x7fELF\1\1\1" + module("nfs")[7:])
    assert "LAN-605" in (sentence := maker.refuse(tree.root, "-m", "netboot"))
    assert "for a 32-bit or big-endian machine" in sentence


@pytest.fixture
def shared(tmp_path_factory):
    """A folder that every user can reach."""
    place = tempfile.mkdtemp(prefix="mklanyard-test-")
    os.chmod(place, 0o755)
    yield place
    shutil.rmtree(place)


def test_unprivileged(shared):
    """Nobody needs what is root's own in a tree: the kernel, its symbols. Nor, with --compress, its
    configuration."""
    tree = Tree(shared + "/root")
    add_drivers(tree)
    for name in ("System.map", "vmlinuz", "config"):
        os.chmod(write(f"{tree.root}/boot/{name}-{VERSION}", "secret"), 0o600)
    os.chmod(write(f"{tree.root}/etc/shadow", "secret"), 0o600)
    for name in ("tmp", "out"):
        os.makedirs(f"{shared}/{name}")
        os.chown(f"{shared}/{name}", 65534, 65534)
    init = write(shared + "/init", program())
    command = [shutil.copy(MKLANYARD, shared + "/mklanyard"), "-r", tree.root, "-m", "netboot", "--init", init, "-o",
               shared + "/out/image"]
    done = subprocess.run(command, user=65534, group=65534, extra_groups=[], text=True,
                          env={"TMPDIR": shared + "/tmp"}, capture_output=True, check=False)
    assert done.returncode == 0 and "boot/config-" in done.stderr, done.stderr
    assert "choosing gzip" in done.stderr and done.stderr.count("\n") == 1
    done = subprocess.run([*command, "--compress", "zstd"], user=65534, group=65534,
                          extra_groups=[], text=True, env={"TMPDIR": shared + "/tmp"},
                          capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert flags(unpack(shared + "/out/image")) == WIRED
    os.chmod(tree.path("kernel/fs/nfs.ko"), 0o600)
    done = subprocess.run(command, user=65534, group=65534, extra_groups=[], text=True,
                          env={"TMPDIR": shared + "/tmp"}, capture_output=True, check=False)
    assert done.returncode == 111 and "LAN-604" in done.stderr and "nfs.ko" in done.stderr
    assert os.listdir(shared + "/tmp") == []


# Debian's kernel


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Released(Maker):
    """The program as it is installed."""

    def command(self, root, *options, init=None):
        return [os.path.join(BIN, "mklanyard"), "-r", root, *options, "-o", self.image]


def test_debian_netboot_image(tmp_path):
    """At most 10 MB, made in 5 s by two processors."""
    maker, before = Released(tmp_path), processor_seconds()
    done = maker.run(KERNEL, "-m", "netboot")
    used = processor_seconds() - before
    assert done.returncode == 0 and done.stderr.count("\n") == 1
    assert "no firmware for " in done.stderr
    assert len(maker.bytes()) <= 10_000_000
    assert used <= 10, f"{used} s of processor time"
    lines = table(unpack(maker.image))
    assert {name: lines[name].flag for name in (
        "e1000", "e1000e", "igb", "igc", "ixgbe", "ice", "tg3", "bnx2", "r8169", "realtek",
        "8139too", "8139cp", "vmxnet3", "virtio_net", "virtio_pci", "hv_netvsc", "hv_vmbus",
        "xen_netfront", "mlx5_core", "ena", "atlantic", "broadcom", "marvell")} == \
        dict.fromkeys(("e1000", "e1000e", "igb", "igc", "ixgbe", "ice", "tg3", "bnx2", "r8169",
                       "realtek", "8139too", "8139cp", "vmxnet3", "virtio_net", "virtio_pci",
                       "hv_netvsc", "hv_vmbus", "xen_netfront", "mlx5_core", "ena", "atlantic",
                       "broadcom", "marvell"), "n")
    assert lines["mlx4_en"].flag == "d" and lines["stmmac"].flag == "-"
    assert [name for name, line in lines.items() if line.flag == "a"] == ["nfs", "nfsv3"]
