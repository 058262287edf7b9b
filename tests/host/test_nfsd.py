# SPDX-License-Identifier: BSD-2-Clause
"""Our NFS server: what its procedures mean, with the kernel's handles and with the table."""

import itertools
import os
import stat

import pytest

from tests.host import nfs3
from tests.host.nfs3 import Status
from tests.host.nfsd import Nfsd
from tests.site import Site


@pytest.fixture(scope="module", params=[(), ("-t",)], ids=["kernel-handles", "table"])
def server(request):
    with Site(name="nfsd", capture=False) as site:
        os.mkdir(site.path("root"), 0o755)
        yield Nfsd(site, {"/export": site.path("root")}, "-w", *request.param)
        site.nfsd.stop()


class Place:
    """A directory of its own on the server, with connections of several users."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.path = server.site.path("root", name)
        os.mkdir(self.path)
        os.chmod(self.path, 0o777)
        self.clients = {}
        self.root = self.user(0)
        self.dir = self.root.walk(self.root.mount("/export"), name)

    def user(self, uid, gid=None, gids=()):
        key = uid, gid, gids
        if key not in self.clients:
            self.clients[key] = self.server.client(uid, uid if gid is None else gid, gids)
        return self.clients[key]

    def stat(self, *names):
        return os.lstat(os.path.join(self.path, *names))

    def close(self):
        for client in self.clients.values():
            client.close()


NUMBERS = itertools.count()


@pytest.fixture
def place(server):
    place = Place(server, f"place{next(NUMBERS)}")
    yield place
    place.close()


def refused(status, function, *args, **kwargs):
    with pytest.raises(Status) as error:
        function(*args, **kwargs)
    assert error.value.status in (status if isinstance(status, tuple) else (status,))


# ---- MOUNT -----------------------------------------------------------------------------------------


def test_mount(server, place):
    client = place.root
    assert client.exports() == ["/export"]
    top = client.mount("/export")
    assert client.mount("/export/") == top and client.mount("//export//.") == top
    assert client.getattr(client.mount(f"/export/{place.name}"))["fileid"] == place.stat().st_ino
    for path in ("/", "/exportx", "/expor", "", "/export/../etc", "/export/..", "/etc", "/export/no"):
        with pytest.raises(Status) as error:
            client.mount(path)
        assert error.value.status in (nfs3.NOENT, nfs3.ACCES), path
    os.symlink("/etc", os.path.join(place.path, "etc"))
    refused(nfs3.NOTDIR, client.mount, f"/export/{place.name}/etc")


# ---- attributes ------------------------------------------------------------------------------------


def test_attributes(place):
    handle, attr = place.root.create(place.dir, "f", how=1)
    assert attr["type"] == nfs3.REG and attr == place.root.getattr(handle)
    # The server's umask has no say.
    for mode in (0, 0o4755, 0o2711, 0o1777, 0o666):
        place.root.setattr(handle, mode=mode)
        assert stat.S_IMODE(place.stat("f").st_mode) == mode
    place.root.setattr(handle, uid=1000, gid=1001, atime=(1, 2), mtime=(4000000000, 999999999))
    info = place.stat("f")
    assert (info.st_uid, info.st_gid) == (1000, 1001)
    assert (info.st_atime_ns, info.st_mtime_ns) == (1000000002, 4000000000999999999)
    attr = place.root.getattr(handle)
    assert attr["mtime"] == info.st_mtime_ns and attr["ctime"] == info.st_ctime_ns
    place.root.setattr(handle, uid=0, mode=0o6755)
    assert stat.S_IMODE(place.stat("f").st_mode) == 0o6755
    refused(nfs3.INVAL, place.root.setattr, handle, mtime=(1, 10**9))


def test_guard(place):
    handle, attr = place.root.create(place.dir, "f")
    now = divmod(attr["ctime"], 10**9)
    refused(nfs3.NOT_SYNC, place.root.setattr, handle, guard=(now[0], now[1] ^ 1), size=5)
    place.root.setattr(handle, guard=now, size=5)
    assert place.stat("f").st_size == 5


def test_wcc(place):
    handle, attr = place.root.create(place.dir, "f")
    before, after = place.root.setattr(handle, size=7)
    assert before == (0, attr["mtime"], attr["ctime"]) and after["size"] == 7
    directory = place.root.getattr(place.dir)
    before, after = place.root.remove(place.dir, "f")
    assert before == (directory["size"], directory["mtime"], directory["ctime"])
    assert after["mtime"] > directory["mtime"]


def test_rights_of_users(place):
    """chown is the superuser's; chmod and utimes are the owner's; times may be touched by writers."""
    handle = place.user(1000).create(place.dir, "f")[0]
    place.user(1000).setattr(handle, mode=0o666)
    assert (place.stat("f").st_uid, place.stat("f").st_gid) == (1000, 1000)
    other = place.user(2000)
    refused(nfs3.PERM, other.setattr, handle, mode=0o777)
    refused((nfs3.PERM, nfs3.ACCES), other.setattr, handle, mtime=(1, 1))
    other.setattr(handle, atime=0, mtime=0)
    refused(nfs3.PERM, place.user(1000).setattr, handle, uid=2000)
    refused(nfs3.PERM, place.user(1000).setattr, handle, gid=2000)
    place.user(1000, gids=(2000,)).setattr(handle, gid=2000)
    assert place.stat("f").st_gid == 2000


def test_access(place):
    handle = place.user(1000).create(place.dir, "f", how=1)[0]
    place.user(1000).setattr(handle, mode=0o750)
    assert place.user(1000).access(handle) == 1 | 4 | 8 | 32
    assert place.user(2000, 1000).access(handle) == 1 | 32
    assert place.user(2000, gids=(7, 1000)).access(handle) == 1 | 32
    assert place.user(2000).access(handle) == 0
    assert place.root.access(handle) == 1 | 4 | 8 | 32
    assert place.root.access(place.dir) == 1 | 2 | 4 | 8 | 16
    assert place.root.access(place.dir, 2) == 2


def test_sixteen_groups(place):
    handle = place.root.create(place.dir, "f")[0]
    place.root.setattr(handle, gid=5015, mode=0o040)
    assert place.user(2000, gids=tuple(range(5000, 5016))).access(handle) == 1
    assert place.user(2000, gids=tuple(range(5000, 5015))).access(handle) == 0


# ---- reading and writing ---------------------------------------------------------------------------


def test_megabyte(place):
    handle = place.root.create(place.dir, "f")[0]
    data = os.urandom(1 << 20)
    _, count, committed, _ = place.root.write(handle, data)
    assert (count, committed) == (1 << 20, nfs3.FILE_SYNC)
    assert place.root.read(handle) == (data, True)
    place.root.write(handle, b"tail", 1 << 20, nfs3.UNSTABLE)
    assert place.root.read(handle) == (data, False)
    assert place.root.read(handle, 1 << 20) == (b"tail", True)
    assert place.root.read(handle, 1 << 40) == (b"", True)
    assert place.root.read(handle, 2**64 - 1) == (b"", True)
    assert place.root.read(handle, 3, 0xFFFFFFFF)[0] == (data + b"tail")[3:3 + (1 << 20)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 8191])
def test_odd_sizes(place, count):
    handle = place.root.create(place.dir, "f")[0]
    data = os.urandom(count)
    assert place.root.write(handle, data)[1] == count
    assert place.root.read(handle, 0, count + 1) == (data, True)
    assert place.root.read(handle, 0, count)[0] == data


def test_sparse(place):
    handle = place.root.create(place.dir, "f")[0]
    place.root.write(handle, b"end", (5 << 30) - 3)
    attr = place.root.getattr(handle)
    assert attr["size"] == 5 << 30 and attr["used"] < 1 << 20
    assert place.root.read(handle, 2 << 30, 10) == (bytes(10), False)
    refused(27, place.root.write, handle, b"x", 2**63 - 1)
    refused(27, place.root.write, handle, b"x", 2**64 - 1)
    refused(27, place.root.setattr, handle, size=2**63)


def test_verifier(place):
    """The same for WRITE and COMMIT, and another one after a start."""
    handle = place.root.create(place.dir, "f")[0]
    _, _, committed, first = place.root.write(handle, b"x", stable=nfs3.UNSTABLE)
    assert committed == nfs3.UNSTABLE
    assert place.root.commit(handle) == first == place.root.write(handle, b"y")[3]
    place.server.kill()
    place.server.start()
    client = place.server.client()
    assert client.commit(handle) != first
    assert client.read(handle) == (b"y", True)
    client.close()


def test_owner_writes_after_chmod(place):
    user = place.user(1000)
    handle = user.create(place.dir, "f")[0]
    user.setattr(handle, mode=0)
    user.write(handle, b"mine")
    assert user.read(handle) == (b"mine", True)
    user.setattr(handle, size=2)
    assert place.stat("f").st_size == 2
    refused(nfs3.ACCES, place.user(2000).read, handle)
    refused(nfs3.ACCES, place.user(2000).write, handle, b"x")
    refused(nfs3.ACCES, place.user(2000).setattr, handle, size=0)


def test_execute_only(place):
    handle = place.root.create(place.dir, "f")[0]
    place.root.write(handle, b"#!")
    place.root.setattr(handle, mode=0o711)
    assert place.user(2000).read(handle) == (b"#!", True)
    refused(nfs3.ACCES, place.user(2000).write, handle, b"x")


def test_setuid_goes_when_others_write(place):
    handle = place.user(1000).create(place.dir, "f")[0]
    place.user(1000).setattr(handle, mode=0o6777)
    place.user(2000).write(handle, b"x")
    assert stat.S_IMODE(place.stat("f").st_mode) & 0o4000 == 0
    place.root.setattr(handle, mode=0o6777)
    place.root.write(handle, b"y")
    assert stat.S_IMODE(place.stat("f").st_mode) == 0o6777


def test_only_files_are_read(place):
    directory = place.root.mkdir(place.dir, "d")[0]
    fifo = place.root.mknod(place.dir, "fifo", nfs3.FIFO)[0]
    device = place.root.mknod(place.dir, "null", nfs3.CHR, (1, 3))[0]
    link = place.root.symlink(place.dir, "link", "fifo")[0]
    refused(nfs3.ISDIR, place.root.read, directory)
    for handle in (fifo, device, link):
        refused(nfs3.INVAL, place.root.read, handle)
        refused(nfs3.INVAL, place.root.write, handle, b"x")
        refused(nfs3.INVAL, place.root.setattr, handle, size=0)
        refused(nfs3.INVAL, place.root.commit, handle)
        refused(nfs3.NOTDIR, place.root.readdir, handle)
        refused(nfs3.NOTDIR, place.root.lookup, handle, "x")


# ---- creation --------------------------------------------------------------------------------------


def test_create_modes(place):
    handle = place.root.create(place.dir, "f", mode=0, size=3)[0]
    place.root.write(handle, b"abc")
    assert place.root.create(place.dir, "f", 0)[0] == handle
    assert place.stat("f").st_size == 3
    assert place.root.create(place.dir, "f", 0, size=0)[0] == handle
    assert place.stat("f").st_size == 0
    refused(nfs3.EXIST, place.root.create, place.dir, "f", 1)
    refused(nfs3.EXIST, place.root.create, place.dir, "f", 2, b"12345678")
    place.root.mkdir(place.dir, "d")
    refused(nfs3.EXIST, place.root.create, place.dir, "d", 0)


def test_exclusive(place):
    """A repeated call finds its own file; all 64 bits of the verifier count."""
    for number, verifier in enumerate((b"\0" * 8, b"\xff" * 8, b"\x80\0\0\0\x7f\xff\xff\xff")):
        name = f"f{number}"
        handle = place.root.create(place.dir, name, 2, verifier)[0]
        assert place.root.create(place.dir, name, 2, verifier)[0] == handle
        for byte in range(8):
            other = bytearray(verifier)
            other[byte] ^= 1
            refused(nfs3.EXIST, place.root.create, place.dir, name, 2, bytes(other))
        place.root.setattr(handle, atime=0, mtime=0)
        refused(nfs3.EXIST, place.root.create, place.dir, name, 2, verifier)


def test_owner_of_what_is_created(place):
    place.root.create(place.dir, "theirs", uid=1000, gid=1001)
    assert (place.stat("theirs").st_uid, place.stat("theirs").st_gid) == (1000, 1001)
    place.user(1000, 100).mkdir(place.dir, "mine")
    assert (place.stat("mine").st_uid, place.stat("mine").st_gid) == (1000, 100)
    place.user(1000).symlink(place.dir, "link", "x")
    assert place.stat("link").st_uid == 1000
    refused(nfs3.PERM, place.user(1000).mknod, place.dir, "disk", nfs3.BLK, (8, 1))
    place.user(1000).mknod(place.dir, "fifo", nfs3.FIFO)
    os.chmod(place.path, 0o755)
    refused(nfs3.ACCES, place.user(1000).create, place.dir, "no")
    refused(nfs3.ACCES, place.user(1000).remove, place.dir, "mine")


def test_special_files(place):
    attr = place.root.mknod(place.dir, "disk", nfs3.BLK, (4095, 1048575))[1]
    assert attr["type"] == nfs3.BLK and attr["rdev"] == (4095, 1048575)
    assert place.stat("disk").st_rdev == os.makedev(4095, 1048575)
    assert place.root.mknod(place.dir, "fifo", nfs3.FIFO)[1]["type"] == nfs3.FIFO
    assert place.root.mknod(place.dir, "sock", nfs3.SOCK)[1]["type"] == nfs3.SOCK
    status, r = place.root.nfs(11, nfs3.opaque(place.dir) + nfs3.opaque("x") + nfs3.u32(nfs3.REG))
    assert status == nfs3.BADTYPE
    path = "x" * 4095
    handle = place.root.symlink(place.dir, "long", path)[0]
    assert place.root.readlink(handle).decode() == path
    refused(nfs3.NAMETOOLONG, place.root.symlink, place.dir, "longer", path + "x")
    refused(nfs3.INVAL, place.root.symlink, place.dir, "nul", b"a\0b")
    refused(nfs3.INVAL, place.root.readlink, place.dir)


@pytest.mark.parametrize("name", [b"", b".", b"..", b"a/b", b"/", b"../x", b"a\0b", b"\0", b"x" * 256])
def test_names(place, name):
    wrong = (nfs3.INVAL, nfs3.NAMETOOLONG)
    handle = place.root.create(place.dir, "f")[0]
    refused(wrong, place.root.create, place.dir, name)
    refused(wrong, place.root.mkdir, place.dir, name)
    refused(wrong, place.root.symlink, place.dir, name, "x")
    refused(wrong, place.root.mknod, place.dir, name, nfs3.FIFO)
    refused(wrong, place.root.remove, place.dir, name)
    refused(wrong, place.root.rmdir, place.dir, name)
    refused(wrong, place.root.rename, place.dir, "f", place.dir, name)
    refused(wrong, place.root.rename, place.dir, name, place.dir, "g")
    refused(wrong, place.root.link, handle, place.dir, name)
    if name == b".":
        assert place.root.lookup(place.dir, name)[0] == place.dir
    else:
        refused((nfs3.ACCES, nfs3.NAMETOOLONG), place.root.lookup, place.dir, name)
    assert sorted(os.listdir(place.path)) == ["f"]


# ---- names -----------------------------------------------------------------------------------------


def test_rename(place):
    first = place.root.create(place.dir, "a")[0]
    second = place.root.create(place.dir, "b")[0]
    place.root.write(first, b"first")
    place.root.rename(place.dir, "a", place.dir, "b")
    assert place.root.lookup(place.dir, "b")[0] == first
    assert place.root.read(first) == (b"first", True)
    refused(nfs3.STALE, place.root.getattr, second)
    below = place.root.mkdir(place.dir, "d")[0]
    deep = place.root.mkdir(below, "e")[0]
    inner = place.root.create(deep, "f")[0]
    place.root.rename(place.dir, "b", deep, "c")
    assert place.root.read(first) == (b"first", True)
    place.root.rename(place.dir, "d", place.dir, "moved")
    assert place.root.getattr(inner)["fileid"] == place.stat("moved", "e", "f").st_ino
    refused(nfs3.NOTEMPTY, place.root.rmdir, place.dir, "moved")
    refused(nfs3.NOENT, place.root.rename, place.dir, "none", place.dir, "x")
    refused(nfs3.INVAL, place.root.rename, place.dir, "moved", deep, "x")
    refused(nfs3.NOTDIR, place.root.rename, first, "x", place.dir, "y")


def test_links(place):
    handle = place.root.create(place.dir, "a")[0]
    place.root.write(handle, b"same")
    assert place.root.link(handle, place.dir, "b")["nlink"] == 2
    refused(nfs3.EXIST, place.root.link, handle, place.dir, "b")
    assert place.root.lookup(place.dir, "b")[0] == handle
    place.root.rename(place.dir, "a", place.dir, "b")  # nothing happens: they are one file
    place.root.remove(place.dir, "a")
    assert place.root.read(handle) == (b"same", True)
    assert place.root.getattr(handle)["nlink"] == 1
    link = place.root.symlink(place.dir, "link", "/etc/passwd")[0]
    place.root.link(link, place.dir, "link2")
    assert os.readlink(os.path.join(place.path, "link2")) == "/etc/passwd"
    refused((nfs3.ISDIR, nfs3.PERM), place.root.link, place.dir, place.dir, "dir")
    mine = place.user(1000).create(place.dir, "mine")[0]
    assert place.user(1000).link(mine, place.dir, "mine2")["nlink"] == 2


def test_removed(place):
    handle = place.root.create(place.dir, "f")[0]
    place.root.mkdir(place.dir, "d")
    refused(nfs3.ISDIR, place.root.remove, place.dir, "d")
    refused(nfs3.NOTDIR, place.root.rmdir, place.dir, "f")
    place.root.remove(place.dir, "f")
    place.root.rmdir(place.dir, "d")
    refused(nfs3.STALE, place.root.getattr, handle)
    refused(nfs3.NOENT, place.root.remove, place.dir, "f")
    again = place.root.create(place.dir, "f")[0]
    assert again != handle
    refused(nfs3.STALE, place.root.getattr, handle)


def test_asked_again(place):
    """The same call on another connection, as after a broken one, has the same answer and is not
    executed again, not even at the same time; with another xid it is another call."""
    place.root.create(place.dir, "f")
    place.root.create(place.dir, "g")
    again = place.server.client()
    where = nfs3.opaque(place.dir) + nfs3.opaque("f")
    messages = [place.root.message(nfs3.NFS, 12, where),
                place.root.message(nfs3.NFS, 14, nfs3.opaque(place.dir) + nfs3.opaque("g") +
                                   nfs3.opaque(place.dir) + nfs3.opaque("h")),
                place.root.message(nfs3.NFS, 9, nfs3.opaque(place.dir) + nfs3.opaque("d") +
                                   nfs3.sattr())]
    for message in messages:
        place.root.send(message)
        first = place.root.receive()
        assert nfs3.Reply(first[24:]).u32() == nfs3.OK
        again.send(message)
        assert again.receive() == first
    refused(nfs3.NOENT, place.root.remove, place.dir, "f")
    refused(nfs3.EXIST, place.root.mkdir, place.dir, "d")
    for number in range(50):
        message = place.root.message(nfs3.NFS, 9, nfs3.opaque(place.dir) +
                                     nfs3.opaque(f"d{number}") + nfs3.sattr())
        place.root.send(message)
        again.send(message)
        first = place.root.receive()
        assert nfs3.Reply(first[24:]).u32() == nfs3.OK and again.receive() == first
    again.close()


# ---- directories -----------------------------------------------------------------------------------


@pytest.mark.parametrize("plus", [False, True])
@pytest.mark.parametrize("count", [600, 4096, 65536, 1 << 30])
def test_list(place, plus, count):
    names = {f"{'n' * (i % 40)}{i}" for i in range(500)}
    for name in names:
        open(os.path.join(place.path, name), "w", encoding="ascii").close()
    entries = place.root.listdir(place.dir, count, plus)
    assert sorted(entry[0] for entry in entries) == sorted(names | {".", ".."})
    inodes = {entry.name: entry.inode() for entry in os.scandir(place.path)}
    for entry in entries:
        if entry[0] in names:
            assert entry[1] == inodes[entry[0]]
        if plus and entry[0] in names:
            assert entry[3]["fileid"] == entry[1]
            assert place.root.lookup(place.dir, entry[0])[0] == entry[4]


def test_list_while_it_shrinks(place):
    """Every name that stays is listed exactly once, though what was listed is removed meanwhile."""
    names = [f"f{i:04}" for i in range(2000)]
    for name in names:
        open(os.path.join(place.path, name), "w", encoding="ascii").close()
    seen, cookie, eof = [], 0, False
    while not eof:
        entries, eof = place.root.readdir(place.dir, cookie, 1024)
        for number, (name, _, _) in enumerate(entries):
            if name[0] == "f":
                seen.append(name)
                if number != len(entries) - 1 and int(name[1:]) % 3:
                    place.root.remove(place.dir, name)
        cookie = entries[-1][2] if entries else cookie
    assert sorted(seen) == names


def test_list_without_room(place):
    refused(nfs3.TOOSMALL, place.root.readdir, place.dir, 0, 50)
    refused(nfs3.TOOSMALL, place.root.readdir, place.dir, 0, 120)
    refused(nfs3.BAD_COOKIE, place.root.readdir, place.dir, 2**64 - 1)


def test_parent_of_the_root_is_itself(place):
    top = place.root.mount("/export")
    inodes = {name: inode for name, inode, _ in place.root.listdir(top)}
    assert inodes["."] == inodes[".."] == place.root.getattr(top)["fileid"]
    plus = {entry[0]: entry for entry in place.root.listdir(top, plus=True)}
    assert plus[".."][3] is None and plus[".."][4] is None


def test_unreadable_directory(place):
    directory = place.root.mkdir(place.dir, "d")[0]
    place.root.create(directory, "f")
    place.root.setattr(directory, mode=0o711)
    refused(nfs3.ACCES, place.user(1000).readdir, directory)
    assert place.user(1000).lookup(directory, "f")
    place.root.setattr(directory, mode=0o744)
    assert {e[0]: e[4] for e in place.user(1000).listdir(directory, plus=True)}["f"] is None
    refused(nfs3.ACCES, place.user(1000).lookup, directory, "f")


# ---- the file system -------------------------------------------------------------------------------


def test_file_system(place):
    info = place.root.fsinfo(place.dir)
    assert info["rtmax"] >= 1 << 20 and info["wtmax"] >= 1 << 20
    assert info["time_delta"] == (0, 1) and info["properties"] == 1 | 2 | 8 | 16
    total, free, available, files, free_files, _ = place.root.fsstat(place.dir)
    disk = os.statvfs(place.path)
    assert total == disk.f_blocks * disk.f_frsize and 0 < available <= free <= total
    assert files == disk.f_files and free_files <= files
    assert place.root.pathconf(place.dir)[1:] == [255, 1, 1, 0, 1]


def test_acls_are_modes(place):
    """Linux has an overlay refuse everything to all but root where the server knows nothing of ACLs."""
    file = place.root.create(place.dir, "f")[0]
    place.root.setattr(file, mode=0o4751, uid=7, gid=9)
    entries = [(1, 7, 7), (4, 9, 5), (16, 0, 5), (32, 0, 1)]
    assert place.user(1000).getacl(file) == (15, (4, entries), (0, []))
    assert place.root.getacl(file, 0xfffffff1) == (1, (4, entries), (0, []))
    assert place.root.getacl(file, 2) == (2, (4, []), (0, []))
    refused(nfs3.NOTSUPP, place.root.setacl, file)
    place.root.remove(place.dir, "f")
    refused(nfs3.STALE, place.root.getacl, file)
    refused(nfs3.STALE, place.root.setacl, file)
    with pytest.raises(nfs3.RpcError):
        place.root.call(nfs3.NFSACL, 1, b"abc!")
    with pytest.raises(nfs3.RpcError):
        place.root.call(nfs3.NFSACL, 3)


# ---- disks that fail -------------------------------------------------------------------------------


@pytest.fixture
def site():
    with Site(name="nfsd", capture=False) as site:
        os.mkdir(site.path("root"))
        yield site
        site.nfsd.stop()


def test_disk_fails(site):
    """After an fsync that failed the verifier is another one: clients write again what they hold."""
    server = Nfsd(site, {"/export": site.path("root")}, "-w", "-x", site.path("failing"))
    client = server.client()
    top = client.mount("/export")
    handle, other = client.create(top, "f")[0], client.create(top, "g")[0]
    first = client.write(handle, b"x", stable=nfs3.UNSTABLE)[3]
    open(site.path("failing"), "w", encoding="ascii").close()
    refused(nfs3.IO, client.commit, handle)
    refused(nfs3.IO, client.write, handle, b"y", 0, nfs3.FILE_SYNC)
    refused(nfs3.IO, client.create, top, "h")
    refused(nfs3.IO, client.setattr, handle, mode=0o600)
    os.unlink(site.path("failing"))
    second = client.write(other, b"x", stable=nfs3.UNSTABLE)[3]
    assert first != second == client.commit(handle)


def test_async_answers_at_once(site):
    server = Nfsd(site, {"/export": site.path("root")}, "-w", "-a", "-x", site.path("failing"))
    open(site.path("failing"), "w", encoding="ascii").close()
    client = server.client()
    handle = client.create(client.mount("/export"), "f")[0]
    assert client.write(handle, b"x", 0, nfs3.FILE_SYNC)[2] == nfs3.FILE_SYNC
    client.commit(handle)


def test_disk_is_full(site):
    site.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", site.path("root")])
    client = Nfsd(site, {"/export": site.path("root")}, "-w").client()
    handle = client.create(client.mount("/export"), "f")[0]
    assert client.write(handle, bytes(900 << 10))[1] == 900 << 10
    assert 0 < client.write(handle, bytes(900 << 10), 900 << 10)[1] < 200 << 10
    refused(28, client.write, handle, bytes(8192), 1 << 20)
    client.setattr(handle, size=0)
    assert client.write(handle, b"again")[1] == 5
