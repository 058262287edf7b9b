// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/progress.h"
#include "bootloader/limits.h"
#include "bootloader/platform.h"
#include "netstack/sink.h"

void progress_size(struct text *to, uint64_t bytes)
{
	uint32_t rest;
	uint64_t tenths;

	if (bytes < 1000) {
		text_format(to, "%u bytes", (unsigned)bytes);
		return;
	}
	tenths = divide_u64(bytes, bytes < 1000000 ? 100 : 100000, NULL);
	tenths = divide_u64(tenths, 10, &rest);
	text_format(to, "%llu.%u %s", (unsigned long long)tenths, rest,
		bytes < 1000000 ? "kB" : "MB");
}

// Bytes per second.
static uint32_t rate(uint64_t bytes, uint32_t elapsed)
{
	uint64_t r = divide_u64(bytes * 1000, elapsed ? elapsed : 1, NULL);

	return r > UINT32_MAX ? UINT32_MAX : (uint32_t)r;
}

// Percent, rounded down; without a product or a divisor of more than 32 bits.
static unsigned share(uint64_t part, uint64_t whole)
{
	for (; whole >> 24; whole >>= 1)
		part >>= 1;
	return whole ? (unsigned)part * 100 / (unsigned)whole : 100;
}

// Only the last part of a long name is of interest.
static void put_name(struct text *to, const char *name)
{
	enum { LONGEST = 28 };
	size_t length = 0;

	while (name[length])
		length++;
	if (length > LONGEST)
		text_format(to, "...%s", name + length - LONGEST + 3);
	else
		text_format(to, "%s", name);
}

void progress_running(struct text *to, const char *name, uint64_t received, uint64_t size, uint64_t kept,
	uint32_t elapsed)
{
	uint32_t speed = rate(received, elapsed);

	put_name(to, name);
	text_format(to, "  ");
	if (received < kept)
		size = SINK_SIZE_UNKNOWN;
	if (size != SINK_SIZE_UNKNOWN && size >= received)
		text_format(to, "%u %%  ", share(received, size));
	progress_size(to, received);
	if (received < kept) {
		text_format(to, ", again to ");
		progress_size(to, kept);
	}
	if (size != SINK_SIZE_UNKNOWN) {
		text_format(to, " of ");
		progress_size(to, size);
	}
	text_format(to, "  ");
	progress_size(to, speed);
	text_format(to, "/s");
	if (size != SINK_SIZE_UNKNOWN && size >= received && speed) {
		uint64_t left = divide_u64(size - received + speed - 1, speed, NULL);

		text_format(to, "  %u s left", (unsigned)left);
	}
}

void progress_finished(struct text *to, const char *name, uint64_t size, uint32_t elapsed)
{
	put_name(to, name);
	text_format(to, "  ");
	progress_size(to, size);
	text_format(to, " in %u.%02u s (", elapsed / 1000, elapsed % 1000 / 10);
	progress_size(to, rate(size, elapsed));
	text_format(to, "/s)");
}

uint64_t progress_next(uint64_t before)
{
	uint64_t now = platform_now(), took = (now - before) * 20;

	return now + (took > REDRAW ? took : REDRAW);
}
