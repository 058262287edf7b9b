# SPDX-License-Identifier: BSD-2-Clause
"""A QEMU machine on a site, always without KVM, so that every host runs the same.

The serial port goes to a log file and to a socket (machine.console). Monitor commands (QMP) give its
screen, press its keys, pull its plug.
"""

import json
import os
import re
import signal
import socket
import subprocess
import time

from .console import Console, ConsoleError
from .namespace import kill_group, program
from .paths import DEPS

FIRMWARE = {
    "bios": (),
    "efi": ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    "efi-strict": (f"{DEPS}/firmware/usr/share/OVMF/OVMF_CODE_4M.secboot.strictnx.fd",
                   f"{DEPS}/firmware/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd"),
    "efi-microsoft": ("/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"),
    "aa64": ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
    "aa64-secure": ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.snakeoil.fd"),
    "u-boot": (),
}

SO_SNDBUFFORCE = 32  # asm-generic/socket.h; Python has no name for it

_SECURE = ["-M", "q35,smm=on", "-vga", "std",  # its variables are guarded by SMM
           "-global", "driver=cfi.pflash01,property=secure,value=on"]
_ARM = ["-M", "virt", "-cpu", "cortex-a57"]
_MODELS = {
    "aa64": _ARM,
    "aa64-secure": _ARM,
    "u-boot": _ARM + ["-bios", "/usr/lib/u-boot/qemu_arm64/u-boot.bin"],
    "efi-microsoft": _SECURE,
    "efi-strict": _SECURE + ["-device", "virtio-rng-pci"],  # it has no network without random numbers
}

_KEYS = {" ": "spc", "\n": "ret", "-": "minus", "=": "equal", ".": "dot", ",": "comma",
         "/": "slash", ";": "semicolon", "\x1b": "esc", "\t": "tab", "\b": "backspace"}


def _serial_pair():
    """A socket pair for a serial port. QEMU writes single characters, each of which counts as a
    kilobyte: a socket of usual size is full after 300, and a busy reader's guest loses some then."""
    ours, theirs = socket.socketpair()
    theirs.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 16 << 20)
    return ours, theirs


class Machine:
    """A diskless machine with one network card or several; a context manager.

    firmware   bios | efi | efi-strict (Secure Boot with the test keys that come with it; Debian 13's, which
               executes no writable memory) | efi-microsoft (Secure Boot with Microsoft's keys, as PCs have
               it) | aa64 (arm64's UEFI) | aa64-secure (with Secure Boot, and test keys that come with it) |
               u-boot (another one for arm64)
    variables  file to begin with in the place of the firmware's own settings
    nics       QEMU's device models, e.g. ("e1000", "virtio-net-pci,romfile="); the first boots
    mac        of the first card; further ones count up in the last byte
    memory     MiB
    kernel, initrd, append   start a kernel directly instead of from the network
    extra      further QEMU arguments
    """

    def __init__(self, site, name="m1", firmware="bios", nics=("e1000",), mac="52:54:00:12:34:01",
                 memory=512, uuid=None, kernel=None, initrd=None, append=None, extra=(), taps=None,
                 variables=None):
        self.site = site
        self.name = name
        self.mac = mac
        self.log = site.path(name + ".console")
        self.taps = taps or [site.add_tap() for _ in nics]
        self.process = self.console = self._monitor = None
        ours, theirs = _serial_pair()
        argv = self._argv(firmware, variables, nics, memory, uuid, kernel, initrd, append) + list(extra)
        argv += ["-chardev", f"socket,id=serial,fd={theirs.fileno()},logfile={self.log}",
                 "-serial", "chardev:serial"]
        self.stderr = site.path(name + ".stderr")
        with open(self.stderr, "wb") as stderr:
            self.process = site.namespace.popen(argv, stdout=stderr, stderr=stderr,
                                                pass_fds=[theirs.fileno()])
        theirs.close()
        site.on_close(self.close)
        self.started = time.monotonic()
        where = f"console log: {self.log}"
        if site.capture:
            where += f"\npacket capture: {site.capture}"
        self.console = Console(ours, self.running, where)
        self._qmp_input = b""
        self._monitor = self._connect("qmp")
        self._monitor.settimeout(10)
        try:
            self._qmp_answer("QMP")
            self.qmp("qmp_capabilities")
        except (OSError, RuntimeError):
            self._say_why()

    def _argv(self, firmware, variables, nics, memory, uuid, kernel, initrd, append):
        arm = _MODELS.get(firmware, [])[:4] == _ARM
        argv = [program("qemu-system-aarch64" if arm else "qemu-system-x86_64"), "-nodefaults",
                "-accel", "tcg", "-m", str(memory), "-display", "none", "-no-reboot"]
        argv += _MODELS.get(firmware, ["-M", "pc", "-vga", "std"])
        if uuid:
            argv += ["-uuid", uuid]
        for number, path in enumerate(FIRMWARE[firmware]):
            path = variables if variables and number == 1 else path
            protect = ("readonly=on", "snapshot=on")[number]
            argv += ["-drive", f"if=pflash,format=raw,{protect},file={path}"]
        for number, (nic, tap) in enumerate(zip(nics, self.taps)):
            mac = self.mac[:-2] + f"{int(self.mac[-2:], 16) + number:02x}"
            if nic.startswith("virtio-net"):  # QEMU before 9.1 may forget how far it has seen the ring, and
                nic += ",event_idx=off"       # wait for buffers that are there: nothing is received any more
            argv += ["-netdev", f"tap,id=n{number},ifname={tap},script=no,downscript=no",
                     "-device", f"{nic},netdev=n{number},mac={mac},bootindex={number + 1}"]
        if kernel:
            argv += ["-kernel", kernel]
        if initrd:
            argv += ["-initrd", initrd]
        if append:
            argv += ["-append", append]
        return argv + ["-qmp", f"unix:{self._socket('qmp')},server=on,wait=off"]

    def _socket(self, kind):
        return self.site.path(f"{self.name}.{kind}")

    def _connect(self, kind):
        deadline = time.monotonic() + 20
        while True:
            sock = socket.socket(socket.AF_UNIX)
            try:
                sock.connect(self._socket(kind))
                return sock
            except OSError:
                sock.close()
                if not self.running() or time.monotonic() > deadline:
                    self._say_why()
                time.sleep(0.05)

    def _say_why(self):
        try:
            self.process.wait(1)  # it may be about to say it
        except subprocess.TimeoutExpired:
            pass
        with open(self.stderr, encoding="utf-8", errors="replace") as file:
            raise RuntimeError(f"QEMU does not start: {file.read().strip()}") from None

    # Life

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait_end(self, timeout):
        """Wait until the machine has switched itself off or reset (it never starts again)."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ConsoleError(f"{self.name} still runs after {timeout} s; its last lines:\n"
                               f"{self.console.tail()}\nconsole log: {self.log}") from None

    def close(self):
        """Pull the plug. Idempotent."""
        if self.process:
            kill_group(self.process, signal.SIGTERM)
        for end in (self._monitor, self.console):
            if end:
                end.close()

    def seconds(self):
        """Since the machine was switched on."""
        return time.monotonic() - self.started

    # The serial console

    def wait_for(self, pattern, timeout, **kwargs):
        """Wait for a text on the serial console; see Console.wait_for."""
        return self.console.wait_for(pattern, timeout, **kwargs)

    def shell(self, command, timeout=30):
        """Type a command at the shell on the serial console; returns its output. Raises if its
        status is not 0."""
        # The empty quotes keep the echoed line from being taken for the answer.
        self.console.send(f"echo '<<be''gin>>'; {command}; echo \"<<end\"\"=$?>>\"\n")
        self.console.wait_for(r"<<begin>>\n", timeout)
        start = self.console.cursor
        found = self.console.wait_for(r"<<end=(\d+)>>", timeout)
        output = self.console.text[start:found.start()]
        if found.group(1) != "0":
            raise ConsoleError(f"'{command}' in {self.name}: exit {found.group(1)}: {output}")
        return output

    # The monitor

    def _qmp_answer(self, key):
        while True:
            while b"\n" not in self._qmp_input:
                data = self._monitor.recv(65536)
                if not data:
                    raise RuntimeError("QEMU's monitor is gone")
                self._qmp_input += data
            line, self._qmp_input = self._qmp_input.split(b"\n", 1)
            answer = json.loads(line)
            if "error" in answer:
                raise RuntimeError("QEMU: " + answer["error"]["desc"])
            if key in answer:
                return answer[key]

    def qmp(self, command, **arguments):
        """Run a monitor command."""
        message = {"execute": command, "arguments": {k.replace("_", "-"): v
                                                     for k, v in arguments.items()}}
        self._monitor.sendall(json.dumps(message).encode() + b"\n")
        return self._qmp_answer("return")

    def screenshot(self, path=None):
        """The VGA screen as a PNG file; returns its path."""
        path = path or self.site.path(f"{self.name}.png")
        self.qmp("screendump", filename=path, format="png")
        return path

    def screen(self):
        """The 25 lines of the VGA text screen (blank in graphics modes)."""
        path = self.site.path(f"{self.name}.vga")
        self.qmp("pmemsave", val=0xB8000, size=4000, filename=path)
        with open(path, "rb") as file:
            cells = file.read()[::2]
        os.unlink(path)
        text = cells.decode("cp437").replace("\0", " ")
        return [text[i:i + 80].rstrip() for i in range(0, 2000, 80)]

    def wait_for_screen(self, pattern, timeout):
        """Wait for a text on the VGA text screen; returns the match."""
        deadline = time.monotonic() + timeout
        while True:
            screen = "\n".join(self.screen())
            found = re.search(pattern, screen)
            if found:
                return found
            if not self.running() or time.monotonic() > deadline:
                raise ConsoleError(f"no /{pattern}/ on the screen in {timeout} s:\n{screen}")
            time.sleep(0.3)

    def press(self, text):
        """Press keys on the machine's keyboard (letters, digits and the marks of a command line)."""
        for char in text:
            name = _KEYS.get(char, char.lower())
            keys = [{"type": "qcode", "data": name}]
            if char.isupper():
                keys.insert(0, {"type": "qcode", "data": "shift"})
            self.qmp("send-key", keys=keys)
            time.sleep(0.05)

    def plug(self, up, nic=0):
        """Pull the network cable, or put it back."""
        self.qmp("set_link", name=f"n{nic}", up=up)
