// SPDX-License-Identifier: BSD-2-Clause
#include "efi/path.h"
#include "efi/firmware.h"
#include "netstack/base/memory.h"

enum { HEADER = 4 };

static size_t node_length(const EFI_DEVICE_PATH *node)
{
	return (size_t)(node->Length[0] | node->Length[1] << 8);
}

static bool is_end(const EFI_DEVICE_PATH *node)
{
	return (node->Type & 0x7f) == (END_DEVICE_PATH_TYPE & 0x7f) || node_length(node) < HEADER;
}

const EFI_DEVICE_PATH *path_next(const EFI_DEVICE_PATH *node)
{
	if (is_end(node))
		return NULL;
	node = (const EFI_DEVICE_PATH *)((const uint8_t *)node + node_length(node));
	return is_end(node) ? NULL : node;
}

const EFI_DEVICE_PATH *path_find(const EFI_DEVICE_PATH *path, uint8_t type, uint8_t subtype)
{
	if (!path || is_end(path))
		return NULL;
	for (; path; path = path_next(path))
		if (path->Type == type && path->SubType == subtype)
			return path;
	return NULL;
}

size_t path_length(const EFI_DEVICE_PATH *path)
{
	size_t length = 0;

	for (; path && !is_end(path); path = path_next(path))
		length += node_length(path);
	return length;
}

bool path_starts(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *start)
{
	const size_t length = path_length(start);

	return path && length && path_length(path) >= length && memcmp(path, start, length) == 0;
}

EFI_DEVICE_PATH *path_copy(const EFI_DEVICE_PATH *path)
{
	static const EFI_DEVICE_PATH end = {END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE,
		{HEADER, 0}};
	const size_t length = path_length(path);
	void *copy;

	if (firmware_services->AllocatePool(EfiLoaderData, length + HEADER, &copy))
		return NULL;
	memcpy(copy, path, length);
	memcpy((uint8_t *)copy + length, &end, HEADER);
	return copy;
}
