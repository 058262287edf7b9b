// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/segments.h"
#include "initramfs/mklanyard/output.h"
#include "initramfs/mklanyard/table.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGE = 700000 }; // bytes of files in a part

static const char firmware_folder[] = "lib/firmware/";

// ---- the parts -------------------------------------------------------------------------------

static struct image *image_of(struct segments *s, struct image *common, size_t part)
{
	return part == DIVISION_COMMON ? common : &s->images[part];
}

static void add_module(struct segments *s, struct image *common, size_t place)
{
	const struct modules *modules = s->division.modules;
	const struct module *m = &modules->list[place];
	size_t part = s->division.place[place];
	struct image *i = image_of(s, common, part);
	struct buffer path = {0};

	image_add_file(i, m->target, 0644, m->content.bytes, m->content.length);
	if (part == DIVISION_COMMON) {
		table_write_line(modules, place, &s->common);
		return;
	}
	table_write_line(modules, place, &s->lines[place]);
	buffer_format(&path, "lanyard/modules.d/%04zu-%s", place, m->name);
	buffer_add(&path, "", 1);
	image_add_file(i, (char *)path.bytes, 0644, s->lines[place].bytes, s->lines[place].length);
	buffer_free(&path);
}

static void add_firmware(struct segments *s, struct image *common, const struct firmware_file *one)
{
	const char *name = one->target + strlen(firmware_folder);
	struct image *i = image_of(s, common, division_of_firmware(&s->division, name));

	image_add_file(i, one->target, 0644, one->content.bytes, one->content.length);
}

bool segments_fill(struct segments *s, const struct modules *m, const struct firmware *w,
	struct image *common, struct fault *f)
{
	bool good = true;

	division_make(&s->division, m);
	s->images = buffer_memory(s->division.count, sizeof *s->images);
	s->lines = buffer_memory(m->count, sizeof *s->lines);
	for (size_t i = 0; i < m->count; i++)
		add_module(s, common, i);
	image_add_file(common, "lanyard/modules", 0644, s->common.bytes, s->common.length);
	for (size_t i = 0; i < w->count; i++)
		add_firmware(s, common, &w->list[i]);
	for (size_t i = DIVISION_COMMON + 1; i < s->division.count; i++)
		good = good && image_sort(&s->images[i], f);
	return good;
}

// What every machine loads is worth the time; drivers of a few machines, which are large, are not.
void segments_cut(
	const struct segments *s, struct archives *a, const struct image *common, bool small)
{
	archives_add(a, common, DENSITY_MOST);
	for (size_t i = DIVISION_COMMON + 1; i < s->division.count; i++) {
		const struct image *one = &s->images[i];
		enum density density = image_total(one) <= LARGE ? DENSITY_MEDIUM : DENSITY_QUICK;

		if (small || !division_is_for_cards(&s->division, i))
			density = DENSITY_MOST;
		archives_add(a, one, density);
	}
}

// ---- the files -------------------------------------------------------------------------------

static bool write_part(const char *directory, const char *name, const uint8_t *bytes, size_t length,
	struct fault *f)
{
	const struct buffer content = {(uint8_t *)bytes, length, length};
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
		return fault_set(
			f, FAULT_IMAGE_WRITE, "('%s': %s)", directory, strerror(ENAMETOOLONG));
	return output_write(path, &content, f);
}

static void add_line(struct buffer *index, const char *name, const uint8_t *bytes, size_t length)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char text[2 * sizeof hash + 1];

	crypto_hash_sha256(hash, bytes, length);
	sodium_bin2hex(text, sizeof text, hash, sizeof hash);
	buffer_format(index, "segment %s %zu %s\n", name, length, text);
}

static bool write_parts(const struct segments *s, const char *directory, const struct archives *a,
	const struct buffer *whole, size_t front, struct buffer *index, struct fault *f)
{
	const uint8_t *at = whole->bytes;
	char file[NAME_MAX];

	for (size_t i = 0; i < s->division.count; i++) {
		const char *name = s->division.names[i];
		size_t length = a->list[i].packed.length + (i == DIVISION_COMMON ? front : 0);

		snprintf(file, sizeof file, "%s.img", name);
		if (!write_part(directory, file, at, length, f))
			return false;
		add_line(index, name, at, length);
		at += length;
	}
	return true;
}

bool segments_write(const struct segments *s, const char *directory, const struct archives *a,
	const struct buffer *whole, size_t front, const char *title, struct fault *f)
{
	struct buffer index = {0};
	bool good;

	if (sodium_init() < 0 || (mkdir(directory, 0755) < 0 && errno != EEXIST))
		return fault_set(f, FAULT_IMAGE_WRITE, "('%s': %s)", directory, strerror(errno));
	buffer_format(&index, "segments 1 %s\n", title);
	good = write_parts(s, directory, a, whole, front, &index, f);
	division_write_extras(&s->division, &index);
	division_write_cards(&s->division, &index);
	good = good && write_part(directory, "index", index.bytes, index.length, f);
	buffer_free(&index);
	return good;
}

void segments_free(struct segments *s)
{
	for (size_t i = 0; i < s->division.count; i++)
		image_free(&s->images[i]);
	for (size_t i = 0; s->lines && i < s->division.modules->count; i++)
		buffer_free(&s->lines[i]);
	free(s->images);
	free(s->lines);
	buffer_free(&s->common);
	division_free(&s->division);
}
