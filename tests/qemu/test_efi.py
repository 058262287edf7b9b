# SPDX-License-Identifier: BSD-2-Clause
"""The main job on UEFI: the firmware's own PXE (virtio-net) or the card's option ROM (e1000) loads
lanyardx64.efi; the same configuration, kernel and root as on a BIOS; dnsmasq and nfs-ganesha. Then the
other ways in: HTTP Boot, a VLAN, a disk."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.qemu.person import MENU, use_menu
from tests.qemu.support import SHELL, Probe
from tests.site import Dnsmasq, Ganesha, Httpd, Machine
from tests.site.paths import BIN, DEPS
from tests.site.payload import DEMO_ROOT, INITRDS, PROGRAMS, RootCopy, TftpTree, boot_file

PROGRAM = "lanyard-efi"
HERE = os.path.dirname(os.path.abspath(__file__))

# OVMF asks DHCP at 10 s with virtio-net's driver of its own, at 27 s with another card's option ROM.
BOOT_TIMEOUT = 60

CONFIG = """\
SERIAL 0 115200
DEFAULT linux
LABEL linux
  KERNEL vmlinuz
  INITRD initrd.img
  APPEND root=/dev/nfs nfsroot=192.168.2.2:/nfsroot ip=dhcp console=ttyS0 earlyprintk=ttyS0 rw {words}
"""

VIRTIO = "virtio-net-pci,romfile="


def serve(site, config=CONFIG.format(words=""), first=boot_file(PROGRAM), extra=()):
    """Files by TFTP for x64 UEFI clients only, which begin with `first`; returns the tree."""
    tree = TftpTree(site, config, PROGRAM, INITRDS["lanyard"])
    Dnsmasq(site, tftp_root=tree.dir, extra=[
        "dhcp-match=set:efi64,option:client-arch,7",
        f"dhcp-boot=tag:efi64,{first}", *extra])
    return tree


@pytest.mark.parametrize("nic", [VIRTIO, "e1000"], ids=["virtio", "e1000"])
def test_demo_root(site, nic):
    menu = nic == VIRTIO
    serve(site, MENU if menu else CONFIG.format(words=""))
    Ganesha(site, {"/nfsroot": RootCopy(site).dir})
    with Machine(site, firmware="efi", nics=[nic]) as machine:
        if menu:
            use_menu(machine, BOOT_TIMEOUT)
        machine.wait_for(r"lanyard \S+  UEFI  52:54:00:12:34:01", BOOT_TIMEOUT)
        machine.wait_for(r"\(firmware\)", 30)
        machine.wait_for(r"starting Linux", 60)
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        probe = Probe(machine)
        assert probe.mount("/")[:2] == ("192.168.2.2:/nfsroot", "nfs")
        assert "rw" in probe.mount("/")[2]
        machine.console.send("poweroff\n")
        machine.wait_end(60)


def start(site, nics=(VIRTIO,), **kwargs):
    return Machine(site, firmware="efi", nics=nics, **kwargs)


HTTP_BOOT = ["dhcp-vendorclass=set:http,HTTPClient", "dhcp-option-force=tag:http,60,HTTPClient",
             "dhcp-boot=tag:http,http://192.168.2.2/some/where/lanyardx64.efi"]
NO_PXE = [word for version in "46" for word in (
    "-fw_cfg", f"name=opt/org.tianocore/IPv{version}PXESupport,string=no")]


def test_http_boot_and_links(site):
    """What lies beside the program that a URL led to, through the card that it came by. The first card
    has no cable; the second loses its own in the middle of a file, which takes longer than we need to
    pull it once the file before it is there. 256 MB."""
    tree = serve(site, CONFIG.replace("INITRD initrd.img", "INITRD large").format(words=""),
                 extra=HTTP_BOOT)
    with open(f"{tree.dir}/large", "wb") as file:
        file.truncate(32_000_000)  # zeros: no archive, which Linux passes over
    os.chmod(f"{tree.dir}/large", 0o644)
    os.makedirs(f"{tree.dir}/some/where")
    for name in ("lanyardx64.efi", "pxelinux.cfg", "vmlinuz", "large"):
        shutil.move(f"{tree.dir}/{name}", f"{tree.dir}/some/where/{name}")
    Httpd(site, tree.dir)
    with start(site, nics=[VIRTIO, VIRTIO], memory=256, extra=NO_PXE) as machine:
        machine.plug(False, nic=0)
        machine.wait_for(r"lanyard \S+  UEFI  52:54:00:12:34:02", BOOT_TIMEOUT)
        machine.wait_for(r"lease 192\.168\.2\.\d+/24 from 192\.168\.2\.2 \(dhcp\)", 30)
        machine.wait_for(r"config \S*some/where/pxelinux.cfg/default", 30)
        machine.wait_for(r"vmlinuz +\S+ MB in", 30)
        machine.plug(False, nic=1)
        machine.wait_for(r"(?i)waiting|no answer|again", 30)
        machine.plug(True, nic=1)
        machine.wait_for(r"Linux version", 60)


PROMPT = """\
SERIAL 0 115200
PROMPT 1
LABEL cut
  KERNEL cut
LABEL nostub
  KERNEL nostub
LABEL damaged
  KERNEL damaged
LABEL program
  KERNEL program.efi
LABEL unified
  KERNEL unified.efi
  APPEND console=ttyS0 earlyprintk=ttyS0
"""


def compile_program(path, source):
    """An EFI program from C in a file."""
    subprocess.run(["clang", "--target=x86_64-unknown-windows-gnu", "-ffreestanding", "-mno-red-zone",
                    "-DGNU_EFI_USE_MS_ABI", "-idirafter", "/usr/include/efi", "-idirafter",
                    "/usr/include/efi/x86_64", "-c", "-o", f"{path}.o", source], check=True)
    subprocess.run(["lld-link", "/subsystem:efi_application", "/entry:efi_main", "/nodefaultlib",
                    f"/out:{path}", f"{path}.o"], check=True)


def program(path):
    """An EFI program that does nothing but come back with EFI_ABORTED."""
    with open(f"{path}.c", "w", encoding="ascii") as source:
        source.write("unsigned long long efi_main(void) { return 0x8000000000000015ull; }")
    compile_program(path, f"{path}.c")


def unified(path, tree):
    """A unified kernel image: a small boot program with the kernel and an initrd in it."""
    parts = [("linux", 0x100000, "vmlinuz"), ("initrd", 0x2000000, "initrd.img")]
    words = [word for name, place, file in parts for word in (
        "--add-section", f".{name}={tree.dir}/{file}", "--change-section-vma", f".{name}={place:#x}")]
    subprocess.run(["objcopy", *words, f"{DEPS}/efi/usr/lib/systemd/boot/efi/linuxx64.efi.stub", path],
                   check=True)
    os.chmod(path, 0o644)


def kernel_copies(tree):
    """Kernels with one fault each: the end is missing, no EFI stub, a PE header that lies; and programs
    that are no kernels by themselves."""
    with open(f"{tree.dir}/vmlinuz", "rb") as file:
        good = file.read()
    pe = int.from_bytes(good[0x3c:0x40], "little")
    program(f"{tree.dir}/program.efi")
    unified(f"{tree.dir}/unified.efi", tree)
    for name, content in (("cut", good[:len(good) // 2]),
                          ("nostub", good[:pe] + bytes(4) + good[pe + 4:]),
                          ("damaged", good[:pe + 0x50] + b"\xff\xff\xff\x7f" + good[pe + 0x54:])):
        with open(f"{tree.dir}/{name}", "wb") as file:
            file.write(content)


def test_prompt_and_bad_kernels(site):
    """Typed at the serial console: each bad kernel is told of, and a good one still boots, with the
    initrd that it brings along."""
    kernel_copies(serve(site, PROMPT))
    with start(site) as machine:
        for label, fault in (("nosuchfile", "LAN-201"), ("cut", "LAN-402"), ("nostub", "LAN-401"),
                             ("damaged", "LAN-404"), ("program", r"LAN-404 (.|\n)*?Aborted"),
                             ("unified", "Linux version")):
            machine.wait_for(r"boot: ", BOOT_TIMEOUT)
            machine.console.send(label + "\n")
            machine.wait_for(fault, 60)
        machine.wait_for(r"Trying to unpack rootfs image as initramfs", 30)


def disk_with(site):
    """A disk that the firmware boots first, from a directory; returns the place of its boot program and
    QEMU's arguments."""
    disk = site.path("disk")
    os.makedirs(f"{disk}/EFI/BOOT")
    return f"{disk}/EFI/BOOT/BOOTX64.EFI", [
        "-drive", f"if=none,id=disk,format=raw,file=fat:rw:{disk}",
        "-device", "virtio-blk-pci,drive=disk,bootindex=0"]


LOCAL = """\
SERIAL 0 115200
PROMPT 1
LABEL local
  LOCALBOOT 0
LABEL disk
  COM32 chain.c32
  APPEND hd0 1
LABEL linux
  KERNEL vmlinuz
  APPEND console=ttyS0 earlyprintk=ttyS0
"""


def test_from_a_disk_and_back(site):
    """Started without the firmware's network: it asks DHCP itself, on all cards, of which the first has
    no cable. Local boot then gives the cards back, and the firmware's next way, its PXE, works; and from
    there chain.c32 starts what the disk has."""
    place, disk = disk_with(site)
    shutil.copy(PROGRAMS[PROGRAM][0], place)
    serve(site, LOCAL)
    with start(site, nics=[VIRTIO, VIRTIO], extra=disk) as machine:
        machine.plug(False, nic=0)
        for origin, label in (("dhcp", "local"), ("firmware", "disk"), ("dhcp", "linux")):
            machine.wait_for(r"lanyard \S+  UEFI", BOOT_TIMEOUT)
            machine.wait_for(rf"lease 192\.168\.2\.\d+/24 from 192\.168\.2\.2 \({origin}\)", 60)
            machine.wait_for(r"boot: ", 30)
            machine.console.send(label + "\n")
        machine.wait_for(r"Linux version", 60)


def test_vlan(site):
    """PXE in VLAN 5, and nothing outside of it; init goes on there. (A program on a disk does what is
    done in the firmware's setup.)"""
    place, disk = disk_with(site)
    compile_program(place, f"{HERE}/vlan_boot.c")
    tree = serve(site)
    subprocess.run([f"{BIN}/mklanyard", "-r", DEMO_ROOT, "-m", "list:virtio_net,virtio_pci,8021q", "-o",
                    f"{tree.dir}/initrd.img"], check=True)
    os.chmod(f"{tree.dir}/initrd.img", 0o644)
    trunk = site.popen([sys.executable, f"{HERE}/trunk.py", site.add_tap(), "5", "7001", "7002"],
                       stdout=subprocess.PIPE)
    assert trunk.stdout.readline() == b"ready\n"
    card = ["-netdev", "socket,id=n0,udp=127.0.0.1:7001,localaddr=127.0.0.1:7002",
            "-device", f"{VIRTIO},netdev=n0,mac=52:54:00:12:34:01"]
    with start(site, nics=[], extra=disk + card) as machine:
        machine.wait_for(r"lanyard \S+  UEFI  52:54:00:12:34:01", BOOT_TIMEOUT)
        machine.wait_for(r"\(firmware\)", 30)
        machine.wait_for(r"Linux version", 60)
        machine.wait_for(r"vlan5 has 192\.168\.2\.\d+/24, from the boot program's lease", 60)
