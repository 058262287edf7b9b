// SPDX-License-Identifier: BSD-2-Clause
// The DHCP service: messages to and from the machine of their interface, and what is said
// about other servers. Who gets what is decided in dhcp_answer.c.
//
// A client without an address is answered by a broadcast, whether it asks for that or not: to send
// to an address that answers no ARP yet would need a packet socket for every answer.
#define _GNU_SOURCE
#include "server-stub/dhcpd.h"
#include "server-stub/dhcpd_state.h"
#include "server-stub/log.h"
#include "server-stub/router_advert.h"
#include "netstack/wire/dhcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, LARGEST = 4096, ANSWER = 1472, HWADDR_TEXT = 18 };

// ---- answers ---------------------------------------------------------------------------------

static bool send_from(int fd, const struct interface *i, const struct endpoint *to,
	const void *bytes, size_t length)
{
	struct sockaddr_in peer = {
		.sin_family = AF_INET,
		.sin_port = htons(to->port),
		.sin_addr.s_addr = htonl(ipaddr_to_u32(&to->addr)),
	};
	struct in_pktinfo info = {
		.ipi_ifindex = i->index,
		.ipi_spec_dst.s_addr = htonl(ipaddr_to_u32(&i->address)),
	};
	union {
		char bytes[CMSG_SPACE(sizeof info)];
		struct cmsghdr align;
	} control = {0};
	struct iovec data = {(void *)bytes, length};
	struct msghdr m = {
		.msg_name = &peer,
		.msg_namelen = sizeof peer,
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control,
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof info);
	memcpy(CMSG_DATA(c), &info, sizeof info);
	return sendmsg(fd, &m, MSG_DONTWAIT) >= 0;
}

static void say_sent(const struct dhcpd_segment *s, uint8_t type, const struct dhcp_message *m)
{
	char hwaddr[HWADDR_TEXT], address[IPADDR_TEXT];
	struct text t = text_of(hwaddr, sizeof hwaddr);

	text_hwaddr(&t, m->chaddr, m->hlen <= 6 ? m->hlen : 6, ':');
	if (s->machine.cfg.proxy)
		log_say(s->machine.reply.last ? LOG_NOTICE : LOG_DETAIL, "dhcp", "%s on %s %s %s", hwaddr,
			s->interface->name, s->machine.reply.last ? "gets" : "is offered",
			s->machine.reply.answer.boot_file);
	else if (type == DHCPNAK)
		log_say(LOG_NOTICE, "dhcp", "%s asks on %s for an address that it may not have: refused",
			hwaddr, s->interface->name);
	else
		log_say(LOG_DETAIL, "dhcp", "%s %s to %s on %s", dhcp_type_name(type),
			ipaddr_format(&m->yiaddr, address), hwaddr, s->interface->name);
}

static struct dhcpd_segment *segment_of(struct dhcpd *d, int interface)
{
	for (size_t i = 0; i < d->cfg.interfaces->count; i++)
		if (d->segments[i].interface && d->segments[i].interface->index == interface)
			return &d->segments[i];
	return NULL;
}

static void hear_routers(struct dhcpd *d)
{
	int interface;

	for (int i = 0; i < BATCH && (interface = router_advert_heard(d->cfg.sockets.routers)); i++) {
		struct dhcpd_segment *s = segment_of(d, interface);

		if (s)
			s->routed = true;
	}
}

// Where nothing is sent the ROM waits, or a router answers it: there is nothing to complain of.
static void advise(struct dhcpd_segment *s, const uint8_t client[6])
{
	struct dhcpd *d = s->d;
	char hwaddr[HWADDR_TEXT];
	struct text t = text_of(hwaddr, sizeof hwaddr);

	if (d->cfg.no_router_advert)
		return;
	hear_routers(d);
	if (s->routed || !router_advert_send(d->cfg.sockets.routers, s->interface, client))
		return;
	text_hwaddr(&t, client, 6, ':');
	log_say(LOG_DETAIL, "dhcp", "%s is told on %s that it need not wait for an IPv6 router", hwaddr,
		s->interface->name);
}

static void answer(struct dhcpd_segment *s, int fd, uint64_t now)
{
	uint8_t bytes[ANSWER], type = s->machine.reply.type;
	struct writer w = writer_of(bytes, sizeof bytes);
	struct dhcp_message m;
	struct endpoint to;
	char text[IPADDR_TEXT];

	if (!type)
		return;
	if (!dhcp_server_output(&s->machine, &w, &to, now)) {
		if (dhcpd_may_complain(&s->d->unsent, now))
			log_say(LOG_WARNING, "dhcp", "an answer is too long for a message: shorten the "
				"root path or the domain");
		return;
	}
	if (!send_from(fd, s->interface, &to, bytes, writer_length(&w))) {
		int error = errno;

		if (dhcpd_may_complain(&s->d->unsent, now))
			log_say(LOG_WARNING, "dhcp", "an answer to %s on %s cannot be sent: %s",
				ipaddr_format(&to.addr, text), s->interface->name, strerror(error));
		return;
	}
	if (dhcp_parse(&m, bytes, writer_length(&w)))
		say_sent(s, type, &m);
	if (s->d->waits)
		advise(s, s->machine.reply.hwaddr);
}

// ---- other servers' clients ------------------------------------------------------------------

static bool is_own_address(const struct dhcpd *d, const struct ipaddr *address)
{
	for (size_t i = 0; i < d->cfg.interfaces->count; i++)
		if (ipaddr_equal(&d->cfg.interfaces->list[i].address, address))
			return true;
	return false;
}

// Whether a client takes the offer of another server.
static bool chooses_another(const struct dhcpd *d, const struct dhcp_message *m)
{
	struct ipaddr server;

	return m->op == DHCP_BOOTREQUEST && m->type == DHCPREQUEST && ipaddr_is_unset(&m->giaddr) &&
		dhcp_option_ips(m, DHCP_OPTION_SERVER_IDENTIFIER, &server, 1) == 1 &&
		!is_own_address(d, &server);
}

static bool is_ipxe(const struct dhcp_message *m)
{
	char class[16];

	return m->hlen == 6 && dhcp_option(m, DHCP_OPTION_IPXE, NULL, 0) >= 0 &&
		dhcp_option_text(m, DHCP_OPTION_VENDOR_CLASS, class, sizeof class) &&
		text_starts(class, "PXEClient");
}

// The other server is there, then. Its ACK is not seen here: where a proxy serves, the request is
// what tells that an iPXE is about to have its address.
static void overhear(struct dhcpd_segment *s, const uint8_t *packet, size_t length, uint64_t now)
{
	struct dhcp_message m;

	if (!dhcp_parse(&m, packet, length) || !chooses_another(s->d, &m))
		return;
	probes_suspect(&s->d->probes, s->interface, now);
	if (dhcpd_is_proxy(s) && is_ipxe(&m))
		advise(s, m.chaddr);
}

// ---- messages --------------------------------------------------------------------------------

static void begin(struct dhcpd *d, const uint8_t *packet, size_t length, uint64_t now)
{
	d->packet = packet;
	d->length = length;
	d->now = now;
	d->waits = false;
}

bool dhcpd_is_proxy(const struct dhcpd_segment *s)
{
	return s->d->cfg.mode == DHCPD_PROXY ||
	       (s->d->cfg.mode == DHCPD_AUTO && s->probe->state == PROBE_OTHER);
}

// Beside a server that came later, those who have an address from here go on being served.
static void choose_role(struct dhcpd_segment *s, const uint8_t *packet, size_t length)
{
	struct dhcp_message m;

	s->machine.cfg.proxy = dhcpd_is_proxy(s);
	if (s->machine.cfg.proxy && s->network && dhcp_parse(&m, packet, length) &&
		(!ipaddr_is_unset(&m.giaddr) || dhcp_answer_holds(s, &m)))
		s->machine.cfg.proxy = false;
}

static void take(struct dhcpd_segment *s, const uint8_t *packet, size_t length, uint64_t now)
{
	struct endpoint from = {.interface = s->interface->index};

	begin(s->d, packet, length, now);
	choose_role(s, packet, length);
	dhcp_server_input(&s->machine, packet, length, &from, now);
	answer(s, s->d->cfg.sockets.udp, now);
}

// To an address elsewhere we would send on a stranger's word.
static void take_pxe(struct dhcpd_segment *s, const uint8_t *packet, size_t length,
	const struct sockaddr_in *peer, uint64_t now)
{
	struct endpoint from = {.interface = s->interface->index,
		.addr = ipaddr_from_u32(ntohl(peer->sin_addr.s_addr)), .port = ntohs(peer->sin_port)};

	if (!ipaddr_same_net(&from.addr, &s->interface->address, s->interface->prefix))
		return;
	begin(s->d, packet, length, now);
	s->machine.cfg.proxy = dhcpd_is_proxy(s);
	dhcp_server_input_pxe(&s->machine, packet, length, &from, now);
	answer(s, s->d->cfg.sockets.pxe, now);
}

static int interface_of(struct msghdr *m)
{
	struct in_pktinfo info;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof info);
		return info.ipi_ifindex;
	}
	return -1;
}

// False when there is nothing more.
static bool receive(struct dhcpd *d, int fd, uint64_t now)
{
	uint8_t bytes[LARGEST];
	union {
		char bytes[256];
		struct cmsghdr align;
	} control;
	struct sockaddr_in peer = {0};
	struct iovec data = {bytes, sizeof bytes};
	struct msghdr m = {
		.msg_name = &peer,
		.msg_namelen = sizeof peer,
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control,
	};
	ssize_t length = recvmsg(fd, &m, MSG_DONTWAIT);
	struct dhcpd_segment *s;

	if (length < 0) // also what ICMP had to say to an earlier answer: then there may be more
		return errno != EAGAIN && errno != EWOULDBLOCK;
	s = segment_of(d, interface_of(&m));
	if (!s || m.msg_flags & MSG_TRUNC)
		return true;
	if (fd == d->cfg.sockets.pxe) {
		take_pxe(s, bytes, (size_t)length, &peer, now);
		return true;
	}
	overhear(s, bytes, (size_t)length, now);
	take(s, bytes, (size_t)length, now);
	return true;
}

static void readable(void *owner, int fd, uint64_t now)
{
	for (int i = 0; i < BATCH && receive(owner, fd, now); i++)
		;
}

static void checked(void *owner, const struct arp_check *check, uint64_t now)
{
	struct dhcpd_segment *s = segment_of(owner, check->interface->index);

	dhcp_answer_checked(s, check, now);
	take(s, check->packet, check->length, now);
}

// ---- other servers ---------------------------------------------------------------------------

static void describe(struct text *to, const struct interface *i, const struct probe_answer *answer)
{
	char server[IPADDR_TEXT], offered[IPADDR_TEXT], relay[IPADDR_TEXT];

	text_format(to, "%s (", ipaddr_format(&answer->server, server));
	if (!ipaddr_is_unset(&answer->relay))
		text_format(to, "through the relay %s, ", ipaddr_format(&answer->relay, relay));
	text_hwaddr(to, answer->hwaddr, sizeof answer->hwaddr, ':');
	text_format(to, ") on %s", i->name);
	if (!ipaddr_is_unset(&answer->offered))
		text_format(to, " offers %s", ipaddr_format(&answer->offered, offered));
}

static void say_other(const struct dhcpd_segment *s, const struct probe_answer *answer)
{
	char text[FAULT_FACTS];
	struct text t = text_of(text, sizeof text);

	describe(&t, s->interface, answer);
	if (s->d->cfg.mode == DHCPD_POOL && s->network)
		log_say(LOG_WARNING, "dhcp", "another DHCP server answers: %s. Addresses are given all "
			"the same, as --dhcp=pool says", text);
	else if (s->d->cfg.mode != DHCPD_POOL)
		log_say(LOG_NOTICE, "dhcp", "another server gives the addresses: %s. Boot programs "
			"come from here (as with --dhcp=proxy)", text);
}

static void say_pool(const struct dhcpd_segment *s, const char *why)
{
	const struct dhcp_network *n = s->network;
	char first[IPADDR_TEXT], last[IPADDR_TEXT];

	if (n)
		log_say(LOG_NOTICE, "dhcp", "%s%s: addresses %s-%s are given", s->interface->name, why,
			ipaddr_format(&n->first, first), ipaddr_format(&n->last, last));
}

static void say_nobody(const struct dhcpd_segment *s)
{
	if (s->d->cfg.mode == DHCPD_PROXY)
		log_say(LOG_WARNING, "dhcp", "no DHCP server answers on %s: machines get no address there. "
			"With --dhcp=auto they would get one from here", s->interface->name);
	else if (s->d->cfg.mode != DHCPD_POOL)
		say_pool(s, ", where no other DHCP server answers");
}

static void news(void *owner, const struct probe *probe, enum probe_news news,
	const struct probe_answer *answer)
{
	struct dhcpd_segment *s = segment_of(owner, probe->interface->index);
	char text[FAULT_FACTS];
	struct text t = text_of(text, sizeof text);

	switch (news) {
	case PROBE_NOBODY:
		say_nobody(s);
		break;
	case PROBE_SERVER:
		say_other(s, answer);
		break;
	case PROBE_SERVER_GONE:
		describe(&t, s->interface, answer);
		log_say(LOG_NOTICE, "dhcp", "the other DHCP server is silent now: %s", text);
		if (s->d->cfg.mode != DHCPD_POOL)
			say_pool(s, "");
		break;
	case PROBE_BOOT_SERVER:
		describe(&t, s->interface, answer);
		log_say(LOG_WARNING, "dhcp", "another server offers boot programs (proxyDHCP): %s. "
			"Machines may start those instead", text);
		break;
	}
}

// ---- life ------------------------------------------------------------------------------------

static void start_segment(struct dhcpd *d, size_t number)
{
	const struct interface *i = &d->cfg.interfaces->list[number];
	struct dhcpd_segment *s = &d->segments[number];
	struct dhcp_server_config machine = {
		.address = i->address,
		.proxy = d->cfg.mode == DHCPD_PROXY,
		.owner = s,
		.find = dhcp_answer_find,
		.known = dhcp_answer_known,
		.grant = dhcp_answer_grant,
		.give_back = dhcp_answer_give_back,
	};

	if (!i->ethernet)
		return;
	s->d = d;
	s->interface = i;
	s->router = &d->cfg.router[number];
	s->network = d->networks.of[number];
	s->probe = &d->probes.list[number];
	ipaddr_format(&i->address, s->address);
	dhcp_server_start(&s->machine, &machine, d->now);
	if (d->cfg.mode == DHCPD_POOL)
		say_pool(s, "");
}

static bool watch_ports(struct dhcpd *d)
{
	d->source = (struct event_source){.fd = d->cfg.sockets.udp, .readable = readable, .owner = d};
	d->pxe = (struct event_source){.fd = d->cfg.sockets.pxe, .readable = readable, .owner = d};
	if (!events_watch(d->cfg.events, &d->source))
		return false;
	if (d->pxe.fd < 0 || events_watch(d->cfg.events, &d->pxe))
		return true;
	events_unwatch(d->cfg.events, &d->source);
	return false;
}

static void unwatch_ports(struct dhcpd *d)
{
	events_unwatch(d->cfg.events, &d->source);
	if (d->pxe.fd >= 0)
		events_unwatch(d->cfg.events, &d->pxe);
}

static bool watch(struct dhcpd *d)
{
	struct events *e = d->cfg.events;

	d->checks.done = checked;
	d->checks.owner = d;
	d->probes.news = news;
	d->probes.owner = d;
	if (!watch_ports(d))
		return false;
	if (!arp_checks_start(&d->checks, e, d->cfg.sockets.arp)) {
		unwatch_ports(d);
		return false;
	}
	if (!probes_start(&d->probes, e, d->cfg.sockets.ear, d->cfg.interfaces, d->now)) {
		arp_checks_stop(&d->checks);
		unwatch_ports(d);
		return false;
	}
	return true;
}

struct dhcpd *dhcpd_start(const struct dhcpd_config *config)
{
	struct dhcpd *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->cfg = *config;
	d->now = events_now();
	if (d->cfg.mode != DHCPD_PROXY && !dhcp_networks_start(&d->networks, &d->cfg)) {
		free(d);
		return NULL;
	}
	for (size_t i = 0; i < d->cfg.interfaces->count; i++)
		start_segment(d, i);
	if (watch(d))
		return d;
	dhcp_networks_stop(&d->networks);
	free(d);
	return NULL;
}

void dhcpd_stop(struct dhcpd *d)
{
	probes_stop(&d->probes);
	arp_checks_stop(&d->checks);
	unwatch_ports(d);
	dhcpd_close(&d->cfg.sockets);
	dhcp_networks_stop(&d->networks);
	free(d);
}
