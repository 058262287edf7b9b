// SPDX-License-Identifier: BSD-2-Clause
// LOOKUP (RFC 1813 section 3.3.3). "." is the directory itself; ".." is refused: clients know their
// way up, and a directory that was moved out of the export while in use would lead out of it.
#include "server-stub/nfs/attributes.h"

#include <string.h>

static bool is_self(const struct xdr_bytes *name)
{
	return name->length == 1 && name->at[0] == '.';
}

static uint32_t find(struct nfs_call *c, const struct object *directory,
	const struct xdr_bytes *wanted, struct object *found)
{
	char name[OBJECT_NAME_MAX + 1];
	uint32_t status = object_copy_name(wanted, name);

	if (status != NFS3_OK) // ".." exists, one may not go there
		return status == NFS3ERR_INVAL ? NFS3ERR_ACCES : status;
	status = object_find(directory, name, found);
	if (status == NFS3_OK)
		status = object_name(c, directory, name, found);
	return status;
}

bool proc_lookup(struct nfs_call *c)
{
	struct object directory, found = OBJECT_NONE, *result = &found;
	struct nfs3_lookup_res res = {0};
	struct nfs3_diropargs what;

	nfs3_diropargs(&c->in, &what);
	if (c->in.failed)
		return false;
	res.status = object_open(c, &what.dir, &directory);
	if (res.status == NFS3_OK && !S_ISDIR(directory.st.st_mode))
		res.status = NFS3ERR_NOTDIR;
	if (is_self(&what.name))
		result = &directory;
	else if (res.status == NFS3_OK)
		res.status = find(c, &directory, &what.name, &found);
	res.object = (struct xdr_bytes){result->handle.bytes, result->handle.length};
	res.attributes = attributes_after(result);
	res.dir_attributes = attributes_after(&directory);
	nfs3_lookup_res(&c->out, &res);
	object_close(&found);
	object_close(&directory);
	return true;
}
