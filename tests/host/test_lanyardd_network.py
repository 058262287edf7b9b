# SPDX-License-Identifier: BSD-2-Clause
"""lanyardd and its network: ports that are taken, other DHCP servers, who may mount, addresses that
change."""

import signal
import time

import pytest

from tests.host.dhcpd import Neighbour, Peer
from tests.host.lanyardd import HTTP_CLIENT, OLD, boot, hold, refused, sha256, start
from tests.host.tree import write


def test_no_interface(site, root):
    assert "LAN-708" in refused(site, root, "-i", "br9")


@pytest.mark.parametrize("kind, port, service", [
    ("udp", 69, "TFTP"), ("udp", 67, "DHCP"), ("tcp", 2049, "NFS"), ("udp", 4011, "DHCP")])
def test_port_in_use(site, root, kind, port, service):
    hold(site, kind, port)
    text = refused(site, root, dhcp="proxy" if port == 4011 else "pool")
    assert "LAN-706" in text and "python3" in text and service in text and str(port) in text


def test_ports_that_it_can_do_without(site, root):
    """A web server or rpcbind may be there; unless the port was asked for."""
    hold(site, "tcp", 80)
    hold(site, "tcp", 111)
    server = start(site, root)
    boot(site)
    assert "LAN-706" in server.log() and "--http-port" in server.log()
    assert Peer(site).lease(options=HTTP_CLIENT).file == ""
    assert "LAN-718" in server.log()
    server.stop()
    server.options = ["--http-port", "80"]
    with pytest.raises(RuntimeError, match="LAN-706"):
        server.start()


def test_beside_another_dhcp_server(site, root):
    """By itself it leaves the addresses to that one, and gives boot data."""
    other = Neighbour(site)
    server = start(site, root, dhcp="auto")
    server.wait_for("another server gives the addresses: 192.168.2.3")
    assert boot(site)["kernel"]["sha256"] == sha256(f"{root.root}/boot/vmlinuz-{OLD}")
    assert "52:54:00:12:34:01" in other.leases()
    assert "LAN-" not in server.log() and "are given" not in server.log()


def test_boot_data_beside_another_dhcp_server(site, root):
    Neighbour(site)
    server = start(site, root, dhcp="proxy")
    assert boot(site)["kernel"]["sha256"] == sha256(f"{root.root}/boot/vmlinuz-{OLD}")
    server.wait_for("another server gives the addresses: 192.168.2.3")
    assert "LAN-" not in server.log()


def test_only_the_networks_served_may_mount(site, root):
    server = start(site, root)
    client = site.add_client("far", mac="52:54:00:12:34:77")
    site.ip("addr", "add", "10.7.0.5/24", "dev", "eth0", netns=client)
    site.ip("route", "add", "192.168.2.0/24", "dev", "eth0", netns=client)
    site.ip("route", "add", "10.7.0.0/24", "dev", "br0")
    ls = ["timeout", "10", "nfs-ls",
          f"nfs://192.168.2.2{root.root}?version=3&nfsport=2049&mountport=2049"]
    assert "boot" not in site.run(ls, netns=client, check=False)
    server.wait_for("10.7.0.5 may not mount")
    server.restart(options=["--allow", "10.7.0.0/16"])
    assert "boot" in site.run(ls, netns=client)


def test_an_address_appears(site, root):
    server = start(site, root)
    site.ip("link", "add", "br1", "type", "bridge")
    site.ip("addr", "add", "192.168.7.1/24", "dev", "br1")
    site.ip("link", "set", "br1", "up")
    server.wait_for("on br1, 192.168.7.1/24")
    server.wait_for("br1: addresses")
    boot(site)
    assert "LAN-" not in server.log()


def test_a_bridge_changes_its_hardware_address(site, root):
    """As it does when it gets another port: nothing is started again."""
    server = start(site, root)
    before = server.processes()
    site.ip("link", "set", "br0", "address", "02:00:00:00:00:99")
    time.sleep(2)
    boot(site)
    assert server.processes() == before


def test_hangup_reads_the_configuration_again(site, root):
    config = write(site.path("lanyardd.conf"), "append = one\n")
    server = start(site, root, config=config)
    assert "one" in boot(site)["command_line"].split()
    write(config, "append = two\n")
    length = len(server.log())
    server.signal(signal.SIGHUP)
    server.wait_for("lanyardd: ready:", start=length)
    assert "two" in boot(site)["command_line"].split()
    write(config, "appendix = three\n")
    server.signal(signal.SIGHUP)
    server.wait_for("goes on as it was")
    assert "LAN-702" in server.log() and f"{config}:1" in server.log()
    assert "two" in boot(site)["command_line"].split()
