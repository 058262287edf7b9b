// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/wire/mount3.h"

void mount3_path(struct xdr *x, struct xdr_bytes *path)
{
	xdr_bytes(x, path, MOUNT3_PATH_MAX);
}

static void flavors(struct xdr *x, struct mount3_result *r)
{
	uint32_t count = r->flavor_count, dropped;

	xdr_u32(x, &count);
	if (count > xdr_left(x) / 4)
		x->failed = true;
	for (uint32_t i = 0; i < count && !x->failed; i++)
		xdr_u32(x, i < MOUNT3_FLAVORS_MAX ? &r->flavors[i] : &dropped);
	r->flavor_count = x->failed ? 0 : count < MOUNT3_FLAVORS_MAX ? count : MOUNT3_FLAVORS_MAX;
}

void mount3_result(struct xdr *x, struct mount3_result *r)
{
	xdr_u32(x, &r->status);
	if (r->status != MNT3_OK)
		return;
	xdr_bytes(x, &r->fhandle, MOUNT3_FH_MAX);
	flavors(x, r);
}

void mount3_mounted(struct xdr *x, bool *more, struct xdr_bytes *host, struct xdr_bytes *path)
{
	xdr_bool(x, more);
	if (!*more)
		return;
	xdr_bytes(x, host, MOUNT3_NAME_MAX);
	xdr_bytes(x, path, MOUNT3_PATH_MAX);
}

void mount3_export(struct xdr *x, bool *more, struct xdr_bytes *path)
{
	xdr_bool(x, more);
	if (*more)
		xdr_bytes(x, path, MOUNT3_PATH_MAX);
}

void mount3_group(struct xdr *x, bool *more, struct xdr_bytes *name)
{
	xdr_bool(x, more);
	if (*more)
		xdr_bytes(x, name, MOUNT3_NAME_MAX);
}
