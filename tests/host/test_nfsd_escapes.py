# SPDX-License-Identifier: BSD-2-Clause
"""Clients that want what is not theirs: ways out of an export that other servers left open, handles made
up, read-only exports, squashing, files out of reach of the caller."""

import os
import socket
import stat

import pytest

from tests.host import nfs3
from tests.host.nfs3 import Status
from tests.host.nfsd import Nfsd
from tests.host.test_nfsd import refused
from tests.site import Site

HEAD, TAG = 8, 8


@pytest.fixture(params=[(), ("-t",)], ids=["kernel-handles", "table"])
def world(request):
    """A directory with an exported one in it, and a secret beside that."""
    with Site(name="nfsd", capture=False) as site:
        for name in ("world", "world/export", "world/other", "world/private"):
            os.mkdir(site.path(name), 0o755)
        for name in ("world/secret", "world/export/file", "world/other/file"):
            with open(site.path(name), "w", encoding="ascii") as file:
                file.write(name)
        site.handles = request.param
        yield site
        site.nfsd.stop()


def kernel_handle(path):
    """(type, bytes) of what the kernel calls a file."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer((128).to_bytes(4, "little") + bytes(132), 136)
    mount = ctypes.c_int()
    if libc.name_to_handle_at(-100, path.encode(), buffer, ctypes.byref(mount), 0) != 0:
        raise OSError(ctypes.get_errno(), path)
    length = int.from_bytes(buffer.raw[:4], "little")
    return buffer.raw[4], buffer.raw[8:8 + length]


def serve(world, *options, **kwargs):
    return Nfsd(world, {"/export": world.path("world/export")}, *world.handles, *options, **kwargs)


# ---- the three escapes -----------------------------------------------------------------------------


def test_other_inodes_in_a_handle(world):
    """Inode numbers of the same file system put into a genuine handle: the parent, the secret, the root
    of the file system."""
    client = serve(world, "-w").client()
    handle = client.lookup(client.mount("/export"), "file")[0]
    for path in ("world", "world/secret", "/"):
        info = os.stat(world.path(path) if path != "/" else path)
        kind, name = kernel_handle(world.path(path) if path != "/" else path)
        forged = [
            bytes([1, 1, kind, len(name)]) + handle[4:8] + name + handle[-TAG:],
            bytes([1, 1, kind, len(name)]) + handle[4:8] + name + bytes(TAG),
            handle[:HEAD] + info.st_ino.to_bytes(8, "big") + handle[HEAD + 8:],
            handle[:HEAD] + info.st_ino.to_bytes(4, "little") + handle[HEAD + 4:],
            handle[:HEAD] + (2).to_bytes(4, "little") + bytes(4) + handle[HEAD + 8:],
        ]
        for wrong in forged:
            refused((nfs3.STALE, nfs3.BADHANDLE), client.getattr, wrong)
            refused((nfs3.STALE, nfs3.BADHANDLE), client.lookup, wrong, "etc")


def test_symlink_that_a_client_made(world):
    """CREATE, SETATTR and WRITE on a symlink do not reach what it points to."""
    client = serve(world, "-w").client()
    top = client.mount("/export")
    secret = world.path("world/secret")
    for name, target in (("absolute", secret), ("relative", "../secret"), ("dir", "../other")):
        link = client.symlink(top, name, target)[0]
        refused((nfs3.EXIST, nfs3.INVAL), client.create, top, name, 0, size=0)
        refused(nfs3.EXIST, client.create, top, name, 1)
        refused(nfs3.EXIST, client.create, top, name, 2, b"\0" * 8)
        refused(nfs3.INVAL, client.setattr, link, size=0)
        refused(nfs3.INVAL, client.write, link, b"x")
        refused(nfs3.INVAL, client.read, link)
        refused(nfs3.NOTDIR, client.lookup, link, "file")
        refused(nfs3.NOTDIR, client.create, link, "new")
        with pytest.raises(Status):
            client.mount(f"/export/{name}")
        client.setattr(link, uid=1000, atime=(1, 1), mtime=(1, 1))
        assert client.lookup(top, name)[1]["type"] == nfs3.LNK
    info = os.stat(secret)
    assert info.st_uid == 0 and info.st_mtime > 1 and info.st_size == len("world/secret")
    assert os.listdir(world.path("world/other")) == ["file"]


@pytest.mark.parametrize("length", [*range(0, 65, 1)])
def test_handles_of_any_length(shared, length):
    """All bytes zero, all ones, and the beginning of a genuine one."""
    server, client, handle = shared
    for wrong in (bytes(length), b"\xff" * length, (handle + bytes(64))[:length]):
        if wrong == handle:
            continue
        for call in (client.getattr, client.readlink, client.commit, client.fsinfo):
            refused((nfs3.STALE, nfs3.BADHANDLE), call, wrong)
        refused((nfs3.STALE, nfs3.BADHANDLE), client.rename, wrong, "a", wrong, "b")
        refused((nfs3.STALE, nfs3.BADHANDLE), client.readdir, wrong, plus=True)
    assert client.getattr(handle)


@pytest.fixture(scope="module")
def shared():
    with Site(name="nfsd", capture=False) as site:
        os.mkdir(site.path("export"))
        server = Nfsd(site, {"/export": site.path("export")}, "-w")
        client = server.client()
        yield server, client, client.mount("/export")
        server.stop()


def test_every_bit_of_a_handle(shared):
    _, client, handle = shared
    for bit in range(8 * len(handle)):
        wrong = bytearray(handle)
        wrong[bit // 8] ^= 1 << bit % 8
        refused((nfs3.STALE, nfs3.BADHANDLE), client.getattr, bytes(wrong))
    assert client.getattr(handle)


# ---- handles over time -----------------------------------------------------------------------------


def test_restart(world):
    """A handle means the same file after a restart, after its directory was renamed, and after others
    were handed out; with another key it means nothing."""
    server = serve(world, "-w")
    client = server.client()
    top = client.mount("/export")
    directory = client.mkdir(top, "d")[0]
    file = client.create(directory, "f")[0]
    client.write(file, b"kept")
    client.rename(top, "d", top, "e")
    gone = client.create(top, "gone")[0]
    client.remove(top, "gone")
    for stop in (server.stop, server.kill, server.kill):
        stop()
        server.start()
        client = server.client()
        assert client.mount("/export") == top
        assert client.read(file) == (b"kept", True)
        assert client.lookup(directory, "f")[0] == file
        refused(nfs3.STALE, client.getattr, gone)
    server.stop()
    assert stat.S_IMODE(os.stat(os.path.join(server.state, "nfs.key")).st_mode) == 0o600
    os.unlink(os.path.join(server.state, "nfs.key"))
    server.start()
    refused(nfs3.STALE, server.client().getattr, file)


def test_two_exports(world):
    """A handle of one is none of the other, and nothing is linked or moved across."""
    server = Nfsd(world, {"/a": world.path("world/export"), "/b": world.path("world/other")}, "-w",
                  *world.handles)
    client = server.client()
    a, b = client.mount("/a"), client.mount("/b")
    assert a != b and client.exports() == ["/a", "/b"]
    assert client.getattr(a)["fsid"] != client.getattr(b)["fsid"]
    refused((nfs3.STALE, nfs3.BADHANDLE), client.getattr, a[:4] + b[4:8] + a[8:])
    file = client.lookup(a, "file")[0]
    refused(nfs3.XDEV, client.rename, a, "file", b, "moved")
    refused(nfs3.XDEV, client.link, file, b, "linked")


def test_what_is_mounted_inside_is_not_served(world):
    os.mkdir(world.path("world/export/mnt"))
    world.run(["mount", "-t", "tmpfs", "tmpfs", world.path("world/export/mnt")])
    world.run(["touch", world.path("world/export/mnt/inside")])
    client = serve(world, "-w").client()
    top = client.mount("/export")
    directory = client.lookup(top, "mnt")[0]
    assert [entry[0] for entry in client.listdir(directory)] == [".", ".."]
    world.run(["mount", "-t", "tmpfs", "tmpfs", world.path("world/export/mnt")])
    assert [entry[0] for entry in client.listdir(directory, plus=True)] == [".", ".."]


# ---- rights ----------------------------------------------------------------------------------------


def test_read_only(world):
    client = serve(world).client()
    top = client.mount("/export")
    file = client.lookup(top, "file")[0]
    assert client.read(file) == (b"world/export/file", True)
    assert client.access(file) == 1 and client.access(top) == 1 | 2
    for call in (lambda: client.write(file, b"x"), lambda: client.setattr(file, mode=0o777),
                 lambda: client.setattr(file, size=0), lambda: client.create(top, "new"),
                 lambda: client.create(top, "file", 0, size=0), lambda: client.mkdir(top, "new"),
                 lambda: client.symlink(top, "new", "x"), lambda: client.remove(top, "file"),
                 lambda: client.mknod(top, "new", nfs3.FIFO), lambda: client.rmdir(top, "file"),
                 lambda: client.rename(top, "file", top, "new"),
                 lambda: client.link(file, top, "new"), lambda: client.commit(file)):
        refused(nfs3.ROFS, call)
    assert os.listdir(world.path("world/export")) == ["file"]
    assert os.stat(world.path("world/export/file")).st_size == len("world/export/file")


def test_nobody(world):
    """root_squash: user 0, group 0 and callers without a name are nobody."""
    os.chmod(world.path("world/export"), 0o777)
    os.chmod(world.path("world/export/file"), 0o640)
    server = serve(world, "-w", "-q")
    client = server.client()
    top = client.mount("/export")
    attr = client.create(top, "mine")[1]
    assert (attr["uid"], attr["gid"]) == (65534, 65534)
    attr = server.client(1000, 0, (0,)).create(top, "theirs")[1]
    assert (attr["uid"], attr["gid"]) == (1000, 65534)
    file = client.lookup(top, "file")[0]
    refused(nfs3.ACCES, client.read, file)
    refused(nfs3.ACCES, server.client(1000, 0, (0,)).read, file)
    refused(nfs3.PERM, client.setattr, file, mode=0o777)


def test_nameless(world):
    """AUTH_NONE is nobody, without root_squash, too."""
    os.chmod(world.path("world/export/file"), 0o640)
    client = serve(world, "-w").client()
    file = client.lookup(client.mount("/export"), "file")[0]
    nobody = nfs3.u32(0) + nfs3.u32(0) + nfs3.u32(0) + nfs3.u32(0)
    r = client.call(nfs3.NFS, 6, nfs3.opaque(file) + nfs3.u64(0) + nfs3.u32(10), auth=nobody)
    assert r.u32() == nfs3.ACCES


def test_rights_do_not_stay(world):
    """One worker, callers in turn: nobody has the rights of the one before."""
    os.chmod(world.path("world/export"), 0o777)
    os.chmod(world.path("world/export/file"), 0o600)
    server = serve(world, "-w", "-n", "1")
    root, user = server.client(), server.client(1000, 1000)
    top = root.mount("/export")
    file = root.lookup(top, "file")[0]
    member = server.client(1000, 1000, (0, 44))
    os.chmod(world.path("world/export/file"), 0o640)
    for _ in range(50):
        assert root.read(file)[0]
        refused(nfs3.ACCES, user.read, file)
        assert member.read(file)[0]
        refused(nfs3.ACCES, user.read, file)
        assert user.create(top, "u")[1]["uid"] == 1000
        user.remove(top, "u")
        assert root.create(top, "r")[1]["uid"] == 0
        root.remove(top, "r")


def test_nothing_is_opened_that_acts(world):
    """A fifo without a writer, a socket, a device: nothing blocks."""
    os.mkfifo(world.path("world/export/fifo"))
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(world.path("world/export/sock"))
    os.mknod(world.path("world/export/tty"), stat.S_IFCHR | 0o666, os.makedev(5, 0))
    client = serve(world, "-w").client(timeout=5)
    top = client.mount("/export")
    kinds = {e[0]: e[3]["type"] for e in client.listdir(top, plus=True) if e[3]}
    assert kinds["fifo"] == nfs3.FIFO and kinds["sock"] == nfs3.SOCK and kinds["tty"] == nfs3.CHR
    for name in ("fifo", "sock", "tty"):
        handle = client.lookup(top, name)[0]
        assert client.access(handle) & 1
        refused(nfs3.INVAL, client.read, handle)
        client.setattr(handle, mode=0o600, mtime=(5, 5))


def test_overlayfs(world):
    """Where the kernel names no files, the table does without being told."""
    for name in ("lower", "upper", "work", "merged"):
        os.mkdir(world.path(name))
    with open(world.path("lower/old"), "w", encoding="ascii") as file:
        file.write("old")
    # Upper layers cannot lie on overlayfs itself.
    world.run(["mount", "-t", "tmpfs", "tmpfs", world.path("work")])
    world.run(["mkdir", world.path("work/u"), world.path("work/w")])
    world.run(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={world.path('lower')},"
               f"upperdir={world.path('work/u')},workdir={world.path('work/w')}",
               world.path("merged")])
    server = Nfsd(world, {"/m": world.path("merged")}, "-w")
    client = server.client()
    top = client.mount("/m")
    old = client.lookup(top, "old")[0]
    client.write(old, b"new")  # copies it up
    made = client.create(top, "made")[0]
    client.write(made, b"made")
    server.kill()
    server.start()
    client = server.client()
    assert client.read(old) == (b"new", True) and client.read(made) == (b"made", True)
    assert any(name.startswith("handles-") for name in os.listdir(server.state))
