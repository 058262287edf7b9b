# SPDX-License-Identifier: BSD-2-Clause
"""What a run was given is kept on a tape, and the run repeated from it without a network."""

import subprocess

import pytest

from tests.host.client import PROGRAM, Result, dhcp
from tests.host.kernel import blob, bzimage
from tests.host.test_faults import tftpd
from tests.host.test_milestones import SERVER

FILES = {"vmlinuz": bzimage(100_000), "a": blob(70_001, "a")}
CONFIG = "DEFAULT l\nLABEL l\nKERNEL vmlinuz\nINITRD a\n"


def replay(tape, *words, timeout=20):
    """The run again, on this host, where there is neither its card nor its server."""
    done = subprocess.run([PROGRAM, "--replay", tape, "--show", *words], capture_output=True, text=True,
                          errors="replace", timeout=timeout, check=False)
    assert "ERROR: AddressSanitizer" not in done.stderr and "runtime error" not in done.stderr, done
    return Result(done.returncode, done.stdout, done.stderr)


def without_times(event):
    """The record has a timeline in it."""
    return {name: value for name, value in event.items() if name != "record"}


def record(client, *words, **options):
    tape = client.site.path("tape")
    return client.run("--record", tape, *words, **options), tape


def assert_the_same(first, second):
    assert [without_times(e) for e in second.events] == [without_times(e) for e in first.events], second
    assert second.status == first.status


@pytest.mark.parametrize("ack", [dhcp(), None], ids=["lease", "dhcp"])
def test_a_boot(dnsmasq, ack):
    """With the firmware's lease, and with DHCP."""
    dnsmasq.serve(FILES | {"pxelinux.cfg/default": CONFIG})
    first, tape = record(dnsmasq, ack=ack)
    assert first.plan and first.of("request")
    second = replay(tape)
    assert_the_same(first, second)
    dnsmasq.check_contents(second.plan, "vmlinuz")
    assert_the_same(second, replay(tape))


def test_a_failure(dnsmasq):
    dnsmasq.serve({"pxelinux.cfg/default": CONFIG + "PROMPT 1\n", "second": bzimage()})
    first, tape = record(dnsmasq, "--keys", "nosuch\nsecond\n", ack=dhcp())
    assert first.faults == ["LAN-201"] and first.plan
    assert_the_same(first, replay(tape))


def test_losses(segment):
    tftpd(segment.site, segment.root, "lossy")
    segment.serve(FILES | {"pxelinux.cfg/default": CONFIG})
    first, tape = record(segment, ack=dhcp())
    assert first.plan and first.console.count("loading it from its") == 2
    second = replay(tape)
    assert_the_same(first, second)
    assert second.console.count("loading it from its") == 2


def test_a_silent_server(segment):
    """It waits as long as it waited, which takes no time."""
    first, tape = record(segment, "--hurry", "100", ack=dhcp(server="192.168.2.9", next_server="192.168.2.9"))
    assert set(first.faults) == {"LAN-107"}
    second = replay(tape, timeout=5)
    assert second.faults == first.faults and second.of("countdown") == first.of("countdown"), second


def test_behind_the_end_of_a_tape_nobody_answers(dnsmasq):
    dnsmasq.serve(FILES | {"pxelinux.cfg/default": CONFIG})
    _, tape = record(dnsmasq, ack=dhcp())
    for share in (0.9, 0.5, 0.1):
        with open(tape, "rb") as file:
            content = file.read()
        with open(tape + ".cut", "wb") as file:
            file.write(content[:int(len(content) * share)])
        result = replay(tape + ".cut")
        assert not result.plan and result.faults, result
        assert set(result.faults) <= {"LAN-107", "LAN-204", "LAN-205"}, result
        assert SERVER in result.sentence(result.faults[0])


@pytest.mark.parametrize("content", [b"", b"no tape at all", b"lanyard tape 1\n"])
def test_no_tape(tmp_path, content):
    (tmp_path / "tape").write_bytes(content)
    done = subprocess.run([PROGRAM, "--replay", tmp_path / "tape"], capture_output=True, text=True,
                          timeout=10, check=False)
    assert done.returncode == 100 and "is no tape" in done.stderr
