# SPDX-License-Identifier: BSD-2-Clause
"""A kernel and an initrd of 32 MiB over good and bad links, by TFTP and HTTP, into BIOS and UEFI machines.

Time runs from the boot program's first request for the kernel, seen on the machine's side of the link,
to the last byte of the initrd, and, as a second number, to the first words after it: of the kernel's
setup code (BIOS) or of the kernel (UEFI). The link is `wire` (tests/wire), and it is a perfect one
until the boot program asks for its configuration, so that all programs reach that point alike.

The programs of one link, protocol and firmware take turns. A boot that takes longer than LIMIT is cut;
what it would have taken follows from the bytes that had come until then, and is marked with ~.

Every program has the server that suits it best: TFTP windows (RFC 7440) come from atftpd, lock-step
from tftpd-hpa, which answers a question that is repeated, as others do not (dnsmasq: after 2 s).
Without delay ours stands beside the peers on the same server, too. Files by HTTP all come from
lighttpd; boot programs and configurations always by TFTP.

Programs with a card driver of their own stand apart: they need none of the firmware's calls.

    LINKS="2ms tftp bios" RUNS=3 make bench PARTS=links      only that
    LINKS="loss http lanyard.0 lpxelinux.0"                  or only these programs
    LIMIT=300                                                seconds until a boot is cut
"""
import os
import re
import shutil
import statistics
import tempfile
import time

from tests.bench.loaders import COMMAND_LINE, kernel
from tests.bench.meter import Meter, Requests
from tests.bench.table import Table
from tests.site import Atftpd, Dnsmasq, Lighttpd, Machine, Site, TftpdHpa
from tests.site.paths import BIN, DEPS

TOTAL = 32 << 20  # bytes of kernel and initrd together
SERVER = "192.168.2.2"
LIMIT = float(os.environ.get("LIMIT", "35"))
WANTED = set(os.environ.get("LINKS", "").split())
PATIENCE = 150  # s to the request for the configuration
BOOTED = {"bios": r"Probing EDD", "efi": r"Linux version"}
LINKS = {"0ms": {}, "2ms": {"delay": 1}, "20ms": {"delay": 10}, "loss": {"loss": 1}}
BARS = {  # times as fast as the best peer without a driver of its own
    ("0ms", "tftp"): 2, ("0ms", "http"): 2, ("2ms", "tftp"): 10, ("20ms", "http"): 1,
    ("loss", "tftp"): 3, ("loss", "http"): 3,
}
OVERHEAD = 1.04  # of bytes on the link, for what a boot that was cut would have taken
BIOS, EFI = "/usr/lib/syslinux/modules/bios", os.path.join(DEPS, "efi", "usr", "lib")
IPXE = "/usr/lib/ipxe"
GRUB_HTTP = "x86_64-efi/http.mod"
STARTER = f"dhcp && chain tftp://{SERVER}/native.ipxe"


class Program:
    """name; files: what it consists of; config: the word in its request for a configuration, which is
    heard `asks` times; native: it drives the card itself."""

    def __init__(self, name, files, config, asks=1, native=False, windows=False, started_by_qemu=None):
        self.name, self.files, self.config, self.asks = name, files, config, asks
        self.native, self.windows, self.started_by_qemu = native, windows, started_by_qemu


LANYARD = Program("lanyard.0", [f"{BIN}/lanyard.0"], "pxelinux.cfg/", windows=True)
LANYARD_LOCKSTEP = Program("lanyard.0", LANYARD.files, "pxelinux.cfg/")
LANYARD_EFI = Program("lanyardx64.efi", [f"{BIN}/lanyardx64.efi"], "pxelinux.cfg/", windows=True)
LANYARD_EFI_LOCKSTEP = Program("lanyardx64.efi", LANYARD_EFI.files, "pxelinux.cfg/")
UNDIONLY = Program("undionly.kpxe", [f"{IPXE}/undionly.kpxe"], "boot.ipxe", asks=2)  # the ROM is iPXE too
IPXE_BIOS = Program("ipxe.lkrn", [], "native.ipxe", native=True, started_by_qemu=f"{IPXE}/ipxe.lkrn")
PXELINUX = Program("pxelinux.0", ["/usr/lib/PXELINUX/pxelinux.0", f"{BIOS}/ldlinux.c32"], "pxelinux.cfg/")
LPXELINUX = Program("lpxelinux.0", ["/usr/lib/PXELINUX/lpxelinux.0", f"{BIOS}/ldlinux.c32"],
                    "pxelinux.cfg/")
SNPONLY = Program("snponly.efi", [f"{IPXE}/snponly.efi"], "boot.ipxe")
IPXE_EFI = Program("ipxe.efi", [f"{IPXE}/ipxe.efi"], "boot.ipxe", native=True)
SYSLINUX = Program("syslinux.efi", [f"{EFI}/SYSLINUX.EFI/efi64/syslinux.efi",
                                    "/usr/lib/syslinux/modules/efi64/ldlinux.e64"], "pxelinux.cfg/")
GRUB = Program("grubnetx64.efi", [f"{EFI}/grub/x86_64-efi-signed/grubnetx64.efi.signed"], "grub.cfg")

GROUPS = {
    ("tftp", "bios"): (LANYARD, LANYARD_LOCKSTEP, PXELINUX, UNDIONLY, IPXE_BIOS),
    ("http", "bios"): (LANYARD, LPXELINUX, UNDIONLY, IPXE_BIOS),
    ("tftp", "efi"): (LANYARD_EFI, LANYARD_EFI_LOCKSTEP, SNPONLY, SYSLINUX, GRUB, IPXE_EFI),
    ("http", "efi"): (LANYARD_EFI, SNPONLY, GRUB, IPXE_EFI),
}


def texts(protocol):
    """{file: content} of the configurations that name files by this protocol."""
    url = "" if protocol == "tftp" else f"http://{SERVER}/"
    there = "tftp://${next-server}/" if protocol == "tftp" else url
    script = (f"kernel {there}vmlinuz {COMMAND_LINE} initrd=initrd.img\n"
              f"initrd {there}initrd.img\nboot\n")
    root = "(tftp)" if protocol == "tftp" else f"(http,{SERVER})"
    return {
        "pxelinux.cfg/default": "SERIAL 0 115200\nDEFAULT linux\nLABEL linux\n"
                                f"KERNEL {url}vmlinuz\nINITRD {url}initrd.img\nAPPEND {COMMAND_LINE}\n",
        "boot.ipxe": "#!ipxe\niseq ${net0/chip} undionly || iseq ${platform} efi || "
                     f"chain tftp://${{next-server}}/undionly.kpxe\n{script}",
        "native.ipxe": f"#!ipxe\n{script}",
        "grub/grub.cfg": ("" if protocol == "tftp" else "insmod http\n") +
                         f"linux {root}/vmlinuz {COMMAND_LINE}\ninitrd {root}/initrd.img\nboot\n",
    }


class Tree:
    """What the servers have, for one protocol: the same files for all programs."""

    def __init__(self, protocol):
        self.dir = tempfile.mkdtemp(prefix="lanyard-links-")
        programs = [p for key, group in GROUPS.items() for p in group if key[0] == protocol]
        for source in {file for p in programs for file in p.files}:
            self.put(os.path.basename(source).removesuffix(".signed"), source)
        self.put(f"grub/{GRUB_HTTP}", f"{DEPS}/web/usr/lib/grub/{GRUB_HTTP}")
        self.put("vmlinuz", kernel())
        with open(self.path("initrd.img"), "wb") as file:
            file.write(os.urandom(TOTAL - os.path.getsize(kernel())))
        for name, text in texts(protocol).items():
            os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
            with open(self.path(name), "w", encoding="ascii") as file:
                file.write(text)
        os.system(f"chmod -R a+rX {self.dir}")

    def path(self, name):
        return os.path.join(self.dir, name)

    def put(self, name, source):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        shutil.copyfile(source, self.path(name))

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)


class Boot:
    """One boot of one program: `loaded`, `started` in seconds or None; `cut`, the estimate where it was
    too slow; `why`, where it came to nothing; `note`, what the program says of its card."""

    def __init__(self, program, tree, link, protocol, firmware):
        self.loaded = self.started = self.cut = None
        self.why = self.note = ""
        try:
            self.run(program, tree, link, protocol, firmware)
        except (RuntimeError, OSError) as error:
            self.why = str(error).splitlines()[0]

    def run(self, program, tree, link, protocol, firmware):
        with Site(name="links", capture=False, link={} if LINKS[link] else None) as site:
            Dnsmasq(site, boot_file=program.files and os.path.basename(program.files[0])
                    .removesuffix(".signed"),
                    extra=["dhcp-match=set:ipxe,175"] + self.script(program))
            (Atftpd if program.windows else TftpdHpa)(site, tree.dir)
            if protocol == "http":
                Lighttpd(site, tree.dir)
            requests = Requests(site)
            with self.machine(site, program, firmware) as machine:
                self.watch(site, machine, requests, program, link, firmware)

    @staticmethod
    def script(program):
        return ["dhcp-boot=tag:ipxe,boot.ipxe"] if program.config == "boot.ipxe" else []

    @staticmethod
    def machine(site, program, firmware):
        own = program.started_by_qemu
        card = "virtio-net-pci,romfile=" if firmware == "efi" else "e1000,romfile=" if own else "e1000"
        return Machine(site, firmware=firmware, nics=[card], kernel=own, append=STARTER if own else None,
                       memory=1024 if firmware == "efi" else 512)

    def watch(self, site, machine, requests, program, link, firmware):
        meter = Meter(site, machine.taps[0])
        if not requests.wait(program.config, program.asks, PATIENCE):
            self.why = "no request for its configuration"
            return
        if LINKS[link]:
            site.wire.change(**LINKS[link])
        start = requests.wait("vmlinuz", 1, LIMIT)
        if not start:
            self.why = "no request for the kernel"
            return
        booted = re.compile(BOOTED[firmware])
        while not (found := booted.search(machine.console.text)) and machine.running() and \
                time.time() < start + LIMIT:
            time.sleep(0.05)
        self.judge(start, time.time(), meter, found, machine)

    def judge(self, start, now, meter, found, machine):
        came = meter.bytes_since(start)
        if found:
            self.loaded, self.started = meter.last_byte(now) - start, now - start
            counters = re.search(r"\d+ frames in,.*?in vain[^\[]*", machine.console.text, re.DOTALL)
            self.note = " ".join(counters.group().split()) if counters else ""
        elif now >= start + LIMIT and came > 0:
            self.cut = (now - start) * TOTAL * OVERHEAD / came
        else:
            lines = [line.strip() for line in machine.console.text.splitlines() if line.strip()]
            self.why = f"after {came} bytes: " + " | ".join(lines[-2:])[-100:]


class Summary:
    """Of the boots of one program: seconds to the last byte, None if there is nothing to say; whether that
    is an estimate; seconds to the first words after it."""

    def __init__(self, boots):
        times = [boot.loaded or boot.cut for boot in boots if boot.loaded or boot.cut]
        started = [boot.started for boot in boots if boot.started]
        self.seconds = statistics.median(times) if times else None
        self.estimated = any(boot.cut for boot in boots)
        self.started = statistics.median(started) if started else None
        self.whole = f"{sum(1 for boot in boots if boot.loaded)}/{len(boots)}"

    def __str__(self):
        if not self.seconds:
            return "fails"
        return f"~{self.seconds:.0f}" if self.estimated else f"{self.seconds:.2f}"


def turns(programs, runs, boot):
    """Each program and its boots, as soon as it has all of them; one that was cut or came to nothing is not
    tried again."""
    boots = {program: [] for program in programs}
    for turn in range(runs):
        for program in programs:
            if not boots[program] or boots[program][-1].loaded:
                boots[program].append(boot(program))
            if turn == runs - 1:
                yield program, boots[program]


def wanted(link, protocol, firmware):
    """The programs to measure there."""
    words = {link, protocol, firmware}
    others = WANTED - set(LINKS) - {word for key in GROUPS for word in key}
    if WANTED - others - words:
        return []
    return [program for program in GROUPS[protocol, firmware]
            if (link == "0ms" or program not in (LANYARD_LOCKSTEP, LANYARD_EFI_LOCKSTEP)) and
            (not others or program.name in others)]


def print_row(table, key, program, boots, of_program, ours):
    server = "lighttpd" if key[1] == "http" else "atftpd" if program.windows else "tftpd-hpa"
    seconds = of_program.seconds
    table.row(program.name + ("*" if program.native else ""), *key, server, of_program.whole,
              of_program, f"{TOTAL / 1e6 / seconds:.2f}" if seconds else "",
              of_program.started or ("" if not of_program.estimated else f"> {LIMIT:.0f}"),
              f"{seconds / ours.seconds:.1f}" if seconds and ours and ours.seconds else "")
    for boot in boots:
        if boot.why or boot.note:
            print("    " + (boot.why or boot.note))


def measure_group(table, key, programs, runs):
    """Prints the rows; gives the sentence on the best peer."""
    link, protocol, firmware = key
    tree = Tree(protocol)
    ours = best = None
    try:
        for program, boots in turns(programs, runs, lambda p: Boot(p, tree, link, protocol, firmware)):
            of_program = Summary(boots)
            print_row(table, key, program, boots, of_program, ours)
            if program is programs[0]:
                ours = of_program
            if not program.native and not program.name.startswith("lanyard") and of_program.seconds and \
                    (not best or of_program.seconds < best[0].seconds):
                best = of_program, program.name
    finally:
        tree.remove()
    if not ours.seconds or not best:
        return "nothing to compare"
    bar = BARS.get((link, protocol))
    return f"{best[0].seconds / ours.seconds:.1f} times as fast as {best[1]} ({best[0]} s)" + \
        (f", wanted: {bar}" if bar else "")


def measure(runs):
    table = Table(f"Kernel and initrd, {TOTAL >> 20} MiB (from the first request for the kernel; medians; "
                  "~: estimated; *: a driver of its own)",
                  [("boot program", 15), ("link", 5), ("by", 5), ("into", 5), ("server", 9), ("boots", 5),
                   ("s to last byte", 14), ("MB/s", 6), ("s to start", 10), ("x lanyard", 10)])
    verdicts = []
    for link in LINKS:
        for protocol, firmware in GROUPS:
            programs = wanted(link, protocol, firmware)
            if not programs:
                continue
            verdicts.append(f"{link} {protocol} {firmware}: " +
                            measure_group(table, (link, protocol, firmware), programs, runs))
    print("\nBeside the best peer without a driver of its own\n\n    " + "\n    ".join(verdicts))
