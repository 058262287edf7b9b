// SPDX-License-Identifier: BSD-2-Clause
// The MOUNT protocol, version 3 (RFC 1813 appendix I): a path becomes the handle of a directory.
#pragma once

#include "netstack/wire/xdr.h"

enum { MOUNT3_PROGRAM = 100005, MOUNT3_VERSION = 3 };
enum mount3_procedure {
	MOUNT3_NULL,
	MOUNT3_MNT,
	MOUNT3_DUMP,
	MOUNT3_UMNT,
	MOUNT3_UMNTALL,
	MOUNT3_EXPORT,
};
enum mount3_status {
	MNT3_OK = 0,
	MNT3ERR_PERM = 1,
	MNT3ERR_NOENT = 2,
	MNT3ERR_IO = 5,
	MNT3ERR_ACCES = 13,
	MNT3ERR_NOTDIR = 20,
	MNT3ERR_INVAL = 22,
	MNT3ERR_NAMETOOLONG = 63,
	MNT3ERR_NOTSUPP = 10004,
	MNT3ERR_SERVERFAULT = 10006,
};
enum { MOUNT3_PATH_MAX = 1024, MOUNT3_NAME_MAX = 255, MOUNT3_FH_MAX = 64, MOUNT3_FLAVORS_MAX = 8 };

// The result of MNT. A decoder keeps the first MOUNT3_FLAVORS_MAX flavors.
struct mount3_result {
	uint32_t status;
	struct xdr_bytes fhandle;
	uint32_t flavors[MOUNT3_FLAVORS_MAX];
	uint32_t flavor_count;
};

// The argument of MNT and UMNT.
void mount3_path(struct xdr *x, struct xdr_bytes *path);
void mount3_result(struct xdr *x, struct mount3_result *result);
// Lists: *more says whether an entry follows; call until it does not.
// DUMP: who has mounted what.
void mount3_mounted(struct xdr *x, bool *more, struct xdr_bytes *host, struct xdr_bytes *path);
// EXPORT: a path; after each come its groups of clients, to the end of their own list.
void mount3_export(struct xdr *x, bool *more, struct xdr_bytes *path);
void mount3_group(struct xdr *x, bool *more, struct xdr_bytes *name);
