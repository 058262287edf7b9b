# SPDX-License-Identifier: BSD-2-Clause
"""A switch with one VLAN on its port to a machine: what the machine sends in it goes to the segment
without its tag, and back. Untagged frames and other VLANs lead nowhere. A program, because the kernel
may have no VLANs: the machine's card is a UDP socket of QEMU's, the segment is a tap.

    trunk.py TAP VLAN HERE MACHINE         (two UDP ports of 127.0.0.1)
"""

import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000


def main(name, vlan, here, machine):
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    card = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    card.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    card.bind(("127.0.0.1", int(here)))
    tag = struct.pack("!HH", 0x8100, int(vlan))
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([tap, card], [], [])
        if tap in ready:
            frame = os.read(tap, 2048)
            card.sendto(frame[:12] + tag + frame[12:], ("127.0.0.1", int(machine)))
        if card in ready:
            frame = card.recv(2048)
            if frame[12:16] == tag:
                os.write(tap, frame[:12] + frame[16:])


main(*sys.argv[1:])
