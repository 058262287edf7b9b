# SPDX-License-Identifier: BSD-2-Clause
"""Runs mklanyard, with ASan and UBSan, for the tests; their fixtures."""

import os
import subprocess

import pytest

from tests.host.tree import Tree, program, read, unpack, write
from tests.site.paths import BUILD, DEPS

MKLANYARD = os.path.join(BUILD, "host", "mklanyard")
KERNEL = os.path.join(DEPS, "kernel")  # Debian's, unpacked by tests/fetch-deps.sh


class Maker:
    """Runs mklanyard on a tree, with a folder of its own for what is temporary."""

    def __init__(self, place):
        self.place = place
        self.tmp = place / "tmp"
        self.tmp.mkdir()
        self.init = write(str(place / "init"), program())
        self.image = str(place / "image")

    def command(self, root, *options, init=None):
        options = options or ("-m", "list:nfs")
        if not {"-o", "--print"} & set(options):
            options += ("-o", self.image)
        return [MKLANYARD, "-r", str(root), "--init", init or self.init, *options]

    def environment(self, **extra):
        return {"PATH": os.environ["PATH"], "TMPDIR": str(self.tmp), **extra}

    def run(self, root, *options, init=None, **extra):
        done = subprocess.run(self.command(root, *options, init=init), timeout=100, text=True,
                              capture_output=True, env=self.environment(**extra), check=False)
        assert os.listdir(self.tmp) == []  # however it ended
        assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
        return done

    def make(self, root, *options, **extra):
        """The entries of the image, which must come about without a word."""
        done = self.run(root, *options, **extra)
        assert (done.returncode, done.stderr) == (0, "")
        return unpack(self.image)

    def refuse(self, root, *options, **extra):
        """The one sentence on standard error, where no image may come about."""
        done = self.run(root, *options, **extra)
        assert done.returncode == 111, done.stderr
        assert not os.path.exists(self.image)
        assert done.stderr.startswith("mklanyard: LAN-6") and done.stderr.count("\n") == 1
        return done.stderr

    def bytes(self):
        return read(self.image)


@pytest.fixture
def maker(tmp_path):
    return Maker(tmp_path)


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "root")
