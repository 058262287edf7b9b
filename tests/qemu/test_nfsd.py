# SPDX-License-Identifier: BSD-2-Clause
"""Our NFS server under a machine's root: the Linux client does on it what a system does, read-write and
read-only, with the kernel's handles and with the table, and while the server dies and comes back."""

import os
import stat

import pytest

from tests.host.nfsd import Nfsd
from tests.qemu.support import BOOT_TIMEOUT, INITRD, SHELL, Probe
from tests.site import Dnsmasq, Machine
from tests.site.payload import INITRDS, RootCopy, kernel

# What a package manager and a C library do to files.
WORK = r"""
set -e
rm -rf /work; mkdir /work; cd /work
echo first > a; echo second > b; mv b a; test "$(cat a)" = second
ln a hard; test "$(stat -c %h a)" = 2; rm a; test "$(cat hard)" = second
ln -s ../etc/passwd link; test "$(readlink link)" = ../etc/passwd; grep -q root link
mkfifo -m 640 pipe; test "$(stat -c %F:%a pipe)" = fifo:640
mknod -m 600 disk b 253 70000; test "$(stat -c %t:%T disk)" = fd:11170
mknod tty c 5 1; test -c tty
chown 1000:1001 hard; test "$(stat -c %u:%g hard)" = 1000:1001
cp /bin/busybox suid; chmod 4755 suid; test "$(stat -c %a suid)" = 4755
mkdir -p deep/er/and/deeper; rmdir deep/er/and/deeper
touch -r /root/stamp hard
dd if=/dev/urandom of=big bs=64k count=200 2>/dev/null; sync
cp big copy; cmp big copy; sha256sum big > sums
dd if=/dev/zero of=sparse bs=1 count=1 seek=100M 2>/dev/null
test "$(stat -c %s sparse)" = 104857601; test "$(du -k sparse | cut -f1)" -lt 100
i=0; while [ $i -lt 500 ]; do echo $i > f$i; i=$((i+1)); done
test "$(ls | grep -c '^f[0-9]')" = 500
for f in f*; do rm $f; done; test "$(ls | grep -c '^f[0-9]')" = 0
(exec 3<>open; rm open; echo held >&3; sync)
set -C; echo x > only; if echo y > only 2>/dev/null; then exit 1; fi; set +C
echo work'-'done
"""


@pytest.fixture(autouse=True)
def server_ends_well(site):
    yield
    site.nfsd.stop()


def start(site, words, **kwargs):
    return Machine(site, kernel=kernel(), initrd=INITRDS.get(INITRD, INITRD),
                   append=f"console=ttyS0 root=/dev/nfs nfsroot=192.168.2.2:/nfsroot ip=dhcp {words}",
                   nics=["virtio-net-pci"], **kwargs)


def do_work(machine, root):
    with open(root.path("root", "work.sh"), "w", encoding="ascii") as script:
        script.write(WORK)
    with open(root.path("root", "stamp"), "w", encoding="ascii") as stamp:
        os.utime(stamp.fileno(), ns=(981173106123456789, 981173106123456789))
    assert "work-done" in machine.shell("sh /root/work.sh", timeout=120)


@pytest.mark.parametrize("options", [(), ("-t",)], ids=["kernel-handles", "table"])
def test_root_read_write(site, options):
    root = RootCopy(site)
    Dnsmasq(site)
    Nfsd(site, {"/nfsroot": root.dir}, "-m", "-w", *options)
    with start(site, "rw") as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        source, kind, mounted = Probe(machine).mount("/")
        assert source == "192.168.2.2:/nfsroot" and kind == "nfs" and "rw" in mounted
        do_work(machine, root)
        machine.shell("poweroff")
        machine.wait_end(60)
    info = os.lstat(root.path("work", "hard"))
    assert info.st_mtime_ns == 981173106123456789
    assert (info.st_uid, info.st_gid) == (1000, 1001)
    disk = os.lstat(root.path("work", "disk"))
    assert stat.S_ISBLK(disk.st_mode) and disk.st_rdev == os.makedev(253, 70000)
    assert os.lstat(root.path("work", "suid")).st_mode & 0o7777 == 0o4755


def test_root_read_only(site):
    root = RootCopy(site)
    Dnsmasq(site)
    Nfsd(site, {"/nfsroot": root.dir}, "-m")
    with start(site, "ro lanyard.overlay=tmpfs") as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        machine.shell("echo mine > /etc/mine; grep -q mine /etc/mine")
    assert not os.path.exists(root.path("etc", "mine"))


@pytest.mark.parametrize("options", [(), ("-t",)], ids=["kernel-handles", "table"])
def test_server_dies_and_returns(site, options):
    """Files stay open over kill -9 and a restart, what was written is there, and work goes on."""
    root = RootCopy(site)
    Dnsmasq(site)
    server = Nfsd(site, {"/nfsroot": root.dir}, "-m", "-w", *options)
    with start(site, "rw") as machine:
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        machine.shell("exec 9>/root/log; echo before >&9; mkdir /root/dir; cd /root/dir")
        server.kill()
        machine.console.send("echo during >&9; sync; echo 'all ''there'\n")
        server.start()
        machine.wait_for("all there", 90)
        machine.shell("echo after >&9; sync; touch here; exec 9>&-", timeout=90)
        do_work(machine, root)
    with open(root.path("root", "log"), encoding="ascii") as log:
        assert log.read() == "before\nduring\nafter\n"
    assert os.path.exists(root.path("root", "dir", "here"))
