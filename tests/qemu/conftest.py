# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the boots in QEMU. Tests marked `fast` belong to `make check`, those marked `long` to
`make check-all`, all others to `make ci`."""

import glob

import pytest

from tests.site import Ganesha, Site
from tests.site.payload import RootCopy


def pytest_configure(config):
    config.addinivalue_line("markers", "fast: part of `make check`")
    config.addinivalue_line("markers", "arm64: part of `make arm64-check`")
    config.addinivalue_line("markers", "long: part of `make check-all` only")


@pytest.fixture
def site(request):
    """A site of its own for the test; its logs are kept when the test fails."""
    with Site(name="qemu") as site:
        yield site
        outcome = getattr(request.node, "outcome_of_call", None)
        if outcome is None or outcome.failed:
            site.keep = True
            for path in sorted(glob.glob(site.path("*.console"))):
                print_end(path)


@pytest.fixture
def root(site):
    """A root tree that nfs-ganesha exports."""
    tree = RootCopy(site)
    Ganesha(site, {"/nfsroot": tree.dir})
    return tree


def print_end(path, lines=30):
    with open(path, encoding="utf-8", errors="replace") as file:
        print(f"--- the last lines of {path}:", *file.read().splitlines()[-lines:], sep="\n")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.outcome_of_call = outcome.get_result()
