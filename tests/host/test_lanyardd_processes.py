# SPDX-License-Identifier: BSD-2-Clause
"""lanyardd's processes: their rights, how they end and return; mklanyard as one of them."""

import os
import re
import shutil
import signal
import time

import pytest

from tests.host.lanyardd import MODULES, NEW, OLD, boot, images, refused, start
from tests.host.nfs3 import Client as NfsClient
from tests.host.nfsd import inside
from tests.host.tree import read, write
from tests.site import Lanyardd
from tests.site.paths import BIN


def status(site, pid):
    text = site.run(["cat", f"/proc/{pid}/status"])
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def test_rights(site, root):
    server = start(site, root)
    pids = server.processes()
    net, nfs = status(site, pids["net"]), status(site, pids["nfs"])
    assert net["Uid"].split() == ["65534"] * 4 and net["Groups"].strip() == ""
    assert int(net["CapPrm"], 16) == int(net["CapEff"], 16) == 0
    wanted = sum(1 << bit for bit in (0, 1, 2, 3, 4, 6, 7, 27))  # of linux/capability.h
    assert int(nfs["CapPrm"], 16) == int(nfs["CapBnd"], 16) == wanted
    for each in net, nfs:
        assert each["NoNewPrivs"].strip() == "1" and each["Seccomp"].strip() == "2"
    assert site.run(["readlink", f"/proc/{pids['net']}/root"]).endswith(" (deleted)\n")


def test_clean_end(site, root):
    """After some work; no memory is lost in any process."""
    server = start(site, root, "--tftp-root", root.root, leaks=True)
    boot(site)
    root.add_kernel(NEW)
    server.wait_for("machines boot kernel")
    process = server.process
    server.signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert server.processes() == {}
    assert "LAN-" not in server.log()
    server.stop()


def test_restart_keeps_the_image(site, root):
    server = start(site, root)
    before = boot(site)
    server.stop()
    length = len(server.log())
    server.start()
    assert boot(site)["initrds"] == before["initrds"]
    assert "making" not in server.log()[length:]


@pytest.mark.parametrize("what", ["net", "nfs"])
def test_a_child_is_killed(site, root, what):
    server = start(site, root, rw=True)
    with inside(site):
        client = NfsClient(site.address, 2049)
    before = client.mount(root.root)
    pid = server.processes()[what]
    server.kill(what)
    server.wait_for("LAN-713")
    deadline = time.monotonic() + 10
    while server.processes().get(what, pid) == pid:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    boot(site)
    with inside(site):
        assert NfsClient(site.address, 2049).mount(root.root) == before


def test_a_child_that_keeps_ending_is_started_ever_more_slowly(site, root):
    server = start(site, root)
    for _ in range(4):
        length = len(server.log())
        pid = server.processes()["net"]
        server.kill("net")
        server.wait_for("LAN-713", start=length)
        deadline = time.monotonic() + 10
        while server.processes().get("net", pid) == pid:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    pauses = [float(text) for text in re.findall(r"next start is in (\S+) s", server.log())]
    assert pauses == [0.1, 0.2, 0.4, 0.8]


def test_supervisor_is_killed(site, root):
    server = start(site, root)
    before = boot(site)
    server.kill("lanyardd")
    deadline = time.monotonic() + 10
    while server.processes():
        assert time.monotonic() < deadline, server.processes()
        time.sleep(0.05)
    server.process = None
    server.start()
    assert boot(site)["initrds"] == before["initrds"]


def test_a_new_one_waits_for_the_old_ones_children(site, root):
    """No fault where lanyardd is started while its predecessor's children are still ending."""
    server = start(site, root)
    server.signal(signal.SIGSTOP)
    server.kill("lanyardd")
    server.process = None
    server.start()
    assert "LAN-706" not in server.log()


def test_idle_memory(site, root):
    server = Lanyardd(site, root.root, modules=MODULES)
    boot(site)
    resident = sum(int(status(site, pid)["VmRSS"].split()[0]) for pid in server.processes().values())
    assert resident <= 16 * 1024


def programs(site, script=None):
    """lanyardd's programs, where every user can reach them; with another mklanyard."""
    place = site.path("programs")
    os.makedirs(place)
    for name in ("lanyard.0", "init", "mklanyard"):
        shutil.copy(f"{BIN}/{name}", place)
    if script:
        write(f"{place}/mklanyard", "#!/bin/sh\n" + script)
        os.chmod(f"{place}/mklanyard", 0o755)
    return place


LOOK_AROUND = r"""
exec >/out/image 2>&1
echo "files: $(echo /*)"
echo "home: $(cat /root/.profile /home/*/.profile 2>/dev/null)"
for place in /usr /tree TREE PROGRAMS /; do
    touch $place/x 2>/dev/null && echo "wrote: $place"
done
echo "cards: $(sed -n 's/:.*//p' /proc/net/dev | tr -d ' \n')"
echo "processes: $(echo /proc/[0-9]*)"
grep -E '^(Uid|Gid|Groups|CapPrm|NoNewPrivs):' /proc/self/status
echo "memory: $(ulimit -v)"
echo "tree: $(cat TREE/boot/config-* | wc -c)"
echo "arguments: $*"
"""


def test_mklanyard_is_shut_in(site, root):
    """What mklanyard could see and do, had the tree taken it over."""
    place = site.path("programs")
    script = LOOK_AROUND.replace("TREE", root.root).replace("PROGRAMS", place)
    server = start(site, root, programs=programs(site, script))
    image, = images(server)
    seen = read(f"{server.state}/images/{image}").decode()
    words = dict(line.split(":", 1) for line in seen.splitlines() if ":" in line)
    assert set(words["files"].split()) <= {"/" + name for name in (
        "bin", "dev", "lib", "lib32", "lib64", "out", "proc", "sbin", "tmp", "usr")}
    assert words["home"].strip() == "" and "wrote" not in words
    assert words["cards"].strip() == "lo"
    assert len(words["processes"].split()) <= 2  # itself and the command that looks
    assert set(words["Uid"].split()) == set(words["Gid"].split()) == {"65534"}
    assert words["Groups"].strip() == "" and int(words["CapPrm"], 16) == 0
    assert words["NoNewPrivs"].strip() == "1"
    assert int(words["memory"]) < 2 << 20  # KiB
    assert int(words["tree"]) == len(read(f"{root.root}/boot/config-{OLD}"))
    assert words["arguments"].split() == ["-r", root.root, "-k", OLD, "-m", MODULES,
                                          "-o", "/out/image", "--segments", "/out/parts"]


class Contained(Lanyardd):
    """As in a container, which may not make namespaces or mounts."""

    def argv(self):
        return ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", *super().argv()]


def test_without_the_right_to_make_namespaces(site, root):
    server = Contained(site, root.root, "-v", modules=MODULES, sanitized=True, programs=programs(site))
    boot(site)
    assert int(status(site, server.processes()["lanyardd"])["CapEff"], 16) & 1 << 21 == 0
    with inside(site):
        assert NfsClient(site.address, 2049).mount(root.root)
    assert "LAN-" not in server.log()


def test_programs_that_only_root_can_reach(site, root):
    """Such as those of a build in root's home."""
    place = programs(site)
    os.chmod(place, 0o700)
    with pytest.raises(RuntimeError) as error:
        Contained(site, root.root, modules=MODULES, sanitized=True, programs=place)
    assert f"user 65534 cannot start {place}/mklanyard: Permission denied" in str(error.value)


@pytest.mark.parametrize("script, fact", [
    ("echo mklanyard: LAN-603 all is lost >&2; exit 111", "LAN-603 all is lost"),
    ("exit 0", "LAN-705"),
    ("kill -9 $$", "LAN-705"),
    ("ln -s /etc/shadow /out/image", "LAN-705"),
    ("mkfifo /out/image", "LAN-705"),
    ("mkdir /out/image", "LAN-705"),
    ("head -c 600M /dev/zero >/out/image", "LAN-705"),
], ids=["fails", "makes-nothing", "is-killed", "link", "pipe", "directory", "too-large"])
def test_mklanyard_misbehaves(site, root, script, fact):
    text = refused(site, root, programs=programs(site, script + "\n"))
    assert fact in text and "LAN-705" in text
    assert os.listdir(site.path("lanyardd.state", "images")) == ["work"]
