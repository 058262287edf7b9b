// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/probe.h"
#include "server-stub/own_network.h"
#include "server-stub/packet_batch.h"
#include "netstack/wire/dhcp.h"
#include "netstack/wire/ether.h"
#include "netstack/wire/udp.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_SERVER = 67, PORT_CLIENT = 68, SECONDS = 3, TTL = 64,
	HARDWARE_ETHERNET = 1, FLAG_BROADCAST = 0x8000 };

// ---- messages --------------------------------------------------------------------------------

bool probe_read(const void *datagram, size_t length, struct probe_answer *answer)
{
	struct reader r = reader_of(datagram, length), segment, payload;
	struct dhcp_message m;
	struct udp udp;
	struct ip ip;

	// The checksum may not be ready yet where the sender is a virtual machine of this host.
	if (!ip_read(&r, &ip, &segment) || ip.protocol != IP_UDP ||
		!udp_read(&segment, &ip, true, &udp, &payload) || udp.destination != PORT_CLIENT)
		return false;
	if (!dhcp_parse(&m, payload.at, reader_left(&payload)) || m.op != DHCP_BOOTREPLY ||
		(m.type != DHCPOFFER && m.type != DHCPACK))
		return false;
	*answer = (struct probe_answer){.offered = m.yiaddr, .relay = m.giaddr};
	if (dhcp_option_ips(&m, DHCP_OPTION_SERVER_IDENTIFIER, &answer->server, 1) != 1)
		answer->server = ip.source;
	// An ACK without an address answers an INFORM: nobody gives anything.
	return m.type == DHCPOFFER || !ipaddr_is_unset(&m.yiaddr);
}

static void write_question(struct writer *w, const uint8_t hwaddr[6], uint32_t xid)
{
	static const uint8_t parameters[] = {DHCP_OPTION_SUBNET_MASK, DHCP_OPTION_ROUTER,
		DHCP_OPTION_DOMAIN_NAME_SERVER};
	struct dhcp_message m = {
		.op = DHCP_BOOTREQUEST,
		.htype = HARDWARE_ETHERNET,
		.hlen = 6,
		.xid = xid,
		.secs = SECONDS,
		.flags = FLAG_BROADCAST,
	};
	uint8_t id[7] = {HARDWARE_ETHERNET};

	memcpy(m.chaddr, hwaddr, 6);
	memcpy(id + 1, hwaddr, 6);
	dhcp_write_header(w, &m, NULL, NULL);
	dhcp_write_u8(w, DHCP_OPTION_MESSAGE_TYPE, DHCPDISCOVER);
	dhcp_write_option(w, DHCP_OPTION_CLIENT_ID, id, sizeof id);
	dhcp_write_option(w, DHCP_OPTION_PARAMETER_LIST, parameters, sizeof parameters);
	dhcp_write_end(w);
}

void probe_write(struct writer *w, const uint8_t hwaddr[6], uint32_t xid)
{
	uint8_t bytes[DHCP_MINIMUM];
	struct writer question = writer_of(bytes, sizeof bytes);
	struct ip ip = {
		.ttl = TTL,
		.protocol = IP_UDP,
		.source = ipaddr_from_u32(0),
		.destination = ipaddr_v4(255, 255, 255, 255),
	};
	struct udp udp = {PORT_CLIENT, PORT_SERVER};

	write_question(&question, hwaddr, xid);
	udp_write(w, &ip, &udp, bytes, writer_length(&question));
}

// ---- asking ----------------------------------------------------------------------------------

int probe_socket(void)
{
	static struct sock_filter to_clients[] = { // of the IPv4 header on: UDP, no fragment, port 68
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IP_UDP, 0, 6),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 4, 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PORT_CLIENT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, PACKET_BATCH_LARGEST),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {sizeof to_clients / sizeof *to_clients, to_clients};
	struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHER_IP)};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); // hears nothing yet

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0 ||
		bind(fd, (struct sockaddr *)&all, sizeof all) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void ask(struct probe *p, uint64_t now)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHER_IP),
		.sll_ifindex = p->interface->index,
		.sll_halen = 6,
	};
	uint8_t bytes[DHCP_MINIMUM + IP_HEADER + UDP_HEADER];
	struct writer w = writer_of(bytes, sizeof bytes);
	uint8_t hwaddr[6];
	uint32_t xid = 0;

	p->asked = now;
	if (getrandom(&xid, sizeof xid, GRND_NONBLOCK) < 0)
		xid = (uint32_t)now; // nothing depends on its being secret
	own_hwaddr(p->interface, p->probes->socket, hwaddr);
	memcpy(to.sll_addr, ether_broadcast, sizeof ether_broadcast);
	probe_write(&w, hwaddr, xid);
	// A question that cannot be sent is one that was lost.
	(void)!sendto(p->probes->socket, bytes, writer_length(&w), MSG_DONTWAIT,
		(struct sockaddr *)&to, sizeof to);
}

static void change(struct probe *p, enum probe_state state, enum probe_news news)
{
	p->state = state;
	p->probes->news(p->probes->owner, p, news, &p->other);
}

static void set_timer(struct probe *p, uint64_t due)
{
	events_timer(p->probes->events, &p->timer, due);
}

static void expired(void *owner, uint64_t now)
{
	struct probe *p = owner;

	if (p->state == PROBE_ASKING && now >= p->begun + PROBE_WAIT) {
		set_timer(p, now + PROBE_SOON);
		change(p, PROBE_ALONE, PROBE_NOBODY);
		return;
	}
	if (p->state == PROBE_OTHER && now >= p->heard + PROBE_GONE)
		change(p, PROBE_ALONE, PROBE_SERVER_GONE);
	ask(p, now);
	if (p->state != PROBE_ASKING)
		set_timer(p, now + (p->state == PROBE_OTHER ? PROBE_OTHER_REPEAT : PROBE_ALONE_REPEAT));
	else if (now + PROBE_REPEAT < p->begun + PROBE_WAIT - PROBE_REPEAT)
		set_timer(p, now + PROBE_REPEAT);
	else
		set_timer(p, p->begun + PROBE_WAIT);
}

void probes_suspect(struct probes *p, const struct interface *interface, uint64_t now)
{
	struct probe *probe = &p->list[interface - p->interfaces->list];
	uint64_t due = probe->asked + PROBE_SUSPECT < now ? now : probe->asked + PROBE_SUSPECT;

	if (probe->interface && probe->state == PROBE_ALONE && due < probe->timer.due)
		set_timer(probe, due);
}

// ---- hearing ---------------------------------------------------------------------------------

static bool is_ours(const struct probes *p, const struct ipaddr *server)
{
	for (size_t i = 0; i < p->interfaces->count; i++)
		if (ipaddr_equal(&p->interfaces->list[i].address, server))
			return true;
	return false;
}

static void heard(struct probe *p, const struct probe_answer *answer, uint64_t now)
{
	if (ipaddr_is_unset(&answer->offered)) {
		if (!p->boot_server_told)
			p->probes->news(p->probes->owner, p, PROBE_BOOT_SERVER, answer);
		p->boot_server_told = true;
		return;
	}
	p->other = *answer;
	p->heard = now;
	if (p->state == PROBE_OTHER)
		return;
	set_timer(p, now + PROBE_OTHER_REPEAT);
	change(p, PROBE_OTHER, PROBE_SERVER);
}

static void receive(void *owner, const struct sockaddr_ll *from, const uint8_t *bytes, size_t length,
	uint64_t now)
{
	struct probes *p = owner;
	struct probe_answer answer;

	if (!probe_read(bytes, length, &answer) || is_ours(p, &answer.server))
		return;
	if (from->sll_halen == sizeof answer.hwaddr)
		memcpy(answer.hwaddr, from->sll_addr, sizeof answer.hwaddr);
	for (size_t i = 0; i < p->interfaces->count; i++)
		if (p->list[i].interface && p->list[i].interface->index == from->sll_ifindex)
			heard(&p->list[i], &answer, now);
}

static void readable(void *owner, int fd, uint64_t now)
{
	packet_batch(fd, receive, owner, now);
}

bool probes_start(struct probes *p, struct events *events, int socket,
	const struct interfaces *interfaces, uint64_t now)
{
	p->events = events;
	p->socket = socket;
	p->interfaces = interfaces;
	p->source = (struct event_source){.fd = socket, .readable = readable, .owner = p};
	if (!events_watch(events, &p->source))
		return false;
	for (size_t i = 0; i < interfaces->count; i++) {
		struct probe *probe = &p->list[i];

		*probe = (struct probe){.probes = p, .begun = now,
			.timer = {.expired = expired, .owner = probe}};
		if (!interfaces->list[i].ethernet)
			continue;
		probe->interface = &interfaces->list[i];
		set_timer(probe, now);
	}
	return true;
}

void probes_stop(struct probes *p)
{
	for (size_t i = 0; i < p->interfaces->count; i++)
		events_timer(p->events, &p->list[i].timer, UINT64_MAX);
	events_unwatch(p->events, &p->source);
}
