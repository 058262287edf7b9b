# SPDX-License-Identifier: BSD-2-Clause
"""The main job on UEFI: the firmware's own PXE (virtio-net) or the card's option ROM (e1000) loads
lanyardx64.efi; the same configuration, kernel and root as on a BIOS; dnsmasq and nfs-ganesha."""

import pytest

from tests.qemu.support import SHELL, Probe
from tests.site import Dnsmasq, Ganesha, Machine
from tests.site.payload import INITRDS, RootCopy, TftpTree, boot_file

PROGRAM = "lanyard-efi"

# OVMF asks DHCP at 10 s with virtio-net's driver of its own, at 27 s with another card's option ROM.
BOOT_TIMEOUT = 240

CONFIG = """\
SERIAL 0 115200
DEFAULT linux
LABEL linux
  KERNEL vmlinuz
  INITRD initrd.img
  APPEND root=/dev/nfs nfsroot=192.168.2.2:/nfsroot ip=dhcp console=ttyS0 earlyprintk=ttyS0 rw {words}
"""

VIRTIO = "virtio-net-pci,romfile="


def serve(site, config=CONFIG.format(words=""), extra=()):
    """Files by TFTP for x64 UEFI clients only; returns the tree."""
    tree = TftpTree(site, config, PROGRAM, INITRDS["lanyard"])
    Dnsmasq(site, tftp_root=tree.dir, extra=[
        "dhcp-match=set:efi64,option:client-arch,7",
        f"dhcp-boot=tag:efi64,{boot_file(PROGRAM)}", *extra])
    return tree


@pytest.mark.parametrize("nic", [VIRTIO, "e1000"], ids=["virtio", "e1000"])
def test_demo_root(site, nic):
    serve(site)
    Ganesha(site, {"/nfsroot": RootCopy(site).dir})
    with Machine(site, firmware="efi", nics=[nic]) as machine:
        machine.wait_for(r"lanyard \S+  UEFI  52:54:00:12:34:01", BOOT_TIMEOUT)
        machine.wait_for(r"\(firmware\)", 30)
        machine.wait_for(r"starting Linux", 60)
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        probe = Probe(machine)
        assert probe.mount("/")[:2] == ("192.168.2.2:/nfsroot", "nfs")
        machine.console.send("poweroff\n")
        machine.wait_end(60)
