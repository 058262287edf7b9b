# SPDX-License-Identifier: BSD-2-Clause
"""A person at a terminal on a machine's serial port, who uses the boot program's menu."""

import threading
import time

import pyte

from tests.site.console import ConsoleError

UP, DOWN = "\x1b[A", "\x1b[B"

# What is chosen lies in a submenu, and Tab adds the last word to it.
MENU = """\
SERIAL 0 115200
UI menu.c32
MENU TITLE Our machines
TIMEOUT 600
LABEL disk
  MENU LABEL Boot from ^disk
  LOCALBOOT 0
MENU BEGIN systems
  MENU TITLE ^Systems
  LABEL rescue
    MENU LABEL ^Rescue
    KERNEL nothing
  LABEL linux
    MENU LABEL ^Linux
    KERNEL vmlinuz
    INITRD initrd.img
    APPEND root=/dev/nfs nfsroot=192.168.2.2:/nfsroot ip=dhcp console=ttyS0
MENU END
"""


class Terminal:
    """80 by 24 characters; shows what comes from its making on."""

    def __init__(self, machine):
        self.machine = machine
        self.lock = threading.Lock()
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.ByteStream(self.screen)
        machine.console.listen(self.feed)

    def feed(self, data):
        with self.lock:
            self.stream.feed(data)

    def lines(self):
        with self.lock:
            return [line.rstrip() for line in self.screen.display]

    def bar(self):
        """The text under the bar, "" if there is none."""
        with self.lock:
            return "".join(self.screen.display[row].strip() for row in range(24)
                           if self.screen.buffer[row][4].bg == "white")

    def wait(self, seen, timeout, what):
        deadline = time.monotonic() + timeout
        while not seen():
            if not self.machine.running() or time.monotonic() > deadline:
                raise ConsoleError(f"no {what} in {timeout} s:\n" + "\n".join(self.lines()))
            time.sleep(0.1)

    def wait_text(self, text, timeout=30):
        self.wait(lambda: any(text in line for line in self.lines()), timeout, text)

    def press(self, keys, bar):
        """Presses keys until the bar is on that text."""
        self.machine.console.send(keys)
        self.wait(lambda: self.bar() == bar, 30, f"bar on {bar}")


def use_menu(machine, timeout):
    """Boots MENU's last entry with " rw" added, as a person does."""
    terminal = Terminal(machine)
    terminal.wait_text("Automatic boot in 5", timeout)
    assert terminal.lines()[1] == "    Our machines"
    assert terminal.bar() == "Boot from disk"
    terminal.press(DOWN, "Systems" + " " * 64 + ">")
    terminal.wait(lambda: not any("Automatic" in line for line in terminal.lines()), 30, "end of the countdown")
    terminal.press("\r", "Rescue")
    assert terminal.lines()[1] == "    Systems"
    terminal.press("l", "Linux")
    terminal.press(UP, "Rescue")
    terminal.press(DOWN, "Linux")
    machine.console.send("\t")
    terminal.wait_text("vmlinuz root=/dev/nfs")
    machine.console.send(" rw\r")
