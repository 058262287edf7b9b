# SPDX-License-Identifier: BSD-2-Clause
"""What boot program and init tell by syslog stands in lanyardd's log, with the machine's name, and
nothing else of a stranger's does."""

import re

from tests.host.lanyardd import boot, hold, start

SEND = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for message in eval(sys.argv[1]):
    s.sendto(message, ("192.168.2.2", 514))
"""


def send(site, *messages):
    site.run(["/usr/bin/python3", "-c", SEND, repr(messages)])


def lines(server):
    return re.findall(r"^lanyardd: client: (.*)$", server.log(), re.MULTILINE)


def test_a_machine_s_way(site, root):
    server = start(site, root)
    boot(site)
    server.wait_for("boot after")
    told = lines(server)
    assert [line.split(": ")[2].split()[0] for line in told] == ["loading", "kernel", "initrd", "boot"], told
    for line in told:
        assert re.match(r"52:54:00:12:34:[0-9a-f]{2} \(192\.168\.2\.\d+\): lanyard: ", line), line


def test_strangers(site, root):
    """Control characters, other programs' lines, what is no message, and far too many."""
    server = start(site, root)
    send(site, b"<14>1 - - lanyard-init - - - two\nlines\x1b[2J", b"<14>1 - - cron - - - not ours",
         b"no message", b"", b"<14>" + b"x" * 8000,
         b'<11>1 - - lanyard-init - - [a mac="../../etc/passwd"] last')
    server.wait_for("last")
    assert lines(server) == ["192.168.2.2: lanyard-init: two?lines?[2J", "192.168.2.2: lanyard-init: last"]
    send(site, *[b"<14>1 - - lanyard - - - flood"] * 1500)
    site.run(["sleep", "0.3"])
    send(site, b"<14>1 - - lanyard - - - after the flood")
    server.wait_for("after the flood")
    assert server.log().count("flood") < 600
    server.wait_for("messages of clients are left out")


def test_the_port_is_taken(site, root):
    """Then this machine's own syslog server gets the lines."""
    hold(site, "udp", 514)
    server = start(site, root)
    said, = lines(server)
    assert "UDP port 514: by python3" in said and "elsewhere" in said
    boot(site)


def test_off(site, root):
    server = start(site, root, "--no-syslog")
    boot(site)
    assert not site.bound("udp", 514) and not lines(server)
