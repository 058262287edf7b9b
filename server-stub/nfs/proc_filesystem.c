// SPDX-License-Identifier: BSD-2-Clause
// FSSTAT, FSINFO, PATHCONF (RFC 1813 sections 3.3.18 to 3.3.20).
#include "server-stub/nfs/attributes.h"
#include "server-stub/nfs/status.h"

#include <errno.h>
#include <sys/statvfs.h>

enum { LIST_PREFERRED = 65536, BLOCK = 4096, LINKS = 32000 };

static bool open_argument(struct nfs_call *c, struct object *o, uint32_t *status)
{
	struct xdr_bytes handle;

	nfs3_handle(&c->in, &handle);
	if (!c->in.failed)
		*status = object_open(c, &handle, o);
	return !c->in.failed;
}

static uint32_t measure(const struct object *o, struct nfs3_fsstat_res *res)
{
	struct statvfs v;

	if (fstatvfs(o->fd, &v) != 0)
		return status_of_errno(errno);
	res->tbytes = (uint64_t)v.f_blocks * v.f_frsize;
	res->fbytes = (uint64_t)v.f_bfree * v.f_frsize;
	res->abytes = (uint64_t)v.f_bavail * v.f_frsize;
	res->tfiles = v.f_files;
	res->ffiles = v.f_ffree;
	res->afiles = v.f_favail;
	return NFS3_OK;
}

bool proc_fsstat(struct nfs_call *c)
{
	struct nfs3_fsstat_res res = {0};
	struct object o;

	if (!open_argument(c, &o, &res.status))
		return false;
	if (res.status == NFS3_OK)
		res.status = measure(&o, &res);
	res.attributes = attributes_after(&o);
	nfs3_fsstat_res(&c->out, &res);
	object_close(&o);
	return true;
}

bool proc_fsinfo(struct nfs_call *c)
{
	struct nfs3_fsinfo_res res = {
		.rtmax = NFS3_DATA_MAX,
		.rtpref = NFS3_DATA_MAX,
		.rtmult = BLOCK,
		.wtmax = NFS3_DATA_MAX,
		.wtpref = NFS3_DATA_MAX,
		.wtmult = BLOCK,
		.dtpref = LIST_PREFERRED,
		.maxfilesize = INT64_MAX,
		.time_delta = {0, 1},
		.properties = FSF3_LINK | FSF3_SYMLINK | FSF3_HOMOGENEOUS | FSF3_CANSETTIME,
	};
	struct object o;

	if (!open_argument(c, &o, &res.status))
		return false;
	res.attributes = attributes_after(&o);
	nfs3_fsinfo_res(&c->out, &res);
	object_close(&o);
	return true;
}

bool proc_pathconf(struct nfs_call *c)
{
	struct nfs3_pathconf_res res = {
		.linkmax = LINKS,
		.name_max = OBJECT_NAME_MAX,
		.no_trunc = true,
		.chown_restricted = true,
		.case_preserving = true,
	};
	struct object o;

	if (!open_argument(c, &o, &res.status))
		return false;
	res.attributes = attributes_after(&o);
	nfs3_pathconf_res(&c->out, &res);
	object_close(&o);
	return true;
}
