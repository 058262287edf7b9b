# SPDX-License-Identifier: BSD-2-Clause
"""A boot that fails sends its tape to lanyardd, where the tape repeats the failure; nothing else can be
written there."""

import os
import re
import subprocess

import pytest

from tests.host.client import PROGRAM, Client, Result, dhcp
from tests.host.kernel import blob, bzimage
from tests.host.lanyardd import Root, start
from tests.host.tree import read, write
from tests.site import Site

MAGIC = b"lanyard tape 2\n"
ASK = "REPLAY ::lanyard.tape\n"
GET = ["curl", "-sf", "http://192.168.2.2/pxelinux.cfg/default"]


class Place:
    """A lanyardd that takes tapes, with files of the administrator's own, and a machine."""

    def __init__(self, site):
        self.site, self.own = site, site.path("own")
        os.makedirs(self.own)
        self.server = start(site, Root(site.path("tree")), "--tftp-root", self.own)
        self.tapes = f"{self.server.state}/tapes"
        self.client = Client(site, self.own, site.add_client())

    def boot(self, config, files=None, *words, ack=None):
        self.seen = len(self.server.log())
        return self.client.boot(config, files or {}, *words, ack=ack)

    def names(self):
        return sorted(os.listdir(self.tapes))

    def clean(self):
        for name in self.names():
            os.unlink(f"{self.tapes}/{name}")


@pytest.fixture(scope="module")
def shared():
    with Site(name="tapes", capture=False) as site:
        place = Place(site)
        yield place
        place.server.stop()


@pytest.fixture
def place(shared):
    shared.clean()
    return shared


def replay(tape, *words):
    """The run again, on this host, where there is neither its card nor its server."""
    done = subprocess.run([PROGRAM, "--replay", tape, "--show", *words], capture_output=True, text=True,
                          errors="replace", timeout=20, check=False)
    assert "ERROR: AddressSanitizer" not in done.stderr and "runtime error" not in done.stderr, done
    return Result(done.returncode, done.stdout, done.stderr)


def requests(result):
    """Those of a boot, without the sending of its tape."""
    return [(r["protocol"], r.get("file"), r["server"], r.get("from_port")) for r in result.of("request")
            if r.get("file") != "lanyard.tape"]


def assert_repeated(first, place, fault):
    """The log names the file and how to play it; playing it meets the same failure after the same requests."""
    name, = place.names()
    told = re.search(r"^lanyardd: tape: 192\.168\.2\.\d+ has sent .*: lanyard-host --replay (\S+)$",
                     place.server.log()[place.seen:], re.MULTILINE)
    assert told and told[1] == f"{place.tapes}/{name}"
    assert re.fullmatch(r"52-54-00-12-34-[0-9a-f]{2}\.tape", name)
    again = replay(told[1])
    end, = again.of("tape_ends")
    assert end["fault"] == fault and end["repeated"] and not end["lost"], again
    assert again.faults[-1] == fault and again.sentence(fault) == first.sentence(fault)
    assert requests(again) == requests(first)[:len(requests(again))] and requests(again)
    return again


def test_a_missing_kernel(place):
    first = place.boot(ASK + "DEFAULT l\nLABEL l\nKERNEL nosuchkernel\n")
    assert first.faults == ["LAN-201"] and "the server has a tape of this" in first.console
    assert_repeated(first, place, "LAN-201")


def test_a_large_file_that_breaks_off(place):
    """Its payload is not on the tape, which is small, and yet is repeated with the same losses."""
    files = {"vmlinuz": bzimage(3_000_000), "long": blob(5_000_000, "a")}
    first = place.boot(ASK + "DEFAULT l\nLABEL l\nKERNEL vmlinuz\nINITRD long,nosuch\n", files)
    assert first.faults == ["LAN-201"]
    assert_repeated(first, place, "LAN-201")
    assert os.path.getsize(f"{place.tapes}/{place.names()[0]}") < 250_000


def test_a_file_that_is_no_kernel_by_http(place):
    files = {"nokernel": blob(400_000, "a"), "vmlinuz": bzimage(2_000_000)}
    first = place.boot(ASK + "DEFAULT l\nLABEL l\nKERNEL http://192.168.2.2/vmlinuz\n"
                       "INITRD http://192.168.2.2/nosuch\n", files)
    assert first.faults == ["LAN-222"]
    assert_repeated(first, place, "LAN-222")
    place.clean()
    first = place.boot(ASK + "DEFAULT l\nLABEL l\nKERNEL http://192.168.2.2/nokernel\n", files)
    assert first.faults == ["LAN-401"]
    assert_repeated(first, place, "LAN-401")


def test_a_person_at_the_prompt(place):
    """Keys are on the tape; so is the time that passed before the next label."""
    first = place.boot(ASK + "DEFAULT l\nPROMPT 1\nTIMEOUT 100\nLABEL l\nKERNEL x\n", None,
                       "--keys", "nosuch a=b\n")
    assert first.faults == ["LAN-201"]
    again = assert_repeated(first, place, "LAN-201")
    assert '"nosuch"' in again.sentence("LAN-201")


def test_several_failures(place):
    """Each is sent with all that was before it; the last one stays."""
    config = ASK + "DEFAULT l\nLABEL l\nKERNEL a\nLABEL m\nKERNEL http://192.168.2.2/b\n"
    first = place.boot(config, None, "--countdown", "wait", "--hurry", "20")
    assert first.faults == ["LAN-201", "LAN-222"]
    again = assert_repeated(first, place, "LAN-222")
    assert again.faults == first.faults and again.of("countdown")


def test_a_tape_that_is_damaged(place):
    """Wherever it is cut, it is played as far as it goes; another seed is another boot."""
    first = place.boot(ASK + "DEFAULT l\nLABEL l\nKERNEL nosuchkernel\n")
    assert first.faults == ["LAN-201"]
    whole = read(f"{place.tapes}/{place.names()[0]}")
    for share in (0.2, 0.5, 0.9):
        path = place.site.path("cut")
        with open(path, "wb") as file:
            file.write(whole[:int(len(whole) * share)])
        assert not replay(path).of("tape_ends")
    with open(path, "wb") as file:
        file.write(whole.replace(b"nosuchkernel", b"yessuchkernl"))  # the checksum is wrong then
    end = replay(path).of("tape_ends")
    assert end == [] or not end[0]["repeated"]


def test_no_configuration(place):
    """Then DHCP can ask for it, bare or inside of option 43."""
    for options in ({224: b"::lanyard.tape"}, {43: b"\xe0\x0e::lanyard.tape"}):
        place.clean()
        first = place.boot(None, None, ack=dhcp(options=options | {210: b"nowhere/"}))
        assert first.faults == ["LAN-301"]
        assert_repeated(first, place, "LAN-301")


def test_a_full_tape(place):
    """What it has is played; then it is said that it had no room for the rest."""
    config = ("#" * 78 + "\n") * 8600 + ASK + "DEFAULT l\nLABEL l\nKERNEL nosuchkernel\n"
    first = place.boot(config)
    assert first.faults == ["LAN-201"]
    again = replay(f"{place.tapes}/{place.names()[0]}")
    end, = again.of("tape_ends")
    assert end["fault"] == "LAN-201" and not end["repeated"] and end["lost"] > 0
    assert "the tape was full after" in again.console and again.faults == []
    assert requests(again) == requests(first)[:-1]


@pytest.mark.parametrize("name, faults", [("bios-missing-kernel", ["LAN-201"]),
                                          ("efi-missing-kernel-http", ["LAN-222"])])
def test_kept(name, faults):
    """tests/tapes: what machines have met."""
    again = replay(f"{os.path.dirname(__file__)}/../tapes/{name}.tape")
    end, = again.of("tape_ends")
    assert again.faults == faults and end["repeated"] and end["fault"] == faults[-1]


def test_nobody_asks(place):
    """Then the screen says how to ask, once, and nothing is sent."""
    result = place.boot("DEFAULT l\nLABEL l\nKERNEL a\nLABEL m\nKERNEL b\n", None, "--countdown", "expire,expire")
    assert result.faults[:2] == ["LAN-201", "LAN-201"]
    assert result.console.count("REPLAY") == 1 and place.names() == []
    assert not [r for r in result.of("request") if "tape" in (r.get("file") or "")]


@pytest.mark.parametrize("wish, told", [("http://192.168.2.2/x", "LAN-212"), ("nohost::x", "LAN-212"),
                                        ("x" * 300, "LAN-302"), ("::other", "LAN-203")])
def test_a_wish_that_cannot_be_met(place, wish, told):
    """It is said, once, and the boot goes on."""
    result = place.boot(f"REPLAY {wish}\nDEFAULT l\nLABEL l\nKERNEL nosuchkernel\nLABEL m\nKERNEL b\n", None,
                        "--countdown", "expire")
    assert result.faults == ["LAN-201", told, "LAN-201"] and len(result.of("countdown")) == 2 and place.names() == []


def test_a_name_for_each_machine(place):
    """Below a directory, for other servers."""
    result = place.boot("REPLAY tapes/\nDEFAULT l\nLABEL l\nKERNEL nosuchkernel\n")
    assert re.search(r'"tapes/52-54-00-12-34-[0-9a-f]{2}\.tape": this server only', result.sentence("LAN-203"))


def test_lanyardd_asks_by_itself():
    with Site(name="tapes2", capture=False) as site:
        root = Root(site.path("tree"))
        server = start(site, root)
        assert ASK in site.run(GET)
        server.stop()
        server = start(site, root, "--no-tapes", state=server.state)
        assert "REPLAY" not in site.run(GET)
        assert "only gives files out" in put(site, b"lanyard.tape", MAGIC)


# Strangers

WRITER = """
import socket, struct, sys
name, blksize, content, options, more, source = eval(sys.argv[1])
if more:
    content += bytes(more)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
s.bind((source, 0))
s.sendto(struct.pack(">H", 2) + name + b"\\0octet\\0" + options, ("192.168.2.2", 69))
def said(packet):
    print({3: "data", 4: "ack", 5: "error", 6: "oack"}[packet[1]], packet[2:].decode("latin-1").rstrip("\\0"), flush=True)
    return packet[1] in (4, 6)
try:
    packet, peer = s.recvfrom(1500)
    good = said(packet)
    block = 0
    while good and content is not None:
        piece, content = content[:blksize], content[blksize:]
        block += 1
        s.sendto(struct.pack(">HH", 3, block % 65536) + piece, peer)
        packet = s.recv(1500)
        if packet[1] != 4:
            said(packet)
            break
        if len(piece) < blksize:
            print("taken", flush=True)
            break
except socket.timeout:
    print("silence", flush=True)
"""


def put(site, name, content, blksize=512, options=b"", more=0, source=""):
    return site.run(["/usr/bin/python3", "-c", WRITER, repr((name, blksize, content, options, more, source))])


def test_what_is_no_tape(place):
    site = place.site
    assert "it is no tape" in put(site, b"lanyard.tape", b"#!/bin/sh\n")
    assert "it is no tape" in put(site, b"lanyard.tape", b"")
    assert "too large" in put(site, b"lanyard.tape", b"", options=b"tsize\0" b"99999999\0")
    assert "too large" in put(site, b"lanyard.tape", MAGIC, blksize=1428, options=b"blksize\0" b"1428\0",
                              more=2_000_000)
    for name in (b"x", b"lanyard.tape2", b"../lanyard.tape/x", b"vmlinuz", b"pxelinux.cfg/default"):
        assert "only gives files out" in put(site, name, MAGIC), name
    assert place.names() == []


def test_names_are_not_the_clients(place):
    assert "taken" in put(place.site, b"lanyard.tape", MAGIC + bytes(2000))
    assert "taken" in put(place.site, b"../../etc/lanyard.tape", MAGIC + b"x" * 1009)  # only the last part counts
    name, = place.names()
    assert read(f"{place.tapes}/{name}") == MAGIC + b"x" * 1009
    assert os.stat(place.tapes).st_mode & 0o777 == 0o700


def test_one_that_breaks_off(place):
    put(place.site, b"lanyard.tape", None)
    name, = place.names()
    assert name.startswith("partial.")
    place.server.wait_for("fallen silent", timeout=15)
    assert place.names() == []


def test_a_room_of_machines(place):
    """One whose tape is whole keeps no place from another."""
    for i in range(6):
        assert "taken" in put(place.site, b"lanyard.tape", MAGIC, source=f"127.0.0.{i + 1}"), i
    assert place.names() == [f"127.0.0.{i + 1}.tape" for i in range(6)]


def test_only_so_many_stay(place):
    for i in range(40):
        path = write(f"{place.tapes}/{i:02}.tape", "x")
        os.utime(path, (1000 + i, 1000 + i))
    write(f"{place.tapes}/other", "x")
    assert "taken" in put(place.site, b"lanyard.tape", MAGIC)
    assert len(place.names()) == 33 and "other" in place.names()
    assert "08.tape" not in place.names() and "09.tape" in place.names()
