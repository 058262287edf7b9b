// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "initramfs/mklanyard/sysfs.h"
#include "initramfs/mklanyard/say.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VALUE = 512, PHY_BITS = 32 };

struct cards {
	struct modules *modules;
	char sys[PATH_MAX]; // resolved
	unsigned served;    // for which there is a module
};

// The first line of a small file; false if there is none.
static bool read_value(const char *directory, const char *file, char value[VALUE])
{
	char path[PATH_MAX];
	FILE *from;
	bool good;

	if (snprintf(path, sizeof path, "%s/%s", directory, file) >= (int)sizeof path)
		return false;
	from = fopen(path, "re");
	if (!from)
		return false;
	good = fgets(value, VALUE, from) != NULL;
	fclose(from);
	if (good)
		value[strcspn(value, "\n")] = 0;
	return good && value[0];
}

static bool has(const char *directory, const char *file)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof path, "%s/%s", directory, file) < (int)sizeof path &&
	       access(path, F_OK) == 0;
}

static bool resolve(const char *directory, const char *file, char to[PATH_MAX])
{
	char path[PATH_MAX];

	return snprintf(path, sizeof path, "%s/%s", directory, file) < (int)sizeof path &&
	       realpath(path, to);
}

// Adds what drives the device in that directory, if it says what it is.
static bool add_device(struct cards *c, const char *directory, bool *found, struct fault *f)
{
	char alias[VALUE];

	*found = false;
	return !read_value(directory, "modalias", alias) || !tree_is_plain(alias) ||
	       modules_add(c->modules, alias, MODULE_DEVICE, found, f);
}

// A bridge between PCI buses needs no driver of its own for what is behind it.
static bool is_bridge(const char *directory)
{
	char class[VALUE];

	return read_value(directory, "class", class) && !strncmp(class, "0x0604", 6);
}

// Adds what drives the controllers that the device hangs on, from the nearest upwards.
static bool add_controllers(struct cards *c, char *directory, struct fault *f)
{
	size_t top = strlen(c->sys);
	char *slash;
	bool found;

	while ((slash = strrchr(directory, '/')) && (size_t)(slash - directory) > top) {
		*slash = 0;
		if (!is_bridge(directory) && !add_device(c, directory, &found, f))
			return false;
	}
	return true;
}

// "0x001cc916" of the card's PHY as the kernel asks for its driver: "mdio:" and 32 bits.
static bool add_phy(struct cards *c, const char *interface, struct fault *f)
{
	char phy[PATH_MAX], id[VALUE], alias[PHY_BITS + 8] = "mdio:";
	unsigned long bits;
	bool found;

	if (!resolve(interface, "phydev", phy) || !read_value(phy, "phy_id", id))
		return true;
	bits = strtoul(id, NULL, 16);
	for (int i = 0; i < PHY_BITS; i++)
		alias[5 + i] = bits >> (PHY_BITS - 1 - i) & 1 ? '1' : '0';
	return modules_add(c->modules, alias, MODULE_DEVICE, &found, f);
}

// Adds what the card `device` needs; `name` is for the note.
static bool add_card(struct cards *c, char *device, const char *name, struct fault *f)
{
	char alias[VALUE];
	bool found;

	if (!add_device(c, device, &found, f))
		return false;
	if (!found && read_value(device, "modalias", alias))
		say_note("kernel %s has no module for %s (%s)", c->modules->version, name, alias);
	c->served += found;
	return add_controllers(c, device, f);
}

static bool add_interface(struct cards *c, const char *interface, const char *name, struct fault *f)
{
	char device[PATH_MAX], type[VALUE];

	// ARPHRD_ETHER, made of hardware, and no radio
	if (!read_value(interface, "type", type) || strcmp(type, "1") ||
		!resolve(interface, "device", device) || has(interface, "phy80211"))
		return true;
	return add_card(c, device, name, f) && add_phy(c, interface, f);
}

static bool add_pci(struct cards *c, const char *link, const char *name, struct fault *f)
{
	char device[PATH_MAX], class[VALUE];

	// class 02: network; 0280 is mostly radio
	if (!read_value(link, "class", class) || strncmp(class, "0x02", 4) ||
		!strncmp(class, "0x0280", 6) || has(link, "driver") || !resolve(link, ".", device))
		return true;
	return add_card(c, device, name, f);
}

// Calls `add` for every entry of a directory, in the order of their names.
static bool each(struct cards *c, const char *directory,
	bool (*add)(struct cards *, const char *, const char *, struct fault *), struct fault *f)
{
	char path[PATH_MAX];
	struct dirent **entries;
	int count;
	bool good = true;

	if (snprintf(path, sizeof path, "%s/%s", c->sys, directory) >= (int)sizeof path)
		return true;
	count = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (good && entries[i]->d_name[0] != '.' &&
			snprintf(path, sizeof path, "%s/%s/%s", c->sys, directory,
				entries[i]->d_name) < (int)sizeof path)
			good = add(c, path, entries[i]->d_name, f);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return good;
}

bool sysfs_add_cards(struct modules *m, const char *sys, struct fault *f)
{
	struct cards c = {.modules = m};

	if (!realpath(sys, c.sys))
		return fault_set(f, FAULT_NO_CARD_HERE, "('%s' cannot be read)", sys);
	if (!each(&c, "class/net", add_interface, f) || !each(&c, "bus/pci/devices", add_pci, f))
		return false;
	return c.served || fault_set(f, FAULT_NO_CARD_HERE, "(%s, kernel %s)", sys, m->version);
}
