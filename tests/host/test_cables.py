# SPDX-License-Identifier: BSD-2-Clause
"""Boots over cables that delay, lose, double, reorder and damage frames."""

import hashlib
import os

import pytest

from tests.host.client import SERVER, dhcp
from tests.host.conftest import make_client
from tests.host.filed import Filed
from tests.host.kernel import blob, bzimage
from tests.host.test_http import Httpd
from tests.site import Atftpd, Dnsmasq, Site

CONFIG = "DEFAULT l\nLABEL l\nKERNEL vmlinuz\nINITRD a\n"
BAD = {"delay": 1, "jitter": 1, "loss": 1, "dup": 2, "reorder": 2, "corrupt": 0.5}


@pytest.fixture(scope="module")
def segment():
    """A client behind a cable."""
    with Site(name="cables", capture=False, link={}) as site:
        yield make_client(site)


def served(client, kind):
    if kind == "lanyardd":
        return Filed(client.site, roots=[client.root])
    return Atftpd(client.site, client.root) if kind == "atftpd" else Dnsmasq(client.site, tftp_root=client.root)


def windows(result):
    """What was asked for with each file that was loaded."""
    return {e["file"]: e["options"]["windowsize"] for e in result.of("request")
            if os.path.dirname(e["file"]) == ""}


@pytest.mark.parametrize("kind, size", [("lanyardd", 400_000), ("atftpd", 400_000), ("dnsmasq", 60_000)])
def test_a_bad_cable(segment, kind, size):
    server = served(segment, kind)
    segment.site.wire.change(**BAD)
    try:
        result = segment.boot(CONFIG, {"vmlinuz": bzimage(size), "a": blob(size, "a")})
    finally:
        counts = segment.site.wire.change()
        server.stop()
    assert result.plan and result.faults == [], result
    segment.check_contents(result.plan, "vmlinuz")
    assert sum(way[what] for way in counts.values() for what in ("lost", "doubled", "reordered")) > 0


@pytest.mark.parametrize("cable, size", [(BAD, 400_000), ({"delay": 10}, 2_000_000)])
def test_by_http(segment, cable, size):
    server = served(segment, "lanyardd")
    segment.site.wire.change(**cable)
    try:
        result = segment.boot(CONFIG, {"vmlinuz": bzimage(size), "a": blob(size, "a")},
                              ack=dhcp(options={210: f"http://{segment.site.address}/".encode()}))
    finally:
        segment.site.wire.change()
        server.stop()
    assert result.plan and result.faults == [], result
    assert result.files() == []
    assert [f["sha256"] for f in (result.plan["kernel"], result.plan["initrds"][0])] == [
        hashlib.sha256(segment.contents[name]).hexdigest() for name in ("vmlinuz", "a")]


@pytest.mark.parametrize("mode", ["plain", "whole", "single", "cut"])
def test_a_large_file_in_pieces(segment, mode):
    """It comes slowly and with losses: three more connections are tried. What the server makes of them, and
    that it breaks off once, does no harm."""
    server = Httpd(segment.site, segment.root)
    segment.site.wire.change(delay=3, loss=1)
    try:
        result = segment.boot(f"DEFAULT l\nLABEL l\nKERNEL http://{SERVER}/{mode}/vmlinuz\n",
                              {"vmlinuz": bzimage(12 << 20)}, "--hurry", "20",
                              ack=dhcp(options={210: f"http://{SERVER}/plain/".encode()}))
    finally:
        segment.site.wire.change()
        server.stop()
    assert result.plan and set(result.faults) <= ({"LAN-229"} if mode == "cut" else set()), result
    segment.check_contents(result.plan | {"initrds": []}, "vmlinuz")
    asked = {(e["from_port"], e.get("from")) for e in result.of("request")
             if e["file"] == f"/{mode}/vmlinuz"}  # some are sent twice
    if mode == "plain":
        assert len({port for port, _ in asked}) == 4, result
    elif mode != "cut":
        assert 2 <= len(asked) <= 4, result


@pytest.mark.parametrize("kind", ["lanyardd", "atftpd"])
def test_a_long_cable(segment, kind):
    """The kernel comes without a loss in windows of 16, so the initrd is asked for in windows of 64."""
    server = served(segment, kind)
    segment.site.wire.change(delay=5)
    try:
        result = segment.boot(CONFIG, {"vmlinuz": bzimage(400_000), "a": blob(800_000, "a")})
    finally:
        segment.site.wire.change()
        server.stop()
    assert windows(result) == {"vmlinuz": 16, "a": 64}, result
    segment.check_contents(result.plan, "vmlinuz")


def test_a_cable_that_is_out_for_a_while(segment):
    server = served(segment, "atftpd")
    segment.site.wire.change(delay=1, cut_after=300_000, cut_for=700)
    try:
        result = segment.boot(CONFIG, {"vmlinuz": bzimage(400_000), "a": blob(400_000, "a")}, ack=dhcp())
    finally:
        counts = segment.site.wire.change()
        server.stop()
    assert result.plan and result.faults == [], result
    segment.check_contents(result.plan, "vmlinuz")
    assert counts["wire0"]["cut"] + counts["wire1"]["cut"] > 0
