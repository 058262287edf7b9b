# SPDX-License-Identifier: BSD-2-Clause
"""Lets every test say `from tests.site import ...`, whatever directory pytest starts in; and lets a
SIGTERM end pytest like Ctrl-C, so that sites are closed. (A shell's background job is started with
SIGINT ignored; its tests are not.)"""

import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def pytest_sessionstart():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
