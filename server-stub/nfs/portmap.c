// SPDX-License-Identifier: BSD-2-Clause
// The port mapper (RFC 1833 section 3) for what this server serves; nobody else can register.
#include "netstack/wire/portmap.h"
#include "netstack/wire/mount3.h"
#include "server-stub/nfs/mount.h"

enum { SERVED = 3 };

static void served(const struct nfs_call *c, struct portmap_mapping to[SERVED])
{
	uint32_t port = c->files->port;

	to[0] = (struct portmap_mapping){NFS3_PROGRAM, NFS3_VERSION, PORTMAP_TCP, port};
	to[1] = (struct portmap_mapping){MOUNT3_PROGRAM, MOUNT3_VERSION, PORTMAP_TCP, port};
	to[2] = (struct portmap_mapping){
		PORTMAP_PROGRAM, PORTMAP_VERSION, PORTMAP_TCP, PORTMAP_PORT};
}

static bool getport(struct nfs_call *c)
{
	struct portmap_mapping wanted, list[SERVED];
	uint32_t port = 0;

	portmap_mapping(&c->in, &wanted);
	if (c->in.failed)
		return false;
	served(c, list);
	for (int i = 0; i < SERVED; i++)
		if (list[i].prog == wanted.prog && list[i].vers == wanted.vers &&
			list[i].prot == wanted.prot)
			port = list[i].port;
	portmap_port(&c->out, &port);
	return true;
}

static bool dump(struct nfs_call *c)
{
	struct portmap_mapping list[SERVED];
	bool more = true;

	served(c, list);
	for (int i = 0; i < SERVED; i++)
		portmap_entry(&c->out, &more, &list[i]);
	more = false;
	portmap_entry(&c->out, &more, list);
	return true;
}

static bool refuse(struct nfs_call *c)
{
	struct portmap_mapping ignored;
	bool done = false;

	portmap_mapping(&c->in, &ignored);
	xdr_bool(&c->out, &done);
	return !c->in.failed;
}

const struct nfs_procedure portmap_procedures[PORTMAP_PROCEDURES] = {
	[PORTMAP_NULL] = {"NULL", proc_null, NULL, false},
	[PORTMAP_SET] = {"SET", refuse, NULL, false},
	[PORTMAP_UNSET] = {"UNSET", refuse, NULL, false},
	[PORTMAP_GETPORT] = {"GETPORT", getport, NULL, false},
	[PORTMAP_DUMP] = {"DUMP", dump, NULL, false},
};
