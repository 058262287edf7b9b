// SPDX-License-Identifier: BSD-2-Clause
// netstack/base/bytes.h: both byte orders, the sticky error, and access at and past the end.
#include "netstack/base/bytes.h"
#include "tests/unit/vectors.h"

static const uint8_t counting[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void reads_big_endian(void **state)
{
	struct reader r = reader_of(counting, sizeof counting);

	(void)state;
	assert_int_equal(read_u8(&r), 0x01);
	assert_int_equal(read_u16(&r), 0x0203);
	assert_int_equal(read_u32(&r), 0x04050607);
	assert_true(read_u64(&r) == 0x08090a0b0c0d0e0f);
	assert_int_equal(reader_left(&r), 0);
	assert_false(r.failed);
}

static void reads_little_endian(void **state)
{
	struct reader r = reader_of(counting, sizeof counting);

	(void)state;
	assert_int_equal(read_u16_le(&r), 0x0201);
	assert_int_equal(read_u32_le(&r), 0x06050403);
	assert_true(read_u64_le(&r) == 0x0e0d0c0b0a090807);
	assert_int_equal(reader_left(&r), 1);
	assert_false(r.failed);
}

// Reads of every size from buffers that are too short by one: zero, failed, and nothing after it works.
static void stays_failed(void **state)
{
	(void)state;
	for (size_t size = 1; size <= 8; size *= 2) {
		struct bytes b = exact_copy(counting, size - 1);
		struct reader r = reader_of(b.at, b.length);
		uint64_t value = size == 1   ? read_u8(&r)
				 : size == 2 ? read_u16(&r)
				 : size == 4 ? read_u32(&r)
					     : read_u64(&r);

		assert_true(value == 0);
		assert_true(r.failed);
		assert_int_equal(reader_left(&r), 0);
		assert_int_equal(read_u8(&r), 0);
		assert_true(r.failed);
		exact_free(&b);
	}
}

static void failed_copy_is_zeroed(void **state)
{
	struct reader r = reader_of(counting, 3);
	uint8_t to[4] = {9, 9, 9, 9};

	(void)state;
	read_bytes(&r, to, 4);
	assert_true(r.failed);
	assert_hex(to, 4, "00000000");
}

static void copies_and_skips(void **state)
{
	struct reader r = reader_of(counting, 6);
	uint8_t to[3];

	(void)state;
	read_skip(&r, 2);
	read_bytes(&r, to, 3);
	assert_hex(to, 3, "030405");
	assert_int_equal(reader_left(&r), 1);
	read_skip(&r, SIZE_MAX);
	assert_true(r.failed);
}

static void sub_reader_is_bounded(void **state)
{
	struct reader r = reader_of(counting, 6), sub = read_sub(&r, 4);

	(void)state;
	assert_int_equal(read_u32(&sub), 0x01020304);
	assert_int_equal(read_u8(&sub), 0);
	assert_true(sub.failed);
	assert_false(r.failed);
	assert_int_equal(read_u16(&r), 0x0506);
	sub = read_sub(&r, 0);
	assert_false(sub.failed || r.failed);
	sub = read_sub(&r, 1);
	assert_true(sub.failed && r.failed);
}

static void empty_readers_work(void **state)
{
	struct reader r = reader_of(NULL, 0), sub = read_sub(&r, 0);

	(void)state;
	assert_false(r.failed || sub.failed);
	read_skip(&r, 0);
	assert_int_equal(read_u8(&r), 0);
	assert_true(r.failed);
	assert_null(read_string(&sub));
}

static void strings_need_their_nul(void **state)
{
	struct bytes b = exact_copy("ab\0\0cd", 6);
	struct reader r = reader_of(b.at, b.length);

	(void)state;
	assert_string_equal(read_string(&r), "ab");
	assert_string_equal(read_string(&r), "");
	assert_null(read_string(&r));
	assert_true(r.failed);
	assert_null(read_string(&r));
	exact_free(&b);
}

static void writes_what_it_reads(void **state)
{
	struct bytes b = exact_copy(counting, 15);
	struct writer w = writer_of(b.at, b.length);

	(void)state;
	memset(b.at, 0, b.length);
	write_u8(&w, 0x01);
	write_u16(&w, 0x0203);
	write_u32(&w, 0x04050607);
	write_u64(&w, 0x08090a0b0c0d0e0f);
	assert_false(w.failed);
	assert_int_equal(writer_length(&w), 15);
	assert_int_equal(writer_left(&w), 0);
	assert_memory_equal(b.at, counting, 15);
	w = writer_of(b.at, b.length);
	write_u16_le(&w, 0x0201);
	write_u32_le(&w, 0x06050403);
	write_u64_le(&w, 0x0e0d0c0b0a090807);
	assert_false(w.failed);
	assert_int_equal(writer_length(&w), 14);
	assert_memory_equal(b.at, counting, 14);
	exact_free(&b);
}

static void writer_drops_what_does_not_fit(void **state)
{
	struct bytes b = exact_copy("xxxxx", 5);
	struct writer w = writer_of(b.at, b.length);

	(void)state;
	write_u32(&w, 0x61626364);
	write_u16(&w, 0xffff);
	assert_true(w.failed);
	write_u8(&w, 'e');
	write_bytes(&w, "f", 1);
	write_zeros(&w, 1);
	write_string(&w, "");
	assert_int_equal(writer_length(&w), 4);
	assert_int_equal(writer_left(&w), 0);
	assert_memory_equal(b.at, "abcdx", 5);
	exact_free(&b);
}

static void writes_strings_and_zeros(void **state)
{
	uint8_t buffer[8];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	write_string(&w, "abc");
	write_zeros(&w, 2);
	write_bytes(&w, NULL, 0);
	assert_false(w.failed);
	assert_hex(buffer, writer_length(&w), "61626300 0000");
}

static void overwrites_only_what_is_written(void **state)
{
	uint8_t buffer[8] = {0};
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	write_u8(&w, 0);
	write_u16_at(&w, 0, 1);
	assert_true(w.failed);
	w = writer_of(buffer, sizeof buffer);
	write_u16(&w, 0xffff);
	write_u16_at(&w, 0, 0);
	assert_false(w.failed);
	write_u16(&w, 0);
	write_u16_at(&w, 2, 0xabcd);
	assert_false(w.failed);
	write_u16_at(&w, 3, 0x1234);
	assert_true(w.failed);
	assert_hex(buffer, 8, "0000abcd00000000");
	w.failed = false;
	write_u16_at(&w, SIZE_MAX, 0x1234);
	assert_true(w.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_big_endian),
		cmocka_unit_test(reads_little_endian),
		cmocka_unit_test(stays_failed),
		cmocka_unit_test(failed_copy_is_zeroed),
		cmocka_unit_test(copies_and_skips),
		cmocka_unit_test(sub_reader_is_bounded),
		cmocka_unit_test(empty_readers_work),
		cmocka_unit_test(strings_need_their_nul),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(writer_drops_what_does_not_fit),
		cmocka_unit_test(writes_strings_and_zeros),
		cmocka_unit_test(overwrites_only_what_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
