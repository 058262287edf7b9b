// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/system/fixednames.h"

#include "initramfs/file.h"
#include "initramfs/pattern.h"
#include "initramfs/system/linknames.h"
#include "netstack/base/text.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MOST = 64 << 10, ADDRESS = 20 };

static const struct {
	const char *directory, *files;
	bool (*in)(const char *text, const char *name, char addresses[LINKNAMES_ADDRESSES]);
} places[] = {
	{"/etc/udev/rules.d", "*.rules", linknames_in_rules},
	{"/etc/systemd/network", "*.link", linknames_in_link},
};

static bool find(size_t place, const char *name, char addresses[LINKNAMES_ADDRESSES])
{
	DIR *dir = opendir(places[place].directory);
	bool found = false;

	if (!dir)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(dir));) {
		char path[320], *text;
		struct text t = text_of(path, sizeof path);
		size_t length;

		text_format(&t, "%s/%s", places[place].directory, entry->d_name);
		if (entry->d_name[0] == '.' || !pattern_match(places[place].files, entry->d_name))
			continue;
		text = file_load(path, FILE_MOST, &length);
		found = text && places[place].in(text, name, addresses);
		free(text);
	}
	closedir(dir);
	return found;
}

// A card, with a device that it is, which has one of the addresses; any if there are none.
static bool is_card(const char *interface, const char *addresses)
{
	char path[320], address[ADDRESS];
	struct text t = text_of(path, sizeof path);

	text_format(&t, "/sys/class/net/%s/device", interface);
	if (access(path, F_OK) < 0)
		return false;
	t = text_of(path, sizeof path);
	text_format(&t, "/sys/class/net/%s/address", interface);
	if (file_read(path, address, sizeof address) <= 0)
		return false;
	address[strcspn(address, "\n")] = 0;
	return !addresses[0] || (address[0] && strstr(addresses, address));
}

static bool is_other_card_here(const char *addresses, const char *device, const char *below)
{
	DIR *dir = opendir("/sys/class/net");
	bool found = false;

	for (struct dirent *entry; dir && !found && (entry = readdir(dir));)
		found = entry->d_name[0] != '.' && strcmp(entry->d_name, device) != 0 &&
			(!below || strcmp(entry->d_name, below) != 0) &&
			is_card(entry->d_name, addresses);
	if (dir)
		closedir(dir);
	return found;
}

bool fixednames_is_elsewhere(const char *name, const char *device, const char *below)
{
	char addresses[LINKNAMES_ADDRESSES];

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (find(i, name, addresses))
			return !is_other_card_here(addresses, device, below);
	return false;
}
