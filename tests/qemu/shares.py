# SPDX-License-Identifier: BSD-2-Clause
"""What a client of NFS mounts besides its root: entries of fstab, which stand among those of a disk,
and home directories by autofs."""

import os
import shutil

from tests.qemu.debian import FSTAB
from tests.site.paths import BUILD

# The last one without a word that it needs the network. Version 3 has locks, and rpc.statd for them.
ENTRIES = """192.168.2.2:/three /mnt/three nfs vers=3 0 0
192.168.2.2:/four /mnt/four nfs4 _netdev 0 0
192.168.2.2:/other /mnt/other nfs4 defaults 0 0
"""


def share(site, root):
    """The tree mounts these; returns what a server has to export: {path: directory}. They lie beside
    the tree, where an NFS server can export them."""
    base = os.path.join(BUILD, "run", os.path.basename(site.dir) + "-shares")
    site.on_close(lambda: shutil.rmtree(base, ignore_errors=True))
    for name in "three", "four", "other", "home/joe":
        os.makedirs(os.path.join(base, name))
        with open(os.path.join(base, name, "name"), "w", encoding="ascii") as file:
            file.write(name + "\n")
    for name in "three", "four", "other":
        os.makedirs(root.path("mnt", name))
    for name, text in (("fstab", FSTAB + ENTRIES), ("auto.home", "* 192.168.2.2:/home/&\n")):
        with open(root.path("etc", name), "w", encoding="ascii") as file:
            file.write(text)
    with open(root.path("etc", "auto.master"), "a", encoding="ascii") as file:
        file.write("/home /etc/auto.home\n")
    return {f"/{name}": os.path.join(base, name) for name in ("three", "four", "other", "home")}


def assert_shared(machine):
    """All of it is there, once the system has started; and a person can unmount and mount it."""
    machine.shell("cat /mnt/*/name /home/joe/name", 60)
    mounts = machine.shell("grep -E '^192.*(/mnt|/home)/' /proc/mounts")
    versions = {line.split()[1]: line.split("vers=")[1][0] for line in mounts.splitlines()}
    expected = {"/mnt/three": "3", "/mnt/four": "4", "/mnt/other": "4", "/home/joe": "4"}
    assert versions == expected, mounts
    assert "local_lock=none" in mounts.split("/mnt/three")[1].splitlines()[0], mounts
    machine.shell("pgrep -x rpc.statd")
    machine.shell("flock --shared /mnt/four/name true", 60)
    machine.shell("mount -a -t nfs,nfs4", 60)
    machine.shell("umount /mnt/three && mount /mnt/three && cat /mnt/three/name", 60)
    machine.shell("test -z \"$(swapon --show)\"; ls /home/nobody-has-this-name; test $? -eq 2", 60)
