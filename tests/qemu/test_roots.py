# SPDX-License-Identifier: BSD-2-Clause
"""Root trees that manage their network in other ways than Debian's standard system, other releases, and
other servers: each boots by -kernel and -initrd, keeps its address, routes and name servers while the
program that manages its cards starts again, and switches itself off."""

import os
import subprocess

import pytest

from tests.qemu.debian import (BOOT_TIMEOUT, as_on_a_disk, assert_healthy, assert_network_stays,
                               assert_replaceable, log_in, network, power_off)
from tests.qemu.shares import assert_shared, share
from tests.qemu.support import SHELL, asked_for_addresses
from tests.qemu.upgrades import MANAGERS, apt, assert_named, install, repository, upgrade
from tests.site import Dnsmasq, Ganesha, Lanyardd, Machine
from tests.site.payload import DEMO_ROOT, INITRDS, DebianRoot, kernel
from tests.site.paths import BIN, DEPS

SETTINGS = "--router", "192.168.2.2", "--dns", "192.168.2.2"
NETWORK = "[Match]\nName=en* eth*\n\n[Network]\nDHCP=yes\n"


def variant(site, name):
    """An archive of tests/debian. Where it has no kernel, it gets the demo's."""
    root = DebianRoot(site, f"{DEPS}/debian-{name}.tar")
    if not os.path.isdir(root.path("lib", "modules")):
        subprocess.run(["cp", "-al", f"{DEMO_ROOT}/usr/lib/modules", root.path("usr", "lib")], check=True)
        subprocess.run(["cp", "-al", f"{DEMO_ROOT}/boot/.", root.path("boot")], check=True)
    return root


# Process 1 of a machine that serves what is on its disk by the kernel's NFS server.
SERVE = """#!/bin/sh
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
modprobe -a virtio_blk ext4 nfsd
udevadm settle 2>/dev/null || true
mount /dev/vda /srv
mount -t nfsd nfsd /proc/fs/nfsd
mkdir -p /run/rpcbind /var/lib/nfs/v4recovery
rpcbind -w
echo '/srv *(rw,no_root_squash,no_subtree_check)' > /etc/exports
exportfs -a
rpc.nfsd -G 10 -L 10 4
rpc.mountd
echo knfsd serves
exec sleep 3600
"""


def disk(site):
    """The demo's root tree as a disk."""
    path, tree = site.path("disk.img"), site.path("disk")
    subprocess.run(["mkdir", tree], check=True)
    subprocess.run(f"tar -C {DEMO_ROOT} --exclude='./boot/*' --exclude='./usr/lib/modules/*' -cf - . | "
                   f"tar -C {tree} -xpf -", shell=True, check=True)
    subprocess.run(["/sbin/mkfs.ext4", "-q", "-d", tree, path, "200M"], check=True)
    return path


def own_image(site, root):
    """The tree's own kernel, and an image made from it: (kernel, initrd)."""
    image = site.path("own.img")
    subprocess.run([f"{BIN}/mklanyard", "-r", root.dir, "-m", "list:e1000,virtio_net,virtio_pci",
                    "-o", image], check=True)
    return kernel(root.dir), image


def boot(site, words, own=None, nic="virtio-net-pci"):
    vmlinuz, initrd = own or (kernel(), INITRDS["lanyard"])
    return Machine(site, kernel=vmlinuz, initrd=initrd, nics=[nic], memory=1024,
                   append=f"console=ttyS0 root=/dev/nfs ip=dhcp {words}")


def of_ifupdown(root):
    """The card is one of those that ifupdown configures by DHCP."""
    with open(root.path("etc", "network", "interfaces.d", "eth0"), "w", encoding="ascii") as file:
        file.write("auto eth0\niface eth0 inet dhcp\n")


def test_networkmanager(site):
    """By lanyardd, whose DHCP says where the root is. The tree's own name is another machine's. What manages
    the network is upgraded, resolvconf installed, the machine renamed."""
    root = variant(site, "networkmanager")
    repository(root, MANAGERS)
    with open(root.path("etc", "hostname.owner"), "w", encoding="ascii") as file:
        file.write("# another\n0123456789abcdef0123456789abcdef\n")
    server = Lanyardd(site, root.dir, *SETTINGS, rw=True, modules=None)
    with boot(site, "rw") as machine:
        log_in(machine)
        assert_healthy(machine)
        assert_network_stays(machine, "systemctl restart NetworkManager")
        assert_named(machine, "lan-525400123401")
        assert "unmanaged" in machine.shell("nmcli -t -f DEVICE,STATE device status | grep -v ^lo:", 60)
        upgrade(machine)
        install(machine, "resolvconf")
        assert_network_stays(machine, "systemctl restart NetworkManager networking")
        assert_named(machine, "lan-525400123401")
        machine.shell("hostnamectl set-hostname desk7", 60)
        assert machine.shell("hostname; cat /etc/hostname").split() == ["desk7", "desk7"]
        assert_healthy(machine)
        power_off(machine)
    server.stop()


@pytest.mark.long
@pytest.mark.parametrize("words", ["rw", "lanyard.overlay=tmpfs"])
def test_upgrade(site, words):
    """Debian's standard system with ifupdown: all that there is, D-Bus and systemd-resolved besides."""
    root = DebianRoot(site)
    of_ifupdown(root)
    repository(root)
    server = Lanyardd(site, root.dir, *SETTINGS, rw=words == "rw", modules=None)
    with boot(site, words) as machine:
        log_in(machine)
        assert_healthy(machine)
        upgrade(machine)
        addresses = network(machine).split("nameserver")[0]
        apt(machine, "install dbus sudo systemd-resolved")
        machine.shell("systemctl start dbus.socket", 60)  # Debian leaves that to the next boot
        assert "nameserver 192.168.2.2" in machine.shell("cat /run/systemd/resolve/resolv.conf")
        assert "unable to resolve" not in machine.shell("sudo hostname 2>&1", 60)
        machine.shell("hostnamectl set-hostname desk7", 60)
        assert machine.shell("hostname; cat /etc/hostname").split() == ["desk7", "desk7"]
        machine.shell("systemctl restart networking systemd-resolved", 120)
        assert network(machine).split("nameserver")[0] == addresses
        assert_replaceable(machine, "fstab", "hostname", "hosts")
        assert_healthy(machine)
        power_off(machine)
    server.stop()


@pytest.mark.long
def test_upgrade_of_sysvinit(site):
    """A system that was installed on a disk. All that there is, and openresolv."""
    root = with_getty(variant(site, "sysvinit"))
    of_ifupdown(root)
    as_on_a_disk(root)
    repository(root)
    server = Lanyardd(site, root.dir, *SETTINGS, rw=True, modules=None)
    with boot(site, "rw") as machine:
        log_in(machine)
        assert "/srv" in machine.shell("findmnt --noheadings --output TARGET --types tmpfs")
        assert_replaceable(machine, "fstab", "crypttab", "hosts", "hostname")
        upgrade(machine, systemd=False)
        install(machine, "openresolv")
        assert_network_stays(machine, "/etc/init.d/networking restart; resolvconf -u")
        assert_replaceable(machine, "resolv.conf")
        power_off(machine, systemd=False)
    server.stop()


@pytest.mark.parametrize("words", ["rw", pytest.param("lanyard.overlay=tmpfs", marks=pytest.mark.long)])
def test_networkd(site, words):
    """A configuration that claims every card. ifupdown is off. More than the root is mounted."""
    root = variant(site, "nfsclient")
    with open(root.path("etc", "systemd", "network", "10-all.network"), "w", encoding="ascii") as file:
        file.write(NETWORK)
    subprocess.run(["systemctl", "--quiet", f"--root={root.dir}", "enable", "systemd-networkd"], check=True)
    subprocess.run(["systemctl", "--quiet", f"--root={root.dir}", "disable", "networking"], check=True)
    Dnsmasq(site)
    Ganesha(site, {"/nfsroot": root.dir, **share(site, root)}, read_only=words != "rw")
    with boot(site, f"nfsroot=192.168.2.2:/nfsroot {words}") as machine:
        log_in(machine)
        assert_healthy(machine)
        assert_shared(machine)
        assert_network_stays(machine, "systemctl restart systemd-networkd")
        assert len(asked_for_addresses(machine)) == 1
        assert_healthy(machine)
        power_off(machine)


def with_getty(root):
    """What one sets up for sysvinit on a machine without a screen."""
    with open(root.path("etc", "inittab"), "a", encoding="ascii") as file:
        file.write("T0:23:respawn:/sbin/getty -L ttyS0 115200 vt100\n")
    return root


def test_sysvinit(site):
    """NFS 4.1. More than the root is mounted; ifupdown is not to touch the root's card."""
    root = with_getty(variant(site, "sysvinit"))
    of_ifupdown(root)
    Dnsmasq(site)
    Ganesha(site, {"/nfsroot": root.dir, **share(site, root)})
    with boot(site, "nfsroot=192.168.2.2:/nfsroot,vers=4.1 rw") as machine:
        log_in(machine)
        assert "vers=4.1" in machine.shell("grep ' / ' /proc/mounts")
        assert machine.shell("cat /proc/1/comm").strip() == "init"
        assert_shared(machine)
        for _ in range(2):
            assert_network_stays(machine, "/etc/init.d/networking restart")
        machine.shell("! pgrep dhclient")
        power_off(machine, systemd=False)


@pytest.mark.long
@pytest.mark.parametrize("release", ["bullseye", "trixie"])
def test_release(site, release):
    """Other releases with their own kernels, by lanyardd."""
    root = variant(site, release)
    server = Lanyardd(site, root.dir, *SETTINGS, rw=True, modules=None)
    with boot(site, "rw", own_image(site, root)) as machine:
        log_in(machine)
        assert_healthy(machine)
        assert_network_stays(machine, "systemctl restart networking")
        power_off(machine)
    server.stop()


@pytest.mark.long
def test_kernels_nfs_server(site):
    """Versions 3 and 4.1, from a machine whose own root comes from here."""
    root = variant(site, "server")
    with open(root.path("serve"), "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o755)) as file:
        file.write(SERVE)
    Dnsmasq(site)
    Ganesha(site, {"/nfsroot": root.dir})
    vmlinuz, initrd = own_image(site, root)
    words = "ip=192.168.2.9::192.168.2.2:255.255.255.0:server:eth0:off nfsroot=192.168.2.2:/nfsroot rw"
    with Machine(site, name="server", mac="52:54:00:12:34:41", nics=["virtio-net-pci"], memory=768,
                 kernel=vmlinuz, initrd=initrd, append=f"console=ttyS0 root=/dev/nfs {words} init=/serve",
                 extra=["-drive", f"file={disk(site)},if=virtio,format=raw"]) as server:
        server.wait_for("knfsd serves", BOOT_TIMEOUT)
        for version in "3", "4.1":
            with boot(site, f"nfsroot=192.168.2.9:/srv,vers={version} rw") as machine:
                machine.wait_for(SHELL, BOOT_TIMEOUT)
                assert f"vers={version}" in machine.shell("grep ' / ' /proc/mounts")
                machine.shell(f"echo {version} >> /root/versions; sync; poweroff")
                machine.wait_end(60)
        with boot(site, "nfsroot=192.168.2.9:/srv lanyard.overlay=tmpfs") as machine:
            machine.wait_for(SHELL, BOOT_TIMEOUT)
            assert machine.shell("cat /root/versions").split() == ["3", "4.1"]
            machine.shell("echo mine > /root/versions")
