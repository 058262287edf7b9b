# SPDX-License-Identifier: BSD-2-Clause
"""Whole Debians whose root is reached by IPv6 alone, with an address by DHCPv6: what manages their cards
claims the root's card for itself, starts again, and changes nothing."""

import subprocess

import pytest

from tests.qemu.debian import assert_healthy, log_in, power_off
from tests.qemu.test_roots import NETWORK, variant
from tests.site import Dnsmasq, Ganesha, Machine, Site
from tests.site.payload import INITRDS, kernel

INTERFACES = "auto eth0\niface eth0 inet6 auto\n dhcp 1\n"


def write(root, text, *names):
    with open(root.path(*names), "w", encoding="ascii") as file:
        file.write(text)


def of_networkd(root):
    write(root, NETWORK, "etc", "systemd", "network", "10-all.network")
    for verb, unit in (("enable", "systemd-networkd"), ("disable", "networking")):
        subprocess.run(["systemctl", "--quiet", f"--root={root.dir}", verb, unit], check=True)


def network(machine):
    """Addresses, routes and name servers, without how long they last. And the root is there."""
    machine.shell("echo 3 > /proc/sys/vm/drop_caches; sleep 1; ls / /root && md5sum /bin/ls", 60)
    return machine.shell("ip -o -6 addr show scope global | sed 's/ *valid_lft.*//'; "
                         "ip -6 route | sed 's/expires [0-9]*sec//'; grep '^[a-z]' /etc/resolv.conf", 60)


@pytest.mark.long
@pytest.mark.parametrize("manager, archive, prepare", [
    ("systemd-networkd", "nfsclient", of_networkd),
    ("networking", "nfsclient",
     lambda root: write(root, INTERFACES, "etc", "network", "interfaces.d", "eth0")),
    ("NetworkManager", "networkmanager", lambda root: None)], ids=["networkd", "ifupdown", "networkmanager"])
def test_dhcpv6(manager, archive, prepare):
    with Site(name="roots6", ipv6=True) as site:
        site.run(["ip", "addr", "add", "fd00:2::2/64", "dev", "br0", "nodad"])
        root = variant(site, archive)
        prepare(root)
        Dnsmasq(site, pool=None, extra=["enable-ra", "dhcp-range=fd00:2::10,fd00:2::10,64,1h"])
        Ganesha(site, {"/nfsroot": root.dir}, bind="::")
        with Machine(site, kernel=kernel(), initrd=INITRDS["lanyard"], nics=["virtio-net-pci"], memory=1024,
                     append="console=ttyS0 root=/dev/nfs nfsroot=[fd00:2::2]:/nfsroot rw ip=dhcp6") as machine:
            log_in(machine)
            assert_healthy(machine)
            before = network(machine)
            assert before.count("inet6 ") == 1 and "inet6 fd00:2::10/128" in before, before
            assert before.count("default via fe80:") == 1, before
            assert "nameserver fd00:2:0:0:0:0:0:2" in before, before
            machine.shell(f"systemctl restart {manager}; sleep 5", 120)
            assert network(machine) == before
            power_off(machine)
