// SPDX-License-Identifier: BSD-2-Clause
// A file, directory or whatever a handle stands for, while a call works with it. It is held by an
// O_PATH descriptor: nothing is opened that could have an effect (a device, a fifo), and what has
// to be read or written is opened through it with the caller's rights.
#pragma once

#include "server-stub/nfs/call.h"
#include "server-stub/nfs/handle.h"

enum { OBJECT_NAME_MAX = 255 };

struct object {
	int fd; // -1: none
	struct stat st;
	const struct nfs_export *e;
	struct handle handle;
};

#define OBJECT_NONE ((struct object){.fd = -1})

// What a handle stands for. From here on the thread has the rights that the caller has at this
// export. NFS3_OK or a status; then the object is OBJECT_NONE.
uint32_t object_open(struct nfs_call *c, const struct xdr_bytes *handle, struct object *o);
// The same, refused where the export is read-only.
uint32_t object_open_to_change(
	struct nfs_call *c, const struct xdr_bytes *handle, struct object *o);
// A directory for a change of its entries.
uint32_t object_open_directory(
	struct nfs_call *c, const struct xdr_bytes *handle, struct object *o);
// What has this name in a directory: no symlink is followed, no mount crossed. The handle is not
// made.
uint32_t object_find(const struct object *directory, const char *name, struct object *o);
// Makes the handle of what was found or created as `name` in `directory`.
uint32_t object_name(const struct nfs_call *c, const struct object *directory, const char *name,
	struct object *o);
void object_close(struct object *o);
// Reads the attributes again.
void object_refresh(struct object *o);

// One component of a path: not empty, no '/', no NUL, neither "." nor "..". NFS3_OK or a status.
uint32_t object_copy_name(const struct xdr_bytes *name, char to[OBJECT_NAME_MAX + 1]);

// Opens a regular file or directory anew with the caller's rights; -1 and errno.
int object_reopen(const struct nfs_call *c, const struct object *o, int flags);
// The same with the file server's rules for regular files: the owner may always (it opened the file
// before its mode changed), and who may execute may read. What else is no regular file is EINVAL.
int object_reopen_file(const struct nfs_call *c, const struct object *o, int flags);
// The same as user 0, for fsync.
int object_reopen_as_root(const struct nfs_call *c, const struct object *o, int flags);
// Puts an object's changes on the disk, unless the export is async. NFS3_OK or a status.
uint32_t object_sync(const struct nfs_call *c, const struct object *o);
