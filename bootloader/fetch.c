// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/fetch.h"
#include "bootloader/console.h"
#include "bootloader/fetch_parts.h"
#include "bootloader/progress.h"
#include "netstack/base/memory.h"

void fetch_init(struct fetch *f, struct stack *stack, struct random *random)
{
	memset(f, 0, sizeof *f);
	f->stack = stack;
	f->random = random;
	f->ahead = FETCH_AHEAD;
}

bool fetch_refused(const struct fault *fault)
{
	switch (fault->id) {
	case FAULT_TFTP_NOT_FOUND:
	case FAULT_TFTP_ACCESS:
	case FAULT_TFTP_ERROR:
	case FAULT_HTTP_NOT_FOUND:
	case FAULT_HTTP_ACCESS:
	case FAULT_HTTP_ERROR:
	case FAULT_HTTP_PAGE:
		return true;
	default:
		return false;
	}
}

bool fetch_may_pass(const struct fault *fault)
{
	switch (fault->id) {
	case FAULT_ARP_SILENT:
	case FAULT_NO_ROUTE:
	case FAULT_UNREACHABLE:
	case FAULT_TFTP_SILENT:
	case FAULT_TFTP_STALLED:
	case FAULT_TFTP_PROTOCOL:
	case FAULT_PORT_CLOSED:
	case FAULT_FILE_SIZE:
	case FAULT_TCP_REFUSED:
	case FAULT_TCP_SILENT:
	case FAULT_TCP_RESET:
	case FAULT_TCP_STALLED:
	case FAULT_NAME_SILENT:
	case FAULT_NAME_SERVER:
	case FAULT_HTTP_BUSY:
	case FAULT_HTTP_PROTOCOL:
	case FAULT_HTTP_SLOW:
	case FAULT_HTTP_CUT:
		return true;
	default:
		return false;
	}
}

static const struct fetch_method *method(const struct fetch_transfer *t)
{
	return t->job.protocol == FETCH_HTTP ? &fetch_http : &fetch_tftp;
}

const struct ipaddr *fetch_server(const struct fetch_transfer *t)
{
	return &t->job.servers[t->server];
}

static void begin(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	t->resting = false;
	t->tries++;
	t->draw = now + NOTICE_AFTER;
	method(t)->begin(f, t, now);
}

// The place of the next server in the list; FETCH_SERVERS if there is none.
static size_t next_server(const struct fetch_transfer *t)
{
	size_t next = t->server + 1;

	while (next < FETCH_SERVERS && ipaddr_is_unset(&t->job.servers[next]))
		next++;
	return next;
}

static void fail(struct fetch *f, struct fetch_transfer *t, const struct fault *why, uint64_t now)
{
	t->fault = *why;
	t->status = MACHINE_FAILED;
	method(t)->end(f, t, now);
}

static bool is_silent(const struct fetch *f, const struct fetch_transfer *t, size_t server)
{
	const struct fetch_silent *s = &f->silent;

	return !ipaddr_is_unset(&s->server) && s->protocol == t->job.protocol && s->port == t->job.port &&
	       ipaddr_equal(&s->server, &t->job.servers[server]);
}

// The server that was given up in an earlier transfer goes to the end of the list.
static void put_silent_last(const struct fetch *f, struct fetch_transfer *t)
{
	const size_t last = FETCH_SERVERS - 1;
	size_t i = 0;

	while (i < last && !is_silent(f, t, i))
		i++;
	if (i == last)
		return;
	memmove(&t->job.servers[i], &t->job.servers[i + 1], (last - i) * sizeof t->job.servers[0]);
	t->job.servers[last] = f->silent.server;
	t->named -= i < t->named;
}

static void begin_first(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	struct fault fault;

	put_silent_last(f, t);
	t->server = (size_t)-1;
	t->server = next_server(t);
	if (t->server < FETCH_SERVERS) {
		begin(f, t, now);
		return;
	}
	fault_set(&fault, FAULT_NO_SERVER, "for '%s'", t->job.name);
	fail(f, t, &fault, now);
}

struct fetch_transfer *fetch_start(struct fetch *f, const struct fetch_job *job, uint64_t now)
{
	for (size_t i = 0; i < FETCH_SLOTS; i++) {
		struct fetch_transfer *t = &f->transfers[i];

		if (t->used)
			continue;
		if (t->socket)
			stack_unbind(f->stack, t->socket);
		memset(t, 0, sizeof *t);
		t->used = true;
		t->job = *job;
		t->stack = f->stack;
		t->connection = &f->connections[i];
		t->started = now;
		t->draw = now + NOTICE_AFTER;
		t->looking = job->host && job->host[0];
		if (!t->looking)
			begin_first(f, t, now);
		return t;
	}
	return NULL;
}

// The port stays bound until the slot is used again: a TFTP server that did not hear our last ACK asks
// once more.
void fetch_free(struct fetch_transfer *t)
{
	t->used = false;
}

// Puts the host's addresses in front of the other servers.
static void insert_servers(struct fetch_transfer *t, const struct ipaddr *addresses, size_t count)
{
	size_t room;

	t->named = count < FETCH_SERVERS ? count : FETCH_SERVERS;
	room = FETCH_SERVERS - t->named;
	memmove(&t->job.servers[t->named], &t->job.servers[0], room * sizeof *addresses);
	memcpy(&t->job.servers[0], addresses, t->named * sizeof *addresses);
}

static void look_up(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	struct ipaddr addresses[DNS_ADDRESSES];
	size_t count = 0;
	enum machine_status status = fetch_look_up(f, t, t->job.host, addresses, &count, now);

	if (status == MACHINE_RUNNING) {
		if (now >= t->draw) {
			console_status("looking up %s (%u s)", t->job.host,
				(uint32_t)(now - t->started) / 1000);
			t->draw = now + 1000;
		}
		return;
	}
	t->looking = false;
	t->server = (size_t)-1;
	if (status == MACHINE_FAILED && next_server(t) == FETCH_SERVERS) {
		struct fault why = t->fault;

		fault_set(&t->fault, why.id, "%s; wanted: \"%s\"", why.facts, t->job.name);
		t->status = MACHINE_FAILED;
		return;
	}
	if (status == MACHINE_FAILED)
		console_fault(&t->fault);
	insert_servers(t, addresses, count);
	begin_first(f, t, now);
}

// Whether the facts name the file, in quotation marks and perhaps cut.
static bool names(const char *facts, const char *file)
{
	enum { ENOUGH = 60 };

	for (; *facts; facts++) {
		size_t i = 0;

		while (*facts == '"' && i < ENOUGH && file[i] && facts[i + 1] == file[i])
			i++;
		if (i > 0 && (i == ENOUGH || (!file[i] && facts[i + 1] == '"')))
			return true;
	}
	return false;
}

// A sink does not know whose bytes it refuses, the stack not what was asked for: the sentence is to
// name the file.
static struct fault named(const struct fetch_transfer *t, const struct fault *why)
{
	const char *facts = why->facts, *asked = method(t)->asked(t);
	char server[IPADDR_TEXT];
	struct fault f;

	if (names(facts, asked))
		return *why;
	if (fetch_may_pass(why)) {
		fault_set(&f, why->id, "%s; wanted: \"%s\"", facts, asked);
		return f;
	}
	fault_set(&f, why->id, "(\"%s\" from %s)%s%s", asked, ipaddr_format(fetch_server(t), server),
		*facts && *facts != ':' ? " " : "", facts);
	return f;
}

// How long to rest before the next try on this server.
static uint64_t rest(const struct fetch_transfer *t)
{
	uint64_t delay = (uint64_t)RETRY_FIRST << (t->tries - 1);

	if (t->fault.id != FAULT_HTTP_BUSY || (uint64_t)t->retry_after * 1000 < delay)
		return delay;
	return t->retry_after < RETRY_ASKED / 1000 ? (uint64_t)t->retry_after * 1000 : RETRY_ASKED;
}

static void turn(struct fetch *f, struct fetch_transfer *t, size_t next)
{
	if (!t->turned)
		f->silent = (struct fetch_silent){t->job.protocol, t->job.port, *fetch_server(t)};
	t->turned = true;
	t->tries = 0;
	t->server = next;
}

// After a failed try: rests before the next one, turns to the next server, or gives up. Where there is
// another server, one is not waited for that long.
static void try_again(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	struct fault why = named(t, &t->fault);
	size_t next = next_server(t);
	bool refused = fetch_refused(&why) && t->turned && next < FETCH_SERVERS;
	uint64_t delay = rest(t);
	char server[IPADDR_TEXT];

	method(t)->end(f, t, now);
	if (why.id == FAULT_FILE_DIFFERS) {
		console_fault(&why);
		t->tries--;
		begin(f, t, now);
		return;
	}
	if (!refused && (!fetch_may_pass(&why) || (t->tries == FETCH_TRIES && next == FETCH_SERVERS))) {
		if (t->named && fetch_may_pass(&why))
			fetch_forget(f, t->job.host);
		fail(f, t, &why, now);
		return;
	}
	if (refused || t->tries == (next < FETCH_SERVERS ? FETCH_TRIES_BESIDE : FETCH_TRIES)) {
		turn(f, t, next);
		delay = 0;
	}
	console_fault(&why);
	ipaddr_format(fetch_server(t), server);
	if (delay)
		console_stage("trying %s again in %u s", server, (unsigned)delay / 1000);
	else
		console_stage("trying the next server, %s", server);
	t->resting = true;
	t->again = now + delay;
}

static void draw(struct fetch_transfer *t, uint64_t now)
{
	uint32_t elapsed = (uint32_t)(now - t->started);
	char buffer[80], server[IPADDR_TEXT];
	struct text line = text_of(buffer, sizeof buffer);

	if (now < t->draw)
		return;
	if (t->received == 0) {
		console_status("waiting for %s from %s (%u s)", t->job.name,
			ipaddr_format(fetch_server(t), server), elapsed / 1000);
		t->draw = now + 1000 - elapsed % 1000;
		return;
	}
	if (!t->job.quiet) {
		progress_running(&line, t->job.name, t->received, t->expected,
			t->job.protocol == FETCH_TFTP ? t->mark.received : 0, elapsed);
		console_status("%s", buffer);
	}
	t->draw = progress_next(now);
}

static void finish(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	char buffer[96];
	struct text line = text_of(buffer, sizeof buffer);

	t->status = MACHINE_DONE;
	if (is_silent(f, t, t->server))
		f->silent.server = (struct ipaddr){0};
	t->size = t->job.sink ? t->received : t->expected;
	if (t->job.protocol == FETCH_HTTP)
		method(t)->end(f, t, now);
	if (!t->job.sink || t->job.quiet)
		return;
	progress_finished(&line, t->job.name, t->received, (uint32_t)(now - t->started));
	console_stage("%s", buffer);
}

static void step(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	if (t->looking) {
		look_up(f, t, now);
		return;
	}
	if (t->resting) {
		if (now >= t->again)
			begin(f, t, now);
		return;
	}
	switch (method(t)->step(f, t, now)) {
	case MACHINE_RUNNING:
		draw(t, now);
		break;
	case MACHINE_DONE:
		finish(f, t, now);
		break;
	case MACHINE_FAILED:
		try_again(f, t, now);
		break;
	}
}

static bool runs(const struct fetch_transfer *t)
{
	return t->used && t->status == MACHINE_RUNNING;
}

void fetch_step(struct fetch *f, uint64_t now)
{
	for (size_t i = 0; i < FETCH_SLOTS; i++) {
		struct fetch_transfer *t = &f->transfers[i];

		if (runs(t))
			step(f, t, now);
		else if (t->socket)
			fetch_tftp_linger(t, now);
	}
}

static uint64_t deadline(const struct fetch_transfer *t)
{
	uint64_t due;

	if (!runs(t))
		return t->socket ? fetch_tftp.deadline(t) : DEADLINE_NEVER;
	if (t->resting)
		return t->again;
	due = t->looking ? fetch_lookup_deadline(t) : method(t)->deadline(t);
	return t->draw < due ? t->draw : due;
}

uint64_t fetch_deadline(const struct fetch *f)
{
	uint64_t next = DEADLINE_NEVER;

	for (size_t i = 0; i < FETCH_SLOTS; i++) {
		uint64_t due = deadline(&f->transfers[i]);

		if (due < next)
			next = due;
	}
	return next;
}
