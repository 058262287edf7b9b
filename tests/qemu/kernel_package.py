# SPDX-License-Identifier: BSD-2-Clause
"""A kernel package for a tree, of a version that it does not have yet: its own kernel and the few
modules that a boot over NFS needs, with the scripts of Debian's package."""

import glob
import os
import shutil
import subprocess

CONTROL = """Package: linux-image-{version}
Version: 6.1.99-1
Architecture: amd64
Maintainer: Nobody <nobody@example.org>
Depends: kmod, linux-base, initramfs-tools | linux-initramfs-tool
Description: a newer kernel
"""
MODULES = "nfsv3", "nfsv4", "overlay", "8021q", "virtio_net", "virtio_pci", "e1000"


def versions(tree):
    """The kernels of a tree."""
    names = map(os.path.basename, glob.glob(f"{tree}/boot/vmlinuz-*"))
    return sorted(name[len("vmlinuz-"):] for name in names)


def _with_dependencies(directory):
    """The modules' files, by modules.dep."""
    needs = {}
    with open(f"{directory}/modules.dep", encoding="ascii") as file:
        for line in file:
            path, _, rest = line.partition(":")
            needs[os.path.basename(path).split(".")[0]] = [path, *rest.split()]
    return sorted({path for name in MODULES for path in needs.get(name, ())})


def kernel_package(tree, version, workroom):
    """Makes the package in `workroom`; gives its path."""
    old = versions(tree)[0]
    room = f"{workroom}/{version}"
    source, modules = f"{tree}/usr/lib/modules/{old}", f"{room}/lib/modules/{version}"
    for directory in (f"{room}/DEBIAN", f"{room}/boot", modules):
        os.makedirs(directory)
    for name in ("vmlinuz", "config", "System.map"):
        shutil.copy(f"{tree}/boot/{name}-{old}", f"{room}/boot/{name}-{version}")
    for path in [*_with_dependencies(source), "modules.order", "modules.builtin", "modules.builtin.modinfo"]:
        os.makedirs(os.path.dirname(f"{modules}/{path}"), exist_ok=True)
        shutil.copy(f"{source}/{path}", f"{modules}/{path}")
    with open(f"{room}/DEBIAN/control", "w", encoding="ascii") as file:
        file.write(CONTROL.format(version=version))
    for name in ("preinst", "postinst", "prerm", "postrm"):
        with open(f"{tree}/var/lib/dpkg/info/linux-image-{old}.{name}", encoding="utf-8") as file:
            script = file.read().replace(old, version)
        with open(f"{room}/DEBIAN/{name}", "w", encoding="utf-8",
                  opener=lambda path, flags: os.open(path, flags, 0o755)) as file:
            file.write(script)
    package = f"{workroom}/linux-image-{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", room, package],
                   check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(room)
    return package
