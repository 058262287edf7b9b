# SPDX-License-Identifier: BSD-2-Clause
"""Root trees that manage their network in other ways than Debian's standard system, other releases, and
other servers: each boots by -kernel and -initrd, keeps its address, routes and name servers while the
program that manages its cards starts again, and switches itself off."""

import os
import re
import subprocess

import pytest

from tests.qemu.debian import BOOT_TIMEOUT, assert_healthy, log_in, power_off
from tests.qemu.support import SHELL
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


def network(machine):
    """Addresses, routes and name servers, without what is another one each time: how long a lease lasts.
    And the root is there, not only in memory."""
    machine.shell("echo 3 > /proc/sys/vm/drop_caches; sleep 1; ls / /root && md5sum /bin/ls", 60)
    return machine.shell("ip -o -4 addr show scope global | sed 's/ *valid_lft.*//'; ip -4 route; "
                         "grep -v '^#' /etc/resolv.conf", 60)


def assert_network_stays(machine, command):
    """It is what init made, and the command, which starts the card's manager again, changes nothing."""
    before = network(machine)
    own = machine.shell(". /run/net-*.conf && echo $IPV4ADDR").strip()
    assert re.findall(r"inet (\S+)/24", before) == [own], before
    assert before.count("default via") == 1 and "nameserver 192.168.2.2" in before, before
    machine.shell(f"{command}; sleep 5", 120)
    assert network(machine) == before


def test_networkmanager(site):
    """By lanyardd, whose DHCP says where the root is."""
    root = variant(site, "networkmanager")
    server = Lanyardd(site, root.dir, *SETTINGS, rw=True, modules=None)
    with boot(site, "rw") as machine:
        log_in(machine)
        assert_healthy(machine)
        assert_network_stays(machine, "systemctl restart NetworkManager")
        assert "unmanaged" in machine.shell("nmcli -t -f DEVICE,STATE device status | grep -v ^lo:", 60)
        assert_healthy(machine)
        power_off(machine)
    server.stop()


@pytest.mark.parametrize("words", ["rw", pytest.param("lanyard.overlay=tmpfs", marks=pytest.mark.long)])
def test_networkd(site, words):
    """A configuration that claims every card. ifupdown is off."""
    root = DebianRoot(site)
    with open(root.path("etc", "systemd", "network", "10-all.network"), "w", encoding="ascii") as file:
        file.write(NETWORK)
    subprocess.run(["systemctl", "--quiet", f"--root={root.dir}", "enable", "systemd-networkd"], check=True)
    subprocess.run(["systemctl", "--quiet", f"--root={root.dir}", "disable", "networking"], check=True)
    Dnsmasq(site)
    Ganesha(site, {"/nfsroot": root.dir}, read_only=words != "rw")
    with boot(site, f"nfsroot=192.168.2.2:/nfsroot {words}") as machine:
        log_in(machine)
        assert_healthy(machine)
        assert_network_stays(machine, "systemctl restart systemd-networkd")
        assert_healthy(machine)
        power_off(machine)


def test_sysvinit(site):
    """NFS 4.1. Its getty on the serial port is what one sets up on a machine without a screen."""
    root = variant(site, "sysvinit")
    with open(root.path("etc", "inittab"), "a", encoding="ascii") as file:
        file.write("T0:23:respawn:/sbin/getty -L ttyS0 115200 vt100\n")
    Dnsmasq(site)
    Ganesha(site, {"/nfsroot": root.dir})
    with boot(site, "nfsroot=192.168.2.2:/nfsroot,vers=4.1 rw") as machine:
        log_in(machine)
        assert "vers=4.1" in machine.shell("grep ' / ' /proc/mounts")
        assert machine.shell("cat /proc/1/comm").strip() == "init"
        assert_network_stays(machine, "/etc/init.d/networking restart")
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
