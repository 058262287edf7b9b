# SPDX-License-Identifier: BSD-2-Clause
"""Our NFS server as a process of a site, and clients of it in this process."""

import contextlib
import ctypes
import os
import re
import signal
import time

from tests.host.nfs3 import Client
from tests.site.namespace import kill_group
from tests.site.paths import BUILD
from tests.site.servers import Server


class Nfsd(Server):
    """exports: {path that clients mount: directory}. `state` outlives stop() and start()."""

    ready = "serving"
    start_timeout = 30

    def __init__(self, site, exports, *options, port=2049, state=True):
        self.exports, self.options, self.port = exports, options, port
        self.state = site.path("nfsd.state") if state else None
        if state:
            os.makedirs(self.state, exist_ok=True)
        site.nfsd = self
        super().__init__(site)

    def argv(self):
        state = ["-s", self.state] if self.state else []
        return [f"{BUILD}/tests/nfsd", "-p", str(self.port), *state, *self.options,
                *(f"{directory}={path}" for path, directory in self.exports.items())]

    def kill(self):
        """kill -9."""
        process, self.process = self.process, None
        kill_group(process, signal.SIGKILL)
        self._wait_gone()

    def stop(self):
        """SIGTERM. Fails if a sanitizer had something to say, leaked memory included."""
        if self.process:
            super().stop()
            self._wait_gone()
        report = re.search(r"(AddressSanitizer|LeakSanitizer|runtime error).*", self.log(), re.DOTALL)
        assert not report, f"the server's log says:\n{report.group()[:4000]}"

    def _wait_gone(self):
        """Until the server itself has ended, not only what started it."""
        deadline = time.monotonic() + 20
        while self.site.run(["pgrep", "-r", "D,R,S,T,t", "-x", "nfsd"], check=False):
            if time.monotonic() > deadline:
                raise RuntimeError(f"nfsd does not end: {self.log()[-2000:]}")
            time.sleep(0.02)

    def client(self, uid=0, gid=0, gids=(), **how):
        """A connection from within the site."""
        with inside(self.site):
            return Client(self.site.address, self.port, uid, gid, gids, **how)

    def memory(self):
        """KiB that the server has resident."""
        pid = self.site.run(["pgrep", "-x", "nfsd"]).split()[0]
        status = self.site.run(["grep", "VmRSS", f"/proc/{pid}/status"])
        return int(status.split()[1])


@contextlib.contextmanager
def inside(site):
    """This thread makes sockets in the site's network. They stay there."""
    libc = ctypes.CDLL(None, use_errno=True)
    pid = site.namespace.command([])[1].split("/")[2]
    with open("/proc/self/ns/net", "rb") as here, open(f"/proc/{pid}/ns/net", "rb") as there:
        if libc.setns(there.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            libc.setns(here.fileno(), 0)
