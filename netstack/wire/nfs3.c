// SPDX-License-Identifier: BSD-2-Clause
// NFSv3: the basic data types (RFC 1813 section 2.5) and the arguments of the procedures
// (section 3.3).
#include "netstack/wire/nfs3.h"

void nfs3_handle(struct xdr *x, struct xdr_bytes *handle)
{
	xdr_bytes(x, handle, NFS3_FHSIZE);
}

static void time(struct xdr *x, struct nfs3_time *t)
{
	xdr_u32(x, &t->seconds);
	xdr_u32(x, &t->nseconds);
}

void nfs3_fattr(struct xdr *x, struct nfs3_fattr *a)
{
	xdr_u32(x, &a->type);
	xdr_u32(x, &a->mode);
	xdr_u32(x, &a->nlink);
	xdr_u32(x, &a->uid);
	xdr_u32(x, &a->gid);
	xdr_u64(x, &a->size);
	xdr_u64(x, &a->used);
	xdr_u32(x, &a->rdev_major);
	xdr_u32(x, &a->rdev_minor);
	xdr_u64(x, &a->fsid);
	xdr_u64(x, &a->fileid);
	time(x, &a->atime);
	time(x, &a->mtime);
	time(x, &a->ctime);
}

void nfs3_post_op_attr(struct xdr *x, struct nfs3_post_op_attr *a)
{
	xdr_bool(x, &a->follows);
	if (a->follows)
		nfs3_fattr(x, &a->attributes);
}

static void pre_op_attr(struct xdr *x, struct nfs3_pre_op_attr *a)
{
	xdr_bool(x, &a->follows);
	if (!a->follows)
		return;
	xdr_u64(x, &a->size);
	time(x, &a->mtime);
	time(x, &a->ctime);
}

void nfs3_wcc_data(struct xdr *x, struct nfs3_wcc_data *w)
{
	pre_op_attr(x, &w->before);
	nfs3_post_op_attr(x, &w->after);
}

static void optional_u32(struct xdr *x, bool *set, uint32_t *value)
{
	xdr_bool(x, set);
	if (*set)
		xdr_u32(x, value);
}

static void set_time(struct xdr *x, uint32_t *how, struct nfs3_time *t)
{
	xdr_u32(x, how);
	if (*how == NFS3_SET_TO_CLIENT_TIME)
		time(x, t);
	else if (*how > NFS3_SET_TO_CLIENT_TIME)
		x->failed = true;
}

void nfs3_sattr(struct xdr *x, struct nfs3_sattr *a)
{
	optional_u32(x, &a->set_mode, &a->mode);
	optional_u32(x, &a->set_uid, &a->uid);
	optional_u32(x, &a->set_gid, &a->gid);
	xdr_bool(x, &a->set_size);
	if (a->set_size)
		xdr_u64(x, &a->size);
	set_time(x, &a->set_atime, &a->atime);
	set_time(x, &a->set_mtime, &a->mtime);
}

static void name(struct xdr *x, struct xdr_bytes *n)
{
	xdr_bytes(x, n, NFS3_NAME_MAX);
}

void nfs3_diropargs(struct xdr *x, struct nfs3_diropargs *where)
{
	nfs3_handle(x, &where->dir);
	name(x, &where->name);
}

void nfs3_post_op_fh(struct xdr *x, struct nfs3_post_op_fh *fh)
{
	xdr_bool(x, &fh->follows);
	if (fh->follows)
		nfs3_handle(x, &fh->handle);
}

void nfs3_setattr_args(struct xdr *x, struct nfs3_setattr_args *a)
{
	nfs3_handle(x, &a->object);
	nfs3_sattr(x, &a->attributes);
	xdr_bool(x, &a->check);
	if (a->check)
		time(x, &a->ctime);
}

void nfs3_access_args(struct xdr *x, struct nfs3_access_args *a)
{
	nfs3_handle(x, &a->object);
	xdr_u32(x, &a->access);
}

void nfs3_range_args(struct xdr *x, struct nfs3_range_args *a)
{
	nfs3_handle(x, &a->file);
	xdr_u64(x, &a->offset);
	xdr_u32(x, &a->count);
}

void nfs3_write_args(struct xdr *x, struct nfs3_write_args *a)
{
	nfs3_handle(x, &a->file);
	xdr_u64(x, &a->offset);
	xdr_u32(x, &a->count);
	xdr_u32(x, &a->stable);
	if (a->stable > NFS3_FILE_SYNC)
		x->failed = true;
	xdr_bytes(x, &a->data, NFS3_DATA_MAX);
}

void nfs3_create_args(struct xdr *x, struct nfs3_create_args *a)
{
	nfs3_diropargs(x, &a->where);
	xdr_u32(x, &a->mode);
	if (a->mode == NFS3_EXCLUSIVE)
		xdr_fixed(x, a->verf, sizeof a->verf);
	else if (a->mode < NFS3_EXCLUSIVE)
		nfs3_sattr(x, &a->attributes);
	else
		x->failed = true;
}

void nfs3_mkdir_args(struct xdr *x, struct nfs3_mkdir_args *a)
{
	nfs3_diropargs(x, &a->where);
	nfs3_sattr(x, &a->attributes);
}

void nfs3_symlink_args(struct xdr *x, struct nfs3_symlink_args *a)
{
	nfs3_diropargs(x, &a->where);
	nfs3_sattr(x, &a->attributes);
	xdr_bytes(x, &a->path, NFS3_PATH_MAX);
}

void nfs3_mknod_args(struct xdr *x, struct nfs3_mknod_args *a)
{
	bool device;

	nfs3_diropargs(x, &a->where);
	xdr_u32(x, &a->type);
	device = a->type == NF3BLK || a->type == NF3CHR;
	if (device || a->type == NF3SOCK || a->type == NF3FIFO)
		nfs3_sattr(x, &a->attributes);
	if (!device)
		return;
	xdr_u32(x, &a->rdev_major);
	xdr_u32(x, &a->rdev_minor);
}

void nfs3_rename_args(struct xdr *x, struct nfs3_rename_args *a)
{
	nfs3_diropargs(x, &a->from);
	nfs3_diropargs(x, &a->to);
}

void nfs3_link_args(struct xdr *x, struct nfs3_link_args *a)
{
	nfs3_handle(x, &a->file);
	nfs3_diropargs(x, &a->link);
}

static void listed_from(struct xdr *x, struct nfs3_readdir_args *a)
{
	nfs3_handle(x, &a->dir);
	xdr_u64(x, &a->cookie);
	xdr_fixed(x, a->verf, sizeof a->verf);
}

void nfs3_readdir_args(struct xdr *x, struct nfs3_readdir_args *a)
{
	listed_from(x, a);
	xdr_u32(x, &a->maxcount);
}

void nfs3_readdirplus_args(struct xdr *x, struct nfs3_readdir_args *a)
{
	listed_from(x, a);
	xdr_u32(x, &a->dircount);
	xdr_u32(x, &a->maxcount);
}
