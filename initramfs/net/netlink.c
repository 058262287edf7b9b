// SPDX-License-Identifier: BSD-2-Clause
// Netlink messages are host-endian structs with aligned attributes behind them; they are built in
// and read from aligned buffers with the kernel's own macros.
#include "initramfs/net/netlink.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOWER_UP = 0x10000 }; // IFF_LOWER_UP of linux/if.h, which does not go with net/if.h

enum { BUFFER = 16384, REQUEST = 256, GROUP_ND_USEROPT = 1 << (RTNLGRP_ND_USEROPT - 1) };

struct request {
	struct nlmsghdr header;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
		struct rtmsg route;
		struct rtgenmsg any;
		char room[REQUEST];
	} body;
};

static int open_socket(uint32_t groups, int type)
{
	struct sockaddr_nl local = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | type, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&local, sizeof local) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int ask_for_links(struct netlink *n)
{
	struct request r = {
		.header = {
			.nlmsg_len = NLMSG_LENGTH(sizeof r.body.link),
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			.nlmsg_seq = ++n->sequence,
		},
	};

	return send(n->events, &r, r.header.nlmsg_len, 0) < 0 ? errno : 0;
}

void netlink_look(struct netlink *n)
{
	ask_for_links(n);
}

int netlink_open(struct netlink *n)
{
	n->sequence = 0;
	n->events = open_socket(RTMGRP_LINK | GROUP_ND_USEROPT, SOCK_NONBLOCK);
	n->requests = open_socket(0, 0);
	if (n->events < 0 || n->requests < 0)
		return errno;
	return ask_for_links(n);
}

// What is inside an attribute that holds others.
#define NESTED(outer, a, left) \
	(left = (int)RTA_PAYLOAD(outer), a = RTA_DATA(outer); RTA_OK(a, left); a = RTA_NEXT(a, left))

// Of what each address family says of the link: IPv6's flags.
static void read_families(struct netlink_link *link, const struct rtattr *families)
{
	const struct rtattr *family, *a;
	int left, inner;

	for NESTED(families, family, left) {
		if ((family->rta_type & NLA_TYPE_MASK) != AF_INET6)
			continue;
		for NESTED(family, a, inner)
			if (a->rta_type == IFLA_INET6_FLAGS && RTA_PAYLOAD(a) == sizeof link->inet6)
				memcpy(&link->inet6, RTA_DATA(a), sizeof link->inet6);
	}
}

static void read_attribute(struct netlink_link *link, const struct rtattr *a)
{
	size_t length = RTA_PAYLOAD(a);

	if (a->rta_type == IFLA_IFNAME && length <= sizeof link->name)
		memcpy(link->name, RTA_DATA(a), length), link->name[sizeof link->name - 1] = 0;
	else if (a->rta_type == IFLA_ADDRESS && length == NETLINK_HWADDR)
		memcpy(link->hwaddr, RTA_DATA(a), length);
	else if (a->rta_type == IFLA_MTU && length == sizeof link->mtu)
		memcpy(&link->mtu, RTA_DATA(a), length);
	else if (a->rta_type == IFLA_LINK && length == sizeof link->below)
		memcpy(&link->below, RTA_DATA(a), length);
	else if (a->rta_type == IFLA_AF_SPEC)
		read_families(link, a);
}

// The operational state (IFF_RUNNING) is set by the kernel's linkwatch, which may take a second; the
// carrier is known at once. With a carrier and a queue that is not the one of an interface at rest,
// what is sent goes out.
static bool sends(const struct rtattr *qdisc)
{
	return strncmp(RTA_DATA(qdisc), "noop", RTA_PAYLOAD(qdisc)) != 0;
}

static bool read_link(const struct nlmsghdr *h, struct netlink_link *link)
{
	const unsigned carrier = IFF_UP | LOWER_UP;
	const struct ifinfomsg *info = NLMSG_DATA(h);
	int left = (int)h->nlmsg_len - (int)NLMSG_LENGTH(sizeof *info);

	if (left < 0 || (h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK))
		return false;
	*link = (struct netlink_link){
		.index = info->ifi_index,
		.gone = h->nlmsg_type == RTM_DELLINK,
		.ethernet = info->ifi_type == ARPHRD_ETHER,
		.up = info->ifi_flags & IFF_UP,
		.running = info->ifi_flags & IFF_RUNNING,
	};
	for (const struct rtattr *a = (const void *)((const char *)info + NLMSG_ALIGN(sizeof *info));
		RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		read_attribute(link, a);
		if (a->rta_type == IFLA_QDISC && (info->ifi_flags & carrier) == carrier && sends(a))
			link->running = true;
	}
	if (link->below == link->index)
		link->below = 0;
	return true;
}

// The option stands behind the struct, attributes behind the option.
static void read_announced(const struct nlmsghdr *h, const struct netlink_listener *listener)
{
	const struct nduseroptmsg *m = NLMSG_DATA(h);

	if (h->nlmsg_type != RTM_NEWNDUSEROPT || h->nlmsg_len < NLMSG_LENGTH(sizeof *m) ||
		h->nlmsg_len - NLMSG_LENGTH(sizeof *m) < m->nduseropt_opts_len ||
		m->nduseropt_family != AF_INET6 || !listener->announced)
		return;
	listener->announced(listener->owner, m->nduseropt_ifindex, m + 1, m->nduseropt_opts_len);
}

void netlink_read(struct netlink *n, const struct netlink_listener *listener)
{
	static _Alignas(struct nlmsghdr) char buffer[BUFFER];

	for (;;) {
		ssize_t got = recv(n->events, buffer, sizeof buffer, 0);
		struct netlink_link link;
		unsigned left = (unsigned)got;

		if (got < 0 && errno == ENOBUFS) { // events were lost: ask for all links again
			ask_for_links(n);
			continue;
		}
		if (got <= 0)
			return;
		for (const struct nlmsghdr *h = (const void *)buffer; NLMSG_OK(h, left);
			h = NLMSG_NEXT(h, left))
			if (read_link(h, &link))
				listener->link(listener->owner, &link);
			else
				read_announced(h, listener);
	}
}

static void begin(struct request *r, uint16_t type, uint16_t flags, size_t body)
{
	*r = (struct request){
		.header = {
			.nlmsg_len = (uint32_t)NLMSG_LENGTH(body),
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
		},
	};
}

static void add(struct request *r, uint16_t type, const void *data, size_t length)
{
	struct rtattr *a = (void *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(length);
	if (length)
		memcpy(RTA_DATA(a), data, length);
	r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) + (uint32_t)RTA_SPACE(length);
}

// Sends the request and waits for its acknowledgement; the kernel answers before send returns.
static int transact(struct netlink *n, struct request *r)
{
	_Alignas(struct nlmsghdr) char buffer[1024];
	const struct nlmsghdr *h = (const void *)buffer;
	const struct nlmsgerr *answer = NLMSG_DATA(h);

	r->header.nlmsg_seq = ++n->sequence;
	if (send(n->requests, r, r->header.nlmsg_len, 0) < 0)
		return errno;
	for (;;) {
		ssize_t got = recv(n->requests, buffer, sizeof buffer, 0);

		if (got < 0 && errno != EINTR)
			return errno;
		if (got < (ssize_t)NLMSG_LENGTH(sizeof *answer) || h->nlmsg_seq != n->sequence ||
			h->nlmsg_type != NLMSG_ERROR)
			continue;
		return -answer->error;
	}
}

int netlink_link_up(struct netlink *n, int index, bool up)
{
	struct request r;

	begin(&r, RTM_NEWLINK, 0, sizeof r.body.link);
	r.body.link.ifi_index = index;
	r.body.link.ifi_change = IFF_UP;
	r.body.link.ifi_flags = up ? IFF_UP : 0;
	return transact(n, &r);
}

int netlink_set_mtu(struct netlink *n, int index, uint32_t mtu)
{
	struct request r;

	begin(&r, RTM_NEWLINK, 0, sizeof r.body.link);
	r.body.link.ifi_index = index;
	add(&r, IFLA_MTU, &mtu, sizeof mtu);
	return transact(n, &r);
}

int netlink_rename(struct netlink *n, int index, const char *name)
{
	struct request r;

	begin(&r, RTM_NEWLINK, 0, sizeof r.body.link);
	r.body.link.ifi_index = index;
	add(&r, IFLA_IFNAME, name, strlen(name) + 1);
	return transact(n, &r);
}

// An attribute that holds others: everything added until the matching end.
static struct rtattr *begin_nest(struct request *r, uint16_t type)
{
	struct rtattr *a = (void *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));

	add(r, type, NULL, 0);
	return a;
}

static void end_nest(struct request *r, struct rtattr *a)
{
	a->rta_len = (uint16_t)((char *)r + r->header.nlmsg_len - (char *)a);
}

int netlink_add_vlan(struct netlink *n, int below, const char *name, uint16_t id)
{
	struct request r;
	struct rtattr *info, *data;

	begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof r.body.link);
	add(&r, IFLA_LINK, &below, sizeof below);
	add(&r, IFLA_IFNAME, name, strlen(name) + 1);
	info = begin_nest(&r, IFLA_LINKINFO);
	add(&r, IFLA_INFO_KIND, "vlan", 4);
	data = begin_nest(&r, IFLA_INFO_DATA);
	add(&r, IFLA_VLAN_ID, &id, sizeof id);
	end_nest(&r, data);
	end_nest(&r, info);
	return transact(n, &r);
}

static uint8_t family_of(const struct ipaddr *a)
{
	return a->family == IP_V6 ? AF_INET6 : AF_INET;
}

static size_t length_of(const struct ipaddr *a)
{
	return a->family == IP_V6 ? 16 : 4;
}

static void begin_address(struct request *r, uint16_t type, uint16_t flags, int index,
	const struct ipaddr *a, unsigned prefix)
{
	begin(r, type, flags, sizeof r->body.address);
	r->body.address.ifa_family = family_of(a);
	r->body.address.ifa_prefixlen = (uint8_t)prefix;
	r->body.address.ifa_index = (uint32_t)index;
	add(r, IFA_LOCAL, a->bytes, length_of(a));
	add(r, IFA_ADDRESS, a->bytes, length_of(a));
}

int netlink_add_address(struct netlink *n, int index, const struct ipaddr *a, unsigned prefix,
	const struct ipaddr *broadcast)
{
	struct request r;

	begin_address(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, index, a, prefix);
	if (!ipaddr_is_unset(broadcast))
		add(&r, IFA_BROADCAST, broadcast->bytes, 4);
	return transact(n, &r);
}

int netlink_delete_address(struct netlink *n, int index, const struct ipaddr *a, unsigned prefix)
{
	struct request r;

	begin_address(&r, RTM_DELADDR, 0, index, a, prefix);
	return transact(n, &r);
}

int netlink_add_route(struct netlink *n, int index, const struct ipaddr *destination,
	unsigned prefix, const struct ipaddr *gateway, bool on_link)
{
	struct request r;
	uint32_t device = (uint32_t)index;

	begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, sizeof r.body.route);
	r.body.route = (struct rtmsg){
		.rtm_family = family_of(destination),
		.rtm_dst_len = (uint8_t)prefix,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT,
		.rtm_scope = ipaddr_is_unset(gateway) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	if (prefix)
		add(&r, RTA_DST, destination->bytes, length_of(destination));
	if (!ipaddr_is_unset(gateway)) {
		r.body.route.rtm_flags = on_link ? RTNH_F_ONLINK : 0;
		add(&r, RTA_GATEWAY, gateway->bytes, length_of(gateway));
	}
	add(&r, RTA_OIF, &device, sizeof device);
	return transact(n, &r);
}
