# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the host tests: a segment with dnsmasq (DHCP and TFTP) that all tests share, and one of
its own for the tests that stop servers."""

import os

import pytest

from tests.host.client import Client
from tests.host.lanyardd import Root
from tests.site import Dnsmasq, Site


def make_client(site):
    root = site.path("tftp")
    os.mkdir(root)
    return Client(site, root, site.add_client())


@pytest.fixture(scope="session")
def dnsmasq():
    """A client of a dnsmasq that gives leases and files."""
    with Site(name="host", capture=False) as site:
        client = make_client(site)
        site.ip("addr", "add", "192.168.2.3/24", "dev", "br0")  # another server, for names that say so
        client.server = Dnsmasq(site, tftp_root=client.root, boot_file="lanyard.0")
        yield client


@pytest.fixture
def segment():
    """A client on a segment without any server."""
    with Site(name="host", capture=False) as site:
        yield make_client(site)


@pytest.fixture
def site():
    """A segment on which nobody is yet."""
    with Site(name="host", capture=False) as site:
        yield site


@pytest.fixture
def root(site):
    """A tree that lanyardd can serve."""
    return Root(site.path("tree"))
