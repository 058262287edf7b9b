// SPDX-License-Identifier: BSD-2-Clause
// The key that makes handles unforgeable: random, kept in the state directory, so that handles
// outlive the server. Who reads it can make handles for any file of an exported file system.
#pragma once

#include "server-stub/nfs/files.h"

// Reads STATE/nfs.key, or makes it. Without a state directory a key for this run alone.
bool key_load(const char *state, uint8_t key[FILES_KEY], char *error, size_t size);
