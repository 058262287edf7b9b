// SPDX-License-Identifier: BSD-2-Clause
// Who may mount: machines of the networks that lanyardd serves, this machine itself, and those that
// --allow names. Which networks these are is looked up for each connection, of which there are few:
// they change while lanyardd runs.
#define _GNU_SOURCE
#include "server-stub/nfs.h"
#include "server-stub/interface.h"
#include "server-stub/log.h"
#include "server-stub/nfs/server.h"
#include "server-stub/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

// ---- who may mount ---------------------------------------------------------------------------

static bool peer_address(const struct sockaddr *peer, struct ipaddr *to)
{
	const struct sockaddr_in *four = (const void *)peer;

	if (peer->sa_family != AF_INET)
		return false;
	*to = ipaddr_from_u32(ntohl(four->sin_addr.s_addr));
	return true;
}

static bool on_our_networks(const struct options *o, const struct ipaddr *peer)
{
	struct interfaces here;

	if (!interfaces_read(
		    &here, o->interfaces.count ? o->interfaces.items : NULL, o->interfaces.count))
		return false;
	for (size_t i = 0; i < here.count; i++)
		if (ipaddr_same_net(peer, &here.list[i].address, here.list[i].prefix))
			return true;
	return false;
}

// Said once, not each time that somebody tries.
static bool refuse(const struct ipaddr *peer)
{
	static struct ipaddr last;
	char text[IPADDR_TEXT];

	if (!ipaddr_equal(peer, &last))
		log_say(LOG_WARNING, "nfs",
			"%s may not mount: it is on none of the networks served, nor named by "
			"--allow",
			ipaddr_format(peer, text));
	last = *peer;
	return false;
}

static bool admit(void *context, const struct sockaddr *peer)
{
	const struct options *o = context;
	struct ipaddr address;

	if (!peer_address(peer, &address))
		return false;
	if (address.bytes[0] == IN_LOOPBACKNET || on_our_networks(o, &address))
		return true;
	for (size_t i = 0; i < o->allow.count; i++)
		if (ipaddr_same_net(&address, &o->allowed[i].address, o->allowed[i].prefix))
			return true;
	return refuse(&address);
}

// ---- the child -------------------------------------------------------------------------------

static _Noreturn void fail(const char *why)
{
	struct fault f;

	fault_set(&f, FAULT_SERVER_NFS, "(%s)", why);
	log_fault("nfs", &f);
	exit(111);
}

static void drop_rights(const struct nfs_child_config *c, int root)
{
	int kept[NFS_LISTENERS + 2] = {c->portmap_udp, root};

	memcpy(kept + 2, c->listeners, sizeof c->listeners);
	sandbox_begin(kept, 2 + c->listener_count);
	if (!sandbox_nfs())
		fail(strerror(errno));
	sandbox_tie(c->parent);
	if (!c->options->unconfined && !sandbox_few_calls())
		log_say(LOG_WARNING, "nfs", "no limit on system calls: %s", strerror(errno));
}

// The tree through a mount of its own, which takes a right that the server has no use for later.
static int open_tree_apart(const char *path)
{
	int tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int root;

	if (tree < 0)
		return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	root = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(tree);
	return root;
}

static struct nfs_server *start(const struct nfs_child_config *c, int root)
{
	char directory[64], error[256] = "";
	const struct nfs_export_config export = {
		.path = c->options->root, .root = directory, .writable = c->options->rw};
	const struct nfs_config config = {.exports = &export,
		.export_count = 1,
		.state = c->options->state,
		.listeners = c->listeners,
		.listener_count = c->listener_count,
		.portmap_udp = c->portmap_udp,
		.port = c->options->nfs_port,
		.admit = admit,
		.context = (void *)c->options};
	struct nfs_server *s;

	snprintf(directory, sizeof directory, "/proc/self/fd/%d", root);
	s = nfs_server_start(&config, error, sizeof error);
	if (!s)
		fail(error);
	close(root);
	return s;
}

void nfs_run(const struct nfs_child_config *config)
{
	int root = open_tree_apart(config->options->root), number;
	struct nfs_server *s;
	sigset_t ends;

	if (root < 0)
		fail(strerror(errno));
	drop_rights(config, root);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	s = start(config, root);
	sigwait(&ends, &number);
	nfs_server_stop(s);
	exit(0);
}
