# SPDX-License-Identifier: BSD-2-Clause
"""Our NFS server and libnfs, a client that others wrote."""

import hashlib
import os

import pytest

from tests.host.nfsd import Nfsd
from tests.site import Site


@pytest.fixture(scope="module", params=[(), ("-t",)], ids=["kernel-handles", "table"])
def peer(request):
    with Site(name="nfsd", capture=False) as site:
        os.makedirs(site.path("export", "sub"))
        os.chmod(site.path("export"), 0o777)
        site.data = os.urandom(5 << 20)
        with open(site.path("export", "sub", "big"), "wb") as file:
            file.write(site.data)
        with open(site.path("export", "text"), "w", encoding="ascii") as file:
            file.write("some words\n")
        Nfsd(site, {"/export": site.path("export")}, "-w", "-m", *request.param)
        yield site
        site.nfsd.stop()


def url(site, path):
    return f"nfs://{site.address}/export/{path}?version=3"


def test_nfs_ls(peer):
    lines = peer.run(["nfs-ls", "-R", url(peer, "")]).splitlines()
    assert any("big" in line and str(5 << 20) in line for line in lines)
    assert any("text" in line and line.startswith("-rw-r--r--") for line in lines)
    assert "/export" in peer.run(["nfs-ls", "-D", f"nfs://{peer.address}"])


def test_nfs_cat(peer):
    assert peer.run(["nfs-cat", url(peer, "text")]) == "some words\n"


def test_nfs_cp(peer):
    here = peer.path("copy")
    peer.run(["nfs-cp", url(peer, "sub/big"), here], timeout=60)
    with open(here, "rb") as file:
        assert hashlib.sha256(file.read()).digest() == hashlib.sha256(peer.data).digest()
    peer.run(["nfs-cp", here, url(peer, "sub/back")], timeout=60)
    with open(peer.path("export", "sub", "back"), "rb") as file:
        assert file.read() == peer.data
