// SPDX-License-Identifier: BSD-2-Clause
// A try by TFTP: a new port and a new machine each time, which passes over what an earlier one has
// left.
#include "bootloader/console.h"
#include "bootloader/fetch_parts.h"

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

static void end(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	(void)f;
	(void)now;
	if (t->socket)
		stack_unbind(t->stack, t->socket);
	t->socket = NULL;
}

static void begin(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	const struct stack_handler handler = {t, on_input, on_unreachable};
	const struct tftp_client_config cfg = {
		.random = f->random,
		.server = {.addr = *fetch_server(t), .interface = -1, .port = t->job.port},
		.file = t->job.file,
		.sink = t->job.sink,
		.kept = t->mark.received,
		.size = t->mark.size,
		.size_only = !t->job.sink,
		.blksize = f->blksize,
		.ahead = t->tries > 1 ? 0 : f->ahead,
		.path = &f->path,
	};

	end(f, t, now);
	t->socket = stack_bind(f->stack, -1, STACK_PORT_ANY, &handler);
	t->waiting = 0;
	t->restarts = 0;
	t->started = now;
	tftp_client_start(&t->tftp, &cfg, now);
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

void fetch_tftp_linger(struct fetch_transfer *t, uint64_t now)
{
	while (t->waiting == 0 || send_waiting(t, now)) {
		struct writer w = writer_of(t->packet, sizeof t->packet);

		if (!tftp_client_output(&t->tftp, &w, &t->to, now))
			return;
		t->waiting = writer_length(&w);
		t->waiting_since = now;
	}
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

static enum machine_status step(struct fetch *f, struct fetch_transfer *t, uint64_t now)
{
	fetch_tftp_linger(t, now);
	tell_restart(f, t);
	t->received = t->tftp.received;
	t->expected = t->tftp.announced;
	t->mark.received = t->tftp.kept;
	t->mark.size = t->tftp.announced;
	t->fault = t->tftp.fault;
	return tftp_client_status(&t->tftp);
}

static uint64_t deadline(const struct fetch_transfer *t)
{
	return t->waiting ? 0 : tftp_client_deadline(&t->tftp);
}

static const char *asked(const struct fetch_transfer *t)
{
	return t->job.file;
}

const struct fetch_method fetch_tftp = {begin, step, deadline, end, asked};
