// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/net/dhcp6.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in6 address_of(const struct ipaddr *a, uint16_t port, int index)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port),
		.sin6_scope_id = (uint32_t)index};

	memcpy(&to.sin6_addr, a->bytes, sizeof to.sin6_addr);
	return to;
}

int dhcp6_resume(struct dhcp6 *d, const struct netlink_link *link)
{
	struct sockaddr_in6 local = address_of(&d->local, DHCP6_CLIENT_PORT, link->index);
	int yes = 1, error;

	d->socket = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->socket < 0)
		return errno;
	setsockopt(d->socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	d->running = setsockopt(d->socket, SOL_SOCKET, SO_BINDTODEVICE, link->name,
			(socklen_t)strlen(link->name)) == 0 &&
		bind(d->socket, (struct sockaddr *)&local, sizeof local) == 0;
	if (d->running)
		return 0;
	error = errno;
	close(d->socket);
	return error;
}

int dhcp6_begin(struct dhcp6 *d, const struct netlink_link *link, const struct ipaddr *local,
	const struct dhcp6_client_config *cfg, uint64_t now)
{
	int error;

	d->local = *local;
	d->error = 0;
	d->started = now;
	error = dhcp6_resume(d, link);
	if (!error)
		dhcp6_client_start(&d->client, cfg, now);
	return error;
}

static void take_in(struct dhcp6 *d, uint64_t now)
{
	uint8_t message[2048];
	struct sockaddr_in6 peer;
	socklen_t size = sizeof peer;
	ssize_t got;

	while ((got = recvfrom(d->socket, message, sizeof message, 0, (struct sockaddr *)&peer, &size)) >= 0 ||
		errno == EINTR) {
		struct endpoint from = {.addr = {.family = IP_V6}, .interface = -1};

		if (got < 0)
			continue;
		memcpy(from.addr.bytes, &peer.sin6_addr, sizeof from.addr.bytes);
		from.port = ntohs(peer.sin6_port);
		dhcp6_client_input(&d->client, message, (size_t)got, &from, now);
		size = sizeof peer;
	}
}

void dhcp6_step(struct dhcp6 *d, const struct netlink_link *link, uint64_t now)
{
	uint8_t message[DHCP6_PACKET];
	struct writer w = writer_of(message, sizeof message);
	struct endpoint to;

	take_in(d, now);
	while (dhcp6_client_output(&d->client, &w, &to, now)) {
		struct sockaddr_in6 peer = address_of(&to.addr, to.port, link->index);

		d->error = sendto(d->socket, message, writer_length(&w), 0, (struct sockaddr *)&peer,
			sizeof peer) < 0 ? errno : 0;
		w = writer_of(message, sizeof message);
	}
}

void dhcp6_end(struct dhcp6 *d)
{
	if (d->running)
		close(d->socket);
	d->running = false;
}
