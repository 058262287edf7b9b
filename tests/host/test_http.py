# SPDX-License-Identifier: BSD-2-Clause
"""Files by HTTP, and names found by DNS: honest servers, broken and hostile ones, and files that are
continued after a break."""

import hashlib
import os
import sys
import time

import pytest

from tests.host.client import SERVER, dhcp
from tests.host.conftest import make_client
from tests.host.filed import Filed
from tests.host.kernel import blob, bzimage
from tests.site import Dnsmasq, Site
from tests.site.servers import Server

OTHER = "192.168.2.3"
KERNEL = bzimage(400_000)
FILES = {"vmlinuz": KERNEL, "a": blob(70_001, "a"), "b": blob(1, "b"), "sub/c": blob(5, "c"), "sub dir/c": blob(3000, "c")}
HOSTS = {"boot.example": SERVER, "mirror.example": OTHER}
TWO = ["address=/two.example/192.168.2.9", f"address=/two.example/{SERVER}"]
DNS = {6: bytes([192, 168, 2, 2])}


class Httpd(Server):
    """tests/host/httpd.py on an address of the site."""

    ready = "serving"

    def __init__(self, site, root, address=SERVER, name="boot.example"):
        self.root, self.address, self.host = root, address, name
        super().__init__(site, f"httpd-{address}")

    def argv(self):
        program = os.path.join(os.path.dirname(__file__), "httpd.py")
        return [sys.executable, program, self.address, self.root, self.host]


@pytest.fixture(scope="module")
def net():
    """A client of dnsmasq (TFTP for the configuration, DNS) and an HTTP server of ours."""
    with Site(name="http", capture=False) as site:
        client = make_client(site)
        site.ip("addr", "add", f"{OTHER}/24", "dev", "br0")
        client.dnsmasq = Dnsmasq(site, tftp_root=client.root, boot_file="lanyard.0", hosts=HOSTS,
                                 extra=TWO)
        client.httpd = Httpd(site, client.root)
        yield client


def config(kernel, initrd=""):
    return f"DEFAULT l\nLABEL l\nKERNEL {kernel}\n" + (f"INITRD {initrd}\n" if initrd else "")


def at(mode, name="vmlinuz", host=SERVER):
    return f"http://{host}/{mode}/{name}"


def boot(net, kernel, *words, initrd="", files=FILES, options=None, **more):
    return net.boot(config(kernel, initrd), files, *words, ack=dhcp(options=options), **more)


def http(result, method=None):
    return [e for e in result.of("request") if e["protocol"] == "http"
            and method in (None, e["method"])]


def check(result, net, initrds=()):
    """Kernel and initrds are byte for byte what was served."""
    assert result.plan, result
    wanted = [net.contents[name] for name in initrds]
    got = result.plan.get("initrds", [])
    assert result.plan["kernel"]["sha256"] == hashlib.sha256(net.contents["vmlinuz"]).hexdigest()
    assert [i["sha256"] for i in got] == [hashlib.sha256(c).hexdigest() for c in wanted], result


# Bodies

@pytest.mark.parametrize("mode", ["plain", "chunked", "nohead", "close"])
def test_bodies(net, mode):
    result = boot(net, at(mode), initrd=f"{at(mode, 'a')},{at(mode, 'b')},{at(mode, 'sub%20dir/c')}")
    check(result, net, ["a", "b", "sub dir/c"])
    assert result.faults == []


def test_connections_are_kept(net):
    result = boot(net, at("plain"), initrd=f"{at('plain', 'a')},{at('plain', 'b')}")
    check(result, net, ["a", "b"])
    assert len({e["from_port"] for e in http(result)}) == 1, result
    assert [e["method"] for e in http(result)] == ["GET", "HEAD", "HEAD", "GET", "GET"]


def test_a_kept_connection_is_closed(net):
    """The next file is asked for over a new one at once."""
    result = boot(net, at("tired"), initrd=f"{at('tired', 'a')},{at('tired', 'b')}")
    check(result, net, ["a", "b"])
    assert result.faults == [], result


def test_by_both_protocols(net):
    result = boot(net, at("plain"), initrd=f"a,{at('plain', 'b')}")
    check(result, net, ["a", "b"])


# Where relative names lead

@pytest.mark.parametrize("options", [
    {67: b"http://192.168.2.2/plain/lanyard.0"},
    {210: b"http://192.168.2.2/plain/"},
    {209: b"http://192.168.2.2/plain/conf/machine"},
])
def test_a_place_on_an_http_server(net, options):
    """All files come from there: '..' leads up, '/' to the root, '::' back to TFTP."""
    text = config("vmlinuz", "../plain/a,/plain/b,::sub/c")
    if 209 in options:
        text = text.replace("vmlinuz", "../vmlinuz").replace("../plain/a", "../../plain/a")
    files = FILES | {"pxelinux.cfg/default": text, "conf/machine": text}
    net.serve(files)
    result = net.run(ack=dhcp(options=options, file_field=67 not in options))
    check(result, net, ["a", "b", "sub/c"])
    assert result.faults == [], result
    assert all(e["file"] == "sub/c" for e in result.of("request") if e["protocol"] == "tftp")


def test_another_configuration_and_its_directory(net):
    """CONFIG goes on from where the first one is."""
    files = {"pxelinux.cfg/default": "DEFAULT l\nLABEL l\nCONFIG more.cfg\nAPPEND sub/\n",
             "more.cfg": config("../vmlinuz", "c")}
    net.serve(FILES | files)
    result = net.run(ack=dhcp(options={210: b"http://192.168.2.2/plain/"}))
    check(result, net, ["sub/c"])
    assert result.files() == [], result


def test_the_record_names_the_configurations_url(net):
    net.serve(FILES | {"pxelinux.cfg/default": config("vmlinuz", "a")})
    result = net.run(ack=dhcp(options={210: b"http://192.168.2.2/plain/"}))
    source = result.plan["record"]["lanyard/source"]
    assert "config http://192.168.2.2/plain/pxelinux.cfg/default\n" in source, source


def test_option_210_counts_more_than_where_the_configuration_lies(net):
    net.serve(FILES | {"conf": config("vmlinuz")})
    options = {209: b"http://192.168.2.2/plain/conf", 210: b"tftp://192.168.2.2/"}
    result = net.run(ack=dhcp(options=options))
    check(result, net)
    assert result.files() == ["vmlinuz"]


def test_the_record_names_urls(net):
    result = boot(net, at("plain"), initrd=f"{at('plain', 'a')},b")
    source = result.plan["record"]["lanyard/source"]
    assert f"kernel 400000 {at('plain')}\n" in source, source
    assert f"initrd 70001 {at('plain', 'a')}\n" in source and "initrd 1 b\n" in source


# Names

@pytest.mark.parametrize("name", ["http://boot.example/plain/vmlinuz", "tftp://boot.example/vmlinuz",
                                  "boot.example::vmlinuz", "http://BOOT/plain/vmlinuz"])
def test_names_are_looked_up(net, name):
    result = boot(net, name, initrd="boot.example::a", options=DNS | {15: b"example"})
    check(result, net, ["a"])
    assert result.faults == []
    asked = [e["name"] for e in result.of("request") if e["protocol"] == "dns"]
    assert asked[0] == "boot.example" and len(asked) == (2 if "BOOT" in name else 1), result


@pytest.mark.parametrize("name", [at("plain", host="two.example"), "two.example::vmlinuz"])
def test_the_addresses_of_a_name_are_a_list_of_servers(net, name):
    """One of them does not answer."""
    result = boot(net, name, "--hurry", "50", options=DNS)
    check(result, net)
    assert set(result.faults) <= {"LAN-107"}, result
    assert not result.faults or f"trying the next server, {SERVER}" in result.console


@pytest.mark.parametrize("option_66, faults", [(b"boot.example", []), (b"nowhere.example", ["LAN-512"])])
def test_the_boot_server_is_known_by_name(net, option_66, faults):
    """It is looked up once; what gave the lease is asked after it."""
    net.serve(FILES | {"pxelinux.cfg/default": config("vmlinuz", "a")})
    options = DNS | {66: option_66, 54: bytes([192, 168, 2, 2] if faults else [192, 168, 2, 9])}
    result = net.run(ack=dhcp(next_server=None, options=options))
    check(result, net, ["a"])
    assert result.faults == faults, result
    assert len([e for e in result.of("request") if e["protocol"] == "dns"]) == 1


def test_a_name_that_does_not_exist(net):
    result = boot(net, "http://nowhere.example/vmlinuz", options=DNS)
    assert result.faults == ["LAN-512"], result
    assert "there is no such name, says 192.168.2.2" in result.sentence("LAN-512")


def test_no_name_server(net):
    result = boot(net, "boot.example::vmlinuz")
    assert result.faults == ["LAN-512"], result
    assert "DHCP has named no DNS server" in result.sentence("LAN-512")


def test_a_name_server_that_is_silent(net):
    result = boot(net, "boot.example::vmlinuz", "--hurry", "50", options={6: bytes([192, 168, 2, 9])})
    assert result.faults == ["LAN-220"], result
    assert "boot.example" in result.sentence("LAN-220")


# Redirections

def test_redirections(net):
    result = boot(net, at("redirect"))
    check(result, net)
    assert [e["file"] for e in http(result)] == ["/redirect/vmlinuz", "/plain/vmlinuz"]


def test_a_redirection_to_another_server(net):
    result = boot(net, at("elsewhere"), options=DNS)
    check(result, net)
    assert [e["port"] for e in http(result)] == [80, 8080], result


# What goes wrong

@pytest.mark.parametrize("url, fault, words", [
    (at("plain", "nosuch"), "LAN-222", '/plain/nosuch": 404 Not Found'),
    (at("status", "403%20Forbidden"), "LAN-223", "403 Forbidden"),
    (at("status", "400%20Bad"), "LAN-224", "400 Bad"),
    (at("loop"), "LAN-228", "5 times"),
    (at("https"), "LAN-228", "https://192.168.2.2/plain/vmlinuz"),
    (at("page"), "LAN-230", "/page/vmlinuz"),
    (at("plain", "empty"), "LAN-209", "/plain/empty"),
    (at("plain", "a"), "LAN-401", "/plain/a"),
    ("https://192.168.2.2/vmlinuz", "LAN-212", "https"),
    ("ftp://192.168.2.2/vmlinuz", "LAN-212", "ftp"),
    ("nfs://192.168.2.2/vmlinuz", "LAN-212", "nfs"),
    ("http://192.168.2.2:99999/vmlinuz", "LAN-212", "99999"),
])
def test_clear_failures(net, url, fault, words):
    result = boot(net, url, files=FILES | {"empty": b""})
    assert result.faults == [fault], result
    assert words in result.sentence(fault), result.sentence(fault)


@pytest.mark.parametrize("url, fault, words", [
    (at("status", "500%20Oops"), "LAN-225", "500 Oops"),
    (at("length", "5,6"), "LAN-226", "two different Content-Lengths"),
    (at("length", "-5"), "LAN-226", "a Content-Length that is none"),
    (at("length", "9223372036854775808"), "LAN-226", "a Content-Length that is none"),
    (at("length", "1000"), "LAN-229", "after 100 of 1000 bytes"),
    (at("endless"), "LAN-226", "a head without end"),
    (at("badchunk"), "LAN-226", "broken chunks"),
    (at("drip"), "LAN-227", "bytes in 30 s"),
    (at("silent"), "LAN-216", "192.168.2.2"),
    ("http://192.168.2.3/vmlinuz", "LAN-213", "192.168.2.3"),
    ("http://192.168.2.9/vmlinuz", "LAN-107", "192.168.2.9"),
])
def test_failures_that_may_pass(net, url, fault, words):
    """Each is tried four times."""
    result = boot(net, url, "--hurry", "100")
    assert result.faults == [fault] * 4, result
    assert words in result.sentence(fault), result.sentence(fault)
    assert "trying 192.168.2." in result.console


def test_more_bytes_than_promised(net):
    """They are no part of the file."""
    result = boot(net, at("length", "5"))
    assert result.faults == ["LAN-401"], result


def test_sizes_that_add_up_to_nothing(net):
    """Modulo 2^64 there would be room for these initrds."""
    huge = at("length", str(2 ** 63 - 4))
    result = boot(net, at("plain"), initrd=f"{huge},{huge},{at('plain', 'a')}")
    assert result.faults == ["LAN-208"], result
    assert huge in result.sentence("LAN-208")


def test_initrds_of_unknown_size_share_one_place(net):
    """The second one does not fit any more, and does not go anywhere else."""
    large = {"x": bytes(1 << 20), "y": bytes(1 << 20)}
    text = config(at("plain"), f"{at('nohead', 'x')},{at('nohead', 'y')}") + "APPEND mem=3M\n"
    result = net.boot(text, FILES | large, "--memory", "64", ack=dhcp())
    assert result.faults == ["LAN-208"], result
    assert "/nohead/y" in result.sentence("LAN-208")


def test_a_busy_server_is_waited_for(net):
    result = boot(net, at("busy"), "--hurry", "10")
    check(result, net)
    assert result.faults == ["LAN-225"] * 2
    assert "trying 192.168.2.2 again in 3 s" in result.console


def test_the_search_goes_on_when_files_are_missing(net):
    net.serve({"x": b""})
    result = net.run(ack=dhcp(options={210: b"http://192.168.2.2/plain/"}))
    assert result.faults == ["LAN-301"], result
    assert len(http(result)) >= 10 and len({e["from_port"] for e in http(result)}) == 1


# The rest of a file

@pytest.mark.parametrize("mode", ["cut", "reset", "cutchunk"])
def test_the_rest_is_asked_for(net, mode):
    result = boot(net, at(mode), "--hurry", "10")
    check(result, net)
    assert result.faults in (["LAN-229"], ["LAN-215"]), result
    second = http(result)[-1]
    assert 0 < second["from"] < len(KERNEL)
    assert f"sends the rest of {at(mode)}, from byte {second['from']} on" in " ".join(
        result.console.split())


@pytest.mark.parametrize("mode", ["changed", "norange"])
def test_it_is_another_file_or_all_of_it(net, mode):
    new = bzimage(300_000, seed=7)
    result = boot(net, at(mode), "--hurry", "10", files=FILES | {"vmlinuz.new": new})
    if mode == "changed":
        net.contents["vmlinuz"] = new
    check(result, net)
    assert "loading it from its beginning" in " ".join(result.console.split())


def test_another_file_of_which_nothing_came(net):
    """What was there before it does not count any more."""
    result = boot(net, at("hollow"), "--hurry", "10")
    check(result, net)
    assert result.faults == ["LAN-229"] * 2, result
    assert [e["from"] > 0 for e in http(result) if "from" in e] == [True], result


def test_option_150_names_more_servers(net):
    net.serve(FILES | {"pxelinux.cfg/default": config("vmlinuz")})
    options = {150: bytes([192, 168, 2, 9, 192, 168, 2, 10]), 54: bytes([192, 168, 2, 2])}
    result = net.run("--hurry", "50", ack=dhcp(next_server="192.168.2.8", options=options))
    check(result, net)
    assert set(result.faults) == {"LAN-107"}, result
    asked = [line.split(", ")[1] for line in result.console.splitlines() if "the next server" in line]
    assert asked == ["192.168.2.9", "192.168.2.10", SERVER]


def test_a_silent_server_is_asked_last(segment):
    """It is given up once, not for each file; a server that has nothing is no reason to stop then."""
    empty = segment.site.path("empty")
    os.mkdir(empty)
    segment.site.ip("addr", "add", f"{OTHER}/24", "dev", "br0")
    Httpd(segment.site, empty, OTHER)
    Httpd(segment.site, segment.root)
    segment.serve(FILES | {"pxelinux.cfg/01-52-54-00-12-34-01": config("vmlinuz", "a")})
    options = {210: b"http://192.168.2.9/plain/", 54: bytes([192, 168, 2, 2])}
    result = segment.run("--hurry", "20", ack=dhcp(next_server=OTHER, options=options))
    check(result, segment, ["a"])
    assert result.faults[:3] == ["LAN-107", "LAN-107", "LAN-222"], result
    assert set(result.faults[3:]) <= {"LAN-222"}


def test_the_next_server_continues(segment):
    """The server of the prefix dies half-way; the DHCP answer names another one."""
    segment.site.ip("addr", "add", f"{OTHER}/24", "dev", "br0")
    Httpd(segment.site, segment.root, SERVER, "mortal")
    Httpd(segment.site, segment.root, OTHER, "other")
    text = config("../die/big", "../plain/a")
    files = FILES | {"big": bzimage(3_000_000), "pxelinux.cfg/default": text}
    segment.serve(files)
    options = {210: f"http://{SERVER}/plain/".encode()}
    result = segment.run("--hurry", "10", ack=dhcp(next_server=OTHER, server=OTHER, options=options))
    assert result.plan, result
    assert set(result.faults) <= {"LAN-229", "LAN-213", "LAN-215"}, result
    last = [e for e in http(result, "GET") if e["file"] == "/die/big"][-1]
    assert last["server"] == OTHER and 0 < last["from"] < 3_000_000
    assert f"trying the next server, {OTHER}" in result.console
    assert result.plan["kernel"]["sha256"] == hashlib.sha256(files["big"]).hexdigest()


def test_lanyardd_is_restarted(segment):
    """All by HTTP from our own file service, which ends half-way and comes back."""
    server = Filed(segment.site, roots=[segment.root])

    def trouble(event):
        if event["event"] == "request" and event.get("method") == "GET" and event["file"] == "/big":
            if "from" not in event:
                time.sleep(0.05)
                server.stop()
        elif event["event"] == "fault" and not server.process:
            server.start()

    files = {"pxelinux.cfg/default": config("vmlinuz", "big,a")} | FILES | {"big": blob(30_000_000, "big")}
    segment.serve(files)
    options = {210: f"http://{SERVER}/".encode()}
    result = segment.run("--hurry", "10", ack=dhcp(options=options), on_event=trouble)
    assert result.plan, result
    assert result.faults and set(result.faults) <= {"LAN-229", "LAN-215", "LAN-213"}, result
    sums = {i["file"].split("/")[-1]: i["sha256"] for i in result.plan["initrds"]}
    assert sums == {name: hashlib.sha256(files[name]).hexdigest() for name in ("big", "a")}
    assert [e for e in http(result) if e["file"] == "/big"][-1]["from"] > 0
    server.stop()
