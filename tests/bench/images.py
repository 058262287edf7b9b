# SPDX-License-Identifier: BSD-2-Clause
"""Initramfs images for Debian's kernel: bytes, and the seconds that making one takes. Debian's own is
for all network cards, too (initramfs-tools, MODULES=netboot)."""
import os
import subprocess
import tempfile
import time

from tests.bench.table import Table
from tests.site.paths import BIN, DEPS, TREE

KERNEL = os.path.join(DEPS, "kernel")
OURS = [  # what, options, limit in bytes
    ("-m list:e1000,virtio_net", ("-m", "list:e1000,virtio_net"), 1_250_000),
    ("-m netboot", ("-m", "netboot"), 10_000_000),
    ("-m netboot --small", ("-m", "netboot", "--small"), 9_000_000),
    ("-m all", ("-m", "all"), None),
]


def run(command, runs):
    """Seconds of the fastest run."""
    best = None
    for _ in range(runs):
        start = time.monotonic()
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        used = time.monotonic() - start
        best = used if best is None else min(best, used)
    return best


def measure(runs):
    table = Table("Images for Debian's kernel",
                  [("made by", 34), ("bytes", 9), ("limit", 9), ("seconds", 8)])
    with tempfile.TemporaryDirectory(prefix="lanyard-bench-") as place:
        image = os.path.join(place, "image")
        for name, options, limit in OURS:
            used = run([os.path.join(BIN, "mklanyard"), "-r", KERNEL, *options, "-o", image], runs)
            table.row("mklanyard " + name, os.path.getsize(image), limit or "", used)
        peer = os.path.join(TREE, "tests/peers/mk-initramfs-tools.sh")
        used = run([peer, KERNEL, image], 1)
        table.row("initramfs-tools", os.path.getsize(image), "", used)
