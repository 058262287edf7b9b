// SPDX-License-Identifier: BSD-2-Clause
// The DNS client machine over the whole stack, one or two servers that know, do not know, fail, cut their
// answers off, lie or are mute, aliases in one answer and over several, on networks made up from a seed.
// It ends with the right address, or with a fault that these servers or this network explain, in time.
#include "netstack/dns_client.h"
#include "tests/sim/chaos.h"
#include "tests/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// ROUGH: loss and damage in thousandths, from which on the few questions of 10 s may all be lost.
enum { SERVERS = 2, PATIENCE = 10000, HOUR = 3600000, ROUGH = 20, ALIASES = 4, HEADER = 12, FLAGS = 0x8180,
	TRUNCATED = 0x0200, TYPE_A = 1, TYPE_CNAME = 5, RIGHT = 10 << 24 | 9, WRONG = 10 << 24 | 66 };

enum way {
	WAY_GOOD,      // the next alias of a chain, or the address
	WAY_CHAIN,     // all aliases and the address in one answer
	WAY_CUT_AFTER, // the same, cut off within another address
	WAY_LIAR,      // before the good answer some that are none: wrong addresses all of them
	WAYS_GOOD,
	WAY_CUT = WAYS_GOOD, // cut off within the first address
	WAY_FAILS,
	WAY_NO_NAME,
	WAY_LOOP,      // aliases without end
	WAY_LIES,      // as the liar, without the good answer
	WAY_MUTE,
	WAY_AWAY,      // nobody has the address
	WAYS,
};

struct dns_node {
	struct sim_node node; // first
	struct stack_socket *socket;
	enum way way;
};

struct host_node {
	struct sim_node node; // first
	struct stack_socket *socket;
	struct dns_client dns;
	uint64_t ended;
};

static struct sim sim;
static struct host_node host;
static struct dns_node servers[SERVERS];
static size_t server_count;
static unsigned aliases;   // that stand between the host's name and its address
static bool without_domain; // the host's name has no dot, and is not in the domain

// ---- the servers

struct question {
	uint8_t bytes[DNS_MESSAGE];
	size_t length;
	unsigned depth; // how far down the chain of aliases: that many labels "a" stand before the host's name
	bool in_domain;
};

static void read_question(struct question *q, const struct datagram *d)
{
	const uint8_t *name = q->bytes + HEADER;

	assert_in_range(d->length, HEADER + 6, sizeof q->bytes);
	memcpy(q->bytes, d->payload, d->length);
	q->length = d->length;
	for (q->depth = 0; memcmp(name, "\1a", 2) == 0; name += 2)
		q->depth++;
	assert_memory_equal(name, "\4boot", 5);
	q->in_domain = name[5] != 0;
}

// A record of the name at `name`, up to its data.
static void write_record(struct writer *w, size_t name, uint16_t type, uint16_t length)
{
	write_u16(w, (uint16_t)(0xc000 | name));
	write_u16(w, type);
	write_u16(w, 1);
	write_u32(w, 60);
	write_u16(w, length);
}

static void write_address(struct writer *w, size_t name, uint32_t address)
{
	write_record(w, name, TYPE_A, 4);
	write_u32(w, address);
}

// As many aliases; gives where the last one's name stands.
static size_t write_aliases(struct writer *w, unsigned count)
{
	size_t name = HEADER;

	for (; count; count--) {
		write_record(w, name, TYPE_CNAME, 4);
		write_bytes(w, "\1a", 2);
		write_u16(w, (uint16_t)(0xc000 | name));
		name = writer_length(w) - 4;
	}
	return name;
}

static void send_answer(struct dns_node *s, const struct endpoint *to, uint8_t *message, size_t length,
	uint16_t flags, uint8_t records, uint64_t now)
{
	message[2] = (uint8_t)(flags >> 8);
	message[3] = (uint8_t)flags;
	message[7] = records;
	stack_send(&s->node.stack, s->socket, to, message, length, now);
}

// What is no answer to this question: another id, another question, no answer at all.
static void lie(struct dns_node *s, const struct question *q, const struct endpoint *to, uint64_t now)
{
	for (unsigned i = 0; i < 3; i++) {
		uint8_t message[DNS_MESSAGE];
		struct writer w = writer_of(message, sizeof message);

		write_bytes(&w, q->bytes, q->length);
		write_address(&w, HEADER, WRONG);
		message[i == 0 ? 1 : i == 1 ? HEADER + 1 : 0] ^= i == 2 ? 0 : 3;
		send_answer(s, to, message, writer_length(&w), i == 2 ? 0x0100 : FLAGS, 1, now);
	}
}

static void answer(struct dns_node *s, const struct question *q, const struct endpoint *to, uint64_t now)
{
	uint8_t message[DNS_MESSAGE];
	struct writer w = writer_of(message, sizeof message);
	unsigned left = q->depth < aliases ? aliases - q->depth : 0, records;
	bool one_by_one = s->way == WAY_GOOD || s->way == WAY_LIAR;
	bool cut = s->way == WAY_CUT || s->way == WAY_CUT_AFTER;
	size_t name;

	if (s->way == WAY_LOOP || (left && one_by_one))
		left = 1;
	write_bytes(&w, q->bytes, q->length);
	name = write_aliases(&w, left);
	records = left;
	if (s->way != WAY_LOOP && (!one_by_one || q->depth + left >= aliases)) {
		write_address(&w, name, RIGHT);
		records++;
	}
	if (s->way == WAY_CUT_AFTER) {
		write_address(&w, name, WRONG);
		records++;
	}
	send_answer(s, to, message, writer_length(&w) - (cut ? 1 + now % 15 : 0),
		cut ? FLAGS | TRUNCATED : FLAGS, (uint8_t)records, now);
}

static void server_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct dns_node *s = owner;
	struct question q;

	read_question(&q, d);
	if (s->way == WAY_LIES || s->way == WAY_LIAR)
		lie(s, &q, &d->from, now);
	if (s->way == WAY_LIES || s->way == WAY_MUTE)
		return;
	if (s->way == WAY_FAILS)
		send_answer(s, &d->from, q.bytes, q.length, FLAGS | DNS_SERVER_FAILURE, 0, now);
	else if (s->way == WAY_NO_NAME || (q.in_domain && without_domain))
		send_answer(s, &d->from, q.bytes, q.length, FLAGS | DNS_NO_SUCH_NAME, 0, now);
	else
		answer(s, &q, &d->from, now);
}

static void server_step(struct sim_node *node, uint64_t now)
{
	(void)node;
	(void)now;
}

static uint64_t server_deadline(const struct sim_node *node)
{
	(void)node;
	return DEADLINE_NEVER;
}

// ---- the client

static void host_input(void *owner, const struct datagram *d, uint64_t now)
{
	(void)owner;
	dns_client_input(&host.dns, d->payload, d->length, &d->from, now);
}

static void host_unreachable(void *owner, const struct endpoint *peer, const struct fault *fault,
	uint64_t now)
{
	(void)owner;
	dns_client_unreachable(&host.dns, peer, fault, now);
}

static void host_step(struct sim_node *node, uint64_t now)
{
	uint8_t bytes[DNS_MESSAGE];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct endpoint to;

	while (dns_client_output(&host.dns, &w, &to, now)) {
		stack_send(&node->stack, host.socket, &to, bytes, writer_length(&w), now);
		w = writer_of(bytes, sizeof bytes);
	}
	if (dns_client_status(&host.dns) != MACHINE_RUNNING && !host.ended)
		host.ended = now;
}

static uint64_t host_deadline(const struct sim_node *node)
{
	(void)node;
	return dns_client_deadline(&host.dns);
}

static bool host_ended(void *owner)
{
	(void)owner;
	return host.ended;
}

// ---- the runs

static struct ipaddr address_of(size_t i)
{
	return ipaddr_v4(192, 168, 2, (uint8_t)(servers[i].way == WAY_AWAY ? 77 + i : 1 + i));
}

static void add_server(struct chaos *c, size_t i)
{
	struct stack_handler handler = {.owner = &servers[i], .input = server_input};
	struct ipaddr address = ipaddr_v4(192, 168, 2, (uint8_t)(1 + i));

	memset(&servers[i], 0, sizeof servers[i]);
	servers[i].node.step = server_step;
	servers[i].node.deadline = server_deadline;
	servers[i].way = chaos_between(c, 0, (chaos_once_in(c, 2) ? WAYS_GOOD : WAYS) - 1);
	sim_add(&sim, &servers[i].node, &address, 24);
	servers[i].socket = stack_bind(&servers[i].node.stack, -1, DNS_PORT, &handler);
	chaos_tell(c, ", way %d", servers[i].way);
}

static void set_up(struct chaos *c)
{
	struct stack_handler handler = {.input = host_input, .unreachable = host_unreachable};
	struct ipaddr address = ipaddr_v4(192, 168, 2, 50);

	sim_init(&sim, c->seed);
	server_count = chaos_between(c, 1, SERVERS);
	for (size_t i = 0; i < server_count; i++)
		add_server(c, i);
	memset(&host, 0, sizeof host);
	host.node.step = host_step;
	host.node.deadline = host_deadline;
	sim_add(&sim, &host.node, &address, 24);
	host.socket = stack_bind(&host.node.stack, -1, STACK_PORT_ANY, &handler);
}

static void begin(struct chaos *c)
{
	static const char *const names[] = {"boot.example", "Boot", "boot"};
	uint32_t name = chaos_between(c, 0, 2);
	struct dns_client_config config = {.random = &sim.random, .host = names[name],
		.domain = name == 0 && chaos_once_in(c, 2) ? "elsewhere" : "example"};

	aliases = chaos_once_in(c, 2) ? 0 : chaos_between(c, 1, ALIASES);
	without_domain = name == 2;
	for (size_t i = 0; i < server_count; i++)
		config.servers[i] = address_of(i);
	chaos_tell(c, ", \"%s\", %u aliases", names[name], aliases);
	dns_client_start(&host.dns, &config, sim.now);
}

static bool any(bool (*is)(enum way way))
{
	for (size_t i = 0; i < server_count; i++)
		if (is(servers[i].way))
			return true;
	return false;
}

static bool is_good(enum way way)
{
	return way < WAYS_GOOD;
}

static bool says_no(enum way way)
{
	return way == WAY_NO_NAME || way == WAY_LOOP;
}

static bool cannot(enum way way)
{
	return way == WAY_FAILS || way == WAY_CUT;
}

static const char *judge_address(void)
{
	struct ipaddr right = ipaddr_v4(10, 0, 0, 9);

	if (host.dns.count != 1 || !ipaddr_equal(&host.dns.addresses[0], &right))
		return "a wrong address";
	return any(is_good) ? NULL : "an address of nobody";
}

static const char *judge(const struct fault_chances *w)
{
	enum fault_id id = host.dns.fault.id;
	bool rough = w->cut_for || w->loss + w->corrupt + w->busy > ROUGH;

	if (!host.ended)
		return "never ended";
	if (host.ended - host.dns.started > PATIENCE)
		return "an end too late";
	if (host.dns.status == MACHINE_DONE)
		return judge_address();
	if (id == FAULT_NAME_LOOKUP)
		return any(says_no) ? NULL : "nobody has said that there is no such name";
	if (any(is_good) && !rough)
		return "a server that knows it was not heard";
	if (id == FAULT_NAME_SERVER)
		return any(cannot) ? NULL : "no server has failed";
	return id == FAULT_NAME_SILENT ? NULL : "a fault that nothing here explains";
}

static const char *one_network(struct chaos *c)
{
	struct fault_chances weather = chaos_weather(c);

	set_up(c);
	begin(c);
	sim_chances(&sim, &weather);
	sim_run(&sim, sim.now + HOUR, host_ended, NULL);
	c->fault = host.dns.status != MACHINE_DONE;
	chaos_tell(c, ": LAN-%d %s", host.dns.fault.id, host.dns.fault.facts);
	return judge(&weather);
}

int main(void)
{
	return chaos_main(one_network, 50, 90);
}
