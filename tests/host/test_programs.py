# SPDX-License-Identifier: BSD-2-Clause
"""Boot programs other than Linux, and chain.c32: what would be started, and what is said where it cannot
be."""

import hashlib
import struct
import uuid
import zlib

import pytest

from tests.host.kernel import blob, bzimage

SECTOR, SECTORS = 512, 2048
LABEL = "DEFAULT l\nLABEL l\n"
NBP = blob(70_001, "nbp")
FILES = {"vmlinuz": bzimage(), "pxelinux.0": NBP, "x.bs": NBP[:512], "empty.0": b"", "huge.0": bytes(700_000)}
DISK_GUID, PART_GUID = uuid.UUID(int=0xd1 << 120 | 1), uuid.UUID(int=0xa2 << 120 | 2)


def sha(data):
    return hashlib.sha256(data).hexdigest()


def entry(kind, start, length):
    return struct.pack("<B3sB3sII", 0, b"\1\2\3", kind, b"\4\5\6", start, length)


def sector(word, *entries, signature=0):
    body = word.encode().ljust(440, b".") + struct.pack("<IH", signature, 0)
    return body + b"".join(entries).ljust(64, b"\0") + b"\x55\xaa"


def image(sectors):
    out = bytearray(SECTORS * SECTOR)
    for number, data in sectors.items():
        out[number * SECTOR:number * SECTOR + len(data)] = data
    return bytes(out)


MBR = {0: sector("mbr", entry(0x83, 64, 100), b"\0" * 16, entry(5, 300, 200), signature=0x12345678),
       64: sector("first"), 300: sector("link", entry(0x83, 10, 20)), 310: sector("fifth")}


def gpt():
    entries = bytearray(128 * 128)
    entries[128:256] = b"\x11" * 16 + PART_GUID.bytes_le + struct.pack("<QQQ", 100, 199, 0) + "root".encode("utf-16le").ljust(72, b"\0")
    header = b"EFI PART" + struct.pack("<IIIIQQQQ", 0x10000, 92, 0, 0, 1, SECTORS - 1, 34, SECTORS - 34) + DISK_GUID.bytes_le
    header += struct.pack("<QIII", 2, 128, 128, zlib.crc32(entries))
    header = header[:16] + struct.pack("<I", zlib.crc32(header)) + header[20:]
    return {0: sector("protective", entry(0xee, 1, SECTORS - 1)), 1: header, 2: entries, 100: sector("root")}


GPT = gpt()


@pytest.fixture(scope="module")
def disks(tmp_path_factory):
    """The words for a machine with an MBR's and a GPT's disk."""
    words = []
    for name, sectors in (("mbr", MBR), ("gpt", GPT)):
        path = tmp_path_factory.mktemp("disks") / name
        path.write_bytes(image(sectors))
        words += ["--disk", str(path)]
    return words


def chain(dnsmasq, disks, words, *more):
    return dnsmasq.boot(f"{LABEL}COM32 chain.c32\nAPPEND {words}\n", FILES, *disks, *more)


def program(result):
    assert result.faults == [] and len(result.of("program")) == 1, result
    return result.of("program")[0]


@pytest.mark.parametrize("words, name", [
    ("PXE pxelinux.0", "pxelinux.0"), ("KERNEL pxelinux.0", "pxelinux.0"), ("BOOT pxelinux.0", "pxelinux.0"),
    ("BSS x.bs", "x.bs"), ("KERNEL x.bs\nAPPEND words", "x.bs")])
def test_a_network_boot_program(dnsmasq, words, name):
    result = dnsmasq.boot(f"{LABEL}{words}\n", FILES)
    data = FILES[name]
    p = program(result)
    assert p["network"] and p["start"] == 0x7c00
    assert [(x["to"], x["size"], x["sha256"]) for x in p["pieces"]] == [(0x7c00, len(data), sha(data))]
    assert result.loaded() == [name]


def test_an_implicit_name_with_a_suffix(dnsmasq):
    result = dnsmasq.boot("DEFAULT pxelinux\n", FILES)
    assert program(result)["pieces"][0]["sha256"] == sha(NBP)
    assert result.loaded()[-2:] == ["pxelinux.0", "pxelinux.0"] or result.loaded()[-1] == "pxelinux.0"


@pytest.mark.parametrize("words, fault, says", [
    ("PXE empty.0", "LAN-209", "the file is empty"),
    ("PXE huge.0", "LAN-306", "700000 bytes, a boot program has 623616 at most: use LINUX for a kernel"),
    ("PXE gone.0", "LAN-201", "gone.0"),
    ("KERNEL disk.img", "LAN-306", '"disk.img"'),
    ("COMBOOT disk", "LAN-306", '"disk"'),
    ("KERNEL mboot.c32", "LAN-306", "Multiboot programs, such as Xen and VMware ESXi, are not supported"),
    ("COM32 memdisk.c32", "LAN-306", "use KERNEL with syslinux's program memdisk, without .c32"),
    ("COM32 linux.c32\nAPPEND vmlinuz", "LAN-306", "use LINUX with the kernel's name"),
    ("COM32 pxechn.c32\nAPPEND pxelinux.0", "LAN-306", "use PXE with the program's name"),
    ("KERNEL hdt.c32", "LAN-306", '"hdt.c32": a module of syslinux'),
    ("COM32 whichsys.c32", "LAN-306", "a module of syslinux"),
    ("KERNEL grub.efi", "LAN-401", "an EFI program"),
])
def test_what_cannot_be_started(dnsmasq, words, fault, says):
    files = FILES | {"grub.efi": b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + b"PE\0\0\x64\x86".ljust(40_000, b"\0")}
    result = dnsmasq.boot(f"{LABEL}{words}\n", files)
    assert result.faults == [fault], result
    assert says in result.sentence(fault), result.sentence(fault)


def test_a_program_that_looks_like_a_kernel(dnsmasq):
    """memdisk: its disk is the initrd, without a record in front of it."""
    with open("/usr/lib/syslinux/memdisk", "rb") as file:
        memdisk = file.read()
    disk = image(MBR)
    result = dnsmasq.boot(f"{LABEL}KERNEL memdisk\nINITRD disk\nAPPEND raw\n", FILES | {"memdisk": memdisk, "disk": disk})
    assert result.line == "BOOT_IMAGE=memdisk raw initrd=disk", result
    assert result.plan["kernel"]["sha256"] == sha(memdisk) and result.plan["initrd_size"] == len(disk)
    assert result.plan["without_record"] == sha(disk)


@pytest.mark.parametrize("words", ["PXE pxelinux.0", "KERNEL pxelinux.0", "BOOT x.bs"])
def test_programs_for_a_bios_on_uefi(dnsmasq, words):
    result = dnsmasq.boot(f"{LABEL}{words}\n", FILES, "--firmware", "efi")
    assert result.faults == ["LAN-306"], result
    assert "is a boot program for a BIOS" in result.sentence("LAN-306")
    assert result.loaded() == []


# Disks. What is started: the sector's word, the drive, the place in memory, where DS:SI points to.

CHAINS = [
    ("hd0", "mbr", 0x80, 0), ("hd0 0", "mbr", 0x80, 0), ("hd0 1", "first", 0x80, 0x7be), ("hd0,5", "fifth", 0x80, 0x7be),
    ("hd0 3", "link", 0x80, 0x7be), ("1 hd0", "first", 0x80, 0x7be), ("boot 1", "first", 0x80, 0x7be), ("hd1", "protective", 0x81, 0),
    ("hd1 2", "root", 0x81, 0x7be), ("mbr:0x12345678", "mbr", 0x80, 0), ("mbr=0x12345678 5", "fifth", 0x80, 0x7be),
    (f"guid:{PART_GUID}", "root", 0x81, 0x7be), (f"guid={DISK_GUID}", "protective", 0x81, 0),
    (f"guid:{str(DISK_GUID).upper()} 2", "root", 0x81, 0x7be), ("label:root", "root", 0x81, 0x7be),
    ("hd0 1 nohand", "first", 0x80, 0), ("hd1 swap", "protective", 0x81, 0), ("HD0 1 NOSAVE", "first", 0x80, 0x7be),
]


@pytest.mark.parametrize("words, word, drive, si", CHAINS)
def test_chain(dnsmasq, disks, words, word, drive, si):
    p = program(chain(dnsmasq, disks, words))
    assert not p["network"] and p["start"] == 0x7c00 and p["ds"] == 0
    assert bytes.fromhex(p["pieces"][0]["bytes"]).startswith(word.encode() + b".")
    assert (p["drive"], p["si"], p["pieces"][0]["to"]) == (drive, si, 0x7c00)
    assert p["swap"] == ("swap" in words) and len(p["pieces"]) == (2 if si else 1)


def test_handover(dnsmasq, disks):
    p = program(chain(dnsmasq, disks, "hd0 5"))
    hand = p["pieces"][1]
    assert (hand["to"], p["eax"]) == (0x7be, 0)
    assert bytes.fromhex(hand["bytes"]) == b"\x80" + entry(0x83, 310, 20)[1:]
    p = program(chain(dnsmasq, disks, "label=root"))
    hand = bytes.fromhex(p["pieces"][1]["bytes"])
    assert p["eax"] == 0x54504721  # "!GPT"
    assert hand == struct.pack("<B3xB3xIII", 0x80, 0xed, 100, 100, 128) + bytes(GPT[2][128:256])


def test_files(dnsmasq, disks):
    p = program(chain(dnsmasq, disks, "file=pxelinux.0 keeppxe"))
    assert p["keep_pxe"] and [(x["to"], x["sha256"]) for x in p["pieces"]] == [(0x7c00, sha(NBP))]
    assert program(chain(dnsmasq, [], "file=x.bs"))["drive"] == 0x80  # no disk is needed
    p = program(chain(dnsmasq, disks, "hd0 1 file=pxelinux.0 seg=0x1000:0x10:0x20"))
    assert p["start"] == 0x10000020
    assert [x["to"] for x in p["pieces"]] == [0x10010, 0x7c00, 0x7be]
    assert (p["ds"], p["si"]) == (0, 0x7c00)  # the sector
    p = program(chain(dnsmasq, disks, "hd0 1 file=pxelinux.0 seg=0x60"))  # all of it, and not what lies in its place
    assert [(x["to"], x["sha256"]) for x in p["pieces"]] == [(0x600, sha(NBP))] and (p["ds"], p["si"]) == (0x60, 0)
    p = program(chain(dnsmasq, disks, "label=root file=x.bs seg=0x1000"))
    assert (p["ds"], p["si"], p["eax"]) == (0, 0x7c00, 0)  # the sector, and no handover of a GPT's kind
    p = program(chain(dnsmasq, disks, "label=root file=x.bs seg=0x1000 nosect"))
    assert (p["ds"], p["si"], p["eax"]) == (0, 0x7be, 0x54504721)
    p = program(chain(dnsmasq, disks, "hd0 1 seg=0:0x7c80"))  # there is no file
    assert [x["to"] for x in p["pieces"]] == [0x7c00, 0x7be]
    p = program(chain(dnsmasq, disks, "hd0 1 cmldr=x.bs swap"))
    assert p["start"] == 0x20000000 and [x["to"] for x in p["pieces"]] == [0x20000, 0x7c00]
    boot = bytes.fromhex(p["pieces"][1]["bytes"])
    assert boot[3:11] == b"cmdcons\0" and boot[0x18:0x20] == struct.pack("<HHI", 63, 255, 64) and boot[0x24] == 0x80
    p = program(chain(dnsmasq, disks, "hd0 1 freedos=x.bs"))
    assert p["start"] == 0x600000 and [x["to"] for x in p["pieces"]] == [0x600, 0x1fe00 + 0x7c00]
    assert (p["ds"], p["si"]) == (0x1fe0, 0x7c00)


@pytest.mark.parametrize("words, fault, says", [
    ("hd2", "LAN-407", "chain.c32 hd2: there is no such disk or partition"), ("fd0", "LAN-407", "fd0"),
    ("hd0 2", "LAN-407", "hd0 2"), ("hd0 6", "LAN-407", "hd0 6"), ("mbr:1", "LAN-407", "mbr:1"),
    ("label:Root", "LAN-407", "label:Root"), (f"guid:{uuid.UUID(int=1)}", "LAN-407", "guid:0"),
    ("hd1 1", "LAN-407", "hd1 1"), ("hd0 1 file=gone seg=0x1000", "LAN-201", "gone"),
    ("hdx", "LAN-306", '"hdx"'), ("hd0 save", "LAN-306", '"save"'), ("hd0 hide", "LAN-306", '"hide"'), ("fs", "LAN-306", '"fs"'),
    ("hd0 70000", "LAN-306", '"70000"'), ("guid:12", "LAN-306", '"guid:12"'), ("hd0 seg=1:2:x", "LAN-306", '"seg=1:2:x"'),
    ("grub=stage2", "LAN-306", '"grub=stage2"'), ("isolinux=x", "LAN-306", "isolinux"), ("label:", "LAN-306", "label:"),
])
def test_chains_that_lead_nowhere(dnsmasq, disks, words, fault, says):
    result = chain(dnsmasq, disks, words)
    assert result.faults == [fault], result
    assert says in result.sentence(fault)


def test_no_boot_sector(dnsmasq, tmp_path):
    path = tmp_path / "disk"
    path.write_bytes(image({0: MBR[0]}))
    result = chain(dnsmasq, ["--disk", str(path)], "hd0 1")
    assert "its sector 64 is no boot sector" in result.sentence("LAN-407")
    path.write_bytes(image({}))
    assert "its sector 0 is no boot sector" in chain(dnsmasq, ["--disk", str(path)], "hd0").sentence("LAN-407")


@pytest.mark.parametrize("words, drive, start", [("hd0", 0x80, 0), ("hd1 2", 0x81, 100), ("label:root", 0x81, 100),
                                                 ("mbr:0x12345678", 0x80, 0), ("hd0 5", 0x80, 310)])
def test_chain_on_uefi(dnsmasq, disks, words, drive, start):
    result = chain(dnsmasq, disks, words, "--firmware", "efi")
    assert result.of("volume") == [{"event": "volume", "drive": drive, "start": start}], result


def test_chain_with_a_file_on_uefi(dnsmasq, disks):
    result = chain(dnsmasq, disks, "file=x.bs", "--firmware", "efi")
    assert "use LINUX with an EFI program" in result.sentence("LAN-306")


@pytest.mark.parametrize("firmware", ["bios", "efi"])
@pytest.mark.parametrize("words", ["", "boot", "nohand"])
def test_chain_without_a_disk_is_the_next_boot_device(dnsmasq, words, firmware):
    assert chain(dnsmasq, [], words, "--firmware", firmware).events[-1]["event"] == "local_boot"
