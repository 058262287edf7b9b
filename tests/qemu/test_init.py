# SPDX-License-Identifier: BSD-2-Clause
"""init's layers over the root, where it stops for a person, and the failures that a boot meets after the
kernel has started. The other files test_init_*.py have its other parts; each boot takes some 15 s."""

import os
import re
import subprocess
import time

import pytest

from tests.qemu.direct import IMAGE, NFSROOT, stage, stages, start
from tests.qemu.support import BOOT_TIMEOUT, SHELL, Probe
from tests.site import Dnsmasq, Ganesha, Machine, Sntp
from tests.site.paths import BIN
from tests.site.payload import DEMO_ROOT, RootCopy, kernel

NTP_CONF = "driftfile /var/lib/drift\npool 0.pool.example iburst\n"


def test_overlay_with_a_size(site, root):
    """The clock is 25 years behind; the lease has a time server and a time zone."""
    Dnsmasq(site, extra=["dhcp-option=option:ntp-server,192.168.2.2", "dhcp-option=101,Europe/Berlin"])
    Sntp(site)
    put(root, "TZif", "usr", "share", "zoneinfo", "Europe", "Berlin")
    put(root, "Etc/UTC\n", "etc", "timezone")
    put(root, NTP_CONF, "etc", "ntpsec", "ntp.conf")
    with start(site, f"{NFSROOT} ip=dhcp rw lanyard.overlay=tmpfs,size=12m "
               "lanyard.tmpfs=/home:size=3m:mode=0711,/no,no", nics=["virtio-net-pci"],
               extra=["-rtc", "base=2001-02-03T04:05:06"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        probe = Probe(machine)
        assert probe.mount("/")[1] == "overlay"
        assert "size=12288k" in probe.mount("/run/lanyard/upper")[2]
        assert "ro" in probe.mount("/run/lanyard/lower")[2]
        assert probe.mount("/home")[1] == probe.mount("/no")[1] == "tmpfs"
        assert {"size=3072k", "mode=711"} <= set(probe.mount("/home")[2])
        assert probe.mount("/media") is None
        # This machine's own, and replaceable as on a disk.
        assert re.fullmatch("[0-9a-f]{32}", machine.shell("cat /etc/machine-id").strip())
        assert machine.shell("cat /etc/hostname").strip() == machine.shell("hostname").strip()
        assert "127.0.1.1" in machine.shell("cat /etc/hosts")
        machine.shell("cd /etc; for f in hostname machine-id resolv.conf; do cp $f n; mv n $f; done")
        assert "52:54:00:12:34:01" in machine.shell("cat /run/NetworkManager/conf.d/*")
        stage(machine, r"set by 192\.168\.2\.2 \(NTP\)")
        assert abs(int(machine.shell("date +%s")) - time.time()) < 30
        assert machine.shell("cat /run/chrony-dhcp/lanyard.sources") == "server 192.168.2.2 iburst\n"
        assert machine.shell("cat /run/ntpsec/ntp.conf.dhcp") == \
            "server 192.168.2.2 iburst\ndriftfile /var/lib/drift\n"
        assert machine.shell("readlink /etc/localtime; cat /etc/timezone").split() == \
            ["/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"]
        # Nothing of the initramfs is left in memory.
        assert machine.shell("ls /lanyard 2>&1 || true").count("No such file") == 1


# Files of a tree that lanyard.keep= is about; and what they are once init has laid its own over them.
TREE = {
    ("etc", "hostname"): "tree\n",
    ("etc", "machine-id"): "0123456789abcdef0123456789abcdef\n",
    ("etc", "fstab"): "UUID=0a3407de-014b-458b-b5c1-848e92a327a3 / ext4 defaults 0 1\n",
    ("etc", "resolv.conf"): "nameserver 1.2.3.4\n",
    ("etc", "cron.daily", "man-db"): "#!/bin/sh\n",
}
KEPT = {
    "hostname": "grep -qx tree /etc/hostname",
    "machine-id": "grep -q ^0123456789abcdef /etc/machine-id",
    "fstab": "grep -q ^UUID /etc/fstab",
    "resolver": "grep -qx 'nameserver 1.2.3.4' /etc/resolv.conf",
    "jobs": "test -x /etc/cron.daily/man-db",
    "network": "test ! -e /run/NetworkManager",
}


def put(root, text, *names):
    os.makedirs(root.path(*names[:-1]), exist_ok=True)
    with open(root.path(*names), "w", encoding="ascii") as file:
        file.write(text)


def tree_of_a_disk(root):
    for names, text in TREE.items():
        put(root, text, *names)
    os.chmod(root.path("etc", "cron.daily", "man-db"), 0o755)


def assert_kept(machine, words):
    """What lanyard.keep= names is as in the tree, and nothing else is."""
    kept = {word for word, check in KEPT.items()
            if machine.shell(f"if {check}; then echo kept; fi").strip() == "kept"}
    assert kept == set(words.split(",")), kept


@pytest.fixture
def shell_image(site):
    image = site.path("shell.img")
    subprocess.run([f"{BIN}/mklanyard", "-r", DEMO_ROOT, "-m", "list:virtio_net,virtio_pci",
                    "--with-shell", "-o", image], check=True, stderr=subprocess.DEVNULL)
    return image


# What is there when a shell comes before a stage, and what not yet.
STOPS = {
    "top": "test -e /proc/cmdline && ! grep virtio_net /proc/modules",
    "modules": "! grep virtio_net /proc/modules",
    "premount": "! ip -4 addr | grep 192.168.2.",
    "mount": "ip -4 addr show eth0 | grep 192.168.2. && ! grep ' nfs' /proc/mounts",
    "bottom": "grep ' nfs' /proc/mounts && ! grep overlay /proc/mounts",
    "init": "grep '^overlay /root overlay ' /root/proc/1/mounts && test ! -e /proc/cmdline",
}
KEEP = "hostname,jobs,network", "fstab,machine-id,resolver"


def test_stops(site, root, shell_image):
    """break= with each stage; half of what can be kept."""
    Dnsmasq(site)
    tree_of_a_disk(root)
    with start(site, f"{NFSROOT} ip=dhcp lanyard.overlay=tmpfs break={','.join(STOPS)} "
               f"lanyard.keep={KEEP[0]}", shell_image, nics=["virtio-net-pci"]) as machine:
        for name, check in STOPS.items():
            machine.wait_for(rf"waiting for you: a shell \(break={name}; 'exit' goes on\)", BOOT_TIMEOUT)
            machine.wait_for("lanyard# ", 20)
            machine.shell(check)
            machine.console.send("exit\n")
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert_kept(machine, KEEP[0])


def test_rescue(site, shell_image):
    """The fault, a shell below it, and another try when that ends; the other half of what can be kept."""
    Dnsmasq(site)
    tree = RootCopy(site)
    tree_of_a_disk(tree)
    with start(site, f"{NFSROOT} ip=dhcp lanyard.overlay=tmpfs lanyard.rescue rootdelay=8 "
               f"lanyard.keep={KEEP[1]}", shell_image, nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"waiting for you: a shell \(lanyard\.rescue; 'exit' tries again\)", BOOT_TIMEOUT)
        assert "LAN-505" in machine.console.text.splitlines()[-2], machine.console.tail()
        machine.wait_for("lanyard# ", 20)
        machine.shell("ip -4 addr show eth0 | grep 192.168.2.")
        Ganesha(site, {"/nfsroot": tree.dir})
        machine.console.send("exit\n")
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert_kept(machine, KEEP[1])


def test_quiet(site, root):
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=dhcp quiet", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert stages(machine) == []
        assert "is mounted" in machine.shell("cat /run/lanyard/milestones")


def test_no_init_is_said_and_tried_again(site, root):
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=dhcp init=/sbin/nosuchinit",
               nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"LAN-509 .*192\.168\.2\.2:/nfsroot has no /sbin/nosuchinit", BOOT_TIMEOUT)
        machine.wait_for(r"another try in \d+ s", 10)
        os.link(root.path("bin/busybox"), root.path("sbin/nosuchinit"))
        machine.wait_for(r"starting /sbin/nosuchinit", 60)


def test_wrong_root_parameter(site):
    """There is no shell in the image, and it is asked for twice."""
    with Machine(site, kernel=kernel(), initrd=IMAGE,
                 append="console=ttyS0 root=/dev/sda1 panic=3 break=top lanyard.rescue") as machine:
        machine.wait_for(r"note: no shell in this image \(mklanyard --with-shell\)", BOOT_TIMEOUT)
        machine.wait_for(r"LAN-510 .*/dev/sda1", BOOT_TIMEOUT)
        machine.wait_for(r"note: no shell in this image", 20)
        machine.wait_for(r"reboot .*in 3 s", 20)
        machine.wait_end(30)


def test_no_card(site):
    """What is there instead is named: a card without its driver, and what has a Wi-Fi card's class."""
    with start(site, f"{NFSROOT} ip=dhcp panic=1 rootdelay=12", nics=["rtl8139"],
               extra=["-blockdev", "null-co,node-name=d",
                      "-device", "virtio-blk-pci,drive=d,class=0x280"]) as machine:
        said = machine.wait_for(r"LAN-101 .*\n", BOOT_TIMEOUT).group()
        assert re.search(r"Ethernet 10ec:8139 at 0000:00:\S+ has no driver here", said), said
        assert re.search(r"Wi-Fi 1af4:1001 at 0000:00:\S+ cannot carry the root", said), said
        assert "USB Ethernet adapter" in said, said
        stage(machine, "note: 'mklanyard -m list:pci:v000010ECd00008139svsdbc02sc00i' adds the driver")
        machine.wait_end(30)
