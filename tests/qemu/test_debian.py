# SPDX-License-Identifier: BSD-2-Clause
"""An untouched Debian 12 (systemd, Debian's kernel, nothing installed or edited for Lanyard), served by
lanyardd alone, from the machine's switch to multi-user.target and off again."""

import os
import time

from tests.qemu.debian import (as_on_a_disk, assert_healthy, assert_no_disks, assert_nobodys_jobs,
                               assert_read_ahead, assert_replaceable, identity, log_in, power_off)
from tests.qemu.support import snapshot
from tests.qemu.upgrades import assert_named
from tests.site import Lanyardd, Machine
from tests.site.payload import DebianRoot

# A small package, made and installed on the client.
PACKAGE = r"""
set -e
mkdir -p /var/tmp/p/DEBIAN /var/tmp/p/usr/bin
printf 'Package: greeting\nVersion: 1.0\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: x\n' \
    > /var/tmp/p/DEBIAN/control
printf '#!/bin/sh\necho greeting works\n' > /var/tmp/p/usr/bin/greeting
chmod 755 /var/tmp/p/usr/bin/greeting
dpkg-deb --root-owner-group --build /var/tmp/p /var/tmp/greeting.deb
apt-get install --yes /var/tmp/greeting.deb
greeting
useradd --create-home joe
su joe -c 'touch ~/mine'
dpkg --verify
"""


def start(site, name, nic, mac, firmware="bios", extra=()):
    return Machine(site, name=name, firmware=firmware, nics=[nic], mac=mac, memory=1024, extra=extra)


def test_two_machines_share_a_tree(site):
    """A BIOS and a UEFI machine. Read-only with an overlay: what one machine writes is in no other and
    not in the tree."""
    root = DebianRoot(site)
    before = snapshot(root.dir)
    server = Lanyardd(site, root.dir, "--append", "console=ttyS0 lanyard.swap=zram:64m", modules=None,
                      dhcp="auto")
    with start(site, "m1", "e1000", "52:54:00:12:34:01") as one, \
            start(site, "m2", "virtio-net-pci,romfile=", "52:54:00:12:34:21", "efi") as two:
        two.wait_for(r"lanyard \S+  UEFI", 60)
        for machine in one, two:
            log_in(machine)
            assert_healthy(machine)
            assert_nobodys_jobs(machine)
            machine.shell("su -s /bin/sh nobody -c 'cat /etc/passwd'", 60)
            assert_replaceable(machine, "resolv.conf", "fstab", "hostname", "hosts", "machine-id")
            assert "/dev/zram0 partition 64M" in machine.shell("swapon --show --raw --noheadings")
        one.shell("echo one > /etc/whose; echo one > /root/only-one")
        two.shell("test ! -e /root/only-one; test ! -e /etc/whose; echo two > /etc/whose")
        assert one.shell("cat /etc/whose").strip() == "one"
        initrds = server.initrds()
        assert set(initrds) == {"8086-100e/no-nfsv4", "1af4-1000/no-nfsv4"}
        assert max(initrds.values()) <= 1_200_000, initrds
        assert_read_ahead(one, "/run/lanyard/lower")
        addresses = [m.shell("hostname -I").strip() for m in (one, two)]
        assert len(set(addresses)) == 2, addresses
        assert not set(identity(one)) & set(identity(two))
        for machine in one, two:
            power_off(machine)
    assert snapshot(root.dir) == before
    server.stop()


def test_writable_root(site):
    """A package is installed on the client, also over the server's sudden end and return. Another machine
    boots the same tree, whose clock is 25 years behind; each has its own name and machine id, and all
    files of /etc that programs replace can be."""
    root = DebianRoot(site)
    as_on_a_disk(root)
    server = Lanyardd(site, root.dir, "--append", "console=ttyS0", rw=True, modules=None, dhcp="auto")
    with start(site, "m1", "e1000", "52:54:00:12:34:01") as machine:
        log_in(machine)
        assert_healthy(machine)
        assert_nobodys_jobs(machine, writable=True)
        with open(root.path("root", "package.sh"), "w", encoding="ascii") as script:
            script.write(PACKAGE)
        assert "greeting works" in machine.shell("sh /root/package.sh", 600)
        with start(site, "m2", "virtio-net-pci,romfile=", "52:54:00:12:34:21", "efi",
                   extra=["-rtc", "base=2001-02-03T04:05:06"]) as other:
            log_in(other)
            assert_healthy(other)
            assert_replaceable(other, "resolv.conf", "fstab", "crypttab", "hostname", "hosts")
            own = identity(machine), identity(other)
            assert not set(own[0]) & set(own[1])
            with open(root.path("etc", "hostname"), encoding="ascii") as file:
                assert own[0][1] == file.read().strip() and own[1][1] == "lan-525400123421"
            for this, name in (machine, own[0][1]), (other, own[1][1]):
                assert_named(this, name)
            address = machine.shell("hostname -I").strip()
            assert address in other.shell(f"getent ahostsv4 {own[0][1]}")
            said = other.shell("cat /run/lanyard/milestones")
            assert "the clock was behind the root's own dates: set by 192.168.2.2 (HTTP)" in said
            assert abs(int(other.shell("date +%s")) - time.time()) < 60
            power_off(other)
        machine.shell("systemctl daemon-reload; systemctl daemon-reexec", 120)
        assert_no_disks(machine)
        assert_read_ahead(machine, "/")
        assert identity(machine) == own[0]
        machine.shell("exec 9>>/root/log; echo before >&9")
        server.kill("lanyardd")
        machine.console.send("echo during >&9; sync; echo 'all ''there'\n")
        server.start()
        machine.wait_for("all there", 120)
        machine.shell("exec 9>&-; apt-get purge --yes greeting; test ! -e /usr/bin/greeting", 600)
        assert_healthy(machine)
        power_off(machine)
    with open(root.path("root", "log"), encoding="ascii") as log:
        assert log.read() == "before\nduring\n"
    mine = os.stat(root.path("home", "joe", "mine"))
    assert (mine.st_uid, mine.st_gid) == (1000, 1000)
    server.stop()
