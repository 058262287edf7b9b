// SPDX-License-Identifier: BSD-2-Clause
// server-stub/machine/netascii.h: line ends, and every way of cutting a text into pieces.
#include "server-stub/machine/netascii.h"
#include "tests/unit/vectors.h"

static const char text[] = "one\ntwo\r\n\r\r\n\nend\r";
static const char wire[] = "one\r\ntwo\r\0\r\n\r\0\r\0\r\n\r\nend\r\0";

enum { TEXT = sizeof text - 1, WIRE = sizeof wire - 1 };

static void translates_line_ends(void **state)
{
	struct netascii_place p = {0};
	uint8_t out[64];

	(void)state;
	assert_int_equal(netascii_translate(&p, (const uint8_t *)text, TEXT, out, sizeof out), WIRE);
	assert_memory_equal(out, wire, WIRE);
	assert_int_equal(p.offset, TEXT);
	assert_int_equal(p.owed, NETASCII_NOTHING);
}

// The reader gives `in` bytes at a time, the block takes `room`.
static void translate_in_pieces(size_t in, size_t room)
{
	struct netascii_place p = {0};
	uint8_t out[WIRE + 64];
	size_t written = 0;

	while (p.offset < TEXT || p.owed) {
		size_t left = TEXT - p.offset, length = left < in ? left : in;
		size_t got = netascii_translate(
			&p, (const uint8_t *)text + p.offset, length, out + written, room);

		assert_in_range(got, 1, room);
		written += got;
		assert_in_range(written, 1, WIRE);
	}
	assert_int_equal(written, WIRE);
	assert_memory_equal(out, wire, WIRE);
}

static void pieces_do_not_matter(void **state)
{
	(void)state;
	for (size_t in = 1; in <= TEXT; in++)
		for (size_t room = 1; room <= WIRE; room++)
			translate_in_pieces(in, room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(translates_line_ends),
		cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
