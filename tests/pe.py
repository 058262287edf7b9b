#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Checks a UEFI program as strict firmware and shim do: sections of whole pages that do not overlap,
none writable and executable, the code not writable, NX_COMPAT, relocations, an SBAT section, and at
most so many bytes (PE/COFF specification 3.3, 3.4, 4; shim's SBAT.md).

usage: tests/pe.py FILE BYTES
"""
import struct
import sys

PAGE = 4096
NX_COMPAT = 0x100
EXECUTE, WRITE = 0x20000000, 0x80000000
EFI_APPLICATION = 10
PE32_PLUS = 0x20B


def faults(image, limit):
    if len(image) > limit:
        yield f"{len(image)} bytes, {limit} are allowed"
    pe, = struct.unpack_from("<I", image, 0x3C)
    if image[:2] != b"MZ" or image[pe:pe + 4] != b"PE\0\0":
        yield "no PE file"
        return
    count, = struct.unpack_from("<H", image, pe + 6)
    optional_size, = struct.unpack_from("<H", image, pe + 20)
    optional = pe + 24
    magic, = struct.unpack_from("<H", image, optional)
    alignment, = struct.unpack_from("<I", image, optional + 32)
    size, = struct.unpack_from("<I", image, optional + 56)
    subsystem, flags = struct.unpack_from("<HH", image, optional + 68)
    relocations, = struct.unpack_from("<I", image, optional + 112 + 5 * 8 + 4)
    if magic != PE32_PLUS or subsystem != EFI_APPLICATION:
        yield "no 64-bit EFI application"
    if alignment < PAGE or alignment % PAGE:
        yield f"sections are aligned to {alignment} bytes"
    if not flags & NX_COMPAT:
        yield "NX_COMPAT is not set"
    if not relocations:
        yield "no relocations: it could run at one address only"
    end, names = PAGE, []
    for number in range(count):
        at = optional + optional_size + 40 * number
        name = image[at:at + 8].rstrip(b"\0").decode("latin-1")
        length, start, raw_length, raw = struct.unpack_from("<IIII", image, at + 8)
        rights, = struct.unpack_from("<I", image, at + 36)
        names.append(name)
        if start % PAGE or start < end:
            yield f"{name} does not begin on a page of its own"
        if raw + raw_length > len(image):
            yield f"{name} ends behind the file"
        if rights & EXECUTE and rights & WRITE:
            yield f"{name} is writable and executable"
        if name == ".text" and not rights & EXECUTE:
            yield f"{name} is not executable"
        end = start + (length + PAGE - 1) // PAGE * PAGE
        if end > size:
            yield f"{name} ends behind the image"
        if name == ".sbat" and not image[raw:].startswith(b"sbat,1,"):
            yield ".sbat does not begin with the version of SBAT"
    if ".sbat" not in names:
        yield "no SBAT section"


def main():
    path, limit = sys.argv[1], int(sys.argv[2])
    with open(path, "rb") as file:
        found = list(faults(file.read(), limit))
    for fault in found:
        print(f"{path}: {fault}", file=sys.stderr)
    return 1 if found else 0


sys.exit(main())
