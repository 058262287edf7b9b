# SPDX-License-Identifier: BSD-2-Clause
"""How long from the kernel's start of /init to the start of the root's own init.

The same kernel and root tree, started directly (no boot program), with an image of mklanyard,
with Debian's initramfs-tools (MODULES=netboot, BOOT=nfs), and with dracut (--no-hostonly). All get
ip=dhcp and mount the root from the same NFS server. Medians of several boots, by turns.

"lanyard, recorded" has what lanyard.0 leaves in front of an initrd: the lease that the machine got before,
which init uses and has confirmed; the others ask for one. The peers' times differ much from boot to boot:
klibc's ipconfig rests for ten seconds when its first try comes before the link.
"""
import os
import re
import shutil
import statistics
import subprocess
import time

from tests.bench.loaders import kernel
from tests.bench.table import Table
from tests.qemu import record
from tests.site import Dnsmasq, Ganesha, Machine, Site
from tests.site.paths import BIN, BUILD, DEPS, TREE

RUNS = 3  # at least
COMMAND_LINE = "console=ttyS0 root=/dev/nfs nfsroot=192.168.2.2:/nfsroot ip=dhcp rw init=/bench-init"
REAL_INIT = """#!/bin/sh
exec >/dev/console
echo 'bench: the real init runs'
if keeper=$(cat /run/sendsigs.omit.d/lanyard 2>/dev/null); then
    grep 'of memory' /run/lanyard/milestones
    grep VmHWM "/proc/$keeper/status"
    echo 'bench: that is all'
fi
sleep 600
"""
RECORDED = "192.168.2.123"
CLIENT_ID = b"\1" + record.MAC
RATIO = 8           # that initramfs-tools is to take as many times as long, on an e1000
MEMORY = 2048       # KB that init and the keeper are to take at most, together

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


def peaks(machine):
    """KB of memory that init and the keeper of the lease had at most."""
    machine.wait_for(r"bench: that is all", timeout=60)
    text = machine.console.text
    return (int(re.search(r"init took (\d+) KB", text).group(1)),
            int(re.search(r"VmHWM:\s*(\d+) kB", text).group(1)))


def first_frame(machine):
    """Seconds from /init's start to the first frame that the card has received, by our init's account: the
    confirmation of a recorded lease."""
    said = re.search(r"lanyard: +(\d+) ms  the lease of \S+ is confirmed", machine.console.text)
    assert said, "the lease was not confirmed:\n" + machine.console.tail()
    return int(said.group(1)) / 1000


def boot(site, image, nic, memory=None, frames=None):
    """Seconds from the kernel's start of /init to the real init, and from the kernel's first line. What
    init and its keeper took is added to `memory`, when the card received at first to `frames`."""
    with Machine(site, nics=[f"{nic},romfile="], kernel=kernel(), initrd=image,
                 append=COMMAND_LINE) as machine:
        marks = []
        for line in (r"Linux version", r"Run /init as init process", r"bench: the real init runs"):
            machine.wait_for(line, timeout=180)
            marks.append(time.time())
        if memory is not None:
            memory.append(peaks(machine))
        if frames is not None:
            frames.append(first_frame(machine))
        return marks[2] - marks[1], marks[2] - marks[0]


def make_root(site):
    root = site.path("root")
    shutil.copytree(os.path.join(BUILD, "demo-root"), root, symlinks=True,
                    ignore=shutil.ignore_patterns("modules", "vmlinuz*"))
    with open(os.path.join(root, "bench-init"), "w", encoding="ascii") as file:
        file.write(REAL_INIT)
    os.chmod(os.path.join(root, "bench-init"), 0o755)
    return root


def make_recorded(site, image):
    """The image behind a record, and a server that has leased what is recorded."""
    with open(site.path("dnsmasq.leases"), "w", encoding="ascii") as file:
        file.write(f"4102444800 {record.MAC.hex(':')} {RECORDED} * {CLIENT_ID.hex(':')}\n")
    return record.write(site.path("recorded.img"), image, record.ack(RECORDED), record.discover(CLIENT_ID))


def discovers(site):
    return len(site.frames("dhcp.option.dhcp == 1", "frame.number"))


def show_times(images, nic, boots, table):
    ours = statistics.median(seconds for seconds, _ in boots["lanyard"])
    for name, image in images.items():
        seconds, whole = zip(*boots[name])
        median = statistics.median(seconds)
        table.row(name, nic, os.path.getsize(image), min(seconds), median, max(seconds),
                  "" if name.startswith("lanyard") else f"{median / ours:.1f}",
                  RATIO if name == "initramfs-tools" and nic == "e1000" else "",
                  statistics.median(whole))


def show_rest(memory, asked, frames):
    table = Table("Of these boots", [("what", 44), ("most", 8), ("limit", 8)])
    init, keeper = (max(values) for values in zip(*memory))
    table.row("init's memory, KB", init, "")
    table.row("the lease keeper's, KB", keeper, "")
    table.row("both together, KB", init + keeper, MEMORY)
    table.row("DHCPDISCOVERs of a boot with a recorded lease", max(asked), 0)
    for nic, seconds in frames.items():
        table.row(f"seconds until {nic} receives, at least", min(seconds), "")


def measure(runs):
    with Site(name="bench") as site:
        images = {"lanyard": make_ours(site.dir), "lanyard, recorded": None,
                  "initramfs-tools": make_peer(site.dir), "dracut": make_dracut(site.dir)}
        images["lanyard, recorded"] = make_recorded(site, images["lanyard"])
        Dnsmasq(site)
        Ganesha(site, {"/nfsroot": make_root(site)})
        memory, asked, frames = [], [], {}
        table = Table("/init to the root's own init (seconds), the same kernel and root",
                      [("image", 18), ("card", 15), ("bytes", 10), ("fastest", 8), ("median", 8),
                       ("slowest", 8), ("x lanyard", 10), ("wanted", 7), ("from kernel's first line", 24)])
        for nic in ("e1000", "virtio-net-pci"):
            boots = {name: [] for name in images}
            for _ in range(max(runs, RUNS)):
                for name, image in images.items():
                    before = discovers(site)
                    boots[name].append(boot(
                        site, image, nic, memory if name.startswith("lanyard") else None,
                        frames.setdefault(nic, []) if name == "lanyard, recorded" else None))
                    if name == "lanyard, recorded":
                        asked.append(discovers(site) - before)
            show_times(images, nic, boots, table)
        show_rest(memory, asked, frames)
