# SPDX-License-Identifier: BSD-2-Clause
"""A whole Debian as the root of machines: making the tree, logging in, what a healthy system says."""

import os
import shutil
import subprocess

from tests.site.paths import BUILD, DEPS

ARCHIVE = os.path.join(DEPS, "debian.tar")
MAKE_ROOT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                         "debian", "make-root.sh")
PROMPT = r"root@[\w.-]+:\S*# "

# From the switch to the login prompt: some 60 s on an idle machine with two cores.
BOOT_TIMEOUT = 400


class DebianRoot:
    """A fresh copy of the tree, which one site may write to; removed with the site."""

    def __init__(self, site):
        base = os.path.join(BUILD, "run")
        os.makedirs(base, exist_ok=True)
        self.dir = os.path.join(base, os.path.basename(site.dir) + "-debian")
        site.on_close(self.remove)
        subprocess.run([MAKE_ROOT, ARCHIVE, self.dir], check=True)

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *names):
        """A path in the tree, as the server sees it."""
        return os.path.join(self.dir, *names)


def log_in(machine):
    """Wait for multi-user.target's login prompt on the serial console, and log in as root."""
    machine.wait_for(r"login: ", BOOT_TIMEOUT)
    machine.console.send("root\n")
    machine.wait_for(PROMPT, 120)
    machine.shell("export TERM=dumb PAGER=cat SYSTEMD_COLORS=0 DEBIAN_FRONTEND=noninteractive; "
                  "stty cols 200", 60)


def assert_healthy(machine):
    """Every unit has started, and nothing has failed."""
    state = machine.shell("systemctl is-system-running --wait || true", 180)
    failed = machine.shell("systemctl list-units --failed --plain --no-legend --no-pager", 60)
    assert not failed.strip() and "running" in state, f"{state}{failed}"


def power_off(machine):
    """The system's own way, which must not wait for anything that is gone."""
    machine.console.send("poweroff\n")
    machine.wait_end(90)
    stuck = [line for line in machine.console.text.splitlines()
             if "A stop job is running" in line or "Timed out" in line]
    assert not stuck, stuck
