// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/root/overlay.h"

#include "initramfs/file.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define LOWER "/run/lanyard/lower"
#define UPPER "/run/lanyard/upper"

static bool fail(struct fault *fault, const char *what)
{
	return fault_set(fault, FAULT_OVERLAY, "(%s: %s%s)", what, strerror(errno),
		errno == ENODEV ? "; 'mklanyard -m list:overlay' adds the module to an image" : "");
}

// tmpfs[,size=SIZE]: SIZE goes to the kernel, which checks it.
static bool read_value(const char *value, struct text *options, struct fault *fault)
{
	size_t length = strcspn(value, ",");

	text_format(options, "mode=0755");
	if (text_is(value, length, "tmpfs") && !value[length])
		return true;
	if (!text_is(value, length, "tmpfs") || !text_starts(value + length, ",size=") ||
		strchr(value + length + 1, ','))
		return fault_set(fault, FAULT_OVERLAY, "(lanyard.overlay=%s: use tmpfs[,size=SIZE])",
			value);
	text_format(options, "%s", value + length);
	return true;
}

static bool mount_layers(const char *options, const char *root, struct fault *fault)
{
	if (!file_make_directories(LOWER) || !file_make_directories(UPPER))
		return fail(fault, LOWER);
	if (mount("tmpfs", UPPER, "tmpfs", 0, options) < 0)
		return fail(fault, options);
	if (mkdir(UPPER "/data", 0755) < 0 || mkdir(UPPER "/work", 0755) < 0)
		return fail(fault, UPPER);
	if (mount(root, LOWER, NULL, MS_MOVE, NULL) < 0)
		return fail(fault, LOWER);
	return true;
}

bool overlay_mount(const char *value, const char *root, struct fault *fault)
{
	char options[128];
	struct text t = text_of(options, sizeof options);

	if (!read_value(value, &t, fault) || !mount_layers(options, root, fault))
		return false;
	if (mount("overlay", root, "overlay", 0,
		"lowerdir=" LOWER ",upperdir=" UPPER "/data,workdir=" UPPER "/work") < 0)
		return fail(fault, "mount of type overlay");
	return true;
}

void overlay_drop(const char *root)
{
	umount2(root, MNT_DETACH);
	umount2(UPPER, MNT_DETACH);
	umount2(LOWER, MNT_DETACH);
}
