# SPDX-License-Identifier: BSD-2-Clause
"""init and several cards, cables, ip= and the words beside it."""

import os
import subprocess
import sys
import time

from tests.qemu.direct import NFSROOT, addresses, stage, stages, start
from tests.qemu.support import BOOT_TIMEOUT, SHELL, Probe
from tests.site import Dnsmasq

TRUNK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trunk.py")


def test_bootif_in_capitals_chooses_the_card(site, root):
    Dnsmasq(site)
    with start(site, f"{NFSROOT} BOOTIF=01-52-54-00-12-34-0B ip=dhcp",
               nics=["virtio-net-pci", "virtio-net-pci"], mac="52:54:00:12:34:0a") as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        probe = Probe(machine)
        up = [line for line in probe["addresses"] if "inet 192.168.2" in line]
        assert len(up) == 1
        assert "52:54:00:12:34:0b" in machine.shell("cat /sys/class/net/eth1/address")
        assert "eth1" in up[0]
        # The other card is left as it was found.
        assert "UP" not in machine.shell("ip link show eth0").split(">")[0]


def test_the_card_with_a_cable_wins(site, root):
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=dhcp", nics=["e1000", "virtio-net-pci"]) as machine:
        machine.plug(False, nic=0)
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert len(addresses(machine)) == 1


def test_cable_plugged_in_late(site, root):
    """And pulled again while no DHCP server answers yet."""
    with start(site, f"{NFSROOT} ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.plug(False)
        machine.wait_for(r"waiting for the link of eth0 \(52:54:00:12:34:01\)", BOOT_TIMEOUT)
        machine.wait_for(r"LAN-103 .*eth0", 60)
        machine.plug(True)
        machine.wait_for(r"waiting for an answer to DHCPDISCOVER .*on eth0", 30)
        machine.plug(False)
        machine.wait_for(r"waiting for the link of eth0", 30)
        machine.plug(True)
        Dnsmasq(site)
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert len([text for _, text in stages(machine) if "eth0 has a link" in text]) == 2


def test_switch_that_forwards_late(site, root):
    """A port with spanning tree: the link is there at once, and nothing comes through for 45 s."""
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=dhcp", nics=["virtio-net-pci"]) as machine:
        site.run(["bridge", "link", "set", "dev", machine.taps[0], "state", "1"])  # listening
        machine.wait_for(r"eth0 has a link", BOOT_TIMEOUT)
        time.sleep(30)
        site.run(["bridge", "link", "set", "dev", machine.taps[0], "state", "2"])  # learning
        machine.wait_for(r"LAN-104 .*52:54:00:12:34:01", 30)
        time.sleep(15)
        site.run(["bridge", "link", "set", "dev", machine.taps[0], "state", "3"])
        # The pauses between questions have not grown beyond 16 s.
        machine.wait_for(r"eth0 has 192\.168\.2\.", 25)
        machine.wait_for(SHELL, BOOT_TIMEOUT)


def test_device_name_of_another_system(site, root):
    """Debian's initramfs runs udev, so its command lines say ens3."""
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=:::::ens4:dhcp",
               nics=["virtio-net-pci,addr=3", "virtio-net-pci,addr=4"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert machine.shell("cat /sys/class/net/eth1/carrier").strip() == "1"
        assert len(addresses(machine)) == 1


def test_address_without_a_card_among_two(site, root):
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=192.168.2.61:192.168.2.2:192.168.2.2:255.255.255.0",
               nics=["virtio-net-pci", "virtio-net-pci"]) as machine:
        machine.wait_for(r"LAN-503 .*2 network cards", BOOT_TIMEOUT)
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert "192.168.2.61/24" not in addresses(machine)


def test_malformed_ip_is_said_and_dhcp_tried(site, root):
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=10.0.0.300:::255.255.255.0::eth0:off",
               nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"LAN-503 .*10\.0\.0\.300", BOOT_TIMEOUT)
        machine.wait_for(SHELL, BOOT_TIMEOUT)


def test_vlan_and_other_words(site, root):
    """Nothing but VLAN 5 leads anywhere; the card has another name; a route and a name server more."""
    Dnsmasq(site)
    trunk = site.popen([sys.executable, TRUNK, site.add_tap(), "5", "7001", "7002"],
                       stdout=subprocess.PIPE)
    assert trunk.stdout.readline() == b"ready\n"
    card = ["-netdev", "socket,id=n0,udp=127.0.0.1:7001,localaddr=127.0.0.1:7002",
            "-device", "virtio-net-pci,netdev=n0,mac=52:54:00:12:34:01"]
    with start(site, f"{NFSROOT} ip=dhcp vlan=5:b0 ifname=lan0:52:54:00:12:34:01 nameserver=9.9.9.9 "
               "rd.route=10.9.0.0/16:192.168.2.7:b0 bond=b0:eth0", nics=[], extra=card) as machine:
        machine.wait_for(r"LAN-513 .*bond=", BOOT_TIMEOUT)
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        stage(machine, "vlan5 has 192.168.2.")
        assert "vlan5@lan0" in machine.shell("ip link")
        assert "inet" not in machine.shell("ip -4 addr show lan0")
        assert "via 192.168.2.7 dev vlan5" in machine.shell("ip route show 10.9.0.0/16")
        assert machine.shell("cat /etc/resolv.conf").split("nameserver ")[1].strip() == "9.9.9.9"
