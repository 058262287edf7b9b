// SPDX-License-Identifier: BSD-2-Clause
// Any bytes as the head of a kernel image: an image or a fault, of files of every length.
#include "bootloader/linux.h"
#include "netstack/sink.h"
#include "tests/fuzz/harness.h"

static void try(const uint8_t *head, size_t length, uint64_t size)
{
	struct linux_image image;
	struct fault fault = {0};

	if (linux_parse(&image, head, length, size, &fault)) {
		PROMISE(image.machine != LINUX_UNKNOWN);
		PROMISE(memchr(image.version, 0, sizeof image.version));
		PROMISE(image.machine != LINUX_X86 || image.setup_size >= 1024);
	} else {
		PROMISE(fault.id == FAULT_KERNEL_BAD || fault.id == FAULT_KERNEL_CUT ||
			(fault.id == FAULT_FILE_EMPTY && length == 0));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct linux_image image;

	if (linux_program(&image, bytes, length))
		PROMISE(image.machine != LINUX_UNKNOWN && image.program);
	try(bytes, length, length);
	try(bytes, length, SINK_SIZE_UNKNOWN);
	try(bytes, length, length + 12000000);
	return 0;
}
