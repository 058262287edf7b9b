# SPDX-License-Identifier: BSD-2-Clause
"""A machine's serial console: everything it says is kept, can be waited for, and answered."""

import re
import socket
import threading
import time

_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[()][0-9A-B]|[=>78cDEHM])|\r")

# What ends a wait at once: nothing good follows.
PANIC = re.compile(r"Kernel panic - not syncing.*")


class ConsoleError(AssertionError):
    """The console did not say what was expected; the message carries its last lines."""


class Console:
    """Reads a socket in the background. `text` is what came so far, without escape sequences and
    carriage returns; wait_for() moves a cursor through it, so that each wait looks only at what
    came after the text that the last one matched."""

    def __init__(self, sock, alive=lambda: True, where=""):
        self._sock = sock
        self._alive = alive
        self._where = where
        self._more = threading.Condition()
        self._raw = ""
        self._listener = None
        self.text = ""
        self.cursor = 0
        self.closed = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                data = self._sock.recv(65536)
            except OSError:
                data = b""
            with self._more:
                if not data:
                    self.closed = True
                    self._more.notify_all()
                    return
                self._raw += data.decode("utf-8", "replace")
                # An escape sequence may be cut in two: keep its beginning for the next round.
                cut = self._raw.rfind("\x1b")
                if cut < 0 or len(self._raw) - cut > 16:
                    cut = len(self._raw)
                elif _ESCAPES.match(self._raw, cut):
                    cut = len(self._raw)
                self.text += _ESCAPES.sub("", self._raw[:cut])
                self._raw = self._raw[cut:]
                self._more.notify_all()
            if self._listener:
                self._listener(data)

    def listen(self, listener):
        """Have listener(bytes) called with everything that comes from now on (in the reader's
        thread)."""
        self._listener = listener

    def wait_for(self, pattern, timeout, fail=PANIC):
        """Wait until the regular expression matches what came after the last match; returns the
        match. Raises ConsoleError after `timeout` seconds, when `fail` matches first, or when the
        machine ended without saying it."""
        expected = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + timeout
        with self._more:
            while True:
                found = expected.search(self.text, self.cursor)
                if found:
                    self.cursor = found.end()
                    return found
                bad = fail and fail.search(self.text, self.cursor)
                if bad:
                    raise self._error(f"'{bad.group()}' while waiting for /{pattern}/")
                if self.closed or not self._alive():
                    raise self._error(f"the machine ended; still waiting for /{pattern}/")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise self._error(f"no /{pattern}/ in {timeout} s")
                self._more.wait(min(left, 0.5))

    def wait_for_any(self, patterns, timeout, fail=PANIC):
        """Wait for the first of several; returns (its index, the match)."""
        either = "|".join(f"(?P<p{i}>{p})" for i, p in enumerate(patterns))
        found = self.wait_for(either, timeout, fail)
        return next(i for i in range(len(patterns)) if found.group(f"p{i}") is not None), found

    def _error(self, what):
        return ConsoleError(f"console: {what}\n--- its last lines:\n{self.tail()}\n---\n{self._where}")

    def tail(self, lines=30):
        return "\n".join(self.text.rstrip().splitlines()[-lines:])

    def send(self, text):
        """Type this, as it is ('\\n' is sent as the Enter key's CR)."""
        self.send_bytes(text.replace("\n", "\r").encode())

    def send_bytes(self, data):
        try:
            self._sock.sendall(data)
        except OSError:
            pass  # the machine has just ended; whoever waits for it finds out

    def close(self):
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._sock.close()
