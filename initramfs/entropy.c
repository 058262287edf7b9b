// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/entropy.h"

#include "initramfs/clock.h"

#include <string.h>
#include <sys/random.h>

void entropy_seed(struct random *random)
{
	uint64_t now = clock_ms();
	uint8_t seed[16] = {0};

	if (getrandom(seed, sizeof seed, GRND_NONBLOCK) < 0 &&
		getrandom(seed, sizeof seed, GRND_INSECURE) < 0)
		memcpy(seed, &now, sizeof now);
	random_seed(random, seed);
}
