# SPDX-License-Identifier: BSD-2-Clause
"""Secure Boot, with the test keys that come with OVMF: what is signed by them starts, what is signed by
another key or altered after signing is refused with a sentence. Debian's shim in front brings Debian's
key, which its kernels are signed with."""

import os
import subprocess

from tests.qemu.test_efi import BOOT_TIMEOUT, VIRTIO, serve
from tests.site import Machine
from tests.site.paths import DEPS

KEYS = "/usr/share/ovmf/PkKek-1-snakeoil"  # .key is locked with the word "snakeoil"

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


def sign(site, source, target):
    """Sign a PE file with the test key alone; other signatures are taken away."""
    key = site.path("snakeoil.key")
    if not os.path.exists(key):
        subprocess.run(["openssl", "rsa", "-in", f"{KEYS}.key", "-passin", "pass:snakeoil", "-out", key],
                       check=True, capture_output=True)
    unsigned = site.path("unsigned")
    with open(source, "rb") as original, open(unsigned, "wb") as copy:
        copy.write(original.read())
    subprocess.run(["sbattach", "--remove", unsigned], capture_output=True, check=False)
    subprocess.run(["sbsign", "--key", key, "--cert", f"{KEYS}.pem", "--output", target, unsigned],
                   check=True, capture_output=True)
    os.chmod(target, 0o644)


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
    tree = serve(site, CONFIG)
    program, kernel = f"{tree.dir}/lanyardx64.efi", f"{tree.dir}/vmlinuz"
    sign(site, program, program)
    sign(site, kernel, f"{tree.dir}/ours")
    altered(f"{tree.dir}/ours", f"{tree.dir}/altered")
    with Machine(site, firmware="efi-secure", nics=[VIRTIO]) as machine:
        type_labels(machine, [("foreign", "LAN-406"), ("altered", "LAN-406"),
                              ("ours", "Linux version")])
        machine.wait_for(r"(?i)secure boot enabled", 30)


def test_second_stage_of_shim(site):
    """The firmware loads shim, shim loads grubx64.efi, which is ours. (Here the test key stands in for
    Microsoft's on shim and for the owner's on ours.)"""
    tree = serve(site, CONFIG, first="shimx64.efi")
    sign(site, f"{DEPS}/efi/usr/lib/shim/shimx64.efi.signed", f"{tree.dir}/shimx64.efi")
    sign(site, f"{tree.dir}/lanyardx64.efi", f"{tree.dir}/grubx64.efi")
    altered(f"{tree.dir}/vmlinuz", f"{tree.dir}/altered")
    with Machine(site, firmware="efi-secure", nics=[VIRTIO]) as machine:
        type_labels(machine, [("altered", "LAN-406"), ("foreign", "Linux version")])
        machine.wait_for(r"(?i)secure boot enabled", 30)
