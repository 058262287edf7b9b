# SPDX-License-Identifier: BSD-2-Clause
"""How fast a boot program brings a kernel and an initrd of 31 MB into a UEFI machine by TFTP.

Each row is the median of several boots of OVMF: virtio-net with the firmware's own driver, e1000 with
the card's option ROM. The programs of one server and card take turns, so that a busy moment of this
machine meets all of them. The clock starts with the boot program's first request for a configuration
(seen on the wire) and stops with the kernel's first line on the console. dnsmasq serves in lock-step,
atftpd knows windowsize. The e1000's option ROM is iPXE itself and would run a script meant for
snponly.efi: the script tells the two apart by the driver's name and chains to snponly.efi first.
"""
import os
import shutil
import statistics
import subprocess
import time

from tests.bench.loaders import COMMAND_LINE, CONFIG, RUNS, TOTAL, kernel, watch_requests
from tests.bench.table import Table
from tests.site import Atftpd, Dnsmasq, Machine, Site
from tests.site.paths import BIN, DEPS

SCRIPT = f"""#!ipxe
iseq ${{net0/chip}} 82540em && chain tftp://${{next-server}}/snponly.efi ||
kernel tftp://${{next-server}}/vmlinuz {COMMAND_LINE} initrd=initrd.img
initrd tftp://${{next-server}}/initrd.img
boot
"""
GRUB = f"""linux (tftp)/vmlinuz {COMMAND_LINE}
initrd (tftp)/initrd.img
boot
"""
EFI_PEERS = os.path.join(DEPS, "efi", "usr", "lib")
PROGRAMS = {  # boot program: its files, and what its request for a configuration names
    "lanyardx64.efi": ([f"{BIN}/lanyardx64.efi"], "pxelinux.cfg"),
    "snponly.efi": (["/usr/lib/ipxe/snponly.efi"], "boot.ipxe"),
    "syslinux.efi": ([f"{EFI_PEERS}/SYSLINUX.EFI/efi64/syslinux.efi",
                      "/usr/lib/syslinux/modules/efi64/ldlinux.e64"], "pxelinux.cfg"),
    "grubnetx64.efi": ([f"{EFI_PEERS}/grub/x86_64-efi-signed/grubnetx64.efi.signed"], "grub.cfg"),
}
CARDS = {"virtio": "virtio-net-pci,romfile=", "e1000": "e1000"}
GROUPS = [  # TFTP server, network card, boot programs
    ("dnsmasq", "virtio", tuple(PROGRAMS)),
    ("dnsmasq", "e1000", tuple(PROGRAMS)),
    ("atftpd", "virtio", ("lanyardx64.efi", "snponly.efi")),
]
PATIENCE = 400  # s


def make_tree(directory, program):
    os.makedirs(os.path.join(directory, "pxelinux.cfg"))
    os.makedirs(os.path.join(directory, "grub"))
    for source in PROGRAMS[program][0]:
        shutil.copy(source, os.path.join(directory, os.path.basename(source).removesuffix(".signed")))
    shutil.copy(kernel(), os.path.join(directory, "vmlinuz"))
    with open(os.path.join(directory, "initrd.img"), "wb") as file:
        file.write(os.urandom(TOTAL - os.path.getsize(kernel())))
    for name, text in (("pxelinux.cfg/default", CONFIG), ("boot.ipxe", SCRIPT),
                       ("grub/grub.cfg", GRUB)):
        with open(os.path.join(directory, name), "w", encoding="ascii") as file:
            file.write(text)
    os.system(f"chmod -R a+rX {directory}")


def config_request(path, words, nth=0):
    """When a file with these words in its name was asked for first, or for the nth time."""
    argv = ["tshark", "-n", "-r", path, "-Y", f'tftp.opcode == 1 && tftp.source_file contains "{words}"',
            "-T", "fields", "-e", "frame.time_epoch"]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
    return float(done.stdout.split()[nth])


def boot(program, server, card):
    """One boot; returns its seconds."""
    with Site(name="bench", capture=False) as site:
        tree = site.path("tftp")
        make_tree(tree, program)
        requests = watch_requests(site)
        script = ["dhcp-match=set:ipxe,175", "dhcp-boot=tag:ipxe,boot.ipxe"]
        Dnsmasq(site, tftp_root=tree if server == "dnsmasq" else None,
                extra=(script if program == "snponly.efi" else []) + [f"dhcp-boot=tag:!ipxe,{program}"])
        if server == "atftpd":
            Atftpd(site, tree)
        with Machine(site, firmware="efi", nics=[CARDS[card]], memory=1024) as machine:
            machine.wait_for(r"Linux version", timeout=PATIENCE)
            end = time.time()
        # The script is asked for by snponly.efi and not by the ROM.
        return end - config_request(requests, PROGRAMS[program][1], -1 if program == "snponly.efi" else 0)


def measure(runs):
    table = Table(f"Kernel and initrd, {TOTAL / 1e6:.0f} MB by TFTP into a UEFI machine "
                  "(medians; configuration asked for -> the kernel's first line)",
                  [("boot program", 15), ("server", 8), ("card", 7), ("boots", 5), ("seconds", 8),
                   ("MB/s", 6), ("x lanyard", 10)])
    for server, card, programs in GROUPS:
        boots = {program: [] for program in programs}
        for _ in range(max(runs, RUNS)):
            for program in programs:
                boots[program].append(boot(program, server, card))
        ours = statistics.median(boots["lanyardx64.efi"])
        for program in programs:
            seconds = statistics.median(boots[program])
            table.row(program, server, card, len(boots[program]), seconds, TOTAL / 1e6 / seconds,
                      f"{seconds / ours:.1f}" if program != "lanyardx64.efi" else "")
