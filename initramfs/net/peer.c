// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/net/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

socklen_t peer_write(struct sockaddr_storage *to, uint32_t zone, const struct ipaddr *address, uint16_t port)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port),
		.sin6_scope_id = ipaddr_is_link_local(address) ? zone : 0};

	if (address->family == IP_V6) {
		memcpy(&six.sin6_addr, address->bytes, sizeof six.sin6_addr);
		memcpy(to, &six, sizeof six);
		return sizeof six;
	}
	memcpy(&four.sin_addr, address->bytes, sizeof four.sin_addr);
	memcpy(to, &four, sizeof four);
	return sizeof four;
}

int peer_socket(const struct ipaddr *address, int type)
{
	return socket(address->family == IP_V6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
}

bool peer_connect(int fd, uint32_t zone, const struct ipaddr *address, uint16_t port)
{
	struct sockaddr_storage to;
	socklen_t length = peer_write(&to, zone, address, port);

	return connect(fd, (struct sockaddr *)&to, length) == 0;
}
