// SPDX-License-Identifier: BSD-2-Clause
// Hash functions for passwords in menus: MD5, SHA-1, SHA-256, SHA-512.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HASH_BLOCK = 128, HASH_SIZE = 64 }; // the largest

struct hash_kind;
extern const struct hash_kind hash_md5, hash_sha1, hash_sha256, hash_sha512;

struct hash {
	const struct hash_kind *kind;
	uint32_t length; // bytes so far
	union {
		uint32_t narrow[8];
		uint64_t wide[8];
	} state;
	uint8_t block[HASH_BLOCK];
};

void hash_start(struct hash *h, const struct hash_kind *kind);
void hash_add(struct hash *h, const void *bytes, size_t length);
// The digest, of hash_size bytes.
void hash_end(struct hash *h, uint8_t *digest);
size_t hash_size(const struct hash_kind *kind);
