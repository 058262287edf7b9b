# SPDX-License-Identifier: BSD-2-Clause
"""How long a whole Debian takes to switch its machine off: from the command at the prompt to QEMU's end.

The same tree as root by NFS (mklanyard's image; lanyardd serves it, writable) and as a file system on the
machine's own disk (ext4 on virtio, the image that Debian made for this kernel). The same kernel and
network card, by turns. Nothing is busy when the command is given.
"""
import os
import statistics
import subprocess
import time

from tests.bench.table import Table
from tests.qemu.debian import log_in
from tests.site import Lanyardd, Machine, Site
from tests.site.paths import BIN, DEPS
from tests.site.payload import DEBIAN_ARCHIVE, DebianRoot, kernel

RUNS = 3         # at least
ALLOWANCE = 2.0  # s that a root by NFS may take longer
CARD = "virtio-net-pci,romfile="
SIZE = "3G"      # of the disk, of which only what is used takes room
SYSTEMS = {  # its archive; what shows that it has started all it starts; the command
    "systemd": (DEBIAN_ARCHIVE, "systemctl is-system-running --wait || true", "systemctl poweroff"),
    "sysvinit": (f"{DEPS}/debian-sysvinit.tar", "sleep 3", "poweroff"),
}


def prepare(site, root):
    """The tree of a system without a kernel gets the other's, and a prompt on the serial line."""
    inittab = root.path("etc", "inittab")
    if not os.path.exists(inittab):
        return
    with open(inittab, "a", encoding="ascii") as file:
        file.write("T0:23:respawn:/sbin/getty -L ttyS0 115200 vt100\n")
    subprocess.run(f"tar -C '{root.dir}' -xf '{DEBIAN_ARCHIVE}' --wildcards './boot/*' './usr/lib/modules/*'",
                   shell=True, check=True)


def by_nfs(site, root):
    """Arguments for a machine whose root is served."""
    image = site.path("lanyard.img")
    subprocess.run([os.path.join(BIN, "mklanyard"), "-r", root.dir, "-m", "list:virtio_net,virtio_pci",
                    "-o", image], check=True)
    Lanyardd(site, root.dir, rw=True, modules=None)
    return {"initrd": image, "append": "console=ttyS0 root=/dev/nfs ip=dhcp rw"}


def by_disk(site, root):
    """Arguments for a machine that has the tree on a disk, of which each boot has a fresh view."""
    disk = site.path("disk.img")
    subprocess.run(["/sbin/mkfs.ext4", "-q", "-d", root.dir, disk, SIZE], check=True, capture_output=True)
    version = os.path.basename(kernel(root.dir)).removeprefix("vmlinuz-")
    return {"initrd": root.path("boot", f"initrd.img-{version}"),
            "append": "console=ttyS0 root=/dev/vda rw",
            "extra": ["-drive", f"file={disk},format=raw,if=virtio,snapshot=on"]}


def switch_off(site, root, arguments, settled, command):
    """Seconds from the command to the machine's end."""
    with Machine(site, nics=[CARD], memory=1024, kernel=kernel(root.dir), **arguments) as machine:
        log_in(machine)
        machine.shell(settled, 300)
        start = time.monotonic()
        machine.console.send(command + "\n")
        machine.wait_end(300)
        return time.monotonic() - start


def measure_system(name, runs):
    archive, settled, command = SYSTEMS[name]
    with Site(name="bench", capture=False) as site:
        root = DebianRoot(site, archive)
        prepare(site, root)
        places = {"own disk": by_disk(site, root), "NFS, lanyardd": by_nfs(site, root)}
        times = {place: [] for place in places}
        for _ in range(runs):
            for place, arguments in places.items():
                times[place].append(switch_off(site, root, arguments, settled, command))
        return times


def measure(runs):
    table = Table("A whole Debian, from the command to switch off to the machine's end (seconds)",
                  [("system", 10), ("root", 15), ("median", 8), ("fastest", 8), ("slowest", 8), ("limit", 8)])
    for name in SYSTEMS:
        local = None
        for place, times in measure_system(name, max(runs, RUNS)).items():
            median = statistics.median(times)
            table.row(name, place, median, min(times), max(times),
                      "" if local is None else local + ALLOWANCE)
            local = local or median
