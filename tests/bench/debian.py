# SPDX-License-Identifier: BSD-2-Clause
"""From the machine's switch to multi-user.target, stage by stage, with a whole Debian as writable root.

Once with lanyardd alone (lanyard.0, mklanyard's image, its NFS server), once with what it replaces:
dnsmasq (DHCP, TFTP), pxelinux.0, the image of initramfs-tools (MODULES=netboot), and nfs-ganesha.
The same kernel, tree, machine, one after the other; a line per stage with the seconds that it took.
"""
import glob
import os
import shutil
import statistics
import subprocess
import time

from tests.bench.table import Table
from tests.site import Dnsmasq, Ganesha, Lanyardd, Machine, Site
from tests.site.paths import BUILD
from tests.site.payload import DEBIAN_ARCHIVE, MAKE_DEBIAN, PROGRAMS, DebianRoot

CARD = "e1000"
APPEND = "console=ttyS0"
CONFIG = f"""SERIAL 0 115200
DEFAULT linux
LABEL linux
KERNEL vmlinuz
APPEND root=/dev/nfs nfsroot=192.168.2.2:/nfsroot ip=dhcp rw {APPEND} initrd=initrd.img
"""
STAGES = ("the ROM, to its first file", "boot program, kernel and initrd", "kernel to /init",
          "/init to the root's init", "systemd to multi-user")

# As the how-to does it: in the tree itself.
MAKE_IMAGE = """set -e
mount --bind /proc "$1/proc"
mount -t devtmpfs none "$1/dev"
sed -i -e 's/^MODULES=.*/MODULES=netboot/' -e 's/^BOOT=.*/BOOT=nfs/' \
    "$1/etc/initramfs-tools/initramfs.conf"
chroot "$1" update-initramfs -u
"""


def make_image(target):
    """initramfs-tools' image for the tree's kernel, made in a copy of the tree."""
    root = os.path.join(BUILD, "run", "image-root")
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run([MAKE_DEBIAN, DEBIAN_ARCHIVE, root], check=True)
    try:
        subprocess.run(["unshare", "-m", "sh", "-c", MAKE_IMAGE, "sh", root], check=True,
                       capture_output=True, timeout=600)
        shutil.copy(glob.glob(f"{root}/boot/initrd.img-*")[0], target)
    finally:
        shutil.rmtree(root)


def classic(site, root, image):
    tree = site.path("tftp")
    os.makedirs(os.path.join(tree, "pxelinux.cfg"))
    for path in PROGRAMS["pxelinux"]:
        shutil.copy(path, tree)
    shutil.copy(glob.glob(root.path("boot", "vmlinuz-*"))[0], os.path.join(tree, "vmlinuz"))
    shutil.copy(image, os.path.join(tree, "initrd.img"))
    with open(os.path.join(tree, "pxelinux.cfg", "default"), "w", encoding="ascii") as file:
        file.write(CONFIG)
    subprocess.run(["chmod", "-R", "a+rX", tree], check=True)
    Dnsmasq(site, tftp_root=tree, boot_file="pxelinux.0")
    Ganesha(site, {"/nfsroot": root.dir})


def lanyard(site, root, _image):
    Lanyardd(site, root.dir, "--append", APPEND, rw=True, modules=None)


def boot(serve, image):
    """Seconds of each stage."""
    with Site(name="bench") as site:
        root = DebianRoot(site)
        serve(site, root, image)
        with Machine(site, nics=[CARD], memory=1024) as machine:
            switched = time.time() - machine.seconds()
            marks = []
            for line in (r"Linux version", r"Run /init as init process", r"Welcome to", r"login: "):
                machine.wait_for(line, timeout=600)
                marks.append(machine.seconds())
        asked = site.frames("tftp.opcode == 1", "frame.time_epoch")[0][0]
    marks = [0, float(asked) - switched, *marks]
    return [later - earlier for earlier, later in zip(marks, marks[1:])]


def measure(runs):
    with Site(name="bench", capture=False) as site:
        image = site.path("initramfs-tools.img")
        make_image(image)
        results = {"lanyard": [], "classic": []}
        for _ in range(runs):
            for name, serve in (("lanyard", lanyard), ("classic", classic)):
                results[name].append(boot(serve, image))
        table = Table("A whole Debian from the machine's switch to multi-user.target (seconds)",
                      [("stage", 32), ("lanyardd", 10), ("the classic servers", 20), ("ratio", 6)])
        medians = {name: [statistics.median(stage) for stage in zip(*rows)]
                   for name, rows in results.items()}
        for stage, ours, theirs in zip(STAGES, medians["lanyard"], medians["classic"]):
            table.row(stage, ours, theirs, theirs / ours)
        ours, theirs = (sum(medians[name]) for name in ("lanyard", "classic"))
        table.row("in all", ours, theirs, theirs / ours)
