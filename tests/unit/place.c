// SPDX-License-Identifier: BSD-2-Clause
// bootloader/place.h on machines whose memory begins at different addresses.
#include "bootloader/place.h"
#include "bootloader/platform.h"
#include "tests/unit/vectors.h"

static uint64_t lowest, end; // of the machine's memory
static uint8_t memory;
static uint64_t got; // the address

// From the top only.
uint8_t *platform_reserve(const struct platform_place *want)
{
	const uint64_t top = end - 1 < want->max ? end : want->max + 1;

	assert_true(want->top);
	if (top < want->size || top - want->size < want->min || top - want->size < lowest)
		return NULL;
	got = (top - want->size) & -(uint64_t)want->align;
	return &memory;
}

static void expect(uint64_t machine_lowest, uint64_t machine_end, uint64_t at)
{
	lowest = machine_lowest;
	end = machine_end;
	assert_ptr_equal(place_reserve(0x1000), &memory);
	assert_true(got == at);
}

static void wherever_memory_is(void **state)
{
	(void)state;
	expect(0, 0x8000000, 0x7fff000);
	expect(0, 0x200000000, 0x7ffff000);                // as low as drivers may want it
	expect(0x80000000, 0x100000000, 0xfffff000);       // nothing below 2 GiB
	expect(0x10000000000, 0x10040000000, 0x1003ffff000); // nothing below 1 TiB
}

static void no_memory(void **state)
{
	(void)state;
	lowest = 0;
	end = 0x100000;
	assert_null(place_reserve(0x1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wherever_memory_is),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
