// SPDX-License-Identifier: BSD-2-Clause
// By a TFTP write request: every boot server can take one that is set up for it (lanyardd is).
#include "bootloader/tape_send.h"
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "netstack/base/memory.h"
#include "netstack/tftp_put.h"

enum { SENDINGS = 4 }; // of one run; none after one that has failed

static void on_input(void *owner, const struct datagram *d, uint64_t now)
{
	tftp_put_input(owner, d->payload, d->length, &d->from, now);
}

static void on_unreachable(void *owner, const struct endpoint *peer, const struct fault *fault,
	uint64_t now)
{
	(void)peer;
	(void)now;
	tftp_put_unreachable(owner, fault);
}

static void run(struct boot *b, struct tftp_put *put)
{
	const struct stack_handler handler = {put, on_input, on_unreachable};
	struct stack_socket *socket = stack_bind(&b->stack, -1, STACK_PORT_ANY, &handler);
	uint8_t packet[TFTP_PUT_PACKET];
	struct endpoint to;

	while (socket && put->status == MACHINE_RUNNING) {
		struct writer w = writer_of(packet, sizeof packet);
		uint64_t now = platform_now();

		if (tftp_put_output(put, &w, &to, now))
			stack_send(&b->stack, socket, &to, packet, writer_length(&w), now);
		loop_turn(b, tftp_put_deadline(put));
	}
	if (socket)
		stack_unbind(&b->stack, socket);
}

// Below a directory the file has the machine's own name.
static bool find_place(const struct boot *b, const char *wish, struct path *path, struct fault *fault)
{
	char buffer[PATH_NAME + 64];
	struct text name = text_of(buffer, sizeof buffer);
	size_t length = strlen(wish);

	text_append(&name, wish, length);
	if (length && wish[length - 1] == '/') {
		text_hwaddr(&name, b->nic->hwaddr, b->nic->hwaddr_length, '-');
		text_format(&name, ".tape");
	}
	if (!path_resolve(path, b->prefix, buffer, fault))
		return false;
	if (ipaddr_is_unset(&path->server))
		path->server = ipaddr_is_unset(&b->config_path.server) ? b->servers[0] : b->config_path.server;
	return (!path->http && !path->host[0]) ||
	       fault_set(fault, FAULT_URL_SCHEME, ": REPLAY %.80s (TFTP, and an address)", wish);
}

void tape_send(struct boot *b, const struct fault *why)
{
	const char *wish = b->config.replay ? b->config.replay : b->lease.replay;
	const unsigned before = b->tapes_sent;
	struct tape *tape = &b->witness.tape;
	char server[IPADDR_TEXT];
	struct fault fault;
	struct path path;
	struct tftp_put put;

	if (!tape->start || before == SENDINGS)
		return;
	b->tapes_sent = SENDINGS;
	if (!wish || !*wish) {
		console_stage("REPLAY in the configuration sends a tape of this to the server: pxelinux.cfg(5)");
		return;
	}
	if (!find_place(b, wish, &path, &fault)) {
		console_fault(&fault);
		return;
	}
	tftp_put_start(&put, &(struct tftp_put_config){
		.server = {.addr = path.server, .interface = -1, .port = path.port},
		.file = path.file,
		.bytes = tape->start,
		.length = tape_mark(tape, why->id),
	}, platform_now());
	console_status("sending a tape of this to %s", ipaddr_format(&path.server, server));
	run(b, &put);
	if (put.status == MACHINE_DONE) {
		b->tapes_sent = before + 1;
		console_stage("the server has a tape of this");
	} else {
		console_fault(&put.fault);
	}
}
