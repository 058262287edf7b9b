// SPDX-License-Identifier: BSD-2-Clause
// Instead of starting Linux: prints what would have been started. The names of the initrds and
// where each ends are taken from the record, so that this reads what init would read.
#include "bootloader/limits.h"
#include "netstack/base/bytes.h"
#include "tests/host/host.h"

#include <stdlib.h>
#include <string.h>

enum { CPIO_HEADER = 110 };

struct entry {
	char name[64];
	uint32_t mode;
	const uint8_t *bytes;
	size_t length;
};

static uint32_t hex_field(const char *header, int number)
{
	uint32_t value = 0;

	if (!text_u32(header + 6 + 8 * number, 8, 16, &value))
		host_die("the record: a cpio header is damaged");
	return value;
}

static void align(struct reader *r, const uint8_t *start)
{
	while ((size_t)(r->at - start) % 4)
		read_skip(r, 1);
}

// The next file of the record; false at its trailer.
static bool next_entry(struct reader *r, const uint8_t *start, struct entry *e)
{
	char header[CPIO_HEADER];
	uint32_t name_size;

	read_bytes(r, header, sizeof header);
	if (r->failed || memcmp(header, "070701", 6) != 0)
		host_die("the record: no cpio");
	e->mode = hex_field(header, 1);
	e->length = hex_field(header, 6);
	name_size = hex_field(header, 11);
	if (name_size > sizeof e->name)
		host_die("the record: a name is too long");
	read_bytes(r, e->name, name_size);
	align(r, start);
	e->bytes = r->at;
	read_skip(r, e->length);
	align(r, start);
	if (r->failed)
		host_die("the record: a file is cut off");
	return strcmp(e->name, "TRAILER!!!") != 0;
}

static void print_record(const uint8_t *record, struct entry *source)
{
	struct reader r = reader_of(record, RECORD_SIZE);
	struct entry e;

	json_open("record", '{');
	while (next_entry(&r, record, &e)) {
		bool packet = strstr(e.name, "dhcp") || strstr(e.name, "proxy");

		if (strcmp(e.name, "lanyard/source") == 0)
			*source = e;
		if ((e.mode & 0170000) == 0100000)
			(packet ? json_hex : json_text_of)(e.name, e.bytes, e.length);
	}
	json_close('}');
	while (reader_left(&r))
		if (read_u8(&r))
			host_die("the record: something follows its trailer");
}

// One initrd for each "initrd SIZE NAME" of the record's source.
static void print_initrds(const struct entry *source, const uint8_t *at, const uint8_t *end)
{
	char *text = strndup((const char *)source->bytes, source->length), *rest = text, *line;

	json_open("initrds", '[');
	while ((line = strsep(&rest, "\n"))) {
		uint64_t size;
		char *name;

		if (strncmp(line, "initrd ", 7) != 0)
			continue;
		size = strtoull(line + 7, &name, 10);
		if (size > (uint64_t)(end - at))
			host_die("the record: an initrd is longer than what was loaded");
		json_open(NULL, '{');
		json_text("file", name + 1);
		json_number("size", size);
		json_sha256("sha256", at, size);
		json_close('}');
		at += size;
		for (; at < end && (size_t)(end - at) % 4; at++)
			if (*at)
				host_die("between two initrds there is something else than zeros");
	}
	json_close(']');
	json_number("left_over", (uint64_t)(end - at));
	free(text);
}

static void print_tree(const char *name, const struct platform_packet *tree)
{
	json_open(name, '{');
	json_number("size", tree->length);
	json_sha256("sha256", tree->bytes, tree->length);
	json_close('}');
}

static void print_trees(const struct platform_trees *trees)
{
	if (trees->tree.length)
		print_tree("tree", &trees->tree);
	json_bool("kaslr_seed", trees->kaslr_seed);
	json_open("overlays", '[');
	for (size_t i = 0; i < trees->overlay_count; i++)
		print_tree(NULL, &trees->overlays[i]);
	json_close(']');
}

bool platform_boot_linux(const struct platform_linux *boot, struct fault *fault)
{
	struct entry source = {0};

	(void)fault;
	json_begin("plan");
	json_text("command_line", boot->command_line);
	json_open("kernel", '{');
	json_text("version", boot->image->version);
	json_number("size", boot->kernel_size);
	json_sha256("sha256", boot->kernel, boot->kernel_size);
	json_close('}');
	json_number("video_mode", boot->video_mode);
	json_bool("keep_pxe", boot->keep_pxe);
	if (boot->trees)
		print_trees(boot->trees);
	json_number("initrd_size", boot->initrd_size);
	if (boot->initrd && boot->initrd_size >= RECORD_SIZE && memcmp(boot->initrd, "070701", 6) == 0) {
		print_record(boot->initrd, &source);
		print_initrds(&source, boot->initrd + RECORD_SIZE, boot->initrd + boot->initrd_size);
	} else if (boot->initrd) {
		json_sha256("without_record", boot->initrd, boot->initrd_size);
	}
	json_end();
	exit(EXIT_PLAN);
}
