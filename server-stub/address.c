// SPDX-License-Identifier: BSD-2-Clause
#include "server-stub/address.h"

#include <netinet/in.h>
#include <string.h>

struct endpoint address_from_kernel(const struct sockaddr_storage *from)
{
	const struct sockaddr_in *four = (const void *)from;
	const struct sockaddr_in6 *six = (const void *)from;
	struct endpoint e = {.interface = -1};

	if (from->ss_family == AF_INET) {
		e.addr.family = IP_V4;
		memcpy(e.addr.bytes, &four->sin_addr, 4);
		e.port = ntohs(four->sin_port);
	} else if (from->ss_family == AF_INET6) {
		bool mapped = IN6_IS_ADDR_V4MAPPED(&six->sin6_addr);

		e.addr.family = mapped ? IP_V4 : IP_V6;
		memcpy(e.addr.bytes, (const uint8_t *)&six->sin6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
		e.port = ntohs(six->sin6_port);
	}
	return e;
}

socklen_t address_to_kernel(const struct endpoint *from, struct sockaddr_storage *to)
{
	struct sockaddr_in *four = (void *)to;
	struct sockaddr_in6 *six = (void *)to;

	memset(to, 0, sizeof *to);
	if (from->addr.family == IP_V6) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(from->port);
		memcpy(&six->sin6_addr, from->addr.bytes, 16);
		return sizeof *six;
	}
	four->sin_family = AF_INET;
	four->sin_port = htons(from->port);
	memcpy(&four->sin_addr, from->addr.bytes, 4);
	return sizeof *four;
}
