# SPDX-License-Identifier: BSD-2-Clause
"""lanyardd's command line, its configuration, --check."""

import os
import shutil
import subprocess

import pytest

from tests.host.dhcpd import Neighbour
from tests.host.lanyardd import OLD, Root, boot, hold, start
from tests.host.tree import write
from tests.site import Lanyardd
from tests.site.paths import BIN, BUILD


def run(*words, user=None, program=f"{BUILD}/host/lanyardd"):
    return subprocess.run([program, *words], capture_output=True, text=True,
                          timeout=60, check=False, user=user,
                          env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))


@pytest.mark.parametrize("words, fact", [
    ((), "no root tree"), (("--frobnicate", "/"), "--frobnicate"), (("/", "/tmp"), "'/tmp'"),
    (("--pool", "192.168.2.9-192.168.2.1", "/"), "FIRST-LAST"), (("--pool", "x", "/"), "--pool"),
    (("--dhcp=maybe", "/"), "proxy"),
    (("--nfs-port", "70000", "/"), "--nfs-port"), (("--router", "nobody", "/"), "--router"),
    (("--allow", "10.0.0.0/33", "/"), "--allow"), (("-i",), "-i"), (("--append", "a\nb", "/"), "append"),
])
def test_command_line(words, fact):
    done = run("-c", os.devnull, *words)
    assert done.returncode == 100 and "LAN-701" in done.stderr and fact in done.stderr, done


def test_help():
    done = run("--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: lanyardd")


def test_not_root(site):
    program = shutil.copy(f"{BUILD}/host/lanyardd", site.path("lanyardd"))  # any user can reach that
    done = run("-c", os.devnull, "/usr", user=65534, program=program)
    assert done.returncode == 111 and "LAN-707" in done.stderr, done


@pytest.mark.parametrize("text, fact", [
    ("frobnicate = 1\n", ":1: 'frobnicate'"), ("\n# x\nrw = perhaps\n", ":3: 'rw' wants yes or no"),
    ("rw = yes\npool = 1-2\n", ":2: 'pool'"), ("nonsense\n", ":1:"), ("[x]\nrw = yes\n", "'x' is a section"),
    ("append = " + "x" * 300 + "\n", ":1:"), ("check = yes\n", ":1: 'check'"), ("root =\n", "703"),
    ("interface =\n", ":1: 'interface'"),
])
def test_configuration_faults(tmp_path, text, fact):
    path = write(str(tmp_path / "conf"), text)
    done = run("-c", path, *(() if "root" in text else ("/usr",)))
    assert done.returncode == 111 and fact in done.stderr, done
    assert "LAN-702" in done.stderr or "LAN-703" in done.stderr


def test_configuration_that_is_missing():
    done = run("-c", "/nowhere/conf", "/usr")
    assert done.returncode == 111 and "LAN-702" in done.stderr and "/nowhere/conf" in done.stderr


def test_command_line_wins(site, root):
    other = Root(site.path("other"))
    config = write(site.path("lanyardd.conf"), f"""
# A whole configuration.
root = {other.root}
rw = yes
append = from the file   ; a comment
interface = br7
modules = list:nothing
tftp-port = 6969
no-portmap = yes
""")
    start(site, root, "--append", "from the line", "-i", "br0", "--tftp-port", "69", config=config)
    words = boot(site)["command_line"].split()
    assert {"line", "rw"} <= set(words) and "file" not in words
    assert any(word.startswith(f"nfsroot=192.168.2.2:{root.root},") for word in words)
    assert not site.bound("tcp", 111)


def check(site, root, *options, status=0):
    server = Lanyardd.__new__(Lanyardd)
    server.root, server.options, server.rw, server.modules = root.root, list(options), False, None
    server.dhcp, server.programs, server.config = "auto", BIN, os.devnull
    server.leaks = False
    server.program, server.state = f"{BUILD}/host/lanyardd", site.path("state")
    argv = " ".join(["ASAN_OPTIONS=detect_leaks=0", *map(str, server.argv()[2:]), "--check"])
    output = site.run(["sh", "-c", f"{argv}; echo status $?"], timeout=60)
    assert output.splitlines()[-1] == f"status {status}", output
    lines = output.splitlines()[:-2]
    assert all(line.split()[0] in ("ok", "note", "problem") for line in lines), output
    return [line for line in lines if line.startswith("problem")], output


def test_check_finds_nothing(site, root):
    """What it can do without is no problem."""
    hold(site, "udp", 4011)
    problems, output = check(site, root)
    assert not problems and OLD in output and "192.168.2.2/24" in output
    assert "goes on without proxyDHCP's second port" in output and "let in UDP 67, UDP 4011," in output
    assert "no other DHCP server answers on br0" in output
    assert not os.path.exists(site.path("state"))  # nothing is changed


def test_check_before_a_proxy(site, root):
    """The other server is what it needs; the second port is one more."""
    Neighbour(site)
    hold(site, "udp", 4011)
    problems, output = check(site, root, "--dhcp", "proxy", status=1)
    assert len(problems) == 1 and "LAN-706" in problems[0] and "4011" in problems[0]
    assert "another DHCP server answers on br0: 192.168.2.3" in output and "UDP 4011" in output


def test_check_beside_a_lanyardd_that_serves(site, root):
    start(site, root)
    problems, output = check(site, root)
    assert not problems and "lanyardd's already" in output


def test_check_finds_everything(site, root):
    """Each problem on one line with its number; the exit status tells."""
    hold(site, "udp", 69)
    hold(site, "udp", 67)
    Neighbour(site)
    shutil.rmtree(f"{root.root}/boot")
    os.unlink(f"{root.root}/sbin/init")
    problems, _ = check(site, root, "--tftp-root", "/nowhere", "--dhcp=pool", status=1)
    text = "\n".join(problems)
    for number, fact in (("704", root.root), ("703", "init"), ("706", "port 69: by python3"),
                         ("706", "port 67: by python3"), ("710", "192.168.2.3"), ("715", "/nowhere")):
        assert any(f"LAN-{number}" in line and fact in line for line in problems), (number, text)


def test_check_finds_modules_that_mklanyard_may_not_read(site, root):
    os.chmod(root.path("modules.order"), 0o600)
    problems, _ = check(site, root, status=1)
    assert len(problems) == 1 and "LAN-715" in problems[0] and "modules.order" in problems[0]
