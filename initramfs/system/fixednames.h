// SPDX-License-Identifier: BSD-2-Clause
// Names that the root gives to network cards, by udev's rules or systemd.link(5), and which of them are
// for no card that this machine's running system may configure. Runs inside the root.
#pragma once

#include <stdbool.h>

// Whether the root gives `name` to a card that is another machine's, or to the one that carries the
// root, `device` (or `below`, NULL: none).
bool fixednames_is_elsewhere(const char *name, const char *device, const char *below);
