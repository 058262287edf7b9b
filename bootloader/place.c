// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/place.h"
#include "bootloader/platform.h"

uint8_t *place_reserve(uint64_t size)
{
	struct platform_place place = {
		.size = size,
		.min = 0x100000,
		.max = 0x7fffffff,
		.align = 16,
		.top = true,
	};
	uint8_t *at = platform_reserve(&place);

	if (at)
		return at;
	place.max = UINT64_MAX;
	return platform_reserve(&place);
}
