# SPDX-License-Identifier: BSD-2-Clause
"""What a machine asks for and how many bytes it gets, watched from outside without recording them: a
whole transfer in a packet capture would take this machine's time.

Run as a program inside a site it prints a line "time bytes" whenever a tap's counter has moved.
"""
import re
import subprocess
import sys
import threading
import time

EVERY = 0.02     # s
TAIL = 4000      # bytes at the end that are goodbyes, not content
HTTP = "tcp[((tcp[12:1] & 0xf0) >> 2):4] = "  # the first word of a segment
FILTER = f"udp dst port 69 or (tcp dst port 80 and ({HTTP}0x47455420 or {HTTP}0x48454144))"  # GET, HEAD


class _Lines(threading.Thread):
    """Reads a program's lines until it ends."""

    def __init__(self, process, take):
        super().__init__(daemon=True)
        self.process, self.take = process, take
        self.start()

    def run(self):
        for line in self.process.stdout:
            self.take(line)


class Requests:
    """The requests for files by TFTP and HTTP, on the machines' side of the site's link."""

    def __init__(self, site):
        self._seen = []
        self._more = threading.Condition()
        process = site.popen(["tcpdump", "-i", site.clients_bridge, "-n", "-tt", "-l", "--immediate-mode",
                              "-Z", "root", FILTER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             text=True)
        _Lines(process, self._take)

    def _take(self, line):
        found = re.match(r"(\d+\.\d+) .*(RRQ|GET|HEAD) (.*)", line)
        if found:
            with self._more:
                self._seen.append((float(found.group(1)), found.group(3)))
                self._more.notify_all()

    def _times(self, name):
        return [when for when, what in self._seen if name in what]

    def wait(self, name, count, timeout):
        """The time of the request number `count` for a file with `name` in its name; None if there is
        none in `timeout` seconds."""
        with self._more:
            self._more.wait_for(lambda: len(self._times(name)) >= count, timeout)
            times = self._times(name)
        return times[count - 1] if len(times) >= count else None


class Meter:
    """How many bytes have gone to a tap, and when."""

    def __init__(self, site, tap):
        self._samples = [(time.time(), 0)]
        process = site.popen([sys.executable, __file__, tap], stdout=subprocess.PIPE, text=True)
        _Lines(process, self._take)

    def _take(self, line):
        when, count = line.split()
        self._samples.append((float(when), int(count)))

    def _count(self, when):
        return max(count for at, count in self._samples if at <= max(when, self._samples[0][0]))

    def bytes_since(self, start):
        return self._samples[-1][1] - self._count(start)

    def last_byte(self, until):
        """When all but the goodbyes had come, of what came until then."""
        samples = [sample for sample in self._samples if sample[0] <= until]
        return next(at for at, count in samples if count >= samples[-1][1] - TAIL)


def main(tap):
    before = -1
    while True:
        with open("/proc/self/net/dev", encoding="ascii") as file:
            found = re.search(rf"^\s*{tap}:(.*)$", file.read(), re.MULTILINE)
        count = int(found.group(1).split()[8])  # transmitted: what the machine receives
        if count != before:
            print(f"{time.time():.3f} {count}", flush=True)
            before = count
        time.sleep(EVERY)


if __name__ == "__main__":
    main(sys.argv[1])
