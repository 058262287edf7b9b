// SPDX-License-Identifier: BSD-2-Clause
// NFSACL version 3, the protocol beside NFS that tells of POSIX ACLs. Linux has an overlay refuse
// everything to all but root (EOPNOTSUPP) where the server of its lower layer does not speak it. Each
// file has the ACL that its mode stands for, and no other can be set.
//
// GETACL: handle, mask -> status, attributes, mask, twice (entries, a list of them {type, id, permissions}):
// the ACL and the one that a directory's new files get.
#include "server-stub/nfs/attributes.h"
#include "server-stub/nfs/status.h"

enum { ACL = 1, ACL_COUNT = 2, MASKS = 15 };
enum { USER_OBJ = 1, GROUP_OBJ = 4, CLASS_OBJ = 16, OTHER_OBJ = 32, ENTRIES = 4 };

static void put(struct xdr *x, uint32_t value)
{
	xdr_u32(x, &value);
}

static void put_entry(struct xdr *x, uint32_t type, uint32_t id, uint32_t mode, unsigned shift)
{
	put(x, type);
	put(x, id);
	put(x, mode >> shift & 7);
}

static void put_acls(struct xdr *x, const struct stat *st, uint32_t mask)
{
	put(x, mask);
	put(x, mask & (ACL | ACL_COUNT) ? ENTRIES : 0);
	put(x, mask & ACL ? ENTRIES : 0);
	if (mask & ACL) {
		put_entry(x, USER_OBJ, st->st_uid, st->st_mode, 6);
		put_entry(x, GROUP_OBJ, st->st_gid, st->st_mode, 3);
		put_entry(x, CLASS_OBJ, 0, st->st_mode, 3);
		put_entry(x, OTHER_OBJ, 0, st->st_mode, 0);
	}
	put(x, 0);
	put(x, 0);
}

bool proc_getacl(struct nfs_call *c)
{
	struct nfs3_post_op_attr attributes;
	struct xdr_bytes handle;
	struct object o;
	uint32_t mask, status;

	nfs3_handle(&c->in, &handle);
	xdr_u32(&c->in, &mask);
	if (c->in.failed)
		return false;
	status = object_open(c, &handle, &o);
	attributes = attributes_after(&o);
	put(&c->out, status);
	nfs3_post_op_attr(&c->out, &attributes);
	if (status == NFS3_OK)
		put_acls(&c->out, &o.st, mask & MASKS);
	object_close(&o);
	return true;
}

// The arguments need not be looked at further than the handle.
bool proc_setacl(struct nfs_call *c)
{
	struct nfs3_post_op_attr attributes;
	struct xdr_bytes handle;
	struct object o;
	uint32_t status;

	nfs3_handle(&c->in, &handle);
	if (c->in.failed)
		return false;
	status = object_open(c, &handle, &o);
	attributes = attributes_after(&o);
	put(&c->out, status == NFS3_OK ? NFS3ERR_NOTSUPP : status);
	nfs3_post_op_attr(&c->out, &attributes);
	object_close(&o);
	return true;
}
