// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/image.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool has(const struct image *i, const char *path, size_t length)
{
	for (size_t n = 0; n < i->count; n++)
		if (!strncmp(i->list[n].path, path, length) && !i->list[n].path[length])
			return true;
	return false;
}

bool image_has(const struct image *i, const char *path)
{
	return has(i, path, strlen(path));
}

static struct image_entry *add(struct image *i, const char *path, mode_t mode)
{
	char parent[PATH_MAX] = "";
	const char *slash = strrchr(path, '/');

	if (slash)
		strncat(parent, path, (size_t)(slash - path));
	if (slash && !has(i, parent, strlen(parent)))
		image_add_directory(i, parent);
	i->list = buffer_resize(i->list, i->count + 1, sizeof *i->list);
	i->list[i->count] = (struct image_entry){.path = buffer_copy(path), .mode = mode};
	return &i->list[i->count++];
}

void image_add_directory(struct image *i, const char *path)
{
	add(i, path, S_IFDIR | 0755);
}

void image_add_file(
	struct image *i, const char *path, mode_t permissions, const uint8_t *bytes, size_t length)
{
	struct image_entry *e = add(i, path, S_IFREG | permissions);

	e->bytes = bytes;
	e->length = length;
}

void image_add_link(struct image *i, const char *path, const char *target)
{
	struct image_entry *e = add(i, path, S_IFLNK | 0777);

	e->bytes = (const uint8_t *)target;
	e->length = strlen(target);
}

void image_add_device(
	struct image *i, const char *path, mode_t permissions, unsigned major, unsigned minor)
{
	struct image_entry *e = add(i, path, S_IFCHR | permissions);

	e->major = major;
	e->minor = minor;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct image_entry *)a)->path, ((const struct image_entry *)b)->path);
}

size_t image_total(const struct image *i)
{
	size_t total = 0;

	for (size_t n = 0; n < i->count; n++)
		total += i->list[n].length;
	return total;
}

bool image_sort(struct image *i, struct fault *f)
{
	qsort(i->list, i->count, sizeof *i->list,
		by_path); // a directory sorts before what is in it
	for (size_t n = 1; n < i->count; n++)
		if (!by_path(&i->list[n - 1], &i->list[n]))
			return fault_set(
				f, FAULT_MODULE_INDEX, "(two files are '%s')", i->list[n].path);
	return true;
}

static la_ssize_t append(struct archive *a, void *to, const void *bytes, size_t length)
{
	(void)a;
	buffer_add(to, bytes, length);
	return (la_ssize_t)length;
}

static bool write_entry(
	struct archive *a, const struct image_entry *e, int64_t number, uint32_t mtime)
{
	struct archive_entry *header = archive_entry_new();
	bool directory = S_ISDIR(e->mode), link = S_ISLNK(e->mode), good;

	if (!header)
		return false;
	archive_entry_set_pathname(header, e->path);
	archive_entry_set_mode(header, e->mode);
	archive_entry_set_nlink(header, directory ? 2 : 1);
	archive_entry_set_ino64(header, number);
	archive_entry_set_uid(header, 0);
	archive_entry_set_gid(header, 0);
	archive_entry_set_mtime(header, mtime, 0);
	archive_entry_set_rdevmajor(header, e->major);
	archive_entry_set_rdevminor(header, e->minor);
	if (link)
		archive_entry_set_symlink(header, (const char *)e->bytes);
	archive_entry_set_size(
		header, link ? 0 : (la_int64_t)e->length); // a link's it knows itself
	good = archive_write_header(a, header) == ARCHIVE_OK &&
	       (link || !e->length ||
		       archive_write_data(a, e->bytes, e->length) == (la_ssize_t)e->length);
	archive_entry_free(header);
	return good;
}

bool image_write(const struct image *i, size_t first, size_t count, uint32_t mtime,
	struct buffer *to, struct fault *f)
{
	struct archive *a = archive_write_new();
	bool good = a && archive_write_set_format_cpio_newc(a) == ARCHIVE_OK &&
		    archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
		    archive_write_open(a, to, NULL, append, NULL) == ARCHIVE_OK;

	for (size_t n = first; good && n < first + count; n++)
		good = write_entry(a, &i->list[n], (int64_t)n + 1, mtime);
	good = good && archive_write_close(a) == ARCHIVE_OK;
	if (!good)
		fault_set(f, FAULT_IMAGE_WRITE, "(%s)", a ? archive_error_string(a) : "no memory");
	archive_write_free(a);
	return good;
}

void image_free(struct image *i)
{
	for (size_t n = 0; n < i->count; n++)
		free(i->list[n].path);
	free(i->list);
	*i = (struct image){0};
}
