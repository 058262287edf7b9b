// SPDX-License-Identifier: BSD-2-Clause
// ONC RPC version 2 (RFC 5531): call and reply headers, AUTH_SYS, and the record mark of TCP.
//
//   record:  fragment...      fragment: | last? 1 bit | length 31 bits | bytes |
//   call:    xid 0 2 prog vers proc cred verf   arguments
//   reply:   xid 1 accepted verf accept_stat    results
//            xid 1 denied ...
#pragma once

#include "netstack/wire/xdr.h"

enum rpc_msg_type { RPC_CALL, RPC_REPLY };
enum rpc_reply_stat { RPC_MSG_ACCEPTED, RPC_MSG_DENIED };
enum rpc_accept_stat {
	RPC_SUCCESS,
	RPC_PROG_UNAVAIL,
	RPC_PROG_MISMATCH,
	RPC_PROC_UNAVAIL,
	RPC_GARBAGE_ARGS,
	RPC_SYSTEM_ERR,
};
enum rpc_reject_stat { RPC_MISMATCH, RPC_AUTH_ERROR };
enum rpc_auth_stat { RPC_AUTH_OK, RPC_AUTH_BADCRED, RPC_AUTH_REJECTEDCRED, RPC_AUTH_TOOWEAK = 5 };
enum rpc_auth_flavor { RPC_AUTH_NONE, RPC_AUTH_SYS };

enum {
	RPC_VERSION = 2,
	RPC_AUTH_MAX = 400,    // bytes of a credential or verifier
	RPC_GIDS_MAX = 16,     // AUTH_SYS
	RPC_MACHINE_MAX = 255, // AUTH_SYS
	RPC_MARK = 4,          // bytes before each fragment
};

#define RPC_LAST_FRAGMENT 0x80000000u

struct rpc_auth {
	uint32_t flavor;
	struct xdr_bytes body;
};

struct rpc_auth_sys {
	uint32_t stamp;
	struct xdr_bytes machinename;
	uint32_t uid, gid;
	uint32_t gids[RPC_GIDS_MAX];
	uint32_t gid_count;
};

struct rpc_call {
	uint32_t xid;
	uint32_t rpcvers; // whether it is RPC_VERSION is for the server to say
	uint32_t prog, vers, proc;
	struct rpc_auth cred, verf;
};

struct rpc_reply {
	uint32_t xid;
	uint32_t stat; // rpc_reply_stat
	struct rpc_auth verf;
	uint32_t accept_stat;
	uint32_t reject_stat, auth_stat;
	uint32_t low, high; // RPC_PROG_MISMATCH, RPC_MISMATCH
};

// Each of these encodes or decodes; see x->failed. A decoder fails for what is no call (no reply).
void rpc_call(struct xdr *x, struct rpc_call *call);
void rpc_reply(struct xdr *x, struct rpc_reply *reply);
// The body of an AUTH_SYS credential.
void rpc_auth_sys(struct xdr *x, struct rpc_auth_sys *auth);
