# SPDX-License-Identifier: BSD-2-Clause
"""Sends numbered frames out of one interface and tells which arrive at another, and when. A program:
it has to run inside the network namespace of its interfaces.

    wire_probe.py FROM TO COUNT SIZE GAP_MS

Prints a list of [number, seconds from the first frame's sending until this one was sent, the same
until it arrived, whether it is whole], in the order of arrival.
"""

import json
import socket
import struct
import sys
import time

ETHERTYPE = 0x88b5  # for local experiments
SO_TIMESTAMPNS = 35


def packet_socket(interface):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE))
    s.bind((interface, ETHERTYPE))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    return s


def content(number, size):
    head = bytes(6) + b"\2" + bytes(5) + struct.pack("!HI", ETHERTYPE, number)
    return head + bytes((number + i) & 255 for i in range(size - len(head)))


def arrivals(s, size, until):
    """Those that arrive before that time."""
    while (left := until - time.monotonic()) > 0:
        s.settimeout(left)
        try:
            data, control, _, _ = s.recvmsg(size + 100, 100)
        except TimeoutError:
            return
        seconds, ns = struct.unpack("ll", control[0][2])
        yield data, seconds + ns / 1e9


def main(here, there, count, size, gap):
    sender, receiver = packet_socket(here), packet_socket(there)
    receiver.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    frames = [content(number, size) for number in range(count)]
    start, sent, result = time.monotonic(), [], []
    for number, frame in enumerate(frames):
        time.sleep(max(0, start + number * gap / 1000 - time.monotonic()))
        sent.append(time.time())
        sender.send(frame)
    for data, arrived in arrivals(receiver, size, time.monotonic() + 0.2):
        number = struct.unpack_from("!I", data, 14)[0]
        whole = number < count and data == frames[number]
        was_sent = sent[number] - sent[0] if number < count else 0
        result.append([number, was_sent, arrived - sent[0], whole])
    print(json.dumps(result))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
