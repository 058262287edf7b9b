# SPDX-License-Identifier: BSD-2-Clause
"""Streams that no client sends: lengths that lie, records that never end, calls that are none, too many
connections. The server goes on serving others and keeps its memory."""

import os
import random
import socket
import struct
import time

import pytest

from tests.host import nfs3
from tests.host.nfs3 import RpcError, opaque, u32, u64
from tests.host.nfsd import Nfsd, inside
from tests.site import Site


@pytest.fixture(scope="module")
def server():
    with Site(name="nfsd", capture=False) as site:
        os.mkdir(site.path("export"))
        with open(site.path("export", "file"), "wb") as file:
            file.write(bytes(1 << 20))
        yield Nfsd(site, {"/export": site.path("export")}, "-w", "-m")
        site.nfsd.stop()


@pytest.fixture
def client(server):
    client = server.client()
    yield client
    client.close()
    other = server.client()  # whatever happened
    assert other.getattr(other.mount("/export"))["type"] == nfs3.DIR
    other.close()


def refusal(call, *args, **how):
    with pytest.raises(RpcError) as error:
        call(*args, **how)
    return error.value.args


@pytest.mark.parametrize("mark", [0x7FFFFFFF, 0xFFFFFFFF, 0x80200000, 0x00200000])
def test_long_records(client, mark):
    client.sock.sendall(u32(mark) + bytes(100))
    assert client.ended()


def test_endless_fragments(client):
    client.sock.sendall(bytes(4 * 300))
    assert client.ended()


@pytest.mark.parametrize("record", [b"", b"\0", bytes(36), b"\xff" * 40, u32(1) + u32(1) + bytes(40),
                                    b"GET / HTTP/1.0\r\n\r\n" * 4])
def test_no_call(client, record):
    client.send(record)
    assert client.ended()


def test_fragments(client):
    """A call in fragments of one byte, and two calls in one packet."""
    message = client.message(nfs3.NFS, 0)
    client.sock.sendall(b"".join(u32(1) + bytes([b]) for b in message) + u32(0x80000000))
    assert client.reply().at == 24
    both = client.message(nfs3.NFS, 0) + client.message(nfs3.MOUNT, 0)
    half = len(both) // 2
    client.sock.sendall(b"".join(u32(0x80000000 | half) + part for part in (both[:half], both[half:])))
    client.reply(), client.reply()


def test_a_byte_at_a_time(client):
    message = client.message(nfs3.NFS, 0)
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in u32(0x80000000 | len(message)) + message:
        client.sock.sendall(bytes([byte]))
        time.sleep(0.001)
    client.reply()


def test_refusals(client):
    assert refusal(client.call, 100228, 0) == ("accepted", 1)
    assert refusal(client.call, nfs3.NFS, 0, version=4) == ("accepted", 2)
    assert refusal(client.call, nfs3.MOUNT, 1, version=1) == ("accepted", 2)
    assert refusal(client.call, nfs3.NFS, 22) == ("accepted", 3)
    assert refusal(client.call, nfs3.NFS, 2**32 - 1) == ("accepted", 3)
    assert refusal(client.call, nfs3.NFS, 0, rpc_version=3) == ("denied", 0, 2, 2)
    gss = u32(6) + opaque(b"") + u32(0) + u32(0)
    assert refusal(client.call, nfs3.NFS, 1, opaque(b""), auth=gss)[:2] == ("denied", 1)
    crowd = opaque(u32(0) + opaque("x") + u32(0) + u32(0) + u32(17) + bytes(68))
    assert refusal(client.call, nfs3.NFS, 0, auth=u32(1) + crowd + bytes(8))[:3] == ("denied", 1, 1)
    for uid, gid in ((2**32 - 1, 0), (0, 2**32 - 1)):
        nobody = opaque(u32(0) + opaque("x") + u32(uid) + u32(gid) + u32(0))
        assert refusal(client.call, nfs3.NFS, 0, auth=u32(1) + nobody + bytes(8))[0] == "denied"


def arguments(handle):
    """A good set of arguments for each procedure."""
    where, none = opaque(handle) + opaque("nofile"), nfs3.sattr()
    return {1: opaque(handle), 2: opaque(handle) + none + u32(0), 3: where,
            4: opaque(handle) + u32(63), 5: opaque(handle), 6: opaque(handle) + u64(0) + u32(10),
            7: opaque(handle) + u64(0) + u32(3) + u32(2) + opaque("abc"),
            8: where + u32(0) + none, 9: where + none, 10: where + none + opaque("x"),
            11: where + u32(3) + none + u64(0), 12: where, 13: where, 14: where + where,
            15: opaque(handle) + where, 16: opaque(handle) + u64(0) + bytes(8) + u32(4096),
            17: opaque(handle) + u64(0) + bytes(8) + u32(4096) + u32(4096), 18: opaque(handle),
            19: opaque(handle), 20: opaque(handle), 21: opaque(handle) + u64(0) + u32(0)}


def test_every_truncation(client):
    top = client.mount("/export")
    for procedure, whole in arguments(top).items():
        for length in range(0, len(whole), 4):
            assert refusal(client.call, nfs3.NFS, procedure, whole[:length]) == ("accepted", 4), \
                (procedure, length)
    assert refusal(client.call, nfs3.MOUNT, 1, u32(1025) + bytes(1028)) == ("accepted", 4)


def test_random_bytes(client, server):
    """Good calls with some bytes changed: an answer, or the end of the connection."""
    chance = random.Random(1)
    top = client.mount("/export")
    file = client.lookup(top, "file")[0]
    for handle in (top, file):
        for procedure, whole in arguments(handle).items():
            for _ in range(60):
                wrong = bytearray(client.message(nfs3.NFS, procedure, whole))
                for _ in range(chance.randint(1, 4)):
                    wrong[chance.randrange(4, len(wrong))] = chance.choice((0, 1, 255, 0x80))
                client.send(bytes(wrong))
                if not client.receive():
                    client.close()
                    client = server.client()
    client.close()


def test_lengths_of_data(client):
    top = client.mount("/export")
    file = client.lookup(top, "file")[0]
    status, _ = client.nfs(7, opaque(file) + u64(0) + u32(5) + u32(2) + opaque("abc"))
    assert status == nfs3.INVAL
    assert refusal(client.call, nfs3.NFS, 7, opaque(file) + u64(0) + u32(2**31) + u32(2) +
                   u32(2**31) + b"abc") == ("accepted", 4)
    assert refusal(client.call, nfs3.NFS, 7, opaque(file) + u64(0) + u32(4) + u32(3) +
                   opaque("abcd")) == ("accepted", 4)


def test_many_connections(server):
    """1500 that say nothing or half a thing, and one that works."""
    before = server.memory()
    crowd = []
    with inside(server.site):
        for number in range(1500):
            sock = socket.create_connection((server.site.address, server.port), 10)
            if number % 2:
                sock.sendall(u32(0x80100000) + bytes(number % 50))
            crowd.append(sock)
    client = server.client()
    top = client.mount("/export")
    for _ in range(20):
        assert client.getattr(top)
    assert server.memory() - before < 64 * 1024
    for sock in crowd:
        sock.close()
    client.close()


def test_client_that_does_not_read(server):
    """Asks for gigabytes and takes nothing: it waits, the server's memory does not grow with it."""
    client, other = server.client(), server.client()
    file = client.lookup(client.mount("/export"), "file")[0]
    before = server.memory()
    message = client.message(nfs3.NFS, 6, opaque(file) + u64(0) + u32(1 << 20))
    client.sock.settimeout(2)
    with pytest.raises(TimeoutError):
        for _ in range(200000):
            client.sock.sendall(u32(0x80000000 | len(message)) + message)
    assert server.memory() - before < 160 * 1024
    assert len(other.read(file, 0, 10)[0]) == 10
    client.close()
    other.close()


def test_many_calls_at_once(server):
    """Replies come in any order, each once."""
    client = server.client()
    file = client.lookup(client.mount("/export"), "file")[0]
    messages = [client.message(nfs3.NFS, 6, opaque(file) + u64(0) + u32(1 + i % 5000))
                for i in range(500)]
    client.sock.sendall(b"".join(u32(0x80000000 | len(m)) + m for m in messages))
    xids = [struct.unpack(">I", client.receive()[:4])[0] for _ in messages]
    assert sorted(xids) == sorted(struct.unpack(">I", m[:4])[0] for m in messages)
    client.close()


def test_portmap(server):
    with inside(server.site):
        client = nfs3.Client(server.site.address, 111)
        for program, version, port in ((nfs3.NFS, 3, 2049), (nfs3.MOUNT, 3, 2049), (nfs3.NFS, 4, 0),
                                       (1, 1, 0)):
            wanted = u32(program) + u32(version) + u32(6) + u32(0)
            assert client.call(nfs3.PORTMAP, 3, wanted).u32() == port
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.settimeout(5)
                udp.sendto(client.message(nfs3.PORTMAP, 3, wanted), (server.site.address, 111))
                assert client.reply(udp.recv(1000)).u32() == port
                # What is answered with more than was asked is not answered to a stranger.
                udp.settimeout(0.3)
                udp.sendto(client.message(nfs3.PORTMAP, 4), (server.site.address, 111))
                with pytest.raises(TimeoutError):
                    udp.recv(1000)
        r, listed = client.call(nfs3.PORTMAP, 4), []
        while r.u32():
            listed.append(tuple(r.u32() for _ in range(4)))
        assert (nfs3.NFS, 3, 6, 2049) in listed and (nfs3.MOUNT, 3, 6, 2049) in listed
        assert client.call(nfs3.PORTMAP, 1, bytes(16)).u32() == 0
        client.close()
