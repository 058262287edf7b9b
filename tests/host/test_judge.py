# SPDX-License-Identifier: BSD-2-Clause
"""What Debian's pxelinux did with each configuration in tests/judge, lanyard does, too, or the difference
is listed with its reason."""

import re

import pytest

from tests.host.client import dhcp
from tests.host.kernel import blob, bzimage
from tests.judge.cases import INITRDS, KERNELS, SECTOR, SECTORS, answers, asked, cases, differences

CASES, ANSWERS, DIFFERENCES = cases(), answers(), differences()
FILES = {name: bzimage(size=8192, seed=name) for name in KERNELS} | {name: blob(900, name) for name in INITRDS}
FILES |= {name: SECTOR for name in SECTORS}
OPTIONS = {1: bytes([255, 255, 255, 0]), 3: bytes([192, 168, 2, 2])}


def replace_address(line):
    """The machine of the answers had another address."""
    return line and re.sub(r"ip=192\.168\.2\.1\d\d:", "ip=192.168.2.50:", line)


@pytest.mark.parametrize("name", ANSWERS)
def test_as_pxelinux(dnsmasq, name):
    expected = ANSWERS[name] | {k: v for k, v in DIFFERENCES.get(name, {}).items() if k != "why"}
    files = {file: text.encode() for file, text in CASES[name].items()}
    keys = files.pop("keys", None)
    dnsmasq.serve(FILES | files)
    result = dnsmasq.run("--hurry", "10", *(["--keys", keys.decode()] if keys else []), ack=dhcp(options=OPTIONS))
    assert result.line == replace_address(expected["line"]), result
    assert asked(result.files()) == expected["requests"], result


def test_every_difference_is_one():
    for name, entry in DIFFERENCES.items():
        assert name in ANSWERS, name
        assert any(entry.get(k, ANSWERS[name][k]) != ANSWERS[name][k] for k in ("line", "requests")), name
