# SPDX-License-Identifier: BSD-2-Clause
"""What the record carries (lanyard-record(5))."""

from tests.host.client import HWADDR, UUID, dhcp
from tests.host.kernel import blob, bzimage

FILES = {"vmlinuz": bzimage(), "i": blob(100, "i"), "j": blob(2000, "j")}
CONFIG = "DEFAULT l x\nLABEL l\nKERNEL vmlinuz\nINITRD i,j\n"


def record(result):
    assert result.plan, result
    return result.plan["record"]


def test_packets_as_they_came(dnsmasq):
    discover = dhcp(kind=1, address=None, op=1, options={61: b"\xff\x01\x02\x03"}) + bytes(60)
    ack = dhcp() + bytes(1260 - len(dhcp()))
    proxy = dhcp(options={60: b"PXEClient"}) + bytes(3)
    files = record(dnsmasq.boot(CONFIG, FILES, ack=ack, discover=discover, proxy=proxy))
    assert bytes.fromhex(files["lanyard/dhcpack"]) == ack
    assert bytes.fromhex(files["lanyard/dhcpdiscover"]) == discover
    assert bytes.fromhex(files["lanyard/proxyack"]) == proxy


def test_packets_of_our_own_exchange(dnsmasq):
    dnsmasq.serve(FILES | {"pxelinux.cfg/default": CONFIG})
    files = record(dnsmasq.run("--uuid", UUID))
    discover = bytes.fromhex(files["lanyard/dhcpdiscover"])
    ack = bytes.fromhex(files["lanyard/dhcpack"])
    assert discover[0] == 1 and b"\x35\x01\x01" in discover
    assert ack[0] == 2 and b"\x35\x01\x05" in ack
    assert ack[4:8] == discover[4:8]
    assert "lease dhcp\n" in files["lanyard/source"]
    assert "lanyard/proxyack" not in files


def test_card(dnsmasq):
    files = record(dnsmasq.boot(CONFIG, FILES, "--uuid", UUID, "--bus", "pci 00:03.0 8086:100e"))
    assert files["lanyard/nic"] == (
        f"hwaddr {HWADDR}\nhwtype 1\nname eth0\nbus pci 00:03.0 8086:100e\nfirmware BIOS\narch 0\n"
        f"uuid {UUID}\n")


def test_source(dnsmasq):
    files = record(dnsmasq.boot(CONFIG, FILES))
    assert files["lanyard/source"] == (
        "program lanyard 0.1\nlease firmware\naddress 192.168.2.50/24\nserver 192.168.2.2\n"
        "config pxelinux.cfg/default\nlabel l\nkernel 40000 vmlinuz\ninitrd 100 i\ninitrd 2000 j\n")


def test_timeline(dnsmasq):
    files = record(dnsmasq.boot(CONFIG, FILES))
    stages = [line.split() for line in files["lanyard/timeline"].splitlines()]
    assert [stage for stage, _ in stages] == ["start", "lease", "config", "kernel", "initrd", "boot"]
    times = [int(ms) for _, ms in stages]
    assert times == sorted(times) and times[0] == 0 and times[-1] < 30_000


def test_timeline_of_a_second_try(dnsmasq):
    config = "DEFAULT a\nLABEL a\nKERNEL vmlinuz\nINITRD nosuch\nLABEL b\nKERNEL vmlinuz\nINITRD i\n"
    files = record(dnsmasq.boot(config, FILES, "--countdown", "expire"))
    stages = [line.split()[0] for line in files["lanyard/timeline"].splitlines()]
    assert stages == ["start", "lease", "config", "kernel", "initrd", "boot"]
    assert "label b\n" in files["lanyard/source"]


def test_none_without_initrd(dnsmasq):
    result = dnsmasq.boot("DEFAULT l\nLABEL l\nKERNEL vmlinuz\n", FILES)
    assert result.plan["initrd_size"] == 0 and "record" not in result.plan


def test_the_command_line_stays_the_users(dnsmasq):
    assert dnsmasq.boot(CONFIG, FILES).line == "BOOT_IMAGE=vmlinuz initrd=i,j x"
