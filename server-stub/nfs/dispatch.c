// SPDX-License-Identifier: BSD-2-Clause
// RPC: which program, version and procedure (RFC 5531 section 9), and who calls (AUTH_SYS, appendix
// A).
#include "server-stub/nfs/dispatch.h"
#include "netstack/wire/mount3.h"
#include "netstack/wire/portmap.h"
#include "server-stub/nfs/mount.h"
#include "server-stub/nfs/replies.h"

#include <stdlib.h>

enum { REPLY_HEAD = RPC_MARK + 32 };

const struct nfs_procedure nfs_procedures[NFS3_PROCEDURES] = {
	[NFS3_NULL] = {"NULL", proc_null, NULL, false},
	[NFS3_GETATTR] = {"GETATTR", proc_getattr, NULL, false},
	[NFS3_SETATTR] = {"SETATTR", proc_setattr, NULL, true},
	[NFS3_LOOKUP] = {"LOOKUP", proc_lookup, NULL, false},
	[NFS3_ACCESS] = {"ACCESS", proc_access, NULL, false},
	[NFS3_READLINK] = {"READLINK", proc_readlink, proc_readlink_room, false},
	[NFS3_READ] = {"READ", proc_read, proc_read_room, false},
	[NFS3_WRITE] = {"WRITE", proc_write, NULL, false},
	[NFS3_CREATE] = {"CREATE", proc_create, NULL, true},
	[NFS3_MKDIR] = {"MKDIR", proc_mkdir, NULL, true},
	[NFS3_SYMLINK] = {"SYMLINK", proc_symlink, NULL, true},
	[NFS3_MKNOD] = {"MKNOD", proc_mknod, NULL, true},
	[NFS3_REMOVE] = {"REMOVE", proc_remove, NULL, true},
	[NFS3_RMDIR] = {"RMDIR", proc_rmdir, NULL, true},
	[NFS3_RENAME] = {"RENAME", proc_rename, NULL, true},
	[NFS3_LINK] = {"LINK", proc_link, NULL, true},
	[NFS3_READDIR] = {"READDIR", proc_readdir, proc_readdir_room, false},
	[NFS3_READDIRPLUS] = {"READDIRPLUS", proc_readdirplus, proc_readdirplus_room, false},
	[NFS3_FSSTAT] = {"FSSTAT", proc_fsstat, NULL, false},
	[NFS3_FSINFO] = {"FSINFO", proc_fsinfo, NULL, false},
	[NFS3_PATHCONF] = {"PATHCONF", proc_pathconf, NULL, false},
	[NFS3_COMMIT] = {"COMMIT", proc_commit, NULL, false},
};

enum { NFSACL_PROGRAM = 100227, NFSACL_VERSION = 3 };

static const struct nfs_procedure acl_procedures[] = {
	{"NULL", proc_null, NULL, false},
	{"GETACL", proc_getacl, NULL, false},
	{"SETACL", proc_setacl, NULL, false},
};

static const struct {
	uint32_t prog, vers, count;
	const struct nfs_procedure *procedures;
} programs[] = {
	{NFS3_PROGRAM, NFS3_VERSION, NFS3_PROCEDURES, nfs_procedures},
	{NFSACL_PROGRAM, NFSACL_VERSION, sizeof acl_procedures / sizeof *acl_procedures, acl_procedures},
	{MOUNT3_PROGRAM, MOUNT3_VERSION, MOUNT_PROCEDURES, mount_procedures},
	{PORTMAP_PROGRAM, PORTMAP_VERSION, PORTMAP_PROCEDURES, portmap_procedures},
};

bool proc_null(struct nfs_call *c)
{
	(void)c;
	return true;
}

// RPC_SUCCESS and the procedure, or why not.
static void choose(const struct rpc_call *call, struct rpc_reply *reply,
	const struct nfs_procedure **procedure)
{
	reply->accept_stat = RPC_PROG_UNAVAIL;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		if (programs[i].prog != call->prog)
			continue;
		reply->low = reply->high = programs[i].vers;
		if (programs[i].vers != call->vers)
			reply->accept_stat = RPC_PROG_MISMATCH;
		else if (call->proc >= programs[i].count)
			reply->accept_stat = RPC_PROC_UNAVAIL;
		else
			reply->accept_stat = RPC_SUCCESS;
		if (reply->accept_stat == RPC_SUCCESS)
			*procedure = &programs[i].procedures[call->proc];
	}
}

static uint32_t identify(const struct rpc_call *call, struct credentials *who)
{
	struct rpc_auth_sys sys;
	struct xdr x = xdr_decoder(call->cred.body.at, call->cred.body.length);

	*who = (struct credentials){CREDENTIALS_NOBODY, CREDENTIALS_NOBODY, {0}, 0};
	if (call->cred.flavor == RPC_AUTH_NONE)
		return RPC_AUTH_OK;
	if (call->cred.flavor != RPC_AUTH_SYS)
		return RPC_AUTH_TOOWEAK;
	rpc_auth_sys(&x, &sys);
	// An id of all ones means 'no change' to the kernel: nobody has it.
	if (x.failed || sys.uid == UINT32_MAX || sys.gid == UINT32_MAX)
		return RPC_AUTH_BADCRED;
	*who = (struct credentials){.uid = sys.uid, .gid = sys.gid, .group_count = sys.gid_count};
	for (uint32_t i = 0; i < sys.gid_count; i++) {
		if (sys.gids[i] == UINT32_MAX)
			return RPC_AUTH_BADCRED;
		who->groups[i] = sys.gids[i];
	}
	return RPC_AUTH_OK;
}

// Everything that can be said without looking at the arguments.
static void judge(const struct rpc_call *call, struct rpc_reply *reply, struct credentials *who,
	const struct nfs_procedure **procedure)
{
	reply->xid = call->xid;
	if (call->rpcvers != RPC_VERSION) {
		reply->stat = RPC_MSG_DENIED;
		reply->reject_stat = RPC_MISMATCH;
		reply->low = reply->high = RPC_VERSION;
		return;
	}
	reply->auth_stat = identify(call, who);
	if (reply->auth_stat != RPC_AUTH_OK) {
		reply->stat = RPC_MSG_DENIED;
		reply->reject_stat = RPC_AUTH_ERROR;
		return;
	}
	choose(call, reply, procedure);
}

static void begin(
	struct xdr *out, struct rpc_reply *reply, const struct dispatch_reply *buffer, size_t size)
{
	*out = xdr_encoder(buffer->bytes + RPC_MARK, size - RPC_MARK);
	rpc_reply(out, reply);
}

static void mark(struct dispatch_reply *r, size_t body)
{
	struct writer w = writer_of(r->bytes, RPC_MARK);

	write_u32(&w, RPC_LAST_FRAGMENT | (uint32_t)body);
	r->length = RPC_MARK + body;
}

static void run(struct nfs_call *c, const struct nfs_procedure *procedure, struct rpc_reply *reply,
	const struct dispatch_reply *buffer, size_t size)
{
	begin(&c->out, reply, buffer, size);
	if (!procedure)
		return;
	if (!procedure->run(c))
		reply->accept_stat = RPC_GARBAGE_ARGS;
	else if (c->out.failed)
		reply->accept_stat = RPC_SYSTEM_ERR;
	if (reply->accept_stat != RPC_SUCCESS)
		begin(&c->out, reply, buffer, size);
}

static struct dispatch_reply execute(
	struct nfs_call *c, const struct nfs_procedure *procedure, struct rpc_reply *reply)
{
	struct dispatch_reply r = {0};
	size_t size = REPLY_HEAD + RESULT_ROOM;

	if (procedure && procedure->room)
		size = REPLY_HEAD + procedure->room(c->files, c->in);
	r.bytes = malloc(size);
	if (!r.bytes)
		return r;
	run(c, procedure, reply, &r, size);
	mark(&r, xdr_length(&c->out));
	return r;
}

struct dispatch_reply dispatch(struct nfs_files *f, const uint8_t peer[DISPATCH_PEER],
	const uint8_t *record, size_t length, bool *broken)
{
	struct nfs_call c = {.files = f, .in = xdr_decoder(record, length)};
	const struct nfs_procedure *procedure = NULL;
	struct dispatch_reply r = {0};
	struct rpc_reply reply = {0};
	struct rpc_call call;
	unsigned slot;
	bool once;

	rpc_call(&c.in, &call);
	*broken = c.in.failed;
	if (*broken)
		return r;
	judge(&call, &reply, &c.claimed, &procedure);
	once = procedure && procedure->once;
	if (once && replies_begin(f, peer, record, length, &r, &slot))
		return r;
	r = execute(&c, procedure, &reply);
	if (once)
		replies_end(f, slot, &r);
	return r;
}
