// SPDX-License-Identifier: BSD-2-Clause
// netstack/tftp_path.h: which window is asked for next.
#include "netstack/tftp_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	uint16_t before, granted;
	uint64_t blocks;
	uint32_t disturbed;
	bool stalled;
	uint16_t after;
} lessons[] = {
	{0, 16, 1000, 0, false, 64},   // nothing lost
	{0, 16, 127, 0, false, 16},    // too short to tell
	{0, 16, 128, 0, false, 64},
	{0, 16, 1600, 25, false, 32},  // 100 windows, few disturbed
	{0, 16, 1600, 26, false, 16},
	{0, 16, 1600, 50, false, 16},
	{0, 16, 1600, 51, false, 8},   // more than half of them
	{32, 32, 1600, 1, false, 64},
	{64, 64, 6400, 1, false, 64},
	{64, 64, 6400, 60, false, 32},
	{8, 8, 1000, 0, false, 16},    // grown back
	{2, 2, 1000, 500, false, 2},
	{2, 2, 1000, 30, false, 4},
	{0, 16, 100, 3, true, 4},      // nothing came any more
	{0, 16, 0, 0, true, 4},
	{4, 4, 0, 0, true, 2},
	{64, 64, 5000, 0, true, 16},
	{64, 16, 5000, 0, true, 64},   // the server's window was not that large
	{0, 1, 5000, 0, false, 16},    // the server knows no windows
	{0, 8, 5000, 0, false, 16},    // or not so large ones
	{64, 32, 50000, 20, false, 64},
	{16, 16, UINT64_MAX, UINT32_MAX, false, 32},
};

static void each_lesson(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lessons / sizeof *lessons; i++) {
		struct tftp_path p = {.windowsize = lessons[i].before};

		tftp_path_learn(&p, lessons[i].granted, lessons[i].blocks, lessons[i].disturbed,
			lessons[i].stalled);
		if (tftp_path_window(&p) != lessons[i].after)
			fail_msg("lesson %zu: %u, not %u", i, tftp_path_window(&p), lessons[i].after);
	}
}

static void a_card_that_bears_less(void **state)
{
	struct tftp_path p = {.most = 10};

	(void)state;
	assert_int_equal(tftp_path_window(&p), 10);
	p.windowsize = TFTP_WINDOW_MAX;
	assert_int_equal(tftp_path_window(&p), 10);
	tftp_path_learn(&p, 10, 1000, 900, false);
	assert_int_equal(tftp_path_window(&p), 5);
	p.most = 100;
	p.windowsize = TFTP_WINDOW_MAX;
	assert_int_equal(tftp_path_window(&p), TFTP_WINDOW_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_lesson),
		cmocka_unit_test(a_card_that_bears_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
