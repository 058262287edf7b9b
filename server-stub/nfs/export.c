// SPDX-License-Identifier: BSD-2-Clause
// A root directory is held through a detached mount of itself (open_tree(2)): what the server's
// machine has mounted on directories in the tree is not there, '..' ends at the root, and nobody
// can mount anything over it. Without the right to make one, the directory itself is taken.
#include "server-stub/nfs/export.h"
#include "server-stub/nfs/handle.h"
#include "server-stub/nfs/server.h"
#include "server-stub/nfs/table.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// A path without double and trailing slashes; "/" stays.
static char *clean_path(const char *path)
{
	char *clean = malloc(strlen(path) + 2);
	size_t n = 0;

	if (!clean)
		return NULL;
	for (const char *p = path; *p; p++)
		if (*p != '/' || n == 0 || clean[n - 1] != '/')
			clean[n++] = *p;
	if (n > 1 && clean[n - 1] == '/')
		n--;
	clean[n] = 0;
	return clean;
}

static int open_root(const char *path)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int root;

	if (tree < 0)
		return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	root = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(tree);
	return root;
}

// Whether the kernel names a file and finds it again.
static bool kernel_handles(struct nfs_export *e)
{
	uint8_t type, bytes[HANDLE_NAME_MAX], length;
	int fd;

	if (handle_ask_kernel(e->root, &e->mount_id, &type, bytes, &length) != 0)
		return false;
	fd = handle_tell_kernel(e->root, type, bytes, length);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

// The path decides, so that handles of one export are none of another's; the key makes it ours.
static uint32_t id_of(const struct nfs_files *f, const char *path)
{
	uint8_t hash[crypto_shorthash_BYTES];

	crypto_shorthash(hash, (const uint8_t *)path, strlen(path), f->key);
	return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
}

bool export_open(const struct nfs_files *f, struct nfs_export *e,
	const struct nfs_export_config *config, const struct nfs_config *whole, char *error,
	size_t size)
{
	const char *directory = config->root ? config->root : config->path;
	struct stat st;

	*e = (struct nfs_export){.writable = config->writable,
		.root_squash = config->root_squash,
		.async = config->async,
		.path = clean_path(config->path)};
	e->root = open_root(directory);
	if (!e->path || config->path[0] != '/' || e->root < 0 || fstat(e->root, &st) != 0) {
		snprintf(error, size, "cannot export %s: %s", directory,
			e->path && config->path[0] != '/' ? "its path must begin with /"
							  : strerror(errno));
		export_close(e);
		return false;
	}
	e->root_ino = st.st_ino;
	e->id = id_of(f, e->path);
	if (whole->handles == NFS_HANDLES_TABLE || !kernel_handles(e))
		e->table = table_load(whole->state, e->id, &st, error, size);
	else
		return true;
	if (!e->table)
		export_close(e);
	return e->table != NULL;
}

void export_close(struct nfs_export *e)
{
	if (e->root >= 0)
		close(e->root);
	table_free(e->table);
	free(e->path);
	*e = (struct nfs_export){.root = -1};
}

const struct nfs_export *export_of_path(
	const struct nfs_files *f, const char *path, const char **rest)
{
	const struct nfs_export *best = NULL;

	for (size_t i = 0; i < f->export_count; i++) {
		const struct nfs_export *e = &f->exports[i];
		size_t n = strcmp(e->path, "/") == 0 ? 0 : strlen(e->path);

		if (strncmp(path, e->path, n) != 0 || (path[n] && path[n] != '/') ||
			(best && strlen(best->path) > n))
			continue;
		best = e;
		*rest = path + n + strspn(path + n, "/");
	}
	return best;
}
