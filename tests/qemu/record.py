# SPDX-License-Identifier: BSD-2-Clause
"""Records of a boot program (docs/lanyard-record.5) made by hand, to put in front of an initrd: what
init does with each can be tried without the boot program and its firmware."""

import os
import socket
import struct

SIZE = 8192
MAC = bytes.fromhex("525400123401")
UUID = bytes.fromhex("00112233445566778899aabbccddeeff")


def dhcp_message(reply, options, yiaddr="0.0.0.0", siaddr="0.0.0.0", mac=MAC):
    """A DHCP message; options is a list of (code, bytes)."""
    text = struct.pack("!BBBBIHH", 2 if reply else 1, 1, 6, 0, 0x4c414e59, 0, 0)
    text += bytes(4) + socket.inet_aton(yiaddr) + socket.inet_aton(siaddr) + bytes(4)
    text += mac + bytes(10) + bytes(64 + 128) + bytes.fromhex("63825363")
    for code, value in options:
        text += bytes([code, len(value)]) + value
    return text + b"\xff"


def ack(address, server="192.168.2.2", options=(), mac=MAC):
    """The DHCPACK that the firmware got."""
    return dhcp_message(True, [(53, b"\5"), (54, socket.inet_aton(server)),
                               (51, struct.pack("!I", 3600)),
                               (1, socket.inet_aton("255.255.255.0")), *options],
                        address, server, mac)


def discover(client_id=None, mac=MAC):
    """The DHCPDISCOVER that the firmware sent."""
    identity = [(61, client_id)] if client_id else []
    return dhcp_message(False, [(53, b"\1"), (97, b"\0" + UUID), *identity], mac=mac)


def cpio(files):
    """A newc archive of a directory and its files, {path: bytes}, SIZE bytes long."""
    entries = [("lanyard", 0o040755, b"")]
    entries += [(path, 0o100400, content) for path, content in files.items()]
    entries += [("TRAILER!!!", 0, b"")]
    out = b""
    for number, (name, mode, content) in enumerate(entries, 1):
        fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        out += bytes(-len(out) % 4) + content
        out += bytes(-len(out) % 4)
    assert len(out) <= SIZE
    return out + bytes(SIZE - len(out))


def write(path, initrd, dhcpack, dhcpdiscover=None, mac=MAC):
    """Write a record with this lease, and the initrd behind it; returns path."""
    files = {"lanyard/dhcpack": dhcpack,
             "lanyard/nic": b"hwaddr " + mac.hex(":").encode() + b"\nhwtype 1\nname net0\n"}
    if dhcpdiscover:
        files["lanyard/dhcpdiscover"] = dhcpdiscover
    with open(initrd, "rb") as rest, open(path, "wb") as out:
        out.write(cpio(files) + rest.read())
    os.chmod(path, 0o644)
    return path
