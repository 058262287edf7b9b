# SPDX-License-Identifier: BSD-2-Clause
"""A TFTP server that sends one block after the other (RFC 1350), and can misbehave. A program: it has
to run inside the network namespace of its address.

    tftpd.py ADDRESS ROOT MODE

MODE: plain    no options
      mute     never answers
      sized    tells the size (RFC 2349), as the following do
      lossy    loses a block 50, and once more; when it is told to stop, a block is still on its way,
               and the port is closed that gets the answer to that
      half     nothing comes behind the first 200 blocks
      hasty    throws away what has come before it sends a block
"""

import os
import socket
import struct
import sys
import time

BLOCK = 512


losses = [50, 50]  # numbers of the blocks that are lost


def loses(block, mode):
    if mode != "lossy" or block not in losses:
        return False
    losses.remove(block)
    return True


def drain(s):
    s.setblocking(False)
    try:
        while True:
            s.recvfrom(2048)
    except BlockingIOError:
        s.settimeout(2)


def await_ack(s, client, block):
    """False when the client has had enough."""
    while True:
        packet, sender = s.recvfrom(2048)
        if sender == client and struct.unpack_from("!HH", packet) == (4, block):
            return True
        if packet[1] == 5:
            return False


def answer(request, address, client, root, mode):
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
        if mode != "plain":
            s.sendto(b"\0\6tsize\0%d\0" % len(content), client)
            if not await_ack(s, client, 0):
                return
        for number in range(len(content) // BLOCK + 1):
            if mode == "half" and number == 200:
                return
            block = number + 1 & 0xffff
            data = content[number * BLOCK:(number + 1) * BLOCK]
            if mode == "hasty":
                drain(s)
            if not loses(block, mode):
                s.sendto(struct.pack("!HH", 3, block) + data, client)
            if not await_ack(s, client, block):
                if mode == "lossy":
                    s.sendto(struct.pack("!HH", 3, block + 3) + data, client)
                return


def main(address, root, mode):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 69))
    while True:
        request, client = s.recvfrom(2048)
        if mode != "mute":
            try:
                answer(request, address, client, root, mode)
            except TimeoutError:
                pass
            if mode == "lossy":
                time.sleep(0.05)  # ICMP says that the port is closed before the next answer comes


main(*sys.argv[1:])
