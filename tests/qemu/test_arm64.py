# SPDX-License-Identifier: BSD-2-Clause
"""arm64 machines: a root tree for arm64 served by lanyardd on x86, by UEFI (AAVMF) with ACPI, with device
trees of ours, and by U-Boot."""

import gzip
import os
import shutil
import subprocess

import pytest

from tests.qemu.support import SHELL, Probe
from tests.site import Lanyardd, Machine
from tests.site.paths import BIN
from tests.site.payload import ARM64_DEBIAN, DebianRoot, RootCopy, kernel
from tests.site.payload import ARM64_ROOT as ROOT

pytestmark = pytest.mark.arm64

MODULES = "list:virtio_net,virtio_pci"
WORDS = "console=ttyAMA0 earlycon loglevel=4"
CARD = "virtio-net-pci,romfile="
MEMORY = 1024


def start(site, firmware="aa64", **kwargs):
    return Machine(site, firmware=firmware, nics=[CARD], memory=MEMORY, **kwargs)


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


OVERLAY = """/dts-v1/; /plugin/;
&{/} { lanyard-test { words = "from an overlay"; }; };
"""
CONFIG = f"""\
DEFAULT linux
LABEL linux
  KERNEL Image.gz
  INITRD initrd.img
  FDTDIR dtbs
  FDTOVERLAYS test.dtbo
  APPEND root=/dev/nfs nfsroot=192.168.2.2:{{root}} ip=dhcp rw {WORDS}
"""


def compile_tree(directory, name, source):
    subprocess.run(["dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", f"{directory}/{name}", "-"],
                   input=source, text=True, check=True)


def machines_tree(directory):
    """QEMU's own device tree of this machine, with a word of ours in it."""
    path = f"{directory}/dtbs/dummy-virt.dtb"
    os.makedirs(os.path.dirname(path))
    subprocess.run(["qemu-system-aarch64", "-M", f"virt,acpi=off,dumpdtb={path}", "-cpu", "cortex-a57",
                    "-m", str(MEMORY), "-accel", "tcg"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    subprocess.run(["fdtput", "-t", "s", path, "/chosen", "words", "from a file"], check=True)


def put_files(site):
    """A directory for --tftp-root: a configuration and what it names."""
    directory = site.path("files")
    os.makedirs(f"{directory}/pxelinux.cfg")
    machines_tree(directory)
    compile_tree(directory, "test.dtbo", OVERLAY)
    with open(kernel(ROOT), "rb") as image, gzip.open(f"{directory}/Image.gz", "wb", 1) as packed:
        shutil.copyfileobj(image, packed)
    subprocess.run([f"{BIN}/mklanyard", "-r", ROOT, "-m", MODULES, "-o", f"{directory}/initrd.img"],
                   check=True)
    return directory


def test_device_trees(site):
    """A tree found by the machine's name and an overlay, seen by Linux; a packed kernel."""
    root = RootCopy(site, ROOT)
    directory = put_files(site)
    with open(f"{directory}/pxelinux.cfg/default", "w", encoding="ascii") as file:
        file.write(CONFIG.format(root=root.dir))
    subprocess.run(["chmod", "-R", "a+rX", directory], check=True)
    Lanyardd(site, root.dir, "--tftp-root", directory, rw=True, modules=MODULES)
    with start(site, extra=["-M", "acpi=off"]) as machine:
        machine.wait_for(r"dtbs/dummy-virt.dtb +\S+ kB", 90)
        machine.wait_for(r"Exiting boot services", 60)
        machine.wait_for(SHELL, 90)
        read = machine.shell("cd /proc/device-tree; cat lanyard-test/words chosen/words; "
                             "od -An -tx1 chosen/lanyard,boot-mac-address; ls /sys/firmware").split("\n")
        text = " ".join(read)
        assert "from an overlay" in text and "from a file" in text, text
        assert "52 54 00 12 34 01" in text and "acpi" not in text, text
        power_off(machine)
