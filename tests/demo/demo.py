# SPDX-License-Identifier: BSD-2-Clause
"""Boots a diskless machine in QEMU from a server of its own and gives its console to the terminal.

The server is lanyardd alone, or, with --servers=classic, dnsmasq and nfs-ganesha. Everything happens
in a namespace of its own and in the build folder; all of it is gone at the end.
Ctrl-A X pulls the plug, Ctrl-A Ctrl-A types a Ctrl-A, poweroff in the machine ends it properly.
Works without a terminal too (input from a pipe is typed into the machine).
"""

import argparse
import os
import select
import signal
import sys
import termios
import threading
import time
import tty

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from tests.site import Dnsmasq, Ganesha, Lanyardd, Machine, Site  # noqa: E402  (needs the path above)
from tests.site.payload import (ARM64_ROOT, DEMO_ROOT, DebianRoot, INITRDS, PROGRAMS,  # noqa: E402
                                RootCopy, TftpTree, boot_file)

CONFIG = """\
SERIAL 0 115200
DEFAULT demo
PROMPT 0
LABEL demo
  KERNEL vmlinuz
  INITRD initrd.img
  APPEND root=/dev/nfs nfsroot={server}:/nfsroot ip=dhcp {mode} console=ttyS0 loglevel=4
"""

VIRTIO = "virtio-net-pci,romfile="
BOOT_PROGRAMS = {"bios": "lanyard", "uefi": "lanyard-efi", "arm64": "lanyard-arm64", "u-boot": "lanyard-arm64"}
CARDS = {"bios": "e1000", "uefi": VIRTIO, "arm64": VIRTIO, "u-boot": VIRTIO}
MACHINES = {"bios": "bios", "uefi": "efi", "arm64": "aa64", "u-boot": "u-boot"}
ARM64 = ("arm64", "u-boot")

CTRL_A = 0x01


def arguments():
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--firmware", choices=sorted(BOOT_PROGRAMS), default=os.environ.get("FIRMWARE")
                        or "bios", help="the machine's (default: bios)")
    parser.add_argument("--nic", help="QEMU's model of network card (default: e1000; UEFI: virtio, by "
                                      "the firmware's own driver)")
    parser.add_argument("--memory", type=int, help="MiB (default: 512, a whole Debian has 1024)")
    parser.add_argument("--overlay", action="store_true",
                        help="read-only root with a tmpfs overlay, instead of a writable root")
    parser.add_argument("--root", default=os.environ.get("ROOT"), metavar="DIR",
                        help="the root tree, served as it is; 'debian': a whole Debian (default: a "
                             "small tree; both are copies that are thrown away)")
    parser.add_argument("--servers", choices=["lanyardd", "classic"],
                        help="classic: dnsmasq and nfs-ganesha in the place of lanyardd")
    parser.add_argument("--program", choices=sorted(PROGRAMS),
                        help="the boot program (another one needs classic servers; default: ours)")
    parser.add_argument("--initrd", default="lanyard",
                        help=f"{', '.join(INITRDS)} or a file (the same)")
    parser.add_argument("--keep", action="store_true", help="keep logs and packet capture")
    args = parser.parse_args()
    if os.environ.get("ARCH") == "arm64" and args.firmware not in ARM64:
        args.firmware = "arm64"
    if args.firmware not in BOOT_PROGRAMS:
        parser.error(f"FIRMWARE is {' or '.join(sorted(BOOT_PROGRAMS))}, not '{args.firmware}'")
    args.console = "ttyAMA0" if args.firmware in ARM64 else "ttyS0"
    if args.firmware in ARM64 and args.root == "debian":
        parser.error("the whole Debian is for x86; ROOT=DIR takes a tree for arm64")
    ours = args.program in (None, BOOT_PROGRAMS[args.firmware]) and args.initrd == "lanyard"
    args.program = args.program or BOOT_PROGRAMS[args.firmware]
    args.nic = args.nic or CARDS[args.firmware]
    args.memory = args.memory or (1024 if args.root == "debian" or args.firmware in ARM64 else 512)
    args.servers = args.servers or ("lanyardd" if ours else "classic")
    if args.servers == "lanyardd" and not ours:
        parser.error("--program and --initrd need --servers=classic")
    if args.servers == "classic" and args.firmware in ARM64:
        parser.error("classic servers have files for x86 only")
    return args


def say(text):
    sys.stdout.write(f"demo: {text}\r\n")
    sys.stdout.flush()


class Mirror:
    """Shows the machine's screen while its serial port is silent: the firmware, the PXE ROM and the
    boot program's first words are only there. Each line is shown once (growing dots make no new
    line), when it has stayed for two looks."""

    def __init__(self, machine):
        self.machine = machine
        self.before = []
        self.shown = set()

    def step(self, settled=False, until=None):
        lines = [line.strip() for line in self.machine.screen() if line.strip()]
        if until in lines:
            lines = lines[:lines.index(until)]
        for line in lines:
            if (settled or line in self.before) and line.rstrip(".") not in self.shown:
                self.shown.add(line.rstrip("."))
                sys.stdout.write(f"  | {line}\r\n")
        self.before = lines
        sys.stdout.flush()

    def finish(self, first_on_serial):
        """The last look: what stands above the line that is on the serial port, too."""
        self.step(settled=True, until=first_on_serial)


class Terminal:
    """Standard input without echo and line editing, where it is a terminal."""

    def __enter__(self):
        self.saved = termios.tcgetattr(0) if os.isatty(0) else None
        if self.saved:
            tty.setraw(0)
        return self

    def __exit__(self, *exc):
        if self.saved and os.isatty(0):
            termios.tcsetattr(0, termios.TCSADRAIN, self.saved)

    def read(self):
        """What was typed; nothing at the end of a file. A terminal that has gone ends the demo."""
        try:
            data = os.read(0, 1024)
        except OSError:
            data = b""
        if not data and self.saved:
            leave(signal.SIGHUP)
        return data


def leave(number, _frame=None):
    """Ends the demo by an exception, so that the site is closed. Where the terminal has gone, what is still
    said on the way goes nowhere: it must not fail."""
    if number == signal.SIGHUP:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nowhere, fd)
    sys.exit(128 + number)


class Output:
    """The serial port's bytes on their way to the terminal; held back until open() is called."""

    def __init__(self):
        self.held = b""
        self.lock = threading.Lock()
        self.is_open = False

    def show(self, data):
        with self.lock:
            if self.is_open:
                os.write(1, data)
            else:
                self.held += data

    def open(self):
        with self.lock:
            self.is_open = True
            os.write(1, self.held)


def mirror_or_serial(mirror, output):
    """One look at the screen; when the serial port has begun to speak, the last one."""
    try:
        line, complete, _ = output.held.partition(b"\n")
        if complete:
            mirror.finish(line.decode("utf-8", "replace").strip())
            output.open()
        else:
            mirror.step()
    except (OSError, RuntimeError):
        output.open()  # the machine has just ended


def typed(data, prefix):
    """What of the terminal's bytes goes to the machine, whether a Ctrl-A awaits its second key, and
    whether it was X."""
    out = bytearray()
    for byte in data:
        if prefix and byte in b"xX":
            return bytes(out), False, True
        if prefix:
            prefix = False
            if byte == CTRL_A:
                out.append(byte)
        elif byte == CTRL_A:
            prefix = True
        else:
            out.append(byte)
    return bytes(out), prefix, False


def relay(machine, terminal, screen):
    """Carry bytes between terminal and serial port until the machine ends or Ctrl-A X; returns
    whether the machine ended by itself. `screen`: what comes first is only there."""
    output = Output()
    if not screen:
        output.open()
    machine.console.listen(output.show)
    mirror = Mirror(machine)
    watched = [0]
    prefix = quit = False
    while machine.running() and not quit:
        ready, _, _ = select.select(watched, [], [], 0.3)
        if not output.is_open:
            mirror_or_serial(mirror, output)
        if not ready:
            continue
        data = terminal.read()
        if not data:
            watched = []  # no more input; the machine may go on
        keys, prefix, quit = typed(data, prefix)
        machine.console.send_bytes(keys)
    return not quit


def serve(site, root, args):
    """lanyardd, with what it says while it starts."""
    say(f"server: lanyardd{'' if args.overlay else ' --rw'} {root}")
    say("    makes an initramfs for all network cards, which takes some seconds")
    server = Lanyardd(site, root, "--append", f"console={args.console} loglevel=4", rw=not args.overlay,
                      modules=None, dhcp="auto")
    for line in server.log().splitlines():
        say(f"    {line}")


def serve_classic(site, root, args):
    mode = "ro lanyard.overlay=tmpfs" if args.overlay else "rw"
    tree = TftpTree(site, CONFIG.format(server=site.address, mode=mode), args.program, args.initrd)
    Dnsmasq(site, tftp_root=tree.dir, boot_file=boot_file(args.program))
    Ganesha(site, {"/nfsroot": root})
    say(f"server {site.address}: dnsmasq (DHCP, TFTP {tree.dir})")
    say(f"    and nfs-ganesha (NFS {site.address}:/nfsroot is {root})")


def root_tree(site, args):
    wanted = args.root
    if wanted == "debian":
        say("unpacking a whole Debian; log in as root, without a password")
        return DebianRoot(site).dir
    return wanted or RootCopy(site, ARM64_ROOT if args.firmware in ARM64 else DEMO_ROOT).dir


def main():
    args = arguments()
    if os.geteuid() != 0:
        print("demo: network namespaces and taps need root; run: sudo make demo", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    with Site(name="demo", keep=args.keep) as site:
        root = root_tree(site, args)
        (serve if args.servers == "lanyardd" else serve_classic)(site, root, args)
        say(f"machine: {args.memory} MiB, {args.nic}, no disk; its firmware takes some 15 s under TCG")
        say("Ctrl-A X ends it at any time")
        with Machine(site, firmware=MACHINES[args.firmware], nics=[args.nic],
                     memory=args.memory) as machine, Terminal() as terminal:
            ended = relay(machine, terminal, screen=args.firmware == "bios")
            if ended:
                time.sleep(0.2)  # the console's last words
        sys.stdout.write("\n")
        say("the machine has switched itself off" if ended else "plug pulled")
    say("everything is cleaned up")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FileNotFoundError as error:
        sys.exit(f"demo: no {error.filename or error}: 'make demo' and 'make build/peers/...' make it")
    except KeyboardInterrupt:
        sys.exit(130)
