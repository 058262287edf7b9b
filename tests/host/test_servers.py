# SPDX-License-Identifier: BSD-2-Clause
"""Whole boots, DHCP included, from servers that others wrote."""

import pytest

from tests.host.client import HWADDR, SERVER
from tests.host.kernel import blob, bzimage
from tests.host.test_faults import tftpd
from tests.site import Atftpd, Dnsmasq, Httpd, IscDhcpd, TftpdHpa

FILES = {
    "pxelinux.cfg/default": "DEFAULT l\nLABEL l\nKERNEL vmlinuz\nINITRD none,one,sub/exact,big\n",
    "vmlinuz": bzimage(3_000_000),
    "none": blob(1, "none"), "one": blob(511, "one"), "sub/exact": blob(1428 * 512, "exact"),
    "big": blob(5_000_003, "big"),
}
INITRDS = ["none", "one", "sub/exact", "big"]


def start_dnsmasq(segment):
    Dnsmasq(segment.site, tftp_root=segment.root, boot_file="lanyard.0")


def start_hpa(segment):
    IscDhcpd(segment.site)
    TftpdHpa(segment.site, segment.root)


def start_atftpd(segment):
    IscDhcpd(segment.site)
    Atftpd(segment.site, segment.root)


def start_plain(segment):
    IscDhcpd(segment.site)
    tftpd(segment.site, segment.root, "plain")


@pytest.mark.parametrize("start", [start_dnsmasq, start_hpa, start_atftpd, start_plain])
def test_boot(segment, start):
    start(segment)
    segment.serve(FILES)
    result = segment.run()
    assert result.plan and result.faults == [], result
    assert result.initrds == INITRDS
    segment.check_contents(result.plan, "vmlinuz")
    assert result.plan["initrd_size"] == 8192 + sum((len(FILES[i]) + 3) & ~3 for i in INITRDS)


def test_sizes_are_asked_for_first(segment):
    """Kernel, the sizes of all initrds, then the initrds."""
    start_hpa(segment)
    segment.serve(FILES)
    result = segment.run()
    assert result.loaded() == ["vmlinuz", *INITRDS, *INITRDS], result


def test_every_transfer_has_a_port_of_its_own(dnsmasq):
    dnsmasq.serve(FILES)
    result = dnsmasq.run("--seed", "00" * 16)
    ports = [e["from_port"] for e in result.of("request") if e["protocol"] == "tftp"]
    assert len(set(ports)) == len(ports) > 10


def test_the_same_seed_gives_the_same_boot(dnsmasq):
    dnsmasq.serve(FILES)
    runs = [dnsmasq.run("--seed", seed).of("request") for seed in ("11" * 16, "11" * 16, "22" * 16)]
    ports = [[e["from_port"] for e in run if e["protocol"] == "tftp"][:5] for run in runs]
    assert ports[0] == ports[1] != ports[2]


def test_two_cards_the_one_with_a_server_is_used(segment):
    site = segment.site
    site.ip("link", "add", "v-dead", "type", "veth", "peer", "name", "eth1", "address",
            "52:54:00:12:34:02", "netns", segment.netns)
    site.ip("link", "set", "v-dead", "up")
    site.ip("link", "set", "eth1", "up", netns=segment.netns)
    start_dnsmasq(segment)
    segment.serve(FILES)
    for others in (("--iface", "eth1"), ()):
        result = segment.run(*others)
        assert result.plan, result
        assert f"hwaddr {HWADDR}\n" in result.plan["record"]["lanyard/nic"]


def test_a_server_behind_a_router(segment):
    """On-link the next server is not: its frames go to the lease's router."""
    site = segment.site
    site.ip("addr", "add", "10.1.1.1/32", "dev", "lo")
    Dnsmasq(site, tftp_root=segment.root, extra=["listen-address=10.1.1.1", f"dhcp-option=3,{SERVER}",
                                                 "dhcp-boot=lanyard.0,server,10.1.1.1", "interface=lo"])
    segment.serve(FILES)
    result = segment.run()
    assert result.plan, result
    assert result.files(server=True)[-1] == "10.1.1.1 big"


@pytest.mark.parametrize("firmware, arch, number", [("bios", None, 0), ("efi", None, 7), ("efi", "16", 16)])
def test_dhcp_tells_the_architecture(dnsmasq, firmware, arch, number):
    dnsmasq.serve(FILES)
    words = ["--firmware", firmware] + (["--arch", arch] if arch else [])
    result = dnsmasq.run(*words)
    discover = bytes.fromhex(result.plan["record"]["lanyard/dhcpdiscover"])
    assert b"\x5d\x02" + number.to_bytes(2, "big") in discover
    assert f"PXEClient:Arch:{number:05}:UNDI".encode() in discover


def test_where_http_boot_has_led(segment):
    """The files lie beside the URL's, on its server, whatever DHCP says."""
    Dnsmasq(segment.site, boot_file="elsewhere/lanyardx64.efi")
    Httpd(segment.site, segment.root)
    segment.serve({f"some/where/{name}": content for name, content in FILES.items()})
    result = segment.run("--url", f"http://{SERVER}/some/where/lanyardx64.efi", "--firmware", "efi")
    assert result.plan, result
    asked = [e for e in result.of("request") if e["protocol"] != "dhcp"]
    assert {(e["protocol"], e["server"]) for e in asked} == {("http", SERVER)}
    assert asked[-1]["file"] == "/some/where/big"


def test_over_a_tap(dnsmasq):
    """On the server's bridge there is no client machine at all: the tap's other end is ours."""
    tap = dnsmasq.site.add_tap()
    dnsmasq.serve(FILES)
    netns, dnsmasq.netns = dnsmasq.netns, None
    try:
        result = dnsmasq.run(interface=tap)
    finally:
        dnsmasq.netns = netns
    assert result.plan, result
    dnsmasq.check_contents(result.plan, "vmlinuz")
