# SPDX-License-Identifier: BSD-2-Clause
"""Packages for a client that has no network but its server's: newer versions of what it has, and others
to install, as an apt repository in its tree (tests/debian/make-repository.sh)."""

import os
import re
import subprocess

from tests.qemu.debian import network
from tests.site.paths import DEPS

PLACE = "var/lib/repository"

# What manages the network, process 1, and another way to resolv.conf.
MANAGERS = ("systemd", "systemd-sysv", "libsystemd-shared", "libsystemd0", "libpam-systemd", "libudev1",
            "udev", "ifupdown", "network-manager", "libnm0", "resolvconf", "lsb-base")

# It saves minutes: no fsync per file, no manuals. Images of initramfs-tools are test_pc.py's matter.
DPKG = """force-unsafe-io
path-exclude=/usr/share/man/*
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/locale/*
"""


def _write(root, name, text):
    with open(root.path(*name.split("/")), "w", encoding="utf-8") as file:
        file.write(text)


def repository(root, only=None):
    """Puts it into the tree as its one source. `only`: these of its packages."""
    place = root.path(*PLACE.split("/"))
    os.makedirs(place)
    with open(f"{DEPS}/upgrades/Packages", encoding="utf-8") as file:
        packages = {re.match(r"Package: (\S+)", text)[1]: text
                    for text in file.read().strip().split("\n\n")}
    chosen = [name for name in packages if not only or name in only]
    assert not only or len(chosen) == len(only), set(only) - set(chosen)
    subprocess.run(["cp", *(f"{DEPS}/upgrades/{name}.deb" for name in chosen), place], check=True)
    _write(root, f"{PLACE}/Packages", "\n\n".join(packages[name] for name in chosen) + "\n")
    _write(root, "etc/apt/sources.list", f"deb [trusted=yes] file:/{PLACE} ./\n")
    _write(root, "etc/dpkg/dpkg.cfg.d/fast", DPKG)
    if os.path.isdir(root.path("etc", "initramfs-tools")):
        _write(root, "etc/initramfs-tools/update-initramfs.conf", "update_initramfs=no\n")


def apt(machine, command, timeout=600):
    """Runs it; what it says is in the error where it fails."""
    machine.shell(f"apt-get --yes {command} >/var/tmp/apt.log 2>&1 || (tail -n 40 /var/tmp/apt.log; false)",
                  timeout)


def upgrade(machine, systemd=True):
    """Everything there is a newer version of. The network stays as it is, and process 1 is the new one."""
    before = network(machine)
    machine.shell("dmesg --console-level 1")  # process 1 talks while the journal is away
    apt(machine, "update")
    apt(machine, "full-upgrade", 1500)
    assert not machine.shell("apt-get --simulate full-upgrade | grep ^Inst || true", 60)
    assert not machine.shell("dpkg --audit", 60)
    assert network(machine) == before
    if systemd:
        assert machine.shell("readlink /proc/1/exe").strip() == "/usr/lib/systemd/systemd"
        assert "+newer" in machine.shell("dpkg-query --show systemd", 60)


def install(machine, packages):
    """Packages that the system does not have."""
    before = network(machine)
    apt(machine, f"install {packages}")
    assert network(machine) == before


def assert_named(machine, name):
    """The machine has this name, and finds itself by it."""
    assert machine.shell("hostname; hostname --fqdn").split() == [name, name]
    own = machine.shell(". /run/net-*.conf && echo $IPV4ADDR").strip()
    assert own.split("/")[0] in machine.shell(f"getent ahostsv4 {name}")
