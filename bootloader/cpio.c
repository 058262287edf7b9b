// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/cpio.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

enum { HEADER = 110, REGULAR = 0100400, DIRECTORY = 040700 };

static size_t padded(size_t length)
{
	return (length + 3) & ~(size_t)3;
}

size_t cpio_file_size(const char *name, size_t length)
{
	return padded(HEADER + strlen(name) + 1) + padded(length);
}

static void pad(struct writer *w)
{
	write_zeros(w, padded(writer_length(w)) - writer_length(w));
}

// magic ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
static void header(struct writer *w, const char *name, uint32_t mode, uint32_t links, size_t length)
{
	char buffer[HEADER + 1];
	struct text t = text_of(buffer, sizeof buffer);
	uint32_t ino = mode ? (uint32_t)writer_length(w) / 4 + 1 : 0;

	text_format(&t, "070701%08X%08X%08X%08X%08X%08X%08X", ino, mode, 0u, 0u, links, 0u,
		(unsigned)length);
	text_format(&t, "%08X%08X%08X%08X%08X%08X", 0u, 0u, 0u, 0u, (unsigned)strlen(name) + 1, 0u);
	write_bytes(w, buffer, HEADER);
	write_string(w, name);
	pad(w);
}

void cpio_directory(struct writer *w, const char *name)
{
	header(w, name, DIRECTORY, 2, 0);
}

void cpio_file(struct writer *w, const char *name, const void *bytes, size_t length)
{
	header(w, name, REGULAR, 1, length);
	write_bytes(w, bytes, length);
	pad(w);
}

void cpio_trailer(struct writer *w)
{
	header(w, "TRAILER!!!", 0, 1, 0);
}
