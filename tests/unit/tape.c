// SPDX-License-Identifier: BSD-2-Clause
// bootloader/tape.h: what is written comes back; payloads of large files are left out and only they are;
// a full tape says so; a tape that is cut anywhere ends there.
#include "bootloader/tape_read.h"
#include "tests/unit/vectors.h"

static uint8_t memory[TAPE_SIZE];
static struct tape tape;
static struct tape_reader reader;
static struct tape_event event;

static void begin(size_t size)
{
	tape_begin(&tape, memory, size, 5000);
}

static void assert_next(enum tape_kind kind, uint8_t number, uint64_t now, uint32_t sent, const void *bytes,
	size_t length)
{
	assert_true(tape_next(&reader, &event));
	assert_int_equal(event.kind, kind);
	assert_int_equal(event.number, number);
	assert_int_equal(event.now, now);
	assert_int_equal(event.sent, sent);
	assert_int_equal(event.length, length);
	if (bytes)
		assert_memory_equal(event.bytes, bytes, length);
}

static void open_it(void)
{
	assert_true(tape_open(&reader, memory, tape.length));
}

static void what_is_written_comes_back(void **state)
{
	const struct tape_identity wrote = {7, 12, 3, 1, 1 << 20, {1, 2, 3, 4, 5}, {192, 168, 2, 2}, {1, 2, 3}};
	struct tape_identity read;

	(void)state;
	begin(sizeof memory);
	tape_put_identity(&tape, &wrote);
	tape.now += 1000;
	tape.sent = 3;
	tape_put(&tape, TAPE_CARD, 2, "abc", 3);
	tape.now += 200000; // longer than a record can say
	tape.sent = 5;
	tape_put_turn(&tape, 4);
	tape_put(&tape, TAPE_SHIFT, 0, "", 0);
	open_it();
	assert_next(TAPE_IDENTITY, 0, 0, 0, NULL, TAPE_IDENTITY_LENGTH);
	assert_true(tape_read_identity(&read, &event));
	assert_memory_equal(&read, &wrote, sizeof read);
	assert_next(TAPE_CARD, 2, 1000, 3, "abc", 3);
	assert_next(TAPE_TURN, 0, 201000, 4, "", 0);
	assert_next(TAPE_SHIFT, 0, 201000, 5, "", 0);
	assert_false(tape_next(&reader, &event));
}

// ---- frames

enum { FRAME = 1514 };

static void make_frame(uint8_t *frame, const char *heads, uint16_t number)
{
	struct bytes b = from_hex(heads);

	memset(frame, 0xaa, FRAME);
	memcpy(frame, b.at, b.length);
	frame[b.length - 2] = (uint8_t)(number >> 8);
	frame[b.length - 1] = (uint8_t)number;
	exact_free(&b);
}

static const char tftp_heads[] = "525400123456 525400123401 0800 4500 05dc 1234 4000 4011 0000 c0a80202 c0a80264"
				 "c001 c002 05c8 0000 0003 0000";
static const char tcp_heads[] = "525400123456 525400123401 0800 4500 05dc 1234 4000 4006 0000 c0a80202 c0a80264"
				"0050 c002 00000000 00000000 5010 ffff 0000 0000";

static void put(const uint8_t *frame, size_t length)
{
	const struct netdev_frame f = {.bytes = frame, .length = length};

	tape_put_frame(&tape, 1, &f);
}

static void payloads_are_left_out(void **state)
{
	enum { BLOCKS = 1000, KEPT = 16, HEADS = 46 };
	static const uint8_t zeros[FRAME];
	uint8_t frame[FRAME];

	(void)state;
	begin(sizeof memory);
	tape_bulk(&tape, true);
	for (uint16_t block = 1; block <= BLOCKS; block++) {
		make_frame(frame, tftp_heads, block);
		put(frame, block < BLOCKS ? FRAME : 300);
	}
	assert_in_range(tape.length, KEPT * FRAME, KEPT * FRAME + BLOCKS * 24);
	open_it();
	for (uint16_t block = 1; block <= BLOCKS; block++) {
		size_t length = block < BLOCKS ? FRAME : 300;

		make_frame(frame, tftp_heads, block);
		assert_next(block <= KEPT ? TAPE_FRAME : TAPE_UNSUMMED, 1, 0, 0, NULL, length);
		assert_memory_equal(event.bytes, frame, HEADS);
		assert_memory_equal(event.bytes + HEADS, block <= KEPT ? frame + HEADS : zeros, length - HEADS);
	}
}

static void connections_begin_whole(void **state)
{
	uint8_t frame[FRAME];
	int whole = 0, again = 0;

	(void)state;
	begin(sizeof memory);
	tape_bulk(&tape, true);
	for (uint16_t i = 0; i < 60; i++) {
		make_frame(frame, tcp_heads, 0);
		if (i == 30)
			memcpy(frame + 54, "HTTP/1.1 200 OK\r\n", 17);
		put(frame, FRAME);
	}
	open_it();
	for (int i = 0; i < 60; i++) {
		assert_true(tape_next(&reader, &event));
		*(i < 30 ? &whole : &again) += event.kind == TAPE_FRAME;
		if (i == 0 || i == 30)
			assert_int_equal(event.kind, TAPE_FRAME);
	}
	assert_in_range(whole, 10, 20);
	assert_int_equal(again, whole);
}

// Configurations, other protocols, small frames, heads that are none.
static void all_else_is_kept(void **state)
{
	static const size_t spoilt[] = {12, 23, 42, 43}; // types and opcode
	uint8_t frame[FRAME];

	(void)state;
	begin(sizeof memory);
	make_frame(frame, tftp_heads, 100);
	put(frame, FRAME);
	tape_bulk(&tape, true);
	put(frame, 255);
	for (size_t i = 0; i < COUNT(spoilt); i++) {
		make_frame(frame, tftp_heads, 100);
		frame[spoilt[i]] ^= 0x40;
		put(frame, FRAME);
	}
	tape.whole = 0;
	make_frame(frame, tcp_heads, 0);
	frame[14] = 0x4f, frame[14 + 60 + 12] = 0xf0; // the longest heads
	put(frame, FRAME);
	open_it();
	for (size_t i = 0; i < COUNT(spoilt) + 3; i++)
		assert_next(TAPE_FRAME, 1, 0, 0, NULL, i == 1 ? 255 : FRAME);
}

// ---- the end

static void a_full_tape_says_so(void **state)
{
	uint8_t frame[FRAME] = {0};
	struct tape_mark mark;

	(void)state;
	for (size_t size = sizeof TAPE_MAGIC - 1 + TAPE_HEAD + TAPE_MARK_LENGTH; size < 10000; size += 97) {
		struct bytes room = exact_copy(memory, size);

		tape_begin(&tape, room.at, size, 0);
		for (int i = 0; i < 10; i++) {
			tape.now += 70000;
			put(frame, FRAME);
		}
		assert_int_not_equal(tape.lost, 0);
		for (int times = 0; times < 3; times++) {
			size_t length = tape_mark(&tape, FAULT_TFTP_STALLED);
			struct tape_event last = {0};

			assert_in_range(length, 1, size);
			assert_true(tape_open(&reader, room.at, length));
			while (tape_next(&reader, &event))
				last = event;
			assert_int_equal(last.kind, TAPE_FAULT);
			assert_true(tape_read_mark(&mark, &last));
			assert_int_equal(mark.fault, FAULT_TFTP_STALLED);
			assert_int_equal(mark.lost, tape.lost);
			assert_int_equal(mark.ms, 700000);
		}
		exact_free(&room);
	}
}

static void marks_stand_where_they_were_made(void **state)
{
	size_t length;

	(void)state;
	begin(sizeof memory);
	tape_put(&tape, TAPE_SHIFT, 0, "", 0);
	tape_mark(&tape, FAULT_TFTP_NOT_FOUND);
	tape_put(&tape, TAPE_SHIFT, 1, "", 0);
	length = tape_mark(&tape, FAULT_KERNEL_BAD);
	assert_int_equal(length, tape.length);
	open_it();
	assert_next(TAPE_SHIFT, 0, 0, 0, "", 0);
	assert_next(TAPE_FAULT, 0, 0, 0, NULL, TAPE_MARK_LENGTH);
	assert_next(TAPE_SHIFT, 1, 0, 0, "", 0);
	assert_next(TAPE_FAULT, 0, 0, 0, NULL, TAPE_MARK_LENGTH);
}

static void without_memory_nothing_is_kept(void **state)
{
	uint8_t frame[FRAME] = {0};

	(void)state;
	tape_begin(&tape, NULL, 0, 0);
	tape_bulk(&tape, true);
	tape_put(&tape, TAPE_SHIFT, 0, "", 0);
	tape_put_turn(&tape, 0);
	put(frame, FRAME);
	assert_int_equal(tape.length, 0);
}

static void a_tape_may_be_cut_anywhere(void **state)
{
	uint8_t frame[FRAME];

	(void)state;
	begin(sizeof memory);
	tape_bulk(&tape, true);
	tape_put(&tape, TAPE_CARD, 2, "abc", 3);
	make_frame(frame, tftp_heads, 100);
	put(frame, 300);
	tape_mark(&tape, FAULT_KERNEL_BAD);
	for (size_t length = 0; length < tape.length; length++) {
		struct bytes cut = exact_copy(memory, length);
		int records = 0;

		assert_int_equal(tape_open(&reader, cut.at, length), length >= sizeof TAPE_MAGIC - 1);
		while (tape_next(&reader, &event))
			records++;
		assert_in_range(records, 0, 2);
		exact_free(&cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_comes_back),
		cmocka_unit_test(payloads_are_left_out),
		cmocka_unit_test(connections_begin_whole),
		cmocka_unit_test(all_else_is_kept),
		cmocka_unit_test(a_full_tape_says_so),
		cmocka_unit_test(marks_stand_where_they_were_made),
		cmocka_unit_test(without_memory_nothing_is_kept),
		cmocka_unit_test(a_tape_may_be_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
