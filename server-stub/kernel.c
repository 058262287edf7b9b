// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/kernel.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const module_places[] = {"lib/modules", "usr/lib/modules"};
// What of a kernel's modules tells that they have changed.
static const char *const module_signs[] = {".", "kernel", "modules.dep", "modules.dep.bin",
	"modules.order", "modules.builtin", "modules.alias.bin", "modules.softdep", "updates"};
static const char *const kernel_forms[] = {"boot/vmlinuz-%s", "boot/vmlinux-%s", "boot/kernel-%s",
	"boot/Image-%s", "boot/Image.gz-%s",
	"lib/modules/%s/vmlinuz", "usr/lib/modules/%s/vmlinuz"};

enum {
	MODULE_PLACES = sizeof module_places / sizeof *module_places,
	MODULE_SIGNS = sizeof module_signs / sizeof *module_signs,
	KERNEL_FORMS = sizeof kernel_forms / sizeof *kernel_forms,
};

// Printable and without what a configuration file or a kernel's command line would take apart.
static bool is_version(const char *name)
{
	if (*name == '.' || strlen(name) >= KERNEL_VERSION)
		return false;
	for (const char *p = name; *p; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr(",;\"'#", *p))
			return false;
	return true;
}

// A directory that a removed kernel left behind has none of these.
static bool has_modules(int root, const char *directory)
{
	char path[ROOTED_PATH + 32];

	for (size_t i = 1; i < MODULE_SIGNS; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, module_signs[i]);
		if (rooted_exists(root, path))
			return true;
	}
	return false;
}

// ---- versions, the newest first --------------------------------------------------------------

static int newest_first(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*b)->d_name, (*a)->d_name);
}

static int plain_version(const struct dirent *entry)
{
	return is_version(entry->d_name);
}

static int versions(int root, const char *place, struct dirent ***list)
{
	int fd = rooted_directory(root, place), count;

	if (fd < 0)
		return 0;
	count = scandirat(fd, ".", list, plain_version, newest_first);
	close(fd);
	return count > 0 ? count : 0;
}

static void release(struct dirent **list, int count)
{
	for (int i = 0; i < count; i++)
		free(list[i]);
	if (count)
		free(list);
}

// ---- one version -----------------------------------------------------------------------------

static bool open_kernel(struct kernel *k, int root, struct text *why)
{
	struct stat st;

	for (size_t i = 0; i < KERNEL_FORMS; i++) {
		snprintf(k->path, sizeof k->path, kernel_forms[i], k->version);
		k->fd = rooted_file(root, k->path);
		if (k->fd >= 0 && fstat(k->fd, &st) == 0 && st.st_size > 0) {
			k->size = (uint64_t)st.st_size;
			return true;
		}
		if (k->fd >= 0 || errno != ENOENT)
			text_format(why, ", and %s: %s", k->path,
				k->fd >= 0 ? "it is empty" : strerror(errno));
		kernel_close(k);
	}
	return false;
}

static void add_stat(crypto_generichash_state *hash, int fd)
{
	struct stat st;
	struct {
		uint64_t inode, size, seconds, nanoseconds;
	} seen = {0};

	if (fd >= 0 && fstat(fd, &st) == 0) {
		seen.inode = st.st_ino;
		seen.size = S_ISDIR(st.st_mode) ? 0 : (uint64_t)st.st_size;
		seen.seconds = (uint64_t)st.st_mtim.tv_sec;
		seen.nanoseconds = (uint64_t)st.st_mtim.tv_nsec;
	}
	crypto_generichash_update(hash, (const uint8_t *)&seen, sizeof seen);
}

static void add_path(crypto_generichash_state *hash, int root, const char *path)
{
	int fd = rooted_find(root, path);

	add_stat(hash, fd);
	if (fd >= 0)
		close(fd);
}

static void fingerprint(struct kernel *k, int root)
{
	crypto_generichash_state hash;
	uint8_t bytes[crypto_generichash_BYTES];
	char path[ROOTED_PATH + 32];

	crypto_generichash_init(&hash, NULL, 0, sizeof bytes);
	crypto_generichash_update(&hash, (const uint8_t *)k->path, strlen(k->path));
	add_stat(&hash, k->fd);
	snprintf(path, sizeof path, "boot/config-%s", k->version);
	add_path(&hash, root, path);
	for (size_t i = 0; i < MODULE_SIGNS; i++) {
		snprintf(path, sizeof path, "%s/%s", k->modules, module_signs[i]);
		add_path(&hash, root, path);
	}
	crypto_generichash_final(&hash, bytes, sizeof bytes);
	sodium_bin2hex(k->print, sizeof k->print, bytes, (sizeof k->print - 1) / 2);
}

// ---- the tree --------------------------------------------------------------------------------

static bool find_in(struct kernel *k, int root, const char *place, struct text *why)
{
	struct dirent **list = NULL;
	int count = versions(root, place, &list);
	bool found = false;

	for (int i = 0; i < count && !found; i++) {
		strcpy(k->version, list[i]->d_name);
		snprintf(k->modules, sizeof k->modules, "%s/%s", place, k->version);
		if (!has_modules(root, k->modules))
			continue;
		if (!why->length)
			text_format(why, ": modules of %s, but no boot/vmlinuz-%s", k->version,
				k->version);
		found = open_kernel(k, root, why);
	}
	release(list, count);
	return found;
}

bool kernel_find(struct kernel *k, int root, const char *name, struct fault *f)
{
	char words[160];
	struct text why = text_of(words, sizeof words);

	*k = (struct kernel){.fd = -1};
	for (size_t i = 0; i < MODULE_PLACES; i++)
		if (find_in(k, root, module_places[i], &why)) {
			fingerprint(k, root);
			return true;
		}
	return fault_set(f, FAULT_SERVER_KERNEL, "(%s%s)", name,
		why.length ? words : ": nothing in lib/modules");
}

void kernel_close(struct kernel *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}
