# SPDX-License-Identifier: BSD-2-Clause
"""A site: one Ethernet segment with a server on it, in a namespace of its own.

    bridge br0, address SERVER/24          <- dnsmasq, dhcpd, in.tftpd, ganesha, httpd listen here
      |- tap0, tap1 ...                    <- QEMU machines (Machine), or any program that opens taps
      `- veth of the client netns c1 ...   <- programs on this host that play the client

With link=..., the clients' ports are on a second bridge, and `wire` joins the two:

    br0 - wire0 =(delay, loss ...)= wire1 - br1 - tap0, c1 ...

Everything a site makes lies in the namespace or in `site.dir`; both are gone when the site is
closed. The directory stays when the site is left by an exception, or with keep=True, so that the
logs and the packet capture can be read.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from .namespace import Namespace, kill_group
from .wire import Wire


class Site:
    """One Ethernet segment; a context manager. link: the faults of the cable between the server and
    all others, as Wire takes them, e.g. {"delay": 2, "loss": 1}; {} for a cable that can be made bad
    later with site.wire.change()."""

    def __init__(self, address="192.168.2.2", prefix=24, capture=True, keep=False, name="site",
                 ipv6=False, link=None):
        self.address = address
        self.prefix = prefix
        self.keep = keep
        self._taps = 0
        self._closers = []
        self.clients_bridge = "br0"
        self.dir = tempfile.mkdtemp(prefix=f"lanyard-{name}-")
        os.chmod(self.dir, 0o755)  # servers that drop root still read their files
        self.namespace = None
        try:
            self.namespace = Namespace()
            if not ipv6:  # no neighbour discovery in between
                self.run(["sh", "-c", "cd /proc/sys/net/ipv6/conf 2>/dev/null || exit 0; "
                          "echo 1 > all/disable_ipv6; echo 1 > default/disable_ipv6"])
            self._make_bridge()
            self.wire = self._make_wire(link) if link is not None else None
            self.capture = self._start_capture() if capture else None
        except BaseException:
            self.close()
            raise

    # Life

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None and not issubclass(kind, (KeyboardInterrupt, SystemExit)):
            self.keep = True
        self.close()

    def close(self):
        """Stop everything inside, remove interfaces and (unless kept) the directory."""
        for stop in reversed(self._closers):
            try:
                stop()
            except Exception as error:  # the rest has to go all the same
                print(f"site: while closing: {error}", file=sys.stderr)
        self._closers = []
        if self.namespace:
            self.namespace.close()
        if self.keep:
            print(f"site: logs and packet capture are in {self.dir}", file=sys.stderr)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    def on_close(self, stop):
        """Have stop() called when the site is closed; the last one registered goes first."""
        self._closers.append(stop)

    # Wires

    def _make_bridge(self):
        self.ip("link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0",
                "mcast_snooping", "0")
        self.ip("addr", "add", f"{self.address}/{self.prefix}", "brd", "+", "dev", "br0")
        self.ip("link", "set", "br0", "up")

    def _make_wire(self, faults):
        self.clients_bridge = "br1"
        self.ip("link", "add", "br1", "type", "bridge", "stp_state", "0", "forward_delay", "0",
                "mcast_snooping", "0")
        self.ip("link", "set", "br1", "arp", "off", "up")  # it has no address to answer for
        for name, bridge in (("wire0", "br0"), ("wire1", "br1")):
            self.ip("tuntap", "add", "dev", name, "mode", "tap")
            self.ip("link", "set", name, "master", bridge)
        return Wire(self, "wire0", "wire1", **faults)

    def ip(self, *words, netns=None):
        """Run ip(8) inside."""
        return self.run(["ip", *words], netns=netns)

    def add_tap(self, bridge=True):
        """A new tap interface, a port of the clients' bridge unless told otherwise; returns its
        name."""
        name = f"tap{self._taps}"
        self._taps += 1
        self.ip("tuntap", "add", "dev", name, "mode", "tap")
        if bridge:
            self.ip("link", "set", name, "master", self.clients_bridge)
        self.ip("link", "set", name, "up")
        return name

    def add_client(self, name="c1", device="eth0", mac="52:54:00:12:34:01"):
        """A client netns for a program on this host: its interface `device` is on the segment, is
        up, and has no address. Run programs in it with netns=name. The offload of transmit
        checksums is off on both ends and on the bridge, so that every frame arrives complete."""
        self.ip("netns", "add", name)
        self.ip("link", "add", f"v-{name}", "type", "veth", "peer", "name", device,
                "address", mac, "netns", name)
        self.ip("link", "set", f"v-{name}", "master", self.clients_bridge)
        self._checksums_in_software(f"v-{name}", "br0")
        self._checksums_in_software(device, netns=name)
        self.ip("link", "set", f"v-{name}", "up")
        self.ip("link", "set", "lo", "up", netns=name)
        self.ip("link", "set", device, "up", netns=name)
        return name

    def _checksums_in_software(self, *devices, netns=None):
        offload = os.path.join(os.path.dirname(os.path.abspath(__file__)), "offload.py")
        self.run([sys.executable, offload, *devices], netns=netns)

    def link(self, port, up):
        """Plug a port of the bridge in or out."""
        self.ip("link", "set", port, "up" if up else "down")

    # Programs

    def run(self, argv, **kwargs):
        """Run a command inside to its end; returns its output. See Namespace.run."""
        return self.namespace.run(argv, **kwargs)

    def popen(self, argv, **kwargs):
        """Start a program inside; it is killed with the site. See Namespace.popen."""
        process = self.namespace.popen(argv, **kwargs)
        self.on_close(lambda: kill_group(process, signal.SIGTERM))
        return process

    def bound(self, kind, port):
        """Whether a program inside has bound this 'udp' or 'tcp' port."""
        flag = "-lnu" if kind == "udp" else "-lnt"
        return any(line.split()[3].endswith(f":{port}") for line in
                   self.run(["ss", flag, "-H"]).splitlines())

    def path(self, *names):
        """A path in the site's directory."""
        return os.path.join(self.dir, *names)

    # Capture

    def _start_capture(self):
        """Record the segment (the first 512 bytes of every frame) into site.pcap."""
        path = self.path("site.pcap")
        process = self.popen(["tcpdump", "-i", "br0", "-s", "512", "-U", "--immediate-mode",
                              "-w", path, "-Z", "root"], stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 10
        while not (os.path.exists(path) and os.path.getsize(path) >= 24):
            if process.poll() is not None:
                raise RuntimeError("tcpdump: " + process.stderr.read().strip())
            if time.monotonic() > deadline:
                raise RuntimeError("tcpdump does not start")
            time.sleep(0.05)
        return path

    def frames(self, display_filter, *fields):
        """What tshark finds in the capture so far: one tuple of field values per frame that the
        display filter matches, e.g. frames("tftp.opcode == 1", "tftp.source_file")."""
        argv = ["tshark", "-n", "-r", self.capture, "-Y", display_filter, "-T", "fields"]
        for field in fields:
            argv += ["-e", field]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
        if done.returncode not in (0, 2):  # 2: the last frame is still being written
            raise RuntimeError("tshark: " + done.stderr.strip())
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]
