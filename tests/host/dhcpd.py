# SPDX-License-Identifier: BSD-2-Clause
"""Our DHCP service as a process of a site, foreign servers on the same segment, and a client whose
every message is made by hand."""

import contextlib
import fcntl
import ipaddress
import os
import re
import select
import signal
import struct
import time

from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import bind_bottom_up

from tests.host.nfsd import inside
from tests.site import Dnsmasq
from tests.site.namespace import kill_group
from tests.site.paths import BUILD
from tests.site.servers import Server

SERVER = "192.168.2.2"
PXE = 4011  # a proxy's second port
bind_bottom_up(UDP, BOOTP, sport=PXE)
TYPES = {"discover": 1, "offer": 2, "request": 3, "decline": 4, "ack": 5, "nak": 6, "release": 7,
         "inform": 8}


def hwaddr_of(site, device):
    return site.ip("-o", "link", "show", device).split("link/ether ")[1].split()[0]


class Dhcpd(Server):
    """auto: it looks for other servers first; `wait`: until it has found none. leaks: it looks for
    lost memory when it ends, which takes two seconds."""

    start_timeout = 30

    def __init__(self, site, *options, auto=False, interfaces=("br0",), wait=True, leaks=False):
        self.options, self.auto, self.interfaces, self.leaks = options, auto, interfaces, leaks
        self.ready = "addresses" if auto and wait else "serving"
        super().__init__(site, "dhcpd")

    def argv(self):
        mode = [] if self.auto or "-x" in self.options else ["-p"]
        leaks = f"ASAN_OPTIONS=detect_leaks={int(self.leaks)}"
        return ["env", leaks, f"{BUILD}/tests/dhcpd", *mode, *self.options, *self.interfaces]

    def kill(self):
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self):
        """SIGTERM. Fails if a sanitizer had something to say."""
        if self.process:
            self._end(signal.SIGTERM)
        report = re.search(r"(AddressSanitizer|LeakSanitizer|runtime error).*", self.log(), re.DOTALL)
        assert not report, f"the server's log says:\n{report.group()[:4000]}"

    def _end(self, number):
        """The signal goes to the server alone, so that its parent, which is nsenter, takes note of its
        end at once; nobody else may do so for seconds."""
        process, self.process = self.process, None
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            for pid in file.read().split():
                os.kill(int(pid), number)
        try:
            process.wait(10)
        finally:
            kill_group(process)

    def wait_for(self, pattern, timeout=10):
        """Wait until its log says so; returns the match."""
        deadline = time.monotonic() + timeout
        while not (found := re.search(pattern, self.log())):
            assert time.monotonic() < deadline, f"no /{pattern}/ in the log:\n{self.log()}"
            time.sleep(0.05)
        return found

    def faults(self):
        return re.findall(r"LAN-\d+", self.log())


class Neighbour(Dnsmasq):
    """A dnsmasq with a machine of its own on the segment."""

    def __init__(self, site, address="192.168.2.3", mac="52:54:00:aa:00:03", name="n1", **options):
        self.netns = site.add_client(name, mac=mac)
        site.ip("addr", "add", f"{address}/24", "dev", "eth0", netns=self.netns)
        self.own = address
        super().__init__(site, **options)

    def config(self):
        return super().config().replace("interface=br0", "interface=eth0").replace(
            self.site.address, self.own)

    def argv(self):
        return ["ip", "netns", "exec", self.netns, *super().argv()]

    def leases(self):
        try:
            with open(self.site.path(self.name + ".leases"), encoding="ascii") as file:
                return file.read()
        except FileNotFoundError:
            return ""


class Answer:
    """A server's message."""

    def __init__(self, frame):
        self.source, self.destination = frame[IP].src, frame[IP].dst
        self.hwaddr_to = frame[Ether].dst
        self.ports = frame[UDP].sport, frame[UDP].dport
        bootp = frame[BOOTP]
        self.xid, self.flags = bootp.xid, int(bootp.flags)
        self.address, self.next_server, self.relay = bootp.yiaddr, bootp.siaddr, bootp.giaddr
        self.file = bootp.file.split(b"\0")[0].decode()
        self.options = self._options(bytes(frame[DHCP]))
        self.kind = {v: k for k, v in TYPES.items()}[self.options[53][0]]
        self.server = self.ip(54)

    @staticmethod
    def _options(area):
        options, at = {}, 0
        while at < len(area) and area[at] != 255:
            if area[at]:
                options[area[at]] = options.get(area[at], b"") + area[at + 2:at + 2 + area[at + 1]]
                at += area[at + 1] + 1
            at += 1
        return options

    def ip(self, code):
        return str(ipaddress.IPv4Address(self.options[code][:4])) if code in self.options else None

    def number(self, code):
        return int.from_bytes(self.options[code], "big") if code in self.options else None

    def text(self, code):
        return self.options[code].decode() if code in self.options else None

    def __repr__(self):
        return f"{self.kind} {self.address} from {self.server}"


class Peer:
    """The other end of a tap: it sends what it is told to, and answers ARP for `address`."""

    def __init__(self, site, mac="52:54:00:00:00:01", bridge="br0"):
        self.mac, self.address, self.xid = mac, None, 0x1000
        name = site.add_tap(bridge=False)
        site.ip("link", "set", name, "master", bridge)
        with inside(site):
            self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(self.fd, 0x400454ca, struct.pack("16sH22x", name.encode(), 0x1002))
        site.on_close(self.close)
        while b"LOWER_UP" not in site.ip("link", "show", name).encode():
            time.sleep(0.01)

    def close(self):
        with contextlib.suppress(OSError):
            os.close(self.fd)

    def frames(self, timeout):
        """What arrives until then; ARP questions are answered on the way."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                continue
            frame = Ether(os.read(self.fd, 2048))
            if ARP in frame and frame[ARP].op == 1 and frame[ARP].pdst == self.address:
                self.raw(Ether(src=self.mac, dst=frame.src) / ARP(
                    op=2, hwsrc=self.mac, psrc=self.address, hwdst=frame.src, pdst=frame[ARP].psrc))
            yield frame

    def raw(self, frame):
        os.write(self.fd, bytes(frame))

    def message(self, kind, mac=None, ciaddr="0.0.0.0", giaddr="0.0.0.0", options=(), to=None,
                source=None, xid=None, ports=None):
        """A client's message as a frame. options: (code, bytes or address)."""
        mac = mac or self.mac
        packed = [(code, ipaddress.IPv4Address(value).packed if isinstance(value, str) else value)
                  for code, value in options]
        area = b"\x63\x82\x53\x63" + bytes([53, 1, TYPES[kind]])
        area += b"".join(bytes([code, len(value)]) + value for code, value in packed) + b"\xff"
        fixed = struct.pack("!4BIHH", 1, 1, 6, 0, self.xid if xid is None else xid, 0, 0)
        fixed += b"".join(ipaddress.IPv4Address(a).packed for a in (ciaddr, "0.0.0.0", "0.0.0.0", giaddr))
        fixed += bytes.fromhex(mac.replace(":", "")) + bytes(10 + 64 + 128)
        sport, dport = ports or (67 if giaddr != "0.0.0.0" else 68, 67)
        return (Ether(src=mac, dst=to or "ff:ff:ff:ff:ff:ff") /
                IP(src=source or ciaddr, dst=SERVER if to else "255.255.255.255") /
                UDP(sport=sport, dport=dport) / (fixed + area))

    def ask(self, kind, timeout=1.5, **how):
        """Sends a message and gives the first answer to it, None if there is none."""
        return next(iter(self.ask_all(kind, timeout, 1, **how)), None)

    def ask_all(self, kind, timeout=1.5, most=9, **how):
        self.xid += 1
        self.raw(self.message(kind, **how))
        answers = []
        for frame in self.frames(timeout):
            if DHCP in frame and frame[BOOTP].op == 2 and frame[BOOTP].xid == self.xid:
                answers.append(Answer(frame))
                if len(answers) == most:
                    break
        return answers

    def ask_frames(self, kind, timeout=0.3, **how):
        """Sends a message and gives all that arrives after it."""
        self.raw(self.message(kind, **how))
        return list(self.frames(timeout))

    def lease(self, **how):
        """DISCOVER and REQUEST; gives the ACK."""
        options = list(how.pop("options", ()))
        offer = self.ask("discover", options=options, **how)
        assert offer and offer.kind == "offer", offer
        ack = self.ask("request", options=[*options, (50, offer.address), (54, offer.server)], **how)
        assert ack and ack.kind == "ack" and ack.address == offer.address, ack
        if how.get("mac", self.mac) == self.mac:
            self.address = ack.address
        return ack

    def renew(self, address=None, unicast_to=None, **how):
        return self.ask("request", ciaddr=address or self.address, to=unicast_to, **how)

    def reboot(self, address, **how):
        """INIT-REBOOT: a client that remembers its address."""
        return self.ask("request", options=[(50, address)], **how)
