# SPDX-License-Identifier: BSD-2-Clause
"""The scripts in /etc/kernel/postinst.d and postrm.d: images follow the kernels of this machine, if its
configuration wants that; a kernel package never fails because of them."""

import os
import shutil
import subprocess

import pytest

from tests.site.paths import TREE

SCRIPT = os.path.join(TREE, "initramfs/mklanyard/kernel-hook.sh")
MAKER = """#!/bin/sh
echo "$@" >> {place}/calls
for word; do :; done
[ -e {place}/broken ] && exit 111
echo image > "$word"
"""


class Hooks:
    def __init__(self, place):
        self.place, self.images = place, place / "images"
        self.conf = place / "mklanyard.conf"
        self.images.mkdir()
        (place / "bin").mkdir()
        maker = place / "bin/mklanyard"
        maker.write_text(MAKER.format(place=place))
        maker.chmod(0o755)
        for name in ("postinst.d", "postrm.d"):
            (place / name).mkdir()
            shutil.copy(SCRIPT, place / name / "zz-mklanyard")

    def run(self, when, version="6.1.0-9-test"):
        """As kernel packages do; what is said. run-parts must take the name for a script's."""
        done = subprocess.run(
            ["run-parts", f"--arg={version}", f"--arg=/boot/vmlinuz-{version}", str(self.place / when)],
            env={"PATH": f"{self.place}/bin:/usr/bin:/bin", "MKLANYARD_CONF": str(self.conf)},
            capture_output=True, text=True, check=True)
        return done.stderr

    def calls(self):
        file = self.place / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def names(self):
        return sorted(os.listdir(self.images))


@pytest.fixture
def hooks(tmp_path):
    return Hooks(tmp_path)


def test_nothing_without_a_configuration(hooks):
    assert hooks.run("postinst.d") == hooks.run("postrm.d") == "" and hooks.calls() == []
    hooks.conf.write_text("# image = /x/initrd-VERSION\n")
    assert hooks.run("postinst.d") == "" and hooks.calls() == []


def test_images_follow_kernels(hooks):
    hooks.conf.write_text(f"image = {hooks.images}/initrd-VERSION.img\n")
    assert "made" in hooks.run("postinst.d") and "made" in hooks.run("postinst.d", "6.1.0-10-test")
    assert hooks.calls()[0] == f"-k 6.1.0-9-test -m netboot -o {hooks.images}/initrd-6.1.0-9-test.img"
    assert hooks.names() == ["initrd-6.1.0-10-test.img", "initrd-6.1.0-9-test.img"]
    hooks.run("postrm.d")
    hooks.run("postrm.d")
    assert hooks.names() == ["initrd-6.1.0-10-test.img"]


def test_options(hooks):
    hooks.conf.write_text(f"image={hooks.images}/VERSION\n  options =  -m list:e1000,* --small \n")
    hooks.run("postinst.d")
    assert hooks.calls() == [f"-k 6.1.0-9-test -m list:e1000,* --small -o {hooks.images}/6.1.0-9-test"]


@pytest.mark.parametrize("version", ["", "../../etc", "a b", "$(reboot)"])
def test_versions_that_are_none(hooks, version):
    hooks.conf.write_text(f"image = {hooks.images}/VERSION\n")
    assert hooks.run("postinst.d", version) == "" and hooks.calls() == []


def test_failures_do_not_stop_the_upgrade(hooks):
    hooks.conf.write_text(f"image = {hooks.images}/initrd.img\n")
    assert "has no VERSION" in hooks.run("postinst.d") and hooks.calls() == []
    hooks.conf.write_text(f"image = {hooks.images}/VERSION\n")
    (hooks.place / "broken").touch()
    assert "was not made" in hooks.run("postinst.d") and hooks.names() == []
