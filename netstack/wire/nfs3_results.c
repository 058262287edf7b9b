// SPDX-License-Identifier: BSD-2-Clause
// NFSv3: the results of the procedures (RFC 1813 section 3.3).
#include "netstack/wire/nfs3.h"

void nfs3_getattr_res(struct xdr *x, struct nfs3_getattr_res *r)
{
	xdr_u32(x, &r->status);
	if (r->status == NFS3_OK)
		nfs3_fattr(x, &r->attributes);
}

void nfs3_wcc_res(struct xdr *x, struct nfs3_wcc_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_wcc_data(x, &r->wcc);
}

void nfs3_lookup_res(struct xdr *x, struct nfs3_lookup_res *r)
{
	xdr_u32(x, &r->status);
	if (r->status == NFS3_OK) {
		nfs3_handle(x, &r->object);
		nfs3_post_op_attr(x, &r->attributes);
	}
	nfs3_post_op_attr(x, &r->dir_attributes);
}

void nfs3_access_res(struct xdr *x, struct nfs3_access_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_post_op_attr(x, &r->attributes);
	if (r->status == NFS3_OK)
		xdr_u32(x, &r->access);
}

void nfs3_readlink_res(struct xdr *x, struct nfs3_readlink_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_post_op_attr(x, &r->attributes);
	if (r->status == NFS3_OK)
		xdr_bytes(x, &r->path, NFS3_PATH_MAX);
}

void nfs3_read_res(struct xdr *x, struct nfs3_read_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_post_op_attr(x, &r->attributes);
	if (r->status != NFS3_OK)
		return;
	xdr_u32(x, &r->count);
	xdr_bool(x, &r->eof);
	xdr_bytes(x, &r->data, NFS3_DATA_MAX);
}

void nfs3_write_res(struct xdr *x, struct nfs3_write_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_wcc_data(x, &r->wcc);
	if (r->status != NFS3_OK)
		return;
	xdr_u32(x, &r->count);
	xdr_u32(x, &r->committed);
	xdr_fixed(x, r->verf, sizeof r->verf);
}

void nfs3_create_res(struct xdr *x, struct nfs3_create_res *r)
{
	xdr_u32(x, &r->status);
	if (r->status == NFS3_OK) {
		nfs3_post_op_fh(x, &r->object);
		nfs3_post_op_attr(x, &r->attributes);
	}
	nfs3_wcc_data(x, &r->dir_wcc);
}

void nfs3_rename_res(struct xdr *x, struct nfs3_rename_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_wcc_data(x, &r->fromdir_wcc);
	nfs3_wcc_data(x, &r->todir_wcc);
}

void nfs3_link_res(struct xdr *x, struct nfs3_link_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_post_op_attr(x, &r->attributes);
	nfs3_wcc_data(x, &r->linkdir_wcc);
}

void nfs3_readdir_res(struct xdr *x, struct nfs3_readdir_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_post_op_attr(x, &r->dir_attributes);
	if (r->status == NFS3_OK)
		xdr_fixed(x, r->verf, sizeof r->verf);
}

void nfs3_entry(struct xdr *x, bool *more, struct nfs3_entry *e)
{
	xdr_bool(x, more);
	if (!*more)
		return;
	xdr_u64(x, &e->fileid);
	xdr_bytes(x, &e->name, NFS3_NAME_MAX);
	xdr_u64(x, &e->cookie);
}

void nfs3_entryplus(struct xdr *x, bool *more, struct nfs3_entry *e)
{
	nfs3_entry(x, more, e);
	if (!*more)
		return;
	nfs3_post_op_attr(x, &e->attributes);
	nfs3_post_op_fh(x, &e->handle);
}

void nfs3_fsstat_res(struct xdr *x, struct nfs3_fsstat_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_post_op_attr(x, &r->attributes);
	if (r->status != NFS3_OK)
		return;
	xdr_u64(x, &r->tbytes);
	xdr_u64(x, &r->fbytes);
	xdr_u64(x, &r->abytes);
	xdr_u64(x, &r->tfiles);
	xdr_u64(x, &r->ffiles);
	xdr_u64(x, &r->afiles);
	xdr_u32(x, &r->invarsec);
}

void nfs3_fsinfo_res(struct xdr *x, struct nfs3_fsinfo_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_post_op_attr(x, &r->attributes);
	if (r->status != NFS3_OK)
		return;
	xdr_u32(x, &r->rtmax);
	xdr_u32(x, &r->rtpref);
	xdr_u32(x, &r->rtmult);
	xdr_u32(x, &r->wtmax);
	xdr_u32(x, &r->wtpref);
	xdr_u32(x, &r->wtmult);
	xdr_u32(x, &r->dtpref);
	xdr_u64(x, &r->maxfilesize);
	xdr_u32(x, &r->time_delta.seconds);
	xdr_u32(x, &r->time_delta.nseconds);
	xdr_u32(x, &r->properties);
}

void nfs3_pathconf_res(struct xdr *x, struct nfs3_pathconf_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_post_op_attr(x, &r->attributes);
	if (r->status != NFS3_OK)
		return;
	xdr_u32(x, &r->linkmax);
	xdr_u32(x, &r->name_max);
	xdr_bool(x, &r->no_trunc);
	xdr_bool(x, &r->chown_restricted);
	xdr_bool(x, &r->case_insensitive);
	xdr_bool(x, &r->case_preserving);
}

void nfs3_commit_res(struct xdr *x, struct nfs3_commit_res *r)
{
	xdr_u32(x, &r->status);
	nfs3_wcc_data(x, &r->wcc);
	if (r->status == NFS3_OK)
		xdr_fixed(x, r->verf, sizeof r->verf);
}
