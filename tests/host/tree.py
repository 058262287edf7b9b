# SPDX-License-Identifier: BSD-2-Clause
"""Root trees of the tests' own making for mklanyard, and a reader for the images it writes.

A module here is an ELF file with little but a section .modinfo: all that mklanyard and depmod
read.
"""

import gzip
import lzma
import os
import stat
import struct
import subprocess
import zlib
from collections import namedtuple

X86_64, AARCH64 = 62, 183
VERSION = "6.1.0-9-test"
CONFIG = "CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_GZIP=y\nCONFIG_RD_XZ=y\nCONFIG_RD_ZSTD=y\n"
BASE = ("nfs", "nfsv3", "nfsv4", "overlay", "8021q")


def elf(sections=(), segments=(), kind=1, machine=X86_64):
    """A little 64-bit ELF file; kind: 1 object, 2 program. Sections: (name, content)."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name, _ in sections) + b".names\0"
    body, at = b"", 64 + 56 * len(segments)
    headers = [bytes(64)]
    for name, content in [*sections, (".names", names)]:
        offset = names.index(b"\0" + name.encode() + b"\0") + 1
        headers.append(struct.pack("<IIQQQQIIQQ", offset, 3 if name == ".names" else 1, 0, 0,
                                   at + len(body), len(content), 0, 0, 1, 0))
        body += content
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", kind, machine, 1, 0,
                       64 if segments else 0, at + len(body), 0, 64, 56, len(segments), 64,
                       len(headers), len(headers) - 1)
    table = b"".join(struct.pack("<IIQQQQQQ", s, 5, 0, 0, 0, 0, 0, 1) for s in segments)
    return head + table + body + b"".join(headers)


def module(name, depends="", machine=X86_64, **words):
    """A module's bytes; words: alias=[...], softdep=[...], firmware=[...]."""
    info = [f"name={name}", f"depends={depends}", f"vermagic={VERSION} SMP"]
    info += [f"{key}={value}" for key, values in words.items() for value in values]
    return elf([(".modinfo", "\0".join(info).encode() + b"\0"), (".text", name.encode() * 100)],
               machine=machine)


def program(machine=X86_64, interpreter=False):
    return elf([(".text", b"\x90" * 64)], (1, 3) if interpreter else (1,), 2, machine)


def intel(size=2048, fill=b"\x55"):
    """Microcode for a processor: header version, revision, date, signature, checksum, loader, flags, sizes."""
    words = [1, 0x2a, 0x01022024, 0x906ea, 0, 1, 2, size - 48, size, 0, 0, 0]
    return b"".join(word.to_bytes(4, "little") for word in words) + fill * (size - 48)


def amd(fill=b"\xaa"):
    """The same: magic, equivalence table's type and length."""
    return b"DMA\0" + bytes(4) + (16).to_bytes(4, "little") + fill * 100


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


class Tree:
    """A root tree with the modules that every image has, and those added."""

    def __init__(self, root, version=VERSION, lib="lib", config=CONFIG, machine=X86_64):
        self.root, self.version, self.machine = str(root), version, machine
        self.directory = os.path.join(self.root, lib, "modules", version)
        for name in BASE:
            self.add(f"fs/{name}.ko", module(name, machine=machine))
        self.write("modules.builtin", "kernel/net/packet/af_packet.ko\nkernel/a/built-in.ko\n")
        self.write("modules.builtin.modinfo", "")
        self.write("modules.order", "")
        if config is not None:
            write(f"{self.root}/boot/config-{version}", config)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, content):
        return write(self.path(name), content)

    def add(self, name, content):
        return self.write("kernel/" + name, content)

    def depmod(self):
        """Makes the index that an installed kernel has. Debian's depmod cannot read .gz: it sees
        .xz in their place, and the index gets the right names afterwards."""
        packed_by_gzip = {path: content for path, content in self.files() if path.endswith(".gz")}
        for path, content in packed_by_gzip.items():
            write(path[:-3] + ".xz", packed(gzip.decompress(content), ".xz"))
        run = ["depmod", "-b", self.root, self.version]
        subprocess.run(run, check=True, env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"})
        for path in packed_by_gzip:
            os.unlink(path[:-3] + ".xz")
        for path, content in self.files():
            if packed_by_gzip and path.endswith(".bin"):
                write(path, content.replace(b".ko.xz", b".ko.gz"))

    def files(self):
        """[(path, content)] of the modules and what lies beside them."""
        paths = [os.path.join(directory, name) for directory, _, names in os.walk(self.directory)
                 for name in names]
        return [(path, read(path)) for path in paths if os.path.isfile(path)]

    def pack(self, ending):
        """Packs every module as distributions do: .xz, .zst or .gz."""
        for path, content in self.files():
            if path.endswith(".ko"):
                write(path + ending, packed(content, ending))
                os.unlink(path)

    def snapshot(self):
        return {os.path.join(directory, name): os.lstat(os.path.join(directory, name))
                for directory, directories, files in os.walk(self.root)
                for name in [*directories, *files, "."]}


def packed(content, ending):
    if ending == ".xz":
        return lzma.compress(content, check=lzma.CHECK_CRC32)
    if ending == ".gz":
        return gzip.compress(content)
    return subprocess.run(["zstd", "-qc"], input=content, stdout=subprocess.PIPE, check=True).stdout


Entry = namedtuple("Entry", "mode inode uid gid links mtime device content at")


def zstd_frame(data):
    """The length of the frame at the start (RFC 8878, 3.1.1)."""
    descriptor = data[4]
    single = descriptor >> 5 & 1
    at = 5 + (not single) + (0, 1, 2, 4)[descriptor & 3]
    at += (single, 2, 4, 8)[descriptor >> 6]
    while True:
        header = int.from_bytes(data[at:at + 3], "little")
        at += 3 + (1 if header >> 1 & 3 == 1 else header >> 3)
        if header & 1:
            return at + 4 * (descriptor >> 2 & 1)


def pieces(data):
    """[(kind, plain bytes)] of an image, each packed piece for itself, as Linux takes them."""
    found = []
    while data:
        if data.startswith(b"\x28\xb5\x2f\xfd"):
            end = zstd_frame(data)
            plain = subprocess.run(["zstd", "-qdc"], input=data[:end], stdout=subprocess.PIPE,
                                   check=True).stdout
            found.append(("zstd", plain))
            data = data[end:]
        elif data.startswith((b"\xfd7zXZ", b"\x1f\x8b")):
            xz = data.startswith(b"\xfd")
            one = lzma.LZMADecompressor() if xz else zlib.decompressobj(31)
            found.append(("xz" if xz else "gzip", one.decompress(data)))
            assert one.eof
            data = one.unused_data
        else:
            _, end = archive(data)
            found.append(("none", data[:end]))
            data = data[end:].lstrip(b"\0")
    return found


def archive(data):
    """{path: Entry} of the well-formed newc archive that data begins with, and its length."""
    entries, at = {}, 0
    while True:
        assert data[at:at + 6] == b"070701"
        field = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        inode, mode, uid, gid, links, mtime, size, _, _, major, minor, length, _ = field
        name = data[at + 110:at + 110 + length]
        assert name.endswith(b"\0") and len(name) == length
        name = name.rstrip(b"\0")
        at += (110 + length + 3) & ~3
        if name == b"TRAILER!!!":
            return entries, at
        path = name.decode()
        assert path not in entries
        entries[path] = Entry(mode, inode, uid, gid, links, mtime, (major, minor),
                              data[at:at + size], at)
        at = (at + size + 3) & ~3


def unpack(image):
    """{path: Entry} of all archives of an image, each of which must be complete. A directory may be in
    several, a file may not."""
    entries = {}
    for _, plain in pieces(read(image)):
        more, end = archive(plain)
        assert not plain[end:].strip(b"\0")
        assert all(stat.S_ISDIR(more[path].mode) for path in set(more) & set(entries))
        entries |= more
    return entries


Line = namedtuple("Line", "name path flag needs aliases")


def table(entries):
    """The lines of /lanyard/modules (lanyard-modules(5)), checked for their order."""
    lines = {}
    for text in entries["lanyard/modules"].content.decode().splitlines():
        name, path, flag, needs, *aliases = text.split(" ")
        needs = [] if needs == "-" else needs.split(",")
        assert name not in lines and all(need in lines for need in needs), text
        assert stat.S_ISREG(entries[path.lstrip("/")].mode)
        lines[name] = Line(name, path, flag, needs, aliases)
    return lines
