// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/router_advert.h"
#include "server-stub/own_network.h"
#include "netstack/wire/ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HEADER = 40,
	MESSAGE = ROUTER_ADVERT - HEADER,
	VERSION = 6,
	HOP_LIMIT = 255, // any other, and it may come from afar (RFC 4861 section 6.1.2)
	BATCH = 64,
};

int router_advert_socket(void)
{
	static struct sock_filter advertisements[] = { // of the IPv6 header on: ICMPv6, from this link
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6 << 8 | HOP_LIMIT, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, HEADER),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_ROUTER_ADVERT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, ROUTER_ADVERT),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {sizeof advertisements / sizeof *advertisements, advertisements};
	struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IPV6)};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); // hears nothing yet
	int error;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 &&
		bind(fd, (struct sockaddr *)&all, sizeof all) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

// What goes to other machines is seen where an interface is promiscuous: an advertisement such as
// ours may be among it.
int router_advert_heard(int socket)
{
	uint8_t datagram[ROUTER_ADVERT];

	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_ll from = {0};
		socklen_t size = sizeof from;

		if (recvfrom(socket, datagram, sizeof datagram, MSG_DONTWAIT | MSG_TRUNC,
			(struct sockaddr *)&from, &size) < 0)
			return 0;
		if (from.sll_pkttype != PACKET_OTHERHOST)
			return from.sll_ifindex;
	}
	return 0;
}

// ---- the datagram ----------------------------------------------------------------------------

void router_advert_link_local(uint8_t address[16], const uint8_t hwaddr[6])
{
	static const uint8_t prefix[8] = {0xfe, 0x80};

	memcpy(address, prefix, sizeof prefix);
	memcpy(address + 8, hwaddr, 3);
	address[8] ^= 0x02; // there, 0 is for addresses that somebody has made up
	address[11] = 0xff;
	address[12] = 0xfe;
	memcpy(address + 13, hwaddr + 3, 3);
}

void router_advert_write(uint8_t datagram[ROUTER_ADVERT], const uint8_t from[6],
	const uint8_t to[6])
{
	struct writer w = writer_of(datagram, ROUTER_ADVERT);
	uint8_t addresses[32];
	uint32_t sum;

	router_advert_link_local(addresses, from);
	router_advert_link_local(addresses + 16, to);
	write_u32(&w, (uint32_t)VERSION << 28);
	write_u16(&w, MESSAGE);
	write_u8(&w, IPPROTO_ICMPV6);
	write_u8(&w, HOP_LIMIT);
	write_bytes(&w, addresses, sizeof addresses);
	write_u8(&w, ND_ROUTER_ADVERT);
	write_zeros(&w, MESSAGE - 1);
	sum = ip_checksum_add(MESSAGE + IPPROTO_ICMPV6, addresses, sizeof addresses);
	sum = ip_checksum_add(sum, datagram + HEADER, MESSAGE);
	write_u16_at(&w, HEADER + 2, ip_checksum_end(sum));
}

// ---- sending ---------------------------------------------------------------------------------

static bool reaches_further(const struct ifaddrs *a, const char *name)
{
	const struct sockaddr_in6 *in6 = (const void *)a->ifa_addr;

	return in6 && in6->sin6_family == AF_INET6 && strcmp(a->ifa_name, name) == 0 &&
		!IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr);
}

static bool has_ipv6(const struct interface *i)
{
	struct ifaddrs *all;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return true; // who knows
	for (const struct ifaddrs *a = all; a && !found; a = a->ifa_next)
		found = reaches_further(a, i->name);
	freeifaddrs(all);
	return found;
}

bool router_advert_send(int socket, const struct interface *i, const uint8_t client[6])
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IPV6),
		.sll_ifindex = i->index,
		.sll_halen = 6,
	};
	uint8_t datagram[ROUTER_ADVERT], own[6];

	if (has_ipv6(i)) {
		errno = EEXIST;
		return false;
	}
	own_hwaddr(i, socket, own);
	memcpy(to.sll_addr, client, 6);
	router_advert_write(datagram, own, client);
	return sendto(socket, datagram, sizeof datagram, MSG_DONTWAIT, (struct sockaddr *)&to,
		sizeof to) >= 0;
}
