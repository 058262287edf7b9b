# SPDX-License-Identifier: BSD-2-Clause
"""lanyardd as a whole on a tree that is made here; the boot program (lanyard-host) is its client."""

import hashlib
import os
import time

import pytest

from tests.host.client import Client
from tests.host.kernel import bzimage
from tests.host.tree import Tree, module, read, write
from tests.site import Lanyardd

OLD, NEW = "6.1.0-9-test", "6.1.0-10-test"
MODULES = "list:e1000"
HTTP_CLIENT = [(60, b"HTTPClient:Arch:00016:UNDI:003016"), (93, b"\0\x10")]


class Root(Tree):
    """A root tree with a kernel and a shell's worth of a system."""

    def __init__(self, root):
        os.makedirs(root)
        os.chmod(root, 0o755)
        super().__init__(root, OLD)
        self.add_kernel(OLD)
        write(f"{root}/sbin/init", "#!/bin/sh\n")

    def add_kernel(self, version):
        self.version = version
        self.directory = f"{self.root}/lib/modules/{version}"
        for name in ("nfs", "nfsv3", "nfsv4", "overlay", "8021q", "e1000"):
            self.add(f"fs/{name}.ko", module(name))
        self.write("modules.builtin", "kernel/net/packet/af_packet.ko\n")
        self.write("modules.order", "")
        write(f"{self.root}/boot/config-{version}", read(f"{self.root}/boot/config-{OLD}"))
        write(f"{self.root}/boot/vmlinuz-{version}", bzimage(seed=version))

    def path(self, name):
        return os.path.join(self.directory, name)


def start(site, root, *options, **words):
    words.setdefault("modules", MODULES)
    return Lanyardd(site, root.root, *options, sanitized=True, **words)


def boot(site):
    """A plan that the boot program makes with this server."""
    if not hasattr(site, "client"):
        site.client = Client(site, None, site.add_client())
    result = site.client.run()
    assert result.plan and result.faults == [], result
    return result.plan


def sha256(path):
    return hashlib.sha256(read(path)).hexdigest()


def images(server):
    return sorted(name for name in os.listdir(f"{server.state}/images") if name.endswith(".img"))


def refused(site, root, *options, status=111, **words):
    """What lanyardd says where it cannot begin."""
    with pytest.raises(RuntimeError) as error:
        start(site, root, *options, **words)
    assert "ended at once" in str(error.value), error.value
    assert "Sanitizer" not in str(error.value)
    return str(error.value)


HOLD = """
import socket, sys, time
kind = socket.SOCK_STREAM if sys.argv[1] == "tcp" else socket.SOCK_DGRAM
s = socket.socket(socket.AF_INET, kind)
s.bind(("0.0.0.0", int(sys.argv[2])))
if kind == socket.SOCK_STREAM:
    s.listen()
time.sleep(1000)
"""


def hold(site, kind, port):
    site.popen(["/usr/bin/python3", "-c", HOLD, kind, str(port)])
    deadline = time.monotonic() + 10
    while not site.bound(kind, port):
        assert time.monotonic() < deadline
        time.sleep(0.05)
