# SPDX-License-Identifier: BSD-2-Clause
"""Which files are asked for, and of whom: the configuration search and the rules for file names."""

import pytest

from tests.host.client import SERVER, UUID, dhcp
from tests.host.kernel import blob, bzimage

FILES = {"vmlinuz": bzimage(), "i": blob(100, "i")}
CONFIG = "DEFAULT l\nLABEL l\nKERNEL {}\n"
MAC = "pxelinux.cfg/01-52-54-00-12-34-01"
IPS = [f"pxelinux.cfg/{'C0A80232'[:n]}" for n in range(8, 0, -1)]
DEFAULT = "pxelinux.cfg/default"
RAW = "pxelinux.cfg/67452301-ab89-ef4d-8001-020304050607"
RFC = f"pxelinux.cfg/{UUID}"


def search(dnsmasq, *words, files=None, **options):
    """The files asked for until the kernel."""
    dnsmasq.serve(files or {DEFAULT: CONFIG.format("vmlinuz"), **FILES})
    result = dnsmasq.run(*words, ack=dhcp(**options))
    assert result.plan, result
    return result.files()[:-1]


# The search

def test_order(dnsmasq):
    assert search(dnsmasq) == [MAC, *IPS, DEFAULT]


def test_order_with_uuid(dnsmasq):
    assert search(dnsmasq, "--uuid", UUID) == [RAW, RFC, MAC, *IPS, DEFAULT]


@pytest.mark.parametrize("uuid", ["00000000-0000-0000-0000-000000000000",
                                  "ffffffff-ffff-ffff-ffff-ffffffffffff"])
def test_a_uuid_that_says_nothing_is_skipped(dnsmasq, uuid):
    assert search(dnsmasq, "--uuid", uuid) == [MAC, *IPS, DEFAULT]


@pytest.mark.parametrize("name", [RAW, RFC, MAC, *IPS, DEFAULT])
def test_the_first_that_exists_is_taken(dnsmasq, name):
    asked = search(dnsmasq, "--uuid", UUID, files={name: CONFIG.format("vmlinuz"), **FILES})
    assert asked[-1] == name
    assert asked == [RAW, RFC, MAC, *IPS, DEFAULT][:len(asked)]


def test_hexadecimal_address_of_another_client(dnsmasq):
    assert search(dnsmasq, address="192.168.2.171")[1] == "pxelinux.cfg/C0A802AB"


def test_option_209(dnsmasq):
    assert search(dnsmasq, options={209: b"conf/mine"}, boot_file="sub/lanyard.0", files={
        "sub/conf/mine": CONFIG.format("::vmlinuz"), **FILES}) == ["sub/conf/mine"]


def test_option_209_that_misses(dnsmasq):
    assert search(dnsmasq, options={209: b"conf/mine"}) == ["conf/mine", MAC, *IPS, DEFAULT]


def test_option_209_in_option_43(dnsmasq):
    assert search(dnsmasq, options={43: b"\xd1\x01m\xff"}, files={
        "m": CONFIG.format("vmlinuz"), **FILES}) == ["m"]


def test_option_209_at_an_unknown_host(dnsmasq):
    dnsmasq.serve({DEFAULT: CONFIG.format("vmlinuz"), **FILES})
    result = dnsmasq.run(ack=dhcp(options={209: b"tftp://nowhere/x"}))
    assert result.faults == ["LAN-512"]
    assert result.plan


def test_an_empty_configuration_is_none(dnsmasq):
    dnsmasq.serve({MAC: "", DEFAULT: CONFIG.format("vmlinuz"), **FILES})
    result = dnsmasq.run("--countdown", "expire", ack=dhcp())
    assert result.faults[0] in ("LAN-303", "LAN-209"), result
    assert result.plan, result


def test_one_that_is_too_large_is_told(dnsmasq):
    dnsmasq.serve({MAC: "#" * (1 << 20), DEFAULT: CONFIG.format("vmlinuz"), **FILES})
    result = dnsmasq.run(ack=dhcp())
    assert result.faults == ["LAN-305"], result
    assert "1048576" in result.sentence("LAN-305") and MAC in result.sentence("LAN-305")
    assert result.plan


def test_the_largest_there_may_be(dnsmasq):
    text = CONFIG.format("vmlinuz")
    assert search(dnsmasq, files={MAC: text + "\n" * (786237 - len(text)), **FILES}) == [MAC]


# Prefixes

@pytest.mark.parametrize("boot_file, prefix", [
    ("lanyard.0", ""), ("/lanyard.0", "/"), ("sub/lanyard.0", "sub/"), ("sub/my_lanyard.0", "sub/my_"),
    ("/srv/tftp/x86/lanyard.0", "/srv/tftp/x86/"), ("tftp://192.168.2.2/sub/lanyard.0", "sub/"),
    ("192.168.2.2::sub/lanyard.0", "sub/"), ("", ""),
])
def test_prefix_of_the_boot_file(dnsmasq, boot_file, prefix):
    dnsmasq.serve({})
    result = dnsmasq.run(ack=dhcp(boot_file=boot_file))
    assert result.files(server=True)[0] == f"{SERVER} {prefix}{MAC}", result
    assert result.files()[-1] == prefix + DEFAULT


def test_option_210_is_the_prefix(dnsmasq):
    dnsmasq.serve({})
    result = dnsmasq.run(ack=dhcp(boot_file="sub/lanyard.0", options={210: b"other/x"}))
    assert result.files()[0] == "other/x" + MAC


def test_boot_file_in_option_67(dnsmasq):
    dnsmasq.serve({})
    result = dnsmasq.run(ack=dhcp(options={67: b"sub/lanyard.0"}, file_field=False))
    assert result.files()[0] == "sub/" + MAC


def test_no_boot_file_is_named(dnsmasq):
    """It was loaded all the same; names are relative to the server's root then."""
    assert search(dnsmasq, file_field=False) == [MAC, *IPS, DEFAULT]


def test_the_proxy_names_file_and_server(dnsmasq):
    """As a ROM keeps it: an ACK without boot file, and the proxyDHCP server's answer."""
    dnsmasq.serve({"sub/" + DEFAULT: CONFIG.format("vmlinuz"), "sub/vmlinuz": FILES["vmlinuz"]})
    result = dnsmasq.run(ack=dhcp(boot_file="", next_server=None, server="192.168.2.9"),
                         proxy=dhcp(address=None, boot_file="sub/lanyard.0", options={60: b"PXEClient"}))
    assert result.files(server=True)[0] == f"{SERVER} sub/{MAC}", result
    assert result.plan


def test_an_empty_proxy_packet_is_no_fault(dnsmasq):
    dnsmasq.serve({DEFAULT: CONFIG.format("vmlinuz"), **FILES})
    result = dnsmasq.run(ack=dhcp(), proxy=bytes(1260))
    assert result.plan and result.faults == [], result


def test_option_66_names_the_server(dnsmasq):
    dnsmasq.serve({})
    result = dnsmasq.run(ack=dhcp(next_server=None, options={66: b"192.168.2.2", 54: b"\xc0\xa8\x02\x09"}))
    assert result.files(server=True)[0] == f"{SERVER} {MAC}"


def test_without_next_server_the_dhcp_server_is_asked(dnsmasq):
    dnsmasq.serve({})
    result = dnsmasq.run(ack=dhcp(next_server=None))
    assert result.files(server=True)[0] == f"{SERVER} {MAC}"


def test_the_boot_file_itself_is_never_loaded_again(dnsmasq):
    dnsmasq.serve({"lanyard.0": b"x", DEFAULT: CONFIG.format("vmlinuz"), **FILES})
    assert "lanyard.0" not in dnsmasq.run(ack=dhcp()).files()


# Names in a configuration; the configuration lies under sub/

@pytest.mark.parametrize("name, asked", [
    ("vmlinuz", f"{SERVER} sub/vmlinuz"),
    ("/vmlinuz", f"{SERVER} sub//vmlinuz"),
    ("::vmlinuz", f"{SERVER} vmlinuz"),
    ("::/vmlinuz", f"{SERVER} /vmlinuz"),
    ("192.168.2.3::vmlinuz", "192.168.2.3 vmlinuz"),
    ("tftp://192.168.2.3/vmlinuz", "192.168.2.3 vmlinuz"),
    ("tftp://192.168.2.3//vmlinuz", "192.168.2.3 /vmlinuz"),
    ("tftp://192.168.2.3/vmlinuz#part", "192.168.2.3 vmlinuz"),
    ("tftp://192.168.2.3/vm%6cinuz", "192.168.2.3 vmlinuz"),
    ("a:b", f"{SERVER} sub/a:b"),
])
def test_names(dnsmasq, name, asked):
    dnsmasq.serve({"sub/" + DEFAULT: CONFIG.format(name), "sub/vmlinuz": bzimage(), "vmlinuz": bzimage(),
                   "sub/a:b": bzimage()})
    result = dnsmasq.run(ack=dhcp(boot_file="sub/lanyard.0"))
    assert result.files(server=True)[-1] == asked, result
    assert result.plan, result


def test_port_in_a_url(dnsmasq):
    dnsmasq.serve({DEFAULT: CONFIG.format("tftp://192.168.2.2:6969/vmlinuz")})
    result = dnsmasq.run("--hurry", "50", ack=dhcp())
    assert result.of("request")[-1]["port"] == 6969
    assert "LAN-210" in result.faults, result


@pytest.mark.parametrize("name, fault", [
    ("https://192.168.2.2/vmlinuz", "LAN-212"), ("nosuchhost::vmlinuz", "LAN-512"),
    ("tftp://nosuchhost/vmlinuz", "LAN-512"), ("tftp://192.168.2.2", "LAN-302"),
    ("x" * 256, "LAN-302"), ("sub/" + "x" * 252, "LAN-302"),
])
def test_names_that_cannot_be_asked_for(dnsmasq, name, fault):
    dnsmasq.serve({DEFAULT: CONFIG.format(name)})
    result = dnsmasq.run(ack=dhcp())
    assert result.faults == [fault], result
    assert name[:40] in result.sentence(fault)
    assert result.files()[-1] == DEFAULT


def test_the_longest_name(dnsmasq):
    name = "d" * 100 + "/" + "x" * 154
    dnsmasq.serve({DEFAULT: CONFIG.format(name), name: bzimage()})
    assert dnsmasq.run(ack=dhcp()).plan
