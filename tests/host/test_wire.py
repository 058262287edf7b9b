# SPDX-License-Identifier: BSD-2-Clause
"""The cable with faults, `wire`: what it does to frames in real time. What chance does exactly is
measured in virtual time (tests/unit/wire_link.c). Nothing comes early; how late something comes depends on
who else has the processor, so it is the best of many frames that counts."""

import json
import os
import subprocess
import sys

import pytest

from tests.site import Site, Wire
from tests.site.paths import BIN

PROBE = os.path.join(os.path.dirname(__file__), "wire_probe.py")


class Cable:
    def __init__(self, site):
        self.site = site
        self.taps = site.add_tap(bridge=False), site.add_tap(bridge=False)
        self.wire = Wire(site, *self.taps)
        self.counts = None

    def send(self, count=100, size=200, gap=0.2, back=False, **faults):
        """What arrives of so many frames. The interpreter's own delay is the same for all cables."""
        self.wire.change(**faults)
        ends = self.taps[::-1] if back else self.taps
        result = self.site.run([sys.executable, PROBE, *ends, count, size, gap], timeout=20)
        self.counts = self.wire.change()[ends[0]]
        return json.loads(result)


@pytest.fixture(scope="module")
def cable():
    with Site(name="wire", capture=False) as site:
        yield Cable(site)


def delays(arrivals):
    return [(arrived - sent) * 1000 for _, sent, arrived, _ in arrivals]


def test_a_good_cable(cable):
    arrivals = cable.send()
    assert [number for number, *_ in arrivals] == list(range(100))
    assert all(whole for *_, whole in arrivals)
    assert min(delays(arrivals)) < 1
    assert cable.counts["frames"] == 100 and cable.counts["bytes"] == 20_000
    assert sum(cable.counts.values()) == 20_100


@pytest.mark.parametrize("back", [False, True])
def test_delay(cable, back):
    arrivals = cable.send(delay=15, back=back)
    assert len(arrivals) == 100
    assert 15 <= min(delays(arrivals)) < 17


def test_jitter(cable):
    arrivals = cable.send(delay=5, jitter=10, gap=1)
    assert [number for number, *_ in arrivals] == list(range(100))
    assert 5 <= min(delays(arrivals)) < 10 < max(delays(arrivals))


def test_rate(cable):
    """1000 bytes and what a cable adds take 1.024 ms at 8 Mbit/s, however fast they are sent."""
    arrivals = cable.send(count=200, size=1000, gap=0, rate=8)
    assert len(arrivals) == 200
    assert 200 * 1.024 <= arrivals[-1][2] * 1000 <= 200 * 1.024 + 100


def test_loss_is_the_same_for_the_same_seed(cable):
    first = [number for number, *_ in cable.send(count=1000, gap=0, loss=10, seed=5)]
    assert len(first) == 1000 - cable.counts["lost"] and 850 <= len(first) <= 950
    assert [number for number, *_ in cable.send(count=1000, gap=0, loss=10, seed=5)] == first
    assert [number for number, *_ in cable.send(count=1000, gap=0, loss=10, seed=6)] != first


def test_duplicates_and_damage(cable):
    arrivals = cable.send(count=1000, gap=0, dup=10, corrupt=5)
    assert len(arrivals) == 1000 + cable.counts["doubled"] and 1050 <= len(arrivals) <= 1150
    damaged = sum(not whole for *_, whole in arrivals)
    assert damaged == cable.counts["corrupted"] and 20 <= damaged <= 90


def test_reordering(cable):
    numbers = [number for number, *_ in cable.send(count=300, reorder=5)]
    assert sorted(numbers) == list(range(300)) and numbers != sorted(numbers)
    assert 3 <= cable.counts["reordered"] <= 30


def test_cut(cable):
    """It passes 10000 bytes, then nothing for a while."""
    arrivals = cable.send(count=300, size=200, gap=1, cut_after=10_000, cut_for=100)
    numbers = [number for number, *_ in arrivals]
    assert numbers[:50] == list(range(50)) and numbers[-1] == 299
    gap = max(b - a for a, b in zip(numbers, numbers[1:]))
    assert cable.counts["cut"] == gap - 1 and 20 <= gap <= 200


def round_trip(site):
    """ms until the server refuses a connection, 100 at most; asked for twice because of ARP."""
    program = """
import socket, time
for i in range(2):
    with socket.socket() as s:
        s.settimeout(0.1)
        start = time.monotonic()
        s.connect_ex(("192.168.2.2", 9))
print((time.monotonic() - start) * 1000)
"""
    return float(site.run([sys.executable, "-c", program], netns="c1"))


def test_a_site_with_such_a_cable():
    """The server is at its other end."""
    with Site(name="wire", capture=False, link={"delay": 10}) as site:
        site.add_client()
        site.ip("addr", "add", "192.168.2.9/24", "dev", "eth0", netns="c1")
        assert 20 <= round_trip(site) < 90
        site.wire.change(loss=100)
        assert round_trip(site) >= 100
        assert site.wire.stop()["wire1"]["lost"] >= 1


@pytest.mark.parametrize("words", [[], ["a"], ["a", "b", "c"], ["a", "b", "--loss", "101"],
                                   ["a", "b", "--delay", "x"], ["a", "b", "--nonsense"]])
def test_misuse(words):
    done = subprocess.run([os.path.join(BIN, "wire"), *words], capture_output=True, text=True,
                          timeout=5, check=False)
    assert done.returncode == 100 and "usage: wire TAP_A TAP_B" in done.stderr
