// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/nfs/object.h"
#include "server-stub/nfs/status.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void become_caller(struct nfs_call *c, const struct nfs_export *e)
{
	c->user = c->claimed;
	if (e->root_squash && c->user.uid == 0)
		c->user = (struct credentials){CREDENTIALS_NOBODY, CREDENTIALS_NOBODY, {0}, 0};
	for (unsigned i = 0; e->root_squash && i < c->user.group_count; i++)
		if (c->user.groups[i] == 0)
			c->user.groups[i] = CREDENTIALS_NOBODY;
	if (e->root_squash && c->user.gid == 0)
		c->user.gid = CREDENTIALS_NOBODY;
	credentials_become(&c->user);
}

uint32_t object_open(struct nfs_call *c, const struct xdr_bytes *handle, struct object *o)
{
	uint32_t status;

	*o = OBJECT_NONE;
	credentials_root();
	status = handle_open(c->files, handle, &o->e, &o->fd);
	if (status != NFS3_OK)
		return status;
	memcpy(o->handle.bytes, handle->at, handle->length);
	o->handle.length = handle->length;
	if (fstat(o->fd, &o->st) != 0) {
		status = status_of_errno(errno);
		object_close(o);
		return status;
	}
	become_caller(c, o->e);
	return NFS3_OK;
}

uint32_t object_open_to_change(struct nfs_call *c, const struct xdr_bytes *handle, struct object *o)
{
	uint32_t status = object_open(c, handle, o);

	return status == NFS3_OK && !o->e->writable ? NFS3ERR_ROFS : status;
}

uint32_t object_open_directory(struct nfs_call *c, const struct xdr_bytes *handle, struct object *o)
{
	uint32_t status = object_open_to_change(c, handle, o);

	return status == NFS3_OK && !S_ISDIR(o->st.st_mode) ? NFS3ERR_NOTDIR : status;
}

uint32_t object_find(const struct object *directory, const char *name, struct object *o)
{
	struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH};
	uint32_t status;

	*o = OBJECT_NONE;
	o->e = directory->e;
	o->fd = (int)syscall(SYS_openat2, directory->fd, name, &how, sizeof how);
	if (o->fd < 0) // what another file system is mounted on is not served
		return errno == EXDEV ? NFS3ERR_ACCES : status_of_errno(errno);
	if (fstat(o->fd, &o->st) == 0)
		return NFS3_OK;
	status = status_of_errno(errno);
	object_close(o);
	return status;
}

uint32_t object_name(const struct nfs_call *c, const struct object *directory, const char *name,
	struct object *o)
{
	const struct handle_place place = {&directory->handle, name};

	return status_of_errno(handle_make(c->files, o->e, o->fd, &o->st, &place, &o->handle));
}

void object_close(struct object *o)
{
	if (o->fd >= 0)
		close(o->fd);
	*o = OBJECT_NONE;
}

void object_refresh(struct object *o)
{
	struct stat now;

	if (o->fd >= 0 && fstat(o->fd, &now) == 0)
		o->st = now;
}

uint32_t object_copy_name(const struct xdr_bytes *name, char to[OBJECT_NAME_MAX + 1])
{
	if (name->length > OBJECT_NAME_MAX)
		return NFS3ERR_NAMETOOLONG;
	if (name->length == 0 || memchr(name->at, '/', name->length) ||
		memchr(name->at, 0, name->length))
		return NFS3ERR_INVAL;
	memcpy(to, name->at, name->length);
	to[name->length] = 0;
	return strcmp(to, ".") == 0 || strcmp(to, "..") == 0 ? NFS3ERR_INVAL : NFS3_OK;
}

int object_reopen(const struct nfs_call *c, const struct object *o, int flags)
{
	char number[16];

	if (!S_ISREG(o->st.st_mode) && !S_ISDIR(o->st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	snprintf(number, sizeof number, "%d", o->fd);
	return openat(c->files->self, number, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int object_reopen_as_root(const struct nfs_call *c, const struct object *o, int flags)
{
	int fd, error;

	credentials_root();
	fd = object_reopen(c, o, flags);
	error = errno;
	credentials_become(&c->user);
	errno = error;
	return fd;
}

static bool may_all_the_same(const struct nfs_call *c, const struct object *o, int flags)
{
	if (o->st.st_uid == c->user.uid)
		return true;
	return (flags & O_ACCMODE) == O_RDONLY &&
	       faccessat(o->fd, "", X_OK, AT_EACCESS | AT_EMPTY_PATH) == 0;
}

int object_reopen_file(const struct nfs_call *c, const struct object *o, int flags)
{
	int fd;

	if (!S_ISREG(o->st.st_mode)) {
		errno = S_ISDIR(o->st.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	fd = object_reopen(c, o, flags);
	if (fd >= 0 || errno != EACCES)
		return fd;
	if (may_all_the_same(c, o, flags))
		return object_reopen_as_root(c, o, flags);
	errno = EACCES;
	return -1;
}

uint32_t object_sync(const struct nfs_call *c, const struct object *o)
{
	int fd, error;
	bool plain = S_ISREG(o->st.st_mode) || S_ISDIR(o->st.st_mode);

	if (o->e->async)
		return NFS3_OK;
	fd = plain ? object_reopen_as_root(c, o, O_RDONLY) : -1;
	if (plain && fd < 0)
		return status_of_errno(errno);
	// A symlink or device has no descriptor that could be synchronised alone.
	error = (plain ? fsync(fd) : syncfs(o->e->root)) == 0 ? 0 : errno;
	if (fd >= 0)
		close(fd);
	return error && error != EINVAL && error != EROFS ? NFS3ERR_IO : NFS3_OK;
}
