// SPDX-License-Identifier: BSD-2-Clause
// Start and end of what the workers share, and the locks.
#define _GNU_SOURCE
#include "server-stub/nfs/files.h"
#include "server-stub/nfs/export.h"
#include "server-stub/nfs/key.h"
#include "server-stub/nfs/replies.h"
#include "server-stub/nfs/server.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool open_exports(
	struct nfs_files *f, const struct nfs_config *config, char *error, size_t size)
{
	f->exports = calloc(config->export_count, sizeof *f->exports);
	if (!f->exports) {
		snprintf(error, size, "no memory");
		return false;
	}
	for (; f->export_count < config->export_count; f->export_count++)
		if (!export_open(f, &f->exports[f->export_count], &config->exports[f->export_count],
			    config, error, size))
			return false;
	return true;
}

bool files_open(struct nfs_files *f, const struct nfs_config *config, char *error, size_t size)
{
	memset(f, 0, sizeof *f);
	f->port = config->port;
	for (int i = 0; i < FILES_LOCKS; i++)
		pthread_mutex_init(&f->locks[i], NULL);
	f->replies = replies_new();
	f->self = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (f->self < 0) {
		snprintf(error, size, "/proc/self/fd: %s (the NFS server needs /proc)",
			strerror(errno));
		return false;
	}
	if (!f->replies || sodium_init() < 0 || !key_load(config->state, f->key, error, size))
		return false;
	files_new_verifier(f);
	return open_exports(f, config, error, size);
}

void files_close(struct nfs_files *f)
{
	for (size_t i = 0; i < f->export_count; i++)
		export_close(&f->exports[i]);
	free(f->exports);
	replies_free(f->replies);
	if (f->self >= 0)
		close(f->self);
	sodium_memzero(f->key, sizeof f->key);
}

const struct nfs_export *files_export(const struct nfs_files *f, uint32_t id)
{
	for (size_t i = 0; i < f->export_count; i++)
		if (f->exports[i].id == id)
			return &f->exports[i];
	return NULL;
}

void files_new_verifier(struct nfs_files *f)
{
	uint64_t fresh;

	randombytes_buf(&fresh, sizeof fresh);
	atomic_store(&f->verifier, fresh);
}

static unsigned lock_number(const struct stat *st)
{
	return (unsigned)((st->st_ino * 0x9e3779b97f4a7c15u) >> 40) % FILES_LOCKS;
}

void files_lock(struct nfs_files *f, const struct stat *a, const struct stat *b)
{
	unsigned i = lock_number(a), j = lock_number(b);

	pthread_mutex_lock(&f->locks[i < j ? i : j]);
	if (i != j)
		pthread_mutex_lock(&f->locks[i < j ? j : i]);
}

void files_unlock(struct nfs_files *f, const struct stat *a, const struct stat *b)
{
	unsigned i = lock_number(a), j = lock_number(b);

	pthread_mutex_unlock(&f->locks[i]);
	if (i != j)
		pthread_mutex_unlock(&f->locks[j]);
}
