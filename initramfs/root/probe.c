// SPDX-License-Identifier: BSD-2-Clause
// RPC calls over TCP (RFC 5531 section 11: records of fragments), each on a connection of its own.
#include "initramfs/root/probe.h"

#include "initramfs/clock.h"
#include "netstack/wire/mount3.h"
#include "netstack/wire/portmap.h"
#include "netstack/wire/rpc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PATIENCE = 3500, // ms; ARP takes 3 s to give up
	CALL_ROOM = 256,
	REPLY_ROOM = 32768,
};

union peer {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t peer_of(union peer *p, const char *address, uint16_t port)
{
	char plain[PROBE_ADDRESS];
	size_t length = strcspn(address, "%");

	*p = (union peer){0};
	p->v4.sin_family = AF_INET;
	p->v4.sin_port = htons(port);
	if (inet_pton(AF_INET, address, &p->v4.sin_addr) == 1)
		return sizeof p->v4;
	*p = (union peer){0};
	p->v6.sin6_family = AF_INET6;
	p->v6.sin6_port = htons(port);
	if (length >= sizeof plain)
		return 0;
	memcpy(plain, address, length);
	plain[length] = 0;
	if (address[length])
		p->v6.sin6_scope_id = if_nametoindex(address + length + 1);
	return inet_pton(AF_INET6, plain, &p->v6.sin6_addr) == 1 ? sizeof p->v6 : 0;
}

// A connection, -1 with errno.
static int connect_to(const char *address, uint16_t port)
{
	union peer peer;
	socklen_t size = peer_of(&peer, address, port), error_size = sizeof(int);
	int fd = size ? socket(peer.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int error = 0;

	if (fd < 0) {
		errno = size ? errno : EINVAL;
		return -1;
	}
	if (connect(fd, &peer.any, size) < 0 && errno != EINPROGRESS)
		error = errno;
	else if (poll(&p, 1, PATIENCE) <= 0)
		error = ETIMEDOUT;
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size);
	if (!error)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

int probe_port(const char *address, uint16_t port)
{
	int fd = connect_to(address, port);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

// ---- one call -----------------------------------------------------------------------------------

static bool read_exactly(int fd, uint8_t *to, size_t length, uint64_t deadline)
{
	while (length) {
		uint64_t now = clock_ms();
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t got;

		if (now >= deadline || poll(&p, 1, (int)(deadline - now)) <= 0)
			return false;
		got = read(fd, to, length);
		if (got <= 0)
			return false;
		to += got;
		length -= (size_t)got;
	}
	return true;
}

// The fragments of one record, joined; gives its length, 0 if it did not come or is too long.
static size_t read_record(int fd, uint8_t *to, size_t size)
{
	uint64_t deadline = clock_ms() + PATIENCE;
	size_t length = 0;
	uint8_t mark[RPC_MARK];

	for (;;) {
		struct reader r = reader_of(mark, sizeof mark);
		uint32_t word;

		if (!read_exactly(fd, mark, sizeof mark, deadline))
			return 0;
		word = read_u32(&r);
		if ((word & ~RPC_LAST_FRAGMENT) > size - length ||
			!read_exactly(fd, to + length, word & ~RPC_LAST_FRAGMENT, deadline))
			return 0;
		length += word & ~RPC_LAST_FRAGMENT;
		if (word & RPC_LAST_FRAGMENT)
			return length;
	}
}

static bool send_call(int fd, struct rpc_call *call, struct portmap_mapping *argument)
{
	uint8_t bytes[CALL_ROOM];
	struct xdr x = xdr_encoder(bytes + RPC_MARK, sizeof bytes - RPC_MARK);
	struct writer mark = writer_of(bytes, RPC_MARK);
	size_t length;

	rpc_call(&x, call);
	if (argument)
		portmap_mapping(&x, argument);
	length = xdr_length(&x);
	write_u32(&mark, RPC_LAST_FRAGMENT | (uint32_t)length);
	return !x.failed && write(fd, bytes, RPC_MARK + length) == (ssize_t)(RPC_MARK + length);
}

// The results of a call that the server accepted, in `room`; failed if there are none.
static struct xdr call(int fd, struct rpc_call *c, struct portmap_mapping *argument,
	uint8_t room[REPLY_ROOM])
{
	struct rpc_reply reply = {0};
	struct xdr x = xdr_decoder(NULL, 0);

	c->rpcvers = RPC_VERSION;
	c->xid = (uint32_t)clock_ms() | 1;
	if (!send_call(fd, c, argument)) {
		x.failed = true;
		return x;
	}
	x = xdr_decoder(room, read_record(fd, room, REPLY_ROOM));
	rpc_reply(&x, &reply);
	if (reply.xid != c->xid || reply.stat != RPC_MSG_ACCEPTED || reply.accept_stat != RPC_SUCCESS)
		x.failed = true;
	return x;
}

// ---- the questions ------------------------------------------------------------------------------

static uint8_t room[REPLY_ROOM];

static uint16_t ask_portmap(const char *address)
{
	struct rpc_call c = {
		.prog = PORTMAP_PROGRAM, .vers = PORTMAP_VERSION, .proc = PORTMAP_GETPORT,
	};
	struct portmap_mapping m = {
		.prog = MOUNT3_PROGRAM, .vers = MOUNT3_VERSION, .prot = PORTMAP_TCP,
	};
	int fd = connect_to(address, PROBE_PORTMAP_PORT);
	uint32_t port = 0;
	struct xdr x;

	if (fd < 0)
		return 0;
	x = call(fd, &c, &m, room);
	portmap_port(&x, &port);
	close(fd);
	return x.failed || port > 65535 ? 0 : (uint16_t)port;
}

static struct ipaddr own_address(int fd)
{
	union peer self = {0};
	socklen_t size = sizeof self;
	struct ipaddr a = {0};

	if (getsockname(fd, &self.any, &size) < 0)
		return a;
	if (self.any.sa_family == AF_INET) {
		a.family = IP_V4;
		memcpy(a.bytes, &self.v4.sin_addr, 4);
	}
	return a;
}

void probe_exports(const char *address, uint16_t mount_port, const char *path, struct exports *e)
{
	struct rpc_call c = {.prog = MOUNT3_PROGRAM, .vers = MOUNT3_VERSION, .proc = MOUNT3_EXPORT};
	uint16_t port = mount_port ? mount_port : ask_portmap(address);
	int fd = port ? connect_to(address, port) : -1;
	struct ipaddr own;
	struct xdr x;

	*e = (struct exports){0};
	if (fd < 0)
		return;
	own = own_address(fd);
	x = call(fd, &c, NULL, room);
	exports_read(e, &x, path, &own);
	close(fd);
}
