# SPDX-License-Identifier: BSD-2-Clause
"""A whole Debian as the root of machines: logging in, what a healthy system says, switching off."""

import re

PROMPT = r"root@[\w.-]+:\S*# "

# From the switch to the login prompt: some 60 s on an idle machine with two cores.
BOOT_TIMEOUT = 400


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
    assert re.search(r"^lanyard: .*the root is unmounted", machine.console.text, re.MULTILINE)
