// SPDX-License-Identifier: BSD-2-Clause
// Plain passwords, SHA-1 and MD5, and what all have in common.
#include "bootloader/password_parts.h"
#include "netstack/base/memory.h"

enum { ROUNDS = 5000, MD5_ROUNDS = 1000, RESULT = 128, TYPED_MAX = 256 };

void password_put(struct text *to, uint32_t bits, int characters)
{
	while (characters--) {
		const char c = (char)(bits & 63);

		text_putc(to, (char)(c < 2     ? '.' + c
				      : c < 12 ? '0' + c - 2
				      : c < 38 ? 'A' + c - 12
					       : 'a' + c - 38));
		bits >>= 6;
	}
}

void password_repeat(struct hash *h, const uint8_t *digest, size_t size, size_t length)
{
	for (; length > size; length -= size)
		hash_add(h, digest, size);
	hash_add(h, digest, length);
}

// As MIME's base 64 has it, without padding.
void password_sha1(
	const struct password_parts *p, const char *typed, size_t length, struct text *to)
{
	uint8_t digest[HASH_SIZE] = {0};
	struct hash h;

	hash_start(&h, &hash_sha1);
	hash_add(&h, p->salt.at, p->salt.length);
	hash_add(&h, typed, length);
	hash_end(&h, digest);
	for (int i = 0; i < 27; i++) { // 160 bits
		const uint8_t *at = digest + i * 6 / 8;
		const char c = (char)((at[0] << 8 | at[1]) >> (10 - i * 6 % 8) & 63);

		text_putc(to, (char)(c < 26     ? 'A' + c
				      : c < 52  ? 'a' + c - 26
				      : c < 62  ? '0' + c - 52
				      : c == 62 ? '+'
						: '/'));
	}
}

static void put_md5(const uint8_t *d, struct text *to)
{
	for (int i = 0; i < 5; i++)
		password_put(to,
			(uint32_t)d[i] << 16 | (uint32_t)d[i + 6] << 8 | d[i == 4 ? 5 : i + 12], 4);
	password_put(to, d[11], 2);
}

// Poul-Henning Kamp's, of FreeBSD.
void password_md5(const struct password_parts *p, const char *typed, size_t length, struct text *to)
{
	uint8_t digest[HASH_SIZE];
	struct hash h;

	hash_start(&h, &hash_md5);
	hash_add(&h, typed, length);
	hash_add(&h, p->salt.at, p->salt.length);
	hash_add(&h, typed, length);
	hash_end(&h, digest);
	hash_start(&h, &hash_md5);
	hash_add(&h, typed, length);
	hash_add(&h, "$1$", 3);
	hash_add(&h, p->salt.at, p->salt.length);
	password_repeat(&h, digest, 16, length);
	for (size_t bits = length; bits; bits >>= 1)
		hash_add(&h, bits & 1 ? "" : typed, 1);
	hash_end(&h, digest);
	for (uint32_t i = 0; i < MD5_ROUNDS; i++) {
		hash_start(&h, &hash_md5);
		hash_add(&h, i & 1 ? typed : (const char *)digest, i & 1 ? length : 16);
		if (i % 3)
			hash_add(&h, p->salt.at, p->salt.length);
		if (i % 7)
			hash_add(&h, typed, length);
		hash_add(&h, i & 1 ? (const char *)digest : typed, i & 1 ? 16 : length);
		hash_end(&h, digest);
	}
	put_md5(digest, to);
}

static bool same(struct text_view a, const char *b, size_t length)
{
	uint8_t difference = a.length != length;

	for (size_t i = 0; i < length && i < a.length; i++)
		difference |= (uint8_t)(a.at[i] ^ b[i]);
	return difference == 0;
}

// "rounds=N$": a number of crypt(3)'s.
static void read_rounds(struct password_parts *p, struct text_view *rest)
{
	struct text_view word = *rest, value = text_field(&word, '$');

	p->rounds = ROUNDS;
	if (!text_starts(rest->at, "rounds=") ||
		!text_u32(value.at + 7, value.length - 7, 10, &p->rounds))
		return;
	*rest = word;
}

// `rest` follows "$1$". A salt may be absent where there is only one part.
static void read_parts(struct password_parts *p, struct text_view rest)
{
	read_rounds(p, &rest);
	p->salt = text_field(&rest, '$');
	p->hash = rest;
	if (!rest.length) {
		p->hash = p->salt;
		p->salt.length = 0;
	}
	// Base 64's padding; and sha1pass ends its line with '$'.
	while (p->hash.length &&
		(p->hash.at[p->hash.length - 1] == '=' || p->hash.at[p->hash.length - 1] == '$'))
		p->hash.length--;
}

static enum password_result check(
	const struct password_method *m, struct text_view rest, const char *typed)
{
	struct password_parts p;
	char result[RESULT];
	struct text t = text_of(result, sizeof result);

	read_parts(&p, rest);
	if (p.rounds > PASSWORD_ROUNDS_MAX)
		return PASSWORD_ROUNDS;
	if (strlen(typed) > TYPED_MAX)
		return PASSWORD_WRONG;
	m->encrypt(&p, typed, strlen(typed), &t);
	return same(p.hash, result, t.length) ? PASSWORD_RIGHT : PASSWORD_WRONG;
}

enum password_result password_check(const char *password, const char *typed)
{
	const size_t length = strlen(password);

	if (length < 3 || password[0] != '$' || password[2] != '$')
		return length && same((struct text_view){password, length}, typed, strlen(typed))
			       ? PASSWORD_RIGHT
			       : PASSWORD_WRONG;
	for (size_t i = 0; i < password_method_count; i++)
		if (password_methods[i].digit == password[1])
			return check(&password_methods[i],
				(struct text_view){password + 3, length - 3}, typed);
	return PASSWORD_UNKNOWN;
}
