// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/nfs/table_log.h"
#include "netstack/base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RECORD_MAX = 1 + 2 * TABLE_NAME + 1 + 255 };

static void read_name(struct reader *r, struct table_record *to)
{
	uint8_t length;

	read_bytes(r, to->directory, TABLE_NAME);
	length = read_u8(r);
	read_bytes(r, to->name, length);
	to->name[length] = 0;
	// Whoever wrote it: a name is one component.
	if (length == 0 || memchr(to->name, '/', length) || strlen(to->name) != length)
		r->failed = true;
}

static bool read_record(struct reader *r, struct table_record *to)
{
	*to = (struct table_record){.kind = (char)read_u8(r)};
	if (to->kind == 'E')
		to->type = read_u8(r);
	read_bytes(r, to->child, TABLE_NAME);
	if (to->kind == 'N' || to->kind == 'U')
		read_name(r, to);
	else if (to->kind != 'E' && to->kind != 'D')
		r->failed = true;
	return !r->failed;
}

static void write_record(struct writer *w, const struct table_record *r)
{
	uint8_t length = (uint8_t)strlen(r->name);

	write_u8(w, (uint8_t)r->kind);
	if (r->kind == 'E')
		write_u8(w, r->type);
	write_bytes(w, r->child, TABLE_NAME);
	if (r->kind != 'N' && r->kind != 'U')
		return;
	write_bytes(w, r->directory, TABLE_NAME);
	write_u8(w, length);
	write_bytes(w, r->name, length);
}

static bool read_all(struct table_log *log,
	void (*replay)(void *context, const struct table_record *r), void *context)
{
	int fd = openat(log->directory, log->file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	off_t length = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	struct table_record record;
	struct reader r;
	void *bytes;

	if (length <= 0) {
		bool none = fd >= 0 || errno == ENOENT;

		if (fd >= 0)
			close(fd);
		return none;
	}
	bytes = mmap(NULL, (size_t)length, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return false;
	r = reader_of(bytes, (size_t)length);
	while (reader_left(&r) && read_record(&r, &record))
		replay(context, &record);
	munmap(bytes, (size_t)length);
	return true;
}

bool table_log_open(struct table_log *log, const char *state, uint32_t id,
	void (*replay)(void *context, const struct table_record *r), void *context, char *error,
	size_t size)
{
	*log = (struct table_log){.directory = -1, .fd = -1};
	if (!state)
		return true;
	snprintf(log->file, sizeof log->file, "handles-%08x", (unsigned)id);
	log->directory = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (log->directory >= 0 && read_all(log, replay, context))
		return true;
	snprintf(error, size, "%s/%s: %s", state, log->file, strerror(errno));
	return false;
}

void table_log_close(struct table_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	if (log->directory >= 0)
		close(log->directory);
	log->fd = log->directory = -1;
}

void table_log_write(struct table_log *log, const struct table_record *record)
{
	uint8_t bytes[RECORD_MAX];
	struct writer w = writer_of(bytes, sizeof bytes);
	off_t end;

	if (log->fd < 0)
		return;
	write_record(&w, record);
	log->records++;
	end = lseek(log->fd, 0, SEEK_END);
	if (w.failed || write(log->fd, bytes, writer_length(&w)) == (ssize_t)writer_length(&w))
		return;
	// Half a record would hide all that come after it.
	if (ftruncate(log->fd, end) != 0) {
		close(log->fd);
		log->fd = -1;
	}
}

static void fresh_name(const struct table_log *log, char *to, size_t size)
{
	snprintf(to, size, "%s.new", log->file);
}

bool table_log_begin(struct table_log *log)
{
	char name[48];
	int fd;

	if (log->directory < 0)
		return false;
	fresh_name(log, name, sizeof name);
	unlinkat(log->directory, name, 0);
	fd = openat(log->directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	if (log->fd >= 0)
		close(log->fd);
	log->fd = fd;
	log->records = 0;
	return true;
}

void table_log_end(struct table_log *log)
{
	char name[48];

	fresh_name(log, name, sizeof name);
	if (log->fd >= 0 && fsync(log->fd) == 0)
		renameat(log->directory, name, log->directory, log->file);
}
