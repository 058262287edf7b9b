# SPDX-License-Identifier: BSD-2-Clause
"""A whole Debian as the root of machines: logging in, what a healthy system says, switching off."""

import os
import re

from tests.qemu.support import asked_for_addresses

PROMPT = r"root@[\w.-]+:\S*# "

# From the switch to the login prompt: some 60 s on an idle machine with two cores.
BOOT_TIMEOUT = 400


def log_in(machine):
    """Wait for multi-user.target's login prompt on the serial console, and log in as root."""
    machine.wait_for(r"login: ", BOOT_TIMEOUT)
    machine.console.send("root\n")
    machine.wait_for(PROMPT, 120)
    machine.shell("export TERM=dumb PAGER=cat SYSTEMD_COLORS=0 DEBIAN_FRONTEND=noninteractive; "
                  "stty cols 200", 60)


def assert_healthy(machine):
    """Every unit has started, and nothing has failed."""
    state = machine.shell("systemctl is-system-running --wait || true", 180)
    failed = machine.shell("systemctl list-units --failed --plain --no-legend --no-pager", 60)
    assert not failed.strip() and "running" in state, f"{state}{failed}"


# The fstab and crypttab of a system that was installed on a disk.
FSTAB = """UUID=0a3407de-014b-458b-b5c1-848e92a327a3 / ext4 errors=remount-ro 0 1
UUID=9f0c1a4e-60b5-4c2c-8f4d-6a8f4f0f2b11 none swap sw 0 0
/dev/sdb1 /data ext4 defaults 0 2
tmpfs /srv tmpfs size=1m 0 0
"""
CRYPTTAB = "data UUID=9f0c1a4e-60b5-4c2c-8f4d-6a8f4f0f2b12 none luks\n"


def as_on_a_disk(root):
    """The tree has been copied from a disk: its fstab and crypttab name some, grub was its loader."""
    os.makedirs(root.path("boot", "grub"), exist_ok=True)
    open(root.path("boot", "grub", "grub.cfg"), "w", encoding="ascii").close()
    for name, text in (("fstab", FSTAB), ("crypttab", CRYPTTAB)):
        with open(root.path("etc", name), "w", encoding="ascii") as file:
            file.write(text)


def assert_no_disks(machine):
    """Of the disks' entries systemd knows nothing, of the others all."""
    units = machine.shell("systemctl list-units --all --plain --no-legend --no-pager", 60)
    assert not re.search(r"uuid|data\.mount|cryptsetup@", units), units
    assert re.search(r"^srv\.mount", units, re.MULTILINE), units
    machine.shell("test ! -e /boot/grub/grub.cfg")


def assert_read_ahead(machine, place):
    """NFS's own 128 KB are too little."""
    device = machine.shell(f"mountpoint -d {place}").strip()
    assert machine.shell(f"cat /sys/class/bdi/{device}/read_ahead_kb").strip() == "1024"


def assert_nobodys_jobs(machine, writable=False):
    """What makes no sense on a root that many share is not started. Where that cannot be written, cron
    does not start it either, and logs stay in memory."""
    masked = machine.shell("cd /etc/systemd/system; for u in apt-daily apt-daily-upgrade fstrim man-db "
                           "e2scrub_all; do systemctl is-enabled $u.timer || true; done", 60)
    assert masked.split() == ["masked-runtime"] * 5, masked
    if not writable:
        machine.shell("test ! -x /etc/cron.daily/apt-compat; test -d /run/log/journal")


def identity(machine):
    """What has to be another one on each machine."""
    return machine.shell("cat /etc/machine-id").strip(), machine.shell("hostname").strip()


def assert_replaceable(machine, *names):
    """Other programs may put new files in the place of these, as dpkg, resolvconf and hostnamectl do:
    none of them is a mount point."""
    machine.shell(f"(cd /etc && for f in {' '.join(names)}; do "
                  "cp -a $f $f.new && mv -f $f.new $f || exit 1; done)", 60)


def network(machine):
    """Addresses, routes and name servers, without what is another one each time: how long a lease lasts.
    And the root is there, not only in memory."""
    machine.shell("echo 3 > /proc/sys/vm/drop_caches; sleep 1; ls / /root && md5sum /bin/ls", 60)
    return machine.shell("ip -o -4 addr show scope global | sed 's/ *valid_lft.*//'; ip -4 route; "
                         "grep '^[a-z]' /etc/resolv.conf", 60)


def assert_network_stays(machine, command):
    """It is what init made, and the command, which starts the card's manager again, changes nothing. That
    does not even ask for an address, which may be the same."""
    before, asked = network(machine), asked_for_addresses(machine)
    own = machine.shell(". /run/net-*.conf && echo $IPV4ADDR").strip()
    assert re.findall(r"inet (\S+)/24", before) == [own], before
    assert before.count("default via") == 1 and "nameserver 192.168.2.2" in before, before
    machine.shell(f"{command}; sleep 5", 120)
    assert network(machine) == before
    assert asked_for_addresses(machine) == asked


def power_off(machine, systemd=True):
    """The system's own way, which must not wait for anything that is gone. Only systemd goes back to the
    initramfs, which unmounts the root."""
    machine.console.send("poweroff\n")
    machine.wait_end(90)
    stuck = [line for line in machine.console.text.splitlines()
             if "A stop job is running" in line or "Timed out" in line]
    assert not stuck, stuck
    # What init has mounted over the root costs no umount(8).
    assert not re.search(r"Unmounting [^'\n]*/media", machine.console.text)
    assert not systemd or re.search(r"^lanyard: .*the root is unmounted", machine.console.text, re.MULTILINE)
