#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Checks who includes whom, that no platform #if stands anywhere, and that boot programs have words for
the failures that they can come to (netstack/base/fault_boot.def; they contain no others).

Every quoted include is a path from the repository root. A room may include what RULES says; value
headers that the firmware platforms may see are listed by name.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLATFORM_VALUES = ["bootloader/platform.h", "bootloader/console_ansi.h", "bootloader/linux.h",
                   "bootloader/program.h",
                   "bootloader/serial_keys.h", "bootloader/uuid.h", "netstack/netdev.h",
                   "netstack/vlan.h"]
RULES = {  # room: what its quoted includes may begin with; the longest room name that fits counts
    "netstack/base": ["netstack/base/"],
    "netstack/wire": ["netstack/base/", "netstack/wire/"],
    "netstack": ["netstack/"],
    "bootloader": ["bootloader/", "netstack/"],
    "bios": ["bios/", "netstack/base/"] + PLATFORM_VALUES,
    "bios/host": ["bios/calls.h"],
    "efi": ["efi/", "netstack/base/"] + PLATFORM_VALUES,
    "initramfs": ["initramfs/", "netstack/"],
    "server-stub/machine": ["server-stub/machine/", "netstack/wire/", "netstack/base/"],
    "server-stub": ["server-stub/", "netstack/wire/", "netstack/base/"],
    "tests": [""],
}
FREESTANDING = ["netstack/base", "netstack/wire", "netstack", "bootloader", "bios", "efi",
                "server-stub/machine"]
FREESTANDING_HEADERS = {"stdint.h", "stddef.h", "stdbool.h", "stdarg.h", "efi.h", "efilib.h",
                        "libfdt.h", "syslinux/pxe_api.h"}
PLATFORM_IF = re.compile(r"#\s*(if|ifdef|ifndef|elif)\b.*(__i386__|__x86_64__|__aarch64__|_WIN32|"
                         r"__linux__|__EFI__|BIOS|EFI\b|__STDC_HOSTED__)")

BOOT_ROOMS = ["netstack", "bootloader", "bios", "efi"]  # of netstack/wire some files are others' only
NOT_BOOT = {"netstack/dhcp6_client.c"}  # init's only
BOOT_FAULTS = set(re.findall(r"^FAULT\((\w+),", (ROOT / "netstack/base/fault_boot.def").read_text(), re.M))


def room_of(path):
    fits = [room for room in RULES if path.startswith(room + "/")]
    return max(fits, key=len) if fits else None


def faults_of(path, text):
    room = room_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{path}:{number}"
        if quoted := re.match(r'\s*#\s*include\s+"([^"]+)"', line):
            target = quoted[1]
            if not any(target.startswith(prefix) for prefix in RULES[room]):
                yield f"{where}: {room}/ may not include {target}"
            elif not (ROOT / target).exists() and not target.startswith("build/"):
                yield f"{where}: no file {target} (includes are paths from the root)"
        angled = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
        if angled and room in FREESTANDING:
            if angled[1] not in FREESTANDING_HEADERS:
                yield f"{where}: {room}/ is freestanding and may not include <{angled[1]}>"
        if PLATFORM_IF.search(line):
            yield f"{where}: platform #if (the Makefile picks files instead)"
        if room in BOOT_ROOMS and path.endswith(".c") and path not in NOT_BOOT:
            for fault in set(re.findall(r"\bFAULT_(\w+)", line)) - BOOT_FAULTS - {"NONE", "FACTS", "SENTENCE"}:
                yield f"{where}: FAULT_{fault} is not in fault_boot.def"


def main():
    found = []
    for room in sorted({room.split("/")[0] for room in RULES}):
        for file in sorted((ROOT / room).rglob("*.[chS]")):
            path = file.relative_to(ROOT).as_posix()
            found += faults_of(path, file.read_text())
    print("\n".join(found) if found else "layering: every include is allowed")
    return 1 if found else 0


sys.exit(main())
