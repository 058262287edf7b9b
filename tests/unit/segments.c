// SPDX-License-Identifier: BSD-2-Clause
// server-stub/segments.h: the index of an initramfs' parts, and which of them a name stands for.
#define _GNU_SOURCE
#include "server-stub/segments.h"
#include "netstack/base/text.h"
#include "tests/unit/vectors.h"

#include <sys/mman.h>
#include <unistd.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// Ten bytes of common part, then parts of 1, 2, 4, 8, 16 bytes.
static const char text[] = "segments 1 6.1.0-9-test zstd\n"
			   "segment common 10 " HASH "\n"
			   "segment e1000 1 " HASH "\n"
			   "segment mii 2 " HASH "\n"
			   "segment 8139too 4 " HASH "\n"
			   "segment virtio_net 8 " HASH "\n"
			   "segment nfsv4 16 " HASH "\n"
			   "extra nfsv4 nfsv4\n"
			   "card e1000 e1000 8086:100e 8086:100f\n"
			   "card 8139too mii,8139too 10ec:8139 *:8139\n"
			   "card virtio_net virtio_net 1af4:*\n"
			   "card builtin - 1022:2000\n";
enum { SIZE = 10 + 1 + 2 + 4 + 8 + 16 };

static uint64_t sum(const struct segments *s, const char *name)
{
	struct segments_piece pieces[SEGMENTS];
	size_t count = segments_choose(s, name, pieces);
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++) {
		assert_true(!i || pieces[i].offset >= pieces[i - 1].offset + pieces[i - 1].length);
		total += pieces[i].length;
	}
	return total;
}

static void chooses_by_card(void **state)
{
	static const struct {
		const char *name;
		uint64_t size; // 0: the whole
	} cases[] = {
		{"8086-100e", 10 + 1 + 16},
		{"8086:100E", 10 + 1 + 16},
		{"8086-100e/no-nfsv4", 10 + 1},
		{"8086-100e/no-overlay", 10 + 1 + 16},
		{"8086-100e/no-nfsv", 10 + 1 + 16},
		{"8086-100e/no-overlay/no-nfsv4", 10 + 1},
		{"10ec-8139/no-nfsv4", 10 + 2 + 4},
		{"ffff-8139/no-nfsv4", 10 + 2 + 4},
		{"1af4-1041/no-nfsv4", 10 + 8},
		{"1022-2000/no-nfsv4", 10},
		{"8086-1010", 0},
		{"1af5-1041", 0},
		{"any", 0},
		{"any/no-nfsv4", 0},
		{"{nic}/no-nfsv4", 0},
		{"", 0},
		{"8086-100", 0},
		{"8086-100ef", 0},
		{"8086_100e", 0},
		{"808-6100e", 0},
		{"*:*", 0},
	};
	struct segments *s = segments_parse(text, strlen(text), SIZE);

	(void)state;
	assert_non_null(s);
	for (size_t i = 0; i < COUNT(cases); i++)
		if (sum(s, cases[i].name) != cases[i].size)
			fail_msg("'%s': %u bytes", cases[i].name,
				(unsigned)sum(s, cases[i].name));
	segments_free(s);
}

static void puts_pieces_together(void **state)
{
	struct segments *s = segments_parse(text, strlen(text), SIZE);
	int image = memfd_create("image", 0), fds[3 * SEGMENTS_CUTS];
	char bytes[SIZE + 1];

	(void)state;
	assert_non_null(s);
	assert_int_equal(write(image, "0123456789abbccccddddddddeeeeeeeeeeeeeeee", SIZE), SIZE);
	// More often than there are places for cuts, each with bytes of its own.
	for (size_t i = 0; i < COUNT(fds); i++) {
		static const char *const names[] = {"8086-100e/no-nfsv4", "10ec-8139",
			"1af4-1000/no-nfsv4", "1022-2000"};
		static const char *const wanted[] = {"0123456789a", "0123456789bbcccceeeeeeeeeeeeeeee",
			"0123456789dddddddd", "0123456789eeeeeeeeeeeeeeee"};

		fds[i] = segments_open(s, image, names[i % 4], i);
		assert_true(fds[i] >= 0);
		bytes[pread(fds[i], bytes, SIZE, 0)] = 0;
		assert_string_equal(bytes, wanted[i % 4]);
	}
	assert_int_equal(segments_open(s, image, "any", 0), -1);
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	close(image);
	segments_free(s);
}

// Clients that ask for many different images, and hold them, get few of them in memory.
static void holds_few(void **state)
{
	char index[200 + 100 * (SEGMENTS_CUTS + 1)];
	struct text t = text_of(index, sizeof index);
	int image = memfd_create("image", 0), fd, again;
	struct segments *s;
	char name[16];

	(void)state;
	assert_int_equal(ftruncate(image, SEGMENTS_CUTS + 1), 0);
	text_format(&t, "segments 1 x zstd\nsegment common 0 " HASH "\n");
	for (unsigned i = 0; i <= SEGMENTS_CUTS; i++)
		text_format(&t, "segment m%u 1 " HASH "\n", i);
	for (unsigned i = 0; i <= SEGMENTS_CUTS; i++)
		text_format(&t, "card m%u m%u 8086:%04x\n", i, i, i);
	s = segments_parse(index, t.length, SEGMENTS_CUTS + 1);
	assert_non_null(s);
	for (unsigned i = 0; i <= SEGMENTS_CUTS; i++) {
		snprintf(name, sizeof name, "8086-%04x", i);
		fd = segments_open(s, image, name, 1000 + i);
		assert_int_equal(fd >= 0, i < SEGMENTS_CUTS);
		close(fd);
	}
	fd = segments_open(s, image, "8086-0000", 2000); // it is there already, and stays longer
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(segments_open(s, image, name, 1000 + SEGMENTS_KEPT), -1);
	fd = segments_open(s, image, name, 1001 + SEGMENTS_KEPT); // 8086-0001 is old
	again = segments_open(s, image, "8086-0001", 1001 + SEGMENTS_KEPT);
	assert_true(fd >= 0 && again == -1);
	close(fd);
	close(image);
	segments_free(s);
}

// Any part of the text, and the text with any byte changed, either is an index or is none.
static void damaged(void **state)
{
	char copy[sizeof text];

	(void)state;
	for (size_t length = 0; length < strlen(text); length++) {
		struct bytes b = exact_copy(text, length);
		struct segments *s = segments_parse((char *)b.at, length, SIZE);

		if (s)
			sum(s, "10ec-8139");
		segments_free(s);
		free(b.block);
	}
	for (size_t i = 0; i < strlen(text); i++) {
		struct segments *s;

		memcpy(copy, text, sizeof text);
		copy[i] ^= 1 << i % 8;
		s = segments_parse(copy, strlen(text), SIZE);
		if (s)
			sum(s, "10ec-8139");
		segments_free(s);
	}
}

static void refuses(void **state)
{
	static const char *const bad[] = {
		"segments 2 x zstd\nsegment common 41 " HASH "\n",
		"segments 1 x zstd\n",
		"segments 1 x zstd\nsegment common 40 " HASH "\n",
		"segments 1 x zstd\nsegment common 41\n",
		"segments 1 x zstd\nsegment common -1 " HASH "\n",
		"segments 1 x zstd\nsegment a 40 " HASH "\nsegment a 1 " HASH "\n",
		"segments 1 x zstd\nsegment a 18446744073709551615 " HASH "\nsegment b 42 " HASH "\n",
		"segments 1 x zstd\nsegment common 41 " HASH "\ncard e1000\n",
		"segments 1 x zstd\nsegment common 41 " HASH "\ncard e1000 gone 8086:100e\n",
		"segments 1 x zstd\nsegment common 41 " HASH "\nnonsense x\n",
		"segments 1 x zstd\nsegment common 41 " HASH "\n\nmore\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (segments_parse(bad[i], strlen(bad[i]), SIZE))
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_by_card),
		cmocka_unit_test(puts_pieces_together),
		cmocka_unit_test(holds_few),
		cmocka_unit_test(damaged),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
