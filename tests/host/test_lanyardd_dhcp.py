# SPDX-License-Identifier: BSD-2-Clause
"""The DHCP service: who gets which address and which boot program, by real clients and by messages
that no real client sends, beside other servers, static machines, and after a restart."""

import os
import random
import socket
import subprocess
import time

import pytest
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import ICMPv6ND_RA, IPv6, in6_chksum
from scapy.layers.l2 import Ether

from tests.host.client import HWADDR
from tests.host.dhcpd import PXE, SERVER, Dhcpd, Neighbour, Peer, hwaddr_of
from tests.host.kernel import blob, bzimage
from tests.host.nfsd import inside
from tests.site import Dnsmasq, Site, TftpdHpa
from tests.site.namespace import program
from tests.site.paths import DEPS

POOL = ("-r", "192.168.2.100-192.168.2.109")
SCRIPT = """#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
set > "$0.$1"
ip addr flush dev "$interface"
ip addr add "$ip/$mask" dev "$interface"
"""


def pxe(arch, kind=b"PXEClient"):
    return [(60, kind + b":Arch:%05d:UNDI:002001" % arch), (93, arch.to_bytes(2, "big"))]


def udhcpc(site, netns, *words):
    """Runs it to its first lease; gives what it told its script."""
    script = site.path("udhcpc.sh")
    with open(script, "w", encoding="ascii") as file:
        file.write(SCRIPT)
    os.chmod(script, 0o755)
    site.run(["busybox", "udhcpc", "-f", "-q", "-n", "-t", "5", "-T", "2", "-i", "eth0",
              "-s", script, *words], netns=netns, timeout=30)
    with open(script + ".bound", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)


# Real clients

def boot(segment):
    """A whole boot by lanyard-host of files that are made for it; gives its Result."""
    segment.serve({"pxelinux.cfg/default": "DEFAULT l\nLABEL l\nKERNEL vmlinuz\nINITRD i\n",
                   "vmlinuz": bzimage(100_000), "i": blob(5000, "i")})
    result = segment.run()
    assert result.plan and result.faults == [], result
    segment.check_contents(result.plan, "vmlinuz")
    return result


def test_the_boot_program(segment):
    """lanyard-host: the address, next-server and the file, then the boot from there."""
    server = Dhcpd(segment.site, auto=True)
    TftpdHpa(segment.site, segment.root)
    result = boot(segment)
    ack = bytes.fromhex(result.plan["record"]["lanyard/dhcpack"])
    assert ack[20:24] == bytes([192, 168, 2, 2]) and ack[108:118] == b"lanyard.0\0"
    server.wait_for(rf"192\.168\.2\.\d+ is {HWADDR}'s, which gets lanyard\.0")
    result = segment.run("--firmware", "efi")
    assert result.plan, result
    ack = bytes.fromhex(result.plan["record"]["lanyard/dhcpack"])
    assert ack[108:122] == b"lanyardx64.efi"


def test_udhcpc(site):
    site.ip("route", "add", "default", "via", "192.168.2.1")
    server = Dhcpd(site, *POOL, "-l", "600")
    client = site.add_client()
    told = udhcpc(site, client, "-x", "hostname:ws1")
    value = {key: text.strip("'") for key, text in told.items()}
    assert value["ip"].startswith("192.168.2.10"), told
    assert value["mask"] == "24" and value["router"] == "192.168.2.1", told
    assert value["lease"] == "600" and value["serverid"] == SERVER, told
    assert value["siaddr"] == SERVER and value["rootpath"] == "/srv/root", told
    assert value.get("boot_file", "") == "", told
    server.wait_for(rf"{value['ip']} is {HWADDR}'s \(ws1\)")
    assert udhcpc(site, client)["ip"] == told["ip"]
    server.kill()
    server.start()
    assert udhcpc(site, client)["ip"] == told["ip"]
    site.popen(["busybox", "udhcpc", "-f", "-i", "eth0", "-p", "/run/udhcpc.pid",
                "-s", site.path("udhcpc.sh")], netns=client, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while server.log().count("is " + HWADDR) < 4:
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.1)
    time.sleep(0.5)  # it is busy with its script
    site.run(["sh", "-c", "kill -USR2 $(cat /run/udhcpc.pid)"])  # release
    server.wait_for(f"{value['ip']} is given up by {HWADDR}")


def test_dhclient(site):
    """The client that most machines had for twenty years."""
    server = Dhcpd(site, *POOL, "-l", "6", "-v")
    client = site.add_client()
    dhclient = program("dhclient", os.path.join(DEPS, "clients"))
    config = site.path("dhclient.conf")
    with open(config, "w", encoding="ascii") as file:
        file.write('send host-name "isc"; send dhcp-client-identifier "isc-client";\n'
                   "initial-interval 1;\n"
                   "request subnet-mask, routers, root-path;\n")
    leases = site.path("dhclient.leases")
    site.popen([dhclient, "-4", "-d", "-cf", config, "-lf", leases, "-pf", "/run/dhclient.pid",
                "-sf", "/bin/true", "eth0"], netns=client, stdout=subprocess.DEVNULL,
               stderr=subprocess.DEVNULL)
    address = server.wait_for(rf"(192\.168\.2\.10\d) is {HWADDR}'s \(isc\)").group(1)
    site.ip("addr", "add", address + "/24", "dev", "eth0", netns=client)
    server.wait_for(rf"{address} is still {HWADDR}'s")  # renewed by unicast
    with open(leases, encoding="ascii") as file:
        lease = file.read()
    assert f"fixed-address {address};" in lease and 'option root-path "/srv/root";' in lease, lease
    assert server.log().count("DHCPOFFER") == 1 and "LAN-" not in server.log()


# Addresses

def test_whole_exchange(site):
    server = Dhcpd(site, *POOL, "-v")
    peer = Peer(site)
    started = time.monotonic()
    offer = peer.ask("discover")
    waited = time.monotonic() - started
    assert offer.kind == "offer" and 0.2 < waited < 0.8, (offer, waited)  # after the ARP check
    assert (offer.source, offer.destination) == (SERVER, "255.255.255.255")
    started = time.monotonic()
    assert peer.ask("discover").address == offer.address
    assert time.monotonic() - started < 0.2  # not again
    ack = peer.ask("request", options=[(50, offer.address), (54, SERVER)])
    assert ack.kind == "ack" and ack.address == offer.address
    assert (ack.number(51), ack.number(58), ack.number(59)) == (3600, 1800, 3150)
    assert ack.ip(1) == "255.255.255.0"
    peer.address = ack.address
    renewed = peer.renew()
    assert renewed.kind == "ack" and renewed.destination == peer.address
    assert renewed.hwaddr_to == peer.mac
    assert "DHCPOFFER" in server.log()
    assert "still" in server.log()


def test_little_is_said_without_v(site):
    server = Dhcpd(site, *POOL)
    peer = Peer(site)
    peer.lease()
    peer.renew()
    lines = [line for line in server.log().splitlines() if peer.mac in line]
    assert lines == [f"lanyardd: dhcp: {peer.address} is {peer.mac}'s"]


def test_wanted_address(site):
    Dhcpd(site, *POOL)
    peer = Peer(site)
    assert peer.ask("discover", options=[(50, "192.168.2.107")]).address == "192.168.2.107"
    other = peer.ask("discover", mac="52:54:00:00:00:02", options=[(50, "192.168.2.107")])
    assert other.address != "192.168.2.107"
    outside = peer.ask("discover", mac="52:54:00:00:00:03", options=[(50, "192.168.2.200")])
    assert outside.address.startswith("192.168.2.10")


def test_one_card_two_identifiers(site):
    """A PXE ROM and the system after it, or two systems on one disk."""
    Dhcpd(site, *POOL)
    peer = Peer(site)
    ids = [(), [(61, b"\0" + bytes(range(16)))], [(61, b"other")]]
    addresses = [peer.lease(options=options).address for options in ids]
    assert len(set(addresses)) == 3
    for options, address in zip(ids, addresses):
        ack = peer.lease(options=options)
        assert ack.address == address
        assert ack.options.get(61) == (options[0][1] if options else None)
    hwaddr = b"\1" + bytes.fromhex(peer.mac.replace(":", ""))
    assert peer.lease(options=[(61, hwaddr)]).address == addresses[0]


def test_after_kill_and_restart_clients_go_on(site):
    server = Dhcpd(site, *POOL)
    peer = Peer(site)
    mine = peer.lease().address
    server.kill()
    server.start()
    renewed = peer.renew(unicast_to=hwaddr_of(site, "br0"))
    assert renewed.kind == "ack" and renewed.address == mine
    server.kill()
    server.start()
    assert peer.reboot(mine).kind == "ack"
    other = "192.168.2.105" if mine != "192.168.2.105" else "192.168.2.106"
    stranger = {"mac": "52:54:00:00:00:09"}
    assert peer.reboot(mine, **stranger).kind == "nak"      # another's
    assert peer.reboot(other, **stranger).kind == "ack"
    assert peer.reboot("192.168.7.7", **stranger).kind == "nak"  # another network's
    assert peer.reboot("192.168.2.50", **stranger, timeout=0.5) is None  # may be another server's
    assert peer.renew("192.168.7.7", **stranger, timeout=0.5) is None
    server.kill()
    server.start()
    assert peer.lease().address == mine


def test_a_static_machine_is_not_hit(site):
    server = Dhcpd(site, *POOL, leaks=True)
    peer = Peer(site)
    mine = peer.ask("discover").address
    server.kill()
    owner = site.add_client("static", mac="52:54:00:bb:00:01")
    site.ip("addr", "add", mine + "/24", "dev", "eth0", netns=owner)
    server.start()
    started = time.monotonic()
    offer = peer.ask("discover")
    assert offer.address != mine and time.monotonic() - started < 1
    server.wait_for(rf"LAN-716 .*: {mine} is used by 52:54:00:bb:00:01 on br0")
    # A client that has the address already, and says so by ARP, is no conflict.
    mine = peer.lease().address
    server.kill()
    server.start()
    assert peer.address == mine and peer.lease().address == mine


def test_every_address_is_used_by_others(site):
    server = Dhcpd(site, "-r", "192.168.2.100-192.168.2.102")
    owner = site.add_client("static", mac="52:54:00:bb:00:01")
    for last in (100, 101, 102):
        site.ip("addr", "add", f"192.168.2.{last}/24", "dev", "eth0", netns=owner)
    peer = Peer(site)
    assert peer.ask("discover") is None
    assert sorted(server.faults()) == ["LAN-711", "LAN-716", "LAN-716", "LAN-716"]


def test_refused_and_released(site):
    server = Dhcpd(site, *POOL)
    peer = Peer(site)
    first = peer.lease().address
    peer.ask("decline", options=[(50, first), (54, SERVER)], timeout=0.3)
    server.wait_for(f"{first} is refused by {peer.mac}")
    second = peer.lease().address
    assert second != first
    # Nobody gives up what is another's.
    peer.ask("release", ciaddr=second, options=[(54, SERVER)], mac="52:54:00:00:00:02", timeout=0.3)
    assert peer.reboot(second, mac="52:54:00:00:00:02").kind == "nak"
    peer.ask("release", ciaddr=second, options=[(54, SERVER)], timeout=0.3)
    server.wait_for(f"{second} is given up by {peer.mac}")
    assert peer.reboot(second, mac="52:54:00:00:00:02").kind == "ack"


def test_inform(site):
    Dhcpd(site, *POOL)
    peer = Peer(site)
    peer.address = "192.168.2.77"
    ack = peer.ask("inform", ciaddr=peer.address)
    assert ack.kind == "ack" and ack.address == "0.0.0.0" and ack.number(51) is None
    assert ack.text(17) == "/srv/root"
    site.ip("route", "add", "10.8.0.0/16", "dev", "br0")
    peer.address = "10.8.0.5"  # an answer could reach it; but it is nobody of this network
    assert peer.ask("inform", ciaddr=peer.address, timeout=0.7) is None


def test_empty_pool_is_said_once(site):
    server = Dhcpd(site, "-r", "192.168.2.100-192.168.2.101")
    peer = Peer(site)
    for number in (1, 2):
        peer.lease(mac=f"52:54:00:00:00:0{number}")
    for number in range(3, 8):
        assert peer.ask("discover", mac=f"52:54:00:00:00:0{number}", timeout=0.4) is None
    assert server.faults() == ["LAN-711"]
    assert "(192.168.2.100-192.168.2.101), 52:54:00:00:00:03 gets none" in server.log()
    assert peer.lease(mac="52:54:00:00:00:01").kind == "ack"


def test_made_up_clients(site):
    """A flood of them: who has a lease keeps it, and who comes later still gets one."""
    server = Dhcpd(site, *POOL)
    peer = Peer(site)
    mine = peer.lease().address
    for number in range(1500):
        peer.raw(peer.message("discover", mac=f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}",
                              xid=5))
        if number % 100 == 0:
            time.sleep(0.01)
    for _ in peer.frames(1):
        pass
    assert peer.renew(mine).kind == "ack"
    assert peer.ask("discover", mac="52:54:00:00:00:02", timeout=0.5) is None
    time.sleep(10)
    assert peer.lease(mac="52:54:00:00:00:02").address != mine
    assert server.faults() == ["LAN-711"]
    pid = site.run(["pgrep", "-x", "dhcpd"]).split()[0]
    descriptors = site.run(["ls", f"/proc/{pid}/fd"]).split()
    assert len(descriptors) < 12


def test_a_room_of_clients_at_once(site):
    server = Dhcpd(site, "-r", "192.168.2.100-192.168.2.229")
    peer = Peer(site)
    macs = {number: f"52:54:00:00:01:{number:02x}" for number in range(120)}
    offers, acks = {}, {}
    for kind, answers in (("discover", offers), ("request", acks)):
        for number, mac in macs.items():
            options = [(50, offers[number]), (54, SERVER)] if kind == "request" else []
            peer.raw(peer.message(kind, mac=mac, options=options, xid=number))
        for frame in peer.frames(2):
            if DHCP in frame and frame[BOOTP].op == 2:
                answers[frame[BOOTP].xid] = frame[BOOTP].yiaddr
            if len(answers) == len(macs):
                break
    assert len(set(offers.values())) == len(macs) and acks == offers
    assert server.faults() == []


def test_own_addresses_are_not_given(site):
    site.ip("addr", "add", "192.168.2.130/24", "dev", "br0")
    site.ip("route", "add", "default", "via", "192.168.2.131")
    Dhcpd(site, "-r", "192.168.2.130-192.168.2.132")
    peer = Peer(site)
    for wanted in ("192.168.2.130", "192.168.2.131"):
        offer = peer.ask("discover", options=[(50, wanted)])
        assert offer.address == "192.168.2.132" and offer.ip(3) == "192.168.2.131"
        assert peer.reboot(wanted).kind == "nak"
    peer.lease()
    assert peer.ask("discover", mac="52:54:00:00:00:02", timeout=0.5) is None


# Boot data

@pytest.mark.parametrize("arch, file", [(0, "lanyard.0"), (7, "lanyardx64.efi"), (9, "lanyardx64.efi")])
def test_boot_program(site, arch, file):
    Dhcpd(site, *POOL)
    uuid = b"\0" + bytes(range(16))
    ack = Peer(site).lease(options=[*pxe(arch), (97, uuid)])
    assert (ack.file, ack.next_server, ack.text(66)) == (file, SERVER, SERVER)
    assert ack.text(17) == "/srv/root" and ack.options[97] == uuid
    assert not {43, 60, 175} & set(ack.options)


def test_machines_without_a_boot_program(site):
    server = Dhcpd(site, *POOL)
    peer = Peer(site)
    ack = peer.lease()  # no PXE client: an ordinary machine
    assert ack.file == "" and 66 not in ack.options and ack.next_server == SERVER
    assert server.faults() == []
    for _ in range(2):
        assert peer.lease(options=pxe(0x0b), mac="52:54:00:00:00:02").file == ""
    assert peer.lease(options=pxe(0x7777), mac="52:54:00:00:00:03").file == ""
    assert server.faults() == ["LAN-717", "LAN-717"]
    assert "52:54:00:00:00:02 is an arm64 UEFI machine (option 93: 0b)" in server.log()
    assert "52:54:00:00:00:03 is a machine of an unknown architecture (option 93: 7777)" in server.log()


@pytest.mark.parametrize("port, where", [(80, SERVER), (8080, SERVER + ":8080")])
def test_uefi_http_boot(site, port, where):
    """A whole URL, and the class back, for those that ask as HTTPClient."""
    server = Dhcpd(site, *POOL, "-h", str(port))
    peer = Peer(site)
    url = f"http://{where}/lanyardx64.efi"
    for arch in (0x10, 0x07):
        ack = peer.lease(options=pxe(arch, b"HTTPClient"))
        assert (ack.file, ack.text(67), ack.text(60)) == (url, url, "HTTPClient")
        assert ack.next_server == SERVER and ack.text(17) == "/srv/root"
    server.wait_for(f"{peer.mac}'s, which gets {url}")
    assert peer.lease(options=pxe(7)).file == "lanyardx64.efi"
    assert server.faults() == []
    for number, arch, kind in ((2, 0x13, "an arm64 UEFI machine (HTTP)"), (3, 0x0f, "a 32-bit UEFI"),
                               (4, 0x00, "a BIOS machine")):
        ack = peer.lease(options=pxe(arch, b"HTTPClient"), mac=f"52:54:00:00:00:0{number}")
        assert ack.file == "" and not {60, 67} & set(ack.options)
        assert f"52:54:00:00:00:0{number} is {kind}" in server.log()
    assert server.faults() == ["LAN-717"] * 3


def test_uefi_http_boot_without_http(site):
    """It is said, once for each machine, and not a URL that would lead nowhere."""
    server = Dhcpd(site, *POOL)
    for _ in range(2):
        ack = Peer(site).lease(options=pxe(0x10, b"HTTPClient"))
        assert ack.file == "" and not {60, 67} & set(ack.options)
    assert server.faults() == ["LAN-718"]
    assert "52:54:00:00:00:01 is an x64 UEFI machine (HTTP)" in server.log()


def test_ipxe_gets_our_program(site):
    """Not itself again, and not nothing; and it need not wait for a proxyDHCP server."""
    Dhcpd(site, *POOL)
    ack = Peer(site).lease(options=[*pxe(0), (77, b"iPXE"), (175, b"\1\1\1")])
    assert ack.file == "lanyard.0" and ack.options[175] == b"\xb0\1\1"


IPXE = [*pxe(0), (77, b"iPXE"), (175, b"\1\1\1")]


def router_adverts(peer, **how):
    """Those that a client sees when it has got its lease."""
    peer.lease(**how)
    return [frame for frame in peer.frames(0.3) if ICMPv6ND_RA in frame]


def test_ipxe_need_not_wait_for_an_ipv6_router(site):
    """It hears that there is none, and nobody else does."""
    server = Dhcpd(site, *POOL, "-v")
    peer, neighbour = Peer(site), Peer(site, mac="52:54:00:00:00:09")
    frame, = router_adverts(peer, options=IPXE)
    assert (frame.src, frame.dst) == (hwaddr_of(site, "br0"), peer.mac)
    assert frame[IPv6].dst == "fe80::5054:ff:fe00:1" and frame[IPv6].src.startswith("fe80::")
    assert frame[IPv6].hlim == 255 and frame[IPv6].plen == 16
    assert in6_chksum(58, frame[IPv6], bytes(frame[IPv6].payload)) == 0
    message = bytes(frame[ICMPv6ND_RA])
    assert message[:2] == b"\x86\0" and message[4:] == bytes(12)  # lifetime 0, no prefix
    server.wait_for(f"{peer.mac} is told on br0")
    assert not [frame for frame in neighbour.frames(0.1) if IPv6 in frame]
    assert not router_adverts(peer)  # no PXE client
    assert not router_adverts(peer, options=pxe(0))
    assert not router_adverts(peer, options=[*pxe(0x7777), (175, b"\1\1\1")])  # no boot file
    server.restart(options=(*POOL, "-6"))
    assert not router_adverts(peer, options=IPXE)


@pytest.fixture
def ipv6_site():
    with Site(name="dhcpd", capture=False, ipv6=True) as site:
        yield site


def test_ipxe_where_there_is_an_ipv6_router(ipv6_site):
    """That one answers it, and is not gainsaid."""
    site = ipv6_site
    server = Dhcpd(site, *POOL, "-v")
    peer, router = Peer(site), Peer(site, mac="52:54:00:00:00:09")
    site.ip("addr", "add", "2001:db8::2/64", "dev", "br0", "nodad")
    assert not router_adverts(peer, options=IPXE)
    site.ip("addr", "del", "2001:db8::2/64", "dev", "br0")

    def advertise(hop_limit, kind):
        router.raw(Ether(src=router.mac, dst="33:33:00:00:00:01") /
                   IPv6(src="fe80::5054:ff:fe00:9", dst="ff02::1", hlim=hop_limit) /
                   ICMPv6ND_RA(type=kind))

    advertise(64, 134)   # from afar
    advertise(255, 133)  # a question
    assert len(router_adverts(peer, options=IPXE)) == 1
    advertise(255, 134)
    assert not router_adverts(peer, options=IPXE)
    assert server.log().count("is told on br0") == 1


# Other servers

def test_beside_another_server(site):
    """It says so, gives out no address, takes none, and is a proxy on both ports."""
    other = Neighbour(site)
    server = Dhcpd(site, auto=True, wait=False, leaks=True)
    said = server.wait_for(r"another server gives the addresses: .*")
    assert "192.168.2.3 (52:54:00:aa:00:03) on br0 offers 192.168.2.1" in said.group()
    assert "Boot programs come from here" in said.group()
    assert other.leases() == ""
    peer = Peer(site)
    answers = peer.ask_all("discover", timeout=1)
    assert [a.server for a in answers] == ["192.168.2.3"]
    assert peer.reboot("192.168.2.130", timeout=1, mac="52:54:00:00:00:02").server == "192.168.2.3"
    answers = peer.ask_all("discover", timeout=1, options=pxe(0))
    offer = next(a for a in answers if a.server == SERVER)
    assert (offer.address, offer.file) == ("0.0.0.0", "lanyard.0") and len(answers) == 2
    peer.address = "192.168.2.110"
    ack = peer.ask("request", options=[*pxe(7), (54, "192.168.2.3")], ports=(68, PXE),
                   ciaddr=peer.address, to=hwaddr_of(site, "br0"))
    assert (ack.kind, ack.file, ack.address) == ("ack", "lanyardx64.efi", "0.0.0.0")
    assert "are given" not in server.log() and server.faults() == []
    server.stop()


def test_beside_another_server_whose_proxy_has_the_port(site):
    """Without port 4011 it serves those that need no second answer."""
    Neighbour(site)
    with inside(site), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", PXE))
        server = Dhcpd(site, auto=True, wait=False)
        server.wait_for(r"another server gives the addresses: ")
        answers = Peer(site).ask_all("discover", timeout=1, options=pxe(0))
        assert {a.server for a in answers} == {SERVER, "192.168.2.3"}


def test_beside_another_server_in_spite_of_it(site):
    Neighbour(site)
    server = Dhcpd(site, *POOL)
    server.wait_for("another DHCP server answers: 192.168.2.3 .*all the same")
    answers = Peer(site).ask_all("discover", timeout=1)
    assert {a.server for a in answers} == {SERVER, "192.168.2.3"}
    assert server.faults() == []


def test_another_server_comes_later(site):
    """Who has an address from here keeps it; nobody else gets one, but boot data."""
    server = Dhcpd(site, auto=True)
    peer = Peer(site)
    mine = peer.lease().address
    Neighbour(site)
    peer.ask("request", options=[(50, "192.168.2.110"), (54, "192.168.2.3")], timeout=1,
             mac="52:54:00:00:00:02")
    server.wait_for(r"another server gives the addresses: 192\.168\.2\.3", timeout=12)
    answers = peer.ask_all("discover", timeout=1, mac="52:54:00:00:00:03")
    assert [a.server for a in answers] == ["192.168.2.3"]
    renewed = peer.renew(unicast_to=hwaddr_of(site, "br0"))
    assert renewed.kind == "ack" and renewed.server == SERVER and renewed.address == mine
    assert SERVER in [a.server for a in peer.ask_all("discover", timeout=1)]
    offers = peer.ask_all("discover", timeout=1, options=pxe(0), mac="52:54:00:00:00:03")
    assert next(a for a in offers if a.server == SERVER).address == "0.0.0.0"
    offers = peer.ask_all("discover", timeout=1, options=pxe(0))
    assert next(a for a in offers if a.server == SERVER).address == mine
    assert server.faults() == []


def test_a_proxy_is_no_dhcp_server(site):
    Neighbour(site, proxy=True, boot_file="other.0")
    server = Dhcpd(site, auto=True)
    peer = Peer(site)
    answers = peer.ask_all("discover", timeout=1, options=pxe(0))
    assert {a.server for a in answers} == {SERVER, "192.168.2.3"}
    server.wait_for(r"192\.168\.2\.3 \(52:54:00:aa:00:03\) on br0")
    offer = next(a for a in answers if a.server == SERVER)
    ack = peer.ask("request", options=[*pxe(0), (50, offer.address), (54, SERVER)])
    assert ack.kind == "ack" and ack.file == "lanyard.0"
    assert server.log().count("proxyDHCP") == 1 and server.faults() == []


# Boot data beside another server

def test_proxy_boots(segment):
    """lanyard-host: the address of the one server, everything else of the other."""
    other = Neighbour(segment.site)
    server = Dhcpd(segment.site, "-x")
    server.wait_for(r"another server gives the addresses: 192\.168\.2\.3 ")
    TftpdHpa(segment.site, segment.root)
    result = boot(segment)
    files = result.plan["record"]
    ack, offer = (bytes.fromhex(files[f"lanyard/{name}"]) for name in ("dhcpack", "proxyack"))
    assert ack[108:236] == bytes(128) and HWADDR in other.leases()
    assert (offer[16:20], offer[20:24], offer[108:118]) == (
        bytes(4), bytes([192, 168, 2, 2]), b"lanyard.0\0")
    server.wait_for(rf"{HWADDR} on br0 gets lanyard\.0")
    assert server.faults() == [] and "are given" not in server.log()


def test_proxy_offers(site):
    """A BIOS has all it needs; UEFI asks again; HTTP Boot has its URL; others hear nothing."""
    server = Dhcpd(site, "-x", "-v", "-h", "80", leaks=True)
    peer = Peer(site)
    uuid = (97, b"\0" + bytes(range(16)))
    offer = peer.ask("discover", options=[*pxe(0), uuid])
    assert (offer.kind, offer.address, offer.server) == ("offer", "0.0.0.0", SERVER)
    assert (offer.destination, offer.ports) == ("255.255.255.255", (67, 68))
    assert (offer.file, offer.next_server, offer.text(60)) == ("lanyard.0", SERVER, "PXEClient")
    assert offer.options[43] == b"\6\1\x08\xff" and offer.options[97] == uuid[1]
    assert not {1, 3, 6, 17, 51, 175} & set(offer.options)
    assert 175 not in peer.ask("discover", options=IPXE).options
    server.wait_for(rf"(?s)({peer.mac} on br0 gets lanyard\.0.*){{2}}")
    offer = peer.ask("discover", options=pxe(7))
    assert offer.text(60) == "PXEClient" and offer.file == "lanyardx64.efi"
    assert 43 not in offer.options
    assert "gets lanyardx64.efi" not in server.log()
    offer = peer.ask("discover", options=pxe(0x10, b"HTTPClient"))
    assert (offer.text(60), offer.text(67)) == ("HTTPClient", f"http://{SERVER}/lanyardx64.efi")
    for options in ((), [(60, b"MSFT 5.0")], [(93, b"\0\0")]):
        assert peer.ask("discover", options=options, timeout=0.3) is None
    request = [*pxe(0), (50, "192.168.2.110"), (54, "192.168.2.3")]
    assert peer.ask("request", options=request, timeout=0.3) is None
    assert peer.ask("inform", ciaddr="192.168.2.99", options=pxe(0), timeout=0.3) is None
    assert peer.ask("discover", options=pxe(0x0b), timeout=0.3) is None
    assert peer.ask("discover", options=pxe(0x0b), timeout=0.3) is None
    assert server.faults() == ["LAN-717"]
    server.stop()


def test_proxy_and_ipxe(site):
    """It need not wait for an IPv6 router, as soon as it takes the other server's offer."""
    server = Dhcpd(site, "-x", "-v")
    peer = Peer(site)

    def adverts(options):
        frames = peer.ask_frames("request", options=options)
        return [frame for frame in frames if ICMPv6ND_RA in frame]

    other = (54, "192.168.2.3")
    frame, = adverts([*IPXE, other])
    assert frame.dst == peer.mac and frame[IPv6].dst == "fe80::5054:ff:fe00:1"
    assert not adverts([*pxe(0), other]) and not adverts([(175, b"\1\1\1"), other])
    assert not adverts(IPXE)
    assert server.log().count("need not wait") == 1


def test_proxy_is_asked_on_its_second_port(site):
    server = Dhcpd(site, "-x", leaks=True)
    peer = Peer(site)
    peer.address = "192.168.2.110"
    how = {"ciaddr": peer.address, "to": hwaddr_of(site, "br0")}
    for port in (68, PXE):
        ack = peer.ask("request", options=[*pxe(7), (54, "192.168.2.3")], ports=(port, PXE), **how)
        assert (ack.kind, ack.file, ack.next_server) == ("ack", "lanyardx64.efi", SERVER)
        assert (ack.text(60), ack.address, ack.server) == ("PXEClient", "0.0.0.0", SERVER)
        assert (ack.source, ack.destination, ack.ports) == (SERVER, peer.address, (PXE, port))
    server.wait_for(f"{peer.mac} on br0 gets lanyardx64.efi")
    assert peer.ask("request", ports=(68, PXE), timeout=0.3, **how) is None
    # An answer could reach this one; but it is nobody of this network.
    site.ip("route", "add", "10.8.0.0/16", "dev", "br0")
    how["ciaddr"] = peer.address = "10.8.0.5"
    assert peer.ask("request", options=pxe(7), ports=(68, PXE), timeout=0.7, **how) is None
    chance = random.Random(1)
    for _ in range(100):
        peer.raw(Ether(src=peer.mac, dst=how["to"]) / IP(src="192.168.2.110", dst=SERVER) /
                 UDP(sport=68, dport=PXE) / chance.randbytes(chance.randrange(600)))
    assert peer.ask("discover", options=pxe(0)).file == "lanyard.0"
    server.stop()


def test_proxy_without_a_dhcp_server(site):
    server = Dhcpd(site, "-x")
    server.wait_for("no DHCP server answers on br0: machines get no address there")
    relay = Peer(site, mac="52:54:00:cc:00:01")
    relay.address = "10.7.0.1"
    site.ip("route", "add", "10.7.0.0/24", "dev", "br0")
    for _ in range(2):
        assert relay.ask("discover", options=pxe(0), giaddr="10.7.0.1", source="10.7.0.1",
                         to=hwaddr_of(site, "br0"), timeout=0.5) is None
    assert server.log().count("--dhcp=proxy is for networks of this machine") == 1


def test_nothing_is_given_before_it_has_listened(site):
    peer = Peer(site)
    started = time.monotonic()
    server = Dhcpd(site, auto=True, wait=False)
    assert peer.ask("discover", timeout=1) is None
    assert peer.reboot("192.168.2.130", timeout=1) is None
    server.wait_for("192.168.2.128-192.168.2.254 are given")
    assert 3 < time.monotonic() - started < 6
    assert peer.lease().address


def test_the_port_is_taken(site):
    Dnsmasq(site)
    with pytest.raises(RuntimeError, match="Address already in use"):
        Dhcpd(site)


# Networks

def add_bridge(site, name, address):
    site.ip("link", "add", name, "type", "bridge", "stp_state", "0", "forward_delay", "0")
    site.ip("addr", "add", address, "brd", "+", "dev", name)
    site.ip("link", "set", name, "up")


def test_two_networks(site):
    """Each has its own pool, and answers leave by the interface that the question came in by."""
    add_bridge(site, "br1", "192.168.3.1/24")
    Dhcpd(site, interfaces=("br0", "br1"))
    here, there = Peer(site), Peer(site, bridge="br1")
    for peer, server, network in ((here, SERVER, "192.168.2."), (there, "192.168.3.1", "192.168.3.")):
        ack = peer.lease()
        assert ack.address.startswith(network) and int(ack.address.split(".")[3]) >= 128
        assert (ack.source, ack.server, ack.next_server) == (server, server, server)
        assert peer.renew().kind == "ack"
    assert here.reboot(there.address).kind == "nak"  # it has moved
    server = here.ask("request", options=[(50, there.address), (54, "192.168.3.1")], timeout=0.5)
    assert server is None


def test_another_interface_is_left_alone(site):
    """A dnsmasq for virtual machines, say, has port 67 of its bridge."""
    add_bridge(site, "br1", "192.168.3.1/24")

    class Virtual(Dnsmasq):
        def config(self):
            return super().config().replace("interface=br0", "interface=br1").replace(
                "bind-interfaces", "bind-dynamic")

    Virtual(site, pool=("192.168.3.50", "192.168.3.60"))
    Dhcpd(site, *POOL)
    assert Peer(site).lease().server == SERVER
    assert Peer(site, bridge="br1").lease().server == "192.168.3.1"


def test_a_pool_that_does_not_fit(site):
    server = Dhcpd(site, "-r", "192.168.2.120-192.168.2.110")
    assert server.faults() == ["LAN-712"]
    assert Peer(site).ask("discover", timeout=0.5) is None


def test_relay(site):
    """Served where the pool covers its network, else silently left alone and said once."""
    site.ip("route", "add", "10.7.0.0/24", "dev", "br0")
    server = Dhcpd(site, *POOL)
    relay = Peer(site, mac="52:54:00:cc:00:01")
    relay.address = "10.7.0.1"
    how = {"giaddr": "10.7.0.1", "source": "10.7.0.1", "to": hwaddr_of(site, "br0")}
    for _ in range(2):
        assert relay.ask("discover", **how, timeout=0.5) is None
    assert server.log().count("the relay 10.7.0.1 asks") == 1
    server.restart(options=("-r", "10.7.0.100-10.7.0.120"))
    agent = (82, b"\1\4port")
    offer = relay.ask("discover", options=[agent], **how)
    assert (offer.kind, offer.destination, offer.relay) == ("offer", "10.7.0.1", "10.7.0.1")
    assert offer.address.startswith("10.7.0.1") and offer.options[82] == agent[1]
    assert (offer.ip(1), offer.ip(3)) == ("255.255.255.0", "10.7.0.1")
    wrong = relay.ask("request", options=[(50, "192.168.2.100")], **how)
    assert wrong.kind == "nak" and wrong.flags == 0x8000 and wrong.destination == "10.7.0.1"
    relay.address = "192.168.2.99"
    assert relay.ask("discover", timeout=0.5) is None  # the segment itself has no pool now


# Hostile

def test_any_bytes_at_all(site):
    server = Dhcpd(site, *POOL, leaks=True)
    peer = Peer(site)
    chance = random.Random(1)
    whole = bytes(peer.message("request", options=[(50, "192.168.2.100"), *pxe(0), (97, bytes(17)),
                                                   (61, bytes(255)), (12, b"\x1b[2J" + b"n" * 200),
                                                   (82, bytes(200))])[UDP].payload)
    payloads = [whole[:cut] for cut in range(0, len(whole), 7)]
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(chance.randrange(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        payloads.append(bytes(broken))
    payloads += [chance.randbytes(chance.randrange(1500)) for _ in range(100)]
    header = Ether(src=peer.mac, dst="ff:ff:ff:ff:ff:ff") / IP(src="0.0.0.0", dst="255.255.255.255")
    for payload in payloads:
        peer.raw(header / UDP(sport=68, dport=67) / payload)
        peer.raw(header / UDP(sport=67, dport=68) / payload)
    peer.raw(Ether(src=peer.mac, dst="ff:ff:ff:ff:ff:ff", type=0x0806) / chance.randbytes(40))
    for _ in peer.frames(0.5):
        pass
    assert peer.lease(mac="52:54:00:00:00:77").address
    assert "\x1b" not in server.log()
    server.stop()
