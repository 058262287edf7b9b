# SPDX-License-Identifier: BSD-2-Clause
"""Files that look like what a boot program loads: kernels with a right header, and what is mistaken
for one."""

import random
import struct


def blob(size, seed):
    """Bytes that no other seed gives."""
    return random.Random(seed).randbytes(size)


def bzimage(size=40_000, seed=0, cmdline_size=2047, version="6.1.0-test", init_size=0x100000,
            initrd_max=0x7fffffff, pref=0x1000000):
    """A bzImage by the boot protocol 2.15, which is all there is to it."""
    setup = 5 * 512
    size -= (size - setup) % 16
    image = bytearray(blob(size, f"kernel {seed}"))
    image[0x1f1:0x268] = bytes(0x268 - 0x1f1)
    image[0x1f1] = setup // 512 - 1
    struct.pack_into("<I", image, 0x1f4, (size - setup) // 16)
    image[0x1fe:0x202] = b"\x55\xaa\xeb\x66"
    image[0x202:0x208] = b"HdrS\x0f\x02"
    text = version.encode() + b" (somebody) #1\0"
    struct.pack_into("<H", image, 0x20e, 0x300 - 0x200)
    image[0x300:0x300 + len(text)] = text
    image[0x211] = 1
    struct.pack_into("<I", image, 0x22c, initrd_max)
    struct.pack_into("<IB", image, 0x230, 0x200000, 1)
    struct.pack_into("<I", image, 0x238, cmdline_size)
    struct.pack_into("<QI", image, 0x258, pref, init_size)
    return bytes(image)


HTML = b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head></html>\n" * 40
ELF = b"\x7fELF\x02\x01\x01" + bytes(5000)
ARM64 = (b"\x1f\x20\x03\xd5" + bytes(12) + struct.pack("<QQ", 0x100000, 0xa) + bytes(24)
         + b"ARM\x64" + bytes(5000))
