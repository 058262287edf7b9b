# SPDX-License-Identifier: BSD-2-Clause
"""How fast a boot program brings a kernel and an initrd of 31 MB into a BIOS machine.

Each row is one boot from the card's PXE ROM. The clock starts with the boot program's request for
the kernel (seen in the packet capture) and stops with the kernel's first line on the console.
QEMU's PXE ROM is iPXE itself and would run a script meant for undionly.kpxe: the script tells the
two apart by the driver's name and chains to undionly first.
"""
import os
import re
import shutil
import time

from tests.bench.table import Table
from tests.site import Atftpd, Dnsmasq, Machine, Site, TftpdHpa
from tests.site.paths import BIN, DEPS

TOTAL = 31_000_000  # bytes of kernel and initrd together
COMMAND_LINE = "console=ttyS0 earlyprintk=ttyS0,115200 panic=1"
CONFIG = f"""SERIAL 0 115200
DEFAULT linux
LABEL linux
KERNEL vmlinuz
APPEND {COMMAND_LINE} initrd=initrd.img
"""
SCRIPT = f"""#!ipxe
iseq ${{net0/chip}} undionly || chain tftp://${{next-server}}/undionly.kpxe
kernel tftp://${{next-server}}/vmlinuz {COMMAND_LINE} initrd=initrd.img
initrd tftp://${{next-server}}/initrd.img
boot
"""
PEERS = {  # file offered: where it comes from
    "pxelinux.0": "/usr/lib/PXELINUX/pxelinux.0",
    "ldlinux.c32": "/usr/lib/syslinux/modules/bios/ldlinux.c32",
    "undionly.kpxe": "/usr/lib/ipxe/undionly.kpxe",
    "lanyard.0": os.path.join(BIN, "lanyard.0"),
}
SERVERS = {"dnsmasq": None, "tftpd-hpa": TftpdHpa, "atftpd": Atftpd}
ROWS = [  # boot program, file that DHCP names, TFTP server, network card
    ("lanyard.0", "lanyard.0", "dnsmasq", "e1000"),
    ("lanyard.0", "lanyard.0", "tftpd-hpa", "e1000"),
    ("lanyard.0", "lanyard.0", "atftpd", "e1000"),
    ("lanyard.0", "lanyard.0", "dnsmasq", "virtio-net-pci"),
    ("lanyard.0", "lanyard.0", "atftpd", "virtio-net-pci"),
    ("pxelinux.0", "pxelinux.0", "dnsmasq", "e1000"),
    ("pxelinux.0", "pxelinux.0", "tftpd-hpa", "e1000"),
    ("pxelinux.0", "pxelinux.0", "dnsmasq", "virtio-net-pci"),
    ("undionly.kpxe", "boot.ipxe", "dnsmasq", "e1000"),
]


def kernel():
    boot = os.path.join(DEPS, "kernel", "boot")
    return os.path.join(boot, max(n for n in os.listdir(boot) if n.startswith("vmlinuz-")))


def make_tree(directory):
    os.makedirs(os.path.join(directory, "pxelinux.cfg"))
    for name, source in PEERS.items():
        shutil.copy(source, os.path.join(directory, name))
    shutil.copy(kernel(), os.path.join(directory, "vmlinuz"))
    with open(os.path.join(directory, "initrd.img"), "wb") as file:
        file.write(os.urandom(TOTAL - os.path.getsize(kernel())))
    for name, text in (("pxelinux.cfg/default", CONFIG), ("boot.ipxe", SCRIPT)):
        with open(os.path.join(directory, name), "w", encoding="ascii") as file:
            file.write(text)
    os.system(f"chmod -R a+rX {directory}")


def boot(boot_file, server, nic):
    """One boot; returns (seconds, what the boot program said of its network driver)."""
    with Site(name="bench") as site:
        tree = site.path("tftp")
        make_tree(tree)
        own_tftp = SERVERS[server]
        Dnsmasq(site, tftp_root=None if own_tftp else tree, boot_file=boot_file)
        if own_tftp:
            own_tftp(site, tree)
        with Machine(site, nics=[nic], memory=512) as machine:
            machine.wait_for(r"Linux version", timeout=240)
            end = time.time()
            text = machine.console.text
        asked = site.frames('tftp.opcode == 1 && tftp.source_file contains "vmlinuz"',
                            "frame.time_epoch")
        counters = re.search(r"\d+ frames in,.*?a frame\)", text, re.DOTALL)  # wrapped at 80 columns
        return end - float(asked[-1][0]), " ".join(counters.group().split()) if counters else ""


def measure(runs):
    table = Table(f"Kernel and initrd, {TOTAL / 1e6:.0f} MB by TFTP into a BIOS machine "
                  "(kernel asked for -> its first line)",
                  [("boot program", 14), ("server", 10), ("card", 15), ("seconds", 8), ("MB/s", 6),
                   ("x lanyard", 10)])
    best, notes = {}, []
    for program, boot_file, server, nic in ROWS:
        results = [boot(boot_file, server, nic) for _ in range(runs)]
        seconds, note = min(results)
        best[program, server, nic] = seconds
        ours = best.get(("lanyard.0", server, nic))
        table.row(program, server, nic, seconds, TOTAL / 1e6 / seconds,
                  f"{seconds / ours:.1f}" if ours and program != "lanyard.0" else "")
        if note:
            notes.append(f"{server}, {nic}: {note}")
    print("\n" + "\n".join(notes))
