# SPDX-License-Identifier: BSD-2-Clause
"""Bytes of the boot programs, beside their limits."""
import os

from tests.bench.table import Table
from tests.site.paths import BIN

FILES = [  # what, path, limit in bytes or None
    ("lanyard.0", os.path.join(BIN, "lanyard.0"), 64 * 1024),
    ("init", os.path.join(BIN, "init"), None),
    ("pxelinux.0", "/usr/lib/PXELINUX/pxelinux.0", None),
    ("  + ldlinux.c32", "/usr/lib/syslinux/modules/bios/ldlinux.c32", None),
    ("undionly.kpxe", "/usr/lib/ipxe/undionly.kpxe", None),
]


def measure(_runs):
    table = Table("Sizes", [("file", 18), ("bytes", 9), ("limit", 9)])
    for name, path, limit in FILES:
        table.row(name, os.path.getsize(path), limit or "")
