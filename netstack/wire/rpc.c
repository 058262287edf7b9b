// SPDX-License-Identifier: BSD-2-Clause
// ONC RPC headers (RFC 5531 sections 9 and 8.2, AUTH_SYS in appendix A).
#include "netstack/wire/rpc.h"

static void constant(struct xdr *x, uint32_t expected)
{
	uint32_t value = expected;

	xdr_u32(x, &value);
	if (value != expected)
		x->failed = true;
}

static void auth(struct xdr *x, struct rpc_auth *a)
{
	xdr_u32(x, &a->flavor);
	xdr_bytes(x, &a->body, RPC_AUTH_MAX);
}

void rpc_call(struct xdr *x, struct rpc_call *call)
{
	xdr_u32(x, &call->xid);
	constant(x, RPC_CALL);
	xdr_u32(x, &call->rpcvers);
	xdr_u32(x, &call->prog);
	xdr_u32(x, &call->vers);
	xdr_u32(x, &call->proc);
	auth(x, &call->cred);
	auth(x, &call->verf);
}

static void mismatch(struct xdr *x, struct rpc_reply *reply)
{
	xdr_u32(x, &reply->low);
	xdr_u32(x, &reply->high);
}

static void accepted(struct xdr *x, struct rpc_reply *reply)
{
	auth(x, &reply->verf);
	xdr_u32(x, &reply->accept_stat);
	if (reply->accept_stat == RPC_PROG_MISMATCH)
		mismatch(x, reply);
	else if (reply->accept_stat > RPC_SYSTEM_ERR)
		x->failed = true;
}

static void denied(struct xdr *x, struct rpc_reply *reply)
{
	xdr_u32(x, &reply->reject_stat);
	if (reply->reject_stat == RPC_MISMATCH)
		mismatch(x, reply);
	else if (reply->reject_stat == RPC_AUTH_ERROR)
		xdr_u32(x, &reply->auth_stat);
	else
		x->failed = true;
}

void rpc_reply(struct xdr *x, struct rpc_reply *reply)
{
	xdr_u32(x, &reply->xid);
	constant(x, RPC_REPLY);
	xdr_u32(x, &reply->stat);
	if (reply->stat == RPC_MSG_ACCEPTED)
		accepted(x, reply);
	else if (reply->stat == RPC_MSG_DENIED)
		denied(x, reply);
	else
		x->failed = true;
}

void rpc_auth_sys(struct xdr *x, struct rpc_auth_sys *a)
{
	xdr_u32(x, &a->stamp);
	xdr_bytes(x, &a->machinename, RPC_MACHINE_MAX);
	xdr_u32(x, &a->uid);
	xdr_u32(x, &a->gid);
	xdr_u32(x, &a->gid_count);
	if (a->gid_count > RPC_GIDS_MAX) {
		x->failed = true;
		a->gid_count = 0;
	}
	for (uint32_t i = 0; i < a->gid_count; i++)
		xdr_u32(x, &a->gids[i]);
}
