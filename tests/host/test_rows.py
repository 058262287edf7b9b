# SPDX-License-Identifier: BSD-2-Clause
"""tests/NETWORK.md names tests and faults that exist."""

import glob
import os
import re

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(*names):
    with open(os.path.join(TESTS, *names), encoding="utf-8") as file:
        return file.read()


def test_every_row_has_its_tests():
    lists = glob.glob(os.path.join(TESTS, "..", "netstack", "base", "fault*.def"))
    known = {number for file in lists for number in re.findall(r"FAULT\(\w+, (\d+)", read(file))}
    rows = [line for line in read("NETWORK.md").splitlines() if line.startswith("| ")][4:]
    for row in rows:
        named = re.findall(r"`([\w/]+\.(?:c|py))::(\w+)`", row)
        assert named or row.startswith("| what "), row
        assert set(re.findall(r"LAN-(\d+)", row)) <= known, row
        for file, name in named:
            definition = rf"^def {name}\(" if file.endswith("py") else rf"^static void {name}\("
            assert re.search(definition, read(file), re.MULTILINE), f"{file}::{name}"
