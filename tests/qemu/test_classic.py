# SPDX-License-Identifier: BSD-2-Clause
"""The set-up that the diskless how-tos describe: isc-dhcp-server, tftpd-hpa, an NFS server and
pxelinux.cfg/default, with our two client programs in the place of theirs. The file has neither
SERIAL nor console=, so the boot program and the kernel speak on the screen; a shell on the serial
port, as many such roots have, tells what came out."""

from tests.qemu.support import BOOT_TIMEOUT, INITRD, PROGRAM, SHELL, Probe, assert_tmpfs_places
from tests.site import Ganesha, IscDhcpd, Machine, TftpdHpa
from tests.site.payload import RootCopy, TftpTree, boot_file

LABEL = """\
LABEL linux
KERNEL vmlinuz
APPEND root=/dev/nfs initrd=initrd.img {words}
"""

DHCP = "nfsroot=192.168.2.2:/nfsroot ip=dhcp rw"
OPTION = "nfsroot=192.168.2.2:/nfsroot,rw ip=dhcp"
STATIC = ("nfsroot=192.168.2.2:/nfsroot "
          "ip=192.168.2.50:192.168.2.2:192.168.2.2:255.255.255.0:ws1:eth0:off rw")


def serve(site, config):
    """Start the three servers and give the root a shell on the serial port."""
    tree = TftpTree(site, config, PROGRAM, INITRD)
    root = RootCopy(site)
    with open(root.path("etc/inittab"), "a", encoding="ascii") as inittab:
        inittab.write("ttyS0::respawn:-/bin/sh\n")
    IscDhcpd(site, boot_file=boot_file(PROGRAM))
    TftpdHpa(site, tree.dir)
    Ganesha(site, {"/nfsroot": root.dir})


def check(machine, addresses):
    """The serial shell comes, on a writable NFS root, at one of the addresses."""
    machine.wait_for(SHELL, BOOT_TIMEOUT)
    probe = Probe(machine)
    source, kind, options = probe.mount("/")
    assert (source, kind) == ("192.168.2.2:/nfsroot", "nfs")
    assert "rw" in options and "nolock" in options
    assert_tmpfs_places(probe)
    words = [line.split() for line in probe["addresses"] if " inet " in line and " lo " not in line]
    address = words[0][3]
    assert len(words) == 1 and address in addresses
    machine.shell("echo x > /root/written")
    machine.console.send("poweroff\n")
    machine.wait_end(60)
    return probe


POOL = [f"192.168.2.{host}/24" for host in range(100, 151)]


def test_default(site):
    serve(site, "DEFAULT linux\n" + LABEL.format(words=DHCP))
    with Machine(site) as machine:
        check(machine, POOL)


def test_menu_and_prompt(site):
    """A person at screen and keyboard: the menu, Escape to the prompt, a label and Tab."""
    serve(site, "UI menu.c32\nMENU TITLE Our machines\nLABEL none\n" + LABEL.format(words=DHCP))
    with Machine(site) as machine:
        machine.wait_for_screen(r"Our machines *\n\n    none\n    linux\n(.*\n)*.*Esc leads", BOOT_TIMEOUT)
        machine.press("\x1b")
        machine.wait_for_screen(r"menu leads back\.\nboot:", 30)
        machine.press("li\t")
        machine.wait_for_screen(r"\nboot: linux", 30)
        machine.press("\n")
        check(machine, POOL)


def test_rw_in_nfsroot(site):
    serve(site, "DEFAULT linux\n" + LABEL.format(words=OPTION))
    with Machine(site) as machine:
        check(machine, POOL)


def test_static_address(site):
    serve(site, "DEFAULT linux\n" + LABEL.format(words=STATIC))
    with Machine(site) as machine:
        probe = check(machine, ["192.168.2.50/24"])
    assert probe["hostname"] == ["ws1"]
