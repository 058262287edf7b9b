# SPDX-License-Identifier: BSD-2-Clause
"""Machines that mount more over NFS than their root, by fstab and autofs, with ifupdown, which has
nothing to do for the root's card: what waits for the network has to be told that it is there.
(test_roots.py has systemd-networkd and sysvinit with a root that can be written.)"""

import pytest

from tests.qemu.debian import assert_healthy, log_in, power_off
from tests.qemu.shares import assert_shared, share
from tests.qemu.test_roots import boot, of_ifupdown, variant, with_getty
from tests.site import Dnsmasq, Ganesha


@pytest.mark.long
@pytest.mark.parametrize("name, words", [
    ("nfsclient", "rw"), ("nfsclient", "lanyard.overlay=tmpfs"), ("sysvinit", "lanyard.overlay=tmpfs")])
def test_ifupdown(site, name, words):
    systemd = name != "sysvinit"
    root = variant(site, name)
    if not systemd:
        with_getty(root)
    of_ifupdown(root)
    Dnsmasq(site)
    Ganesha(site, {"/nfsroot": root.dir, **share(site, root)}, read_only=words != "rw")
    with boot(site, f"nfsroot=192.168.2.2:/nfsroot {words}") as machine:
        log_in(machine)
        if systemd:
            assert_healthy(machine)
        assert_shared(machine)
        power_off(machine, systemd)
