# SPDX-License-Identifier: BSD-2-Clause
"""Turns the transmit checksum offload of the interfaces named off (like `ethtool -K DEV tx off`).

A program, not a module: it has to run inside the network namespace of its interfaces. Frames
between veth ends otherwise carry unfinished checksums, which only the kernel can tell from wrong
ones.
"""

import ctypes
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946      # linux/sockios.h
ETHTOOL_STXCSUM = 0x17    # linux/ethtool.h


def turn_off(device):
    """struct ifreq points to a struct ethtool_value {cmd, data}."""
    value = ctypes.create_string_buffer(struct.pack("=II", ETHTOOL_STXCSUM, 0))
    request = struct.pack("16sP16x", device.encode(), ctypes.addressof(value))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCETHTOOL, request)


for argument in sys.argv[1:]:
    turn_off(argument)
