// SPDX-License-Identifier: BSD-2-Clause
// What the files of hash functions know of each other.
#pragma once

#include "bootloader/hash.h"

struct hash_kind {
	void (*start)(struct hash *h);
	void (*mix)(struct hash *h); // takes in a whole block
	uint8_t block, word, size;   // bytes of a block, of a word of the state, of the digest
	bool little;                 // the order of bytes
};

// Word `i` of the block, in the function's order of bytes.
uint32_t hash_word(const struct hash *h, unsigned i);
