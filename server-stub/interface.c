// SPDX-License-Identifier: BSD-2-Clause
// getifaddrs(3) lists hardware addresses and IPv4 addresses apart; they are put together by name.
#define _GNU_SOURCE
#include "server-stub/interface.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct ipaddr address_of(const struct sockaddr *from)
{
	const struct sockaddr_in *in = (const void *)from;

	return ipaddr_from_u32(ntohl(in->sin_addr.s_addr));
}

static bool is_wanted(const struct ifaddrs *a, const char *const *wanted, size_t count)
{
	if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET || !(a->ifa_flags & IFF_UP) ||
		!a->ifa_netmask)
		return false;
	if (!wanted)
		return !(a->ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT));
	for (size_t i = 0; i < count; i++)
		if (!strcmp(a->ifa_name, wanted[i]))
			return true;
	return false;
}

static const struct interface *by_name(const struct interfaces *i, const char *name)
{
	for (size_t n = 0; n < i->count; n++)
		if (!strcmp(i->list[n].name, name))
			return &i->list[n];
	return NULL;
}

static void read_hardware(struct interface *to, const struct ifaddrs *all)
{
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		const struct sockaddr_ll *link = (const void *)a->ifa_addr;

		if (!link || link->sll_family != AF_PACKET || strcmp(a->ifa_name, to->name))
			continue;
		to->index = link->sll_ifindex;
		to->ethernet = link->sll_hatype == ARPHRD_ETHER && link->sll_halen == 6;
		if (to->ethernet)
			memcpy(to->hwaddr, link->sll_addr, 6);
	}
}

static uint16_t mtu_of(const char *name, int socket)
{
	struct ifreq r = {0};

	memcpy(r.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	if (ioctl(socket, SIOCGIFMTU, &r) < 0 || r.ifr_mtu < 68)
		return 1500;
	return r.ifr_mtu > UINT16_MAX ? UINT16_MAX : (uint16_t)r.ifr_mtu;
}

static void add(
	struct interfaces *i, const struct ifaddrs *a, const struct ifaddrs *all, int socket)
{
	struct interface *to = &i->list[i->count];
	struct ipaddr mask = address_of(a->ifa_netmask);
	int prefix = ipaddr_mask_to_prefix(&mask);

	*to = (struct interface){.address = address_of(a->ifa_addr),
		.prefix = prefix < 0 ? 32 : (uint8_t)prefix,
		.mtu = mtu_of(a->ifa_name, socket)};
	memcpy(to->name, a->ifa_name, strnlen(a->ifa_name, IFNAMSIZ - 1));
	read_hardware(to, all);
	if (to->index > 0)
		i->count++;
}

bool interfaces_read(struct interfaces *i, const char *const *wanted, size_t wanted_count)
{
	struct ifaddrs *all;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(i, 0, sizeof *i);
	if (fd < 0)
		return false;
	if (getifaddrs(&all) < 0) {
		close(fd);
		return false;
	}
	for (const struct ifaddrs *a = all; a && i->count < INTERFACES; a = a->ifa_next)
		if (is_wanted(a, wanted, wanted_count) && !by_name(i, a->ifa_name))
			add(i, a, all, fd);
	freeifaddrs(all);
	close(fd);
	return true;
}

static bool same(const struct interface *a, const struct interface *b)
{
	return !strcmp(a->name, b->name) && a->index == b->index && a->ethernet == b->ethernet &&
	       ipaddr_equal(&a->address, &b->address) && a->prefix == b->prefix;
}

bool interfaces_same(const struct interfaces *a, const struct interfaces *b)
{
	for (size_t n = 0; n < a->count && n < b->count; n++)
		if (!same(&a->list[n], &b->list[n]))
			return false;
	return a->count == b->count;
}

void interfaces_update(struct interfaces *i, const struct interfaces *now)
{
	for (size_t n = 0; n < i->count; n++) {
		const struct interface *fresh = interfaces_by_index(now, i->list[n].index);

		if (!fresh)
			continue;
		memcpy(i->list[n].hwaddr, fresh->hwaddr, sizeof fresh->hwaddr);
		i->list[n].mtu = fresh->mtu;
	}
}

const struct interface *interfaces_by_index(const struct interfaces *i, int index)
{
	for (size_t n = 0; n < i->count; n++)
		if (i->list[n].index == index)
			return &i->list[n];
	return NULL;
}
