// SPDX-License-Identifier: BSD-2-Clause
// The HTTP client machine against servers that say anything at any time, over a stream without a network
// below it. The sink checks that it is used as netstack/sink.h says; the transfer must end, and a byte
// count that it tells must be what the sink got. Control bits: 0x10 the packet comes ahead of its time,
// 0x20 the peer closes, 0x40 the connection breaks, 0x80 the packet is repeated up to 4 KiB.
#include "netstack/http_client.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

struct checked_sink {
	struct sink sink; // first
	bool begun, committed;
	uint64_t size, received; // in order
	uint64_t from, to;       // what came ahead
};

static struct http_client c;
static struct stream line;
static unsigned lines; // connections so far
static size_t placed;  // bytes that came ahead and were taken

static bool sink_begin(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct checked_sink *s = (struct checked_sink *)sink;

	PROMISE(!s->committed);
	s->begun = true;
	s->size = size;
	s->received = s->from = s->to = 0;
	return size == SINK_SIZE_UNKNOWN || size < (uint64_t)1 << 40 ||
	       fault_set(fault, FAULT_FILE_TOO_LARGE, "%s", "");
}

static bool sink_write(struct sink *sink, uint64_t offset, const void *bytes, size_t length,
	struct fault *fault)
{
	struct checked_sink *s = (struct checked_sink *)sink;

	PROMISE(s->begun && !s->committed && length > 0);
	PROMISE(s->size == SINK_SIZE_UNKNOWN || offset >= s->received);
	touch(bytes, length);
	if (offset == s->received) {
		s->received += length;
	} else {
		s->from = offset;
		s->to = offset + length;
	}
	if (s->to > s->from && s->received == s->from) {
		s->received = s->to;
		s->from = s->to = 0;
	}
	return offset + length < 1 << 20 || fault_set(fault, FAULT_FILE_TOO_LARGE, "%s", "");
}

static bool sink_commit(struct sink *sink, uint64_t size, struct fault *fault)
{
	struct checked_sink *s = (struct checked_sink *)sink;

	(void)fault;
	PROMISE(s->begun && !s->committed);
	PROMISE(s->size == SINK_SIZE_UNKNOWN || s->size == size);
	s->committed = true;
	return true;
}

static const struct sink_ops sink_ops = {sink_begin, sink_write, NULL, sink_commit};

static bool line_write(struct stream *s, const void *bytes, size_t length, uint64_t now)
{
	(void)now;
	PROMISE(s->state == STREAM_OPEN && length > 20);
	PROMISE(memcmp(bytes, "GET ", 4) == 0 || memcmp(bytes, "HEAD", 4) == 0);
	PROMISE(memcmp((const char *)bytes + length - 4, "\r\n\r\n", 4) == 0);
	return true;
}

static void line_await(struct stream *s, bool awaited, uint64_t now)
{
	(void)s;
	(void)awaited;
	(void)now;
}

static void line_abort(struct stream *s, uint64_t now)
{
	(void)now;
	s->state = STREAM_CLOSED;
}

static const struct stream_ops line_ops = {line_write, line_await, line_abort, line_abort, NULL};

// Connects as often as the machine wants, but not for ever.
static void attend(uint64_t now)
{
	for (int i = 0; i < 4; i++) {
		http_client_step(&c, now);
		if (!http_client_wants_stream(&c))
			return;
		PROMISE(++lines < 100);
		placed = 0;
		line = (struct stream){.ops = &line_ops, .state = STREAM_OPEN};
		http_client_attach(&c, &line, lines % 3 == 2, now);
	}
	PROMISE(!"a machine that wants one stream after the other");
}

static bool reads(void)
{
	return line.state == STREAM_OPEN && line.consumer.bytes;
}

static void give(const uint8_t *bytes, size_t length, uint64_t now)
{
	while (length && reads() && !placed) {
		size_t took = line.consumer.bytes(line.consumer.owner, bytes, length, now);

		PROMISE(took <= length && (took || !reads()));
		bytes += took;
		length -= took;
	}
}

static void give_packet(const struct script_step *step, uint64_t now)
{
	size_t length = reader_left(&step->packet), times = 1;
	uint8_t *packet = malloc(length + 1);

	memcpy(packet + 1, step->packet.at, length);
	if (step->control & 0x80 && length)
		times = 4096 / length;
	for (size_t i = 0; length && i < times; i++) {
		if (step->control & 0x10 && reads() && line.consumer.ahead && !placed)
			placed = line.consumer.ahead(line.consumer.owner, 1, packet + 1, length, now);
		else
			give(packet + 1, length, now);
	}
	free(packet);
	if (placed && reads()) { // the gap is filled
		size_t more = placed;

		placed = 0;
		give((const uint8_t *)"g", 1, now);
		if (reads())
			line.consumer.placed(line.consumer.owner, more, now);
	}
	if (step->control & 0x60 && line.state == STREAM_OPEN) {
		line.state = step->control & 0x20 ? STREAM_ENDED : STREAM_FAILED;
		fault_set(&line.fault, FAULT_TCP_RESET, "%s", "");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct http_mark mark = {.received = 5, .size = 10, .tag = "\"x\""};
	struct checked_sink sink = {.sink = {&sink_ops}, .begun = true, .size = SINK_SIZE_UNKNOWN};
	struct reader script = reader_of(bytes, length);
	uint8_t options = read_u8(&script);
	const struct http_client_config cfg = {
		.url = "http://10.0.0.1/dir/vmlinuz?x#y",
		.sink = &sink.sink,
		.size_only = options & 1,
		.mark = options & 2 ? &mark : NULL,
		.until = (options & 10) == 10 ? 8 : 0,
		.other_server = options & 4,
	};
	struct script_step step;
	uint64_t now = 1000;

	lines = 0;
	if (options & 2) {
		sink.received = mark.received;
		sink.size = mark.size;
	}
	http_client_start(&c, &cfg, now);
	attend(now);
	while (script_next(&script, &step)) {
		now += step.pause;
		give_packet(&step, now);
		attend(now);
	}
	for (int i = 0; http_client_status(&c) == MACHINE_RUNNING; i++) { // then silence
		PROMISE(i < 10 && http_client_deadline(&c) != DEADLINE_NEVER);
		now = http_client_deadline(&c) > now ? http_client_deadline(&c) : now;
		attend(now);
	}
	PROMISE(c.status == MACHINE_FAILED ? c.fault.id != FAULT_NONE
					   : cfg.size_only || cfg.until || sink.committed);
	PROMISE(!cfg.until || (!sink.committed && c.mark.received <= 8 && c.mark.size == 10));
	PROMISE(!sink.committed || cfg.size_only || c.mark.received == sink.received);
	return 0;
}
