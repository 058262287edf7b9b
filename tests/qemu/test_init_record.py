# SPDX-License-Identifier: BSD-2-Clause
"""init and the record that the boot program left in front of its image: the lease is used and confirmed,
refused, without a server, hostile."""

import os
import re
import sys

from tests.qemu import record
from tests.qemu.direct import (ACK, DISCOVER, IMAGE, NAK, NFSROOT, OFFER, REQUEST, addresses, dhcp_types,
                               stage, stages, start)
from tests.qemu.support import BOOT_TIMEOUT, SHELL
from tests.site import Dnsmasq

CLIENT_ID = b"\1" + record.MAC
# Takes syslog messages and says nothing; where nobody listens, init stops after the first.
LOG_SERVER = """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 514))
time.sleep(600)
"""


def with_record(site, *args, **kwargs):
    """The initrd with a record in front."""
    return record.write(site.path("recorded.img"), IMAGE, *args, **kwargs)


def lease(site, address, client_id=None):
    """Have dnsmasq believe that it leased this address to the machine, as it did to the ROM."""
    name = client_id.hex(":") if client_id else "*"
    with open(site.path("dnsmasq.leases"), "w", encoding="ascii") as file:
        file.write(f"4102444800 {record.MAC.hex(':')} {address} * {name}\n")


def test_recorded_lease_is_used_and_confirmed(site, root):
    lease(site, "192.168.2.123", CLIENT_ID)
    Dnsmasq(site)
    site.popen([sys.executable, "-c", LOG_SERVER])
    initrd = with_record(site, record.ack("192.168.2.123"), record.discover(CLIENT_ID))
    with start(site, f"{NFSROOT} ip=dhcp", initrd, nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert addresses(machine) == ["192.168.2.123/24"]
        assert stage(machine, "from the boot program's lease") < stage(machine, "is mounted")
        stage(machine, "is confirmed")
        assert "192.168.2.2" in machine.shell("cat /etc/resolv.conf")
    # One unicast question with the ROM's identity, one answer.
    assert dhcp_types(site) == [REQUEST, ACK]
    sent = site.frames("dhcp.option.dhcp == 3", "ip.src", "ip.dst", "dhcp.ip.client",
                       "dhcp.option.value")
    assert sent[0][:3] == ("192.168.2.123", "192.168.2.2", "192.168.2.123")
    assert CLIENT_ID.hex() in sent[0][3].replace(":", "")
    assert record.UUID.hex() in sent[0][3].replace(":", "")
    # The stages from the address on, to the boot server.
    told = site.frames("udp.dstport == 514", "ip.src", "ip.dst", "syslog.msg")
    assert told and {pair[:2] for pair in told} == {("192.168.2.123", "192.168.2.2")}
    assert "192.168.2.123/24" in told[0][2] and "lanyard-init" in told[0][2]
    assert record.MAC.hex(":") in told[0][2] and "is mounted" in " ".join(t[2] for t in told)


def test_recorded_lease_without_a_server(site, root):
    """Nobody answers: the root is mounted all the same, and the boot goes on after four seconds. The kernel
    gives the card no IPv6 address: whoever joins that address's group is init, before there is a link."""
    initrd = with_record(site, record.ack("192.168.2.124"), record.discover())
    with start(site, f"{NFSROOT} ip=dhcp sysctl.net.ipv6.conf.default.addr_gen_mode=1", initrd) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert addresses(machine) == ["192.168.2.124/24"]
        stage(machine, "has not confirmed the lease")
        # The driver of this card (e1000) notices a link every two seconds, or when it is started: init
        # starts it when there is one.
        times = re.search(r"\[ *([\d.]+)\] e1000 \S+ eth0: \(PCI.*\[ *([\d.]+)\] e1000: eth0 NIC Link is Up",
                          machine.console.text, re.DOTALL)
        assert 0.4 < float(times[2]) - float(times[1]) < 1.9
    assert site.frames("icmpv6.mldr.mar.multicast_address == ff02::1:ff12:3401", "ipv6.src")
    # Its server is asked, then every server; the keeper may begin anew before the machine is gone.
    assert dhcp_types(site)[:2] == [REQUEST, REQUEST]


def test_recorded_lease_is_refused(site, root):
    """The server NAKs: the address is given up, and DHCP starts from the beginning."""
    Dnsmasq(site)
    initrd = with_record(site, record.ack("192.168.2.240"), record.discover())
    with start(site, f"{NFSROOT} ip=dhcp", initrd) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        found = addresses(machine)
        assert len(found) == 1 and found[0] != "192.168.2.240/24"
        stage(machine, "LAN-105")
        stage(machine, "leased by DHCP")
    kinds = dhcp_types(site)
    assert NAK in kinds
    # A question that was repeated may be refused twice, also while DHCP is on its way again.
    assert [kind for kind in kinds if kind != NAK][-4:] == [DISCOVER, OFFER, REQUEST, ACK]


def test_refusal_from_a_stranger_is_ignored(site, root):
    """Only the server that gave the recorded lease may take it away."""
    Dnsmasq(site)
    initrd = with_record(site, record.ack("192.168.2.241", server="192.168.2.77"),
                         record.discover())
    with start(site, f"{NFSROOT} ip=dhcp", initrd) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert not any("LAN-105" in text for _, text in stages(machine))


def test_static_address_stands_above_the_record(site, root):
    initrd = with_record(site, record.ack("192.168.2.125"), record.discover())
    with start(site, f"{NFSROOT} ip=192.168.2.60::192.168.2.2:255.255.255.0:ws7:eth0:off:9000",
               initrd) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert addresses(machine) == ["192.168.2.60/24"]
        assert machine.shell("hostname").strip() == "ws7"
        assert machine.shell("cat /sys/class/net/eth0/mtu").strip() == "9000"
    assert dhcp_types(site) == []


def test_pxelinux_address_takes_the_rest_from_the_record(site, root):
    """IPAPPEND's four fields name no card: the record does, and knows name servers and the root."""
    initrd = with_record(site, record.ack("192.168.2.126", options=[
        (6, bytes([192, 168, 2, 9])), (12, b"ws9"), (17, b"192.168.2.2:/nfsroot")]))
    with start(site, "ip=192.168.2.126:192.168.2.2:192.168.2.2:255.255.255.0", initrd,
               nics=["virtio-net-pci", "virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert addresses(machine) == ["192.168.2.126/24"]
        assert "192.168.2.9" in machine.shell("cat /etc/resolv.conf")
        assert machine.shell("hostname").strip() == "ws9"


def test_hostile_record(site, root):
    """Garbage in the record is no record."""
    Dnsmasq(site)
    initrd = with_record(site, os.urandom(500), record.ack("192.168.2.127")[:239])
    with start(site, f"{NFSROOT} ip=dhcp", initrd, nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        stage(machine, "leased by DHCP")
