// SPDX-License-Identifier: BSD-2-Clause
// The HTTP client machine over TCP on networks made up from a seed: files with and without a length,
// servers that fall silent or break off half-way, and a second one that has the rest.
#include "netstack/http_client.h"
#include "netstack/tcp_client.h"
#include "tests/sim/chaos.h"
#include "tests/sim/tcp_server.h"

#include <stdio.h>
#include <string.h>

enum { HOUR = 3600000, TRIES = 2 };

struct client {
	struct sim_node node; // first
	struct http_client http;
	struct tcp_client tcp;
	struct http_mark mark;
	struct sim_file file;
	struct sim_sink sink;
	unsigned server;         // that is asked
	uint64_t started;        // ms
};

static struct sim sim;
static struct client client;
static struct tcp_server servers[TRIES];
static struct sim_file answers[TRIES];
static char heads[TRIES][300];

// ---- the client

static void begin(unsigned server, const struct http_mark *mark, uint64_t now)
{
	char url[40];
	struct http_client_config cfg = {.url = url, .sink = &client.sink.sink, .mark = mark,
		.other_server = server > 0};

	client.server = server;
	client.started = now;
	sprintf(url, "http://192.168.2.%u/file", server + 1);
	http_client_start(&client.http, &cfg, now);
}

static void supply_stream(uint64_t now)
{
	const struct tcp_client_config cfg = {
		.random = &sim.random,
		.server = {.addr = servers[client.server].address, .interface = -1, .port = 80},
	};

	stack_disconnect(&client.node.stack, &client.tcp, now);
	if (stack_connect(&client.node.stack, &client.tcp, &cfg, now))
		http_client_attach(&client.http, &client.tcp.stream, false, now);
	else
		http_client_unreachable(&client.http, &client.tcp.stream.fault);
}

static void step(struct sim_node *node, uint64_t now)
{
	(void)node;
	http_client_step(&client.http, now);
	if (http_client_wants_stream(&client.http))
		supply_stream(now);
}

static uint64_t deadline(const struct sim_node *node)
{
	(void)node;
	return http_client_wants_stream(&client.http) ? 0 : http_client_deadline(&client.http);
}

static bool ended(void *owner)
{
	(void)owner;
	return http_client_status(&client.http) != MACHINE_RUNNING;
}

// ---- what is made up

static size_t request_length(unsigned server, uint64_t from, const char *if_range)
{
	char buffer[1024], host[20];
	struct writer w = writer_of(buffer, sizeof buffer);

	sprintf(host, "192.168.2.%u", server + 1);
	http_write_request(&w, &(struct http_request){.host = {host, strlen(host)}, .path = {"/file", 5},
				       .from = from, .if_range = if_range});
	return writer_length(&w);
}

// Server `n` answers with this head and the file from byte `from` on.
static void plug_in(unsigned n, struct tcp_server_traits traits, uint64_t from, const char *if_range)
{
	answers[n] = client.file;
	answers[n].head = heads[n];
	answers[n].from = from;
	answers[n].size = strlen(heads[n]) + client.file.size - from;
	traits.request = request_length(n, from, if_range);
	tcp_server_init(&servers[n], &sim, n + 1, &traits, &answers[n]);
}

static struct tcp_server_traits make_up_traits(struct chaos *c)
{
	return (struct tcp_server_traits){
		.scale = true,
		.sack = !chaos_once_in(c, 3),
		.stamps = !chaos_once_in(c, 3),
		.mss = 1460,
		.flight = chaos_between(c, 4, 32),
		.rto = chaos_between(c, 300, 800),
	};
}

static struct tcp_server_traits make_up_first(struct chaos *c)
{
	struct tcp_server_traits traits = make_up_traits(c);
	bool length = !chaos_once_in(c, 4);
	uint32_t where = chaos_between(c, 1, (uint32_t)client.file.size);

	if (length)
		sprintf(heads[0], "HTTP/1.1 200 OK\r\nContent-Length: %llu\r\nETag: \"x\"\r\n"
			"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
			(unsigned long long)client.file.size);
	else
		strcpy(heads[0], "HTTP/1.0 200 OK\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
	traits.stays = length && chaos_once_in(c, 2);
	if (chaos_once_in(c, 4))
		traits.mute_at = where;
	else if (chaos_once_in(c, 4))
		traits.resets_at = where;
	chaos_tell(c, "; %llu bytes %s flight %u%s%s", (unsigned long long)client.file.size,
		length ? "told" : "until the end", traits.flight, traits.mute_at ? " falls mute" : "",
		traits.resets_at ? " resets" : "");
	return traits;
}

// The next server knows what the first one has sent.
static void continue_elsewhere(struct chaos *c)
{
	client.mark = client.http.mark;
	chaos_tell(c, "; then from byte %llu on", (unsigned long long)client.mark.received);
	sprintf(heads[1], "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %llu-%llu/%llu\r\n"
		"Content-Length: %llu\r\n\r\n", (unsigned long long)client.mark.received,
		(unsigned long long)client.file.size - 1, (unsigned long long)client.file.size,
		(unsigned long long)(client.file.size - client.mark.received));
	plug_in(1, make_up_traits(c), client.mark.received, client.mark.date);
	begin(1, &client.mark, sim.now);
	sim_run(&sim, sim.now + HOUR, ended, NULL);
}

// ---- what came of it

static const char *judge(const struct fault_chances *w)
{
	const struct tcp_server *v = &servers[client.server];
	enum fault_id id = client.http.fault.id;
	bool silence = id == FAULT_TCP_SILENT || id == FAULT_TCP_STALLED || id == FAULT_ARP_SILENT;

	if (v->broken)
		return v->broken;
	if (client.sink.wrong)
		return "wrong bytes";
	if (client.http.status == MACHINE_RUNNING)
		return "never ended";
	if (client.http.status == MACHINE_DONE)
		return sim_sink_good(&client.sink) ? NULL : "done without the file";
	if (id == FAULT_HTTP_SLOW && (w->kbit || w->loss || w->cut_for))
		return NULL;
	if (id == FAULT_TCP_RESET && v->traits.resets_at)
		return NULL;
	if (silence && (v->traits.mute_at || v->traits.resets_at || w->cut_for || chaos_hopeless(w)))
		return NULL;
	return "a fault that this network does not explain";
}

static const char *one_network(struct chaos *c)
{
	struct fault_chances weather = chaos_weather(c);
	const char *wrong;

	memset(&client, 0, sizeof client);
	client.node.step = step;
	client.node.deadline = deadline;
	client.file = (struct sim_file){.name = "file", .seed = c->seed};
	client.file.size = chaos_between(c, 1, 100000);
	sim_sink_init(&client.sink, &client.file);
	client.sink.any_order = true;
	sim_init(&sim, c->seed);
	plug_in(0, make_up_first(c), 0, "");
	sim_add(&sim, &client.node, &(struct ipaddr){.family = IP_V4, .bytes = {192, 168, 2, 100}}, 24);
	begin(0, NULL, sim.now);
	sim_chances(&sim, &weather);
	sim_run(&sim, sim.now + HOUR, ended, NULL);
	wrong = judge(&weather);
	if (!wrong && client.http.fault.id && client.http.mark.received &&
		client.http.mark.received < client.file.size) {
		continue_elsewhere(c);
		sim_chances(&sim, &weather);
		wrong = judge(&weather);
	}
	c->fault = client.http.status == MACHINE_FAILED;
	return wrong;
}

int main(void)
{
	return chaos_main(one_network, 80, 100);
}
