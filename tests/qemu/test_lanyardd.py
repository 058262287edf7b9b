# SPDX-License-Identifier: BSD-2-Clause
"""lanyardd alone boots the demo root on a machine: as it does by itself (read-only, changes in memory,
several machines on one tree), and with --rw, beside another DHCP server; and it dies and returns under
a running machine."""

import os
import re
import signal

import pytest

from tests.host.dhcpd import Neighbour
from tests.qemu.support import BOOT_TIMEOUT, SHELL, Probe, assert_tmpfs_places, snapshot
from tests.site import Lanyardd, Machine
from tests.site.payload import RootCopy

APPEND = ("--append", "console=ttyS0 loglevel=4")


def power_off(machine):
    machine.console.send("poweroff\n")
    machine.wait_end(60)


def nfs_options(probe):
    """The options with which the server's tree is mounted, wherever that is."""
    return next(line.split()[3].split(",") for line in probe["mounts"] if line.split()[2] == "nfs")


@pytest.mark.fast
def test_by_itself_two_machines_share_the_tree(site):
    root = RootCopy(site)
    server = Lanyardd(site, root.dir, *APPEND)
    before = snapshot(root.dir)
    with Machine(site, "m1", nics=["virtio-net-pci"]) as one, \
            Machine(site, "m2", nics=["e1000"], mac="52:54:00:12:34:09") as two:
        for machine, other in ((one, "two"), (two, "one")):
            machine.wait_for(SHELL, BOOT_TIMEOUT)
            machine.shell(f"test ! -e /etc/{other}; test ! -e /etc/one; test ! -e /etc/two")
            name = "one" if machine is one else "two"
            machine.shell(f"echo {name} > /etc/{name}; echo {name} > /etc/hosts; sync")
        for machine, name, other in ((one, "one", "two"), (two, "two", "one")):
            assert machine.shell("cat /etc/hosts").split() == [name]
            machine.shell(f"test ! -e /etc/{other}")
            probe = Probe(machine)
            assert probe.mount("/")[1] == "overlay" and "rw" in probe.mount("/")[2]
            assert "ro" in nfs_options(probe)
            assert_tmpfs_places(probe)
            machine.shell("su -s /bin/sh nobody -c 'cat /etc/passwd'")  # not only root may
        addresses = [machine.shell("ip -4 -o address show scope global").split()[3]
                     for machine in (one, two)]
        assert len(set(addresses)) == 2
        power_off(one)
        power_off(two)
    assert snapshot(root.dir) == before
    assert "LAN-" not in server.log()
    for mac in ("52:54:00:12:34:01", "52:54:00:12:34:09"):  # the way of each is in the log
        told = "\n".join(line for line in server.log().splitlines() if f"client: {mac} (192.168.2." in line)
        assert re.search(r"lanyard: boot after \d+ ms(.*\n)*.*lanyard-init: the root is ready", told), told
    assert set(server.initrds()) == {"1af4-1000/no-nfsv4", "8086-100e/no-nfsv4"}  # each its own


def test_writable_on_other_ports_beside_another_dhcp_server(site):
    """--rw; clients find NFS without a port mapper, wherever it is. A BIOS takes the proxy's offer,
    UEFI asks once more."""
    root = RootCopy(site)
    other = Neighbour(site)
    server = Lanyardd(site, root.dir, *APPEND, "--no-portmap", "--nfs-port", "12049", "--http-port",
                      "0", dhcp="proxy", rw=True)
    assert not any(site.bound("tcp", port) for port in (111, 2049, 80))
    with Machine(site, nics=["e1000"]) as machine:
        with Machine(site, "m2", "efi", ["virtio-net-pci,romfile="], "52:54:00:12:34:09") as uefi:
            uefi.wait_for(r"lanyard \S+  UEFI  52:54:00:12:34:09", BOOT_TIMEOUT)
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert "52:54:00:12:34:01" in other.leases() and "LAN-" not in server.log()
        probe = Probe(machine)
        source, kind, options = probe.mount("/")
        assert (source, kind) == (f"192.168.2.2:{root.dir}", "nfs")
        assert "rw" in options and "port=12049" in options
        machine.shell("echo from the client > /root/written")
        machine.shell("su user -c 'echo mine > /home/user/written'")
        for path, owner, text in (("root/written", 0, "from the client\n"),
                                  ("home/user/written", 1000, "mine\n")):
            with open(root.path(path), encoding="ascii") as file:
                assert file.read() == text
            info = os.stat(root.path(path))
            assert (info.st_uid, info.st_gid) == (owner, owner)
        power_off(machine)


def kill_all(server):
    server.kill("lanyardd")
    server.process = None
    server.start()


def kill_nfs(server):
    server.kill("nfs")


def hang_up(server):
    server.signal(signal.SIGHUP)


def test_machine_goes_on(site):
    """Files stay open while lanyardd goes and comes back, in every way; what was written is there."""
    root = RootCopy(site)
    server = Lanyardd(site, root.dir, *APPEND, rw=True)
    with Machine(site, nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        machine.shell("exec 9>/root/log; mkdir /root/dir; cd /root/dir")
        for how in (Lanyardd.restart, kill_all, kill_nfs, hang_up):
            machine.shell(f"echo before {how.__name__} >&9")
            how(server)
            machine.shell(f"echo after >&9; sync; touch {how.__name__}; ls /usr/bin | wc -l", 120)
        machine.shell("exec 9>&-")
        power_off(machine)
    ways = ["restart", "kill_all", "kill_nfs", "hang_up"]
    with open(root.path("root", "log"), encoding="ascii") as log:
        assert log.read() == "".join(f"before {way}\nafter\n" for way in ways)
    assert sorted(os.listdir(root.path("root", "dir"))) == sorted(ways)
