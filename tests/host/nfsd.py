# SPDX-License-Identifier: BSD-2-Clause
"""Our NFS server as a process of a site."""

import os
import signal

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
        super().__init__(site)

    def argv(self):
        state = ["-s", self.state] if self.state else []
        return [f"{BUILD}/tests/nfsd", "-p", str(self.port), *state, *self.options,
                *(f"{directory}={path}" for path, directory in self.exports.items())]

    def kill(self):
        """kill -9."""
        process, self.process = self.process, None
        kill_group(process, signal.SIGKILL)
