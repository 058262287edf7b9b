# SPDX-License-Identifier: BSD-2-Clause
"""The image for all wired cards (mklanyard -m netboot) on the card models that QEMU has, and the
kernel's own requests for modules. Started with -kernel and -initrd; each boot takes some 20 s."""

import os
import subprocess

import pytest

from tests.qemu.support import BOOT_TIMEOUT, SHELL
from tests.site import Dnsmasq, Ganesha, Machine
from tests.site.paths import BIN
from tests.site.payload import DEMO_ROOT, RootCopy, kernel

NFSROOT = "console=ttyS0 root=/dev/nfs nfsroot=192.168.2.2:/nfsroot ip=dhcp"

# What the NFS client consists of, and what init loads in every boot.
NFS = {"nfs", "nfsv3", "sunrpc", "lockd", "grace", "nfs_acl", "netfs", "fscache"}

# QEMU's model: its driver, and what that needs
MODELS = {
    "e1000": {"e1000"},
    "e1000e": {"e1000e"},
    "rtl8139": {"8139cp", "8139too", "mii"},
    "vmxnet3": {"vmxnet3"},
    "ne2k_pci": {"ne2k_pci", "8390"},
    "pcnet": {"pcnet32", "mii"},
    "i82559c": {"e100", "mii"},
    "tulip": {"tulip"},
    "virtio-net-pci": {"virtio_net", "virtio_pci", "virtio", "virtio_ring", "virtio_pci_modern_dev",
                       "virtio_pci_legacy_dev", "net_failover", "failover"},
}


def make(image, *options):
    subprocess.run([os.path.join(BIN, "mklanyard"), "-r", DEMO_ROOT, *options, "-o", image],
                   check=True, stderr=subprocess.DEVNULL)
    return str(image)


@pytest.fixture(scope="module")
def netboot(tmp_path_factory):
    return make(tmp_path_factory.mktemp("netboot") / "image", "-m", "netboot")


def modules(machine):
    return {line.split()[0] for line in machine.shell("cat /proc/modules").splitlines()
            if line.strip()}


def boot(site, image, *nics, **kwargs):
    Dnsmasq(site)
    Ganesha(site, {"/nfsroot": RootCopy(site).dir})
    return Machine(site, kernel=kernel(), initrd=image, append=NFSROOT, nics=nics, **kwargs)


@pytest.mark.parametrize("model", [pytest.param("e1000e", marks=pytest.mark.fast), "rtl8139",
                                   "vmxnet3", "ne2k_pci"])
def test_card_carries_the_root(site, netboot, model):
    """The card's driver, what it needs and the NFS client are loaded, of all that the image has."""
    with boot(site, netboot, model) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert modules(machine) == NFS | MODELS[model]
        assert "unpacking failed" not in machine.console.text
        # The kernel's requests for modules go to the root's own program again.
        assert machine.shell("cat /proc/sys/kernel/modprobe").strip() == "/sbin/modprobe"


def test_all_cards_at_once(site, tmp_path):
    """One of them carries the root; every driver has found its card. With the image at its smallest,
    which has to be 9 MB at most."""
    image = make(tmp_path / "image", "-m", "netboot", "--small")
    assert os.path.getsize(image) <= 9_000_000
    with boot(site, image, *MODELS) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        bound = machine.shell("for d in /sys/class/net/*/device/driver; do readlink $d; done")
        drivers = [line.rsplit("/", 1)[1].strip() for line in bound.splitlines() if "/" in line]
        assert sorted(drivers) == sorted(["e1000", "e1000e", "8139cp", "vmxnet3", "ne2k-pci",
                                          "pcnet32", "e100", "tulip", "virtio_net"])
        assert modules(machine) == NFS.union(*MODELS.values())
        assert "Unknown symbol" not in machine.console.text
        assert "unpacking failed" not in machine.console.text


def test_usb_card(site, tmp_path):
    """Which appears once its controller has a driver. (uhci_hcd wants ehci_pci before it.)"""
    image = make(tmp_path / "image", "-m", "all")
    with boot(site, image, "usb-net", extra=["-usb"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert "/usb1/" in machine.shell("readlink -f /sys/class/net/*/device")
        assert modules(machine) == NFS | {"usb_common", "usbcore", "ehci_hcd", "ehci_pci", "uhci_hcd",
                                          "usbnet", "cdc_ether", "mii"}
        assert "Unknown symbol" not in machine.console.text


class Image:
    """A piece of initrd: a plain cpio that replaces files of the one in front of it."""

    def __init__(self):
        self.bytes = b""

    def add(self, name, content, mode=0o100644):
        head = [0, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        self.bytes += b"070701" + b"".join(b"%08X" % field for field in head)
        self.bytes += name.encode() + b"\0"
        self.bytes += bytes(-len(self.bytes) % 4) + content
        self.bytes += bytes(-len(self.bytes) % 4)

    def end(self):
        self.add("TRAILER!!!", b"", 0)
        return self.bytes


def test_requests_of_the_kernel(site, tmp_path):
    """A driver that the kernel asks for while init runs: a PHY's by its number, others by name. The
    kernel asks for tcp_htcp when a sysctl names it; drivers of cards with a PHY ask in the same way,
    but QEMU has none for a PC."""
    image = make(tmp_path / "image", "-m", "list:r8169,e1000", "--with-shell")
    table = subprocess.run(["sh", "-c", f"zstd -dc {image} | cpio -i --to-stdout lanyard/modules"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    version = os.path.basename(kernel()).split("-", 1)[1]
    path = f"lib/modules/{version}/kernel/net/ipv4/tcp_htcp.ko"
    with open(f"{DEMO_ROOT}/usr/{path}", "rb") as file:
        module = file.read()
    more = Image()
    more.add("lanyard/modules", table + b"tcp_htcp /tcp_htcp.ko d -\n")
    more.add("tcp_htcp.ko", module)
    with open(image, "ab") as file:
        file.write(bytes(-file.tell() % 4) + more.end())
    with Machine(site, kernel=kernel(), initrd=image,
                 append="console=ttyS0 root=/dev/sda1 lanyard.rescue rootdelay=5") as machine:
        machine.wait_for("lanyard# ", BOOT_TIMEOUT)
        machine.shell("until grep -q '^nfsv3 .* Live' /proc/modules; do sleep 0.2; done")
        before = modules(machine)
        assert "e1000" in before and not before & {"tcp_htcp", "libphy", "realtek", "broadcom"}
        assert machine.shell("cat /proc/sys/kernel/modprobe").strip() == "/init"
        machine.shell("echo htcp > /proc/sys/net/ipv4/tcp_congestion_control")
        assert modules(machine) - before == {"tcp_htcp"}
        machine.shell("/init -q -- mdio:00000000000111001100100100010110")  # 0x001cc916
        assert modules(machine) - before == {"tcp_htcp", "libphy", "realtek"}
        machine.shell("/init -q -- mdio:11111111111111111111111111111111 || test $? = 1")
        machine.shell("/init -q -- no_such_module || test $? = 1")
        machine.shell("/init || test $? = 100")
        assert modules(machine) - before == {"tcp_htcp", "libphy", "realtek"}
