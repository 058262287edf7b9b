# SPDX-License-Identifier: BSD-2-Clause
"""Our file services (TFTP and HTTP) as a process of a site, and a TFTP client that can lie."""

import os
import re
import socket
import struct
import time

from tests.host.nfsd import inside
from tests.site.paths import BUILD
from tests.site.servers import Server

RRQ, WRQ, DATA, ACK, ERROR, OACK = range(1, 7)


class Filed(Server):
    """Serves `roots`, `directories` {name: directory} and `files` {name: file}."""

    ready = "serving"

    def __init__(self, site, *options, roots=(), directories=None, files=None, http_port=80):
        self.options, self.roots, self.http_port = options, roots, http_port
        self.directories, self.files = directories or {}, files or {}
        super().__init__(site)

    def argv(self):
        return [f"{BUILD}/tests/filed", "-p", str(self.http_port), *self.options,
                *(word for root in self.roots for word in ("-r", root)),
                *(word for name, path in self.directories.items() for word in ("-d", f"{name}={path}")),
                *(f"{name}={path}" for name, path in self.files.items())]

    def stop(self):
        """SIGTERM. Fails if a sanitizer had something to say, leaked memory included."""
        if self.process:
            super().stop()
            deadline = time.monotonic() + 20
            while self.site.run(["pgrep", "-r", "D,R,S,T,t", "-x", "filed"], check=False):
                assert time.monotonic() < deadline, f"filed does not end: {self.log()[-2000:]}"
                time.sleep(0.02)
        report = re.search(r"(AddressSanitizer|LeakSanitizer|runtime error).*", self.log(), re.DOTALL)
        assert not report, f"the server's log says:\n{report.group()[:4000]}"

    def wait_log(self, text, timeout=10):
        """Until the log says this; returns the log."""
        deadline = time.monotonic() + timeout
        while text not in self.log():
            assert time.monotonic() < deadline, f"no '{text}' in:\n{self.log()[-3000:]}"
            time.sleep(0.02)
        return self.log()

    def pid(self):
        """As the host counts. The site has only one."""
        return int(self.site.run(["pgrep", "-x", "filed"]).split()[0])

    def descriptors(self):
        """How many it has open."""
        return len(self.site.run(["ls", f"/proc/{self.pid()}/fd"]).split())

    def wait_idle(self, descriptors, timeout=20):
        """Until it has that many descriptors open, and so no session."""
        deadline = time.monotonic() + timeout
        while self.descriptors() != descriptors:
            assert time.monotonic() < deadline, f"{self.descriptors()} are open, not {descriptors}"
            time.sleep(0.05)


class Tftp:
    """One port of a client within a site."""

    def __init__(self, site, port=0, source=None, to=None):
        with inside(site):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((source or site.address, port))
        self.socket.settimeout(5)
        self.server = (to or site.address, 69)
        self.peer = None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.socket.close()

    @property
    def port(self):
        return self.socket.getsockname()[1]

    def request(self, name, mode="octet", opcode=RRQ, to=None, **options):
        if isinstance(name, str):
            name = name.encode()
        words = [name, mode.encode()]
        for option, value in options.items():
            words += [option.encode(), str(value).encode()]
        self.raw(struct.pack("!H", opcode) + b"".join(word + b"\0" for word in words), to)

    def raw(self, packet, to=None):
        self.socket.sendto(packet, to or self.server)

    def receive(self, timeout=5):
        """The next packet: (opcode, number, rest); None if none comes."""
        self.socket.settimeout(timeout)
        try:
            packet, self.peer = self.socket.recvfrom(70000)
        except TimeoutError:
            return None
        opcode = struct.unpack_from("!H", packet)[0]
        if opcode == OACK:
            words = packet[2:].split(b"\0")[:-1]
            return opcode, 0, dict(zip((w.decode() for w in words[::2]), words[1::2]))
        return opcode, struct.unpack_from("!H", packet, 2)[0], packet[4:]

    def ack(self, number):
        self.socket.sendto(struct.pack("!HH", ACK, number & 0xffff), self.peer)

    def error(self, code=0, text=b"enough"):
        self.socket.sendto(struct.pack("!HH", ERROR, code) + text + b"\0", self.peer)

    def expect_error(self, code, words=""):
        opcode, number, text = self.receive()
        assert (opcode, number) == (ERROR, code), (opcode, number, text)
        assert words in text.decode(), text
        assert text.endswith(b"\0")

    def fetch(self, name, mode="octet", **options):
        """The whole file, and what the server granted."""
        self.request(name, mode, **options)
        granted, packet = {}, self.receive()
        if packet and packet[0] == OACK:
            granted = packet[2]
            self.ack(0)
            packet = self.receive()
        return self.take(int(granted.get("blksize", 512)), int(granted.get("windowsize", 1)), packet), granted

    def take(self, block, window=1, packet=None):
        """Blocks up to the last one; repetitions and losses do not matter."""
        content, number = [], 0
        while True:
            packet = packet or self.receive()
            assert packet and packet[0] in (DATA, OACK), packet
            if packet[:2] == (DATA, number + 1 & 0xffff):
                number += 1
                content.append(packet[2])
                if len(packet[2]) < block:
                    self.ack(number)
                    return b"".join(content)
                if number % window == 0:
                    self.ack(number)
            packet = None


def make(path, content=b"", mode=0o644):
    """A file with its directories."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)
    return path
