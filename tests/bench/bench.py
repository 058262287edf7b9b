#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measures Lanyard beside its peers, all in one run on this machine, and prints ratios.

    bench.py [--runs N] [sizes] [images] [loaders] [efi] [arm64] [links] [config] [initramfs] [debian] [poweroff]

without names: everything.

Machines are shared and emulated: only what stands in the same table may be compared.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", ".."))

from tests.bench import (arm64, config, debian, efi, images, initramfs,  # noqa: E402  (path set above)
                         links, loaders, poweroff, sizes)

PARTS = {"sizes": sizes.measure, "images": images.measure, "loaders": loaders.measure, "efi": efi.measure,
         "arm64": arm64.measure, "links": links.measure, "config": config.measure, "initramfs": initramfs.measure,
         "debian": debian.measure, "poweroff": poweroff.measure}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help="one of: " + " ".join(PARTS))
    parser.add_argument("--runs", type=int, default=1, help="boots per row; some parts take more")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}")
    if os.geteuid() != 0:
        sys.exit("bench: network namespaces need root: sudo make bench")
    for name in options.parts or PARTS:
        PARTS[name](options.runs)


if __name__ == "__main__":
    main()
