# SPDX-License-Identifier: BSD-2-Clause
"""A large configuration: 1,000 labels in a file that includes 50 others, read by lanyard-host --lint, which
is built with the sanitizers: a boot program is faster. Nothing of a peer runs on the host."""
import os
import re
import statistics
import subprocess
import tempfile

from tests.bench.table import Table
from tests.site.paths import BIN

RUNS = 15
LIMIT = 20  # ms


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def make(root):
    """Writes the files; gives the name of the one that includes the others."""
    write(f"{root}/vmlinuz", "")
    for number in range(50):
        write(f"{root}/part{number}", "".join(
            f"LABEL l{number}-{i}\nMENU LABEL Entry {i}\nLINUX vmlinuz\nAPPEND root=/dev/nfs n={i}\n"
            for i in range(20)))
    write(f"{root}/default", "UI menu.c32\n" + "".join(
        f"MENU INCLUDE part{number} Part {number}\n" for number in range(50)))
    return f"{root}/default"


def read(path):
    """Milliseconds from the first file's opening to the last label."""
    run = subprocess.run([os.path.join(BIN, "lanyard-host"), "--lint", path, "--show"], check=True,
                         capture_output=True, text=True)
    labels, files, taken = re.match(r"(\d+) labels in (\d+) files, read in ([\d.]+) ms", run.stderr).groups()
    assert (labels, files) == ("1000", "51"), run.stderr
    return float(taken)


def measure(_runs):
    with tempfile.TemporaryDirectory() as root:
        path = make(root)
        times = [read(path) for _ in range(RUNS)]
    table = Table("A configuration with 1,000 labels and 50 includes, ms to read it",
                  [("what", 18), ("ms", 8), ("limit", 8)])
    table.row(f"median of {RUNS}", statistics.median(times), LIMIT)
    table.row("slowest", max(times), LIMIT)
