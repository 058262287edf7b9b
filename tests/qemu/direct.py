# SPDX-License-Identifier: BSD-2-Clause
"""init alone, started with -kernel and -initrd: no boot program before it."""

import re

from tests.qemu.support import INITRD
from tests.site import Machine
from tests.site.payload import INITRDS, kernel

IMAGE = INITRDS.get(INITRD, INITRD)
NFSROOT = "nfsroot=192.168.2.2:/nfsroot"
DISCOVER, OFFER, REQUEST, ACK, NAK = "1", "2", "3", "5", "6"  # dhcp_types


def start(site, words, initrd=None, **kwargs):
    return Machine(site, kernel=kernel(), initrd=initrd or IMAGE,
                   append=f"console=ttyS0 root=/dev/nfs {words}", **kwargs)


def stages(machine):
    """What init said: [(ms, text)]."""
    return [(int(ms), text) for ms, text in
            re.findall(r"^lanyard: +(\d+) ms  (.*)$", machine.console.text, re.MULTILINE)]


def stage(machine, pattern):
    """The time of a stage; it must have been said."""
    found = [ms for ms, text in stages(machine) if re.search(pattern, text)]
    assert found, f"no stage /{pattern}/ among {stages(machine)}"
    return found[0]


def addresses(machine):
    return re.findall(r"inet (192\S+)", machine.shell("ip -4 addr show"))


def dhcp_types(site):
    return [kind for (kind,) in site.frames("dhcp", "dhcp.option.dhcp")]
