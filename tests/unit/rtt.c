// SPDX-License-Identifier: BSD-2-Clause
// netstack/base/rtt.h against the formulas of RFC 6298 section 2, and its bounds.
#include "netstack/base/rtt.h"
#include "tests/unit/vectors.h"

enum { FIRST = 500, LEAST = 20, MOST = 4000 };

// RFC 6298 (2.2) and (2.3) in floating point, G being half of the least timeout, without bounds.
struct exact {
	double srtt, rttvar;
	bool measured;
};

static double exact_rto(struct exact *e, double ms)
{
	if (!e->measured) {
		e->srtt = ms;
		e->rttvar = ms / 2;
		e->measured = true;
	} else {
		e->rttvar = 0.75 * e->rttvar + 0.25 * (e->srtt > ms ? e->srtt - ms : ms - e->srtt);
		e->srtt = 0.875 * e->srtt + 0.125 * ms;
	}
	return e->srtt + (4 * e->rttvar > LEAST / 2 ? 4 * e->rttvar : LEAST / 2);
}

static void follows_the_formulas(void **state)
{
	static const uint32_t samples[] = {100, 100, 110, 90, 300, 100, 100, 95, 105, 600, 50, 50, 50,
		50, 50, 50, 50, 50};
	struct rtt r = rtt_of(FIRST, LEAST, MOST);
	struct exact e = {0};

	(void)state;
	assert_int_equal(r.rto, FIRST);
	for (size_t i = 0; i < COUNT(samples); i++) {
		double expected = exact_rto(&e, samples[i]);

		rtt_measured(&r, samples[i]);
		assert_in_range(r.rto, (unsigned)(expected * 0.97) - 4, (unsigned)(expected * 1.03) + 4);
	}
}

static void stays_within_its_bounds(void **state)
{
	static const uint32_t samples[] = {0, 0, 1, UINT32_MAX, 0x80000000, 0, 100000, 0, 0, 0};
	struct rtt r = rtt_of(FIRST, LEAST, MOST);

	(void)state;
	for (int round = 0; round < 50; round++)
		for (size_t i = 0; i < COUNT(samples); i++) {
			rtt_measured(&r, samples[i]);
			assert_in_range(r.rto, LEAST, MOST);
		}
	for (int i = 0; i < 200; i++)
		rtt_measured(&r, 0);
	assert_int_equal(r.rto, LEAST);
}

static void backs_off_by_doubling(void **state)
{
	struct rtt r = rtt_of(FIRST, LEAST, MOST);
	static const uint32_t expected[] = {1000, 2000, 4000, 4000, 4000};

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++) {
		rtt_back_off(&r);
		assert_int_equal(r.rto, expected[i]);
	}
	rtt_measured(&r, 10); // one answer brings it back
	assert_int_equal(r.rto, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_formulas),
		cmocka_unit_test(stays_within_its_bounds),
		cmocka_unit_test(backs_off_by_doubling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
