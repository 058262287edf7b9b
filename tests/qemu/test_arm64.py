# SPDX-License-Identifier: BSD-2-Clause
"""arm64 machines: a root tree for arm64 served by lanyardd on x86, by UEFI (AAVMF) with ACPI, by its PXE
and its HTTP Boot, with device trees of ours, with Secure Boot; and by U-Boot."""

import gzip
import os
import shutil
import subprocess

import pytest

from tests.qemu.support import SHELL, Probe
from tests.qemu.test_efi import NO_PXE
from tests.qemu.test_efi_secure import sign, snakeoil_key, type_labels
from tests.site import Lanyardd, Machine
from tests.site.paths import BIN, DEPS
from tests.site.payload import ARM64_DEBIAN, PROGRAMS, DebianRoot, RootCopy, kernel
from tests.site.payload import ARM64_ROOT as ROOT

pytestmark = pytest.mark.arm64

HERE = os.path.dirname(os.path.abspath(__file__))

MODULES = "list:virtio_net,virtio_pci,e1000"
WORDS = "console=ttyAMA0 earlycon loglevel=4"
CARD = "virtio-net-pci,romfile="
MEMORY = 1024


def start(site, firmware="aa64", card=CARD, **kwargs):
    return Machine(site, firmware=firmware, nics=[card], memory=MEMORY, **kwargs)


def told(fault, words):
    """A pattern: the sentence of a fault with these words in it, wherever its lines end."""
    return fault + r" (.|\n)*?" + words.replace(" ", r"\s+")


def power_off(machine):
    machine.console.send("poweroff\n")
    machine.wait_end(60)


@pytest.mark.parametrize("firmware", ["aa64", "u-boot"])
def test_by_lanyardd(site, firmware):
    """It gives the boot program, kernel and initramfs for arm64, and nothing has to be said of it."""
    root = RootCopy(site, ROOT)
    server = Lanyardd(site, root.dir, "--append", WORDS, rw=True, modules=MODULES)
    with start(site, firmware) as machine:
        machine.wait_for(r"lanyard \S+  UEFI  52:5", 60)
        machine.wait_for(r"starting Linux", 60)
        machine.wait_for(r"Exiting boot services", 60)
        machine.wait_for(SHELL, 90)
        probe = Probe(machine)
        assert probe.mount("/")[:2] == (f"192.168.2.2:{root.dir}", "nfs")
        assert machine.shell("uname -m").strip() == "aarch64"
        machine.shell("test -e " + ("/sys/firmware/acpi" if firmware == "aa64" else "/proc/device-tree/chosen"))
        power_off(machine)
    assert "which gets lanyardaa64.efi" in server.log() and "LAN-" not in server.log()


def test_http_boot(site):
    """By the firmware's HTTP Boot (architecture 0x13)."""
    root = RootCopy(site, ROOT)
    server = Lanyardd(site, root.dir, "--append", WORDS, rw=True, modules=MODULES)
    with start(site, extra=NO_PXE) as machine:
        machine.wait_for(r"lanyard \S+  UEFI  52:54:00:12:34:01", 60)
        machine.wait_for(SHELL, 150)
        assert machine.shell("uname -m").strip() == "aarch64"
        power_off(machine)
    assert "which gets http://192.168.2.2/lanyardaa64.efi" in server.log() and "LAN-" not in server.log()


# Says on the console what has become of the system, and switches it off.
PROBE = """\
[Unit]
After=multi-user.target
[Service]
Type=exec
StandardOutput=tty
TTYPath=/dev/console
ExecStart=/bin/sh -c 'echo "<<state $(systemctl is-system-running --wait) $(uname -m) \
$(systemctl list-units --failed --plain --no-legend | tr "\\n" " ") root $(findmnt -no FSTYPE /)>>"; \
systemctl poweroff --no-block'
"""


@pytest.mark.long
def test_debian(site):
    """A Debian 12 for arm64 with its systemd, read-only with an overlay: all units start."""
    root = DebianRoot(site, ARM64_DEBIAN)
    with open(root.path("etc/systemd/system/probe.service"), "w", encoding="ascii") as file:
        file.write(PROBE)
    os.makedirs(root.path("etc/systemd/system/default.target.wants"))
    os.symlink("../probe.service", root.path("etc/systemd/system/default.target.wants/probe.service"))
    Lanyardd(site, root.dir, "--append", WORDS, modules=MODULES)
    with start(site) as machine:
        said = machine.wait_for(r"<<state (.*?) aarch64 (.*?) root (\w+)>>", 600)
        assert said.groups() == ("running", "", "overlay"), said.group()
        machine.wait_end(240)


@pytest.mark.long
def test_zboot(site):
    """A kernel that is an EFI program which unpacks the kernel in it."""
    root = RootCopy(site, ROOT)
    image = root.path("boot", os.path.basename(kernel(ROOT)))
    os.unlink(image)
    subprocess.run([f"{HERE}/make-zboot.sh", DEPS, kernel(ROOT), image], check=True)
    Lanyardd(site, root.dir, "--append", WORDS, rw=True, modules=MODULES)
    with start(site) as machine:
        machine.wait_for(r"starting Linux", 90)
        machine.wait_for("Decompressing Linux Kernel", 60)
        machine.wait_for(SHELL, 120)
        assert machine.shell("uname -m").strip() == "aarch64"
        power_off(machine)


OVERLAY = """/dts-v1/; /plugin/;
&{/} { lanyard-test { words = "from an overlay"; }; };
"""
NO_FIT = """/dts-v1/; /plugin/;
&a_device_that_is_not_there { status = "okay"; };
"""
CONFIG = f"""\
DEFAULT cut
LABEL cut
  KERNEL Image
  FDT cut.dtb
LABEL damaged
  KERNEL Image
  FDT damaged.dtb
LABEL large
  KERNEL Image
  FDT large.dtb
LABEL unfit
  KERNEL Image
  FDTDIR dtbs
  FDTOVERLAYS test.dtbo unfit.dtbo
LABEL linux
  KERNEL Image.gz
  INITRD initrd.img
  FDTDIR dtbs
  FDTOVERLAYS test.dtbo
  APPEND root=/dev/nfs nfsroot=192.168.2.2:{{root}} ip=dhcp rw {WORDS}
"""
TREE_MAX = 2 << 20


def compile_tree(directory, name, source):
    subprocess.run(["dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", f"{directory}/{name}", "-"],
                   input=source, text=True, check=True)


def machines_tree(directory):
    """QEMU's own device tree of this machine, with a word of ours in it, and a quarter of the memory."""
    path = f"{directory}/dtbs/dummy-virt.dtb"
    os.makedirs(os.path.dirname(path))
    subprocess.run(["qemu-system-aarch64", "-M", f"virt,acpi=off,dumpdtb={path}", "-cpu", "cortex-a57",
                    "-m", str(MEMORY // 4), "-accel", "tcg"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    subprocess.run(["fdtput", "-t", "s", path, "/chosen", "words", "from a file"], check=True)
    return path


def bad_trees(directory, path):
    """One that is cut off, one whose structure has no end, one of more than Linux takes."""
    with open(path, "rb") as file:
        good = file.read()
    structure, length = (int.from_bytes(good[at:at + 4], "big") for at in (8, 36))
    end = structure + length
    for name, content in (("cut", good[:len(good) // 2]),
                          ("damaged", good[:end - 4] + bytes(4) + good[end:]),
                          ("large", good + bytes(TREE_MAX))):
        with open(f"{directory}/{name}.dtb", "wb") as file:
            file.write(content)


def put_files(site):
    """A directory for --tftp-root: a configuration and what it names."""
    directory = site.path("files")
    os.makedirs(f"{directory}/pxelinux.cfg")
    bad_trees(directory, machines_tree(directory))
    compile_tree(directory, "test.dtbo", OVERLAY)
    compile_tree(directory, "unfit.dtbo", NO_FIT)
    shutil.copy(kernel(ROOT), f"{directory}/Image")
    with open(f"{directory}/Image", "rb") as image, gzip.open(f"{directory}/Image.gz", "wb", 1) as packed:
        shutil.copyfileobj(image, packed)
    subprocess.run([f"{BIN}/mklanyard", "-r", ROOT, "-m", MODULES, "-o", f"{directory}/initrd.img"],
                   check=True)
    return directory


def try_bad_trees(machine):
    """Each is told of. After the default the next label is tried by itself, the others are typed."""
    machine.wait_for(told("LAN-408", "is cut off"), 90)
    machine.wait_for("trying label damaged", 10)
    machine.wait_for(told("LAN-408", "FDT_ERR_BADSTRUCTURE"), 60)
    machine.wait_for("trying label large", 10)
    machine.console.send("\x1b")
    for label, answer in (("large", told("LAN-408", f"has more than {TREE_MAX} bytes")),
                          ("unfit", told("LAN-409", "overlay 2 of FDTOVERLAYS"))):
        machine.wait_for(r"boot: ", 30)
        machine.console.send(label + "\n")
        machine.wait_for(answer, 60)
    machine.wait_for(r"boot: ", 30)
    machine.console.send("linux\n")


def serve_trees(site, config):
    """lanyardd with these files beside what it makes up."""
    root = RootCopy(site, ROOT)
    directory = put_files(site)
    with open(f"{directory}/pxelinux.cfg/default", "w", encoding="ascii") as file:
        file.write(config.format(root=root.dir))
    subprocess.run(["chmod", "-R", "a+rX", directory], check=True)
    Lanyardd(site, root.dir, "--tftp-root", directory, rw=True, modules=MODULES)


def facts_of(machine, words):
    """What Linux sees of its tree, or what words say that have run there."""
    machine.wait_for(r"dtbs/dummy-virt.dtb +\S+ kB", 90)
    machine.wait_for(r"Exiting boot services", 60)
    machine.wait_for(SHELL, 90)
    return machine.shell(f"cd /proc/device-tree; {words}; test ! -e /sys/firmware/acpi")


def test_device_trees(site):
    """A tree found by the machine's name and an overlay, seen by Linux, after some that cannot be; a
    packed kernel."""
    serve_trees(site, CONFIG)
    with start(site, extra=["-M", "acpi=off"]) as machine:
        try_bad_trees(machine)
        text = facts_of(machine, "cat lanyard-test/words chosen/words; "
                                 "od -An -tx1 chosen/lanyard,boot-mac-address")
        assert "from an overlay" in text and "from a file" in text, text
        assert "52 54 00 12 34 01" in text, text
        power_off(machine)


def test_fixup(site):
    """The same by U-Boot, with another card: it adds to the tree from the file what it knows, its version
    and the real size of the memory."""
    serve_trees(site, CONFIG.replace("DEFAULT cut", "DEFAULT linux"))
    with start(site, "u-boot", card="e1000,romfile=", extra=["-M", "acpi=off"]) as machine:
        text = facts_of(machine, "cat lanyard-test/words chosen/words chosen/u-boot,version; "
                                 "od -An -v -tx1 chosen/lanyard,boot-mac-address memory@40000000/reg")
        memory = (0x40000000).to_bytes(8, "big") + (MEMORY << 20).to_bytes(8, "big")
        assert "from an overlay" in text and "from a file\x0020" in text, text
        assert " ".join(text.split()).endswith("52 54 00 12 34 01 " + memory.hex(" ")), text
        power_off(machine)


SECURE = f"""\
PROMPT 1
LABEL unsigned
  KERNEL Image
LABEL tree
  KERNEL ours
  FDT tree.dtb
LABEL overlay
  KERNEL ours
  FDTOVERLAYS test.dtbo
LABEL ours
  KERNEL ours
  APPEND {WORDS}
"""


def test_secure_boot(site):
    """What is signed by the owner's key starts; another kernel is refused, so are trees from files."""
    directory = site.path("files")
    os.makedirs(f"{directory}/pxelinux.cfg")
    key = snakeoil_key(site, "/usr/share/qemu-efi-aarch64/PkKek-1-snakeoil")
    sign(site, PROGRAMS["lanyard-arm64"][0], f"{directory}/lanyardaa64.efi", *key)
    sign(site, kernel(ROOT), f"{directory}/ours", *key)
    shutil.copy(kernel(ROOT), f"{directory}/Image")
    subprocess.run(["sbattach", "--remove", f"{directory}/Image"], check=True, capture_output=True)
    compile_tree(directory, "test.dtbo", OVERLAY)
    compile_tree(directory, "tree.dtb", "/dts-v1/; / { };")
    with open(f"{directory}/pxelinux.cfg/default", "w", encoding="ascii") as file:
        file.write(SECURE)
    subprocess.run(["chmod", "-R", "a+rX", directory], check=True)
    Lanyardd(site, RootCopy(site, ROOT).dir, "--tftp-root", directory, modules=MODULES)
    with start(site, "aa64-secure") as machine:
        type_labels(machine, [("unsigned", "LAN-406"),
                              ("tree", told("LAN-410", "a tree from a file")),
                              ("overlay", told("LAN-410", "an overlay")),
                              ("ours", "Secure Boot is enabled")])
        machine.wait_for("Exiting boot services", 30)
