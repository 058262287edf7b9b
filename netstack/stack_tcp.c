// SPDX-License-Identifier: BSD-2-Clause
// The stack's TCP connections: each struct tcp_client gets its segments, and its own ones become
// frames. Segments of no connection are answered with a reset (RFC 9293 section 3.5.2), so that the
// peer does not go on; only so many in a second.
#include "netstack/base/memory.h"
#include "netstack/stack_parts.h"
#include "netstack/tcp_client.h"
#include "netstack/wire/ether.h"

enum {
	RESETS_MAX = 20,    // answers,
	RESETS_TIME = 1000, // per ms
	SEGMENTS_MAX = 16,  // of one connection at a time, far more than it ever has
};

static struct stack_connection *connection_of(struct stack *s, const struct tcp_client *tcp)
{
	for (int i = 0; i < STACK_CONNECTIONS; i++)
		if (s->connections[i].tcp == tcp)
			return &s->connections[i];
	return NULL;
}

bool stack_tcp_port_taken(const struct stack *s, uint16_t port)
{
	for (int i = 0; i < STACK_CONNECTIONS; i++)
		if (s->connections[i].tcp && s->connections[i].socket.port == port)
			return true;
	return false;
}

static void on_unreachable(void *owner, const struct endpoint *peer, const struct fault *fault,
	uint64_t now)
{
	(void)peer;
	tcp_client_unreachable(owner, fault, now);
}

static bool fail_at_once(struct tcp_client *tcp, const struct tcp_client_config *cfg, int interface)
{
	char address[IPADDR_TEXT];

	ipaddr_format(&cfg->server.addr, address);
	tcp->state = TCP_CLOSED;
	tcp->stream.state = STREAM_FAILED;
	if (interface < 0)
		return fault_set(&tcp->stream.fault, FAULT_NO_ROUTE, "%s", address);
	return fault_set(&tcp->stream.fault, FAULT_MEMORY, "for one more connection to %s", address);
}

bool stack_connect(struct stack *s, struct tcp_client *tcp, const struct tcp_client_config *cfg,
	uint64_t now)
{
	struct stack_connection *c = connection_of(s, NULL);
	struct tcp_client_config mine = *cfg;
	struct ipaddr hop;
	int interface = -1;

	if (cfg->server.interface < (int)s->interface_count && ipaddr_is_host(&cfg->server.addr))
		interface = route_find(s, &cfg->server.addr, cfg->server.interface, &hop);
	if (interface >= 0 && c) {
		mine.local = (struct endpoint){.addr = s->interfaces[interface].address,
			.interface = interface, .port = stack_ephemeral_port(s)};
		if (!mine.mss)
			mine.mss = s->interfaces[interface].mtu - IP_HEADER - TCP_HEADER;
	}
	tcp_client_start(tcp, &mine, now);
	if (interface < 0 || !c)
		return fail_at_once(tcp, cfg, interface);
	*c = (struct stack_connection){
		.tcp = tcp,
		.socket = {.used = true, .port = mine.local.port, .interface = interface,
			.handler = {.owner = tcp, .unreachable = on_unreachable}, .peer = cfg->server},
	};
	return true;
}

// ---- sending

// False: the device is busy. Where no way leads any more the segment is as good as lost.
static bool send_segment(struct stack *s, struct stack_connection *c, const struct tcp *segment,
	const struct reader *payload, uint64_t now)
{
	const struct endpoint *local = &c->tcp->cfg.local, *server = &c->tcp->cfg.server;
	uint8_t frame[NETDEV_FRAME];
	struct writer w = writer_of(frame, sizeof frame);
	struct ipaddr hop;
	struct ip ip;

	if (!ipaddr_equal(&s->interfaces[local->interface].address, &local->addr) ||
		route_find(s, &server->addr, local->interface, &hop) < 0)
		return true;
	ip = stack_ip_header(s, local->interface, IP_TCP, &server->addr);
	stack_begin_frame(s, local->interface, &w);
	tcp_write(&w, &ip, segment, payload->at, reader_left(payload));
	return w.failed || neighbour_send(s, local->interface, &hop, frame, writer_length(&w),
				   &c->socket, server, now) != STACK_BUSY;
}

static void output(struct stack *s, struct stack_connection *c, uint64_t now)
{
	struct reader payload;
	struct tcp segment;

	for (int i = 0; i < SEGMENTS_MAX && tcp_client_output(c->tcp, &segment, &payload, now); i++) {
		if (!send_segment(s, c, &segment, &payload, now))
			return;
		tcp_client_sent(c->tcp, &segment, reader_left(&payload), now);
	}
}

void stack_tcp_output(struct stack *s, bool busy, uint64_t now)
{
	for (int i = 0; i < STACK_CONNECTIONS; i++) {
		struct tcp_client *tcp = s->connections[i].tcp;

		if (tcp && !(busy && tcp_client_may_wait(tcp)))
			output(s, &s->connections[i], now);
	}
}

void stack_disconnect(struct stack *s, struct tcp_client *tcp, uint64_t now)
{
	struct stack_connection *c = connection_of(s, tcp);

	if (!c || !tcp)
		return;
	stream_abort(&tcp->stream, now);
	output(s, c, now);
	neighbour_disown(s, &c->socket);
	c->tcp = NULL;
}

uint64_t stack_tcp_deadline(const struct stack *s)
{
	uint64_t first = UINT64_MAX, deadline;

	for (int i = 0; i < STACK_CONNECTIONS; i++) {
		if (!s->connections[i].tcp)
			continue;
		deadline = tcp_client_deadline(s->connections[i].tcp);
		first = deadline < first ? deadline : first;
	}
	return first;
}

// ---- receiving

static struct stack_connection *connection_for(struct stack *s, const struct ipaddr *server,
	uint16_t port, uint16_t our_port)
{
	for (int i = 0; i < STACK_CONNECTIONS; i++) {
		struct stack_connection *c = &s->connections[i];

		if (c->tcp && c->tcp->state != TCP_CLOSED && c->socket.port == our_port &&
			c->tcp->cfg.server.port == port &&
			ipaddr_equal(&c->tcp->cfg.server.addr, server))
			return c;
	}
	return NULL;
}

// Back the way it came: no ARP on a stranger's behalf.
static void refuse(struct stack *s, int interface, const struct ip *ip, const struct tcp *segment,
	size_t length, const uint8_t *hwaddr, uint64_t now)
{
	uint8_t frame[NETDEV_FRAME];
	struct writer w = writer_of(frame, sizeof frame);
	struct tcp reset = {.source = segment->destination, .destination = segment->source,
		.flags = TCP_RST};
	struct ip header = stack_ip_header(s, interface, IP_TCP, &ip->source);

	if (now - s->resets_since >= RESETS_TIME) {
		s->resets_since = now;
		s->resets = 0;
	}
	if (segment->flags & TCP_RST || s->resets++ >= RESETS_MAX)
		return;
	if (segment->flags & TCP_ACK) {
		reset.sequence = segment->acknowledgment;
	} else {
		reset.flags |= TCP_ACK;
		reset.acknowledgment = segment->sequence + (uint32_t)length;
		reset.acknowledgment += segment->flags & TCP_SYN ? 1 : 0;
		reset.acknowledgment += segment->flags & TCP_FIN ? 1 : 0;
	}
	stack_begin_frame(s, interface, &w);
	memcpy(frame, hwaddr, 6);
	tcp_write(&w, &header, &reset, NULL, 0);
	stack_transmit(s, interface, frame, writer_length(&w));
}

void stack_tcp_input(struct stack *s, int interface, const struct ip *ip, struct reader *segment,
	bool trusted, const uint8_t *hwaddr, uint64_t now)
{
	struct stack_connection *c;
	struct reader payload;
	struct tcp tcp;

	if (!tcp_read(segment, ip, trusted, &tcp, &payload)) {
		stack_drop(s);
		return;
	}
	c = connection_for(s, &ip->source, tcp.source, tcp.destination);
	if (!c || c->tcp->cfg.local.interface != interface) {
		stack_drop(s);
		refuse(s, interface, ip, &tcp, reader_left(&payload), hwaddr, now);
		return;
	}
	tcp_client_input(c->tcp, &tcp, &payload, now);
	if (tcp_client_urgent(c->tcp))
		output(s, c, now);
}

// Believed while connecting, if it quotes the SYN that is on its way.
void stack_tcp_unreachable(struct stack *s, const struct ip *ip, const struct icmp *icmp,
	uint64_t now)
{
	const struct udp *ports = &icmp->original_udp;
	struct stack_connection *c = connection_for(s, &icmp->original.destination, ports->destination,
		ports->source);
	char peer[IPADDR_TEXT], router[IPADDR_TEXT];
	struct fault fault;

	if (!c || icmp->original_sequence != c->tcp->iss ||
		!ipaddr_equal(&icmp->original.source, &c->tcp->cfg.local.addr)) {
		stack_drop(s);
		return;
	}
	ipaddr_format(&icmp->original.destination, peer);
	if (icmp->code == ICMP_PORT)
		fault_set(&fault, FAULT_TCP_REFUSED, "(%s port %u)", peer, ports->destination);
	else
		fault_set(&fault, FAULT_UNREACHABLE, "(%s says so of %s, ICMP code %u)",
			ipaddr_format(&ip->source, router), peer, icmp->code);
	tcp_client_unreachable(c->tcp, &fault, now);
}
