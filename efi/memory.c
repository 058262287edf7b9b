// SPDX-License-Identifier: BSD-2-Clause
// Memory from the firmware's map, which is read anew for each reservation: the firmware, too, takes
// from it at any time. What is reserved is loader data, which Linux counts as free once it runs.
#include "efi/firmware.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"

enum { PAGE = 4096, SLACK = 16 };

struct map {
	uint8_t *bytes;
	UINTN size, stride;
};

static bool map_read(struct map *m)
{
	UINTN key;
	UINT32 version;
	EFI_STATUS status;

	m->size = 0;
	m->bytes = NULL;
	status = firmware_services->GetMemoryMap(&m->size, NULL, &key, &m->stride, &version);
	if (status != EFI_BUFFER_TOO_SMALL || m->stride < sizeof(EFI_MEMORY_DESCRIPTOR))
		return false;
	m->size += SLACK * m->stride; // the allocation itself splits entries
	if (firmware_services->AllocatePool(EfiLoaderData, m->size, (void **)&m->bytes))
		return false;
	status = firmware_services->GetMemoryMap(&m->size, (void *)m->bytes, &key, &m->stride, &version);
	if (!EFI_ERROR(status) && m->stride >= sizeof(EFI_MEMORY_DESCRIPTOR))
		return true;
	firmware_services->FreePool(m->bytes);
	return false;
}

static const EFI_MEMORY_DESCRIPTOR *map_next(const struct map *m, UINTN *at)
{
	const EFI_MEMORY_DESCRIPTOR *d;

	while (*at + m->stride <= m->size) {
		d = (const void *)(m->bytes + *at);
		*at += m->stride;
		if (d->Type == EfiConventionalMemory && d->NumberOfPages)
			return d;
	}
	return NULL;
}

// The place inside one span; false if it does not fit.
static bool fit(const struct platform_place *want, const EFI_MEMORY_DESCRIPTOR *d, uint64_t *at)
{
	const uint64_t align = want->align > PAGE ? want->align : PAGE, mask = align - 1;
	const uint64_t size = (want->size + PAGE - 1) & -(uint64_t)PAGE;
	const uint64_t end = d->PhysicalStart + d->NumberOfPages * PAGE;
	const uint64_t top = end - 1 < want->max ? end : want->max + 1;
	uint64_t low = d->PhysicalStart > want->min ? d->PhysicalStart : want->min;

	low = (low + mask) & ~mask;
	if (low >= top || top - low < size)
		return false;
	*at = want->top ? (top - size) & ~mask : low;
	return *at >= low;
}

static bool find(const struct platform_place *want, uint64_t *best)
{
	const EFI_MEMORY_DESCRIPTOR *d;
	bool found = false;
	struct map map;
	uint64_t at;

	if (!map_read(&map))
		return false;
	for (UINTN i = 0; (d = map_next(&map, &i));)
		if (fit(want, d, &at) && (!found || (want->top ? at > *best : at < *best))) {
			*best = at;
			found = true;
		}
	firmware_services->FreePool(map.bytes);
	return found;
}

static UINTN pages(uint64_t size)
{
	return (UINTN)((size + PAGE - 1) / PAGE);
}

uint8_t *platform_reserve(const struct platform_place *want)
{
	EFI_PHYSICAL_ADDRESS at;

	if (!want->size || want->size > UINT64_MAX - PAGE || !find(want, &at) ||
		firmware_services->AllocatePages(AllocateAddress, EfiLoaderData, pages(want->size), &at))
		return NULL;
	return (uint8_t *)(uintptr_t)at;
}

void platform_release(uint8_t *at, uint64_t size)
{
	if (size)
		firmware_services->FreePages((uintptr_t)at, pages(size));
}

uint64_t platform_memory_free(void)
{
	const EFI_MEMORY_DESCRIPTOR *d;
	uint64_t total = 0;
	struct map map;

	if (!map_read(&map))
		return 0;
	for (UINTN i = 0; (d = map_next(&map, &i));)
		total += d->NumberOfPages * PAGE;
	firmware_services->FreePool(map.bytes);
	return total;
}

// The firmware copies the kernel out of the file, so that this may lie anywhere.
uint8_t *platform_reserve_kernel(const struct linux_image *image, uint64_t size, struct fault *fault)
{
	const struct platform_place place = {.size = size, .min = 0x100000, .max = UINT64_MAX, .top = true};
	uint8_t *at;

	if (!image->pe) {
		fault_set(fault, FAULT_KERNEL_BAD,
			": it has no EFI stub (CONFIG_EFI_STUB), which UEFI starts kernels by");
		return NULL;
	}
	at = platform_reserve(&place);
	if (!at)
		fault_set(fault, FAULT_MEMORY, "for the kernel: its file has %u MiB, and %u MiB are free "
			"in all", (unsigned)(size >> 20) + 1, (unsigned)(platform_memory_free() >> 20));
	return at;
}
