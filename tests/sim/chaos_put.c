// SPDX-License-Identifier: BSD-2-Clause
// A write request over the whole stack, the client's machine (netstack/tftp_put.h) against the server's
// (server-stub/machine/tftp_receiver.h), on networks made up from a seed and with servers that are old,
// refuse, stop, are not there, or begin anew for each copy of the request. What is done has arrived
// whole; what has not arrived is known.
#include "server-stub/machine/tftp_receiver.h"
#include "netstack/tftp_put.h"
#include "netstack/wire/tftp.h"
#include "tests/sim/chaos.h"
#include "tests/sim/file.h"
#include "tests/sim/sim.h"

#include <string.h>

enum { MOST = 60000, SESSIONS = 4, HOUR = 3600000, KEEPER_PATIENCE = 10000 };

enum way {
	WAY_GOOD,
	WAY_OLD,     // knows no options
	WAY_FORKS,   // a session for each copy of the request, and a port that knows of none
	WAY_REFUSES, // at the byte `at`, or when all have come
	WAY_SMALL,   // keeps `at` bytes at most
	WAY_STOPS,   // at the byte `at`
	WAY_MUTE,
	WAY_AWAY,    // nobody has the address
	WAYS,
};

struct session {
	struct stack_socket *socket; // NULL: unused
	struct tftp_receiver receiver;
	size_t received;
	bool whole;
};

struct writer_node {
	struct sim_node node; // first
	struct stack_socket *socket;
	struct tftp_put put;
	uint64_t ended;
};

struct keeper_node {
	struct sim_node node; // first
	enum way way;
	uint32_t at;
	bool stopped;
	struct stack_socket *other; // port
	struct tftp_receiver_config config;
	struct session sessions[SESSIONS];
};

static struct sim sim;
static struct writer_node writer;
static struct keeper_node keeper;
static uint8_t content[MOST];
static size_t content_length;
static bool damaged; // a byte came that was not the file's

// ---- the server

static bool take(void *owner, const void *bytes, size_t length, const char **why)
{
	struct session *s = owner;

	*why = "no room";
	if (length > content_length - s->received || memcmp(content + s->received, bytes, length) != 0) {
		damaged = true;
		return true;
	}
	s->received += length;
	keeper.stopped |= keeper.way == WAY_STOPS && s->received >= keeper.at;
	return keeper.way != WAY_REFUSES || s->received <= keeper.at;
}

static bool finish(void *owner, const char **why)
{
	struct session *s = owner;

	*why = "not wanted";
	if (keeper.way == WAY_REFUSES)
		return false;
	damaged |= s->whole || s->received != content_length;
	s->whole = true;
	return true;
}

static void session_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct session *s = owner;
	uint8_t bytes[64];
	struct writer w = writer_of(bytes, sizeof bytes);

	tftp_write_error(&w, TFTP_UNKNOWN_TID, "which one?");
	if (keeper.way == WAY_FORKS)
		stack_send(&keeper.node.stack, keeper.other, &d->from, bytes, writer_length(&w), now);
	tftp_receiver_input(&s->receiver, d->payload, d->length, &d->from, now);
}

static void begin_session(struct session *s, const struct datagram *d, uint64_t now)
{
	struct stack_handler handler = {.owner = s, .input = session_input};
	struct tftp_receiver_config config = keeper.config;
	uint8_t plain[64];
	struct writer w = writer_of(plain, sizeof plain);

	*s = (struct session){.socket = stack_bind(&keeper.node.stack, -1, STACK_PORT_ANY, &handler)};
	config.owner = s;
	tftp_write_request(&w, TFTP_WRQ, "tape", "octet", NULL);
	if (keeper.way == WAY_OLD)
		tftp_receiver_start(&s->receiver, &config, plain, writer_length(&w), &d->from, now);
	else
		tftp_receiver_start(&s->receiver, &config, d->payload, d->length, &d->from, now);
}

static void request_input(void *owner, const struct datagram *d, uint64_t now)
{
	(void)owner;
	if (keeper.way == WAY_MUTE)
		return;
	for (size_t i = 0; i < SESSIONS; i++) {
		struct session *s = &keeper.sessions[i];

		if (!s->socket) {
			begin_session(s, d, now);
			return;
		}
		if (keeper.way != WAY_FORKS) {
			tftp_receiver_again(&s->receiver);
			return;
		}
	}
}

static void keeper_step(struct sim_node *node, uint64_t now)
{
	uint8_t bytes[STACK_PAYLOAD];
	struct endpoint to;

	for (size_t i = 0; i < SESSIONS && !keeper.stopped; i++) {
		struct session *s = &keeper.sessions[i];
		struct writer w = writer_of(bytes, sizeof bytes);

		while (s->socket && tftp_receiver_output(&s->receiver, &w, &to, now)) {
			stack_send(&node->stack, s->socket, &to, bytes, writer_length(&w), now);
			w = writer_of(bytes, sizeof bytes);
		}
		if (s->socket && s->receiver.status == MACHINE_FAILED && !keeper.stopped) {
			stack_unbind(&node->stack, s->socket);
			s->socket = NULL; // the request may come again
		}
	}
}

static uint64_t keeper_deadline(const struct sim_node *node)
{
	uint64_t first = DEADLINE_NEVER;

	(void)node;
	for (size_t i = 0; i < SESSIONS && !keeper.stopped; i++) {
		const struct session *s = &keeper.sessions[i];

		if (s->socket && tftp_receiver_deadline(&s->receiver) < first)
			first = tftp_receiver_deadline(&s->receiver);
	}
	return first;
}

// ---- the client

static void writer_input(void *owner, const struct datagram *d, uint64_t now)
{
	(void)owner;
	tftp_put_input(&writer.put, d->payload, d->length, &d->from, now);
}

static void writer_unreachable(void *owner, const struct endpoint *peer, const struct fault *fault,
	uint64_t now)
{
	(void)owner;
	(void)peer;
	(void)now;
	tftp_put_unreachable(&writer.put, fault);
}

static void writer_step(struct sim_node *node, uint64_t now)
{
	uint8_t bytes[STACK_PAYLOAD];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct endpoint to;

	while (tftp_put_output(&writer.put, &w, &to, now)) {
		stack_send(&node->stack, writer.socket, &to, bytes, writer_length(&w), now);
		w = writer_of(bytes, sizeof bytes);
	}
	if (writer.put.status != MACHINE_RUNNING && !writer.ended)
		writer.ended = now;
}

static uint64_t writer_deadline(const struct sim_node *node)
{
	(void)node;
	return tftp_put_deadline(&writer.put);
}

static bool writer_ended(void *owner)
{
	(void)owner;
	return writer.ended;
}

// ---- the runs

static void set_up(struct chaos *c)
{
	struct stack_handler requests = {.input = request_input};
	struct stack_handler answers = {.input = writer_input, .unreachable = writer_unreachable};
	struct ipaddr a = ipaddr_v4(192, 168, 2, 1), b = ipaddr_v4(192, 168, 2, 50);

	memset(&keeper, 0, sizeof keeper);
	memset(&writer, 0, sizeof writer);
	damaged = false;
	keeper.node.step = keeper_step;
	keeper.node.deadline = keeper_deadline;
	writer.node.step = writer_step;
	writer.node.deadline = writer_deadline;
	sim_init(&sim, c->seed);
	sim_add(&sim, &keeper.node, &a, 24);
	sim_add(&sim, &writer.node, &b, 24);
	keeper.way = chaos_once_in(c, 2) ? WAY_GOOD : chaos_between(c, 0, WAYS - 1);
	stack_bind(&keeper.node.stack, -1, 69, &requests);
	keeper.other = stack_bind(&keeper.node.stack, -1, STACK_PORT_ANY, &requests);
	writer.socket = stack_bind(&writer.node.stack, -1, STACK_PORT_ANY, &answers);
}

static void begin(struct chaos *c)
{
	static const uint16_t blksizes[] = {512, 1024, 1400, 1428};
	uint16_t blksize = blksizes[chaos_between(c, 0, 3)];
	uint8_t host = keeper.way == WAY_AWAY ? 77 : 1;
	struct sim_file file = {.seed = c->seed, .size = MOST};

	content_length = chaos_once_in(c, 4) ? chaos_between(c, 0, 20) * blksize : chaos_between(c, 0, 40000);
	sim_file_read(&file, 0, content, content_length);
	keeper.at = chaos_between(c, 0, (uint32_t)content_length);
	keeper.config = (struct tftp_receiver_config){.write = take, .finish = finish, .blksize_max = blksize,
		.most = keeper.way == WAY_SMALL ? keeper.at : MOST, .patience = KEEPER_PATIENCE};
	chaos_tell(c, ", way %d at %u, blksize %u, %zu bytes", keeper.way, keeper.at, blksize, content_length);
	tftp_put_start(&writer.put, &(struct tftp_put_config){
		.server = {.addr = ipaddr_v4(192, 168, 2, host), .interface = -1},
		.file = "tape", .bytes = content, .length = content_length}, sim.now);
}

static bool is_whole(void)
{
	for (size_t i = 0; i < SESSIONS; i++)
		if (keeper.sessions[i].whole)
			return true;
	return false;
}

static bool refuses(void)
{
	return keeper.way == WAY_REFUSES || (keeper.way == WAY_SMALL && keeper.at < content_length);
}

static bool falls_silent(const struct fault_chances *w)
{
	return keeper.way == WAY_STOPS || keeper.way == WAY_MUTE || w->cut_for || chaos_hopeless(w);
}

static const char *judge(const struct fault_chances *w)
{
	enum fault_id id = writer.put.fault.id;

	if (damaged)
		return "wrong bytes";
	if (!writer.ended)
		return "never ended";
	if (writer.put.status == MACHINE_DONE)
		return is_whole() && !refuses() ? NULL : "done, but it has not arrived";
	if (writer.ended - writer.put.progress > TFTP_PUT_PATIENCE)
		return "a fault too late";
	if (id == FAULT_TFTP_ERROR && refuses())
		return NULL;
	if (keeper.way == WAY_AWAY)
		return id == FAULT_ARP_SILENT ? NULL : "a fault that does not say that nobody is there";
	if ((id == FAULT_TFTP_SILENT || id == FAULT_TFTP_STALLED || id == FAULT_ARP_SILENT) &&
		(falls_silent(w) || (id == FAULT_TFTP_STALLED && refuses())))
		return NULL; // an ERROR that is lost is not repeated
	return "a fault that nothing here explains";
}

static const char *one_network(struct chaos *c)
{
	struct fault_chances weather = chaos_weather(c);

	set_up(c);
	begin(c);
	sim_chances(&sim, &weather);
	sim_run(&sim, sim.now + HOUR, writer_ended, NULL);
	c->fault = writer.put.status != MACHINE_DONE;
	chaos_tell(c, ": LAN-%d %s", writer.put.fault.id, writer.put.fault.facts);
	return judge(&weather);
}

int main(void)
{
	return chaos_main(one_network, 45, 90);
}
