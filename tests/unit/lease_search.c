// SPDX-License-Identifier: BSD-2-Clause
// Option 119 as netstack/lease.h reads it: names in DNS form, their pointers, and what has no place
// in a resolv.conf.
#include "tests/unit/lease_replies.h"

static void search_list(void **state)
{
	static const struct {
		const char *option, *expected;
	} cases[] = {
		{"770d 076578616d706c65 036f7267 00", "example.org"},
		// a pointer at the end, a pointer alone, a pointer to a pointer's name
		{"7716 076578616d706c65 036f7267 00 036c6162 c000 c00d 00", "example.org lab.example.org "
									    "lab.example.org"},
		{"7702 c000", ""},                     // to itself
		{"7706 0161 c002 c002", ""},           // to itself, after a label
		{"7704 c002 c000", ""},                // to each other
		{"7705 0161 c0ff 00", ""},             // past the end
		{"7703 0161 c0", ""},                  // half a pointer
		{"7704 0161 00 c0", "a"},
		{"7704 0161 0562", ""},                // a label past the end
		{"7703 016100 7704 0162 0063", "a b"}, // split in two, the last name cut
		{"7706 0161 00 4062 00", "a"},         // label type 01
		{"7706 03612062 0000", ""},            // a blank
		{"7705 020a62 0000", ""},              // a line feed
		{"770a 08417a615a30392d5f 00", "AzaZ09-_"},
		{"7741 3f 61*63 00", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{"7742 40 61*64 00", ""}, // no label has more than 63 bytes
		{"770c 0161 00 40 62*8", "a"},
		{"7701 00", ""},
		{"7700", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct lease l = lease_of(reply(cases[i].option));

		assert_string_equal(l.search, cases[i].expected);
	}
}

static void long_search_list_ends_with_a_whole_name(void **state)
{
	char options[2000] = "77fc ";
	struct lease l;

	(void)state;
	for (int i = 0; i < 4; i++)
		strcat(options, "3d 61*61 00 "); // four names of 61 characters, and three in option two
	strcat(options, "77bd ");
	for (int i = 0; i < 3; i++)
		strcat(options, "3d 62*61 00 ");
	l = lease_of(reply(options));
	assert_int_equal(strlen(l.search), 4 * 61 + 3);
}

// A pointer to byte 300, and a list that just fits.
static void search_list_at_its_limits(void **state)
{
	char options[4000] = "77ff ";
	struct lease l;

	(void)state;
	for (int i = 0; i < 127; i++)
		strcat(options, "00 00 "); // names of no labels
	strcat(options, "00 77ff ");
	for (int i = 0; i < 45; i++)
		strcat(options, "00 ");
	strcat(options, "0162 00 c12c ");
	for (int i = 0; i < 205; i++)
		strcat(options, "00 ");
	l = lease_of(reply(options));
	assert_string_equal(l.search, "b b");
	l = lease_of(reply("77ff 3f 61*63 3f 62*63 3f 63*63 3d 64*61 00"));
	assert_int_equal(strlen(l.search), 63 * 3 + 61 + 3);
	l = lease_of(reply("77ff 3f 61*63 3f 62*63 3f 63*63 3b 64*59 00 0000 7703 0165 00"));
	assert_int_equal(strlen(l.search), 63 * 3 + 59 + 3 + 2);
	l = lease_of(reply("77ff 3f 61*63 3f 62*63 3f 63*63 3c 64*60 00 7704 026566 00"));
	assert_int_equal(strlen(l.search), 63 * 3 + 60 + 3); // "ef" would need 256 bytes
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(search_list, forget_packets),
		cmocka_unit_test_teardown(long_search_list_ends_with_a_whole_name, forget_packets),
		cmocka_unit_test_teardown(search_list_at_its_limits, forget_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
