// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/tftp.h: all packet kinds, option ranges, garbage, every truncation.
#include "netstack/wire/tftp.h"
#include "tests/unit/vectors.h"
#include "tests/unit/packets.h"

struct parsed {
	struct bytes bytes;
	struct tftp_packet packet;
};

static struct parsed parse(const char *name)
{
	struct parsed p = {.bytes = from_hex(PACKET(tftp_packets, name))};

	assert_true(tftp_read(&p.packet, p.bytes.at, p.bytes.length));
	return p;
}

static void reads_requests(void **state)
{
	struct parsed p = parse("rrq-options");
	const struct tftp_options *o = &p.packet.options;

	(void)state;
	assert_int_equal(p.packet.opcode, TFTP_RRQ);
	assert_string_equal(p.packet.file, "boot/vmlinuz");
	assert_string_equal(p.packet.mode, "octet");
	assert_int_equal(o->has,
		TFTP_HAS_BLKSIZE | TFTP_HAS_TSIZE | TFTP_HAS_WINDOWSIZE | TFTP_HAS_TIMEOUT);
	assert_int_equal(o->blksize, 1428);
	assert_true(o->tsize == 0);
	assert_int_equal(o->windowsize, 16);
	assert_int_equal(o->timeout, 3);
	assert_false(o->unknown || o->bad);
	exact_free(&p.bytes);
	p = parse("wrq");
	assert_int_equal(p.packet.opcode, TFTP_WRQ);
	assert_string_equal(p.packet.mode, "netascii");
	exact_free(&p.bytes);
	p = parse("rrq-empty-name");
	assert_string_equal(p.packet.file, "");
	exact_free(&p.bytes);
}

static void ignores_garbage_behind_options(void **state)
{
	struct parsed p = parse("rrq-garbage");

	(void)state;
	assert_int_equal(p.packet.options.has, TFTP_HAS_BLKSIZE);
	assert_int_equal(p.packet.options.blksize, 512);
	assert_false(p.packet.options.unknown || p.packet.options.bad);
	exact_free(&p.bytes);
	p = parse("oack-garbage");
	assert_int_equal(p.packet.options.has, TFTP_HAS_BLKSIZE | TFTP_HAS_TSIZE);
	assert_true(p.packet.options.tsize == 31457280);
	assert_false(p.packet.options.unknown || p.packet.options.bad);
	exact_free(&p.bytes);
}

static void reads_data_and_ack(void **state)
{
	struct parsed p = parse("data");

	(void)state;
	assert_int_equal(p.packet.block, 1);
	assert_int_equal(reader_left(&p.packet.data), 4);
	assert_memory_equal(p.packet.data.at, "data", 4);
	exact_free(&p.bytes);
	p = parse("data-empty");
	assert_int_equal(p.packet.block, 65535);
	assert_int_equal(reader_left(&p.packet.data), 0);
	exact_free(&p.bytes);
	p = parse("ack-long");
	assert_int_equal(p.packet.opcode, TFTP_ACK);
	assert_int_equal(p.packet.block, 0x1234);
	exact_free(&p.bytes);
}

static void reads_errors(void **state)
{
	static const struct {
		const char *name;
		uint16_t code;
		size_t length;
	} cases[] = {{"error", 1, 15}, {"error-without-nul", 2, 16}, {"error-without-text", 0, 0}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parsed p = parse(cases[i].name);

		assert_int_equal(p.packet.opcode, TFTP_ERROR);
		assert_int_equal(p.packet.error_code, cases[i].code);
		assert_int_equal(reader_left(&p.packet.text), cases[i].length);
		exact_free(&p.bytes);
	}
}

static void reads_oacks(void **state)
{
	struct parsed p = parse("oack");

	(void)state;
	assert_true(p.packet.options.tsize == UINT64_MAX);
	assert_int_equal(p.packet.options.windowsize, 16);
	exact_free(&p.bytes);
	p = parse("oack-bad-values");
	assert_int_equal(p.packet.options.has, 0);
	assert_true(p.packet.options.bad);
	exact_free(&p.bytes);
	p = parse("oack-unasked");
	assert_true(p.packet.options.unknown);
	assert_false(p.packet.options.bad);
	exact_free(&p.bytes);
	p = parse("oack-empty");
	assert_int_equal(p.packet.options.has, 0);
	assert_false(p.packet.options.unknown || p.packet.options.bad);
	exact_free(&p.bytes);
}

// Each option at and beyond its limits.
static void option_ranges(void **state)
{
	static const struct {
		const char *name, *value;
		bool good;
	} cases[] = {
		{"blksize", "7", false},
		{"blksize", "8", true},
		{"blksize", "65464", true},
		{"blksize", "65465", false},
		{"blksize", "4294968724", false},
		{"BLKSIZE", "512", true},
		{"timeout", "0", false},
		{"timeout", "1", true},
		{"timeout", "255", true},
		{"timeout", "256", false},
		{"tsize", "0", true},
		{"tsize", "18446744073709551615", true},
		{"tsize", "18446744073709551616", false},
		{"tsize", "99999999999999999999999999", false},
		{"windowsize", "0", false},
		{"windowsize", "1", true},
		{"windowsize", "65535", true},
		{"windowsize", "65536", false},
		{"windowsize", "", false},
		{"windowsize", " 4", false},
		{"windowsize", "4 ", false},
		{"windowsize", "+4", false},
		{"windowsize", "0x4", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint8_t buffer[80];
		struct writer w = writer_of(buffer, sizeof buffer);
		struct tftp_packet p;

		write_u16(&w, TFTP_OACK);
		write_string(&w, cases[i].name);
		write_string(&w, cases[i].value);
		assert_true(tftp_read(&p, buffer, writer_length(&w)));
		assert_int_equal(p.options.bad, !cases[i].good);
		assert_int_equal(p.options.has != 0, cases[i].good);
		assert_false(p.options.unknown);
	}
}

static void options_given_twice_are_bad(void **state)
{
	struct bytes b = from_hex("0006 626c6b73697a6500 3800 626c6b73697a6500 3900");
	struct tftp_packet p;

	(void)state;
	assert_true(tftp_read(&p, b.at, b.length));
	assert_int_equal(p.options.blksize, 8);
	assert_true(p.options.bad);
	exact_free(&b);
}

static void refuses_other_opcodes(void **state)
{
	static const char *const bad[] = {"", "00", "0000", "0007", "0100", "ffff", "0007 0001 00"};
	struct tftp_packet p;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct bytes b = from_hex(bad[i]);

		assert_false(tftp_read(&p, b.at, b.length));
		exact_free(&b);
	}
}

// A cut packet is refused while its fixed part is missing. Then it may be taken, but never with more
// than was there: strings end inside, views do not reach past the end.
static void check_cut(const uint8_t *bytes, size_t length, void *context)
{
	const uint8_t *end = bytes + length;
	const size_t *fixed = context;
	struct tftp_packet p;

	if (!tftp_read(&p, bytes, length)) {
		assert_true(length < *fixed);
		return;
	}
	assert_true(length >= *fixed);
	assert_true(!p.data.at || p.data.end == end);
	assert_true(!p.text.at || p.text.end == end);
	assert_true(!p.file || (const uint8_t *)p.file + strlen(p.file) < end);
	assert_true(!p.mode || (const uint8_t *)p.mode + strlen(p.mode) < end);
}

static size_t fixed_part(const struct bytes *b)
{
	size_t length = 2, nuls = 0;

	if (b->at[1] == TFTP_OACK)
		return 2;
	if (b->at[1] != TFTP_RRQ && b->at[1] != TFTP_WRQ)
		return 4;
	while (nuls < 2)
		nuls += b->at[length++] == 0;
	return length;
}

static void every_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tftp_packets); i++) {
		struct bytes b = from_hex(tftp_packets[i].hex);
		size_t fixed = fixed_part(&b);

		each_truncation(&b, check_cut, &fixed);
		exact_free(&b);
	}
}

// What was read, written again.
static void write_again(struct writer *w, const struct tftp_packet *p)
{
	char text[64] = "";

	switch (p->opcode) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		tftp_write_request(w, p->opcode, p->file, p->mode, &p->options);
		break;
	case TFTP_DATA:
		tftp_write_data(w, p->block, p->data.at, reader_left(&p->data));
		break;
	case TFTP_ACK:
		tftp_write_ack(w, p->block);
		break;
	case TFTP_ERROR:
		memcpy(text, p->text.at, reader_left(&p->text));
		tftp_write_error(w, p->error_code, text);
		break;
	default:
		tftp_write_oack(w, &p->options);
	}
}

static void assert_same_options(const struct tftp_options *a, const struct tftp_options *b)
{
	assert_int_equal(a->has, b->has);
	assert_int_equal(a->blksize, b->blksize);
	assert_int_equal(a->timeout, b->timeout);
	assert_int_equal(a->windowsize, b->windowsize);
	assert_true(a->tsize == b->tsize);
}

static void writes_what_it_reads(void **state)
{
	static const char *const names[] = {"rrq", "wrq", "rrq-empty-name", "data", "data-empty",
		"data-1428", "ack", "error", "oack-empty"};
	static const char *const reordered[] = {"rrq-options", "rrq-garbage", "oack", "oack-garbage"};
	uint8_t buffer[1500];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct parsed p = parse(names[i]);
		struct writer w = writer_of(buffer, sizeof buffer);

		write_again(&w, &p.packet);
		assert_false(w.failed);
		assert_hex(buffer, writer_length(&w), PACKET(tftp_packets, names[i]));
		w = writer_of(buffer, writer_length(&w) - 1);
		write_again(&w, &p.packet);
		assert_true(w.failed);
		exact_free(&p.bytes);
	}
	for (size_t i = 0; i < COUNT(reordered); i++) {
		struct parsed p = parse(reordered[i]);
		struct writer w = writer_of(buffer, sizeof buffer);
		struct tftp_packet again;

		write_again(&w, &p.packet);
		assert_true(tftp_read(&again, buffer, writer_length(&w)));
		assert_same_options(&again.options, &p.packet.options);
		exact_free(&p.bytes);
	}
}

static void writes_plain_requests(void **state)
{
	uint8_t buffer[64];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	tftp_write_request(&w, TFTP_RRQ, "lanyard.0", "octet", NULL);
	assert_hex(buffer, writer_length(&w), PACKET(tftp_packets, "rrq"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_requests),
		cmocka_unit_test(ignores_garbage_behind_options),
		cmocka_unit_test(reads_data_and_ack),
		cmocka_unit_test(reads_errors),
		cmocka_unit_test(reads_oacks),
		cmocka_unit_test(option_ranges),
		cmocka_unit_test(options_given_twice_are_bad),
		cmocka_unit_test(refuses_other_opcodes),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(writes_plain_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
