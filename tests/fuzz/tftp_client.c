// SPDX-License-Identifier: BSD-2-Clause
// The TFTP client machine against a server that says anything at any time. The sink checks that it
// is used as netstack/sink.h says; the transfer must end, and never be due without end.
// Control bits: 0x10 the next block's number is put in, 0x20 another port, 0x40 another address, 0x80 that
// port is closed; all of them: if it has failed, it is started once more, with what it has kept.
#include "netstack/tftp_client.h"
#include "netstack/wire/tftp.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

struct checked_sink {
	struct sink sink; // first
	bool begun, committed;
	uint64_t size, received;
};

static bool sink_begin(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct checked_sink *s = (struct checked_sink *)sink;

	PROMISE(!s->committed);
	s->begun = true;
	s->size = size;
	s->received = 0;
	return size == SINK_SIZE_UNKNOWN || size < (uint64_t)1 << 40 ||
	       fault_set(fault, FAULT_FILE_TOO_LARGE, "%s", "");
}

static bool sink_write(struct sink *sink, uint64_t offset, const void *bytes, size_t length,
	struct fault *fault)
{
	struct checked_sink *s = (struct checked_sink *)sink;

	(void)fault;
	PROMISE(s->begun && !s->committed && length > 0);
	PROMISE(offset == s->received && (s->size == SINK_SIZE_UNKNOWN || offset + length <= s->size));
	touch(bytes, length);
	s->received += length;
	return true;
}

static bool sink_same(struct sink *sink, uint64_t offset, const void *bytes, size_t length)
{
	struct checked_sink *s = (struct checked_sink *)sink;

	PROMISE(s->begun && !s->committed && length > 0 && offset + length <= s->received);
	touch(bytes, length);
	return *(const uint8_t *)bytes != 'x';
}

static bool sink_commit(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct checked_sink *s = (struct checked_sink *)sink;

	(void)fault;
	PROMISE(s->begun && !s->committed && size == s->received);
	PROMISE(s->size == SINK_SIZE_UNKNOWN || s->size == size);
	s->committed = true;
	return true;
}

static const struct sink_ops sink_ops = {sink_begin, sink_write, sink_same, sink_commit};

// All that is due is sent; each packet is one that we would read ourselves.
static void drain(struct tftp_client *t, uint64_t now)
{
	uint8_t buffer[TFTP_NAME + 200];
	int sent = 0;

	for (;;) {
		struct writer w = writer_of(buffer, sizeof buffer);
		struct tftp_packet p;
		struct endpoint to;

		if (!tftp_client_output(t, &w, &to, now))
			break;
		PROMISE(++sent < 20);
		PROMISE(tftp_read(&p, buffer, writer_length(&w)));
		PROMISE(ipaddr_equal(&to.addr, &t->cfg.server.addr) && to.port != 0);
	}
	PROMISE(tftp_client_deadline(t) > now);
}

static void go_on(struct tftp_client *t, uint64_t now)
{
	struct tftp_client_config cfg = t->cfg;

	if (tftp_client_status(t) != MACHINE_FAILED)
		return;
	cfg.file = "vmlinuz";
	cfg.kept = t->kept;
	cfg.size = t->announced;
	PROMISE(cfg.kept == 0 || cfg.kept == ((struct checked_sink *)cfg.sink)->received);
	tftp_client_start(t, &cfg, now);
	drain(t, now);
}

static void play(struct tftp_client *t, struct reader script, uint64_t *now)
{
	struct script_step step;
	struct fault closed;

	fault_set(&closed, FAULT_PORT_CLOSED, "(10.0.0.1)");
	while (script_next(&script, &step)) {
		struct endpoint from = {ipaddr_v4(10, 0, 0, 1), 0, 2000};
		size_t length = reader_left(&step.packet);
		uint8_t *packet = malloc(length + 1);

		if (!packet)
			return;
		read_bytes(&step.packet, packet + 1, length);
		if (step.control & 0x10 && length >= 4) {
			packet[3] = (uint8_t)((t->last + 1) >> 8);
			packet[4] = (uint8_t)(t->last + 1);
		}
		from.port = step.control & 0x20 ? 2001 : 2000;
		if (step.control & 0x40)
			from.addr = ipaddr_v4(10, 0, 0, 2);
		*now += step.pause;
		if (step.control >> 4 == 15)
			go_on(t, *now);
		else if (step.control & 0x80)
			tftp_client_unreachable(t, &from, &closed, *now);
		tftp_client_input(t, packet + 1, length, &from, *now);
		free(packet);
		drain(t, *now);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct checked_sink sink = {.sink = {&sink_ops}};
	struct tftp_path path = {0};
	struct random random;
	struct reader script = reader_of(bytes, length);
	uint8_t options = read_u8(&script), seed[16] = {options};
	struct tftp_client_config cfg = {
		.random = &random,
		.server = {ipaddr_v4(10, 0, 0, 1), -1, 0},
		.file = "vmlinuz",
		.sink = &sink.sink,
		.path = &path,
		.size_only = options & 1,
		.blksize = options & 2 ? 8 : 0,
		.windowsize = options >> 2 & 15,
		.patience = options & 0x40 ? 3000 : 0,
		.ahead = options & 0x80 ? 5 : 0,
	};
	struct tftp_client t;
	uint64_t now = 1000;

	random_seed(&random, seed);
	tftp_client_start(&t, &cfg, now);
	drain(&t, now);
	play(&t, script, &now);
	for (int i = 0; tftp_client_status(&t) == MACHINE_RUNNING; i++) { // then silence
		PROMISE(i < 100);
		now = tftp_client_deadline(&t);
		drain(&t, now);
	}
	PROMISE(tftp_path_window(&path) >= TFTP_WINDOW_LEAST && tftp_path_window(&path) <= TFTP_WINDOW_MAX);
	PROMISE(t.status == MACHINE_FAILED ? t.fault.id != FAULT_NONE : cfg.size_only || sink.committed);
	return 0;
}
