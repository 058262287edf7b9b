// SPDX-License-Identifier: BSD-2-Clause
// All messages of RPC, portmap, MOUNT and NFSv3 with their codecs and one vector or more, written by
// hand from the RFCs (notation: tests/unit/vectors.h). The fuzzing corpus begins with the same ones.
#pragma once

#include "netstack/wire/mount3.h"
#include "netstack/wire/nfs3.h"
#include "netstack/wire/portmap.h"
#include "netstack/wire/rpc.h"

#define H "00000005 0102030405 000000 " // a handle
#define N "00000003 616263 00 "         // the name abc
#define FATTR                                                                                      \
	"00000001 000081a4 00000002 000003e8 000003e9 0000000000001234 0000000000002000 "          \
	"00000008 00000011 00000000000000fe 0000000100000042 65000000 1dcd6500 65000001 3b9ac9ff " \
	"65000002 00000001 "
#define ATTR "00000001 " FATTR // post_op_attr
#define NO_ATTR "00000000 "
#define BEFORE "00000001 0000000000001000 64ffffff 00000007 64fffffe 00000008 "
#define WCC BEFORE ATTR
#define NO_WCC "00000000 00000000 "
#define SATTR_ALL                                                                                  \
	"00000001 000001ed 00000001 000003e8 00000001 000003e9 00000001 0000000200000000 "         \
	"00000002 65000000 00000001 00000002 65000001 3b9ac9ff "
#define SATTR_NONE "00000000 00000000 00000000 00000000 00000000 00000000 "
#define SATTR_NOW "00000000 00000000 00000000 00000001 0000000000000000 00000001 00000001 "
#define VERF "0102030405060708 "

// The codecs by one type. A list is told by its first step.
#define CODEC(name, type)                                                                          \
	static void run_##name(struct xdr *x, void *message)                                       \
	{                                                                                          \
		name(x, (type *)message);                                                          \
	}
#define LIST(name, type, ...)                                                                      \
	struct name##_step {                                                                       \
		bool more;                                                                         \
		type;                                                                              \
	};                                                                                         \
	static void run_##name(struct xdr *x, void *message)                                       \
	{                                                                                          \
		struct name##_step *s = message;                                                   \
		name(x, &s->more, __VA_ARGS__);                                                    \
	}

CODEC(rpc_call, struct rpc_call)
CODEC(rpc_reply, struct rpc_reply)
CODEC(rpc_auth_sys, struct rpc_auth_sys)
CODEC(portmap_mapping, struct portmap_mapping)
CODEC(portmap_port, uint32_t)
LIST(portmap_entry, struct portmap_mapping m, &s->m)
CODEC(mount3_path, struct xdr_bytes)
CODEC(mount3_result, struct mount3_result)
LIST(mount3_mounted, struct xdr_bytes a; struct xdr_bytes b, &s->a, &s->b)
LIST(mount3_export, struct xdr_bytes a, &s->a)
LIST(mount3_group, struct xdr_bytes a, &s->a)
CODEC(nfs3_handle, struct xdr_bytes)
CODEC(nfs3_diropargs, struct nfs3_diropargs)
CODEC(nfs3_setattr_args, struct nfs3_setattr_args)
CODEC(nfs3_access_args, struct nfs3_access_args)
CODEC(nfs3_range_args, struct nfs3_range_args)
CODEC(nfs3_write_args, struct nfs3_write_args)
CODEC(nfs3_create_args, struct nfs3_create_args)
CODEC(nfs3_mkdir_args, struct nfs3_mkdir_args)
CODEC(nfs3_symlink_args, struct nfs3_symlink_args)
CODEC(nfs3_mknod_args, struct nfs3_mknod_args)
CODEC(nfs3_rename_args, struct nfs3_rename_args)
CODEC(nfs3_link_args, struct nfs3_link_args)
CODEC(nfs3_readdir_args, struct nfs3_readdir_args)
CODEC(nfs3_readdirplus_args, struct nfs3_readdir_args)
CODEC(nfs3_getattr_res, struct nfs3_getattr_res)
CODEC(nfs3_wcc_res, struct nfs3_wcc_res)
CODEC(nfs3_lookup_res, struct nfs3_lookup_res)
CODEC(nfs3_access_res, struct nfs3_access_res)
CODEC(nfs3_readlink_res, struct nfs3_readlink_res)
CODEC(nfs3_read_res, struct nfs3_read_res)
CODEC(nfs3_write_res, struct nfs3_write_res)
CODEC(nfs3_create_res, struct nfs3_create_res)
CODEC(nfs3_rename_res, struct nfs3_rename_res)
CODEC(nfs3_link_res, struct nfs3_link_res)
CODEC(nfs3_readdir_res, struct nfs3_readdir_res)
LIST(nfs3_entry, struct nfs3_entry e, &s->e)
LIST(nfs3_entryplus, struct nfs3_entry e, &s->e)
CODEC(nfs3_fsstat_res, struct nfs3_fsstat_res)
CODEC(nfs3_fsinfo_res, struct nfs3_fsinfo_res)
CODEC(nfs3_pathconf_res, struct nfs3_pathconf_res)
CODEC(nfs3_commit_res, struct nfs3_commit_res)

struct nfs_message {
	const char *name;
	void (*run)(struct xdr *x, void *message);
	const char *hex[4];
};

// No message struct is larger.
enum { NFS_MESSAGE_SIZE = 1024 };

#define M(name, ...) {#name, run_##name, {__VA_ARGS__}}

static const struct nfs_message nfs_messages[] = {
	M(rpc_call,
		"12345678 00000000 00000002 000186a3 00000003 00000001 00000001 00000018 0a0b0c0d "
		"00000001 61 000000 000003e8 000003e9 00000000 00000000 00000000",
		"12345678 00000000 00000009 000186a5 00000003 00000000 00*16"),
	M(rpc_reply, "12345678 00000001 00000000 00*8 00000000",
		"12345678 00000001 00000000 00*8 00000002 00000003 00000003",
		"12345678 00000001 00000001 00000000 00000002 00000002",
		"12345678 00000001 00000001 00000001 00000005"),
	M(rpc_auth_sys,
		"0a0b0c0d 00000005 636c6f776e 000000 000003e8 000003e9 00000002 0000001b 0000002c",
		"00000000 00000000 00000000 00000000 00000010 00*64"),
	M(portmap_mapping, "000186a3 00000003 00000006 00000801"),
	M(portmap_port, "00000801"),
	M(portmap_entry, "00000001 000186a5 00000003 00000006 00000801", "00000000"),
	M(mount3_path, "0000000c 2f7372762f6e6673726f6f74"),
	M(mount3_result, "00000000 " H "00000002 00000001 00000000", "0000000d"),
	M(mount3_mounted, "00000001 " N "00000001 2f 000000", "00000000"),
	M(mount3_export, "00000001 00000004 2f737276", "00000000"),
	M(mount3_group, "00000001 " N, "00000000"),
	M(nfs3_handle, H, "00000000", "00000040 ff*64"),
	M(nfs3_diropargs, H N),
	M(nfs3_setattr_args, H SATTR_ALL "00000001 65000002 00000001", H SATTR_NOW "00000000",
		H SATTR_NONE "00000000"),
	M(nfs3_access_args, H "0000003f"),
	M(nfs3_range_args, H "0000000100000000 00100000"),
	M(nfs3_write_args, H "0000000080000000 00000005 00000002 00000005 68656c6c6f 000000"),
	M(nfs3_create_args, H N "00000000 " SATTR_ALL, H N "00000001 " SATTR_NOW,
		H N "00000002 " VERF),
	M(nfs3_mkdir_args, H N SATTR_ALL),
	M(nfs3_symlink_args, H N SATTR_NONE "00000006 2e2e2f776879 0000"),
	M(nfs3_mknod_args, H N "00000004 " SATTR_ALL "00000005 00000001", H N "00000007 " SATTR_NONE,
		H N "00000001"),
	M(nfs3_rename_args, H N H "00000001 62 000000"),
	M(nfs3_link_args, H H N),
	M(nfs3_readdir_args, H "7fffffffffffffff " VERF "00001000"),
	M(nfs3_readdirplus_args, H "0000000000000000 00*8 00001000 00008000"),
	M(nfs3_getattr_res, "00000000 " FATTR, "00000046"),
	M(nfs3_wcc_res, "00000000 " WCC, "0000001e " NO_WCC),
	M(nfs3_lookup_res, "00000000 " H ATTR ATTR, "00000002 " ATTR, "00000046 " NO_ATTR),
	M(nfs3_access_res, "00000000 " ATTR "0000001f", "00000046 " NO_ATTR),
	M(nfs3_readlink_res, "00000000 " NO_ATTR "00000006 2e2e2f776879 0000", "00000016 " ATTR),
	M(nfs3_read_res, "00000000 " ATTR "00000005 00000001 00000005 68656c6c6f 000000",
		"00000000 " ATTR "00000000 00000001 00000000", "0000000d " ATTR),
	M(nfs3_write_res, "00000000 " WCC "00000005 00000002 " VERF, "0000001c " NO_WCC),
	M(nfs3_create_res, "00000000 00000001 " H ATTR WCC, "00000000 00000000 " NO_ATTR NO_WCC,
		"00000011 " WCC),
	M(nfs3_rename_res, "00000000 " WCC WCC, "00000012 " NO_WCC WCC),
	M(nfs3_link_res, "00000000 " ATTR WCC, "0000001f " ATTR NO_WCC),
	M(nfs3_readdir_res, "00000000 " ATTR "00*8", "00002713 " ATTR),
	M(nfs3_entry, "00000001 0000000000000042 " N "0000000000000003", "00000000"),
	M(nfs3_entryplus,
		"00000001 0000000000000042 " N "0000000000000003 " ATTR "00000001 " H,
		"00000001 0000000000000042 " N "0000000000000003 " NO_ATTR "00000000", "00000000"),
	M(nfs3_fsstat_res,
		"00000000 " ATTR "0000001000000000 0000000800000000 0000000700000000 "
		"0000000000100000 0000000000080000 0000000000080000 00000000",
		"00000046 " NO_ATTR),
	M(nfs3_fsinfo_res,
		"00000000 " ATTR "00100000 00100000 00001000 00100000 00100000 00001000 00010000 "
		"7fffffffffffffff 00000000 00000001 0000001b",
		"00000046 " NO_ATTR),
	M(nfs3_pathconf_res,
		"00000000 " ATTR "00007d00 000000ff 00000001 00000001 00000000 00000001",
		"00000046 " NO_ATTR),
	M(nfs3_commit_res, "00000000 " WCC VERF, "00000005 " WCC),
};

#undef M
#undef H
#undef N
