# SPDX-License-Identifier: BSD-2-Clause
"""How long from the kernel's start of /init to the start of the root's own init.

The same kernel and root tree, started directly (no boot program), with an image of mklanyard,
with Debian's initramfs-tools (MODULES=netboot, BOOT=nfs), and with dracut (--no-hostonly). All get
ip=dhcp and mount the root from the same NFS server. Medians of several boots, by turns.
"""
import os
import shutil
import statistics
import subprocess
import time

from tests.bench.loaders import kernel
from tests.bench.table import Table
from tests.site import Dnsmasq, Ganesha, Machine, Site
from tests.site.paths import BIN, BUILD, DEPS, TREE

RUNS = 3  # at least
COMMAND_LINE = "console=ttyS0 root=/dev/nfs nfsroot=192.168.2.2:/nfsroot ip=dhcp rw init=/bench-init"
REAL_INIT = "#!/bin/sh\necho 'bench: the real init runs' >/dev/console\nsleep 600\n"

# Debian's image, made in a copy-on-write view of this machine that has the kernel's modules.
MAKE_PEER = """set -e
mount -t tmpfs none "$1"
mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay -o lowerdir=/,upperdir="$1/up",workdir="$1/work" none "$1/root"
mkdir -p "$1/root/usr/lib/modules/$3" "$1/root/boot"
cp -a "$2/lib/modules/$3/." "$1/root/usr/lib/modules/$3/"
cp "$2/boot/config-$3" "$1/root/boot/"
mount -t proc none "$1/root/proc"
mount -t devtmpfs none "$1/root/dev"
sed -i -e 's/^MODULES=.*/MODULES=netboot/' -e 's/^BOOT=.*/BOOT=nfs/' \
    "$1/root/etc/initramfs-tools/initramfs.conf"
chroot "$1/root" mkinitramfs -o /peer.img "$3"
cp "$1/root/peer.img" "$4"
"""


def version():
    return os.path.basename(kernel()).removeprefix("vmlinuz-")


def make_peer(directory):
    image = os.path.join(directory, "initramfs-tools.img")
    scratch = os.path.join(directory, "scratch")
    os.makedirs(scratch)
    subprocess.run(["unshare", "-m", "sh", "-c", MAKE_PEER, "sh", scratch,
                    os.path.join(DEPS, "kernel"), version(), image], check=True,
                   capture_output=True, timeout=300)
    return image


def make_ours(directory):
    image = os.path.join(directory, "lanyard.img")
    subprocess.run([os.path.join(BIN, "mklanyard"), "-r", os.path.join(DEPS, "kernel"), "-m",
                    "list:e1000,virtio_net", "-o", image], check=True, timeout=300)
    return image


def make_dracut(directory):
    image = os.path.join(directory, "dracut.img")
    subprocess.run([os.path.join(TREE, "tests/peers/mk-dracut.sh"), os.path.join(DEPS, "kernel"), image],
                   check=True, capture_output=True, timeout=600)
    return image


def boot(site, image, nic):
    """Seconds from the kernel's start of /init to the real init, and from the kernel's first line."""
    with Machine(site, nics=[f"{nic},romfile="], kernel=kernel(), initrd=image,
                 append=COMMAND_LINE) as machine:
        marks = []
        for line in (r"Linux version", r"Run /init as init process", r"bench: the real init runs"):
            machine.wait_for(line, timeout=180)
            marks.append(time.time())
        return marks[2] - marks[1], marks[2] - marks[0]


def measure(runs):
    with Site(name="bench") as site:
        images = {"lanyard": make_ours(site.dir), "initramfs-tools": make_peer(site.dir),
                  "dracut": make_dracut(site.dir)}
        root = site.path("root")
        shutil.copytree(os.path.join(BUILD, "demo-root"), root, symlinks=True,
                        ignore=shutil.ignore_patterns("modules", "vmlinuz*"))
        with open(os.path.join(root, "bench-init"), "w", encoding="ascii") as file:
            file.write(REAL_INIT)
        os.chmod(os.path.join(root, "bench-init"), 0o755)
        Dnsmasq(site)
        Ganesha(site, {"/nfsroot": root})
        table = Table("/init to the root's own init (seconds), the same kernel and root",
                      [("image", 16), ("card", 15), ("bytes", 10), ("seconds", 8),
                       ("x lanyard", 10), ("from kernel's first line", 24)])
        for nic in ("e1000", "virtio-net-pci"):
            boots = {name: [] for name in images}
            for _ in range(max(runs, RUNS)):
                for name, image in images.items():
                    boots[name].append(boot(site, image, nic))
            ours = None
            for name, image in images.items():
                seconds, whole = (statistics.median(times) for times in zip(*boots[name]))
                ours = ours or seconds
                table.row(name, nic, os.path.getsize(image), seconds,
                          "" if name == "lanyard" else f"{seconds / ours:.1f}", whole)
