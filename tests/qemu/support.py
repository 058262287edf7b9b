# SPDX-License-Identifier: BSD-2-Clause
"""What the boots in QEMU have in common.

BOOT_PROGRAM and BOOT_INITRD (names of tests/site/payload.py) boot the same story with a peer's
programs, to tell a fault of ours from a fault of the harness.
"""

import os
import re

PROGRAM = os.environ.get("BOOT_PROGRAM", "lanyard")
INITRD = os.environ.get("BOOT_INITRD", "lanyard")

# The demo root's prompt.
SHELL = r"root@[\w.-]+:\S*# "

# From the switch to the ROM's first DHCP request (17 s under TCG), the boot program, the kernel,
# init, the shell: some 40 s on an idle machine with two cores.
BOOT_TIMEOUT = 180


class Probe:
    """What lanyard-probe says about a booted machine: sections as lists of lines."""

    def __init__(self, machine):
        text = machine.shell("lanyard-probe")
        self.sections = {}
        for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
            name, _, body = part.partition("\n")
            self.sections[name.strip()] = [line for line in body.splitlines() if line.strip()]

    def __getitem__(self, name):
        return self.sections[name]

    def mount(self, place):
        """(source, type, [options]) of what is mounted last on a place, or None."""
        found = None
        for line in self["mounts"]:
            source, at, kind, options = line.split()[:4]
            if at == place:
                found = source, kind, options.split(",")
        return found

    def places(self):
        """{path: (what it leads to, mode, file system type)}"""
        return {line.split()[0]: tuple(line.split()[1:4]) for line in self["places"]}


TMPFS_PLACES = {"/tmp": "1777", "/var/tmp": "1777", "/var/run": "755", "/var/lock": "1777",
                "/media": "755"}


def assert_tmpfs_places(probe):
    """The five places are in memory, with the modes that programs rely on."""
    places = probe.places()
    assert {path: (places[path][1], places[path][2]) for path in TMPFS_PLACES} == \
        {path: (mode, "tmpfs") for path, mode in TMPFS_PLACES.items()}
    assert places["/run"][1:] == ("755", "tmpfs")


def snapshot(directory):
    """{path: (type and mode, owner, size, time)} of a tree, to see whether anything in it changed.
    The large directories of kernel and modules count by their names only."""
    seen = {}
    for path, directories, files in os.walk(directory):
        for name in directories + files:
            full = os.path.join(path, name)
            info = os.lstat(full)
            seen[os.path.relpath(full, directory)] = (
                info.st_mode, info.st_uid, info.st_gid, info.st_size, info.st_mtime_ns)
    return seen


def asked_for_addresses(machine):
    """The transactions so far that began with a DHCPDISCOVER of this machine. Each program that configures a
    card begins one, init among them."""
    discover = f"dhcp.option.dhcp == 1 && dhcp.hw.mac_addr == {machine.mac}"
    return {number for (number,) in machine.site.frames(discover, "dhcp.id")}
