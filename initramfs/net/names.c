// SPDX-License-Identifier: BSD-2-Clause
// PCI network cards, also behind virtio; names by USB place are not known here.
#include "initramfs/net/names.h"

#include "initramfs/file.h"
#include "netstack/base/text.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE = 64, MULTIFUNCTION = 0x80, HEADER_TYPE = 14 };

// Where a PCI device is, and the sysfs directory that says so.
struct place {
	char directory[PATH_MAX];
	uint32_t domain, bus, slot, function;
};

// Exactly "DDDD:BB:SS.F".
static bool read_address(const char *text, struct place *p)
{
	return strlen(text) >= 12 && text[4] == ':' && text[7] == ':' && text[10] == '.' &&
		text_u32(text, 4, 16, &p->domain) && text_u32(text + 5, 2, 16, &p->bus) &&
		text_u32(text + 8, 2, 16, &p->slot) && text_u32(text + 11, 1, 16, &p->function) &&
		!text[12];
}

// The interface's device, or the one above it where that is no PCI device (virtio0).
static bool find_place(const char *name, struct place *p)
{
	char path[VALUE], *last;
	struct text t = text_of(path, sizeof path);

	text_format(&t, "/sys/class/net/%s/device", name);
	if (!realpath(path, p->directory))
		return false;
	for (int up = 0; up < 2 && (last = strrchr(p->directory, '/')); up++) {
		if (read_address(last + 1, p))
			return true;
		*last = 0;
	}
	return false;
}

static bool read_value(const char *directory, const char *file, char value[VALUE])
{
	char path[PATH_MAX];
	struct text t = text_of(path, sizeof path);

	text_format(&t, "%s/%s", directory, file);
	if (t.cut || file_read(path, value, VALUE) <= 0)
		return false;
	value[strcspn(value, "\n")] = 0;
	return true;
}

static bool several_functions(const struct place *p)
{
	char path[PATH_MAX], config[VALUE];
	struct text t = text_of(path, sizeof path);

	text_format(&t, "%s/config", p->directory);
	return p->function || (!t.cut && file_read(path, config, sizeof config) > HEADER_TYPE &&
		(config[HEADER_TYPE] & MULTIFUNCTION));
}

// Function and port, the end of names by slot and by place.
static void put_end(const struct place *p, const char *name, struct text *to)
{
	char directory[VALUE], port[VALUE];
	struct text t = text_of(directory, sizeof directory);

	text_format(&t, "/sys/class/net/%s", name);
	if (several_functions(p))
		text_format(to, "f%u", p->function);
	if (read_value(directory, "phys_port_name", port) && port[0])
		text_format(to, "n%s", port);
	else if (read_value(directory, "dev_port", port) && strcmp(port, "0") != 0)
		text_format(to, "d%s", port);
}

static bool fits_index(const char *wanted, const struct place *p)
{
	char index[VALUE];

	return text_starts(wanted, "eno") &&
		((read_value(p->directory, "acpi_index", index) && strcmp(wanted + 3, index) == 0) ||
		(read_value(p->directory, "index", index) && strcmp(wanted + 3, index) == 0));
}

static bool fits_place(const char *wanted, const struct place *p, const char *name)
{
	char made[VALUE];
	struct text t = text_of(made, sizeof made);

	text_format(&t, "en");
	if (p->domain)
		text_format(&t, "P%u", p->domain);
	text_format(&t, "p%us%u", p->bus, p->slot);
	put_end(p, name, &t);
	return strcmp(wanted, made) == 0;
}

// Whether the slot of that name ("3") holds the device: its address lacks the function.
static bool slot_holds(const char *slot, const struct place *p)
{
	char directory[320], address[VALUE];
	struct text t = text_of(directory, sizeof directory);
	const char *own = strrchr(p->directory, '/') + 1;

	text_format(&t, "/sys/bus/pci/slots/%s", slot);
	return read_value(directory, "address", address) && strlen(address) == 10 &&
		strncmp(own, address, 10) == 0;
}

static bool fits_slot(const char *wanted, const struct place *p, const char *name)
{
	DIR *dir = opendir("/sys/bus/pci/slots");
	bool fits = false;

	if (!dir)
		return false;
	for (struct dirent *entry; !fits && (entry = readdir(dir));) {
		char made[320];
		struct text t = text_of(made, sizeof made);

		if (entry->d_name[0] == '.' || !slot_holds(entry->d_name, p))
			continue;
		text_format(&t, "ens%s", entry->d_name);
		put_end(p, name, &t);
		fits = strcmp(wanted, made) == 0;
	}
	closedir(dir);
	return fits;
}

static bool fits_address(const char *wanted, const unsigned char hwaddr[6])
{
	char made[16];
	struct text t = text_of(made, sizeof made);

	text_format(&t, "enx");
	for (int i = 0; i < 6; i++)
		text_format(&t, "%02x", hwaddr[i]);
	return strcmp(wanted, made) == 0;
}

bool names_fit(const char *wanted, const char *name, const unsigned char hwaddr[6])
{
	struct place p;

	if (!text_starts(wanted, "en"))
		return false;
	if (fits_address(wanted, hwaddr))
		return true;
	return find_place(name, &p) && (fits_index(wanted, &p) || fits_place(wanted, &p, name) ||
		fits_slot(wanted, &p, name));
}
