// SPDX-License-Identifier: BSD-2-Clause
// What clients may get by TFTP and HTTP, under the names by which they ask for it.
//
// In this order: the directories given by --tftp-root; the files that lanyardd itself has to offer,
// such as the kernel, the initramfs and the boot programs; directories under a name, such as the
// tree's boot/. Nothing outside of these can be reached: names are resolved by
// openat2(RESOLVE_IN_ROOT), so a link inside a directory works and one out of it does not. Only
// regular files are opened; of anything else not more than its kind is looked at.
//
// Names come as a client sent them (server-stub/names.h).
#pragma once

#include "netstack/base/ipaddr.h"
#include "netstack/base/text.h"

#include <sys/types.h>

enum { SOURCES = 64, SOURCE_NAME = 256, SOURCE_TEXT = 16384 };

struct sources;

// An open file, or a made-up text. Released by source_close.
struct source {
	int fd;         // -1: a text
	char *text;
	uint64_t size;
	int64_t modified; // seconds since 1970; 0 for a text
	uint32_t modified_ns;
	uint64_t inode;   // 0 for a text
};

// Writes the text for one client; `local` is the server's address that the client speaks to. False
// where there is none for it.
typedef bool source_writer(void *owner, const struct ipaddr *local, struct text *to);

// In the process that will use it, and before it loses sight of /proc: a file is looked at first and
// then opened through /proc/self/fd, so that what is opened is what was looked at. NULL and errno.
struct sources *sources_new(void);
void sources_free(struct sources *s);
// The descriptor is the sources' from then on, also if there are too many of them or the name is too
// long, which gives false. A name that is there already is replaced: transfers under way keep the old
// file.
bool sources_add_root(struct sources *s, int directory);
bool sources_add_directory(struct sources *s, const char *name, int directory);
bool sources_set_file(struct sources *s, const char *name, int fd);
bool sources_set_text(struct sources *s, const char *name, source_writer *writer, void *owner);
// The file of that name is an initramfs that can be cut to a machine's network card (segments.h), by
// names below its own. The index stays the caller's. False if it is none of this file: then these
// names give the whole.
bool sources_set_segments(struct sources *s, const char *name, int index);
void sources_remove(struct sources *s, const char *name);
// 0, or an errno value that says why there is nothing: ENOENT, EACCES (a directory, a device, not
// readable), EMFILE and others.
int source_open(struct sources *s, const char *name, const struct ipaddr *local, struct source *to);
// Exactly `length` bytes at `offset`, both within the size; false if they cannot be read any more.
bool source_read(const struct source *f, uint64_t offset, void *to, size_t length);
void source_close(struct source *f);
// For a client to read: what one of those errors means.
const char *source_error(int error);
