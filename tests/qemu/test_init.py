# SPDX-License-Identifier: BSD-2-Clause
"""init alone, started with -kernel and -initrd: the record, several cards, forms of ip=, name
servers, the overlay's layers, and the failures that a boot meets after the kernel has started. Each
boot takes some 15 s."""

import ipaddress
import os
import re
import subprocess
import sys
import time
import uuid

import pytest

from tests.qemu import record
from tests.qemu.support import BOOT_TIMEOUT, INITRD, SHELL, Probe
from tests.site import Dnsmasq, Ganesha, Machine, Site, Sntp
from tests.site.paths import BIN
from tests.site.payload import DEMO_ROOT, INITRDS, RootCopy, kernel

NFSROOT = "nfsroot=192.168.2.2:/nfsroot"
TRUNK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trunk.py")
CLIENT_ID = b"\1" + record.MAC


def start(site, words, initrd=None, **kwargs):
    return Machine(site, kernel=kernel(), initrd=initrd or INITRDS.get(INITRD, INITRD),
                   append=f"console=ttyS0 root=/dev/nfs {words}", **kwargs)


def with_record(site, *args, **kwargs):
    """The initrd with a record in front."""
    return record.write(site.path("recorded.img"), INITRDS.get(INITRD, INITRD), *args, **kwargs)


@pytest.fixture
def root(site):
    """A root tree that nfs-ganesha exports."""
    tree = RootCopy(site)
    Ganesha(site, {"/nfsroot": tree.dir})
    return tree


def stages(machine):
    """What init said: [(ms, text)]."""
    return [(int(ms), text) for ms, text in
            re.findall(r"^lanyard: +(\d+) ms  (.*)$", machine.console.text, re.MULTILINE)]


def stage(machine, pattern):
    """The time of a stage; it must have been said."""
    found = [ms for ms, text in stages(machine) if re.search(pattern, text)]
    assert found, f"no stage /{pattern}/ among {stages(machine)}"
    return found[0]


def addresses(machine):
    return re.findall(r"inet (192\S+)", machine.shell("ip -4 addr show"))


def dhcp_types(site):
    return [kind for (kind,) in site.frames("dhcp", "dhcp.option.dhcp")]


# Takes syslog messages and says nothing; where nobody listens, init stops after the first.
LOG_SERVER = """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 514))
time.sleep(600)
"""
DISCOVER, OFFER, REQUEST, ACK, NAK = "1", "2", "3", "5", "6"


# ---- the record -------------------------------------------------------------------------------------


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


# ---- cards and ip= ----------------------------------------------------------------------------------


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


class Ganesha6(Ganesha):
    """On all addresses, also those of IPv6."""

    def config(self):
        return super().config().replace(f"Bind_addr = {self.site.address}", "Bind_addr = ::")


def test_ipv6_only():
    """auto6: the address comes from a router's announcements, the name servers by DHCPv6, and they know the
    root's server; nobody speaks IPv4. And an address of one's own, with its gateway, a route and a name
    server."""
    with Site(name="qemu", ipv6=True) as site:
        site.run(["ip", "addr", "add", "fd00:2::2/64", "dev", "br0", "nodad"])
        Dnsmasq(site, pool=None, hosts={"files.example": "fd00:2::2"},
                extra=["enable-ra", "dhcp-range=fd00:2::,ra-stateless"])
        tree = RootCopy(site)
        Ganesha6(site, {"/nfsroot": tree.dir})
        with start(site, "nfsroot=files.example:/nfsroot,rw ip=auto6", nics=["virtio-net-pci"]) as machine:
            machine.wait_for(SHELL, BOOT_TIMEOUT)
            stage(machine, "eth0 has fd00:2:0:0:.*/64, announced by a router")
            assert Probe(machine).mount("/")[0] == "files.example:/nfsroot"
            assert "nameserver fd00:2:0:0:0:0:0:2" in machine.shell("cat /etc/resolv.conf")
            assert not addresses(machine)
            assert "IPV4ADDR='0.0.0.0'" in machine.shell("cat /run/net-eth0.conf")
        with start(site, "nfsroot=files.example:/nfsroot,rw ip=[fd00:2::50]::[fd00:2::2]:64:six:eth0:none "
                   "rd.route=[fd00:5::/48]:[fd00:2::7] nameserver=fd00:2::2", nics=["virtio-net-pci"]) as machine:
            machine.wait_for(SHELL, BOOT_TIMEOUT)
            stage(machine, "eth0 has fd00:2:0:0:0:0:0:50/64, set by ip=")
            routes = machine.shell("ip -6 route")
            assert "default via fd00:2::2 dev eth0" in routes and "fd00:5::/48 via fd00:2::7" in routes
            assert machine.shell("hostname").strip() == "six"
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
        Ganesha6(site, {"/nfsroot": tree.dir})
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


# ---- the root ---------------------------------------------------------------------------------------


def restart(server, **settings):
    server.stop()
    vars(server).update(settings)
    server.start()


def wait_for_output(machine, command, text, timeout=60):
    deadline = time.monotonic() + timeout
    while text not in (output := machine.shell(command)):
        assert time.monotonic() < deadline, f"no '{text}' in: {output}"
        time.sleep(1)


def wait_for_log(machine, text):
    wait_for_output(machine, "dmesg | grep lanyard: || true", text)


def assert_resolver_in_the_tree(machine, root):
    """In a root that can be written it is a file of the tree that others may replace; what was there
    before is kept."""
    assert "nameserver 192.168.2.2" in machine.shell("cat /etc/resolv.conf")
    with open(root.path("etc", "resolv.conf"), encoding="ascii") as file:
        assert file.readline().startswith("# DHCP's, written by lanyard-init")
    with open(root.path("etc", "resolv.conf.before-lanyard"), encoding="ascii") as file:
        assert file.read() == "nameserver 1.2.3.4\n"
    machine.shell("cd /etc && cp resolv.conf n && mv n resolv.conf && ! grep resolv.conf /proc/mounts")


def assert_survives_a_pulled_cable(machine):
    """For longer than it takes to renew the lease. The root and its lease stay."""
    machine.plug(False)
    time.sleep(12)
    machine.plug(True)
    machine.shell("echo 3 > /proc/sys/vm/drop_caches; md5sum /bin/busybox; "
                  "ip route | grep default; ! dmesg | grep LAN-514", 60)


def test_root_path_of_dhcp(site, root):
    """No nfsroot= at all; quotes, metacharacters and a mount option come along. The keeper renews the
    lease after the ten seconds that the server wants, follows when the server changes its mind, and says
    when it takes the lease back."""
    server = Dnsmasq(site, root_path="192.168.2.2:/nfsroot,rw,noatime",
                     extra=["dhcp-option-force=option:domain-name,example.org$(reboot)",
                            "dhcp-option-force=option:ntp-server,192.168.2.3",
                            "dhcp-option-force=58,10s", "dhcp-option-force=59,100s"])
    with open(root.path("etc", "resolv.conf"), "w", encoding="ascii") as file:
        file.write("nameserver 1.2.3.4\n")
    with start(site, "ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        source, kind, options = Probe(machine).mount("/")
        assert (source, kind) == ("192.168.2.2:/nfsroot", "nfs")
        assert "rw" in options and "noatime" in options
        assert "reboot" not in machine.shell("cat /etc/resolv.conf")
        machine.shell(". /run/net-eth0.conf && test \"$DNSDOMAIN\" = 'example.org$(reboot)'")
        assert_resolver_in_the_tree(machine, root)
        keeper = machine.shell("cat /run/sendsigs.omit.d/lanyard").strip()
        assert machine.shell(f"tr '\\0' ' ' < /proc/{keeper}/cmdline").startswith("@init")
        assert machine.shell(f"ls -l /proc/{keeper}/fd | wc -l; grep CapEff /proc/{keeper}/status")
        told = machine.shell(f"cat /run/lanyard/milestones; grep VmHWM /proc/{keeper}/status")
        peak = int(re.search(r"init took (\d+) KB", told).group(1))
        assert peak + int(re.search(r"VmHWM:\s*(\d+) kB", told).group(1)) < 2048, told
        deadline = time.monotonic() + 30
        while dhcp_types(site)[-2:] != [REQUEST, ACK] or len(dhcp_types(site)) < 6:
            assert time.monotonic() < deadline, dhcp_types(site)
            time.sleep(1)
        assert "192.168.2.2" in site.frames("dhcp.option.dhcp == 3", "ip.dst")[-1]
        first = addresses(machine)
        assert_survives_a_pulled_cable(machine)
        assert addresses(machine) == first
        restart(server, extra=[*server.extra, "dhcp-option=option:dns-server,192.168.2.9"])
        wait_for_log(machine, "the lease of eth0 has other options now")
        wait_for_output(machine, "cat /etc/resolv.conf", "nameserver 192.168.2.9")
        os.unlink(site.path("dnsmasq.leases"))
        restart(server, pool=("192.168.2.200", "192.168.2.210"))
        wait_for_log(machine, "LAN-514 the lease that carries the root has ended")
        wait_for_log(machine, "eth0 has been given the address 192.168.2.20")
        now = addresses(machine)
        assert set(first) < set(now) and len(now) == 2, now


def test_server_by_name(site, root):
    """DNS knows the root's server, and the name of this machine."""
    Dnsmasq(site, hosts={"files.example": "192.168.2.2"}, pool=("192.168.2.77", "192.168.2.77"),
            extra=["ptr-record=77.2.168.192.in-addr.arpa,ws4.example"])
    with start(site, "nfsroot=files.example:/nfsroot ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert Probe(machine).mount("/")[0] == "files.example:/nfsroot"
        stage(machine, "the name servers call this machine ws4")
        assert machine.shell("hostname").strip() == "ws4"


def test_nfs_version_4_when_asked(site, root):
    Dnsmasq(site)
    with start(site, f"{NFSROOT},vers=4.2 ip=dhcp ro", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        options = Probe(machine).mount("/")[2]
        assert "vers=4.2" in options and "ro" in options


class OnlyVersion4(Ganesha):
    """A server that speaks NFS version 4 only."""

    def config(self):
        return super().config().replace("Protocols = 3,4", "Protocols = 4")


# The machine-id of a machine without a UUID and with the first card's usual address.
OWN_ID = "02326b1bfddf452d7ead94870493d5c2"


@pytest.mark.parametrize("portmap", [True, False])
def test_server_that_speaks_version_4_only(site, portmap):
    """Its tree has the name servers that this machine (else: another one) was given before."""
    Dnsmasq(site)
    tree = RootCopy(site)
    with open(tree.path("etc", "resolv.conf"), "w", encoding="ascii") as file:
        file.write("# DHCP's, written by lanyard-init (lanyard.keep=resolver leaves this file alone)\n"
                   f"# {OWN_ID if portmap else OWN_ID[::-1]}\nnameserver 1.2.3.4\n")
    server = OnlyVersion4(site, {"/nfsroot": tree.dir})
    if not portmap:
        server.rpcbind.stop()
    with start(site, f"{NFSROOT} ip=dhcp rw", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert "vers=4.2" in Probe(machine).mount("/")[2]
        stage(machine, "trying NFS 4.2")
        assert "nameserver 192.168.2.2" in machine.shell("cat /etc/resolv.conf")
        assert (Probe(machine).mount("/etc/resolv.conf") is None) == portmap
    with open(tree.path("etc", "resolv.conf"), encoding="ascii") as file:
        assert ("nameserver 1.2.3.4" in file.read()) != portmap
    assert not os.path.exists(tree.path("etc", "resolv.conf.before-lanyard"))


WITHOUT_MODULE = """set -e
mkdir -p without/lanyard; cd without
zstd -dcq "$1" | cpio -i --quiet --to-stdout lanyard/modules | grep -Ev "^($2) " > lanyard/modules
(cat "$1"; find lanyard | cpio -o --quiet -H newc | zstd -q) > ../without.img
"""


def without_module(site, name):
    """The initrd with a list of modules that lacks one: a later archive's file counts."""
    subprocess.run(["sh", "-c", WITHOUT_MODULE, "sh", INITRDS.get(INITRD, INITRD), name], cwd=site.dir,
                   check=True)
    return site.path("without.img")


def test_version_4_without_its_module(site):
    Dnsmasq(site)
    OnlyVersion4(site, {"/nfsroot": RootCopy(site).dir})
    with start(site, f"{NFSROOT} ip=dhcp", without_module(site, "nfsv4"),
               nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"LAN-50\d .*this image has no module nfsv4", BOOT_TIMEOUT)


@pytest.mark.parametrize("modules, fault", [
    ("overlay", r"LAN-511 .*'mklanyard -m list:overlay' adds the module"),
    ("nfs|nfsv3|nfsv4", r"LAN-508 .*'mklanyard -m list:nfs' adds the NFS client")])
def test_image_that_lacks_a_module(site, root, modules, fault):
    """And what adds it."""
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=dhcp lanyard.overlay=tmpfs panic=1", without_module(site, modules),
               nics=["virtio-net-pci"]) as machine:
        machine.wait_for(fault, BOOT_TIMEOUT)


def test_server_that_does_not_exist(site):
    Dnsmasq(site)
    with start(site, "nfsroot=192.168.2.99:/nfsroot ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"LAN-505 .*192\.168\.2\.99:/nfsroot.*TCP port 2049", BOOT_TIMEOUT)


def test_the_later_of_ro_and_rw_counts(site, root):
    Dnsmasq(site)
    with start(site, f"rw {NFSROOT},ro ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert "ro" in Probe(machine).mount("/")[2]


NTP_CONF = "driftfile /var/lib/drift\npool 0.pool.example iburst\n"


def test_overlay_with_a_size(site, root):
    """The clock is 25 years behind; the lease has a time server and a time zone."""
    Dnsmasq(site, extra=["dhcp-option=option:ntp-server,192.168.2.2", "dhcp-option=101,Europe/Berlin"])
    Sntp(site)
    put(root, "TZif", "usr", "share", "zoneinfo", "Europe", "Berlin")
    put(root, "Etc/UTC\n", "etc", "timezone")
    put(root, NTP_CONF, "etc", "ntpsec", "ntp.conf")
    with start(site, f"{NFSROOT} ip=dhcp rw lanyard.overlay=tmpfs,size=12m "
               "lanyard.tmpfs=/home:size=3m:mode=0711,/no,no", nics=["virtio-net-pci"],
               extra=["-rtc", "base=2001-02-03T04:05:06"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        probe = Probe(machine)
        assert probe.mount("/")[1] == "overlay"
        assert "size=12288k" in probe.mount("/run/lanyard/upper")[2]
        assert "ro" in probe.mount("/run/lanyard/lower")[2]
        assert probe.mount("/home")[1] == probe.mount("/no")[1] == "tmpfs"
        assert {"size=3072k", "mode=711"} <= set(probe.mount("/home")[2])
        assert probe.mount("/media") is None
        # This machine's own, and replaceable as on a disk.
        assert re.fullmatch("[0-9a-f]{32}", machine.shell("cat /etc/machine-id").strip())
        assert machine.shell("cat /etc/hostname").strip() == machine.shell("hostname").strip()
        assert "127.0.1.1" in machine.shell("cat /etc/hosts")
        machine.shell("cd /etc; for f in hostname machine-id resolv.conf; do cp $f n; mv n $f; done")
        assert "52:54:00:12:34:01" in machine.shell("cat /run/NetworkManager/conf.d/*")
        stage(machine, r"set by 192\.168\.2\.2 \(NTP\)")
        assert abs(int(machine.shell("date +%s")) - time.time()) < 30
        assert machine.shell("cat /run/chrony-dhcp/lanyard.sources") == "server 192.168.2.2 iburst\n"
        assert machine.shell("cat /run/ntpsec/ntp.conf.dhcp") == \
            "server 192.168.2.2 iburst\ndriftfile /var/lib/drift\n"
        assert machine.shell("readlink /etc/localtime; cat /etc/timezone").split() == \
            ["/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"]
        # Nothing of the initramfs is left in memory.
        assert machine.shell("ls /lanyard 2>&1 || true").count("No such file") == 1


# Files of a tree that lanyard.keep= is about; and what they are once init has laid its own over them.
TREE = {
    ("etc", "hostname"): "tree\n",
    ("etc", "machine-id"): "0123456789abcdef0123456789abcdef\n",
    ("etc", "fstab"): "UUID=0a3407de-014b-458b-b5c1-848e92a327a3 / ext4 defaults 0 1\n",
    ("etc", "resolv.conf"): "nameserver 1.2.3.4\n",
    ("etc", "cron.daily", "man-db"): "#!/bin/sh\n",
}
KEPT = {
    "hostname": "grep -qx tree /etc/hostname",
    "machine-id": "grep -q ^0123456789abcdef /etc/machine-id",
    "fstab": "grep -q ^UUID /etc/fstab",
    "resolver": "grep -qx 'nameserver 1.2.3.4' /etc/resolv.conf",
    "jobs": "test -x /etc/cron.daily/man-db",
    "network": "test ! -e /run/NetworkManager",
}


def put(root, text, *names):
    os.makedirs(root.path(*names[:-1]), exist_ok=True)
    with open(root.path(*names), "w", encoding="ascii") as file:
        file.write(text)


def tree_of_a_disk(root):
    for names, text in TREE.items():
        put(root, text, *names)
    os.chmod(root.path("etc", "cron.daily", "man-db"), 0o755)


def assert_kept(machine, words):
    """What lanyard.keep= names is as in the tree, and nothing else is."""
    kept = {word for word, check in KEPT.items()
            if machine.shell(f"if {check}; then echo kept; fi").strip() == "kept"}
    assert kept == set(words.split(",")), kept


@pytest.fixture
def shell_image(site):
    image = site.path("shell.img")
    subprocess.run([f"{BIN}/mklanyard", "-r", DEMO_ROOT, "-m", "list:virtio_net,virtio_pci",
                    "--with-shell", "-o", image], check=True, stderr=subprocess.DEVNULL)
    return image


# What is there when a shell comes before a stage, and what not yet.
STOPS = {
    "top": "test -e /proc/cmdline && ! grep virtio_net /proc/modules",
    "modules": "! grep virtio_net /proc/modules",
    "premount": "! ip -4 addr | grep 192.168.2.",
    "mount": "ip -4 addr show eth0 | grep 192.168.2. && ! grep ' nfs' /proc/mounts",
    "bottom": "grep ' nfs' /proc/mounts && ! grep overlay /proc/mounts",
    "init": "grep '^overlay /root overlay ' /root/proc/1/mounts && test ! -e /proc/cmdline",
}
KEEP = "hostname,jobs,network", "fstab,machine-id,resolver"


def test_stops(site, root, shell_image):
    """break= with each stage; half of what can be kept."""
    Dnsmasq(site)
    tree_of_a_disk(root)
    with start(site, f"{NFSROOT} ip=dhcp lanyard.overlay=tmpfs break={','.join(STOPS)} "
               f"lanyard.keep={KEEP[0]}", shell_image, nics=["virtio-net-pci"]) as machine:
        for name, check in STOPS.items():
            machine.wait_for(rf"waiting for you: a shell \(break={name}; 'exit' goes on\)", BOOT_TIMEOUT)
            machine.wait_for("lanyard# ", 20)
            machine.shell(check)
            machine.console.send("exit\n")
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert_kept(machine, KEEP[0])


def test_rescue(site, shell_image):
    """The fault, a shell below it, and another try when that ends; the other half of what can be kept."""
    Dnsmasq(site)
    tree = RootCopy(site)
    tree_of_a_disk(tree)
    with start(site, f"{NFSROOT} ip=dhcp lanyard.overlay=tmpfs lanyard.rescue rootdelay=8 "
               f"lanyard.keep={KEEP[1]}", shell_image, nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"waiting for you: a shell \(lanyard\.rescue; 'exit' tries again\)", BOOT_TIMEOUT)
        assert "LAN-505" in machine.console.text.splitlines()[-2], machine.console.tail()
        machine.wait_for("lanyard# ", 20)
        machine.shell("ip -4 addr show eth0 | grep 192.168.2.")
        Ganesha(site, {"/nfsroot": tree.dir})
        machine.console.send("exit\n")
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert_kept(machine, KEEP[1])


def test_quiet(site, root):
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=dhcp quiet", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert stages(machine) == []
        assert "is mounted" in machine.shell("cat /run/lanyard/milestones")


def test_no_init_is_said_and_tried_again(site, root):
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=dhcp init=/sbin/nosuchinit",
               nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"LAN-509 .*192\.168\.2\.2:/nfsroot has no /sbin/nosuchinit", BOOT_TIMEOUT)
        machine.wait_for(r"another try in \d+ s", 10)
        os.link(root.path("bin/busybox"), root.path("sbin/nosuchinit"))
        machine.wait_for(r"starting /sbin/nosuchinit", 60)


def test_server_that_comes_late(site):
    """The NFS server starts a while after the machine: the boot waits for it, and says so."""
    Dnsmasq(site)
    tree = RootCopy(site)
    with start(site, f"{NFSROOT} ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"LAN-505 .*TCP port 2049: Connection refused", BOOT_TIMEOUT)
        Ganesha(site, {"/nfsroot": tree.dir})
        machine.wait_for(SHELL, BOOT_TIMEOUT)


def test_wrong_root_parameter(site):
    """There is no shell in the image, and it is asked for twice."""
    with Machine(site, kernel=kernel(), initrd=INITRDS.get(INITRD, INITRD),
                 append="console=ttyS0 root=/dev/sda1 panic=3 break=top lanyard.rescue") as machine:
        machine.wait_for(r"note: no shell in this image \(mklanyard --with-shell\)", BOOT_TIMEOUT)
        machine.wait_for(r"LAN-510 .*/dev/sda1", BOOT_TIMEOUT)
        machine.wait_for(r"note: no shell in this image", 20)
        machine.wait_for(r"reboot .*in 3 s", 20)
        machine.wait_end(30)


def test_no_card(site):
    """What is there instead is named: a card without its driver, and what has a Wi-Fi card's class."""
    with start(site, f"{NFSROOT} ip=dhcp panic=1 rootdelay=12", nics=["rtl8139"],
               extra=["-blockdev", "null-co,node-name=d",
                      "-device", "virtio-blk-pci,drive=d,class=0x280"]) as machine:
        said = machine.wait_for(r"LAN-101 .*\n", BOOT_TIMEOUT).group()
        assert re.search(r"Ethernet 10ec:8139 at 0000:00:\S+ has no driver here", said), said
        assert re.search(r"Wi-Fi 1af4:1001 at 0000:00:\S+ cannot carry the root", said), said
        assert "USB Ethernet adapter" in said, said
        stage(machine, "note: 'mklanyard -m list:pci:v000010ECd00008139svsdbc02sc00i' adds the driver")
        machine.wait_end(30)
