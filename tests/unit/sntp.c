// SPDX-License-Identifier: BSD-2-Clause
// initramfs/sntp.h: the question, and which answers count.
#include "initramfs/sntp.h"
#include "tests/unit/vectors.h"

#define COOKIE 0x0102030405060708
// 0xeeade040 seconds after 1900: 2026-11-22 21:42:24 UTC.
#define ANSWER "24020600 00*20 0102030405060708 00*8 eeade040 80000000"

static bool read_hex(const char *hex, uint64_t *seconds)
{
	struct bytes b = from_hex(hex);
	bool good = sntp_read(b.at, b.length, COOKIE, seconds);

	exact_free(&b);
	return good;
}

static void asks(void **state)
{
	uint8_t packet[SNTP_PACKET];

	(void)state;
	sntp_question(packet, COOKIE);
	assert_hex(packet, sizeof packet, "23 00*39 0102030405060708");
}

static void reads_the_time(void **state)
{
	uint64_t seconds;

	(void)state;
	assert_true(read_hex(ANSWER, &seconds));
	assert_int_equal(seconds, 1795383744);
	// After the seconds have begun anew, in 2036.
	assert_true(read_hex("24020600 00*20 0102030405060708 00*8 00000001 00000000", &seconds));
	assert_int_equal(seconds, 0x100000001 - 2208988800u);
}

static void believes_no_other_answer(void **state)
{
	static const char *const bad[] = {
		"23020600 00*20 0102030405060708 00*8 eeade040 80000000", // a client's
		"e4020600 00*20 0102030405060708 00*8 eeade040 80000000", // not synchronised
		"24000600 00*20 0102030405060708 00*8 eeade040 80000000", // kiss of death
		"24100600 00*20 0102030405060708 00*8 eeade040 80000000", // stratum 16
		"24020600 00*20 0102030405060709 00*8 eeade040 80000000", // another question's
		"24020600 00*20 0102030405060708 00*8 00000000 00000000",
		"24020600 00*20 0102030405060708 00*8 eeade040 800000",
		"",
	};
	uint64_t seconds;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (read_hex(bad[i], &seconds))
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks),
		cmocka_unit_test(reads_the_time),
		cmocka_unit_test(believes_no_other_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
