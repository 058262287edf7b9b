// SPDX-License-Identifier: BSD-2-Clause
// Compression that Linux undoes before it unpacks the archive (lib/decompress_*.c of the kernel).
//
// zstd: one frame. xz: check CRC32 (the kernel's decoder knows no CRC64), a dictionary no larger
// than the data. gzip: no name and no time in the header. Same input, same bytes.
#pragma once

#include "initramfs/mklanyard/buffer.h"
#include "netstack/base/fault.h"

enum compression { COMPRESS_NONE, COMPRESS_GZIP, COMPRESS_XZ, COMPRESS_ZSTD, COMPRESS_AUTO };

// False if there is no compression of that name.
bool compress_by_name(const char *name, enum compression *c);
const char *compress_name(enum compression c);
// Whether a kernel built with this configuration (text with lines such as CONFIG_RD_ZSTD=y) unpacks
// an initramfs compressed so.
bool compress_is_known_to(enum compression c, const char *config, size_t length);
// The best that the kernel knows; `config` NULL where nothing is known of the kernel.
enum compression compress_best(const char *config, size_t length);
enum density {
	DENSITY_QUICK,  // many times quicker than the densest
	DENSITY_MEDIUM, // twice as quick
	DENSITY_MOST,   // as small as it gets
};
// Appends the packed form of `from`.
bool compress_pack(enum compression c, enum density density, const struct buffer *from, struct buffer *to,
	struct fault *f);
