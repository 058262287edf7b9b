// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/wire/portmap.h"

void portmap_mapping(struct xdr *x, struct portmap_mapping *m)
{
	xdr_u32(x, &m->prog);
	xdr_u32(x, &m->vers);
	xdr_u32(x, &m->prot);
	xdr_u32(x, &m->port);
}

void portmap_port(struct xdr *x, uint32_t *port)
{
	xdr_u32(x, port);
}

void portmap_entry(struct xdr *x, bool *more, struct portmap_mapping *m)
{
	xdr_bool(x, more);
	if (*more)
		portmap_mapping(x, m);
}
