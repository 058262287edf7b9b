// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/fetch.h"
#include "bootloader/console.h"
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
	return fault->id == FAULT_TFTP_NOT_FOUND || fault->id == FAULT_TFTP_ACCESS ||
	       fault->id == FAULT_TFTP_ERROR;
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
		return true;
	default:
		return false;
	}
}

static void on_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct fetch_transfer *t = owner;

	if (!t->resting)
		tftp_client_input(&t->tftp, d->payload, d->length, &d->from, now);
}

static void on_unreachable(void *owner, const struct endpoint *peer, const struct fault *fault,
	uint64_t now)
{
	struct fetch_transfer *t = owner;

	if (!t->resting)
		tftp_client_unreachable(&t->tftp, peer, fault, now);
}

static void close_port(struct fetch_transfer *t)
{
	if (t->socket)
		stack_unbind(t->stack, t->socket);
	t->socket = NULL;
}

// Begins a try on the present server: a new port, a new machine.
static void begin(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	const struct stack_handler handler = {t, on_input, on_unreachable};
	const struct tftp_client_config cfg = {
		.random = f->random,
		.server = {.addr = t->job.servers[t->server], .interface = -1, .port = t->job.port},
		.file = t->job.file,
		.sink = t->job.sink,
		.size_only = !t->job.sink,
		.blksize = f->blksize,
		.ahead = t->tries ? 0 : f->ahead,
	};

	close_port(t);
	t->socket = stack_bind(f->stack, -1, STACK_PORT_ANY, &handler);
	t->resting = false;
	t->waiting = 0;
	t->restarts = 0;
	t->tries++;
	t->started = now;
	t->draw = now + NOTICE_AFTER;
	tftp_client_start(&t->tftp, &cfg, now);
}

static bool next_server(struct fetch_transfer *t)
{
	while (++t->server < FETCH_SERVERS)
		if (!ipaddr_is_unset(&t->job.servers[t->server]))
			return true;
	return false;
}

struct fetch_transfer *fetch_start(struct fetch *f, const struct fetch_job *job, uint64_t now)
{
	for (size_t i = 0; i < FETCH_SLOTS; i++) {
		struct fetch_transfer *t = &f->transfers[i];
		struct stack_socket *lingering = t->socket;

		if (t->used)
			continue;
		memset(t, 0, sizeof *t);
		t->used = true;
		t->job = *job;
		t->stack = f->stack;
		t->socket = lingering;
		t->server = (size_t)-1;
		if (next_server(t)) {
			begin(f, t, now);
		} else {
			t->status = MACHINE_FAILED;
			fault_set(&t->fault, FAULT_NO_SERVER, "for '%s'", job->name);
		}
		return t;
	}
	return NULL;
}

// The port stays bound until the slot is used again: a server that did not hear our last ACK asks
// once more.
void fetch_free(struct fetch_transfer *t)
{
	t->used = false;
}

// Sends the packet that waits; false if the device still has no room. On a card that never gets rid of
// its frames the packet counts as lost, so that the machine's own patience runs on.
static bool send_waiting(struct fetch_transfer *t, uint64_t now)
{
	struct fault fault;
	char to[IPADDR_TEXT];

	switch (stack_send(t->stack, t->socket, &t->to, t->packet, t->waiting, now)) {
	case STACK_BUSY:
		if (now - t->waiting_since < BUSY_PATIENCE)
			return false;
		break;
	case STACK_NO_ROUTE:
		fault_set(&fault, FAULT_NO_ROUTE, "%s", ipaddr_format(&t->to.addr, to));
		tftp_client_unreachable(&t->tftp, &t->to, &fault, now);
		break;
	default:
		break;
	}
	t->waiting = 0;
	return true;
}

static void send_due(struct fetch_transfer *t, uint64_t now)
{
	while (t->waiting == 0 || send_waiting(t, now)) {
		struct writer w = writer_of(t->packet, sizeof t->packet);

		if (!tftp_client_output(&t->tftp, &w, &t->to, now))
			return;
		t->waiting = writer_length(&w);
		t->waiting_since = now;
	}
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
	const char *facts = why->facts;
	char server[IPADDR_TEXT];
	struct fault f;

	if (names(facts, t->job.file))
		return *why;
	if (fetch_may_pass(why)) {
		fault_set(&f, why->id, "%s; wanted: \"%s\"", facts, t->job.file);
		return f;
	}
	fault_set(&f, why->id, "(\"%s\" from %s)%s%s", t->job.file,
		ipaddr_format(&t->job.servers[t->server], server), *facts && *facts != ':' ? " " : "",
		facts);
	return f;
}

static void fail(struct fetch_transfer *t, const struct fault *why)
{
	t->fault = *why;
	t->status = MACHINE_FAILED;
	close_port(t);
}

// After a failed try: rests before the next one, turns to the next server, or gives up.
static void try_again(struct fetch_transfer *t, uint64_t now)
{
	struct fault why = named(t, &t->tftp.fault);
	uint64_t delay = RETRY_FIRST << (t->tries - 1);
	char server[IPADDR_TEXT];

	if (!fetch_may_pass(&why) || (t->tries == FETCH_TRIES && !next_server(t))) {
		fail(t, &why);
		return;
	}
	if (t->tries == FETCH_TRIES) {
		t->tries = 0;
		delay = 0;
	}
	console_fault(&why);
	ipaddr_format(&t->job.servers[t->server], server);
	if (delay)
		console_stage("trying %s again in %u s", server, (unsigned)delay / 1000);
	else
		console_stage("trying the next server, %s", server);
	t->resting = true;
	t->again = now + delay;
}

static void draw(struct fetch_transfer *t, uint64_t now)
{
	const struct tftp_client *c = &t->tftp;
	uint32_t elapsed = (uint32_t)(now - t->started);
	char buffer[80], server[IPADDR_TEXT];
	struct text line = text_of(buffer, sizeof buffer);

	if (now < t->draw || t->resting)
		return;
	if (c->received == 0) {
		console_status("waiting for %s from %s (%u s)", t->job.name,
			ipaddr_format(&t->job.servers[t->server], server), elapsed / 1000);
		t->draw = now + 1000 - elapsed % 1000;
		return;
	}
	if (!t->job.quiet) {
		progress_running(&line, t->job.name, c->received, c->size, elapsed);
		console_status("%s", buffer);
	}
	t->draw = progress_next(now);
}

static void finish(struct fetch_transfer *t, uint64_t now)
{
	const struct tftp_client *c = &t->tftp;
	char buffer[96];
	struct text line = text_of(buffer, sizeof buffer);

	t->status = MACHINE_DONE;
	t->size = t->job.sink ? c->received : c->size;
	if (!t->job.sink || t->job.quiet)
		return;
	progress_finished(&line, t->job.name, c->received, (uint32_t)(now - t->started));
	console_stage("%s", buffer);
}

// The machine has begun the file again, because it lost a block that it had acknowledged ahead.
static void tell_restart(struct fetch *f, struct fetch_transfer *t)
{
	if (t->tftp.count.restarts == t->restarts)
		return;
	t->restarts = t->tftp.count.restarts;
	f->ahead = t->tftp.ahead;
	console_stage("a packet of %s was lost: loading it from its beginning, more carefully",
		t->job.name);
}

static void step(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	if (t->resting) {
		if (now >= t->again)
			begin(f, t, now);
		return;
	}
	send_due(t, now);
	tell_restart(f, t);
	if (t->status != MACHINE_RUNNING)
		return;
	switch (tftp_client_status(&t->tftp)) {
	case MACHINE_RUNNING:
		draw(t, now);
		break;
	case MACHINE_DONE:
		finish(t, now);
		break;
	case MACHINE_FAILED:
		try_again(t, now);
		break;
	}
}

void fetch_step(struct fetch *f, uint64_t now)
{
	for (size_t i = 0; i < FETCH_SLOTS; i++)
		if (f->transfers[i].socket)
			step(f, &f->transfers[i], now);
}

uint64_t fetch_deadline(const struct fetch *f)
{
	uint64_t next = DEADLINE_NEVER;

	for (size_t i = 0; i < FETCH_SLOTS; i++) {
		const struct fetch_transfer *t = &f->transfers[i];
		uint64_t due = t->resting ? t->again : tftp_client_deadline(&t->tftp);

		if (!t->socket)
			continue;
		if (t->waiting)
			return 0;
		if (t->status == MACHINE_RUNNING && !t->resting && t->draw < due)
			due = t->draw;
		if (due < next)
			next = due;
	}
	return next;
}
