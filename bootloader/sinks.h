// SPDX-License-Identifier: BSD-2-Clause
// Where fetched bytes go: texts into a buffer, kernels to the place where the platform starts them,
// initrds into their part of one region.
#pragma once

#include "bootloader/linux.h"
#include "netstack/sink.h"

// A bounded text.
struct sink_text {
	struct sink sink;
	char *to;
	size_t size;   // of the buffer
	size_t length; // once committed
};
void sink_text(struct sink_text *s, char *to, size_t size);

// A kernel. Its first LINUX_HEAD bytes are kept back until they say where all of it has to go.
struct sink_kernel {
	struct sink sink;
	enum linux_machine machine; // what this computer can run
	bool programs;              // and EFI programs other than Linux, too
	struct linux_image image;   // once its head is there
	uint8_t *at;                // the place reserved, NULL: none yet
	uint64_t room;              // its size
	uint64_t size;              // announced, then (committed) true
	const struct packed_kernel *packing; // how it may be packed besides, NULL: not at all
	uint8_t *packed;            // the place of the packed file, NULL: it is not packed
	uint64_t packed_room;
	size_t head_length;
	uint8_t head[LINUX_HEAD];
};
void sink_kernel(struct sink_kernel *s, enum linux_machine machine);
// After the transfer: unpacks what came packed.
bool sink_kernel_finish(struct sink_kernel *s, struct fault *fault);
// For that: the head is in s->head and says where the kernel has to go; and whether it is all there.
bool sink_kernel_place(struct sink_kernel *s, struct fault *fault);
bool sink_kernel_complete(const struct sink_kernel *s, uint64_t size, struct fault *fault);
// Gives the place back.
void sink_kernel_release(struct sink_kernel *s);

// A given piece of memory: an initrd whose size was known, or one of unknown size that is staged.
struct sink_memory {
	struct sink sink;
	uint8_t *at;
	uint64_t room;
	uint64_t size; // once committed
};
void sink_memory(struct sink_memory *s, uint8_t *at, uint64_t room);
