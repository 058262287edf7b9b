// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/table.h"
#include "initramfs/mklanyard/say.h"

#include <string.h>

// What init uses itself. nfsv4 pulls in its name resolver; checksums that any of them need come as
// their dependencies.
static const struct {
	const char *name;
	enum module_flag flag;
	const char *loss; // what is lost in a kernel without it; NULL: no image without
} always[] = {
	{"af_packet", MODULE_ALWAYS, "init cannot ask DHCP; ip= must give a static address"},
	{"nfs", MODULE_ALWAYS, NULL},
	{"nfsv3", MODULE_ALWAYS, "a root by NFS version 3 cannot be mounted"},
	{"nfsv4", MODULE_DEMAND, "a root by NFS version 4 cannot be mounted"},
	{"overlay", MODULE_DEMAND, "lanyard.overlay= cannot work"},
	{"8021q", MODULE_DEMAND, "vlan= cannot work"},
};

static bool missing(const struct modules *m, const char *name, struct fault *f)
{
	return fault_set(
		f, FAULT_MODULE_MISSING, "'%s' (%s/%s)", name, m->tree->name, m->directory);
}

bool table_select(struct modules *m, char *const *names, size_t count, struct fault *f)
{
	bool found;

	for (size_t i = 0; i < count; i++) {
		if (!modules_add(m, names[i], MODULE_DEVICE, &found, f))
			return false;
		if (!found)
			return missing(m, names[i], f);
	}
	for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
		if (!modules_add(m, always[i].name, always[i].flag, &found, f))
			return false;
		if (!found && !always[i].loss)
			return missing(m, always[i].name, f);
		if (!found)
			say_note("kernel %s has no %s: %s", m->version, always[i].name,
				always[i].loss);
	}
	return true;
}

bool table_has(const char *name)
{
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		if (!strcmp(always[i].name, name))
			return true;
	return false;
}

bool table_is_extra(const char *name)
{
	return !strcmp(name, "nfsv4"); // a third of all that is common
}

void table_write_line(const struct modules *m, size_t place, struct buffer *to)
{
	const struct module *one = &m->list[place];
	struct reader modinfo = modules_modinfo(one);
	const char *alias;

	buffer_format(to, "%s /%s %c ", one->name, one->target, one->flag);
	for (size_t d = 0; d < one->dependency_count; d++)
		buffer_format(to, "%s%s", d ? "," : "", m->list[one->dependencies[d]].name);
	if (!one->dependency_count)
		buffer_add(to, "-", 1);
	while (one->flag == MODULE_DEVICE && (alias = modules_next_device_alias(&modinfo)))
		buffer_format(to, " %s", alias);
	buffer_add(to, "\n", 1);
}

void table_write(const struct modules *m, struct buffer *to)
{
	for (size_t i = 0; i < m->count; i++)
		table_write_line(m, i, to);
}
