# SPDX-License-Identifier: BSD-2-Clause
"""Initramfs images for Debian's kernel: bytes, and the seconds that making one takes. Debian's own
(initramfs-tools, MODULES=netboot) and dracut's (--no-hostonly) are for all network cards, too. What
lanyardd gives to a machine is cut to its card; here are all that QEMU has."""
import os
import subprocess
import tempfile
import time

from tests.bench.table import Table
from tests.host.test_mklanyard_segments import LIMIT as CUT_LIMIT
from tests.host.test_mklanyard_segments import MODELS, Parts
from tests.site.paths import BIN, DEPS, TREE

KERNEL = os.path.join(DEPS, "kernel")
OURS = [  # what, options, limit in bytes
    ("-m list:e1000,virtio_net", ("-m", "list:e1000,virtio_net"), 1_250_000),
    ("-m netboot", ("-m", "netboot"), 10_000_000),
    ("-m netboot --small", ("-m", "netboot", "--small"), 9_000_000),
    ("-m all", ("-m", "all"), None),
]
INIT_LIMIT = 200_000
PEERS = ("initramfs-tools", "dracut")


def run(command, runs):
    """Seconds of the fastest run."""
    best = None
    for _ in range(runs):
        start = time.monotonic()
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        used = time.monotonic() - start
        best = used if best is None else min(best, used)
    return best


def cuts(parts):
    """(cards, bytes), each size once; without NFS version 4, as lanyardd's own root needs it."""
    sizes = {}
    for model, (pci, _) in MODELS.items():
        size = sum(len(parts.bytes[name]) for name in parts.of(pci))
        sizes.setdefault(size, []).append(model)
    return [(models[0] if len(models) == 1 else f"{models[0]} and {len(models) - 1} more", size)
            for size, models in sorted(sizes.items())]


def measure(runs):
    table = Table("Images for Debian's kernel",
                  [("made by", 34), ("bytes", 9), ("limit", 9), ("seconds", 8)])
    with tempfile.TemporaryDirectory(prefix="lanyard-bench-") as place:
        image = os.path.join(place, "image")
        table.row("init (the program)", os.path.getsize(os.path.join(BIN, "init")), INIT_LIMIT, "")
        for name, options, limit in OURS:
            used = run([os.path.join(BIN, "mklanyard"), "-r", KERNEL, *options, "-o", image], runs)
            table.row("mklanyard " + name, os.path.getsize(image), limit or "", used)
        parts = os.path.join(place, "parts")
        used = run([os.path.join(BIN, "mklanyard"), "-r", KERNEL, "-m", "netboot", "--segments", parts],
                   runs)
        for name, size in cuts(Parts(parts)):
            table.row(f"  cut to {name}", size, CUT_LIMIT, "")
        table.row("mklanyard -m netboot --segments", len(Parts(parts).whole()), "", used)
        for name in PEERS:
            used = run([os.path.join(TREE, f"tests/peers/mk-{name}.sh"), KERNEL, image], 1)
            table.row(name, os.path.getsize(image), "", used)
