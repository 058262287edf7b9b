// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/system/upgrade.h"

#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/system/initrdconf.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CONF "/etc/initramfs-tools"
#define KEEP "(lanyard.keep=boot keeps it)"

// A grub that has been set up looks for the root's disk whenever a kernel or grub itself is installed;
// so does one on a copied EFI partition. Where nothing is set up they do nothing.
static void hide_loaders(void)
{
	static const struct {
		const char *sign, *directory, *empty;
	} loaders[] = {
		{"/boot/grub/grub.cfg", "/boot/grub", "/run/lanyard/no-grub"},
		{"/boot/efi/EFI", "/boot/efi", "/run/lanyard/no-efi"},
	};

	for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++) {
		const char *directory = loaders[i].directory;

		if (access(loaders[i].sign, F_OK) < 0)
			continue;
		if (file_make_directories(loaders[i].empty) && layer_bind(loaders[i].empty, directory))
			milestone_notice("%s is for a disk's boot loader and appears empty " KEEP, directory);
		else
			milestone_notice("%s: %s", directory, strerror(errno));
	}
}

// Lies over the file only where it says what would fail, since dpkg cannot replace it then.
static void ease_conf(enum layer layer, const char *path)
{
	struct file_edit e;

	if (!file_edit_begin(&e, path))
		return;
	if (initrdconf_for_any_disk(e.text, &e.copy)) {
		if (!e.copy.cut && layer_file(layer, path, e.copy.start, e.copy.length))
			milestone_notice("MODULES=dep in %s goes by a disk and is most here " KEEP, path);
		else
			milestone_notice("%s: %s", path, e.copy.cut ? "too long" : strerror(errno));
	}
	file_edit_end(&e);
}

static void ease_initramfs_tools(enum layer layer)
{
	DIR *dir = opendir(CONF "/conf.d");

	ease_conf(layer, CONF "/initramfs.conf");
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		char path[320];
		struct text t = text_of(path, sizeof path);

		text_format(&t, CONF "/conf.d/%s", entry->d_name);
		if (entry->d_name[0] != '.')
			ease_conf(layer, path);
	}
	if (dir)
		closedir(dir);
}

void upgrade_ease(enum layer layer)
{
	if (layer == LAYER_READ_ONLY) // on which nothing is installed
		return;
	hide_loaders();
	ease_initramfs_tools(layer);
}
