// SPDX-License-Identifier: BSD-2-Clause
// The list of sources in the order in which they are asked: roots, then own files and texts, then
// directories under a name.
#define _GNU_SOURCE
#include "server-stub/sources.h"
#include "server-stub/events.h"
#include "server-stub/log.h"
#include "server-stub/names.h"
#include "server-stub/segments.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAME_MAX_SENT = 4096, TRIES = 16 };
enum kind { ROOT, OWN, DIRECTORY };

struct entry {
	enum kind kind;
	char name[SOURCE_NAME];
	int fd;                // -1: a text
	source_writer *writer;
	void *owner;
	bool parts;                // machines ask for parts of it
	struct segments *segments; // which it has, NULL: they get the whole
};

struct sources {
	int self; // /proc/self/fd
	struct entry list[SOURCES];
	size_t count;
};

struct sources *sources_new(void)
{
	struct sources *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->self = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->self < 0) {
		free(s);
		return NULL;
	}
	return s;
}

static void entry_close(struct entry *e)
{
	if (e->fd >= 0)
		close(e->fd);
	segments_free(e->segments);
}

void sources_free(struct sources *s)
{
	for (size_t i = 0; i < s->count; i++)
		entry_close(&s->list[i]);
	close(s->self);
	free(s);
}

// ---- the list --------------------------------------------------------------------------------

static struct entry *find_own(struct sources *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].kind == OWN && strcmp(s->list[i].name, name) == 0)
			return &s->list[i];
	return NULL;
}

static bool add(struct sources *s, const struct entry *e, const char *name)
{
	struct entry *place = e->kind == OWN ? find_own(s, name) : NULL;

	if (strlen(name) >= SOURCE_NAME || (!place && s->count == SOURCES)) {
		log_say(LOG_WARNING, "files", "there is no room for \"%s\"", name);
		if (e->fd >= 0)
			close(e->fd);
		return false;
	}
	if (place)
		entry_close(place);
	else
		place = &s->list[s->count++];
	*place = *e;
	strcpy(place->name, name);
	return true;
}

bool sources_add_root(struct sources *s, int directory)
{
	return add(s, &(struct entry){.kind = ROOT, .fd = directory}, "");
}

bool sources_add_directory(struct sources *s, const char *name, int directory)
{
	return add(s, &(struct entry){.kind = DIRECTORY, .fd = directory}, name);
}

bool sources_set_file(struct sources *s, const char *name, int fd)
{
	return add(s, &(struct entry){.kind = OWN, .fd = fd}, name);
}

bool sources_set_text(struct sources *s, const char *name, source_writer *writer, void *owner)
{
	return add(s, &(struct entry){.kind = OWN, .fd = -1, .writer = writer, .owner = owner}, name);
}

bool sources_set_segments(struct sources *s, const char *name, int index)
{
	struct entry *e = find_own(s, name);
	struct stat st;

	if (!e || e->fd < 0 || fstat(e->fd, &st) < 0)
		return false;
	segments_free(e->segments);
	e->parts = true;
	e->segments = segments_read(index, (uint64_t)st.st_size);
	return e->segments != NULL;
}

void sources_remove(struct sources *s, const char *name)
{
	struct entry *e = find_own(s, name);

	if (!e)
		return;
	entry_close(e);
	s->count--;
	memmove(e, e + 1, (size_t)(s->list + s->count - e) * sizeof *e);
}

// ---- opening ---------------------------------------------------------------------------------

static int meaning(int error)
{
	switch (error) {
	case ENOTDIR:
	case ELOOP:
	case ENAMETOOLONG:
		return ENOENT;
	case EPERM:
		return EACCES;
	default:
		return error;
	}
}

// Takes the descriptor of a regular file.
static int describe(int fd, struct source *to)
{
	struct stat st;
	int error = fstat(fd, &st) == 0 ? 0 : errno;

	if (!error && !S_ISREG(st.st_mode))
		error = EACCES;
	if (error) {
		close(fd);
		return meaning(error);
	}
	*to = (struct source){
		.fd = fd,
		.size = (uint64_t)st.st_size,
		.modified = st.st_mtim.tv_sec,
		.modified_ns = (uint32_t)st.st_mtim.tv_nsec,
		.inode = st.st_ino,
	};
	return 0;
}

// EAGAIN: something was renamed meanwhile, so that the kernel could not be sure of a "..".
static int look(int directory, const char *name)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = syscall(SYS_openat2, directory, *name ? name : ".", &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

static int open_below(const struct sources *s, int directory, const char *name, struct source *to)
{
	char link[16];
	int path = look(directory, name), fd, error;
	struct stat st;

	if (path < 0)
		return meaning(errno);
	if (fstat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(path);
		return EACCES;
	}
	snprintf(link, sizeof link, "%d", path);
	fd = openat(s->self, link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	error = errno;
	close(path);
	return fd >= 0 ? describe(fd, to) : meaning(error);
}

static int open_text(const struct entry *e, const struct ipaddr *local, struct source *to)
{
	char *space = malloc(SOURCE_TEXT);
	struct text text = text_of(space, SOURCE_TEXT);

	if (!space)
		return ENOMEM;
	if (!e->writer(e->owner, local, &text) || text.cut) {
		free(space);
		return text.cut ? EFBIG : ENOENT;
	}
	*to = (struct source){.fd = -1, .text = space, .size = text.length};
	return 0;
}

static int open_own(const struct entry *e, const struct ipaddr *local, struct source *to)
{
	int fd;

	if (e->fd < 0)
		return open_text(e, local, to);
	fd = fcntl(e->fd, F_DUPFD_CLOEXEC, 0);
	return fd >= 0 ? describe(fd, to) : errno;
}

// Of an initramfs that can be cut: what machines ask for below its name.
static int open_cut(const struct entry *e, const char *name, struct source *to)
{
	int fd = e->segments ? segments_open(e->segments, e->fd, name, events_now()) : -1;

	return fd >= 0 ? describe(fd, to) : open_own(e, NULL, to);
}

struct question {
	char raw[NAME_MAX_SENT];  // for the kernel, which knows what ".." is behind a link
	char name[NAME_MAX_SENT]; // for the names in the list
	const struct ipaddr *local;
};

static int ask(const struct sources *s, const struct entry *e, const struct question *q,
	bool exactly, struct source *to)
{
	const char *rest;

	switch (e->kind) {
	case ROOT:
		return open_below(s, e->fd, q->raw, to);
	case OWN:
		if (exactly ? strcmp(q->name, e->name) == 0 : name_means(q->name, e->name))
			return open_own(e, q->local, to);
		rest = e->parts ? name_below(q->name, e->name) : NULL;
		return rest && *rest ? open_cut(e, rest, to) : ENOENT;
	default:
		rest = name_below(q->name, e->name);
		return rest ? open_below(s, e->fd, rest, to) : ENOENT;
	}
}

// 0 from the first that has it; else the first error that says more than that it is not there.
static int ask_all(const struct sources *s, enum kind kind, const struct question *q, bool exactly,
	struct source *to, int before)
{
	for (size_t i = 0; before && i < s->count; i++) {
		int error = s->list[i].kind == kind ? ask(s, &s->list[i], q, exactly, to) : ENOENT;

		if (!error || before == ENOENT)
			before = error;
	}
	return before;
}

int source_open(struct sources *s, const char *name, const struct ipaddr *local, struct source *to)
{
	struct question q = {.local = local};
	int error = ENOENT;

	*to = (struct source){.fd = -1};
	if (!name_clean(name, q.raw, sizeof q.raw) || !*q.raw)
		return ENOENT;
	strcpy(q.name, q.raw);
	name_normalise(q.name);
	error = ask_all(s, ROOT, &q, true, to, error);
	error = ask_all(s, OWN, &q, true, to, error);
	error = ask_all(s, OWN, &q, false, to, error);
	return ask_all(s, DIRECTORY, &q, true, to, error);
}

// ---- an open source --------------------------------------------------------------------------

bool source_read(const struct source *f, uint64_t offset, void *to, size_t length)
{
	char *at = to;

	if (f->fd < 0) {
		memcpy(to, f->text + offset, length);
		return true;
	}
	while (length > 0) {
		ssize_t got = pread(f->fd, at, length, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		offset += (uint64_t)got;
		length -= (size_t)got;
	}
	return true;
}

void source_close(struct source *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->text);
	*f = (struct source){.fd = -1};
}

const char *source_error(int error)
{
	switch (error) {
	case ENOENT:
		return "there is no such file here";
	case EACCES:
		return "the server may not read it, or it is no ordinary file";
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return "the server has too much to do; ask again";
	default:
		return "the server cannot read it";
	}
}
