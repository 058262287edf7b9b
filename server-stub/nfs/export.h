// SPDX-License-Identifier: BSD-2-Clause
// An exported directory.
#pragma once

#include "server-stub/nfs/files.h"

struct nfs_export_config;

// False with a sentence in `error`. The export's lock and key come from `f`.
bool export_open(const struct nfs_files *f, struct nfs_export *e,
	const struct nfs_export_config *config, const struct nfs_config *whole, char *error,
	size_t size);
void export_close(struct nfs_export *e);
// The export that a client's path lies in, and where in it (no leading slash; "" is its root). NULL
// if there is none. `rest` points into the path.
const struct nfs_export *export_of_path(
	const struct nfs_files *f, const char *path, const char **rest);
