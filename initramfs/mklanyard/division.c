// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "initramfs/mklanyard/division.h"
#include "initramfs/mklanyard/drivers.h"
#include "initramfs/mklanyard/elf.h"
#include "initramfs/mklanyard/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID = 10, IDS = 4096 }; // "8086:100e" with its NUL; IDs of one driver

static const char phy_part[] = "phy", common_part[] = "common";

// The modules, and what has been read from them once.
struct view {
	const struct modules *modules;
	bool *phy, *uses_phys, *card;
};

// ---- PCI IDs ---------------------------------------------------------------------------------

// One field of a pattern: eight hexadecimal digits, of which the last four count, or '*'. NULL where
// there is anything else.
static const char *read_field(const char *at, char letter, char to[5])
{
	uint32_t number;

	strcpy(to, "*");
	if (*at++ != letter)
		return NULL;
	if (*at == '*')
		return at + 1;
	if (strlen(at) < 8 || !text_u32(at, 8, 16, &number) || number > 0xffff)
		return NULL;
	snprintf(to, 5, "%04x", number & 0xffff);
	return at + 8;
}

// Devices that no PCI bus lists, and the cards on a PCI bus behind which they are.
static const struct {
	const char *bus; // how their aliases begin
	const char *ids[2];
} hidden[] = {
	{"virtio:", {"1af4:*"}},                // virtio 1.2, 4.1.2
	{"xen:", {"10ec:8139", "8086:100e"}}, // which Xen takes away once it can drive its own
};

// What a pattern says of the device behind it: of "pci:v00008086d0000100Esv*sd*bc*sc*i*" 8086:100e.
// A pattern that is written otherwise may mean any card. False if it means no network card.
static bool read_pci(const char *alias, char id[ID])
{
	const char *class = strstr(alias, "bc"), *at;
	char vendor[5], device[5];

	strcpy(id, "*:*");
	if (strncmp(alias, "pci:", 4) || (class && class[2] != '*' && strncmp(class, "bc02", 4)))
		return false;
	at = read_field(alias + 4, 'v', vendor);
	if (at && (at = read_field(at, 'd', device)) && *at == 's')
		snprintf(id, ID, "%s:%s", vendor, device);
	return true;
}

static size_t read_hidden(const char *alias, char (*ids)[ID])
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		for (size_t n = 0; n < 2 && hidden[i].ids[n]; n++)
			if (!strncmp(alias, hidden[i].bus, strlen(hidden[i].bus)))
				strcpy(ids[count++], hidden[i].ids[n]);
	return count;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(a, b);
}

// The IDs of the cards that the module drives, each once. Gives their number.
static size_t read_ids(const struct module *m, char (*ids)[ID])
{
	struct reader modinfo = modules_modinfo(m);
	const char *alias;
	size_t count = 0, kept = 0;

	if (m->flag != MODULE_DEVICE)
		return 0;
	while (count + 2 < IDS && (alias = modules_next_device_alias(&modinfo))) {
		count += read_pci(alias, ids[count]);
		count += read_hidden(alias, &ids[count]);
	}
	qsort(ids, count, ID, by_id);
	for (size_t i = 0; i < count; i++)
		if (!kept || strcmp(ids[kept - 1], ids[i]))
			memmove(ids[kept++], ids[i], ID);
	return kept;
}

// ---- what a card takes -----------------------------------------------------------------------

static bool has_alias(const struct module *m, const char *start)
{
	struct reader modinfo = modules_modinfo(m);
	const char *alias;

	while ((alias = modules_next_device_alias(&modinfo)))
		if (!strncmp(alias, start, strlen(start)))
			return true;
	return false;
}

static bool is_phy(const struct module *m)
{
	return m->flag == MODULE_DEVICE && has_alias(m, "mdio:");
}

// By the name of the library, or, where it is built into the kernel, by its functions.
static bool uses_phys(const struct modules *m, const struct module *one)
{
	static const char *const functions[] = {"phy_connect", "phy_attach", "phylink_create"};

	if (modules_find(m, "libphy"))
		return !strcmp(one->name, "libphy");
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (memmem(one->content.bytes, one->content.length, functions[i],
			    strlen(functions[i])))
			return true;
	return false;
}

static bool depends_on(const struct module *m, size_t place)
{
	for (size_t i = 0; i < m->dependency_count; i++)
		if (m->dependencies[i] == place)
			return true;
	return false;
}

static void view_open(struct view *v, const struct modules *m)
{
	*v = (struct view){.modules = m};
	v->phy = buffer_memory(m->count, sizeof *v->phy);
	v->uses_phys = buffer_memory(m->count, sizeof *v->uses_phys);
	v->card = buffer_memory(m->count, sizeof *v->card);
	for (size_t i = 0; i < m->count; i++) {
		v->phy[i] = is_phy(&m->list[i]);
		v->uses_phys[i] = uses_phys(m, &m->list[i]);
		v->card[i] = m->list[i].flag == MODULE_DEVICE && drivers_is_card(&m->list[i]);
	}
}

static void view_close(struct view *v)
{
	free(v->phy);
	free(v->uses_phys);
	free(v->card);
}

// What the kernel asks for, or finds a use for, once the other module is there.
static bool is_part_of(const struct view *v, size_t one, size_t other)
{
	const struct module *m = &v->modules->list[one];

	return (m->flag == MODULE_DEMAND && !table_has(m->name) && depends_on(m, other)) ||
	       (v->phy[one] && (v->phy[other] || v->uses_phys[other]));
}

static void add(const struct view *v, bool *in, size_t one);

static void add_bus(const struct view *v, bool *in, const struct module *one)
{
	struct reader modinfo = modules_modinfo(one);
	const char *const *drivers, *alias;

	while (one->flag == MODULE_DEVICE && (alias = modules_next_device_alias(&modinfo)))
		for (drivers = modules_bus_drivers(alias); drivers && *drivers; drivers++) {
			const struct module *driver = modules_find(v->modules, *drivers);

			if (driver)
				add(v, in, (size_t)(driver - v->modules->list));
		}
}

// Marks the module and all that has to be there with it.
static void add(const struct view *v, bool *in, size_t one)
{
	const struct module *module = &v->modules->list[one];

	if (in[one])
		return;
	in[one] = true;
	for (size_t i = 0; i < module->dependency_count; i++)
		add(v, in, module->dependencies[i]);
	add_bus(v, in, module);
	for (size_t i = 0; i < v->modules->count; i++)
		if (!in[i] && is_part_of(v, i, one))
			add(v, in, i);
}

// ---- the parts -------------------------------------------------------------------------------

// `of_cards`: whether drivers of network cards need it.
static bool is_common(const struct modules *m, size_t one, const bool *of_cards)
{
	const struct module *module = &m->list[one];

	switch (module->flag) {
	case MODULE_ALWAYS:
		return true;
	case MODULE_DEMAND:
		return table_is_extra(module->name) ? false
						    : table_has(module->name) || !of_cards[one];
	case MODULE_DEVICE:
		if (m->machine != ELF_X86_64 && has_alias(module, "of:") &&
			!has_alias(module, "pci:"))
			return true;
		return !of_cards[one];
	default:
		return false;
	}
}

// Marks the module and all that it depends on.
static void mark(const struct modules *m, size_t one, bool *in)
{
	if (in[one])
		return;
	in[one] = true;
	for (size_t i = 0; i < m->list[one].dependency_count; i++)
		mark(m, m->list[one].dependencies[i], in);
}

static size_t part_named(struct division *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (!strcmp(d->names[i], name))
			return i;
	d->names[d->count] = name;
	return d->count++;
}

// A module that is called like one of the two parts that are not named after a module is common.
static const char *name_of_part(const struct view *v, size_t one)
{
	const char *name = v->modules->list[one].name;

	if (v->phy[one])
		return phy_part;
	return strcmp(name, phy_part) ? name : common_part;
}

void division_make(struct division *d, const struct modules *m)
{
	bool *of_cards = buffer_memory(m->count, sizeof *of_cards);
	bool *in_common = buffer_memory(m->count, sizeof *in_common);
	struct view v;

	view_open(&v, m);
	*d = (struct division){.modules = m};
	d->place = buffer_memory(m->count, sizeof *d->place);
	d->names = buffer_memory(m->count + 1, sizeof *d->names);
	part_named(d, common_part);
	for (size_t i = 0; i < m->count; i++)
		if (v.card[i])
			add(&v, of_cards, i);
	for (size_t i = 0; i < m->count; i++)
		if (is_common(m, i, of_cards))
			mark(m, i, in_common);
	for (size_t i = 0; i < m->count; i++)
		if (!in_common[i])
			d->place[i] = part_named(d, name_of_part(&v, i));
	view_close(&v);
	free(of_cards);
	free(in_common);
}

static bool names_firmware(const struct module *m, const char *name)
{
	struct reader modinfo = modules_modinfo(m);
	const char *one;

	while ((one = elf_modinfo_next(&modinfo, "firmware")))
		if (!strcmp(one, name))
			return true;
	return false;
}

size_t division_of_firmware(const struct division *d, const char *name)
{
	size_t part = d->count;

	for (size_t i = 0; i < d->modules->count; i++)
		if (names_firmware(&d->modules->list[i], name)) {
			if (part != d->count && part != d->place[i])
				return DIVISION_COMMON;
			part = d->place[i];
		}
	return part == d->count ? DIVISION_COMMON : part;
}

// "WORD MODULE PART,..."; "-" for no part but the common one.
static void write_parts(const struct division *d, const char *word, size_t one, const bool *in,
	struct buffer *to)
{
	bool *parts = buffer_memory(d->count, sizeof *parts);
	const char *before = "";

	for (size_t i = 0; i < d->modules->count; i++)
		parts[d->place[i]] |= in[i];
	buffer_format(to, "%s %s ", word, d->modules->list[one].name);
	for (size_t i = DIVISION_COMMON + 1; i < d->count; i++)
		if (parts[i]) {
			buffer_format(to, "%s%s", before, d->names[i]);
			before = ",";
		}
	if (!*before)
		buffer_add(to, "-", 1);
	free(parts);
}

void division_write_extras(const struct division *d, struct buffer *to)
{
	const struct modules *m = d->modules;
	bool *in = buffer_memory(m->count, sizeof *in);

	for (size_t i = 0; i < m->count; i++) {
		if (!table_is_extra(m->list[i].name) || !d->place[i])
			continue;
		memset(in, 0, m->count * sizeof *in);
		mark(m, i, in);
		write_parts(d, "extra", i, in, to);
		buffer_add(to, "\n", 1);
	}
	free(in);
}

bool division_is_for_cards(const struct division *d, size_t part)
{
	bool extra = false;

	for (size_t i = 0; i < d->modules->count; i++)
		extra |= d->place[i] == part && table_is_extra(d->modules->list[i].name);
	return part != DIVISION_COMMON && !extra;
}

void division_write_cards(const struct division *d, struct buffer *to)
{
	const struct modules *m = d->modules;
	char(*ids)[ID] = buffer_memory(IDS, ID);
	bool *in = buffer_memory(m->count, sizeof *in);
	struct view v;

	view_open(&v, m);
	for (size_t i = 0; i < m->count; i++) {
		size_t count = v.card[i] ? read_ids(&m->list[i], ids) : 0;

		if (!count)
			continue;
		memset(in, 0, m->count * sizeof *in);
		add(&v, in, i);
		write_parts(d, "card", i, in, to);
		for (size_t n = 0; n < count; n++)
			buffer_format(to, " %s", ids[n]);
		buffer_add(to, "\n", 1);
	}
	view_close(&v);
	free(ids);
	free(in);
}

void division_free(struct division *d)
{
	free(d->names);
	free(d->place);
	*d = (struct division){0};
}
