// SPDX-License-Identifier: BSD-2-Clause
// mklanyard: makes the initramfs that boots a kernel of a root tree over NFS.
//
//   options -> tree, kernel -> modules (table.h, additions.h, drivers.h and sysfs.h choose, modules.h
//   finds) -> firmware, programs, microcode, files of the administrator's -> image, whole or in parts
//   (segments.h) -> archives, compressed -> written
#include "initramfs/mklanyard/additions.h"
#include "initramfs/mklanyard/archives.h"
#include "initramfs/mklanyard/elf.h"
#include "initramfs/mklanyard/firmware.h"
#include "initramfs/mklanyard/microcode.h"
#include "initramfs/mklanyard/options.h"
#include "initramfs/mklanyard/output.h"
#include "initramfs/mklanyard/programs.h"
#include "initramfs/mklanyard/say.h"
#include "initramfs/mklanyard/segments.h"
#include "initramfs/mklanyard/sysfs.h"
#include "initramfs/mklanyard/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct work {
	struct tree tree;
	char version[TREE_VERSION],
		directory[TREE_PATH]; // of the kernel, of its modules in the tree
	enum compression compress;
	struct modules modules;
	struct firmware firmware;
	struct buffer table, init, busybox, microcode, packed;
	struct additions additions;
	struct image image; // with --segments, the common part
	struct segments segments;
	struct archives archives;
};

// The kernel's build configuration, where the tree has it.
static bool read_config(const struct work *w, struct buffer *to)
{
	char path[TREE_PATH + 16];
	struct fault ignored;

	snprintf(path, sizeof path, "boot/config-%s", w->version);
	if (tree_read(&w->tree, path, TREE_CONFIG_LIMIT, to, &ignored))
		return true;
	buffer_free(to);
	snprintf(path, sizeof path, "%s/config", w->directory);
	return tree_read(&w->tree, path, TREE_CONFIG_LIMIT, to, &ignored);
}

static bool choose_compression(struct work *w, const struct options *o, struct fault *f)
{
	struct buffer b = {0};
	bool known = read_config(w, &b), good;
	const char *config = known ? (const char *)b.bytes : NULL;

	w->compress = o->compress;
	if (o->compress == COMPRESS_AUTO)
		w->compress = compress_best(config, b.length);
	if (!known && o->compress == COMPRESS_AUTO)
		say_note("%s has no boot/config-%s that can be read: choosing %s, which any kernel "
			 "unpacks",
			o->root, w->version, compress_name(w->compress));
	good = !known || compress_is_known_to(w->compress, config, b.length);
	buffer_free(&b);
	return good || fault_set(f, FAULT_COMPRESSION, "(%s, kernel %s)",
			       compress_name(w->compress), w->version);
}

static bool collect_modules(struct work *w, const struct options *o, struct fault *f)
{
	bool good;

	if (!modules_open(&w->modules, &w->tree, w->version, w->directory, f))
		return false;
	good = table_select(&w->modules, o->modules, o->module_count, f) &&
	       (!o->this_machine || sysfs_add_cards(&w->modules, o->sys, f));
	if (good) {
		additions_modules(&w->modules);
		drivers_add(&w->modules, o->set);
	}
	modules_close(&w->modules);
	return good;
}

static void collect_firmware(struct work *w, const struct options *o)
{
	firmware_collect(&w->firmware, &w->modules);
	if (o->microcode && w->modules.machine == ELF_X86_64)
		microcode_collect(&w->tree, o->mtime, &w->microcode);
}

static bool collect_programs(struct work *w, const struct options *o, struct fault *f)
{
	return programs_init(o->init, w->modules.machine, &w->init, f) &&
	       (!o->with_shell || programs_busybox(&w->tree, w->modules.machine, &w->busybox, f));
}

// The tree's own, and those that the command line names.
static bool collect_additions(struct work *w, const struct options *o, struct fault *f)
{
	struct tree here;
	bool good = additions_collect(&w->additions, &w->tree, "etc/lanyard/initramfs", f);

	if (!good || !o->files)
		return good;
	if (!tree_open(&here, o->files, f))
		return false;
	good = additions_collect(&w->additions, &here, "", f);
	tree_close(&here);
	return good;
}

static void add_modules(struct work *w)
{
	struct image *i = &w->image;

	table_write(&w->modules, &w->table);
	image_add_file(i, "lanyard/modules", 0644, w->table.bytes, w->table.length);
	for (size_t n = 0; n < w->modules.count; n++) {
		const struct module *m = &w->modules.list[n];

		image_add_file(i, m->target, 0644, m->content.bytes, m->content.length);
	}
	for (size_t n = 0; n < w->firmware.count; n++) {
		const struct firmware_file *one = &w->firmware.list[n];

		image_add_file(i, one->target, 0644, one->content.bytes, one->content.length);
	}
}

// What every initramfs of ours has, beside its modules: where init mounts things, and a console for
// the messages before it has.
static bool assemble(struct work *w, const struct options *o, struct fault *f)
{
	static const char *const directories[] = {"dev", "proc", "sys", "run", "root"};
	struct image *i = &w->image;

	for (size_t n = 0; n < sizeof directories / sizeof *directories; n++)
		image_add_directory(i, directories[n]);
	image_add_device(i, "dev/console", 0600, 5, 1);
	image_add_file(i, "init", 0755, w->init.bytes, w->init.length);
	if (!o->segments)
		add_modules(w);
	else if (!segments_fill(&w->segments, &w->modules, &w->firmware, i, f))
		return false;
	if (w->busybox.length) {
		image_add_file(i, "bin/busybox", 0755, w->busybox.bytes, w->busybox.length);
		image_add_link(i, "bin/sh", "busybox");
	}
	additions_put(&w->additions, i);
	return image_sort(i, f);
}

static void print_files(const struct image *i)
{
	for (size_t n = 0; n < i->count; n++)
		printf("%9zu /%s\n", i->list[n].length, i->list[n].path);
}

static void print_archives(const struct work *w, const struct options *o)
{
	for (size_t n = 0; n < w->archives.count && w->archives.count > 1; n++) {
		const struct archive_part *part = &w->archives.list[n];

		printf("%9zu bytes in ", part->length);
		if (o->segments)
			printf("segment %s", w->segments.division.names[n]);
		else
			printf("archive %zu from /%s", n + 1, w->image.list[part->first].path);
		if (part->packed.length)
			printf(", %zu packed", part->packed.length);
		putchar('\n');
	}
}

// The archives' files by size, then the archives, then the sum.
static void print(const struct work *w, const struct options *o)
{
	size_t total = 0;

	for (size_t n = 0; n < w->archives.count; n++)
		if (!n || w->archives.list[n].image != w->archives.list[n - 1].image)
			print_files(w->archives.list[n].image);
	if (w->microcode.length)
		printf("%9zu bytes in front, not packed: microcode\n", w->microcode.length);
	print_archives(w, o);
	for (size_t n = 0; n < w->archives.count; n++)
		total += w->archives.list[n].length;
	printf("%9zu bytes in all", total);
	if (w->packed.length)
		printf(", %zu packed (%s)", w->packed.length, compress_name(w->compress));
	printf(", for kernel %s\n", w->version);
}

static void cut(struct work *w, const struct options *o)
{
	if (o->segments)
		segments_cut(&w->segments, &w->archives, &w->image, o->small);
	else
		archives_cut(&w->archives, &w->image, o->small, w->compress);
}

static bool write_segments(struct work *w, const struct options *o, struct fault *f)
{
	char title[TREE_VERSION + 16];

	snprintf(title, sizeof title, "%s %s", w->version, compress_name(w->compress));
	return segments_write(&w->segments, o->segments, &w->archives, &w->packed,
		w->microcode.length, title, f);
}

static bool pack(struct work *w, const struct options *o, struct fault *f)
{
	if (!archives_pack(&w->archives, w->compress, o->mtime, f))
		return false;
	buffer_add(&w->packed, w->microcode.bytes, w->microcode.length);
	for (size_t n = 0; n < w->archives.count; n++) {
		const struct buffer *one = &w->archives.list[n].packed;

		buffer_add(&w->packed, one->bytes, one->length);
	}
	return (!o->segments || write_segments(w, o, f)) &&
	       (!o->output || output_write(o->output, &w->packed, f));
}

static bool make(struct work *w, const struct options *o, struct fault *f)
{
	if (!tree_kernel(&w->tree, o->kernel, w->version, w->directory, f) ||
		!choose_compression(w, o, f) || !collect_modules(w, o, f) ||
		!collect_programs(w, o, f) || !collect_additions(w, o, f))
		return false;
	collect_firmware(w, o);
	if (!assemble(w, o, f))
		return false;
	cut(w, o);
	if ((o->output || o->segments) && !pack(w, o, f))
		return false;
	if (o->print)
		print(w, o);
	return !fflush(stdout) ||
	       fault_set(f, FAULT_IMAGE_WRITE, "(standard output: %s)", strerror(errno));
}

static void release(struct work *w)
{
	archives_free(&w->archives);
	segments_free(&w->segments);
	image_free(&w->image);
	additions_free(&w->additions);
	firmware_free(&w->firmware);
	modules_free(&w->modules);
	buffer_free(&w->table);
	buffer_free(&w->init);
	buffer_free(&w->busybox);
	buffer_free(&w->microcode);
	buffer_free(&w->packed);
	tree_close(&w->tree);
}

int main(int argc, char **argv)
{
	struct fault f = {0};
	struct options o;
	struct work w = {0};
	bool good = options_read(&o, argc, argv, &f);

	if (good && o.help) {
		fputs(options_usage, stdout);
	} else if (good && (good = tree_open(&w.tree, o.root, &f))) {
		good = make(&w, &o, &f);
		release(&w);
	}
	options_free(&o);
	return good ? 0 : say_fault(&f);
}
