// SPDX-License-Identifier: BSD-2-Clause
// TCP connections, up to three at once over one stack, on networks made up from a seed: they lose,
// double, reorder, damage, delay; servers with and without options, with small and large windows, that
// fall silent, reset, or are not there; readers that refuse bytes.
#include "netstack/tcp_client.h"
#include "tests/sim/chaos.h"
#include "tests/sim/tcp_reader.h"
#include "tests/sim/tcp_server.h"

#include <string.h>

enum { HOUR = 3600000, ARP_PATIENCE = 4000, CONNECTIONS = 3 };

struct transfer {
	struct tcp_client tcp;
	struct tcp_reader reader;
	struct sim_file file;
	uint8_t request[TCP_SERVER_REQUEST];
	size_t request_length;
	uint64_t started, ended; // ms; 0: still there
};

struct client {
	struct sim_node node; // first
	size_t count;
	struct transfer transfers[CONNECTIONS];
};

static struct sim sim;
static struct client client;
static struct tcp_server servers[CONNECTIONS];

// ---- the client

static void step_transfer(struct transfer *t, uint64_t now)
{
	struct stream *s = &t->tcp.stream;

	if (t->ended)
		return;
	if (stream_is_over(s)) {
		t->ended = now;
	} else if (t->reader.at == t->file.size || s->state == STREAM_ENDED) {
		stream_await(s, false, now);
		stream_close(s, now);
	}
}

static void step(struct sim_node *node, uint64_t now)
{
	struct client *c = (struct client *)node;

	for (size_t i = 0; i < c->count; i++)
		step_transfer(&c->transfers[i], now);
}

static uint64_t deadline(const struct sim_node *node)
{
	(void)node;
	return UINT64_MAX; // the stack minds its connections
}

static bool all_ended(void *owner)
{
	struct client *c = owner;

	for (size_t i = 0; i < c->count; i++)
		if (!c->transfers[i].ended)
			return false;
	return true;
}

// ---- what is made up

static struct tcp_server_traits make_up_server(struct chaos *c, const struct sim_file *file, bool narrow)
{
	static const uint16_t sizes[] = {0, 536, 1400, 1460};
	struct tcp_server_traits t = {
		.scale = !chaos_once_in(c, 4),
		.sack = !chaos_once_in(c, 3),
		.stamps = !chaos_once_in(c, 3),
		.mss = sizes[chaos_between(c, 0, 3)],
		.flight = chaos_between(c, 1, narrow ? 8 : 64),
		.rto = chaos_between(c, 300, 800),
		.request = chaos_between(c, 1, chaos_once_in(c, 4) ? TCP_SERVER_REQUEST : 300),
		.shut = chaos_once_in(c, 10) ? chaos_between(c, 1, 8000) : 0,
		.fin_alone = chaos_once_in(c, 2),
		.stays = chaos_once_in(c, 4),
		.closed = chaos_once_in(c, 30),
	};

	if (chaos_once_in(c, 12))
		t.mute_at = chaos_between(c, 1, (uint32_t)file->size + 1);
	else if (chaos_once_in(c, 12))
		t.resets_at = chaos_between(c, 1, (uint32_t)file->size + 1);
	chaos_tell(c, "; %llu bytes mss %u flight %u%s%s%s%s%s", (unsigned long long)file->size, t.mss,
		t.flight, t.sack ? "" : " no sack", t.closed ? " closed" : "", t.mute_at ? " falls mute" : "",
		t.resets_at ? " resets" : "", t.shut ? " shut first" : "");
	return t;
}

static void make_up_reader(struct chaos *c, struct tcp_reader *r)
{
	r->random = &sim.random;
	r->behind = !chaos_once_in(c, 4);
	if (chaos_once_in(c, 4))
		r->room = chaos_between(c, 2000, 100000);
	if (chaos_once_in(c, 8))
		r->refuses = chaos_between(c, 1, 50);
}

static void begin(struct chaos *c, struct transfer *t, const struct tcp_server *server)
{
	struct tcp_client_config config = {
		.random = &sim.random,
		.server = {.addr = server->address, .interface = -1, .port = TCP_SERVER_PORT},
	};

	if (chaos_once_in(c, 3))
		config.window = chaos_between(c, 3000, 1 << 20);
	t->request_length = server->traits.request;
	for (size_t i = 0; i < t->request_length; i++)
		t->request[i] = (uint8_t)random_u32(&c->random);
	t->started = sim.now;
	stack_connect(&client.node.stack, &t->tcp, &config, sim.now);
	tcp_reader_start(&t->reader, &t->tcp.stream, &t->file);
	make_up_reader(c, &t->reader);
	stream_write(&t->tcp.stream, t->request, t->request_length, sim.now);
	stream_await(&t->tcp.stream, true, sim.now);
}

// ---- what came of it

static const char *judge_fault(const struct transfer *t, const struct tcp_server_traits *traits,
	const struct fault_chances *w)
{
	enum fault_id id = t->tcp.stream.fault.id;
	bool silence = id == FAULT_TCP_SILENT || id == FAULT_TCP_STALLED || id == FAULT_ARP_SILENT;
	uint64_t progress = t->reader.heard > t->tcp.acked ? t->reader.heard : t->tcp.acked;

	if (t->ended - progress > TCP_PATIENCE + 1)
		return "a fault too late";
	if (id == FAULT_TCP_REFUSED && traits->closed)
		return NULL;
	if (id == FAULT_TCP_RESET && traits->resets_at)
		return NULL;
	if (id == FAULT_ARP_SILENT && w->cut_for > ARP_PATIENCE)
		return NULL;
	if (silence && (traits->mute_at || traits->resets_at || chaos_hopeless(w))) // a reset may be lost
		return NULL;
	return "a fault that this network does not explain";
}

static const char *judge(const struct transfer *t, const struct tcp_server *v, const struct fault_chances *w)
{
	if (v->broken)
		return v->broken;
	if (!t->ended)
		return "never ended";
	if (t->reader.wrong)
		return "wrong bytes";
	if (memcmp(v->request, t->request, v->received) != 0)
		return "another request than was written";
	if (t->tcp.stream.state == STREAM_FAILED)
		return judge_fault(t, &v->traits, w);
	if (t->reader.at != t->file.size)
		return "not all of it";
	return v->received == t->request_length ? NULL : "an answer without its request";
}

static const char *one_network(struct chaos *c)
{
	struct fault_chances weather = chaos_weather(c);
	const char *wrong = NULL;

	memset(&client, 0, sizeof client);
	client.node.step = step;
	client.node.deadline = deadline;
	client.count = chaos_once_in(c, 3) ? chaos_between(c, 1, CONNECTIONS) : 1;
	sim_init(&sim, c->seed);
	for (size_t i = 0; i < client.count; i++) {
		struct sim_file *file = &client.transfers[i].file;
		struct tcp_server_traits traits;

		*file = (struct sim_file){.name = "file", .seed = c->seed + (uint32_t)i};
		file->size = chaos_once_in(c, 8) ? chaos_between(c, 0, 3000) : chaos_between(c, 0, 100000);
		traits = make_up_server(c, file, weather.kbit && weather.kbit < 20000);
		tcp_server_init(&servers[i], &sim, 1 + (unsigned)i, &traits, file);
	}
	sim_add(&sim, &client.node, &(struct ipaddr){.family = IP_V4, .bytes = {192, 168, 2, 100}}, 24);
	sim_chances(&sim, &weather);
	for (size_t i = 0; i < client.count; i++)
		begin(c, &client.transfers[i], &servers[i]);
	sim_run(&sim, sim.now + HOUR, all_ended, &client);
	for (size_t i = 0; i < client.count; i++) {
		struct transfer *t = &client.transfers[i];

		if (!wrong)
			wrong = judge(t, &servers[i], &weather);
		c->fault |= t->tcp.stream.state == STREAM_FAILED;
		chaos_tell(c, ": LAN-%d %s", t->tcp.stream.fault.id, t->tcp.stream.fault.facts);
		stack_disconnect(&client.node.stack, &t->tcp, sim.now);
		tcp_reader_free(&t->reader);
	}
	return wrong;
}

int main(void)
{
	return chaos_main(one_network, 50, 95);
}
