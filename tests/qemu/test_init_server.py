# SPDX-License-Identifier: BSD-2-Clause
"""init and the root's server: how it is named, its versions of NFS, when it is late, gone or not there; the
lease that the root stands on is kept."""

import os
import re
import subprocess
import time

import pytest

from tests.qemu.direct import ACK, IMAGE, NFSROOT, REQUEST, addresses, dhcp_types, stage, start
from tests.qemu.support import BOOT_TIMEOUT, SHELL, Probe
from tests.site import Dnsmasq, Ganesha
from tests.site.payload import RootCopy


def wait_for_output(machine, command, text, timeout=60):
    deadline = time.monotonic() + timeout
    while text not in (output := machine.shell(command)):
        assert time.monotonic() < deadline, f"no '{text}' in: {output}"
        time.sleep(1)


def wait_for_log(machine, text):
    wait_for_output(machine, "dmesg | grep lanyard: || true", text)


def assert_resolver_in_the_tree(machine, root):
    """In a root that can be written it is a file of the tree that others may replace; what was there
    before is kept."""
    assert "nameserver 192.168.2.2" in machine.shell("cat /etc/resolv.conf")
    with open(root.path("etc", "resolv.conf"), encoding="ascii") as file:
        assert file.readline().startswith("# DHCP's, written by lanyard-init")
    with open(root.path("etc", "resolv.conf.before-lanyard"), encoding="ascii") as file:
        assert file.read() == "nameserver 1.2.3.4\n"
    machine.shell("cd /etc && cp resolv.conf n && mv n resolv.conf && ! grep resolv.conf /proc/mounts")


def assert_survives_a_pulled_cable(machine):
    """For longer than it takes to renew the lease. The root and its lease stay."""
    machine.plug(False)
    time.sleep(12)
    machine.plug(True)
    machine.shell("echo 3 > /proc/sys/vm/drop_caches; md5sum /bin/busybox; "
                  "ip route | grep default; ! dmesg | grep LAN-514", 60)


def test_root_path_of_dhcp(site, root):
    """No nfsroot= at all; quotes, metacharacters and a mount option come along. The keeper renews the
    lease after the ten seconds that the server wants, follows when the server changes its mind, and says
    when it takes the lease back."""
    server = Dnsmasq(site, root_path="192.168.2.2:/nfsroot,rw,noatime",
                     extra=["dhcp-option-force=option:domain-name,example.org$(reboot)",
                            "dhcp-option-force=option:ntp-server,192.168.2.3",
                            "dhcp-option-force=58,10s", "dhcp-option-force=59,100s"])
    with open(root.path("etc", "resolv.conf"), "w", encoding="ascii") as file:
        file.write("nameserver 1.2.3.4\n")
    with start(site, "ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        source, kind, options = Probe(machine).mount("/")
        assert (source, kind) == ("192.168.2.2:/nfsroot", "nfs")
        assert "rw" in options and "noatime" in options
        assert "reboot" not in machine.shell("cat /etc/resolv.conf")
        machine.shell(". /run/net-eth0.conf && test \"$DNSDOMAIN\" = 'example.org$(reboot)'")
        assert_resolver_in_the_tree(machine, root)
        keeper = machine.shell("cat /run/sendsigs.omit.d/lanyard").strip()
        assert machine.shell(f"tr '\\0' ' ' < /proc/{keeper}/cmdline").startswith("@init")
        assert machine.shell(f"ls -l /proc/{keeper}/fd | wc -l; grep CapEff /proc/{keeper}/status")
        told = machine.shell(f"cat /run/lanyard/milestones; grep VmHWM /proc/{keeper}/status")
        peak = int(re.search(r"init took (\d+) KB", told).group(1))
        assert peak + int(re.search(r"VmHWM:\s*(\d+) kB", told).group(1)) < 2048, told
        deadline = time.monotonic() + 30
        while dhcp_types(site)[-2:] != [REQUEST, ACK] or len(dhcp_types(site)) < 6:
            assert time.monotonic() < deadline, dhcp_types(site)
            time.sleep(1)
        assert "192.168.2.2" in site.frames("dhcp.option.dhcp == 3", "ip.dst")[-1]
        first = addresses(machine)
        assert_survives_a_pulled_cable(machine)
        assert addresses(machine) == first
        server.restart(extra=[*server.extra, "dhcp-option=option:dns-server,192.168.2.9"])
        wait_for_log(machine, "the lease of eth0 has other options now")
        wait_for_output(machine, "cat /etc/resolv.conf", "nameserver 192.168.2.9")
        os.unlink(site.path("dnsmasq.leases"))
        server.restart(pool=("192.168.2.200", "192.168.2.210"))
        wait_for_log(machine, "LAN-514 the lease that carries the root has ended")
        wait_for_log(machine, "eth0 has been given the address 192.168.2.20")
        now = addresses(machine)
        assert set(first) < set(now) and len(now) == 2, now


def test_server_by_name(site, root):
    """DNS knows the root's server, and the name of this machine."""
    Dnsmasq(site, hosts={"files.example": "192.168.2.2"}, pool=("192.168.2.77", "192.168.2.77"),
            extra=["ptr-record=77.2.168.192.in-addr.arpa,ws4.example"])
    with start(site, "nfsroot=files.example:/nfsroot ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert Probe(machine).mount("/")[0] == "files.example:/nfsroot"
        stage(machine, "the name servers call this machine ws4")
        assert machine.shell("hostname").strip() == "ws4"


def test_nfs_version_4_when_asked(site, root):
    Dnsmasq(site)
    with start(site, f"{NFSROOT},vers=4.2 ip=dhcp ro", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        options = Probe(machine).mount("/")[2]
        assert "vers=4.2" in options and "ro" in options


# The machine-id of a machine without a UUID and with the first card's usual address.
OWN_ID = "02326b1bfddf452d7ead94870493d5c2"


@pytest.mark.parametrize("portmap", [True, False])
def test_server_that_speaks_version_4_only(site, portmap):
    """Its tree has the name servers that this machine (else: another one) was given before."""
    Dnsmasq(site)
    tree = RootCopy(site)
    with open(tree.path("etc", "resolv.conf"), "w", encoding="ascii") as file:
        file.write("# DHCP's, written by lanyard-init (lanyard.keep=resolver leaves this file alone)\n"
                   f"# {OWN_ID if portmap else OWN_ID[::-1]}\nnameserver 1.2.3.4\n")
    server = Ganesha(site, {"/nfsroot": tree.dir}, protocols="4")
    if not portmap:
        server.rpcbind.stop()
    with start(site, f"{NFSROOT} ip=dhcp rw", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert "vers=4.2" in Probe(machine).mount("/")[2]
        stage(machine, "trying NFS 4.2")
        assert "nameserver 192.168.2.2" in machine.shell("cat /etc/resolv.conf")
        assert (Probe(machine).mount("/etc/resolv.conf") is None) == portmap
    with open(tree.path("etc", "resolv.conf"), encoding="ascii") as file:
        assert ("nameserver 1.2.3.4" in file.read()) != portmap
    assert not os.path.exists(tree.path("etc", "resolv.conf.before-lanyard"))


WITHOUT_MODULE = """set -e
mkdir -p without/lanyard; cd without
zstd -dcq "$1" | cpio -i --quiet --to-stdout lanyard/modules | grep -Ev "^($2) " > lanyard/modules
(cat "$1"; find lanyard | cpio -o --quiet -H newc | zstd -q) > ../without.img
"""


def without_module(site, name):
    """The initrd with a list of modules that lacks one: a later archive's file counts."""
    subprocess.run(["sh", "-c", WITHOUT_MODULE, "sh", IMAGE, name], cwd=site.dir,
                   check=True)
    return site.path("without.img")


def test_version_4_without_its_module(site):
    Dnsmasq(site)
    Ganesha(site, {"/nfsroot": RootCopy(site).dir}, protocols="4")
    with start(site, f"{NFSROOT} ip=dhcp", without_module(site, "nfsv4"),
               nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"LAN-50\d .*this image has no module nfsv4", BOOT_TIMEOUT)


@pytest.mark.parametrize("modules, fault", [
    ("overlay", r"LAN-511 .*'mklanyard -m list:overlay' adds the module"),
    ("nfs|nfsv3|nfsv4", r"LAN-508 .*'mklanyard -m list:nfs' adds the NFS client")])
def test_image_that_lacks_a_module(site, root, modules, fault):
    """And what adds it."""
    Dnsmasq(site)
    with start(site, f"{NFSROOT} ip=dhcp lanyard.overlay=tmpfs panic=1", without_module(site, modules),
               nics=["virtio-net-pci"]) as machine:
        machine.wait_for(fault, BOOT_TIMEOUT)


def test_server_that_does_not_exist(site):
    Dnsmasq(site)
    with start(site, "nfsroot=192.168.2.99:/nfsroot ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"LAN-505 .*192\.168\.2\.99:/nfsroot.*TCP port 2049", BOOT_TIMEOUT)


def test_the_later_of_ro_and_rw_counts(site, root):
    Dnsmasq(site)
    with start(site, f"rw {NFSROOT},ro ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        assert "ro" in Probe(machine).mount("/")[2]


def test_server_that_comes_late(site):
    """The NFS server starts a while after the machine: the boot waits for it, and says so."""
    Dnsmasq(site)
    tree = RootCopy(site)
    with start(site, f"{NFSROOT} ip=dhcp", nics=["virtio-net-pci"]) as machine:
        machine.wait_for(r"LAN-505 .*TCP port 2049: Connection refused", BOOT_TIMEOUT)
        Ganesha(site, {"/nfsroot": tree.dir})
        machine.wait_for(SHELL, BOOT_TIMEOUT)
