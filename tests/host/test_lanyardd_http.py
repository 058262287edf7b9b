# SPDX-License-Identifier: BSD-2-Clause
"""lanyardd's HTTP service: curl as a foreign client, ranges, validators, names, odd and hostile
requests."""

import email.utils
import hashlib
import os
import random
import socket
import threading
import time

import pytest

from tests.host.filed import Filed, make
from tests.host.nfsd import inside
from tests.site import Site

BIG = random.Random(2).randbytes(5_000_003)
NOBODY = 65534


@pytest.fixture(scope="module")
def server():
    with Site(name="filed-http", capture=False) as site:
        root = site.path("root")
        make(f"{root}/big", BIG)
        make(f"{root}/text", b"0123456789")
        make(f"{root}/empty")
        make(f"{root}/dir/with blank", b"blank")
        make(f"{root}/x.efi", b"MZ")
        make(f"{root}/secret", b"not readable", 0o600)
        make(site.path("outside"), b"outside")
        make(site.path("boot", "vmlinuz"), b"of the tree")
        make(site.path("own"), b"our boot program")
        os.symlink("../outside", f"{root}/escape")
        os.symlink("dir/with blank", f"{root}/link")
        os.mkfifo(f"{root}/fifo", 0o666)
        os.mknod(f"{root}/zero", 0o666 | 0o020000, os.makedev(1, 5))
        filed = Filed(site, "-v", "-s", "3", "-u", str(NOBODY), roots=[root],
                      directories={"boot": site.path("boot")}, files={"lanyard.0": site.path("own")})
        yield filed
        filed.stop()


class Answer:
    """What came back to one request."""

    def __init__(self, stream, head=False):
        line = stream.readline()
        assert line.startswith(b"HTTP/1.1 "), line
        self.status = int(line.split()[1])
        self.fields = {}
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, value = line.decode().split(":", 1)
            self.fields[name.lower()] = value.strip()
        length = int(self.fields.get("content-length", 0))
        self.body = b"" if head or self.status == 304 else stream.read(length)


class Connection:
    """A connection of a client that writes its requests itself."""

    def __init__(self, server):
        with inside(server.site):
            self.socket = socket.create_connection((server.site.address, 80), timeout=20)
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.stream.close()
        self.socket.close()

    def send(self, target, *fields, method="GET", version="1.1", host=True):
        if isinstance(target, str):
            target = target.encode()
        lines = [method.encode() + b" " + target + b" HTTP/" + version.encode()]
        lines += [b"Host: x"] * host + [field.encode() for field in fields]
        self.raw(b"\r\n".join([*lines, b"", b""]))

    def raw(self, text):
        self.socket.sendall(text)

    def get(self, target, *fields, method="GET", **how):
        self.send(target, *fields, method=method, **how)
        return Answer(self.stream, method == "HEAD")

    def closed(self):
        """Whether the server has closed it (waits)."""
        try:
            return self.stream.read(1) == b""
        except ConnectionResetError:
            return True


@pytest.fixture
def http(server):
    with Connection(server) as connection:
        yield connection


def curl(server, *words, **how):
    return server.site.run(["curl", "-sS", "--max-time", "60", *words], timeout=70, **how)


def url(server, name):
    return f"http://{server.site.address}/{name}"


# ---- curl ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["big", "empty", "text", "dir/with%20blank", "lanyard.0"])
def test_curl(server, name):
    got = server.site.path("got")
    curl(server, "-f", "-o", got, url(server, name))
    path = {"dir/with%20blank": "root/dir/with blank", "lanyard.0": "own"}.get(name, f"root/{name}")
    with open(got, "rb") as got_file, open(server.site.path(path), "rb") as file:
        assert got_file.read() == file.read()
    os.remove(got)


def test_curl_resumes(server):
    got = make(server.site.path("got"), BIG[:3_000_000])
    curl(server, "-f", "-C", "-", "-o", got, url(server, "big"))
    with open(got, "rb") as file:
        assert file.read() == BIG
    os.remove(got)


def test_curl_keeps_the_connection(server):
    got = server.site.path("got")
    said = curl(server, "-f", "-o", got, url(server, "big"), "-o", got, url(server, "text"),
                "-w", "%{num_connects} ")
    assert said.split() == ["1", "0"]
    os.remove(got)


def test_curl_asks_whether_it_is_new(server):
    path, got = server.site.path("root", "text"), server.site.path("got")
    assert curl(server, "-o", got, "-w", "%{http_code}", "-z", path, url(server, "text")) == "304"
    tags = server.site.path("tag")
    for expected in ("200", "304"):
        assert curl(server, "-o", got, "-w", "%{http_code}", "--etag-save", tags, "--etag-compare", tags,
                    url(server, "text")) == expected


def test_busybox(server):
    got = server.site.path("got")
    server.site.run(["busybox", "wget", "-q", "-O", got, url(server, "big")])
    with open(got, "rb") as file:
        assert file.read() == BIG
    os.remove(got)


# ---- what an answer says ---------------------------------------------------------------------------


def test_fields(server, http):
    status = os.stat(server.site.path("root", "big"))
    answer = http.get("/big")
    assert answer.status == 200 and answer.body == BIG
    assert answer.fields["content-length"] == str(len(BIG))
    assert answer.fields["accept-ranges"] == "bytes"
    assert answer.fields["last-modified"] == email.utils.formatdate(int(status.st_mtime), usegmt=True)
    assert answer.fields["etag"].startswith('"') and f"{status.st_ino:x}" in answer.fields["etag"]
    head = http.get("/big", method="HEAD")
    head.fields.pop("date"), answer.fields.pop("date")
    assert head.status == 200 and head.fields == answer.fields
    assert http.get("/text").body == b"0123456789"  # nothing came in between


@pytest.mark.parametrize("name, kind", [
    ("x.efi", "application/efi"), ("big", "application/octet-stream"),
    ("pxelinux.cfg/default", "text/plain; charset=utf-8")])
def test_types(http, name, kind):
    assert http.get(f"/{name}").fields["content-type"] == kind


def test_made_up_text(server, http):
    answer = http.get("/pxelinux.cfg/default")
    assert answer.body == f"# from {server.site.address}\nDEFAULT linux\n".encode()
    assert "etag" not in answer.fields and "last-modified" not in answer.fields
    part = http.get("/pxelinux.cfg/default", "Range: bytes=2-5")
    assert part.status == 206 and part.body == b"from"


# ---- ranges and validators -------------------------------------------------------------------------


@pytest.mark.parametrize("wanted, status, content_range, body", [
    ("bytes=0-3", 206, "bytes 0-3/10", b"0123"), ("bytes=4-", 206, "bytes 4-9/10", b"456789"),
    ("bytes=-3", 206, "bytes 7-9/10", b"789"), ("bytes=-30", 206, "bytes 0-9/10", b"0123456789"),
    ("bytes=9-99", 206, "bytes 9-9/10", b"9"), ("bytes=10-", 416, "bytes */10", b""),
    ("bytes=-0", 416, "bytes */10", b""), ("bytes=5-4", 200, None, b"0123456789"),
    ("bytes=1-2,4-5", 200, None, b"0123456789"), ("lines=1-2", 200, None, b"0123456789"),
    ("bytes=99999999999999999999-", 416, "bytes */10", b""),
])
def test_ranges(http, wanted, status, content_range, body):
    answer = http.get("/text", f"Range: {wanted}")
    assert (answer.status, answer.body) == (status, body)
    assert answer.fields.get("content-range") == content_range
    assert answer.fields["content-length"] == str(len(body))
    head = http.get("/text", f"Range: {wanted}", method="HEAD")  # of which HEAD knows nothing
    assert head.status == 200 and head.fields["content-length"] == "10"
    assert http.get("/text").body == b"0123456789"


def test_ranges_of_nothing(http):
    assert http.get("/empty", "Range: bytes=0-").status == 416
    assert http.get("/empty").fields["content-length"] == "0"


def test_ranges_far_away(server, http):
    """Beyond 32 bits."""
    path = make(server.site.path("root", "huge"))
    with open(path, "r+b") as file:
        file.truncate(6 << 30)
        file.seek(5 << 30)
        file.write(b"far away")
    assert http.get("/huge", method="HEAD").fields["content-length"] == str(6 << 30)
    answer = http.get("/huge", f"Range: bytes={5 << 30}-{(5 << 30) + 7}")
    assert answer.body == b"far away"
    assert answer.fields["content-range"] == f"bytes {5 << 30}-{(5 << 30) + 7}/{6 << 30}"
    answer = http.get("/huge", "Range: bytes=-3")
    assert answer.body == b"\0\0\0"
    os.remove(path)


def test_validators(http):
    first = http.get("/text")
    tag, date = first.fields["etag"], first.fields["last-modified"]
    part = "Range: bytes=0-0"
    for fields, status in [
            ([f"If-None-Match: {tag}"], 304), ([f'If-None-Match: "other", W/{tag}'], 304),
            (["If-None-Match: *"], 304), (['If-None-Match: "other"'], 200),
            ([f"If-Modified-Since: {date}"], 304),
            (["If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"], 200),
            (["If-Modified-Since: nonsense"], 200),
            (['If-None-Match: "other"', f"If-Modified-Since: {date}"], 200),
            ([f"If-Range: {tag}", part], 206), ([f"If-Range: {date}", part], 206),
            (['If-Range: "other"', part], 200), ([f"If-Range: W/{tag}", part], 200),
            (["If-Range: Sun, 06 Nov 1994 08:49:37 GMT", part], 200)]:
        answer = http.get("/text", *fields)
        assert answer.status == status, fields
        if status == 304:
            assert answer.fields["etag"] == tag and answer.fields.get("content-length") in (None, "10")
        elif status == 200:
            assert answer.body == first.body


def test_a_changed_file_has_another_tag(server, http):
    path = make(server.site.path("root", "changes"), b"old")
    tag = http.get("/changes").fields["etag"]
    make(path, b"new")
    answer = http.get("/changes", f"If-None-Match: {tag}", "Range: bytes=1-", f"If-Range: {tag}")
    assert (answer.status, answer.body) == (200, b"new")


# ---- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("target, status", [
    ("/dir/with%20blank", 200), ("/dir%2fwith%20blank", 200), ("/%64ir//with%20blank?x=y", 200),
    ("/link", 200), ("/dir\\with%20blank", 200), ("http://elsewhere/text", 200), ("/LANYARD.0", 200),
    ("/lanyard.0.0", 200), ("/boot/vmlinuz", 200), ("/boot/../lanyard.0", 200), ("/../../text", 200),
    ("/", 404), ("/nothing", 404), ("/text/", 404), ("/boot/vmlinuz.0", 404), ("/escape", 404),
    ("/../outside", 404), ("/%2e%2e/outside", 404), ("/..%2foutside", 404), ("/..%5coutside", 404),
    ("/boot/../../outside", 404), ("/etc/passwd", 404), ("//etc/passwd", 404), ("/" + "x" * 1500, 404),
    ("/dir", 403), ("/dir/", 403), ("/fifo", 403), ("/zero", 403), ("/secret", 403), ("/boot", 403),
    ("/text%00", 400), ("/%", 400), ("/%zz", 400), ("/" + "x" * 3000, 400),
])
def test_names(http, target, status):
    answer = http.get(target)
    assert answer.status == status
    if status != 200:
        assert answer.body.endswith(b".\n") and len(answer.body) < 80
        assert answer.fields["content-type"] == "text/plain; charset=utf-8"
    assert http.get("/text").body == b"0123456789"  # the connection lives


# ---- odd and hostile requests ----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "X"])
def test_other_methods(server, method):
    with Connection(server) as http:
        answer = http.get("/text", "Content-Length: 0", method=method)
        assert answer.status == 405 and answer.fields["allow"] == "GET, HEAD"
        assert b"GET and HEAD" in answer.body


def test_an_upload_is_not_awaited(server):
    with Connection(server) as http:
        answer = http.get("/text", "Content-Length: 1000000000", "Expect: 100-continue", method="PUT")
        assert answer.status == 405 and answer.fields["connection"] == "close"
        assert http.closed()
    assert not os.path.exists(server.site.path("root", "new"))


def test_a_body_of_get_is_not_the_next_request(http):
    body = b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n" + b"x" * 5
    http.send("/text", f"Content-Length: {len(body)}")
    http.raw(body)
    assert Answer(http.stream).body == b"0123456789"
    assert http.get("/empty").fields["content-length"] == "0"


def test_several_requests_at_once(http):
    for name in ("/text", "/empty", "/big", "/nothing", "/text"):
        http.send(name)
    answers = [Answer(http.stream) for _ in range(5)]
    assert [a.status for a in answers] == [200, 200, 200, 404, 200]
    assert answers[2].body == BIG and answers[4].body == b"0123456789"


def test_old_versions(server):
    with Connection(server) as http:
        answer = http.get("/text", version="1.0", host=False)
        assert answer.status == 200 and answer.body == b"0123456789"
        assert http.closed()
    with Connection(server) as http:
        assert http.get("/text", "Connection: close").body == b"0123456789"
        assert http.closed()


@pytest.mark.parametrize("text", [
    b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"GET /text\r\n\r\n", b"GET /text HTTP/9.9\r\n\r\n", b"\0" * 100,
    b"GET /text HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n", b"GET /" + b"a" * 60000,
    b"GET /text HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"GET /text HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"GET /text HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xaa" * 200, bytes(range(256)) * 20,
], ids=lambda text: repr(text[:20]))
def test_hostile_text(server, text):
    with Connection(server) as http:
        try:
            http.raw(text)
            http.socket.shutdown(socket.SHUT_WR)
            while http.socket.recv(65536):
                pass
        except TimeoutError:
            raise
        except OSError:  # it has hung up
            pass
    with Connection(server) as http:
        assert http.get("/text").body == b"0123456789"


def test_silent_connections_do_not_lock_others_out(server):
    """One address gets only a part of what there is."""
    before = server.descriptors()
    silent = [Connection(server) for _ in range(100)]
    for connection in silent[:50]:
        connection.raw(b"GET /te")
    server.site.run(["ip", "addr", "add", "192.168.2.66/24", "dev", "br0"])
    with inside(server.site):
        other = socket.create_connection((server.site.address, 80), 10, ("192.168.2.66", 0))
    other.sendall(b"GET /text HTTP/1.0\r\n\r\n")
    assert other.makefile("rb").read().endswith(b"0123456789")
    other.close()
    assert server.descriptors() - before <= 64
    for connection in silent:
        connection.close()
    server.wait_idle(before)


def test_clients_that_go_away(server):
    before = server.descriptors()
    for _ in range(20):
        with Connection(server) as http:
            http.send("/big")
            http.stream.read(1000)
    server.wait_idle(before)
    server.wait_log("/big to 192.168.2.2: 5000003 bytes in 0.")
    server.wait_log("broken off")


def test_file_shrinks(server):
    """The connection is closed, if not at once; what came is not taken for the whole."""
    path = make(server.site.path("root", "shrinks"))
    os.truncate(path, 1 << 30)
    with Connection(server) as http:
        http.send("/shrinks")
        http.stream.read(100_000)
        os.truncate(path, 1000)
        got = 100_000
        try:
            while piece := http.stream.read(1 << 20):
                got += len(piece)
        except ConnectionResetError:
            pass
        assert got < 1 << 30
    os.remove(path)
    with Connection(server) as http:
        assert http.get("/text").body == b"0123456789"


def test_fifty_clients_at_once(server):
    right = []

    def fetch():
        with Connection(server) as http:
            for _ in range(4):
                right.append(hashlib.sha256(http.get("/big").body).digest() == digest)

    digest = hashlib.sha256(BIG).digest()
    threads = [threading.Thread(target=fetch) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(right) == 200 and all(right)


def test_slow_reader_does_not_stop_others(server):
    path = make(server.site.path("root", "long"))
    os.truncate(path, 1 << 30)
    with Connection(server) as slow:
        slow.send("/long")
        time.sleep(0.3)
        begin = time.monotonic()
        with Connection(server) as http:
            assert http.get("/big").body == BIG
        assert time.monotonic() - begin < 5
        server.site.run(["busybox", "tftp", "-g", "-r", "text", "-l", "/dev/null", server.site.address])
        before = cpu_time(server)
        time.sleep(1)
        assert cpu_time(server) - before < 0.3  # it waits, and does not ask again and again
    os.remove(path)


def cpu_time(server):
    """Seconds."""
    fields = server.site.run(["cat", f"/proc/{server.pid()}/stat"]).rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_it_says_what_was_done(server, http):
    http.get("/big")
    http.get("/nothing")
    http.get("/secret")
    log = server.wait_log("/secret to 192.168.2.2: status 403")
    assert "http: /nothing to 192.168.2.2: status 404" in log
