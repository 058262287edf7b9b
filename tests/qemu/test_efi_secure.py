# SPDX-License-Identifier: BSD-2-Clause
"""Secure Boot. With the test keys that come with OVMF, in the place of an owner's: what is signed by
them starts, what is signed by another key or altered after signing is refused with a sentence. With
Microsoft's keys, as PCs come: Debian's shim, which they have signed, starts us by the key that the owner
has enrolled with it; it brings Debian's key, which its kernels are signed with."""

import os
import shutil
import struct
import subprocess
import uuid

from tests.qemu.test_efi import BOOT_TIMEOUT, VIRTIO, serve
from tests.site import Lanyardd, Machine
from tests.site.machine import FIRMWARE
from tests.site.paths import DEPS
from tests.site.payload import PROGRAMS, RootCopy, kernel

KEYS = f"{DEPS}/firmware/usr/share/ovmf/PkKek-1-snakeoil"  # .key is locked with the word "snakeoil"

CONFIG = """\
SERIAL 0 115200
PROMPT 1
LABEL foreign
  KERNEL vmlinuz
  APPEND console=ttyS0 earlyprintk=ttyS0
LABEL altered
  KERNEL altered
LABEL ours
  KERNEL ours
  INITRD initrd.img
  APPEND console=ttyS0 earlyprintk=ttyS0
"""


def run(*argv):
    subprocess.run(argv, check=True, capture_output=True)


def sign(site, source, target, key, certificate):
    """Sign a PE file with that key alone; other signatures are taken away."""
    unsigned = site.path("unsigned")
    with open(source, "rb") as original, open(unsigned, "wb") as copy:
        copy.write(original.read())
    subprocess.run(["sbattach", "--remove", unsigned], capture_output=True, check=False)
    run("sbsign", "--key", key, "--cert", certificate, "--output", target, unsigned)
    os.chmod(target, 0o644)


def snakeoil_key(site, keys=KEYS):
    """OVMF's, unlocked."""
    key = site.path("snakeoil.key")
    run("openssl", "rsa", "-in", f"{keys}.key", "-passin", "pass:snakeoil", "-out", key)
    return key, f"{keys}.pem"


def owner_key(site):
    """A new one, as the owner of a room of PCs makes it."""
    key, certificate = site.path("mok.key"), site.path("mok.pem")
    run("openssl", "req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650",
        "-subj", "/CN=the owner of this room/", "-keyout", key, "-out", certificate)
    return key, certificate


def add_variable(store, name, vendor, attributes, data):
    """Add a variable to the image of a firmware's flash memory (edk2, AuthenticatedVariableFormat.h)."""
    header, start_id, added = 60, 0x55AA, 0x3F
    at = struct.unpack_from("<H", store, 48)[0] + 28  # behind the volume's header and the store's
    while struct.unpack_from("<H", store, at)[0] == start_id:
        at += header + sum(struct.unpack_from("<II", store, at + 36)) + 3 & ~3
    name = name.encode("utf-16-le") + b"\0\0"
    new = struct.pack("<HBxIQ16xIII", start_id, added, attributes, 0, 0, len(name), len(data))
    new += uuid.UUID(vendor).bytes_le + name + data
    assert set(store[at:at + len(new)]) == {0xFF}, "this part of the flash memory is not erased"
    store[at:at + len(new)] = new


def enrolled(site, certificate):
    """Microsoft's variables as they are after the owner's key has been enrolled with shim (MokList)."""
    der = subprocess.run(["openssl", "x509", "-in", certificate, "-outform", "DER"], check=True,
                         capture_output=True).stdout
    x509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072").bytes_le
    shim = "605dab50-e046-4300-abb6-3dd810dd8b23"
    mok = x509 + struct.pack("<III", 28 + 16 + len(der), 0, 16 + len(der)) + uuid.UUID(shim).bytes_le + der
    with open(FIRMWARE["efi-microsoft"][1], "rb") as file:
        store = bytearray(file.read())
    add_variable(store, "MokList", shim, 3, mok)  # non-volatile, for boot services only
    path = site.path("variables.fd")
    with open(path, "wb") as file:
        file.write(store)
    return path


def altered(source, target):
    """A copy with one bit of its code flipped."""
    with open(source, "rb") as file:
        content = bytearray(file.read())
    content[len(content) // 2] ^= 1
    with open(target, "wb") as file:
        file.write(content)


def type_labels(machine, labels):
    """Enter each label at the prompt and wait for what follows."""
    for label, answer in labels:
        machine.wait_for(r"boot: ", BOOT_TIMEOUT)
        machine.console.send(label + "\n")
        machine.wait_for(answer, 60)


def test_secure_boot(site):
    """On a firmware that moreover executes no memory that can be written to."""
    tree = serve(site, CONFIG)
    key = snakeoil_key(site)
    sign(site, f"{tree.dir}/lanyardx64.efi", f"{tree.dir}/lanyardx64.efi", *key)
    sign(site, f"{tree.dir}/vmlinuz", f"{tree.dir}/ours", *key)
    altered(f"{tree.dir}/ours", f"{tree.dir}/altered")
    with Machine(site, firmware="efi-strict", nics=[VIRTIO]) as machine:
        type_labels(machine, [("foreign", "LAN-406"), ("altered", "LAN-406"),
                              ("ours", "Linux version")])
        machine.wait_for(r"(?i)secure boot enabled", 30)


def test_second_stage_of_shim(site):
    """As the README has it: in lanyardd's --tftp-root, Debian's shim as it is has our name, and
    grubx64.efi, which it loads, is ours."""
    key = owner_key(site)
    signed = site.path("signed")
    os.makedirs(f"{signed}/pxelinux.cfg")
    shutil.copy(f"{DEPS}/efi/usr/lib/shim/shimx64.efi.signed", f"{signed}/lanyardx64.efi")
    sign(site, PROGRAMS["lanyard-efi"][0], f"{signed}/grubx64.efi", *key)
    shutil.copy(kernel(), f"{signed}/vmlinuz")
    altered(f"{signed}/vmlinuz", f"{signed}/altered")
    with open(f"{signed}/pxelinux.cfg/default", "w", encoding="ascii") as config:
        config.write(CONFIG)
    subprocess.run(["chmod", "-R", "a+rX", signed], check=True)
    Lanyardd(site, RootCopy(site).dir, "--tftp-root", signed)
    with Machine(site, firmware="efi-microsoft", variables=enrolled(site, key[1]),
                 nics=[VIRTIO]) as machine:
        type_labels(machine, [("altered", "LAN-406"), ("foreign", "Linux version")])
        machine.wait_for(r"(?i)secure boot enabled", 30)
