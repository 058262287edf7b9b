// SPDX-License-Identifier: BSD-2-Clause
// What the NFS server's workers share about files: the exports, the key of the handles, locks, and
// the write verifier. Made once at start; the workers only read it, but for locks, verifier and
// tables.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct handle_table;
struct replies;
struct nfs_config;

enum { FILES_KEY = 16, FILES_LOCKS = 64 };

struct nfs_export {
	char *path;   // what clients mount
	uint32_t id;  // the same after a restart
	int root;     // the directory, in a mount of its own that has nothing mounted on it
	int mount_id; // handles of another mount are none of ours
	uint64_t root_ino;
	bool writable, root_squash, async;
	struct handle_table *table; // NULL: the kernel's handles
};

struct nfs_files {
	struct nfs_export *exports;
	size_t export_count;
	uint8_t key[FILES_KEY];
	int self; // /proc/self/fd
	_Atomic uint64_t verifier;
	pthread_mutex_t locks[FILES_LOCKS];
	uint16_t port; // what the portmapper answers
	struct replies *replies;
};

// False with a sentence in `error`.
bool files_open(struct nfs_files *f, const struct nfs_config *config, char *error, size_t size);
void files_close(struct nfs_files *f);

const struct nfs_export *files_export(const struct nfs_files *f, uint32_t id);
// Unstable data may be lost: clients that compare verifiers write it again.
void files_new_verifier(struct nfs_files *f);

// An operation that reports attributes from before and after itself holds the lock of its directory
// or file, so that nothing of ours happens in between. Two may be the same.
void files_lock(struct nfs_files *f, const struct stat *a, const struct stat *b);
void files_unlock(struct nfs_files *f, const struct stat *a, const struct stat *b);
