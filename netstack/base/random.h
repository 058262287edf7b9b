// SPDX-License-Identifier: BSD-2-Clause
// Unpredictable numbers from one seed: transaction ids, ports, sequence numbers, jitter.
//
// SipHash-2-4 (Aumasson, Bernstein 2012) over a counter: a neighbour who sees some outputs cannot
// tell the next, and a boot with the same seed makes the same choices (replay).
#pragma once

#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t key[2];
	uint64_t counter;
};

// `seed`: 16 bytes of entropy, copied.
void random_seed(struct random *r, const uint8_t seed[16]);
// Mixes bytes from one more source into a seed. What is there already keys a SipHash that they are
// added to, so that no source can take away from another.
void random_stir(uint8_t seed[16], const void *bytes, size_t length);
uint32_t random_u32(struct random *r);
// A number that follows from the seed and `bytes`: the same for the same bytes, unpredictable for
// others, and unrelated to what the functions above and below give.
uint32_t random_of(const struct random *r, const void *bytes, size_t length);
// A number in [0, bound), `bound` > 0; the bias of a modulo is of no consequence for its uses.
uint32_t random_below(struct random *r, uint32_t bound);
