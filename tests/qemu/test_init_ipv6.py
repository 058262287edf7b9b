# SPDX-License-Identifier: BSD-2-Clause
"""init without IPv4: router announcements, addresses of one's own, DHCPv6."""

import ipaddress
import re
import time
import uuid

from tests.qemu.direct import addresses, dhcp_types, stage, start
from tests.qemu.support import BOOT_TIMEOUT, SHELL, Probe
from tests.site import Dnsmasq, Ganesha, Site
from tests.site.payload import RootCopy


def resolver(machine):
    return re.findall(r"^(\w+) (\S+)$", machine.shell("cat /etc/resolv.conf"), re.MULTILINE)


def link_address(interface):
    """Of the router, as a machine with one card besides lo would name it."""
    found = re.search(r"inet6 (fe80:\S+)/64", interface)
    words = ipaddress.ip_address(found.group(1)).exploded.split(":")
    return ":".join(f"{int(word, 16):x}" for word in words) + "%2"


def test_ipv6_only():
    """auto6: the address comes from a router's announcements, the name servers by DHCPv6, or from the router
    where there is no DHCPv6, and they know the root's server; nobody speaks IPv4. And an address of one's
    own, with its gateway, a route and a name server."""
    with Site(name="qemu", ipv6=True) as site:
        site.run(["ip", "addr", "add", "fd00:2::2/64", "dev", "br0", "nodad"])
        router = link_address(site.run(["ip", "-6", "addr", "show", "br0"]))
        server = Dnsmasq(site, pool=None, hosts={"files.example": "fd00:2::2"},
                         extra=["enable-ra", "dhcp-range=fd00:2::,ra-stateless"])
        tree = RootCopy(site)
        Ganesha(site, {"/nfsroot": tree.dir}, bind="::")
        with start(site, "nfsroot=files.example:/nfsroot,rw ip=auto6", nics=["virtio-net-pci"]) as machine:
            machine.wait_for(SHELL, BOOT_TIMEOUT)
            stage(machine, "eth0 has fd00:2:0:0:.*/64, announced by a router")
            assert Probe(machine).mount("/")[0] == "files.example:/nfsroot"
            assert resolver(machine) == [("nameserver", "fd00:2:0:0:0:0:0:2"), ("nameserver", router)]
            assert not addresses(machine)
            assert "IPV4ADDR='0.0.0.0'" in machine.shell("cat /run/net-eth0.conf")
        asked = len(dhcp6_types(site))
        server.restart(extra=["enable-ra", "dhcp-range=fd00:2::,ra-only",
                              "dhcp-option=option6:domain-search,example"])
        with start(site, "nfsroot=files.example:/nfsroot,rw ip=auto6", nics=["virtio-net-pci"]) as machine:
            machine.wait_for(SHELL, BOOT_TIMEOUT)
            assert resolver(machine) == [("search", "example"), ("nameserver", router)]
            machine.shell("nslookup files.example | grep fd00:2")
            assert len(dhcp6_types(site)) == asked
        with start(site, "nfsroot=files.example:/nfsroot,rw ip=[fd00:2::50]::[fd00:2::2]:64:six:eth0:none "
                   "rd.route=[fd00:5::/48]:[fd00:2::7] nameserver=fd00:2::2", nics=["virtio-net-pci"]) as machine:
            machine.wait_for(SHELL, BOOT_TIMEOUT)
            stage(machine, "eth0 has fd00:2:0:0:0:0:0:50/64, set by ip=")
            routes = machine.shell("ip -6 route")
            assert "default via fd00:2::2 dev eth0" in routes and "fd00:5::/48 via fd00:2::7" in routes
            assert machine.shell("hostname").strip() == "six"
            assert [name for word, name in resolver(machine) if word == "nameserver"][0] == "fd00:2:0:0:0:0:0:2"
            assert "IPV6PROTO='static'" in machine.shell("cat /run/net-eth0.conf")
        assert not dhcp_types(site)


def dhcp6_types(site):
    return [kind for (kind,) in site.frames("dhcpv6", "dhcpv6.msgtype")]


SOLICIT, CONFIRM, RENEW, REPLY, DECLINE = "1", "4", "5", "7", "9"


def test_dhcpv6():
    """The address, name servers and the root itself (option 59) come by DHCPv6, routes from the router's
    announcement, the host name from a PTR record; the address that the server offers first is another
    machine's. The keeper asks again when the cable was out, and renews the lease when half of its two
    minutes is over."""
    with Site(name="qemu", ipv6=True) as site:
        site.run(["ip", "addr", "add", "fd00:2::2/64", "dev", "br0", "nodad"])
        site.add_client("other", mac="52:54:00:12:34:99")
        site.ip("addr", "add", "fd00:2::10/64", "dev", "eth0", "nodad", netns="other")
        Dnsmasq(site, pool=None, extra=[
            "enable-ra", "dhcp-range=fd00:2::10,fd00:2::11,64,120", "dhcp-rapid-commit",
            f"ptr-record={ipaddress.ip_address('fd00:2::11').reverse_pointer},ws6.example.org",
            "dhcp-option=option6:bootfile-url,nfs://[fd00:2::2]/nfsroot",
            "dhcp-option=option6:domain-search,example.org", "dhcp-option=option6:ntp-server,[fd00:2::3]"])
        tree = RootCopy(site)
        Ganesha(site, {"/nfsroot": tree.dir}, bind="::")
        with start(site, "rw ip=dhcp6", nics=["virtio-net-pci"], uuid=str(uuid.UUID(int=77))) as machine:
            machine.wait_for(SHELL, BOOT_TIMEOUT)
            stage(machine, "eth0 has fd00:2:0:0:0:0:0:11/128, leased by DHCPv6")
            assert dhcp6_types(site) == [SOLICIT, REPLY, DECLINE, REPLY, SOLICIT, REPLY]
            assert Probe(machine).mount("/")[0] == "[fd00:2::2]:/nfsroot"
            assert not addresses(machine)
            conf = machine.shell("cat /run/net-eth0.conf")
            assert "IPV6PROTO='dhcp6'" in conf and "IPV6ADDR='fd00:2:0:0:0:0:0:11'" in conf
            assert "nameserver fd00:2:0:0:0:0:0:2" in machine.shell("cat /etc/resolv.conf")
            assert "NTP=fd00:2:0:0:0:0:0:3" in machine.shell("cat /run/systemd/timesyncd.conf.d/*")
            assert machine.shell("hostname").strip() == "ws6"
            machine.plug(False)
            time.sleep(2)
            machine.plug(True)
            deadline = time.monotonic() + 90
            while not {CONFIRM, RENEW} <= set(dhcp6_types(site)) or dhcp6_types(site)[-1] != REPLY:
                assert time.monotonic() < deadline, dhcp6_types(site)
                time.sleep(1)
            machine.shell("ls / > /dev/null && ! dmesg | grep LAN-")
        assert {duid for duid, in site.frames("dhcpv6.msgtype == 1", "dhcpv6.duid.bytes")} == {
            "0004" + uuid.UUID(int=77).hex}
        assert not dhcp_types(site)
