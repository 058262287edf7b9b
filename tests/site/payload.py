# SPDX-License-Identifier: BSD-2-Clause
"""What a site's servers hand out: a TFTP tree (boot program, kernel, initrd, configuration) and a
root tree. Everything is made by the Makefile; here it is only laid out for one site.

PROGRAMS are boot programs by name: ours, and the peers that it is compared with. The first file is
the one that the DHCP server names.
"""

import glob
import os
import shutil
import subprocess

from .paths import BIN, BUILD, DEPS

PROGRAMS = {
    "lanyard": (f"{BIN}/lanyard.0",),
    "lanyard-efi": (f"{BIN}/lanyardx64.efi",),
    "lanyard-arm64": (f"{BIN}/lanyardaa64.efi",),
    "pxelinux": ("/usr/lib/PXELINUX/pxelinux.0", "/usr/lib/syslinux/modules/bios/ldlinux.c32"),
    "undionly": ("/usr/lib/ipxe/undionly.kpxe",),
}

DEMO_ROOT = f"{BUILD}/demo-root"
ARM64_ROOT = f"{BUILD}/demo-root-arm64"
ARM64_DEBIAN = f"{DEPS}/debian-arm64.tar"

# A whole Debian, which tests/debian/make-root.sh made and unpacks.
DEBIAN_ARCHIVE = f"{DEPS}/debian.tar"
MAKE_DEBIAN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                           "debian", "make-root.sh")

INITRDS = {
    "lanyard": f"{BUILD}/demo-initrd.img",
    "script": f"{BUILD}/peers/script.img",
    "initramfs-tools": f"{BUILD}/peers/initramfs-tools.img",
}


def kernel(root=DEMO_ROOT):
    """The newest kernel of a root tree."""
    found = sorted(glob.glob(f"{root}/boot/vmlinuz-*"))
    if not found:
        raise FileNotFoundError(f"no kernel in {root}/boot: run 'make demo-files'")
    return found[-1]


def boot_file(program):
    """The name that DHCP has to give for a boot program."""
    return os.path.basename(PROGRAMS[program][0])


class TftpTree:
    """A directory for a TFTP server: the boot program, vmlinuz, initrd.img and, with `config`,
    pxelinux.cfg/default."""

    def __init__(self, site, config=None, program="lanyard", initrd="lanyard", name="tftp"):
        self.dir = site.path(name)
        os.makedirs(os.path.join(self.dir, "pxelinux.cfg"))
        for path in PROGRAMS[program]:
            self.put(os.path.basename(path), path)
        self.put("vmlinuz", kernel())
        self.put("initrd.img", INITRDS.get(initrd, initrd))
        if config is not None:
            self.write("pxelinux.cfg/default", config)

    def put(self, name, source):
        """Copy a file into the tree, readable for everybody."""
        target = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, target)
        os.chmod(target, 0o644)

    def write(self, name, text):
        """Write a file into the tree."""
        target = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(target, 0o644)


class RootCopy:
    """A copy of the demo's root tree that one site may write to; removed with the site. Kernel and
    modules are hard links where possible. It lies in the build folder; where that is on overlayfs,
    which an NFS server cannot export, in /dev/shm."""

    def __init__(self, site, source=DEMO_ROOT):
        if not os.path.isdir(source):
            raise FileNotFoundError(f"no {source}: run 'make demo-files'")
        base = os.path.join(BUILD, "run")
        os.makedirs(base, exist_ok=True)
        if _file_system(base) == "overlayfs":
            base = "/dev/shm"
        self.dir = os.path.join(base, os.path.basename(site.dir))
        site.on_close(self.remove)
        self._copy(source)

    def _copy(self, source):
        large = ("boot", "usr/lib/modules")
        same = os.stat(source).st_dev == os.stat(os.path.dirname(self.dir)).st_dev
        os.mkdir(self.dir)
        exclude = [f"--exclude=./{path}/*" for path in large]
        pack = subprocess.Popen(["tar", "-C", source, *exclude, "-cf", "-", "."],
                                stdout=subprocess.PIPE)
        subprocess.run(["tar", "-C", self.dir, "-xpf", "-"], stdin=pack.stdout, check=True)
        if pack.wait() != 0:
            raise RuntimeError(f"cannot copy {source}")
        for path in large:
            subprocess.run(["cp", "-al" if same else "-a", f"{source}/{path}/.",
                            f"{self.dir}/{path}/"], check=True)

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *names):
        """A path in the tree, as the server sees it."""
        return os.path.join(self.dir, *names)


class DebianRoot:
    """A whole Debian, unpacked for one site, which may write to it; removed with the site."""

    def __init__(self, site, archive=DEBIAN_ARCHIVE):
        base = os.path.join(BUILD, "run")
        os.makedirs(base, exist_ok=True)
        self.dir = os.path.join(base, os.path.basename(site.dir) + "-debian")
        site.on_close(self.remove)
        subprocess.run([MAKE_DEBIAN, archive, self.dir], check=True)

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *names):
        """A path in the tree, as the server sees it."""
        return os.path.join(self.dir, *names)


def _file_system(path):
    return subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, text=True,
                          check=True).stdout.strip()
