# SPDX-License-Identifier: BSD-2-Clause
"""Runs lanyard-host in a site's client and reads what it prints."""

import contextlib
import hashlib
import ipaddress
import json
import os
import shutil
import subprocess
import threading

import pyte

from tests.site.namespace import kill_group
from tests.site.paths import BIN

PROGRAM = os.path.join(BIN, "lanyard-host")
HWADDR = "52:54:00:12:34:01"
ADDRESS = "192.168.2.50"
SERVER = "192.168.2.2"
UUID = "01234567-89ab-4def-8001-020304050607"


def dhcp(kind=5, address=ADDRESS, server=SERVER, next_server=SERVER, boot_file="lanyard.0",
         options=None, op=2, file_field=True):
    """A DHCP message as a firmware keeps it. `options` {code: bytes} add to the usual ones; a value
    None takes one away."""
    def ip(text):
        return ipaddress.IPv4Address(text or "0.0.0.0").packed

    wanted = {53: bytes([kind])}
    if op == 2:
        wanted |= {54: ip(server), 51: (3600).to_bytes(4, "big"), 1: ip("255.255.255.0"),
                   3: ip(server)}
    wanted |= options or {}
    packet = bytes([op, 1, 6, 0]) + b"\x12\x34\x56\x78" + bytes(8)
    packet += ip(address) + ip(next_server) + bytes(4)
    packet += bytes.fromhex(HWADDR.replace(":", "")) + bytes(10) + bytes(64)
    packet += (boot_file.encode() if file_field else b"").ljust(128, b"\0") + b"\x63\x82\x53\x63"
    for code, value in wanted.items():
        if value is not None:
            packet += bytes([code, len(value)]) + value
    return packet + b"\xff"


def terminal(text):
    """A terminal of 80 by 25 characters that has shown this."""
    screen = pyte.Screen(80, 25)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    return screen


class Result:
    """What one run printed. `plan` is None where none came of it."""

    def __init__(self, status, output, console):
        self.status, self.console = status, console
        self.events = [json.loads(line) for line in output.splitlines()]
        plans = self.of("plan")
        self.plan = plans[0] if plans else None

    def __repr__(self):
        lines = [str({k: v for k, v in e.items() if k != "record"}) for e in self.events]
        return "\n".join([f"exit {self.status}", *lines, self.console])

    def of(self, event):
        return [e for e in self.events if e["event"] == event]

    def files(self, server=False):
        """The files asked for by TFTP, in order; repetitions at once count as one."""
        names = []
        for e in self.of("request"):
            if e["protocol"] == "tftp":
                name = f"{e['server']} {e['file']}" if server else e["file"]
                if names[-1:] != [name]:
                    names.append(name)
        return names

    def loaded(self):
        """The files asked for after the configuration was found."""
        files = self.files()
        return files[next(i for i, f in enumerate(files) if f.endswith("default")) + 1:]

    @property
    def faults(self):
        return [e["id"] for e in self.of("fault")]

    def sentence(self, number):
        """The sentence of the first fault with that id."""
        return next(e["sentence"] for e in self.of("fault") if e["id"] == number)

    @property
    def line(self):
        return self.plan["command_line"] if self.plan else None

    @property
    def initrds(self):
        return [initrd["file"] for initrd in self.plan["initrds"]] if "initrds" in self.plan else []


class Client:
    """A client of `site`, whose server serves the files of `root`."""

    def __init__(self, site, root, netns):
        self.site, self.root, self.netns = site, root, netns
        self.contents = {}

    def serve(self, files):
        """Make the server's tree consist of these {name: text or bytes}."""
        for name in os.listdir(self.root):
            path = os.path.join(self.root, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        self.contents = {name: content.encode() if isinstance(content, str) else content
                         for name, content in files.items()}
        for name, content in self.contents.items():
            path = os.path.join(self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)

    def _argv(self, *words, interface="eth0", ack=None, discover=None, proxy=None):
        argv = [PROGRAM, "--iface", interface, "--show", *words]
        for option, packet in (("ack", ack), ("discover", discover), ("proxy", proxy)):
            if packet:
                path = self.site.path(f"firmware-{option}")
                with open(path, "wb") as file:
                    file.write(packet)
                argv += [f"--{option}", path]
        return argv

    def run(self, *words, timeout=30, on_event=None, **options):
        """One run to its end. on_event(event) is called as lines are printed."""
        process = self.site.popen(self._argv(*words, **options), netns=self.netns, text=True,
                                  errors="replace", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        watch = threading.Timer(timeout, lambda: kill_group(process))
        console = []
        reader = threading.Thread(target=lambda: console.append(process.stderr.read()))
        watch.start()
        reader.start()
        lines = []
        with contextlib.closing(process.stdout):
            for line in process.stdout:
                lines.append(line)
                if on_event:
                    on_event(json.loads(line))
        status = process.wait()
        watch.cancel()
        reader.join()
        process.stderr.close()
        result = Result(status, "".join(lines), console[0])
        assert "ERROR: AddressSanitizer" not in result.console, result
        assert "runtime error:" not in result.console, result
        assert status in (0, 1), result
        assert not any(fault["cut"] for fault in result.of("fault")), result
        return result

    def boot(self, config, files, *words, ack=dhcp(), **options):
        """Serves a configuration and files, and boots with the firmware's lease."""
        tree = dict(files)
        if config is not None:
            tree["pxelinux.cfg/default"] = config
        self.serve(tree)
        return self.run(*words, ack=ack, **options)

    def check_contents(self, plan, kernel):
        """What was loaded is byte for byte what was served."""
        def sha256(name):
            return hashlib.sha256(self.contents[name]).hexdigest()

        assert plan["kernel"]["sha256"] == sha256(kernel)
        assert plan["kernel"]["size"] == len(self.contents[kernel])
        for initrd in plan.get("initrds", []):
            assert initrd["sha256"] == sha256(initrd["file"])
            assert initrd["size"] == len(self.contents[initrd["file"]])
        assert plan.get("left_over", 0) == 0
