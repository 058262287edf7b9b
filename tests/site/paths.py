# SPDX-License-Identifier: BSD-2-Clause
"""Where things lie: the source tree, the build folder (BUILD, as in the Makefile) and what
tests/fetch-deps.sh unpacked (DEPS)."""

import os

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD") or os.path.join(TREE, "build"))
DEPS = os.path.abspath(os.environ.get("DEPS") or os.path.join(TREE, "build", "deps"))
BIN = os.path.join(BUILD, "bin")
