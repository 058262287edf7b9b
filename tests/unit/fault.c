// SPDX-License-Identifier: BSD-2-Clause
// netstack/base/fault.h and fault.def: ids are stable and unique, sentences are complete.
#include "netstack/base/fault.h"
#include "tests/unit/vectors.h"

// The texts as boot programs have them, and the same packed.
#define fault_texts plain_texts
#include "netstack/base/fault_texts_boot.c"
#undef fault_texts
#define fault_texts packed_texts
#include <fault_texts_packed.c> // made in the build folder
#undef fault_texts

static const struct {
	const char *name;
	int number;
	const char *what, *likely, *advice;
} faults[] = {
#define FAULT(name, number, what, likely, advice) {#name, number, what, likely, advice},
#include "netstack/base/fault.def"
#undef FAULT
};

static void numbers_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++) {
		assert_in_range(faults[i].number, 100, 999);
		for (size_t j = 0; j < i; j++) {
			assert_int_not_equal(faults[i].number, faults[j].number);
			assert_string_not_equal(faults[i].what, faults[j].what);
		}
	}
}

// With the longest facts, every sentence still fits and ends with its advice.
static void every_sentence_is_complete(void **state)
{
	char sentence[FAULT_SENTENCE], advice[300];

	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++) {
		struct text t = text_of(sentence, sizeof sentence);
		struct fault f;

		assert_false(fault_set(&f, (enum fault_id)faults[i].number, "%0300d", 1));
		assert_int_equal(strlen(f.facts), FAULT_FACTS - 1);
		fault_sentence(&f, &t);
		assert_false(t.cut);
		assert_contains(sentence, faults[i].what);
		assert_contains(sentence, faults[i].likely);
		snprintf(advice, sizeof advice, "%s.", faults[i].advice);
		assert_string_equal(sentence + t.length - strlen(advice), advice);
	}
}

static void sentence_reads_as_documented(void **state)
{
	char sentence[FAULT_SENTENCE];
	struct text t = text_of(sentence, sizeof sentence);
	struct fault f;

	(void)state;
	fault_set(&f, FAULT_DHCP_SILENT, "on %s in %u s", "52:54:00:12:34:56", 30u);
	fault_sentence(&f, &t);
	assert_starts(sentence,
		"LAN-104 no DHCP server answered on 52:54:00:12:34:56 in 30 s. Likely: ");
	t = text_of(sentence, sizeof sentence);
	fault_set(&f, FAULT_DHCP_SILENT, "%s", "");
	fault_sentence(&f, &t);
	assert_starts(sentence, "LAN-104 no DHCP server answered. Likely: ");
}

static void packed_texts_are_the_same(void **state)
{
	(void)state;
	for (int again = 0; again < 2; again++) {
		const char *plain = plain_texts(), *packed = packed_texts();
		size_t words = 0;

		for (; *plain; plain += strlen(plain) + 1, packed += strlen(packed) + 1, words++)
			assert_string_equal(plain, packed);
		assert_string_equal(packed, "");
		assert_true(words >= 4 * 50 && words % 4 == 0);
	}
}

static void clear_forgets(void **state)
{
	struct fault f;

	(void)state;
	fault_set(&f, FAULT_NO_NIC, "%s", "x");
	fault_clear(&f);
	assert_int_equal(f.id, FAULT_NONE);
	assert_string_equal(f.facts, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_unique),
		cmocka_unit_test(every_sentence_is_complete),
		cmocka_unit_test(sentence_reads_as_documented),
		cmocka_unit_test(packed_texts_are_the_same),
		cmocka_unit_test(clear_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
