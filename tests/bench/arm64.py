# SPDX-License-Identifier: BSD-2-Clause
"""How fast a boot program brings a kernel and an initrd of 40 MB into an arm64 machine by TFTP: AAVMF with
virtio-net. Medians, taken as those of efi.py: from the first request for a configuration to the kernel's
first line. dnsmasq serves in lock-step, atftpd knows windowsize. iPXE is Debian 13's, with its own driver
of the card: the first that is packaged for arm64.
"""
import os
import shutil
import statistics
import time

from tests.bench.efi import PATIENCE, config_request
from tests.bench.loaders import RUNS, watch_requests
from tests.bench.table import Table
from tests.site import Atftpd, Dnsmasq, Machine, Site
from tests.site.paths import BIN, DEPS
from tests.site.payload import ARM64_ROOT, kernel

TOTAL = 40_000_000  # bytes of kernel and initrd together
COMMAND_LINE = "console=ttyAMA0 earlycon panic=1"
FILES = {
    "pxelinux.cfg/default": f"DEFAULT linux\nLABEL linux\nKERNEL vmlinuz\n"
                            f"APPEND {COMMAND_LINE} initrd=initrd.img\n",
    "grub/grub.cfg": f"linux (tftp)/vmlinuz {COMMAND_LINE}\ninitrd (tftp)/initrd.img\nboot\n",
    "boot.ipxe": f"#!ipxe\nkernel tftp://${{next-server}}/vmlinuz {COMMAND_LINE} initrd=initrd.img\n"
                 "initrd tftp://${next-server}/initrd.img\nboot\n",
}
PROGRAMS = {  # boot program: its file, and what its request for a configuration names
    "lanyardaa64.efi": (f"{BIN}/lanyardaa64.efi", "pxelinux.cfg"),
    "ipxe-arm64.efi": (f"{DEPS}/firmware/usr/lib/ipxe/ipxe-arm64.efi", "boot.ipxe"),
    "grubnetaa64.efi": (f"{DEPS}/arm64-efi/usr/lib/grub/arm64-efi-signed/grubnetaa64.efi.signed",
                        "grub.cfg"),
}


def make_tree(directory, program):
    os.makedirs(directory)
    shutil.copy(PROGRAMS[program][0], f"{directory}/{program}")
    shutil.copy(kernel(ARM64_ROOT), f"{directory}/vmlinuz")
    with open(f"{directory}/initrd.img", "wb") as file:
        file.write(os.urandom(TOTAL - os.path.getsize(kernel(ARM64_ROOT))))
    for name, text in FILES.items():
        os.makedirs(os.path.dirname(f"{directory}/{name}"), exist_ok=True)
        with open(f"{directory}/{name}", "w", encoding="ascii") as file:
            file.write(text)
    os.system(f"chmod -R a+rX {directory}")


def boot(program, server):
    """One boot; returns its seconds."""
    with Site(name="bench", capture=False) as site:
        tree = site.path("tftp")
        make_tree(tree, program)
        requests = watch_requests(site)
        Dnsmasq(site, tftp_root=tree if server == "dnsmasq" else None, extra=[
            "dhcp-match=set:ipxe,175", "dhcp-boot=tag:ipxe,boot.ipxe", f"dhcp-boot=tag:!ipxe,{program}"])
        if server == "atftpd":
            Atftpd(site, tree)
        with Machine(site, firmware="aa64", nics=["virtio-net-pci,romfile="], memory=1024) as machine:
            machine.wait_for(r"Linux version", timeout=PATIENCE)
            end = time.time()
        return end - config_request(requests, PROGRAMS[program][1])


def measure(runs):
    table = Table(f"Kernel and initrd, {TOTAL / 1e6:.0f} MB by TFTP into an arm64 machine "
                  "(medians; configuration asked for -> the kernel's first line)",
                  [("boot program", 15), ("server", 8), ("boots", 5), ("seconds", 8), ("MB/s", 6),
                   ("x lanyard", 10)])
    for server in ("dnsmasq", "atftpd"):
        boots = {program: [] for program in PROGRAMS}
        for _ in range(max(runs, RUNS)):
            for program in PROGRAMS:
                boots[program].append(boot(program, server))
        ours = statistics.median(boots["lanyardaa64.efi"])
        for program in PROGRAMS:
            seconds = statistics.median(boots[program])
            table.row(program, server, len(boots[program]), seconds, TOTAL / 1e6 / seconds,
                      f"{seconds / ours:.1f}" if program != "lanyardaa64.efi" else "")
