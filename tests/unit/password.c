// SPDX-License-Identifier: BSD-2-Clause
// bootloader/password.h and hash.h: the functions' published vectors, and every kind of password
// against the C library's crypt(3).
#include "bootloader/hash.h"
#include "bootloader/password.h"
#include "tests/unit/vectors.h"

#include <crypt.h>
#include <stdlib.h>

static void check_hash(const struct hash_kind *kind, const char *text, size_t times,
	const char *hex)
{
	uint8_t digest[HASH_SIZE];
	struct hash h;

	hash_start(&h, kind);
	while (times--)
		hash_add(&h, text, strlen(text));
	hash_end(&h, digest);
	assert_hex(digest, hash_size(kind), hex);
}

static void published_digests(void **state)
{
	(void)state;
	check_hash(&hash_md5, "", 1, "d41d8cd98f00b204e9800998ecf8427e");
	check_hash(&hash_md5, "1234567890", 8, "57edf4a22be3c955ac49da2e2107b67a");
	check_hash(&hash_sha1, "abc", 1,
		"a9993e364706816aba3e25717850c26c9cd0d89d");
	check_hash(&hash_sha1, "01234567", 80,
		"dea356a2cddd90c7a7ecedc5ebb563934f460452");
	check_hash(&hash_sha256, "abc", 1,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check_hash(&hash_sha256, "01234567", 80,
		"594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5");
	check_hash(&hash_sha512, "abc", 1,
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
	check_hash(&hash_sha512, "01234567", 80,
		"89d05ba632c699c31231ded4ffc127d5a894dad412c0e024db872d1abd2ba814"
		"1a0f85072a9be1e2aa04cf33c765cb510813a39cd5a84c4acaa64d3f3fb7bae9");
}

// Lengths around those of blocks, where the padding takes another one.
static void every_length(void **state)
{
	static const struct {
		const struct hash_kind *kind;
		const char *hex; // of the digests of 0 to 259 bytes 'a', one behind the other
	} sums[] = {
		{&hash_md5,
			"f69045f1f86bd369b798b328a42519bd"},
		{&hash_sha1,
			"56113b24ecd6023c1d1c5f6603ea0f5600229b46"},
		{&hash_sha256,
			"2f2d4000d5f75fc70a1cdd5c05c8a31ebc4de4b8444cd3726892cf8b1d5a0fc2"},
		{&hash_sha512,
			"f1ca8427c888b94d32191414922ccc597c73e8f20f7ef91b870d3964ad46ce21"
			"981d45b8620e4df39e852124b7fceef6b054345759e41f15b262d76c40330bdc"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(sums); i++) {
		struct hash all;
		uint8_t digest[HASH_SIZE];

		hash_start(&all, sums[i].kind);
		for (size_t length = 0; length < 260; length++) {
			struct hash h;

			hash_start(&h, sums[i].kind);
			for (size_t k = 0; k < length; k++)
				hash_add(&h, "a", 1);
			hash_end(&h, digest);
			hash_add(&all, digest, hash_size(sums[i].kind));
		}
		hash_end(&all, digest);
		assert_hex(digest, hash_size(sums[i].kind), sums[i].hex);
	}
}

static const char *const words[] = {"", "a", "secret", "Hello world!", "fifteen charact",
	"sixteen characte", "seventeen charact", "a password that is longer than the thirty-two bytes of a digest",
	"a password that is longer than the sixty-four bytes of the largest digest, and then some",
	"\xc3\xa4\xc3\xb6\xc3\xbc$.\x7f"};
static const char *const settings[] = {"$1$", "$1$x", "$1$saltsalt", "$5$rounds=1000$saltstring",
	"$5$rounds=1003$sixteen.sixteen.", "$6$rounds=1000$saltstring",
	"$6$rounds=1003$sixteen.sixteen."};

static char *encrypted(const char *text, const char *setting)
{
	struct crypt_data data = {0};
	char *password = strdup(crypt_r(text, setting, &data));

	assert_int_equal(password[0], '$');
	return password;
}

static void as_the_c_library(void **state)
{
	(void)state;
	for (size_t s = 0; s < COUNT(settings); s++)
		for (size_t i = 0; i < COUNT(words); i++) {
			char *password = encrypted(words[i], settings[s]);

			assert_int_equal(password_check(password, words[i]), PASSWORD_RIGHT);
			free(password);
		}
}

static void not_as_the_c_library(void **state)
{
	(void)state;
	for (size_t s = 0; s < COUNT(settings); s++) {
		char *password = encrypted("secret", settings[s]);

		assert_int_equal(password_check(password, "secret "), PASSWORD_WRONG);
		password[strlen(password) - 1] ^= 1;
		assert_int_equal(password_check(password, "secret"), PASSWORD_WRONG);
		password[strlen(password) - 1] = 0; // cut off
		assert_int_equal(password_check(password, "secret"), PASSWORD_WRONG);
		free(password);
	}
}

// Without a word about rounds there are 5000.
static void usual_rounds(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		char *password = encrypted("secret", i ? "$5$" : "$6$salt");

		assert_int_equal(password_check(password, "secret"), PASSWORD_RIGHT);
		free(password);
	}
}

static void check(const char *password, const char *typed, enum password_result result)
{
	assert_int_equal(password_check(password, typed), result);
}

static void the_forms_of_syslinux(void **state)
{
	(void)state;
	// sha1pass test abcd; without a salt; MIME's padding
	check("$4$abcd$+ejTjlbZPS1oqIz81sg1n3esubM$", "test", PASSWORD_RIGHT);
	check("$4$abcd$+ejTjlbZPS1oqIz81sg1n3esubM", "test", PASSWORD_RIGHT);
	check("$4$abcd$+ejTjlbZPS1oqIz81sg1n3esubM=", "test", PASSWORD_RIGHT);
	check("$4$abcd$+ejTjlbZPS1oqIz81sg1n3esubM=", "Test", PASSWORD_WRONG);
	check("$4$abce$+ejTjlbZPS1oqIz81sg1n3esubM=", "test", PASSWORD_WRONG);
	check("$4$qUqP5cyxm6YcTAhz05Hph5gvu9M", "test", PASSWORD_RIGHT);
}

static void what_is_not_right(void **state)
{
	static const struct {
		const char *password, *typed;
		enum password_result result;
	} cases[] = {
		{"secret", "secret", PASSWORD_RIGHT}, {"secret", "secreT", PASSWORD_WRONG},
		{"secret", "secre", PASSWORD_WRONG}, {"secret", "secrets", PASSWORD_WRONG},
		{"", "", PASSWORD_WRONG}, {"$", "$", PASSWORD_RIGHT},
		{"$ab", "$ab", PASSWORD_RIGHT}, {"$1x", "$1x", PASSWORD_RIGHT},
		{"$2$a$b", "$2$a$b", PASSWORD_UNKNOWN}, {"$y$a$b", "x", PASSWORD_UNKNOWN},
		{"$1$", "", PASSWORD_WRONG}, {"$4$", "", PASSWORD_WRONG},
		{"$5$", "", PASSWORD_WRONG}, {"$6$", "", PASSWORD_WRONG},
		{"$1$$", "", PASSWORD_WRONG}, {"$6$x", "x", PASSWORD_WRONG},
		{"$5$rounds=100001$a$b", "x", PASSWORD_ROUNDS},
		{"$6$rounds=4294967295$a$b", "x", PASSWORD_ROUNDS},
		{"$6$rounds=999999999999$a$b", "x", PASSWORD_WRONG},
		{"$6$rounds=", "x", PASSWORD_WRONG},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		check(cases[i].password, cases[i].typed, cases[i].result);
}

// So that an answer does not take long, whatever is typed.
static void endless_passwords(void **state)
{
	char typed[2001], *password;

	(void)state;
	memset(typed, 'x', sizeof typed);
	typed[256] = 0;
	password = encrypted(typed, "$1$salt");
	check(password, typed, PASSWORD_RIGHT);
	free(password);
	typed[256] = 'x';
	typed[257] = 0;
	password = encrypted(typed, "$1$salt");
	check(password, typed, PASSWORD_WRONG);
	free(password);
	typed[257] = 'x';
	typed[2000] = 0;
	check("$6$rounds=100000$a$b", typed, PASSWORD_WRONG);
	check(typed, typed, PASSWORD_RIGHT); // plain
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_digests),
		cmocka_unit_test(every_length),
		cmocka_unit_test(as_the_c_library),
		cmocka_unit_test(not_as_the_c_library),
		cmocka_unit_test(usual_rounds),
		cmocka_unit_test(the_forms_of_syslinux),
		cmocka_unit_test(what_is_not_right),
		cmocka_unit_test(endless_passwords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
