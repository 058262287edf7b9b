// SPDX-License-Identifier: BSD-2-Clause
// The TFTP machine that takes a file: any request, then a client that says anything at any time. No more
// than allowed is taken, in order and once; nothing is sent to others, one packet for each that came; it
// ends.
// Control bits: 0x20 another port, 0x40 another address, 0x80 the request comes again.
#include "netstack/wire/tftp.h"
#include "server-stub/machine/tftp_receiver.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

enum { MOST = 3000, BLKSIZE = 1000, PATIENCE = 5000 };

struct file {
	uint64_t size;
	bool finished;
};

static bool take(void *owner, const void *bytes, size_t length, const char **why)
{
	struct file *f = owner;

	PROMISE(!f->finished && length <= BLKSIZE && length <= MOST - f->size);
	touch(bytes, length);
	f->size += length;
	*why = "full";
	return f->size != 1500;
}

static bool finish(void *owner, const char **why)
{
	struct file *f = owner;

	PROMISE(!f->finished);
	f->finished = true;
	*why = "odd";
	return !(f->size & 1);
}

static void drain(struct tftp_receiver *r, uint64_t now, unsigned *allowed)
{
	for (;;) {
		uint8_t packet[600];
		struct writer w = writer_of(packet, sizeof packet);
		struct tftp_packet p;
		struct endpoint to;

		if (!tftp_receiver_output(r, &w, &to, now))
			break;
		PROMISE((*allowed)-- > 0);
		PROMISE(tftp_read(&p, packet, writer_length(&w)));
		PROMISE(p.opcode == TFTP_ACK || p.opcode == TFTP_OACK || p.opcode == TFTP_ERROR);
		PROMISE(to.port == 2000 && ipaddr_equal(&to.addr, &r->peer.addr));
	}
	PROMISE(tftp_receiver_deadline(r) > now);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct endpoint client = {.addr = ipaddr_v4(10, 0, 0, 9), .port = 2000};
	struct file file = {0};
	const struct tftp_receiver_config config = {&file, take, finish, MOST, BLKSIZE, PATIENCE};
	struct reader script = reader_of(bytes, length);
	struct script_step step;
	struct tftp_receiver r;
	unsigned allowed = 1;
	uint64_t now = 1000;

	if (!script_next(&script, &step))
		return 0;
	tftp_receiver_start(&r, &config, step.packet.at, reader_left(&step.packet), &client, now);
	drain(&r, now, &allowed);
	while (script_next(&script, &step)) {
		struct endpoint from = client;

		now += step.pause;
		from.port += step.control >> 5 & 1;
		from.addr.bytes[3] ^= step.control >> 6 & 1;
		allowed = 1;
		if (step.control & 0x80)
			tftp_receiver_again(&r);
		else
			tftp_receiver_input(&r, step.packet.at, reader_left(&step.packet), &from, now);
		drain(&r, now, &allowed);
		PROMISE(r.size == file.size || r.status != MACHINE_RUNNING);
	}
	now += PATIENCE;
	drain(&r, now, &allowed);
	PROMISE(r.status != MACHINE_RUNNING && tftp_receiver_deadline(&r) == DEADLINE_NEVER);
	PROMISE(r.status == MACHINE_FAILED || file.finished);
	return 0;
}
