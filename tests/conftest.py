# SPDX-License-Identifier: BSD-2-Clause
"""Lets every test say `from tests.site import ...`, whatever directory pytest starts in."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
