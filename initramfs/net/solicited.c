// SPDX-License-Identifier: BSD-2-Clause
// When the kernel notices a link it makes the card's link-local address (RFC 4862, 5.3; from the hardware
// address, RFC 4291, appendix A) and joins its solicited-node group (RFC 4291, 2.7.1), for which the card's
// filter is written again. That may be up to a second after the first packet went out, and a card may be
// deaf for a while after it: QEMU's e1000 is for a second. A group that is joined already is only counted.
#include "initramfs/net/solicited.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void solicited_join(int *fd, int index, const uint8_t hwaddr[6])
{
	struct ipv6_mreq group = {.ipv6mr_interface = (unsigned)index};
	uint8_t *to = group.ipv6mr_multiaddr.s6_addr;

	to[0] = 0xff;
	to[1] = 0x02;
	to[11] = 0x01;
	to[12] = 0xff;
	memcpy(to + 13, hwaddr + 3, 3);
	if (*fd < 0)
		*fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (*fd >= 0)
		setsockopt(*fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group);
}

void solicited_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
