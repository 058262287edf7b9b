// SPDX-License-Identifier: BSD-2-Clause
// The stack: frames in, IPv4, ICMP, UDP sockets, frames out. ARP is in neighbour.c, routes in route.c,
// TCP connections in stack_tcp.c.
#include "netstack/stack.h"
#include "netstack/base/memory.h"
#include "netstack/stack_parts.h"
#include "netstack/wire/arp.h"
#include "netstack/wire/ether.h"
#include "netstack/wire/icmp.h"

enum {
	TTL = 64,
	PORT_DHCP = 68,
	PORT_FIRST = 49152,  // RFC 6335: the dynamic ports
	PORT_COUNT = 16384,
	BURSTS_PER_POLL = 4, // so that a storm cannot keep the loop from its other work
	ECHOES_MAX = 50,     // answers
	ECHOES_TIME = 1000,  // per ms
};

void stack_init(struct stack *s, struct random *random)
{
	memset(s, 0, sizeof *s);
	s->random = random;
	s->ip_id = (uint16_t)random_u32(random);
}

int stack_add_interface(struct stack *s, struct netdev *dev)
{
	struct stack_interface *i = &s->interfaces[s->interface_count];

	if (s->interface_count == STACK_INTERFACES || dev->hwaddr_length != 6)
		return -1;
	*i = (struct stack_interface){.dev = dev, .mtu = dev->mtu};
	if (i->mtu == 0 || i->mtu > NETDEV_FRAME - 4 - ETHER_HEADER)
		i->mtu = NETDEV_FRAME - 4 - ETHER_HEADER;
	return (int)s->interface_count++;
}

void stack_set_address(struct stack *s, int interface, const struct ipaddr *address,
	unsigned prefix, uint64_t now)
{
	struct stack_interface *i = &s->interfaces[interface];

	(void)now;
	if (!ipaddr_equal(&i->address, address))
		neighbour_forget(s, interface);
	i->address = *address;
	i->prefix = (uint8_t)(prefix > 32 ? 32 : prefix);
	if (!ipaddr_is_unset(address))
		neighbour_announce(s, interface);
}

// Whether an address is the limited broadcast or that of the interface's own network.
static bool is_broadcast(const struct stack_interface *i, const struct ipaddr *a)
{
	uint32_t host = i->prefix > 30 ? 0 : 0xffffffffu >> i->prefix;

	return ipaddr_is_broadcast(a) ||
	       (host && !ipaddr_is_unset(&i->address) && ipaddr_same_net(&i->address, a, i->prefix) &&
		       (ipaddr_to_u32(a) & host) == host);
}

// ---- sockets

static bool port_taken(const struct stack *s, int interface, uint16_t port)
{
	for (int i = 0; i < STACK_SOCKETS; i++) {
		const struct stack_socket *k = &s->sockets[i];

		if (k->used && k->port == port &&
			(interface < 0 || k->interface < 0 || k->interface == interface))
			return true;
	}
	return false;
}

uint16_t stack_ephemeral_port(struct stack *s)
{
	for (;;) {
		uint16_t port = (uint16_t)(PORT_FIRST + random_below(s->random, PORT_COUNT));
		bool recent = port_taken(s, -1, port) || stack_tcp_port_taken(s, port);

		for (int i = 0; i < STACK_RECENT_PORTS; i++)
			recent |= s->recent_ports[i] == port;
		if (recent)
			continue;
		s->recent_ports[s->recent_port++ % STACK_RECENT_PORTS] = port;
		return port;
	}
}

struct stack_socket *stack_bind(struct stack *s, int interface, uint16_t port,
	const struct stack_handler *handler)
{
	if (port != STACK_PORT_ANY && port_taken(s, interface, port))
		return NULL;
	for (int i = 0; i < STACK_SOCKETS; i++) {
		struct stack_socket *k = &s->sockets[i];

		if (k->used)
			continue;
		*k = (struct stack_socket){
			.used = true,
			.port = port == STACK_PORT_ANY ? stack_ephemeral_port(s) : port,
			.interface = interface,
			.handler = *handler,
		};
		return k;
	}
	return NULL;
}

void stack_unbind(struct stack *s, struct stack_socket *socket)
{
	neighbour_disown(s, socket);
	socket->used = false;
}

static struct stack_socket *socket_for(struct stack *s, int interface, uint16_t port)
{
	for (int i = 0; i < STACK_SOCKETS; i++) {
		struct stack_socket *k = &s->sockets[i];

		if (k->used && k->port == port && (k->interface < 0 || k->interface == interface))
			return k;
	}
	return NULL;
}

// ---- sending

bool stack_transmit(struct stack *s, int interface, uint8_t *frame, size_t length)
{
	struct netdev *dev = s->interfaces[interface].dev;

	if (length < FRAME_MINIMUM) {
		memset(frame + length, 0, FRAME_MINIMUM - length);
		length = FRAME_MINIMUM;
	}
	if (dev->ops->transmit(dev, &(struct netdev_frame){.bytes = frame, .length = length}, 1) != 1)
		return false;
	s->count.frames_out++;
	return true;
}

struct ip stack_ip_header(struct stack *s, int interface, uint8_t protocol, const struct ipaddr *to)
{
	struct ip ip = {
		.ttl = TTL,
		.protocol = protocol,
		.id = s->ip_id++,
		.dont_fragment = true,
		.source = s->interfaces[interface].address,
		.destination = *to,
	};

	if (ipaddr_is_unset(&ip.source))
		ip.source = ipaddr_from_u32(0);
	return ip;
}

void stack_begin_frame(struct stack *s, int interface, struct writer *w)
{
	struct ether e = {.type = ETHER_IP};

	memcpy(e.destination, ether_broadcast, 6);
	memcpy(e.source, s->interfaces[interface].dev->hwaddr, 6);
	ether_write(w, &e);
}

// The interface and next hop for a datagram; -1 if there is no way.
static int way_to(struct stack *s, const struct stack_socket *socket, const struct endpoint *to,
	struct ipaddr *hop)
{
	int interface = to->interface >= 0 ? to->interface : socket->interface;

	if (interface >= (int)s->interface_count || ipaddr_is_multicast(&to->addr) ||
		ipaddr_is_unset(&to->addr))
		return -1;
	*hop = to->addr;
	if (!ipaddr_is_broadcast(&to->addr))
		return route_find(s, &to->addr, interface, hop);
	return interface < 0 && s->interface_count == 1 ? 0 : interface;
}

enum stack_sent stack_send(struct stack *s, struct stack_socket *socket, const struct endpoint *to,
	const void *payload, size_t length, uint64_t now)
{
	uint8_t frame[NETDEV_FRAME];
	struct writer w = writer_of(frame, sizeof frame);
	struct udp udp = {.source = socket->port, .destination = to->port};
	struct ipaddr hop;
	struct ip ip;
	int interface = way_to(s, socket, to, &hop);

	if (interface < 0)
		return STACK_NO_ROUTE;
	if (length > STACK_PAYLOAD || IP_HEADER + UDP_HEADER + length > s->interfaces[interface].mtu)
		return STACK_TOO_LARGE;
	ip = stack_ip_header(s, interface, IP_UDP, &to->addr);
	stack_begin_frame(s, interface, &w);
	udp_write(&w, &ip, &udp, payload, length);
	socket->peer = *to;
	if (!is_broadcast(&s->interfaces[interface], &hop))
		return neighbour_send(s, interface, &hop, frame, writer_length(&w), socket, to, now);
	return stack_transmit(s, interface, frame, writer_length(&w)) ? STACK_SENT : STACK_BUSY;
}

// ---- receiving

static void echo_input(struct stack *s, int interface, const struct ip *ip, const struct icmp *request,
	const uint8_t *hwaddr, uint64_t now)
{
	uint8_t frame[NETDEV_FRAME];
	struct writer w = writer_of(frame, sizeof frame);
	struct icmp reply = *request;
	struct ip header = stack_ip_header(s, interface, IP_ICMP, &ip->source);

	if (now - s->echo_since >= ECHOES_TIME) {
		s->echo_since = now;
		s->echoes = 0;
	}
	if (s->echoes++ >= ECHOES_MAX)
		return;
	reply.type = ICMP_ECHO_REPLY;
	stack_begin_frame(s, interface, &w);
	memcpy(frame, hwaddr, 6); // back the way it came: no ARP on a stranger's behalf
	ip_write(&w, &header, 8 + reader_left(&request->data));
	icmp_write_echo(&w, &reply);
	if (!w.failed)
		stack_transmit(s, interface, frame, writer_length(&w));
}

// A datagram of ours was not delivered: believed if it quotes one that this socket has just sent.
static void unreachable_input(struct stack *s, int interface, const struct ip *ip,
	const struct icmp *icmp, uint64_t now)
{
	const struct ip *original = &icmp->original;
	struct stack_socket *k = socket_for(s, interface, icmp->original_udp.source);
	char peer[IPADDR_TEXT], router[IPADDR_TEXT];
	struct fault fault;

	if (original->protocol != IP_UDP || !k || k->peer.port != icmp->original_udp.destination ||
		!ipaddr_equal(&k->peer.addr, &original->destination) ||
		!ipaddr_equal(&s->interfaces[interface].address, &original->source)) {
		stack_drop(s);
		return;
	}
	if (!k->handler.unreachable)
		return;
	ipaddr_format(&k->peer.addr, peer);
	if (icmp->code == ICMP_PORT)
		fault_set(&fault, FAULT_PORT_CLOSED, "(%s, UDP port %u)", peer, k->peer.port);
	else
		fault_set(&fault, FAULT_UNREACHABLE, "(%s says so of %s, ICMP code %u)",
			ipaddr_format(&ip->source, router), peer, icmp->code);
	k->handler.unreachable(k->handler.owner, &k->peer, &fault, now);
}

static void icmp_input(struct stack *s, int interface, const struct ip *ip, struct reader *segment,
	const uint8_t *hwaddr, uint64_t now)
{
	struct icmp icmp;

	if (!icmp_read(segment, &icmp))
		stack_drop(s);
	else if (icmp.type == ICMP_ECHO)
		echo_input(s, interface, ip, &icmp, hwaddr, now);
	else if (icmp.type == ICMP_UNREACHABLE && icmp.original.protocol == IP_TCP)
		stack_tcp_unreachable(s, ip, &icmp, now);
	else if (icmp.type == ICMP_UNREACHABLE)
		unreachable_input(s, interface, ip, &icmp, now);
}

static void udp_input(struct stack *s, int interface, const struct ip *ip, struct reader *segment,
	bool trusted, bool ours, uint64_t now)
{
	struct stack_socket *k;
	struct reader payload;
	struct datagram d;
	struct udp udp;

	if (!udp_read(segment, ip, trusted, &udp, &payload) || (!ours && udp.destination != PORT_DHCP) ||
		!(k = socket_for(s, interface, udp.destination))) {
		stack_drop(s);
		return;
	}
	d = (struct datagram){
		.from = {.addr = ip->source, .interface = interface, .port = udp.source},
		.to = {.addr = ip->destination, .interface = interface, .port = udp.destination},
		.payload = payload.at,
		.length = reader_left(&payload),
	};
	k->handler.input(k->handler.owner, &d, now);
}

// Whether an address may be that of a sender: a host's, or 0.0.0.0 (one that asks by DHCP).
static bool plausible_source(const struct stack_interface *i, const struct ipaddr *a)
{
	return (ipaddr_is_host(a) || ipaddr_to_u32(a) == 0) && !is_broadcast(i, a) &&
	       !ipaddr_equal(a, &i->address);
}

static void ip_input(struct stack *s, int interface, const struct netdev_frame *f,
	const struct ether *e, struct reader *r, uint64_t now)
{
	const struct stack_interface *i = &s->interfaces[interface];
	bool trusted = f->checksum_absent || i->dev->caps & NETDEV_RX_CHECKSUM_OK;
	bool exact, broadcast;
	struct reader payload;
	struct ip ip;

	if (!ip_read(r, &ip, &payload) || !plausible_source(i, &ip.source)) {
		stack_drop(s);
		return;
	}
	broadcast = is_broadcast(i, &ip.destination);
	exact = ipaddr_equal(&ip.destination, &i->address) && !(e->destination[0] & 1);
	if (ip.protocol == IP_UDP)
		udp_input(s, interface, &ip, &payload, trusted, exact || broadcast, now);
	else if (ip.protocol == IP_ICMP && exact && ipaddr_to_u32(&ip.source) != 0)
		icmp_input(s, interface, &ip, &payload, e->source, now);
	else if (ip.protocol == IP_TCP && exact && ipaddr_to_u32(&ip.source) != 0)
		stack_tcp_input(s, interface, &ip, &payload, trusted, e->source, now);
	else
		stack_drop(s);
}

static void frame_input(struct stack *s, int interface, const struct netdev_frame *f, uint64_t now)
{
	struct netdev *dev = s->interfaces[interface].dev;
	struct reader r = reader_of(f->bytes, f->length);
	struct ether e;

	s->count.frames_in++;
	if (f->length > NETDEV_FRAME || !ether_read(&r, &e) || e.source[0] & 1 ||
		(memcmp(e.destination, dev->hwaddr, 6) != 0 &&
			memcmp(e.destination, ether_broadcast, 6) != 0)) {
		stack_drop(s);
		return;
	}
	neighbour_heard(s, interface, e.source, now);
	if (e.type == ETHER_IP)
		ip_input(s, interface, f, &e, &r, now);
	else if (e.type == ETHER_ARP)
		neighbour_input(s, interface, &r, now);
	else
		stack_drop(s);
}

static size_t receive(struct stack *s, int interface, uint64_t now)
{
	struct netdev *dev = s->interfaces[interface].dev;
	struct netdev_frame burst[NETDEV_BURST];
	size_t count, sum = 0;

	for (int i = 0; i < BURSTS_PER_POLL; i++) {
		count = dev->ops->receive(dev, burst, NETDEV_BURST);
		for (size_t k = 0; k < count; k++)
			frame_input(s, interface, &burst[k], now);
		if (count)
			stack_tcp_output(s, true, now);
		sum += count;
		if (count < NETDEV_BURST)
			break;
	}
	return sum;
}

size_t stack_poll(struct stack *s, uint64_t now)
{
	size_t count = 0;

	for (size_t i = 0; i < s->interface_count; i++)
		count += receive(s, (int)i, now);
	neighbour_step(s, now);
	stack_tcp_output(s, count > 0, now);
	return count;
}

uint64_t stack_deadline(const struct stack *s)
{
	uint64_t neighbours = neighbour_deadline(s), connections = stack_tcp_deadline(s);

	return neighbours < connections ? neighbours : connections;
}
