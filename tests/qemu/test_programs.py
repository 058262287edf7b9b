# SPDX-License-Identifier: BSD-2-Clause
"""Boot programs other than Linux: another network boot program, and boot sectors of a disk."""

import struct
import subprocess
import time

from tests.qemu.support import BOOT_TIMEOUT, PROGRAM
from tests.site import Dnsmasq, Machine
from tests.site.payload import PROGRAMS, TftpTree, boot_file

SOURCE = __file__.replace("test_programs.py", "sector.S")
CONFIG = "SERIAL 0 115200\nDEFAULT l\nLABEL l\n"
PARTITION = 2048  # where the second disk's partition begins


def sector_code(site):
    """What tests/qemu/sector.S is when it is assembled."""
    subprocess.run(["gcc", "-m32", "-nostdlib", "-static", "-no-pie", "-Wl,-Ttext=0x7c00,--oformat=binary",
                    "-Wl,--build-id=none", "-o", site.path("sector"), SOURCE], check=True)
    with open(site.path("sector"), "rb") as file:
        code = file.read()
    assert len(code) < 400, len(code)
    return code


def sector(code, word, table=b""):
    return (code.ljust(400, b"\0") + word + b"\0").ljust(446, b"\0") + table.ljust(64, b"\0") + b"\x55\xaa"


def disk(site, name, code, word, logical):
    """An image with a partition, or with one inside an extended one, that begin at PARTITION."""
    link = PARTITION - 63
    entry = struct.pack("<B3sB3sII", 0, b"", 5 if logical else 0x83, b"", link if logical else PARTITION, 4096)
    image = bytearray(PARTITION * 512 + 512)
    image[0:512] = sector(code, b"mbr-" + word, entry)
    if logical:
        image[link * 512:link * 512 + 512] = sector(b"", b"link", struct.pack("<B3sB3sII", 0, b"", 0x83, b"", 63, 1))
    image[PARTITION * 512:] = sector(code, b"part-" + word)
    with open(site.path(name), "wb") as file:
        file.write(image)
    return ["-drive", f"file={site.path(name)},format=raw,if=ide"]


def start(site, words, extra=()):
    tree = TftpTree(site, CONFIG + words, PROGRAM)
    Dnsmasq(site, tftp_root=tree.dir, boot_file=boot_file(PROGRAM))
    return tree, Machine(site, extra=extra)


def test_another_network_boot_program(site):
    """Debian's pxelinux finds the ROM as if that had started it: it loads its second part."""
    tree, machine = start(site, "PXE pxelinux.0\n")
    for path in PROGRAMS["pxelinux"]:
        tree.put(path.rpartition("/")[2], path)
    with machine:
        machine.wait_for("starting pxelinux.0", BOOT_TIMEOUT)
        deadline = time.monotonic() + 60
        while ("ldlinux.c32",) not in site.frames("tftp.opcode == 1", "tftp.source_file"):
            assert machine.running() and time.monotonic() < deadline, machine.console.tail()
            time.sleep(1)


def test_local_boot(site):
    """The ROM takes itself down, and the BIOS goes on to the disk."""
    extra = disk(site, "one", sector_code(site), b"one", False)
    with start(site, "LOCALBOOT 0\n", extra)[1] as machine:
        machine.wait_for(r"leaving for the firmware's next boot device", BOOT_TIMEOUT)
        machine.wait_for(r"mbr-one 80 [0-9a-f]{8} [0-9a-f]{8} mbr-one 80\.", 60)


def test_memdisk(site):
    """syslinux's memdisk takes the initrd for a floppy disk, and starts it."""
    tree, machine = start(site, "KERNEL memdisk\nINITRD floppy\nAPPEND floppy\n")
    tree.put("memdisk", "/usr/lib/syslinux/memdisk")
    with open(f"{tree.dir}/floppy", "wb") as file:
        file.write(sector(sector_code(site), b"floppy").ljust(1440 * 1024, b"\0"))
    with machine:
        machine.wait_for(r"floppy 00 [0-9a-f]{8} [0-9a-f]{8} floppy 00\.", BOOT_TIMEOUT)


def test_a_disk(site):
    """The second disk's MBR, its number exchanged with the first's."""
    code = sector_code(site)
    extra = disk(site, "one", code, b"one", False) + disk(site, "two", code, b"two", True)
    with start(site, "COM32 chain.c32\nAPPEND hd1 swap\n", extra)[1] as machine:
        machine.wait_for(r"mbr-two 80 00000000 [0-9a-f]{8} mbr-two 80\.", BOOT_TIMEOUT)


def test_a_logical_partition(site):
    code = sector_code(site)
    extra = disk(site, "one", code, b"one", False) + disk(site, "two", code, b"two", True)
    with start(site, "COM32 chain.c32\nAPPEND hd1,5\n", extra)[1] as machine:
        machine.wait_for(rf"part-two 81 00000000 {PARTITION:08x} mbr-two 81\.", BOOT_TIMEOUT)
