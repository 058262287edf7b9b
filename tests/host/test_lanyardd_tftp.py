# SPDX-License-Identifier: BSD-2-Clause
"""lanyardd's TFTP service: foreign clients, names, what must not be given out, hostile packets."""

import contextlib
import hashlib
import os
import random
import re
import socket
import struct
import threading
import time

import pytest

from tests.host.filed import ACK, DATA, OACK, WRQ, Filed, Tftp, make
from tests.host.test_servers import FILES, INITRDS
from tests.site import IscDhcpd, Site

BIG = random.Random(1).randbytes(5_000_003)
TEXT = b"first\nsecond\rstill\r\n\nend"
NOBODY = 65534


@pytest.fixture(scope="module")
def server():
    with Site(name="filed", capture=False) as site:
        root = site.path("root")
        make(f"{root}/big", BIG)
        make(f"{root}/text", TEXT)
        make(f"{root}/empty")
        make(f"{root}/exact", BIG[:1024])
        make(f"{root}/dir/file", b"in a directory")
        make(f"{root}/Mixed.Case", b"as it stands")
        make(f"{root}/secret", b"not readable", 0o600)
        make(site.path("outside"), b"outside")
        make(site.path("boot", "vmlinuz-6.1"), b"of the tree")
        os.symlink("vmlinuz-6.1", site.path("boot", "vmlinuz"))
        make(site.path("own.0"), b"our boot program")
        make(site.path("own.efi"), b"our UEFI program")
        os.symlink("dir/file", f"{root}/link")
        os.symlink("/dir/file", f"{root}/absolute")
        os.symlink("../outside", f"{root}/escape")
        os.symlink(site.path("outside"), f"{root}/escape2")
        os.symlink("/proc/self/environ", f"{root}/proc")
        os.symlink("loop", f"{root}/loop")
        os.mkfifo(f"{root}/fifo", 0o666)
        os.mknod(f"{root}/zero", 0o666 | 0o020000, os.makedev(1, 5))
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(f"{root}/socket")
        filed = Filed(site, "-v", "-u", str(NOBODY), roots=[root],
                      directories={"boot": site.path("boot"), "dev": "/dev"},
                      files={"lanyard.0": site.path("own.0"), "lanyardx64.efi": site.path("own.efi")})
        yield filed
        filed.stop()


@pytest.fixture
def tftp(server):
    with Tftp(server.site) as client:
        yield client


# ---- foreign clients -------------------------------------------------------------------------------


CLIENTS = {
    "busybox": "busybox tftp -g -r {0} -l {1} {2}",
    "busybox-blocks": "busybox tftp -b 1468 -g -r {0} -l {1} {2}",
    "atftp": "atftp -g -r {0} -l {1} {2}",
    "atftp-windows": "atftp --option 'blksize 1428' --option 'windowsize 16' -g -r {0} -l {1} {2}",
    "atftp-all": "atftp --option 'tsize 0' --option 'timeout 3' --option 'blksize 8192' -g -r {0} -l {1} {2}",
    "tftp-hpa": "tftp -m binary {2} -c get {0} {1}",
    "curl": "curl -sS --tftp-blksize 1400 -o {1} tftp://{2}/{0}",
    "curl-plain": "curl -sS --tftp-no-options -o {1} tftp://{2}/{0}",
}


# curl takes no OACK that says "tsize 0".
@pytest.mark.parametrize("client, name", [
    (client, name) for client in CLIENTS for name in ["big", "exact", "empty", "dir/file"]
    if (client, name) != ("curl", "empty")])
def test_foreign_clients(server, client, name):
    site = server.site
    got = site.path("got")
    with contextlib.suppress(FileNotFoundError):
        os.remove(got)
    site.run(["sh", "-c", CLIENTS[client].format(name, got, site.address)], timeout=60)
    if name == "empty" and client.startswith("busybox") and not os.path.exists(got):
        return  # it makes no file of nothing
    with open(got, "rb") as got_file, open(site.path("root", name), "rb") as file:
        assert got_file.read() == file.read()


def test_netascii_of_tftp_hpa(server):
    got = server.site.path("ascii")
    server.site.run(["tftp", "-m", "ascii", server.site.address, "-c", "get", "text", got])
    with open(got, "rb") as file:
        assert file.read() == TEXT


def test_our_boot_program(segment):
    """Searching for its configuration, asking for sizes, loading in windows."""
    IscDhcpd(segment.site)
    filed = Filed(segment.site, roots=[segment.root])
    segment.serve(FILES)
    result = segment.run()
    assert result.plan and result.faults == [], result
    assert result.initrds == INITRDS
    segment.check_contents(result.plan, "vmlinuz")
    assert re.search(r"big to \S+: 5000003 bytes in .*\(blksize 1428, windowsize 64,", filed.log())
    filed.stop()


# ---- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, content", [
    ("dir/file", b"in a directory"), ("/dir/file", b"in a directory"), ("///dir//file", b"in a directory"),
    ("\\dir\\file", b"in a directory"), ("dir/../dir/./file", b"in a directory"),
    ("../../dir/file", b"in a directory"), (b"dir/file\xff", b"in a directory"),
    (b"dir/file\xff\x06\x01", b"in a directory"), ("dir/file ", b"in a directory"),
    ("link", b"in a directory"), ("absolute", b"in a directory"),
    ("Mixed.Case", b"as it stands"),
    ("lanyard.0", b"our boot program"), ("/LANYARD.0", b"our boot program"),
    ("lanyard", b"our boot program"), ("lanyard.0.0", b"our boot program"),
    (b"lanyard.0\xff", b"our boot program"), ("x/../lanyard.0", b"our boot program"),
    ("lanyardx64.efi", b"our UEFI program"), ("\\LANYARDX64.EFI", b"our UEFI program"),
    ("lanyardx64.efi.0", b"our UEFI program"),
    ("boot/vmlinuz-6.1", b"of the tree"), ("/boot/vmlinuz", b"of the tree"),
    ("BOOT\\vmlinuz", b"of the tree"), ("boot/../../boot/vmlinuz", b"of the tree"),
])
def test_names(tftp, name, content):
    assert tftp.fetch(name)[0] == content


def test_text_is_made_for_the_address(server):
    server.site.ip("addr", "add", "192.168.2.77/24", "dev", "br0")
    for address in (server.site.address, "192.168.2.77"):
        with Tftp(server.site, to=address) as client:
            assert client.fetch("pxelinux.cfg/default")[0] == f"# from {address}\nDEFAULT linux\n".encode()
            assert client.peer[0] == address  # the answer comes from where the request went
    server.site.ip("addr", "del", "192.168.2.77/24", "dev", "br0")


@pytest.mark.parametrize("name, code", [
    ("nothing", 1), ("", 1), ("/", 1), (b"\xff", 1), ("dir/file/more", 1), ("loop", 1), ("x" * 490, 1),
    ("mixed.case", 1), ("boot.0", 1), ("vmlinuz", 1), ("boot/vmlinuz.0", 1), ("bootx/vmlinuz", 1),
    ("escape", 1), ("escape2", 1), ("../outside", 1), ("dir/../../outside", 1), ("..\\outside", 1),
    ("/etc/passwd", 1), ("../../../../../../etc/passwd", 1), ("boot/../../outside", 1),
    ("proc", 1), ("dir", 2), (".", 2), ("..", 2), ("boot", 2), ("boot/", 2),
    ("fifo", 2), ("zero", 2), ("socket", 2), ("secret", 2),
    ("dev/zero", 2), ("dev/null", 2), ("dev/tty", 2), ("dev/kmsg", 2), ("dev/fd/0", 1), ("dev/stdin", 1),
])
def test_what_is_not_given_out(tftp, name, code):
    tftp.request(name)
    tftp.expect_error(code, "there is no such file here" if code == 1 else "the server may not read it")


def test_a_fifo_is_not_even_opened(server, tftp):
    """Who wants to write into it still waits for a reader."""
    path = server.site.path("root", "waiting")
    os.mkfifo(path)
    os.chmod(path, 0o666)
    writer = threading.Thread(target=lambda: open(path, "wb").close())
    writer.start()
    time.sleep(0.1)
    for _ in range(3):
        tftp.request("waiting")
        tftp.expect_error(2)
    writer.join(0.3)
    waits = writer.is_alive()
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    writer.join()
    assert waits


def test_misses_of_a_search_are_details():
    """A boot program looks for a configuration under a dozen names: nobody wants to read of those."""
    with Site(name="filed-quiet", capture=False) as site:
        quiet = Filed(site)
        for name in ("pxelinux.cfg/01-52-54-00-00-00-01", "pxelinux.cfg/C0A80", "something-else"):
            with Tftp(site) as client:
                client.request(name)
                client.expect_error(1)
        log = quiet.wait_log("something-else to 192.168.2.2: there is no such file here")
        assert "pxelinux.cfg" not in log
        quiet.stop()


def test_the_log_is_not_flooded():
    """Whoever asks for what is not there, again and again, does not fill the server's disk."""
    with Site(name="filed-log", capture=False) as site:
        server = Filed(site)
        with Tftp(site) as client:
            for _ in range(8000):
                client.request("nothing")
                client.expect_error(1)
            time.sleep(1.1)
            client.request("nothing")
            client.expect_error(1)
        log = server.wait_log("lines were left out")
        left_out = sum(int(n) for n in re.findall(r"(\d+) lines were left out", log))
        assert left_out >= 1000 and left_out + log.count("nothing to 192.168.2.2") == 8001
        server.stop()


# ---- options ---------------------------------------------------------------------------------------


def test_options(tftp):
    content, granted = tftp.fetch("big", tsize=0, blksize=1400, windowsize=8, timeout=2, nonsense="x")
    assert content == BIG
    assert granted == {"tsize": b"5000003", "blksize": b"1400", "windowsize": b"8", "timeout": b"2"}


def test_blocks_fit_the_interface(server):
    """Over the loopback interface as large as they come; over the wire of 1500 bytes not larger."""
    site = server.site
    with Tftp(site) as client:
        content, granted = client.fetch("big", blksize=65464, windowsize=65535)
        assert content == BIG and granted == {"blksize": b"65464", "windowsize": b"2"}
    site.add_client("mtu")
    site.ip("addr", "add", "192.168.2.9/24", "dev", "eth0", netns="mtu")
    done = site.run(["atftp", "--trace", "--option", "blksize 9000", "-g", "-r", "big", "-l", "/dev/null",
                     site.address], netns="mtu", check=False)
    assert "blksize 1468" in server.wait_log("big to 192.168.2.9"), done
    site.ip("netns", "del", "mtu")


def test_bad_options_are_not_granted(tftp):
    tftp.request("text", blksize=7, windowsize=0, tsize="x")
    assert tftp.receive() == (DATA, 1, TEXT)  # as if there were none
    tftp.ack(1)


def test_netascii(tftp):
    wire = TEXT.replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")
    assert tftp.fetch("text", "netascii") == (wire, {})
    assert tftp.fetch("text", "netascii", tsize=0, blksize=8) == (wire, {"blksize": b"8"})
    tftp.request("text", "mail")
    tftp.expect_error(0, "octet")


def test_writing_is_refused(server, tftp):
    tftp.request("new", opcode=WRQ)
    tftp.expect_error(2, "only gives files out")
    assert not os.path.exists(server.site.path("root", "new"))


# ---- sizes -----------------------------------------------------------------------------------------


def test_block_numbers_roll_over(server):
    """More than 65535 blocks of 512 bytes."""
    site = server.site
    path = make(site.path("root", "roll"), BIG * 7)
    digest = hashlib.sha256(BIG * 7).hexdigest()
    site.run(["busybox", "tftp", "-g", "-r", "roll", "-l", site.path("rolled"), site.address], timeout=120)
    with open(site.path("rolled"), "rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == digest
    os.remove(path)
    os.remove(site.path("rolled"))


def test_sizes_of_64_bits(server):
    path = make(server.site.path("root", "huge"))
    os.truncate(path, 5 << 30)
    with Tftp(server.site) as client:
        client.request("huge", tsize=0, blksize=65464, windowsize=2)
        opcode, _, granted = client.receive()
        assert opcode == OACK and int(granted["tsize"]) == 5 << 30
        client.error()
    os.remove(path)
    server.wait_log("huge: 192.168.2.2 asked only for its size")


def test_file_shrinks(server, tftp):
    path = make(server.site.path("root", "shrinks"), BIG[:100_000])
    tftp.request("shrinks")
    assert tftp.receive()[:2] == (DATA, 1)
    os.truncate(path, 600)
    tftp.ack(1)
    tftp.expect_error(0, "changed")
    server.wait_log("shrinks to 192.168.2.2: after 1 blocks of 512 bytes: the file has changed")


def test_file_is_replaced(server, tftp):
    """The transfer goes on with the old one."""
    path = make(server.site.path("root", "replaced"), b"a" * 1000)
    tftp.request("replaced")
    assert tftp.receive() == (DATA, 1, b"a" * 512)
    os.rename(make(path + ".new", b"b" * 1000), path)
    tftp.ack(1)
    assert tftp.receive() == (DATA, 2, b"a" * 488)
    tftp.ack(2)


# ---- many clients, and the same one more than once -------------------------------------------------


def test_hundred_clients(server):
    before = server.descriptors()
    failed = []

    def fetch(client):
        with client:
            content, _ = client.fetch("big", blksize=1468, windowsize=16)
            if content != BIG:
                failed.append(client)

    clients = [Tftp(server.site) for _ in range(100)]
    for client in clients:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    threads = [threading.Thread(target=fetch, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    server.wait_idle(before)


def test_duplicates_of_a_request(server, tftp):
    before = server.descriptors()
    for _ in range(5):
        tftp.request("big")
    first = tftp.receive()
    assert first[:2] == (DATA, 1)
    peer = tftp.peer
    assert tftp.receive(0.3) is None  # neither another session nor a repetition
    tftp.request("big")  # the client has waited in vain
    assert tftp.receive() == first and tftp.peer == peer
    assert server.descriptors() == before + 2
    tftp.ack(1)
    assert tftp.receive()[:2] == (DATA, 2)
    tftp.request("big")  # late on the wire
    assert tftp.receive(0.05) is None
    tftp.ack(2)
    assert tftp.receive()[:2] == (DATA, 3)
    time.sleep(1.1)
    while tftp.receive(0.05):
        pass
    tftp.request("big")  # the client has begun anew
    while True:
        packet = tftp.receive()
        if packet[:2] == (DATA, 1):
            break
    assert tftp.peer != peer
    tftp.error()
    server.wait_idle(before)


def test_one_port_for_several_files(server, tftp):
    """As pxelinux does: the last acknowledgement of one file is lost, and the next is asked for."""
    tftp.request("text")
    assert tftp.receive() == (DATA, 1, TEXT)
    tftp.request("dir/file")
    while (packet := tftp.receive())[2] == TEXT:
        pass
    assert packet == (DATA, 1, b"in a directory")
    tftp.ack(1)
    server.wait_log("text to 192.168.2.2: 24 bytes")
    assert "the last acknowledgement is missing" in server.wait_log("last acknowledgement")


def test_too_many_clients_wait():
    """Those under way are finished; the others are not refused, but served later, without asking
    again."""
    with Site(name="filed-full", capture=False) as site:
        make(site.path("root", "big"), BIG[:20_000])
        few = Filed(site, "-n", "4", roots=[site.path("root")])
        under_way, most, right = [], [], []

        def fetch(client):
            with client:
                client.request("big", blksize=1000)
                assert client.receive(30)[0] == OACK
                under_way.append(client)
                most.append(len(under_way))
                for number in range(21):
                    client.ack(number)
                    time.sleep(0.03)
                    while (packet := client.receive())[:2] != (DATA, number + 1):
                        pass
                    right.append(packet[2] == BIG[number * 1000:(number + 1) * 1000][:20_000 - number * 1000])
                under_way.remove(client)
                client.ack(21)

        threads = [threading.Thread(target=fetch, args=[Tftp(site)]) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(right) == 12 * 21 and all(right)
        assert max(most) == 4
        few.wait_log("as many transfers as there may be: new ones wait")
        few.stop()


def test_forged_requests_make_room(server):
    """Who does not answer gives way to who asks."""
    with Site(name="filed-flood", capture=False) as site:
        make(site.path("root", "small"), b"small")
        few = Filed(site, "-n", "4", roots=[site.path("root")])
        silent = [Tftp(site) for _ in range(40)]
        for client in silent:
            client.request("small")
        begin = time.monotonic()
        with Tftp(site) as client:
            assert client.fetch("small")[0] == b"small"
        assert time.monotonic() - begin < 5
        for client in silent:
            client.socket.close()
        few.stop()


# ---- hostile packets -------------------------------------------------------------------------------


def test_nobody_is_flooded(server):
    """A client that has not answered gets the first packet, and that at most three times."""
    with Tftp(server.site) as silent:
        silent.request("big", blksize=1468, windowsize=64)
        packets = []
        while packet := silent.receive(6):
            packets.append(packet)
        assert 1 <= len(packets) <= 3 and all(packet[0] == OACK for packet in packets)


def test_acknowledgements_of_others(server, tftp):
    tftp.request("big")
    assert tftp.receive()[:2] == (DATA, 1)
    session = tftp.peer
    with Tftp(server.site) as other:
        other.raw(struct.pack("!HH", ACK, 1), session)
        assert other.receive(0.2) is None
    tftp.ack(0)
    tftp.ack(2)
    tftp.ack(65535)
    tftp.raw(b"", session)
    tftp.raw(b"\0", session)
    tftp.raw(b"\0\4\0", session)
    tftp.raw(b"\0\3\0\1data", session)
    tftp.raw(os.urandom(1400), session)
    assert tftp.receive(0.2) is None
    tftp.ack(1)
    assert tftp.receive()[:2] == (DATA, 2)
    tftp.error()


def test_broadcasts_are_not_answered(server):
    with Tftp(server.site, to="192.168.2.255") as client:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        client.request("text")
        client.request("nothing")
        assert client.receive(0.5) is None


def test_only_requests_are_answered(tftp):
    """Two servers that answer each other's errors would never end."""
    for packet in (b"\0\5\0\1no\0", b"\0\3\0\1data", b"\0\4\0\1", b"\0\6a\0b\0", b"\1\1x\0octet\0", b""):
        tftp.raw(packet)
    assert tftp.receive(0.3) is None
    tftp.raw(b"\0\1no end")
    tftp.expect_error(4, "not a request")


def test_noise(server, tftp):
    before = server.descriptors()
    noise = random.Random(7)
    for packet in [b"", b"\0", b"\0\1", b"\0\1\0", b"\0\1a\0octet", b"\0\1a", b"\0\4\0\1", b"\0\6a\0b\0",
                   b"\0\1" + b"a" * 1400, b"\0\1" + b"a" * 1400 + b"\0octet\0", b"\xff" * 1472,
                   b"\0\1text\0octet\0" + b"blksize\0" * 100,
                   b"\0\1%s%n%x\0octet\0", b"\0\1\x1b[2J\n\0octet\0"]:
        tftp.raw(packet)
    for _ in range(500):
        tftp.raw(bytes([0, noise.choice([1, 2, 3, 4, 5, 6, 9])]) + noise.randbytes(noise.randrange(600)))
    while tftp.receive(0.3):
        pass
    with Tftp(server.site) as client:
        assert client.fetch("text")[0] == TEXT
    server.wait_idle(before)
    assert "\x1b" not in server.log()


def test_client_closes_its_port(server):
    before = server.descriptors()
    with Tftp(server.site) as client:
        client.request("big")
        client.receive()
        client.ack(1)
        client.receive()
        client.ack(2)
    server.wait_idle(before, 3)
    assert "the client has closed its port" in server.log()


def test_it_says_what_was_done(server, tftp):
    make(server.site.path("root", "told"), BIG[:1024])
    tftp.fetch("told", blksize=600)
    log = server.wait_log("told to 192.168.2.2: 1024 bytes in 0.0")
    assert "(blksize 600, windowsize 1, 0 gaps, 0 timeouts)" in log
