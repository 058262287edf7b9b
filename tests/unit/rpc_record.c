// SPDX-License-Identifier: BSD-2-Clause
// server-stub/machine/rpc_record.h: records from a stream cut anywhere, and streams that lie.
#include "server-stub/machine/rpc_record.h"
#include "tests/unit/vectors.h"

struct seen {
	uint8_t bytes[4096];
	size_t length;
	unsigned records;
	size_t lengths[16];
	bool bad;
};

static void feed(struct rpc_record *r, struct seen *seen, const uint8_t *bytes, size_t length)
{
	const uint8_t *data;
	size_t count;

	while (!seen->bad) {
		switch (rpc_record_input(r, &bytes, &length, &data, &count)) {
		case RPC_RECORD_MORE:
			assert_int_equal(length, 0);
			return;
		case RPC_RECORD_DATA:
			assert_true(count > 0);
			memcpy(seen->bytes + seen->length, data, count);
			seen->length += count;
			break;
		case RPC_RECORD_COMPLETE:
			seen->lengths[seen->records++] = seen->length;
			break;
		case RPC_RECORD_BAD:
			seen->bad = true;
			break;
		}
	}
}

// Two records: "abc" in three fragments (one of them empty), then "defg" in one, then an empty one.
static const char two[] = "00000001 61 00000000 80000002 6263 80000004 64656667 80000000";

static void records_cut_anywhere(void **state)
{
	struct bytes b = from_hex(two);

	(void)state;
	for (size_t i = 0; i <= b.length; i++) {
		for (size_t j = i; j <= b.length; j++) {
			struct seen seen = {0};
			struct rpc_record r;

			rpc_record_start(&r, 4);
			feed(&r, &seen, b.at, i);
			feed(&r, &seen, b.at + i, j - i);
			feed(&r, &seen, b.at + j, b.length - j);
			assert_false(seen.bad);
			assert_int_equal(seen.records, 3);
			assert_int_equal(seen.lengths[0], 3);
			assert_int_equal(seen.lengths[1], 7);
			assert_int_equal(seen.lengths[2], 7);
			assert_memory_equal(seen.bytes, "abcdefg", 7);
			assert_false(rpc_record_partial(&r));
		}
	}
	exact_free(&b);
}

static bool is_bad(const char *hex, uint32_t max)
{
	struct bytes b = from_hex(hex);
	struct seen seen = {0};
	struct rpc_record r;

	rpc_record_start(&r, max);
	feed(&r, &seen, b.at, b.length);
	exact_free(&b);
	return seen.bad;
}

static void lengths_that_lie(void **state)
{
	(void)state;
	assert_true(is_bad("7fffffff", 1 << 20));
	assert_true(is_bad("ffffffff", 1 << 20));
	assert_true(is_bad("80000005", 4));
	assert_false(is_bad("80000004", 4));
	assert_true(is_bad("00000003 616263 80000002", 4));
	assert_true(is_bad("00000003 616263 ffffffff", 4));
	assert_true(is_bad("80000001", 0));
}

static void endless_fragments(void **state)
{
	(void)state;
	assert_false(is_bad("00*1020 80000000", 4));
	assert_true(is_bad("00*1028", 4));
}

static void bytes_read_past_the_machine(void **state)
{
	struct bytes b = from_hex("80000004 61");
	struct seen seen = {0};
	struct rpc_record r;

	(void)state;
	rpc_record_start(&r, 16);
	assert_int_equal(rpc_record_wanted(&r), 0);
	assert_false(rpc_record_partial(&r));
	feed(&r, &seen, b.at, 2);
	assert_true(rpc_record_partial(&r));
	feed(&r, &seen, b.at + 2, b.length - 2);
	assert_int_equal(rpc_record_wanted(&r), 3);
	rpc_record_took(&r, 3);
	assert_int_equal(rpc_record_wanted(&r), 0);
	feed(&r, &seen, NULL, 0);
	assert_int_equal(seen.records, 1);
	exact_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_cut_anywhere),
		cmocka_unit_test(lengths_that_lie),
		cmocka_unit_test(endless_fragments),
		cmocka_unit_test(bytes_read_past_the_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
