// SPDX-License-Identifier: BSD-2-Clause
// GETATTR, SETATTR, ACCESS, READLINK (RFC 1813 sections 3.3.1, 3.3.2, 3.3.4, 3.3.5).
#define _GNU_SOURCE
#include "server-stub/nfs/attributes.h"
#include "server-stub/nfs/status.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool proc_getattr(struct nfs_call *c)
{
	struct nfs3_getattr_res res = {0};
	struct xdr_bytes handle;
	struct object o;

	nfs3_handle(&c->in, &handle);
	if (c->in.failed)
		return false;
	res.status = object_open(c, &handle, &o);
	if (res.status == NFS3_OK)
		res.attributes = attributes_of(o.e, &o.st);
	nfs3_getattr_res(&c->out, &res);
	object_close(&o);
	return true;
}

static uint32_t change(struct nfs_call *c, struct object *o, const struct nfs3_setattr_args *args)
{
	int error;

	if (args->check && (args->ctime.seconds != (uint32_t)o->st.st_ctim.tv_sec ||
				   args->ctime.nseconds != (uint32_t)o->st.st_ctim.tv_nsec))
		return NFS3ERR_NOT_SYNC;
	error = attributes_set(c, o, &args->attributes);
	return error ? status_of_errno(error) : object_sync(c, o);
}

bool proc_setattr(struct nfs_call *c)
{
	struct nfs3_setattr_args args = {0};
	struct nfs3_wcc_res res = {0};
	struct object o;

	nfs3_setattr_args(&c->in, &args);
	if (c->in.failed)
		return false;
	res.status = object_open_to_change(c, &args.object, &o);
	if (o.fd >= 0) {
		struct stat before;

		files_lock(c->files, &o.st, &o.st);
		object_refresh(&o);
		before = o.st;
		if (res.status == NFS3_OK)
			res.status = change(c, &o, &args);
		res.wcc = attributes_wcc(&before, &o);
		files_unlock(c->files, &before, &before);
	}
	nfs3_wcc_res(&c->out, &res);
	object_close(&o);
	return true;
}

static bool may(const struct object *o, int mode)
{
	return faccessat(o->fd, "", mode, AT_EACCESS | AT_EMPTY_PATH) == 0;
}

static uint32_t access_of(const struct object *o)
{
	bool directory = S_ISDIR(o->st.st_mode);
	uint32_t granted = 0;

	if (may(o, R_OK))
		granted |= ACCESS3_READ;
	if (o->e->writable && may(o, W_OK))
		granted |= ACCESS3_MODIFY | ACCESS3_EXTEND | (directory ? ACCESS3_DELETE : 0);
	if (may(o, X_OK))
		granted |= directory ? ACCESS3_LOOKUP : ACCESS3_EXECUTE;
	return granted;
}

bool proc_access(struct nfs_call *c)
{
	struct nfs3_access_args args;
	struct nfs3_access_res res = {0};
	struct object o;

	nfs3_access_args(&c->in, &args);
	if (c->in.failed)
		return false;
	res.status = object_open(c, &args.object, &o);
	if (res.status == NFS3_OK)
		res.access = args.access & access_of(&o);
	res.attributes = attributes_after(&o);
	nfs3_access_res(&c->out, &res);
	object_close(&o);
	return true;
}

size_t proc_readlink_room(const struct nfs_files *f, struct xdr in)
{
	(void)f;
	(void)in;
	return RESULT_ROOM + NFS3_PATH_MAX;
}

bool proc_readlink(struct nfs_call *c)
{
	char path[NFS3_PATH_MAX];
	struct nfs3_readlink_res res = {0};
	struct xdr_bytes handle;
	struct object o;
	ssize_t length = 0;

	nfs3_handle(&c->in, &handle);
	if (c->in.failed)
		return false;
	res.status = object_open(c, &handle, &o);
	if (res.status == NFS3_OK && !S_ISLNK(o.st.st_mode))
		res.status = NFS3ERR_INVAL;
	if (res.status == NFS3_OK && (length = readlinkat(o.fd, "", path, sizeof path)) < 0)
		res.status = status_of_errno(errno);
	if (res.status == NFS3_OK)
		res.path = (struct xdr_bytes){(const uint8_t *)path, (uint32_t)length};
	res.attributes = attributes_after(&o);
	nfs3_readlink_res(&c->out, &res);
	object_close(&o);
	return true;
}
