// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/programs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const programs_boot[PROGRAM_KINDS] = {"lanyard.0", "lanyardx64.efi", "lanyardaa64.efi"};

static bool exists(const char *directory, const char *name, char path[PROGRAM_PATH])
{
	char joined[PROGRAM_PATH * 2];

	snprintf(joined, sizeof joined, "%s/%s", directory, name);
	return realpath(joined, path) && access(path, F_OK) == 0;
}

bool program_find(const char *directory, const char *name, char path[PROGRAM_PATH])
{
	char ours[PROGRAM_PATH], library[PROGRAM_PATH + 32];
	ssize_t length;
	char *slash;

	if (directory)
		return exists(directory, name, path);
	length = readlink("/proc/self/exe", ours, sizeof ours - 1);
	if (length <= 0)
		return false;
	ours[length] = 0;
	slash = strrchr(ours, '/');
	*slash = 0;
	snprintf(library, sizeof library, "%s/../lib/lanyard", ours);
	return exists(ours, name, path) || exists(library, name, path);
}
