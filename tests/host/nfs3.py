# SPDX-License-Identifier: BSD-2-Clause
"""An NFSv3 client that can lie: RFC 1813 in Python, written apart from our codecs so that both would
have to be wrong in the same way."""

import itertools
import socket
import struct
import time

NFS, MOUNT, PORTMAP, NFSACL = 100003, 100005, 100000, 100227
OK, PERM, NOENT, IO, ACCES, EXIST, XDEV, NOTDIR, ISDIR, INVAL = 0, 1, 2, 5, 13, 17, 18, 20, 21, 22
ROFS, NAMETOOLONG, NOTEMPTY, STALE = 30, 63, 66, 70
BADHANDLE, NOT_SYNC, BAD_COOKIE, NOTSUPP, TOOSMALL, BADTYPE = 10001, 10002, 10003, 10004, 10005, 10007
REG, DIR, BLK, CHR, LNK, SOCK, FIFO = range(1, 8)
UNSTABLE, DATA_SYNC, FILE_SYNC = range(3)


def u32(value):
    return struct.pack(">I", value)


def u64(value):
    return struct.pack(">Q", value)


def opaque(data):
    if isinstance(data, str):
        data = data.encode()
    return u32(len(data)) + data + bytes(-len(data) % 4)


def sattr(mode=None, uid=None, gid=None, size=None, atime=None, mtime=None):
    """Times are (seconds, nanoseconds), or 0: the server's."""
    out = b""
    for value in (mode, uid, gid):
        out += u32(0) if value is None else u32(1) + u32(value)
    out += u32(0) if size is None else u32(1) + u64(size)
    for value in (atime, mtime):
        out += u32(0) if value is None else u32(1) if value == 0 else u32(2) + struct.pack(">II", *value)
    return out


class Reply:
    """A cursor over a reply."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        part = self.data[self.at:self.at + count]
        assert len(part) == count, "the reply ends early"
        self.at += count
        return part

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def u64(self):
        return struct.unpack(">Q", self.take(8))[0]

    def opaque(self):
        length = self.u32()
        data = self.take(length)
        self.take(-length % 4)
        return data

    def time(self):
        return self.u32() * 10**9 + self.u32()

    def fattr(self):
        names = ("type", "mode", "nlink", "uid", "gid")
        found = {name: self.u32() for name in names}
        found["size"], found["used"] = self.u64(), self.u64()
        found["rdev"] = (self.u32(), self.u32())
        found["fsid"], found["fileid"] = self.u64(), self.u64()
        found["atime"], found["mtime"], found["ctime"] = self.time(), self.time(), self.time()
        return found

    def attr(self):
        return self.fattr() if self.u32() else None

    def wcc(self):
        before = (self.u64(), self.time(), self.time()) if self.u32() else None
        return before, self.attr()

    def end(self):
        assert self.at == len(self.data), "the reply is longer than its fields"


class RpcError(Exception):
    """The call was not executed: ("accepted", stat) or ("denied", stat...)."""


class Status(Exception):
    """An NFS status other than OK."""

    def __init__(self, status):
        super().__init__(f"status {status}")
        self.status = status


class Client:
    """One connection with one identity."""

    def __init__(self, address, port=2049, uid=0, gid=0, gids=(), timeout=20):
        self.sock = socket.create_connection((address, port), timeout)
        self.uid, self.gid, self.gids = uid, gid, gids
        self.xids = itertools.count(0x1000)

    def close(self):
        self.sock.close()

    def credentials(self):
        body = u32(0) + opaque("tester") + u32(self.uid) + u32(self.gid)
        body += u32(len(self.gids)) + b"".join(u32(gid) for gid in self.gids)
        return u32(1) + opaque(body) + u32(0) + u32(0)

    def message(self, program, procedure, arguments=b"", version=None, auth=None, rpc_version=2):
        version = version or (2 if program == PORTMAP else 3)
        return (u32(next(self.xids)) + u32(0) + u32(rpc_version) + u32(program) + u32(version) +
                u32(procedure) + (self.credentials() if auth is None else auth) + arguments)

    def send(self, message):
        self.sock.sendall(u32(0x80000000 | len(message)) + message)

    def receive(self):
        """The next record, or b"" when the server has closed the connection."""
        mark = self._exactly(4)
        if not mark:
            return b""
        mark = struct.unpack(">I", mark)[0]
        assert mark & 0x80000000, "replies are one fragment"
        return self._exactly(mark & 0x7FFFFFFF)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                part = self.sock.recv(count - len(data))
            except ConnectionResetError:
                part = b""
            if not part:
                return b""
            data += part
        return data

    def reply(self, record=None):
        """The results in a reply; raises RpcError."""
        r = Reply(self.receive() if record is None else record)
        r.u32()
        assert r.u32() == 1
        if r.u32():
            raise RpcError("denied", r.u32(), *[r.u32() for _ in range((len(r.data) - r.at) // 4)])
        r.u32()
        r.opaque()
        accepted = r.u32()
        if accepted:
            raise RpcError("accepted", accepted)
        return r

    def call(self, program, procedure, arguments=b"", **how):
        self.send(self.message(program, procedure, arguments, **how))
        return self.reply()

    def nfs(self, procedure, arguments):
        """Calls; returns (status, results behind it)."""
        r = self.call(NFS, procedure, arguments)
        return r.u32(), r

    @staticmethod
    def _check(status):
        if status != OK:
            raise Status(status)

    # The procedures. They return what is of interest, or raise Status.

    def mount(self, path):
        r = self.call(MOUNT, 1, opaque(path))
        self._check(r.u32())
        handle = r.opaque()
        assert [r.u32() for _ in range(r.u32())] == [1]
        r.end()
        return handle

    def exports(self):
        r, found = self.call(MOUNT, 5), []
        while r.u32():
            found.append(r.opaque().decode())
            while r.u32():
                r.opaque()
        r.end()
        return found

    def getattr(self, handle):
        status, r = self.nfs(1, opaque(handle))
        self._check(status)
        found = r.fattr()
        r.end()
        return found

    def setattr(self, handle, guard=None, **what):
        check = u32(0) if guard is None else u32(1) + struct.pack(">II", *guard)
        status, r = self.nfs(2, opaque(handle) + sattr(**what) + check)
        wcc = r.wcc()
        r.end()
        self._check(status)
        return wcc

    def lookup(self, handle, name):
        status, r = self.nfs(3, opaque(handle) + opaque(name))
        if status != OK:
            r.attr()
            r.end()
            raise Status(status)
        found = r.opaque(), r.attr()
        r.attr()
        r.end()
        return found

    def walk(self, handle, path):
        for name in path.split("/"):
            handle = self.lookup(handle, name)[0]
        return handle

    def access(self, handle, wanted=63):
        status, r = self.nfs(4, opaque(handle) + u32(wanted))
        r.attr()
        self._check(status)
        return r.u32()

    def readlink(self, handle):
        status, r = self.nfs(5, opaque(handle))
        r.attr()
        self._check(status)
        return r.opaque()

    def read(self, handle, offset=0, count=1 << 20):
        """(data, whether the file ends there)"""
        status, r = self.nfs(6, opaque(handle) + u64(offset) + u32(count))
        assert r.attr() or status != OK
        self._check(status)
        length, eof, data = r.u32(), r.u32(), r.opaque()
        r.end()
        assert length == len(data)
        return data, bool(eof)

    def write(self, handle, data, offset=0, stable=FILE_SYNC):
        """(wcc, count, committed, verifier)"""
        status, r = self.nfs(7, opaque(handle) + u64(offset) + u32(len(data)) + u32(stable) +
                             opaque(data))
        wcc = r.wcc()
        self._check(status)
        result = wcc, r.u32(), r.u32(), r.take(8)
        r.end()
        return result

    def _created(self, status, r):
        handle = attr = None
        if status == OK:
            handle = r.opaque() if r.u32() else None
            attr = r.attr()
        r.wcc()
        r.end()
        self._check(status)
        return handle, attr

    def create(self, directory, name, how=0, verifier=None, **what):
        """how 0: unchecked, 1: guarded, 2: exclusive"""
        rest = u32(how) + (verifier if how == 2 else sattr(**what))
        return self._created(*self.nfs(8, opaque(directory) + opaque(name) + rest))

    def mkdir(self, directory, name, **what):
        return self._created(*self.nfs(9, opaque(directory) + opaque(name) + sattr(**what)))

    def symlink(self, directory, name, path, **what):
        return self._created(*self.nfs(10, opaque(directory) + opaque(name) + sattr(**what) +
                                       opaque(path)))

    def mknod(self, directory, name, kind, rdev=None, **what):
        how = u32(kind) + sattr(**what) + (struct.pack(">II", *rdev) if rdev else b"")
        return self._created(*self.nfs(11, opaque(directory) + opaque(name) + how))

    def remove(self, directory, name, procedure=12):
        status, r = self.nfs(procedure, opaque(directory) + opaque(name))
        wcc = r.wcc()
        r.end()
        self._check(status)
        return wcc

    def rmdir(self, directory, name):
        return self.remove(directory, name, 13)

    def rename(self, source, old, target, new):
        status, r = self.nfs(14, opaque(source) + opaque(old) + opaque(target) + opaque(new))
        r.wcc(), r.wcc()
        r.end()
        self._check(status)

    def link(self, handle, directory, name):
        status, r = self.nfs(15, opaque(handle) + opaque(directory) + opaque(name))
        attr = r.attr()
        r.wcc()
        r.end()
        self._check(status)
        return attr

    def readdir(self, handle, cookie=0, count=4096, plus=False):
        """([(name, fileid, cookie[, attributes, handle])], whether that is all)"""
        sizes = u32(count) + u32(count) if plus else u32(count)
        status, r = self.nfs(17 if plus else 16, opaque(handle) + u64(cookie) + bytes(8) + sizes)
        r.attr()
        self._check(status)
        r.take(8)
        entries = []
        while r.u32():
            fileid, name, cookie = r.u64(), r.opaque().decode(), r.u64()
            entry = (name, fileid, cookie)
            if plus:
                attr = r.attr()
                entry += (attr, r.opaque() if r.u32() else None)
            entries.append(entry)
        eof = bool(r.u32())
        r.end()
        assert len(r.data) - 24 <= count, "more than the client has room for"
        return entries, eof

    def listdir(self, handle, count=4096, plus=False):
        entries, cookie, eof = [], 0, False
        while not eof:
            some, eof = self.readdir(handle, cookie, count, plus)
            entries += some
            cookie = some[-1][2] if some else cookie
        return entries

    def fsstat(self, handle):
        status, r = self.nfs(18, opaque(handle))
        r.attr()
        self._check(status)
        return [r.u64() for _ in range(6)]

    def fsinfo(self, handle):
        status, r = self.nfs(19, opaque(handle))
        r.attr()
        self._check(status)
        numbers = [r.u32() for _ in range(7)]
        result = {"rtmax": numbers[0], "wtmax": numbers[3], "maxfilesize": r.u64(),
                  "time_delta": (r.u32(), r.u32()), "properties": r.u32()}
        r.end()
        return result

    def pathconf(self, handle):
        status, r = self.nfs(20, opaque(handle))
        r.attr()
        self._check(status)
        result = [r.u32() for _ in range(6)]
        r.end()
        return result

    def getacl(self, handle, mask=15):
        """(mask, number of entries, entries) and the same without the mask for a directory's new files."""
        r = self.call(NFSACL, 1, opaque(handle) + u32(mask))
        status = r.u32()
        r.attr()
        if status != OK:
            r.end()
            self._check(status)
        given, found = r.u32(), []
        for _ in range(2):
            found.append((r.u32(), [(r.u32(), r.u32(), r.u32()) for _ in range(r.u32())]))
        r.end()
        return given, *found

    def setacl(self, handle, mask=1):
        r = self.call(NFSACL, 2, opaque(handle) + u32(mask) + u32(0) * 4)
        status = r.u32()
        r.attr()
        r.end()
        self._check(status)

    def commit(self, handle, offset=0, count=0):
        status, r = self.nfs(21, opaque(handle) + u64(offset) + u32(count))
        r.wcc()
        self._check(status)
        verifier = r.take(8)
        r.end()
        return verifier

    def ended(self, seconds=5):
        """Whether the server has closed this connection."""
        deadline = time.monotonic() + seconds
        self.sock.settimeout(seconds)
        while time.monotonic() < deadline:
            try:
                if not self.sock.recv(65536):
                    return True
            except ConnectionResetError:
                return True
            except TimeoutError:
                return False
        return False
