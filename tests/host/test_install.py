# SPDX-License-Identifier: BSD-2-Clause
"""`make install`: every program and page in its place, and mklanyard works from there."""

import os
import stat
import subprocess

import pytest

from tests.host.tree import Tree, unpack
from tests.site.paths import BIN, BUILD, TREE

EXPECTED = {
    "sbin/lanyardd": 0o755, "lib/systemd/system/lanyardd.service": 0o644,
    "sbin/lanyard-chroot": 0o755, "share/man/man8/lanyard-chroot.8": 0o644,
    "sbin/mklanyard": 0o755, "lib/lanyard/init": 0o755, "lib/lanyard/lanyard.0": 0o644,
    "lib/lanyard/lanyardx64.efi": 0o644,
    "share/man/man5/lanyard-segments.5": 0o644, "share/man/man5/lanyard-modules.5": 0o644,
    "share/man/man5/lanyard-record.5": 0o644,
    "share/man/man5/pxelinux.cfg.5": 0o644, "share/man/man7/lanyard-faults.7": 0o644,
    "share/man/man7/lanyard-root.7": 0o644,
    "share/man/man5/lanyardd.conf.5": 0o644, "share/man/man8/lanyardd.8": 0o644,
    "share/man/man8/lanyard-init.8": 0o644, "share/man/man8/lanyard.0.8": 0o644,
    "share/man/man8/lanyardx64.efi.8": 0o644, "share/man/man8/mklanyard.8": 0o644,
}
# Installed where they have been built (make arm64).
EXPECTED |= {f"lib/lanyard/{name}": mode for name, mode in
             (("lanyardaa64.efi", 0o644), ("init-arm64", 0o755)) if os.path.exists(f"{BIN}/{name}")}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    place = tmp_path_factory.mktemp("install")
    run = ["make", "-s", f"BUILD={BUILD}", f"DESTDIR={place}", "PREFIX=/opt/it", "install"]
    subprocess.run(run, cwd=TREE, check=True)
    assert sorted(os.listdir(place)) == ["etc", "opt"] and os.listdir(place / "opt") == ["it"]
    hooks = [os.path.join(directory, name) for directory, _, names in os.walk(place / "etc")
             for name in names]
    assert sorted(hooks) == [f"{place}/etc/kernel/{name}/zz-mklanyard" for name in ("postinst.d", "postrm.d")]
    assert all(os.access(hook, os.X_OK) for hook in hooks)
    return place / "opt/it"


def test_everything_is_there_and_nothing_else(prefix):
    found = {os.path.relpath(os.path.join(directory, name), prefix):
             stat.S_IMODE(os.stat(os.path.join(directory, name)).st_mode)
             for directory, _, names in os.walk(prefix) for name in names}
    assert found == EXPECTED


def test_installed_mklanyard_finds_init(prefix, tmp_path):
    tree = Tree(tmp_path / "root")
    image = str(tmp_path / "image")
    subprocess.run([prefix / "sbin/mklanyard", "-r", tree.root, "-m", "list:nfs", "-o", image],
                   check=True)
    with open(os.path.join(BIN, "init"), "rb") as file:
        assert unpack(image)["init"].content == file.read()


def test_installed_lanyardd_finds_its_programs(prefix, tmp_path):
    """lanyardd and mklanyard in sbin, init and the boot programs in lib/lanyard; the service starts it."""
    run = [prefix / "sbin/lanyardd", "--check", "-c", "/dev/null", "--dhcp=off", tmp_path]
    text = subprocess.run(run, capture_output=True, text=True, check=False).stdout
    for name in ("sbin/mklanyard", "lib/lanyard/init", "lib/lanyard/lanyard.0"):
        assert f"{prefix}/{name}\n" in text
    with open(prefix / "lib/systemd/system/lanyardd.service", encoding="ascii") as unit:
        assert "ExecStart=/opt/it/sbin/lanyardd\n" in unit.read()
