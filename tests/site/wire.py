# SPDX-License-Identifier: BSD-2-Clause
"""The program `wire` between two taps of a site: see tests/wire/."""

import os
import re
import select
import signal
import subprocess

from .namespace import kill_group
from .paths import BIN


class Wire:
    """A cable with faults: keywords are the program's options, with _ for -, e.g. delay=2, loss=1,
    cut_after=100000. A program that is stopped is a cable that is out."""

    def __init__(self, site, tap_a, tap_b, **faults):
        self.site = site
        self.taps = (tap_a, tap_b)
        self.process = None
        site.on_close(self.stop)
        self.start(**faults)

    def start(self, **faults):
        """Connect; returns when frames pass."""
        argv = [os.path.join(BIN, "wire"), *self.taps, *_options(faults)]
        self.process = self.site.namespace.popen(argv, stdin=subprocess.PIPE,
                                                 stdout=subprocess.PIPE, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], 10)
        if not ready or not self.process.stdout.readline():
            raise RuntimeError("wire does not start: " + " ".join(argv))

    def change(self, **faults):
        """Another cable from now on; returns what the one before has done in each direction, by the
        tap that the frames came from: {"tap0": {"frames": 12, "bytes": 1200, "lost": 1, ...}}."""
        if not self.process:
            self.start(**faults)
            return {}
        self.process.stdin.write(" ".join(_options(faults)) + "\n")
        self.process.stdin.flush()
        return _counts([self.process.stdout.readline() for _ in range(3)])

    def stop(self):
        """Disconnect; returns what change() does."""
        if not self.process:
            return {}
        process, self.process = self.process, None
        kill_group(process, signal.SIGTERM)
        process.stdin.close()
        with process.stdout:
            return _counts(process.stdout.readlines())


def _options(faults):
    return [word for name, value in faults.items()
            for word in ("--" + name.replace("_", "-"), str(value))]


def _counts(lines):
    return {line.split()[0]: {name: int(number) for number, name in
                              re.findall(r"(\d+) ([a-z]+)", line.split(":", 1)[1])}
            for line in lines if " to " in line}
