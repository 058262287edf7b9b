// SPDX-License-Identifier: BSD-2-Clause
// The simulated machine's memory: one mapping, in which physical address 0 is its first byte. What
// is not reserved is poisoned, so that AddressSanitizer sees every byte written astray.
#include "tests/host/host.h"

#include <sanitizer/asan_interface.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCKS = 32, LOWEST = 0x100000 };

struct block {
	uint64_t start, end; // physical addresses; start == end: free place in the table
};

static uint8_t *memory;
static struct block blocks[BLOCKS];

static void map(void)
{
	memory = mmap(NULL, options.memory, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		host_die("memory for the arena");
	ASAN_POISON_MEMORY_REGION(memory, options.memory);
}

static bool is_free(uint64_t start, uint64_t end)
{
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i].start != blocks[i].end && start < blocks[i].end && end > blocks[i].start)
			return false;
	return true;
}

static uint8_t *take(uint64_t start, uint64_t size)
{
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i].start == blocks[i].end) {
			blocks[i] = (struct block){start, start + size};
			ASAN_UNPOISON_MEMORY_REGION(memory + start, size);
			memset(memory + start, 0xa5, size); // nobody may rely on zeros
			return memory + start;
		}
	return NULL;
}

// A place that begins at or after `at` (or, from the top, ends at or before it), if it is allowed.
static bool try_place(const struct platform_place *want, uint64_t at, uint64_t *start)
{
	uint64_t mask = want->align - 1, top = want->max < options.memory ? want->max + 1 : options.memory;

	if (want->top && (at > top ? top : at) < want->size)
		return false;
	*start = want->top ? ((at > top ? top : at) - want->size) & ~mask
			   : ((at < want->min ? want->min : at) + mask) & ~mask;
	return *start >= want->min && *start >= LOWEST && *start + want->size <= top &&
	       is_free(*start, *start + want->size);
}

uint8_t *platform_reserve(const struct platform_place *want)
{
	uint64_t best = want->top ? 0 : UINT64_MAX, start;
	bool found = try_place(want, want->top ? options.memory : LOWEST, &start);

	if (!memory)
		map();
	if (found)
		best = start;
	for (int i = 0; i < BLOCKS; i++) {
		uint64_t edge = want->top ? blocks[i].start : blocks[i].end;

		if (blocks[i].start == blocks[i].end || !try_place(want, edge, &start))
			continue;
		if (!found || (want->top ? start > best : start < best))
			best = start;
		found = true;
	}
	return found && want->size ? take(best, want->size) : NULL;
}

void platform_release(uint8_t *at, uint64_t size)
{
	uint64_t start = (uint64_t)(at - memory);

	(void)size;
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i].start == start && blocks[i].end > start) {
			ASAN_POISON_MEMORY_REGION(at, blocks[i].end - start);
			blocks[i] = (struct block){0};
			return;
		}
	host_die("memory was released that is not reserved");
}

// As a BIOS places it: the protected-mode part at its preferred address, else at the lowest that it
// can be moved to, with init_size bytes; the real-mode part just before it.
uint8_t *platform_reserve_kernel(const struct linux_image *image, uint64_t size, struct fault *fault)
{
	uint64_t rest = size - image->setup_size, room = rest > image->init_size ? rest : image->init_size;
	uint64_t pref = image->pref_address ? image->pref_address : LOWEST;
	uint64_t align = image->alignment > 1 ? image->alignment : 1;
	uint64_t at = pref;

	if (!memory)
		map();
	while (!is_free(at - image->setup_size, at + room) && image->relocatable && at < options.memory)
		at = (at + align) & ~(align - 1);
	if (at + room > options.memory || !is_free(at - image->setup_size, at + room)) {
		fault_set(fault, FAULT_MEMORY, "(the kernel needs %llu MB, the machine has %llu MB)",
			(unsigned long long)(at + room) >> 20, (unsigned long long)options.memory >> 20);
		return NULL;
	}
	// The bytes beyond the file are the kernel's own business: they stay out of reach.
	uint8_t *file = take(at - image->setup_size, image->setup_size + room);

	if (file)
		ASAN_POISON_MEMORY_REGION(file + size, image->setup_size + room - size);
	return file;
}

uint64_t platform_memory_free(void)
{
	uint64_t free = options.memory - LOWEST;

	for (int i = 0; i < BLOCKS; i++)
		free -= blocks[i].end - blocks[i].start;
	return free;
}
