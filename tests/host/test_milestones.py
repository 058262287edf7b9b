# SPDX-License-Identifier: BSD-2-Clause
"""The boot program tells by syslog how far it has come."""

import contextlib
import re
import signal
import subprocess
import sys

import pytest

from tests.host.client import ADDRESS, HWADDR, SERVER, dhcp
from tests.host.kernel import blob, bzimage
from tests.site.namespace import kill_group

OTHER = "192.168.2.3"  # an address of the server's too, but one that DHCP does not name
FILES = {"vmlinuz": bzimage(50_000), "a": blob(70_001, "a")}
CONFIG = "DEFAULT l\nLABEL l\nKERNEL vmlinuz\nINITRD a\n"
MESSAGE = re.compile(r'<(\d+)>1 - (\S+) lanyard - (\S+) \[lanyard@32473((?: \w+="[^"]*")*)\] (.*)')

RECEIVER = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 514))
print("ready", flush=True)
while True:
    print(s.recv(2048).decode("ascii"), flush=True)
"""


@contextlib.contextmanager
def receiver(site, address):
    """Gives a list that has the messages when it is left."""
    messages = []
    process = site.popen([sys.executable, "-c", RECEIVER, address], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    try:
        yield messages
    finally:
        kill_group(process, signal.SIGTERM)
        with process.stdout:
            for line in process.stdout:
                found = MESSAGE.fullmatch(line.rstrip("\n"))
                assert found, line
                params = dict(re.findall(r'(\w+)="([^"]*)"', found[4]))
                messages.append((int(found[1]), found[2], found[3], params, found[5]))


def ids(messages):
    return [m[2] for m in messages]


def test_to_the_boot_server(dnsmasq):
    with receiver(dnsmasq.site, SERVER) as messages:
        assert dnsmasq.boot(CONFIG, FILES).plan
    assert ids(messages) == ["plan", "kernel", "initrd", "boot"]
    for priority, host, _, params, _ in messages:
        assert priority == 16 * 8 + 6 and host == ADDRESS
        assert params["mac"] == HWADDR and params["label"] == "l"
    assert messages[0][4] == "loading vmlinuz"
    assert int(messages[1][3]["bytes"]) == len(FILES["vmlinuz"])
    assert int(messages[2][3]["bytes"]) == 70_004  # padded
    last = messages[3][3]
    times = [int(last[stage]) for stage in ("config", "kernel", "initrd", "boot")]
    assert times == sorted(times) and last["ms"] == last["boot"]


@pytest.mark.parametrize("options, append", [({7: bytes([192, 168, 2, 3])}, ""),
                                             ({}, f"APPEND quiet lanyard.log={OTHER}\n"),
                                             ({7: bytes([192, 168, 2, 9])}, f"APPEND lanyard.log={OTHER}\n")])
def test_to_another_log_server(dnsmasq, options, append):
    with receiver(dnsmasq.site, OTHER) as messages:
        assert dnsmasq.boot(CONFIG + append, FILES, ack=dhcp(options=options)).plan
    assert ids(messages) == ["plan", "kernel", "initrd", "boot"]


@pytest.mark.parametrize("word", ["off", "no.such.host", "", f"{SERVER} lanyard.log=off"])
def test_off(dnsmasq, word):
    with receiver(dnsmasq.site, SERVER) as messages:
        assert dnsmasq.boot(CONFIG + f"APPEND lanyard.log={word} root=/dev/nfs\n", FILES).plan
    assert messages == []


def test_a_failure(dnsmasq):
    with receiver(dnsmasq.site, SERVER) as messages:
        dnsmasq.boot("DEFAULT l\nLABEL l\nKERNEL vmlinuz\nINITRD nosuch\n", FILES)
    assert ids(messages) == ["plan", "kernel", "fault"]
    assert messages[2][0] == 16 * 8 + 3 and "LAN-201" in messages[2][4] and "nosuch" in messages[2][4]


@pytest.mark.parametrize("address", [OTHER, "192.168.2.99"])
def test_nobody_listens(dnsmasq, address):
    """The boot neither waits for it nor speaks of it."""
    result = dnsmasq.boot(CONFIG + f"APPEND lanyard.log={address}\n", FILES)
    assert result.plan and result.faults == [], result
