# SPDX-License-Identifier: BSD-2-Clause
"""A time server: answers NTP clients with this machine's time (RFC 4330). Runs inside a site."""

import socket
import struct
import sys
import time

SINCE_1900 = 2208988800
# Version 4, server; stratum 2; what the client does not ask; precision 2^-20 s; root delay, dispersion.
HEAD = struct.pack("!BBbbII4s", 4 << 3 | 4, 2, 6, -20, 0, 0, bytes([127, 0, 0, 1]))


def stamp():
    now = time.time() + SINCE_1900
    return struct.pack("!II", int(now) & 0xFFFFFFFF, int(now % 1 * 2 ** 32))


def serve(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 123))
    while True:
        question, client = s.recvfrom(512)
        received = stamp()
        if len(question) >= 48:
            # The time of the last setting, the client's own, of arrival, of departure.
            s.sendto(HEAD + received + question[40:48] + received + stamp(), client)
            print("asked by", client[0], flush=True)


serve(sys.argv[1])
