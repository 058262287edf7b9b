# SPDX-License-Identifier: BSD-2-Clause
"""`make demo` as a person has it: on a terminal, until poweroff or Ctrl-A X, leaving nothing."""

import glob
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time

import pytest

from tests.qemu.support import BOOT_TIMEOUT, INITRD, PROGRAM, SHELL
from tests.site.console import Console
from tests.site.paths import BUILD, TREE


class Terminal:
    """The demo on a pseudo terminal; looks like a socket to Console."""

    def __init__(self, *arguments, arch=""):
        self.closed = False
        self.master, slave = pty.openpty()
        programs = [] if arch else ["--program", PROGRAM, "--initrd", INITRD]
        self.process = subprocess.Popen(
            [sys.executable, f"{TREE}/tests/demo/demo.py", *programs, *arguments],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**os.environ, "ARCH": arch})
        os.close(slave)
        self.console = Console(self, lambda: self.process.poll() is None)

    def recv(self, size):
        while not self.closed:  # a read that waited would keep the terminal from being closed
            if select.select([self.master], [], [], 0.1)[0]:
                return os.read(self.master, size)
        return b""

    def sendall(self, data):
        os.write(self.master, data)

    def shutdown(self, how):
        pass

    def close(self):
        if not self.closed:
            self.closed = True
            os.close(self.master)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(20)
        self.console.close()


def orphans():
    """Roots whose demo has no directory any more. Other demos may be running."""
    return {root for root in glob.glob(f"{BUILD}/run/lanyard-demo-*")
            if not glob.glob(f"/tmp/demos-*/{os.path.basename(root)}")}


@pytest.fixture(autouse=True)
def nothing_is_left(monkeypatch):
    """Neither directories nor processes, such as machines and servers."""
    place = tempfile.mkdtemp(prefix="demos-", dir="/tmp")
    os.chmod(place, 0o755)
    monkeypatch.setenv("TMPDIR", place)
    before = orphans()
    yield
    assert not os.listdir(place) and orphans() <= before
    assert not subprocess.run(["pgrep", "-fa", place], capture_output=True, text=True, check=False).stdout
    os.rmdir(place)


def test_poweroff():
    with Terminal() as terminal:
        terminal.console.wait_for(SHELL, BOOT_TIMEOUT)
        terminal.console.send("poweroff\n")
        terminal.console.wait_for("the machine has switched itself off", 60)
        terminal.console.wait_for("everything is cleaned up", 20)
        assert terminal.process.wait(20) == 0


@pytest.mark.arm64
def test_arm64():
    with Terminal(arch="arm64") as terminal:
        terminal.console.wait_for(SHELL, BOOT_TIMEOUT)
        terminal.console.send("uname -m; poweroff\n")
        terminal.console.wait_for("^aarch64", 20)
        terminal.console.wait_for("the machine has switched itself off", 60)
        terminal.console.wait_for("everything is cleaned up", 20)
        assert terminal.process.wait(20) == 0


def test_pull_the_plug():
    with Terminal("--overlay") as terminal:
        terminal.console.wait_for("SeaBIOS", 30)  # the firmware's words are on the terminal, too
        terminal.console.send("\x01x")
        terminal.console.wait_for("plug pulled", 20)
        assert terminal.process.wait(20) == 0


def test_terminated():
    with Terminal() as terminal:
        terminal.console.wait_for("Ctrl-A X", 30)
        time.sleep(1)
        os.kill(terminal.process.pid, signal.SIGTERM)
        assert terminal.process.wait(20) != 0


@pytest.mark.parametrize("told", [True, False])
def test_terminal_is_closed(told):
    """Its window, or the connection to a server. A shell passes the signal on, nohup does not."""
    with Terminal() as terminal:
        terminal.console.wait_for("Ctrl-A X", 30)
        time.sleep(1)
        terminal.console.close()
        if told:
            os.kill(terminal.process.pid, signal.SIGHUP)
        assert terminal.process.wait(30) == 128 + signal.SIGHUP


# Another user need not be able to read this tree.
NOT_ROOT = "import os, sys; from tests.demo import demo; os.seteuid(65534); sys.exit(demo.main())"


def test_not_root():
    done = subprocess.run([sys.executable, "-c", NOT_ROOT], cwd=TREE, capture_output=True, text=True,
                          timeout=20, check=False)
    assert done.returncode == 1 and "run: sudo make demo" in done.stderr, done
