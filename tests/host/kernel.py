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


def arm64(size, promised=None):
    """An Image of which so many bytes are there, and as many or more are promised."""
    image = bytearray(ARM64[:64] + blob(size - 64, "arm64"))
    struct.pack_into("<Q", image, 16, promised or size + 4096)
    return bytes(image)


def zboot(payload=50_000):
    """An EFI zboot image with a payload that nobody looks at."""
    head = bytearray(0x400)
    head[:12] = b"MZ\0\0zimg" + struct.pack("<I", len(head))
    struct.pack_into("<I", head, 12, payload)
    head[24:29] = b"gzip\0"
    struct.pack_into("<II", head, 0x38, 0x818223cd, 0x40)
    head[0x40:0x46] = b"PE\0\0\x64\xaa"
    struct.pack_into("<I", head, 0x40 + 0x50, 0x10000)
    return bytes(head) + blob(payload, "zboot")
