# SPDX-License-Identifier: BSD-2-Clause
"""A TFTP server that knows nothing but RFC 1350, and can misbehave. A program: it has to run inside
the network namespace of its address.

    tftpd.py ADDRESS ROOT MODE      MODE: plain (no options), mute (never answers)
"""

import os
import socket
import struct
import sys

BLOCK = 512


def answer(request, address, client, root):
    name = request[2:].split(b"\0")[0].decode()
    path = os.path.join(root, name)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((address, 0))
        s.settimeout(2)
        if not os.path.isfile(path):
            s.sendto(struct.pack("!HH", 5, 1) + b"no such file\0", client)
            return
        with open(path, "rb") as file:
            content = file.read()
        for number in range(len(content) // BLOCK + 1):
            block = number + 1 & 0xffff
            s.sendto(struct.pack("!HH", 3, block) + content[number * BLOCK:(number + 1) * BLOCK], client)
            while True:
                packet, sender = s.recvfrom(2048)
                if sender == client and struct.unpack_from("!HH", packet) == (4, block):
                    break
                if packet[1] == 5:
                    return


def main(address, root, mode):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 69))
    while True:
        request, client = s.recvfrom(2048)
        if mode == "plain":
            try:
                answer(request, address, client, root)
            except TimeoutError:
                pass


main(*sys.argv[1:])
