// SPDX-License-Identifier: BSD-2-Clause
// What the files of passwords know of each other.
#pragma once

#include "bootloader/password.h"
#include "bootloader/hash.h"
#include "netstack/base/text.h"

// What stands in the configuration, in its parts.
struct password_parts {
	struct text_view salt;
	struct text_view hash;
	uint32_t rounds;
};

struct password_method {
	char digit; // of "$1$"
	void (*encrypt)(
		const struct password_parts *p, const char *typed, size_t length, struct text *to);
};

extern const struct password_method password_methods[];
extern const size_t password_method_count;

void password_md5(
	const struct password_parts *p, const char *typed, size_t length, struct text *to);
void password_sha256(
	const struct password_parts *p, const char *typed, size_t length, struct text *to);
void password_sha512(
	const struct password_parts *p, const char *typed, size_t length, struct text *to);
void password_sha1(
	const struct password_parts *p, const char *typed, size_t length, struct text *to);

// The lowest bits first, six for each character, in crypt(3)'s alphabet.
void password_put(struct text *to, uint32_t bits, int characters);
// `length` bytes of the digest, repeated as often as that takes.
void password_repeat(struct hash *h, const uint8_t *digest, size_t size, size_t length);
