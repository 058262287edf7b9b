# SPDX-License-Identifier: BSD-2-Clause
"""How fast a boot program brings a kernel and an initrd of 31 MB into a BIOS machine.

Each row is the median of several boots from the card's PXE ROM; the programs of one server and card
take turns, so that a busy moment of this machine meets all of them. The clock starts with the boot
program's request for the kernel (seen on the wire). It is read twice: when the kernel's setup code
says its first words, which is when the boot program has done its work, and when the kernel does,
which has then unpacked itself for seconds that are the same for all.
QEMU's PXE ROM is iPXE itself and would run a script meant for undionly.kpxe: the script tells the
two apart by the driver's name and chains to undionly first.
"""
import os
import re
import shutil
import statistics
import subprocess
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
PROGRAMS = {"lanyard.0": "lanyard.0", "pxelinux.0": "pxelinux.0", "undionly.kpxe": "boot.ipxe"}
RUNS = 3  # at least, of the programs that take turns
GROUPS = [  # TFTP server, network card, boot programs
    ("dnsmasq", "e1000", ("lanyard.0", "pxelinux.0")),
    ("tftpd-hpa", "e1000", ("lanyard.0", "pxelinux.0")),
    ("atftpd", "e1000", ("lanyard.0", "pxelinux.0")),
    ("dnsmasq", "virtio-net-pci", ("lanyard.0", "pxelinux.0")),
]
SLOW = ("dnsmasq", "e1000", "undionly.kpxe")  # once


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


def watch_requests(site):
    """Keeps the requests for files: the whole transfer would take the machine's time to record."""
    path = site.path("requests.pcap")
    site.popen(["tcpdump", "-i", "br0", "-U", "--immediate-mode", "-w", path, "-Z", "root",
                "udp", "dst", "port", "69"], stderr=subprocess.DEVNULL)
    return path


def time_of_request(path, name):
    """When that file was asked for last."""
    argv = ["tshark", "-n", "-r", path, "-Y", f'tftp.source_file contains "{name}"', "-T", "fields",
            "-e", "frame.time_epoch"]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
    return float(done.stdout.split()[-1])


def boot(boot_file, server, nic):
    """One boot; returns the seconds to the setup code's first words and to the kernel's, and what the
    boot program said of its network driver."""
    with Site(name="bench", capture=False) as site:
        tree = site.path("tftp")
        make_tree(tree)
        requests = watch_requests(site)
        own_tftp = SERVERS[server]
        Dnsmasq(site, tftp_root=None if own_tftp else tree, boot_file=boot_file)
        if own_tftp:
            own_tftp(site, tree)
        with Machine(site, nics=[nic], memory=512) as machine:
            marks = []
            for words in (r"Probing EDD", r"Linux version"):
                machine.wait_for(words, timeout=240)
                marks.append(time.time())
            text = machine.console.text
        start = time_of_request(requests, "vmlinuz")
        counters = re.search(r"\d+ frames in,.*?a frame\)[^\[]*", text, re.DOTALL)  # wrapped
        return [mark - start for mark in marks], " ".join(counters.group().split()) if counters else ""


def medians(boots):
    return [statistics.median(times) for times in zip(*(marks for marks, _ in boots))]


def measure(runs):
    table = Table(f"Kernel and initrd, {TOTAL / 1e6:.0f} MB by TFTP into a BIOS machine "
                  "(medians; from the request for the kernel)",
                  [("boot program", 14), ("server", 10), ("card", 15), ("boots", 5),
                   ("s to setup code", 15), ("MB/s", 6), ("x lanyard", 10), ("s to kernel", 11)])
    ours, notes = {}, []

    def row(program, server, nic, boots):
        loaded, whole = medians(boots)
        ratio = "" if program == "lanyard.0" else f"{loaded / ours[server, nic]:.1f}"
        ours.setdefault((server, nic), loaded)
        table.row(program, server, nic, len(boots), loaded, TOTAL / 1e6 / loaded, ratio, whole)
        notes.extend(f"{server}, {nic}: {note}" for _, note in boots[:1] if note)

    for server, nic, programs in GROUPS:
        boots = {program: [] for program in programs}
        for _ in range(max(runs, RUNS)):
            for program in programs:
                boots[program].append(boot(PROGRAMS[program], server, nic))
        for program in programs:
            row(program, server, nic, boots[program])
    server, nic, program = SLOW
    row(program, server, nic, [boot(PROGRAMS[program], server, nic)])
    print("\n" + "\n".join(notes))
