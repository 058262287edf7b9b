# SPDX-License-Identifier: BSD-2-Clause
"""Makes answers.json: runs every case through Debian's pxelinux.0 in one QEMU machine, which is reset
after each. Needs root, the packages pxelinux and syslinux-common, and about ten seconds for a case.

    /usr/bin/python3 -m tests.judge.regenerate [--new] [NAME ...]

--new keeps the answers that are there. The "kernel" prints its command line on the serial port and stops.
"""

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

from tests.host.kernel import bzimage
from tests.host.nfsd import inside
from tests.judge.cases import HERE, INITRDS, KERNELS, SECTOR, SECTORS, asked, cases
from tests.site import Dnsmasq, Machine, Site

MODULES = "/usr/lib/syslinux/modules/bios"
PATIENCE = 30  # seconds for the machine's own start
QUIET = 6  # seconds without a request after which nothing more is expected
LOADED = 3  # the same, after which it waits for a person
QCODES = {"\x1b[A": "up", "\x1b[B": "down", "\x1b[H": "home", "\x1b[F": "end", "\x1bOP": "f1"}

CODE = """
	.code16
	movl 0x228, %eax        # cmd_line_ptr (Documentation/arch/x86/boot.rst)
	movl %eax, %ecx
	shrl $4, %eax
	movw %ax, %es
	andw $15, %cx
	movw %cx, %si
	movb $'\\n', %al
	call put
	movb $'[', %al
	call put
	movb $'[', %al
	call put
1:	movb %es:(%si), %al
	incw %si
	testb %al, %al
	jz 2f
	call put
	jmp 1b
2:	movb $']', %al
	call put
	movb $']', %al
	call put
	movb $'\\n', %al
	call put
3:	hlt
	jmp 3b
put:	movb %al, %bl
	movw $0x3fd, %dx
4:	inb %dx, %al
	testb $0x20, %al
	jz 4b
	movw $0x3f8, %dx
	movb %bl, %al
	outb %al, %dx
	ret
"""


def kernel(directory):
    """A kernel whose setup code is CODE, at the place to which bzimage() jumps."""
    source, plain = os.path.join(directory, "code.o"), os.path.join(directory, "code.bin")
    subprocess.run(["as", "--32", "-o", source, "-"], input=CODE.encode(), check=True)
    subprocess.run(["objcopy", "-O", "binary", "-j", ".text", source, plain], check=True)
    with open(plain, "rb") as file:
        code = file.read()
    image = bytearray(bzimage(size=8192))
    image[0x268:0x268 + len(code)] = code
    return bytes(image)


def write(root, name, content):
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


class Requests:
    """The files asked for, from a growing capture (pcap, Ethernet, in this machine's byte order)."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.file.read(24)
        self.rest = b""

    def new(self):
        """Those since the last call."""
        self.rest += self.file.read()
        names = []
        while len(self.rest) >= 16:
            length = struct.unpack_from("=I", self.rest, 8)[0]
            if len(self.rest) < 16 + length:
                break
            frame, self.rest = self.rest[16:16 + length], self.rest[16 + length:]
            if frame[12:14] == b"\x08\x00" and frame[23] == 17 and frame[36:38] == b"\0\x45":
                names.append(frame[44:].split(b"\0")[0].decode("utf-8", "replace"))
        return names


def advertisement(frame):
    """The answer to a router solicitation (RFC 4861): there is no router. Without it the machine's ROM waits
    for one for a quarter of a minute."""
    source = bytes.fromhex("fe80") + bytes(13) + b"\1"
    message = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 0, 0, 0)
    words = source + frame[22:38] + struct.pack("!II", len(message), 58) + message
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    total = (total & 0xffff) + (total >> 16)
    message = message[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + message[4:]
    head = struct.pack("!IHBB", 6 << 28, len(message), 58, 255) + source + frame[22:38]
    return frame[6:12] + b"\x02\0\0\0\0\x01" + b"\x86\xdd" + head + message


def answer_solicitations(site):
    with inside(site):
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86dd))
        link.bind(("br0", 0x86dd))

    def answer():
        while True:
            frame = link.recv(2048)
            if frame[20] == 58 and frame[54] == 133:
                link.send(advertisement(frame))

    threading.Thread(target=answer, daemon=True).start()


class Pxelinux:
    """The machine with its server."""

    def __init__(self, site):
        self.root = site.path("tftp")
        os.mkdir(self.root)
        self.kernel = kernel(site.dir)
        answer_solicitations(site)
        Dnsmasq(site, tftp_root=self.root, boot_file="pxelinux.0")
        self.site, self.machine = site, None
        self.requests = Requests(site.capture)

    def serve(self, files):
        shutil.rmtree(self.root)
        os.mkdir(self.root)
        os.chmod(self.root, 0o755)
        for name in os.listdir(MODULES):
            shutil.copy(os.path.join(MODULES, name), self.root)
        shutil.copy("/usr/lib/PXELINUX/pxelinux.0", self.root)
        for name in KERNELS:
            write(self.root, name, self.kernel)
        for name in INITRDS:
            write(self.root, name, name.encode() * 100)
        for name in SECTORS:
            write(self.root, name, SECTOR)
        for name, text in files.items():
            write(self.root, name, text.encode())

    def run(self, files):
        """What pxelinux does with these files. A machine may hang after a reset: then a new one is made."""
        files = dict(files)
        keys = files.pop("keys", "")
        self.serve(files)
        for _ in range(4):
            answer = self.attempt(keys)
            if answer:
                return answer
            self.machine.close()
            self.machine = None
        raise AssertionError("the machine does not come as far as its configuration")

    def start(self):
        if self.machine:
            self.machine.qmp("system_reset")
        else:
            self.machine = Machine(self.site, nics=["virtio-net-pci"], memory=128,
                                   extra=["-action", "reboot=reset"])

    def type(self, keys):
        """What a person types; some time for what Enter and Tab lead to."""
        for key in re.findall(r"\x1b(?:\[.|O.)|.", keys, re.DOTALL):
            if key in QCODES:
                self.machine.qmp("send-key", keys=[{"type": "qcode", "data": QCODES[key]}])
            else:
                self.machine.press(key)
            time.sleep(1 if key in "\n\t\x1b" else 0.2)

    def attempt(self, keys):
        self.requests.new()
        start = len(self.machine.console.text) if self.machine else 0
        self.start()
        console = self.machine.console
        asked_for, last, begun = [], time.monotonic(), time.monotonic()
        while True:
            time.sleep(0.1)
            more = self.requests.new()
            if more:
                asked_for += more
                last = time.monotonic()
            line = re.search(r"\[\[(.*?)\]\]\n", console.text[start:], re.DOTALL)
            if line:
                break
            waited = time.monotonic() - last
            if keys and "pxelinux.cfg/default" in asked_for and waited > LOADED:
                self.type(keys)
                keys, last = "", time.monotonic()
                continue
            if "pxelinux.cfg/default" in asked_for and waited > QUIET or waited > PATIENCE or \
                    time.monotonic() - begun > 120:
                break
        if "pxelinux.cfg/default" not in asked_for:
            return None
        return {"requests": asked(asked_for), "line": line.group(1) if line else None}


def version():
    return {name: subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], check=True,
                                 capture_output=True, text=True).stdout
            for name in ("pxelinux", "syslinux-common")}


def main(words):
    path = os.path.join(HERE, "answers.json")
    known = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            known = json.load(file)["cases"]
    keep = "--new" in words
    names = [w for w in words if w != "--new"]
    wanted = cases()
    with Site(name="judge") as site:
        pxelinux = Pxelinux(site)
        for name, files in wanted.items():
            if (names and name not in names) or (keep and name in known):
                continue
            known[name] = pxelinux.run(files)
            print(f"{name}: {known[name]}", flush=True)
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"packages": version(), "cases": {n: known[n] for n in wanted if n in known}},
                          file, indent=1, ensure_ascii=False)
                file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
