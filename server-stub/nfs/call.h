// SPDX-License-Identifier: BSD-2-Clause
// One call that a worker executes. A procedure decodes its arguments from `in`, does what they ask,
// and encodes the results to `out`; when its arguments do not decode it says so and encodes
// nothing.
#pragma once

#include "netstack/wire/nfs3.h"
#include "netstack/wire/rpc.h"
#include "server-stub/nfs/credentials.h"
#include "server-stub/nfs/files.h"

struct nfs_call {
	struct nfs_files *files;
	struct credentials claimed; // what the client says; nobody for AUTH_NONE
	struct credentials user;    // who this thread is at the file system, after squashing
	struct xdr in, out;
};

struct nfs_procedure {
	const char *name;
	bool (*run)(struct nfs_call *c); // false: the arguments do not decode (GARBAGE_ARGS)
	// Room for the results, where RESULT_ROOM is not enough; its argument is a copy of `in`.
	size_t (*room)(const struct nfs_files *f, struct xdr in);
	bool once; // executing it a second time would give another result
};

enum { RESULT_ROOM = 1024 };

// By procedure number.
extern const struct nfs_procedure nfs_procedures[NFS3_PROCEDURES];

bool proc_null(struct nfs_call *c);
// proc_attributes.c
bool proc_getattr(struct nfs_call *c);
bool proc_setattr(struct nfs_call *c);
bool proc_access(struct nfs_call *c);
bool proc_readlink(struct nfs_call *c);
size_t proc_readlink_room(const struct nfs_files *f, struct xdr in);
// proc_io.c
bool proc_read(struct nfs_call *c);
size_t proc_read_room(const struct nfs_files *f, struct xdr in);
bool proc_write(struct nfs_call *c);
bool proc_commit(struct nfs_call *c);
// proc_lookup.c
bool proc_lookup(struct nfs_call *c);
// proc_create.c
bool proc_create(struct nfs_call *c);
bool proc_mkdir(struct nfs_call *c);
bool proc_symlink(struct nfs_call *c);
bool proc_mknod(struct nfs_call *c);
// proc_names.c
bool proc_remove(struct nfs_call *c);
bool proc_rmdir(struct nfs_call *c);
bool proc_rename(struct nfs_call *c);
bool proc_link(struct nfs_call *c);
// proc_list.c
bool proc_readdir(struct nfs_call *c);
size_t proc_readdir_room(const struct nfs_files *f, struct xdr in);
bool proc_readdirplus(struct nfs_call *c);
size_t proc_readdirplus_room(const struct nfs_files *f, struct xdr in);
// proc_filesystem.c
bool proc_fsstat(struct nfs_call *c);
bool proc_fsinfo(struct nfs_call *c);
bool proc_pathconf(struct nfs_call *c);
// proc_acl.c
bool proc_getacl(struct nfs_call *c);
bool proc_setacl(struct nfs_call *c);
