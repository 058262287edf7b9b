// SPDX-License-Identifier: BSD-2-Clause
// How a file gets over one of the root. An overlay is this machine's alone: the file is simply written
// there, and programs may replace it as they do on a disk. Elsewhere a file of /run is bound over it.
// All of this runs inside the root.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum layer {
	LAYER_OVERLAY,
	LAYER_READ_ONLY,
	LAYER_WRITABLE, // perhaps one that other machines write to as well
};

// Lays `contents` over `path`, an absolute path. Where there is no such file, one is made on an overlay,
// and none elsewhere: false, as with other errors (errno).
bool layer_file(enum layer layer, const char *path, const char *contents, size_t length);
// Binds the file `ours` over `path`. False with errno.
bool layer_bind(const char *ours, const char *path);
