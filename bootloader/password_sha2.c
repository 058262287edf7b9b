// SPDX-License-Identifier: BSD-2-Clause
// crypt(3) with SHA-256 and SHA-512 (Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512").
#include "bootloader/password_parts.h"

// What is hashed again and again: A, and the digests that stand for password and salt.
struct digests {
	uint8_t a[HASH_SIZE], password[HASH_SIZE], salt[HASH_SIZE];
};

static void first_digest(const struct hash_kind *kind, const struct password_parts *p,
	const char *typed, size_t length, uint8_t *a)
{
	struct hash h;

	hash_start(&h, kind);
	hash_add(&h, typed, length);
	hash_add(&h, p->salt.at, p->salt.length);
	hash_add(&h, typed, length);
	hash_end(&h, a);
	hash_start(&h, kind);
	hash_add(&h, typed, length);
	hash_add(&h, p->salt.at, p->salt.length);
	password_repeat(&h, a, hash_size(kind), length);
	for (size_t bits = length; bits; bits >>= 1)
		if (bits & 1)
			hash_add(&h, a, hash_size(kind));
		else
			hash_add(&h, typed, length);
	hash_end(&h, a);
}

// The digest of a text that stands there `times` times.
static void many(
	const struct hash_kind *kind, const char *text, size_t length, size_t times, uint8_t *to)
{
	struct hash h;

	hash_start(&h, kind);
	while (times--)
		hash_add(&h, text, length);
	hash_end(&h, to);
}

static void turn(
	const struct hash_kind *kind, struct digests *d, size_t salt, size_t length, uint32_t i)
{
	const size_t size = hash_size(kind);
	struct hash h;

	hash_start(&h, kind);
	for (int part = 0; part < 4; part++) {
		if ((part == 0 && !(i & 1)) || (part == 3 && i & 1))
			hash_add(&h, d->a, size);
		else if (part == 1 && i % 3)
			password_repeat(&h, d->salt, size, salt);
		else if (part == 0 || part == 3 || (part == 2 && i % 7))
			password_repeat(&h, d->password, size, length);
	}
	hash_end(&h, d->a);
}

static void encrypt(const struct hash_kind *kind, const struct password_parts *p, const char *typed,
	size_t length, uint8_t *a)
{
	struct digests d;

	first_digest(kind, p, typed, length, d.a);
	many(kind, typed, length, length, d.password);
	many(kind, p->salt.at, p->salt.length, 16u + d.a[0], d.salt);
	for (uint32_t i = 0; i < p->rounds; i++)
		turn(kind, &d, p->salt.length, length, i);
	for (size_t i = 0; i < hash_size(kind); i++)
		a[i] = d.a[i];
}

static uint32_t three(const uint8_t *d, unsigned a, unsigned b, unsigned c)
{
	return (uint32_t)d[a] << 16 | (uint32_t)d[b] << 8 | d[c];
}

void password_sha256(
	const struct password_parts *p, const char *typed, size_t length, struct text *to)
{
	uint8_t d[HASH_SIZE];
	unsigned a = 0, b = 10, c = 20;

	encrypt(&hash_sha256, p, typed, length, d);
	for (int i = 0; i < 10; i++) {
		const unsigned next = (c + 1) % 30;

		password_put(to, three(d, a, b, c), 4);
		c = (b + 1) % 30;
		b = (a + 1) % 30;
		a = next;
	}
	password_put(to, (uint32_t)d[31] << 8 | d[30], 3);
}

void password_sha512(
	const struct password_parts *p, const char *typed, size_t length, struct text *to)
{
	uint8_t d[HASH_SIZE];
	unsigned a = 0, b = 21, c = 42;

	encrypt(&hash_sha512, p, typed, length, d);
	for (int i = 0; i < 21; i++) {
		const unsigned next = (b + 1) % 63;

		password_put(to, three(d, a, b, c), 4);
		b = (c + 1) % 63;
		c = (a + 1) % 63;
		a = next;
	}
	password_put(to, d[63], 2);
}
