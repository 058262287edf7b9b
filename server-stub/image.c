// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/image.h"
#include "server-stub/image_build.h"
#include "server-stub/image_store.h"
#include "server-stub/log.h"
#include "server-stub/programs.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct images {
	struct image_config config;
	struct image_store store;
	struct image_build build;
	struct kernel kernel;         // that mklanyard runs for
	char name[IMAGE_NAME];        // of the image that it makes
	struct image_pair pair;       // what is served; version "": nothing yet
	char failed_name[IMAGE_NAME]; // not tried again by itself
	bool look_again;
};

static void report(struct images *i, const struct fault *f)
{
	i->config.failed(i->config.owner, f);
}

// ---- names -----------------------------------------------------------------------------------

static void add_stat(crypto_generichash_state *hash, const struct stat *st)
{
	const int64_t seen[4] = {
		(int64_t)st->st_ino, st->st_size, st->st_mtim.tv_sec, st->st_mtim.tv_nsec};

	crypto_generichash_update(hash, (const uint8_t *)seen, sizeof seen);
}

static void add_file(crypto_generichash_state *hash, const char *directory, const char *name)
{
	char path[PROGRAM_PATH];
	struct stat st = {0};

	if (program_find(directory, name, path) && stat(path, &st) < 0)
		st = (struct stat){0};
	add_stat(hash, &st);
}

// What the tree's administrator adds to images (mklanyard(8)), as far as these show it.
static void add_wishes(crypto_generichash_state *hash, int root)
{
	static const char *const paths[] = {"etc/initramfs-tools/modules", "etc/lanyard/initramfs"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct stat st = {0};
		int fd = rooted_find(root, paths[i]);

		if (fd >= 0) {
			fstat(fd, &st);
			close(fd);
		}
		add_stat(hash, &st);
	}
}

// VERSION-FINGERPRINT.img
static void image_name(const struct images *i, const struct kernel *k, char name[IMAGE_NAME])
{
	static const char *const programs[] = {"mklanyard", "init", "init-arm64"};
	const struct options *o = i->config.options;
	crypto_generichash_state hash;
	uint8_t bytes[crypto_generichash_BYTES_MIN];
	char print[9];

	crypto_generichash_init(&hash, NULL, 0, sizeof bytes);
	crypto_generichash_update(&hash, (const uint8_t *)k->print, strlen(k->print));
	crypto_generichash_update(&hash, (const uint8_t *)o->modules, strlen(o->modules));
	for (size_t n = 0; n < sizeof programs / sizeof *programs; n++)
		add_file(&hash, o->programs, programs[n]);
	add_wishes(&hash, i->config.root);
	crypto_generichash_final(&hash, bytes, sizeof bytes);
	sodium_bin2hex(print, sizeof print, bytes, (sizeof print - 1) / 2);
	snprintf(name, IMAGE_NAME, "%s-%s.img", k->version, print);
}

// ---- what is served --------------------------------------------------------------------------

static void release_pair(struct image_pair *p)
{
	if (!p->version[0])
		return;
	close(p->kernel);
	close(p->initrd);
	if (p->segments >= 0)
		close(p->segments);
}

// Takes the kernel's descriptor over.
static void publish(struct images *i, struct kernel *k, const char *name, int fd, uint64_t size)
{
	struct image_pair old = i->pair;

	i->pair = (struct image_pair){.kernel = k->fd,
		.initrd = fd,
		.segments = image_store_open_index(&i->store, name),
		.kernel_size = k->size,
		.initrd_size = size};
	strcpy(i->pair.version, k->version);
	snprintf(i->pair.kernel_name, IMAGE_NAME, "vmlinuz-%s", k->version);
	snprintf(i->pair.initrd_name, IMAGE_NAME, "initrd-%.*s", IMAGE_NAME - 8, name);
	k->fd = -1;
	i->config.ready(i->config.owner, &i->pair);
	release_pair(&old);
}

static bool is_served(const struct images *i, const char *name)
{
	return i->pair.version[0] && !strcmp(i->pair.initrd_name + strlen("initrd-"), name);
}

// A first start, and no image can be made: one that was made for this kernel before may do.
static void fall_back(struct images *i, struct kernel *k)
{
	char name[IMAGE_NAME];
	uint64_t size;
	int fd = image_store_find(&i->store, k->version, name, &size);

	if (fd < 0)
		return;
	log_say(LOG_WARNING, "image", "serving an older initramfs of kernel %s", k->version);
	publish(i, k, name, fd, size);
}

// ---- building --------------------------------------------------------------------------------

static void give_up(struct images *i, const struct fault *f)
{
	strcpy(i->failed_name, i->name);
	if (!i->pair.version[0])
		fall_back(i, &i->kernel);
	report(i, f);
	kernel_close(&i->kernel);
}

static void build(struct images *i)
{
	struct fault f;

	log_say(LOG_NOTICE, "image", "making the initramfs of kernel %s", i->kernel.version);
	image_store_sweep(&i->store);
	if (!image_build_start(&i->build, i->kernel.version, &f))
		give_up(i, &f);
}

void images_look(struct images *i)
{
	struct kernel k;
	struct fault f;
	uint64_t size;
	int fd;

	i->look_again = i->build.pid != 0;
	if (i->look_again)
		return;
	if (!kernel_find(&k, i->config.root, i->config.options->root, &f)) {
		report(i, &f);
		return;
	}
	image_name(i, &k, i->name);
	if (is_served(i, i->name) || !strcmp(i->name, i->failed_name)) {
		kernel_close(&k);
		return;
	}
	fd = image_store_open(&i->store, i->name, &size);
	if (fd >= 0) {
		publish(i, &k, i->name, fd, size);
		return;
	}
	i->kernel = k;
	build(i);
}

static void finish(struct images *i)
{
	struct fault f = {0};
	uint64_t size;
	int fd = image_store_take(&i->store, i->name, i->config.user.uid, &size);

	if (fd < 0) {
		fault_set(&f, FAULT_SERVER_IMAGE, "(keeping %s: %s)", i->name, strerror(errno));
		give_up(i, &f);
		return;
	}
	log_say(LOG_NOTICE, "image", "initramfs of kernel %s: %u.%u MB, made in %u.%u s",
		i->kernel.version, (unsigned)(size / 1000000), (unsigned)(size / 100000 % 10),
		i->build.took / 1000, i->build.took / 100 % 10);
	image_store_clean(&i->store, i->name, i->pair.version[0] ? i->pair.initrd_name + 7 : "");
	publish(i, &i->kernel, i->name, fd, size);
}

bool images_ended(struct images *i, pid_t pid, int status)
{
	struct fault f;

	if (!pid || pid != i->build.pid)
		return false;
	switch (image_build_ended(&i->build, status, &f)) {
	case IMAGE_BUILD_GOOD:
		finish(i);
		break;
	case IMAGE_BUILD_AGAIN:
		build(i);
		break;
	case IMAGE_BUILD_FAILED:
		give_up(i, &f);
		break;
	}
	if (i->look_again)
		images_look(i);
	return true;
}

// ---- life ------------------------------------------------------------------------------------

struct images *images_open(const struct image_config *config, struct fault *f)
{
	struct images *i = calloc(1, sizeof *i);

	if (!i)
		abort();
	i->config = *config;
	i->kernel.fd = -1;
	if (image_store_begin(&i->store, config->options->state, &config->user, f) &&
		image_build_begin(&i->build, config->options, config->events, &config->user,
			i->store.work, f))
		return i;
	image_store_end(&i->store);
	free(i);
	return NULL;
}

void images_close(struct images *i)
{
	image_build_stop(&i->build);
	kernel_close(&i->kernel);
	image_store_end(&i->store);
	release_pair(&i->pair);
	free(i);
}
