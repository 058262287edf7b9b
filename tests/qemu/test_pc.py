# SPDX-License-Identifier: BSD-2-Clause
"""A PC's system, copied from its disks (Debian 12 with grub, initramfs-tools and cryptsetup): it boots
unedited; kernels are installed in it, on the machine whose root it is and in the tree on the server."""

import os
import re
import subprocess

import pytest

from tests.qemu.debian import as_on_a_disk, assert_healthy, assert_no_disks, log_in, power_off
from tests.qemu.kernel_package import kernel_package
from tests.qemu.support import snapshot
from tests.qemu.test_roots import SETTINGS, assert_network_stays, boot, own_image, variant
from tests.site import Lanyardd
from tests.site.paths import TREE

CHROOT = os.path.join(TREE, "server-stub/lanyard-chroot.sh")

NEWER = "6.1.0-99-amd64", "6.1.0-100-amd64"

# What the PC's disks and cards have left in /etc, besides fstab and crypttab. The second address is the
# test machine's own.
FILES = {
    "initramfs-tools/conf.d/resume": "RESUME=UUID=9f0c1a4e-60b5-4c2c-8f4d-6a8f4f0f2b11\n",
    "initramfs-tools/conf.d/driver-policy": "# selected during installation\nMODULES=dep\n",
    "initramfs-tools/conf.d/speed": "COMPRESS=gzip\nCOMPRESSLEVEL=1\n",
    "udev/rules.d/70-persistent-net.rules":
        'SUBSYSTEM=="net", ACTION=="add", ATTR{address}=="00:1b:21:aa:bb:cc", NAME="lan0"\n',
    "systemd/network/10-wired.link": "[Match]\nMACAddress=52:54:00:12:34:01\n\n[Link]\nName=wired0\n",
    "network/interfaces": "auto lo\niface lo inet loopback\n" + "".join(
        f"auto {name}\niface {name} inet static\n  address 10.9.9.{number}/24\n  gateway 10.9.9.254\n"
        for number, name in enumerate(("enp3s0", "lan0", "wired0"), 1)),
}
WORDS = "resume=UUID=9f0c1a4e-60b5-4c2c-8f4d-6a8f4f0f2b11 net.ifnames=0"


def copied_pc(site):
    root = variant(site, "pc")
    as_on_a_disk(root)
    for name in ("boot/grub/i386-pc/core.img", "boot/efi/EFI/debian/grubx64.efi"):
        os.makedirs(root.path(os.path.dirname(name)), exist_ok=True)
        open(root.path(name), "w", encoding="ascii").close()
    with open(root.path("etc/fstab"), "a", encoding="ascii") as file:
        file.write("UUID=4E6A-11D2 /boot/efi vfat umask=0077 0 1\n"
                   "/dev/mapper/data /home ext4 defaults 0 2\n")
    for name, text in FILES.items():
        os.makedirs(os.path.dirname(root.path("etc", name)), exist_ok=True)
        with open(root.path("etc", name), "w", encoding="ascii") as file:
            file.write(text)
    for version in NEWER:
        os.rename(kernel_package(root.dir, version, site.dir), root.path("root", f"{version}.deb"))
    return root


def install(run, version):
    """Installs a kernel as a person does. `run` gives what a command says, and fails if it fails."""
    run(f"apt-get install --yes --no-install-recommends /root/{version}.deb && "
        f"test -s /boot/initrd.img-{version} && dpkg-reconfigure grub-pc")
    assert not run("dpkg --audit").strip()


def in_tree(root, command):
    """On the server."""
    command = f"export DEBIAN_FRONTEND=noninteractive; {command}"
    return subprocess.run([CHROOT, root.dir, "sh", "-c", command], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def assert_boots_as_it_is(machine):
    """It has waited for no disk, uses its card as init has made it, and says what it leaves out."""
    assert_healthy(machine)
    assert "start job is running for /dev/" not in machine.console.text
    assert_no_disks(machine)
    said = machine.shell("cat /run/lanyard/milestones")
    for what in (r"5 lines of /etc/fstab are", r"1 lines of /etc/crypttab are",
                 r"/boot/grub is for a disk", r"/boot/efi is for a disk",
                 r"MODULES=dep in \S+/driver-policy", r"machine has no enp3s0",
                 r"machine has no lan0", r"machine has no wired0"):
        assert re.search(what, said), f"{what}: {said}"


def test_copied_pc(site):
    """A kernel is installed by the machine in its writable root, another one in the tree on the server.
    lanyardd notices both."""
    root = copied_pc(site)
    server = Lanyardd(site, root.dir, rw=True, modules=None)
    with boot(site, f"rw {WORDS}", own_image(site, root), nic="e1000") as machine:
        log_in(machine)
        assert_boots_as_it_is(machine)
        install(lambda command: machine.shell(command, 900), NEWER[0])
        server.wait_for(f"machines boot kernel {NEWER[0]} from now on")
        power_off(machine)
    install(lambda command: in_tree(root, command), NEWER[1])
    server.wait_for(f"machines boot kernel {NEWER[1]} from now on")
    assert "LAN-" not in server.log()
    server.stop()


@pytest.mark.long
def test_copied_pc_with_an_overlay(site):
    """The kernel is installed in memory, and the tree stays as it is."""
    root = copied_pc(site)
    before = snapshot(root.dir)
    server = Lanyardd(site, root.dir, modules=None)
    with boot(site, f"lanyard.overlay=tmpfs {WORDS}", own_image(site, root), nic="e1000") as machine:
        log_in(machine)
        assert_boots_as_it_is(machine)
        install(lambda command: machine.shell(command, 900), NEWER[0])
        assert_healthy(machine)
        power_off(machine)
    assert snapshot(root.dir) == before
    server.stop()


@pytest.mark.long
def test_what_is_kept(site):
    root = copied_pc(site)
    server = Lanyardd(site, root.dir, rw=True, modules=None)
    with boot(site, f"rw {WORDS} lanyard.keep=boot", own_image(site, root), nic="e1000") as machine:
        log_in(machine)
        machine.shell("test -e /boot/grub/grub.cfg -a -e /boot/efi/EFI")
        machine.shell("grep MODULES=dep /etc/initramfs-tools/conf.d/driver-policy")
        power_off(machine)
    server.stop()


PROFILE = """[connection]
id={0}
type=ethernet
{1}

[ethernet]
{2}

[ipv4]
method=manual
address1=10.9.9.9/24,10.9.9.254
"""


@pytest.mark.long
def test_networkmanagers_profiles(site):
    """One for a card by its name, another by the address of the card that carries the root."""
    root = variant(site, "networkmanager")
    for name, connection, ethernet in (("pc-1", "interface-name=enp3s0", ""),
                                       ("pc-2", "", "mac-address=52:54:00:12:34:01")):
        path = root.path("etc/NetworkManager/system-connections", f"{name}.nmconnection")
        with open(path, "w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(PROFILE.format(name, connection, ethernet))
    server = Lanyardd(site, root.dir, *SETTINGS, rw=True, modules=None)
    with boot(site, "rw") as machine:
        log_in(machine)
        assert_healthy(machine)
        assert machine.shell("nmcli -t -f NAME connection | grep -c '^pc-'", 60).strip() == "2"
        assert_network_stays(machine, "systemctl restart NetworkManager")
        power_off(machine)
    server.stop()
