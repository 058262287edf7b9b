// SPDX-License-Identifier: BSD-2-Clause
// The index is read once into rules, each of which names parts; a name chooses rules, and these mark
// parts. A chosen image is put together in memory, so that it is a file like any other to those who
// send it.
#define _GNU_SOURCE
#include "server-stub/segments.h"
#include "netstack/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RULES = 2048, ID = 10, HASH = 64 };

struct part {
	const char *name;
	struct segments_piece piece;
};

// "extra NAME PART,..." (no IDs) or "card NAME PART,... ID ..."
struct rule {
	const char *name, *ids;
	char *parts;
	bool extra;
};

struct cut {
	bool parts[SEGMENTS];
	int fd; // -1: none
	uint64_t used; // ms
};

struct segments {
	char *text; // split by NULs
	struct part parts[SEGMENTS];
	struct rule rules[RULES];
	size_t part_count, rule_count;
	struct cut cuts[SEGMENTS_CUTS];
};

// ---- the index -------------------------------------------------------------------------------

static const struct part *find(const struct segments *s, const char *name, size_t length)
{
	for (size_t i = 0; i < s->part_count; i++)
		if (strlen(s->parts[i].name) == length && !memcmp(s->parts[i].name, name, length))
			return &s->parts[i];
	return NULL;
}

// Marks what a list "PART,PART" or "-" names. False if one is not there.
static bool mark(const struct segments *s, const char *list, bool *marks)
{
	if (!strcmp(list, "-"))
		return true;
	while (*list) {
		size_t length = strcspn(list, ",");
		const struct part *part = find(s, list, length);

		if (!part)
			return false;
		marks[part - s->parts] = true;
		list += length + (list[length] == ',');
	}
	return true;
}

static bool read_part(struct segments *s, char *rest, uint64_t *offset)
{
	char *name = strsep(&rest, " "), *size = strsep(&rest, " ");
	struct part *part = &s->parts[s->part_count];

	if (s->part_count == SEGMENTS || !rest || strlen(rest) != HASH || !*name ||
		find(s, name, strlen(name)) ||
		!text_u64(size, strlen(size), 10, &part->piece.length) ||
		part->piece.length > UINT64_MAX - *offset)
		return false;
	part->name = name;
	part->piece.offset = *offset;
	*offset += part->piece.length;
	s->part_count++;
	return true;
}

static bool read_rule(struct segments *s, char *rest, bool extra)
{
	struct rule *r = &s->rules[s->rule_count];
	bool ignored[SEGMENTS];

	if (s->rule_count == RULES)
		return false;
	*r = (struct rule){.extra = extra, .name = strsep(&rest, " "), .parts = strsep(&rest, " ")};
	r->ids = rest ? rest : "";
	s->rule_count++;
	return r->parts && mark(s, r->parts, ignored);
}

static bool read_line(struct segments *s, char *line, uint64_t *offset)
{
	char *rest = line, *word = strsep(&rest, " ");

	if (!rest)
		return false;
	if (!strcmp(word, "segment"))
		return read_part(s, rest, offset);
	return (!strcmp(word, "extra") || !strcmp(word, "card")) &&
	       read_rule(s, rest, word[0] == 'e');
}

static bool read_lines(struct segments *s, uint64_t image_size)
{
	char *rest = s->text, *line = strsep(&rest, "\n");
	uint64_t offset = 0;

	if (strncmp(line, "segments 1 ", 11))
		return false;
	while ((line = strsep(&rest, "\n")) && *line)
		if (!read_line(s, line, &offset))
			return false;
	return s->part_count && offset == image_size && !(rest && *rest);
}

struct segments *segments_parse(const char *text, size_t length, uint64_t image_size)
{
	struct segments *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	for (size_t i = 0; i < SEGMENTS_CUTS; i++)
		s->cuts[i].fd = -1;
	s->text = strndup(text, length);
	if (s->text && read_lines(s, image_size))
		return s;
	segments_free(s);
	return NULL;
}

struct segments *segments_read(int fd, uint64_t image_size)
{
	struct stat st;
	struct segments *s = NULL;
	char *text;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > SEGMENTS_INDEX)
		return NULL;
	text = malloc((size_t)st.st_size + 1);
	if (text && pread(fd, text, (size_t)st.st_size, 0) == st.st_size) {
		text[st.st_size] = 0;
		s = segments_parse(text, (size_t)st.st_size, image_size);
	}
	free(text);
	return s;
}

void segments_free(struct segments *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SEGMENTS_CUTS; i++)
		if (s->cuts[i].fd >= 0)
			close(s->cuts[i].fd);
	free(s->text);
	free(s);
}

// ---- what a name means -----------------------------------------------------------------------

// "8086-100e" or "8086:100E", up to the end of the name's first part, as "8086:100e".
static bool read_id(const char *name, char id[ID])
{
	for (size_t i = 0; i < ID - 1; i++) {
		bool good = i == 4 ? name[i] == '-' || name[i] == ':'
				   : isxdigit((unsigned char)name[i]);

		if (!good)
			return false;
		id[i] = i == 4 ? ':' : (char)tolower((unsigned char)name[i]);
	}
	id[ID - 1] = 0;
	return !name[ID - 1] || name[ID - 1] == '/';
}

// One half of a pattern, up to `end`: "*" or the digits.
static bool half_fits(const char *pattern, size_t length, const char *half)
{
	return (length == 1 && *pattern == '*') || (length == 4 && !memcmp(pattern, half, 4));
}

// Whether the list of patterns has one that fits.
static bool fits(const char *ids, const char *id)
{
	while (*ids) {
		size_t length = strcspn(ids, " "), colon = strcspn(ids, ": ");

		if (colon < length && half_fits(ids, colon, id) &&
			half_fits(ids + colon + 1, length - colon - 1, id + 5))
			return true;
		ids += length + (ids[length] == ' ');
	}
	return false;
}

// Whether "/no-WORD" stands behind the ID.
static bool is_left_out(const char *name, const char *word)
{
	size_t wanted = strlen(word);

	while ((name = strchr(name, '/'))) {
		size_t length = strcspn(++name, "/");

		if (length == wanted + 3 && !memcmp(name, "no-", 3) &&
			!memcmp(name + 3, word, wanted))
			return true;
	}
	return false;
}

// Marks the parts. False: the whole.
static bool choose(const struct segments *s, const char *name, bool *marks)
{
	bool known = false;
	char id[ID];

	if (!read_id(name, id))
		return false;
	marks[0] = true;
	for (size_t i = 0; i < s->rule_count; i++) {
		const struct rule *r = &s->rules[i];

		if (r->extra ? is_left_out(name, r->name) : !fits(r->ids, id))
			continue;
		known |= !r->extra;
		mark(s, r->parts, marks);
	}
	return known;
}

static size_t list_pieces(const struct segments *s, const bool *marks, struct segments_piece *pieces)
{
	size_t count = 0;

	for (size_t i = 0; i < s->part_count; i++)
		if (marks[i])
			pieces[count++] = s->parts[i].piece;
	return count;
}

size_t segments_choose(const struct segments *s, const char *name, struct segments_piece *pieces)
{
	bool marks[SEGMENTS] = {false};

	return choose(s, name, marks) ? list_pieces(s, marks, pieces) : 0;
}

// ---- files -----------------------------------------------------------------------------------

static bool copy(int to, int from, const struct segments_piece *piece)
{
	off_t at = (off_t)piece->offset;
	uint64_t left = piece->length;

	while (left > 0) {
		ssize_t moved = sendfile(to, from, &at, left);

		if (moved <= 0)
			return false;
		left -= (uint64_t)moved;
	}
	return true;
}

static int join(int image, const struct segments_piece *pieces, size_t count)
{
	int fd = memfd_create("initramfs", MFD_CLOEXEC);
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};
	struct stat st;
	bool good = fd >= 0 && fstat(image, &st) == 0;

	for (size_t i = 0; good && i < count; i++)
		good = copy(fd, image, &pieces[i]);
	if (good) {
		times[1] = st.st_mtim;
		futimens(fd, times);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

// The one with these parts, else the place of the one that has not been asked for the longest. NULL where
// all have been lately: an image that loses its place stays in memory for as long as somebody loads it.
static struct cut *find_cut(struct segments *s, const bool *marks, uint64_t now)
{
	struct cut *oldest = &s->cuts[0];

	for (size_t i = 0; i < SEGMENTS_CUTS; i++) {
		if (s->cuts[i].fd >= 0 && !memcmp(s->cuts[i].parts, marks, sizeof s->cuts[i].parts))
			return &s->cuts[i];
		if (s->cuts[i].fd < 0 || (oldest->fd >= 0 && s->cuts[i].used < oldest->used))
			oldest = &s->cuts[i];
	}
	if (oldest->fd < 0)
		return oldest;
	if (now - oldest->used < SEGMENTS_KEPT)
		return NULL;
	close(oldest->fd);
	oldest->fd = -1;
	return oldest;
}

int segments_open(struct segments *s, int image, const char *name, uint64_t now)
{
	struct segments_piece pieces[SEGMENTS];
	bool marks[SEGMENTS] = {false};
	struct cut *c;

	if (!choose(s, name, marks))
		return -1;
	c = find_cut(s, marks, now);
	if (!c)
		return -1;
	c->used = now;
	if (c->fd < 0) {
		memcpy(c->parts, marks, sizeof c->parts);
		c->fd = join(image, pieces, list_pieces(s, marks, pieces));
	}
	return c->fd < 0 ? -1 : fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
}
