# SPDX-License-Identifier: BSD-2-Clause
"""The main job: a BIOS machine boots the demo root from its card's PXE ROM, by dnsmasq and
nfs-ganesha, and switches itself off."""

import os

import pytest

from tests.qemu.person import MENU, use_menu
from tests.qemu.support import (BOOT_TIMEOUT, INITRD, PROGRAM, SHELL, Probe, assert_tmpfs_places,
                                 snapshot)
from tests.site import Dnsmasq, Ganesha, Httpd, Machine
from tests.site.payload import RootCopy, TftpTree, boot_file

CONFIG = """\
SERIAL 0 115200
DEFAULT linux
LABEL linux
  KERNEL {place}vmlinuz
  INITRD {place}initrd.img
  APPEND root=/dev/nfs nfsroot=192.168.2.2:/nfsroot ip=dhcp console=ttyS0 {words}
"""


def serve(site, words, http=False, config=CONFIG):
    """Start the servers; returns the root tree. http: kernel and initrd come by HTTP."""
    place = f"http://{site.address}/" if http else ""
    tree = TftpTree(site, config.format(words=words, place=place), PROGRAM, INITRD)
    if http:
        Httpd(site, tree.dir)
    root = RootCopy(site)
    Dnsmasq(site, tftp_root=tree.dir, boot_file=boot_file(PROGRAM))
    Ganesha(site, {"/nfsroot": root.dir})
    return root


def power_off(machine):
    machine.console.send("poweroff\n")
    machine.wait_end(60)


def boot_writable(site, nic, menu=False):
    root = serve(site, "rw", config=MENU if menu else CONFIG)
    with Machine(site, nics=[nic]) as machine:
        if menu:
            use_menu(machine, BOOT_TIMEOUT)
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        probe = Probe(machine)
        source, kind, options = probe.mount("/")
        assert (source, kind) == ("192.168.2.2:/nfsroot", "nfs")
        assert "rw" in options and "nolock" in options
        assert_tmpfs_places(probe)
        assert probe["init"] == ["init"]

        machine.shell("echo from the client > /root/written")
        machine.shell("su user -c 'echo mine > /home/user/written'")
        # On the server at once: close-to-open, not only after the machine went down.
        for path, owner, text in (("root/written", 0, "from the client\n"),
                                  ("home/user/written", 1000, "mine\n")):
            with open(root.path(path), encoding="ascii") as file:
                assert file.read() == text
            info = os.stat(root.path(path))
            assert (info.st_uid, info.st_gid) == (owner, owner)

        # What is written to the five places stays in the machine.
        machine.shell("touch /tmp/here /var/tmp/here /var/run/here /var/lock/here /media/here")
        assert not any(os.path.lexists(root.path(place, "here"))
                       for place in ("tmp", "var/tmp", "run", "run/lock", "media"))
        power_off(machine)


def boot_overlay(site, nic):
    root = serve(site, "ro lanyard.overlay=tmpfs", http=PROGRAM == "lanyard")
    before = snapshot(root.dir)
    with Machine(site, nics=[nic]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        probe = Probe(machine)
        assert probe.mount("/")[1] == "overlay"
        assert "rw" in probe.mount("/")[2]
        assert any(line.split()[2] == "nfs" and "ro" in line.split()[3].split(",")
                   and "nolock" in line.split()[3].split(",") for line in probe["mounts"])
        assert_tmpfs_places(probe)
        machine.shell("echo changed > /etc/hosts && mkdir /new && echo more >> /etc/profile && "
                      "rm /etc/fstab && touch /var/log/x && sync")
        assert machine.shell("cat /etc/hosts").split() == ["changed"]
        power_off(machine)
    assert snapshot(root.dir) == before


@pytest.mark.fast
def test_writable_root_e1000(site):
    boot_writable(site, "e1000")


@pytest.mark.fast
def test_overlay_virtio(site):
    boot_overlay(site, "virtio-net-pci")


def test_writable_root_virtio(site):
    boot_writable(site, "virtio-net-pci", menu=PROGRAM == "lanyard")


def test_overlay_e1000(site):
    boot_overlay(site, "e1000")
