// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/options.h"
#include "initramfs/mklanyard/tree.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char options_usage[] =
	"usage: mklanyard [options] -m list:MODULE,... -o IMAGE\n"
	"       mklanyard [options] -m list:MODULE,... --print\n"
	"  -o IMAGE      the initramfs to write\n"
	"  -m list:A,B   the drivers of network cards that it must carry\n"
	"  -r ROOT       root tree whose kernel it is for (default /)\n"
	"  -k VERSION    that kernel's version (default: the newest in ROOT)\n"
	"  --compress zstd|xz|gzip|none   (default: the best that the kernel unpacks)\n"
	"  --with-shell  adds a static busybox\n"
	"  --init FILE   another init program than Lanyard's\n"
	"  --print       lists what goes in, with sizes\n";

enum { WITH_SHELL = 256, PRINT, COMPRESS, INIT, HELP };

static const struct option long_options[] = {
	{"with-shell", no_argument, NULL, WITH_SHELL},
	{"print", no_argument, NULL, PRINT},
	{"compress", required_argument, NULL, COMPRESS},
	{"init", required_argument, NULL, INIT},
	{"help", no_argument, NULL, HELP},
	{NULL, 0, NULL, 0},
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_module(struct options *o, char *name, struct fault *f)
{
	if (!tree_is_plain(name) || strchr(name, '/'))
		return fault_set(f, FAULT_MKLANYARD_USAGE,
			"(-m list: has '%s', which is no module's name)", name);
	for (size_t i = 0; i < o->module_count; i++)
		if (!strcmp(o->modules[i], name))
			return true;
	o->modules = buffer_resize(o->modules, o->module_count + 1, sizeof *o->modules);
	o->modules[o->module_count++] = name;
	return true;
}

static bool read_modules(struct options *o, char *choice, struct fault *f)
{
	static const char *const later[] = {"all", "netboot", "auto"};
	char *name;

	for (size_t i = 0; i < sizeof later / sizeof *later; i++)
		if (!strcmp(choice, later[i]))
			return fault_set(f, FAULT_MKLANYARD_USAGE,
				"(this version does not know '-m %s' yet: name the drivers of the "
				"network "
				"cards, as in -m list:e1000,virtio_net)",
				choice);
	if (strncmp(choice, "list:", 5))
		return fault_set(
			f, FAULT_MKLANYARD_USAGE, "(-m wants list:MODULE,..., not '%s')", choice);
	choice += 5;
	while ((name = strsep(&choice, ",")))
		if (!add_module(o, name, f))
			return false;
	qsort(o->modules, o->module_count, sizeof *o->modules, by_name);
	return true;
}

static bool read_option(struct options *o, int option, char *value, struct fault *f)
{
	switch (option) {
	case 'o':
		o->output = value;
		return true;
	case 'r':
		o->root = value;
		return true;
	case 'k':
		o->kernel = value;
		return true;
	case 'm':
		return read_modules(o, value, f);
	case INIT:
		o->init = value;
		return true;
	case COMPRESS:
		return compress_by_name(value, &o->compress) ||
		       fault_set(f, FAULT_MKLANYARD_USAGE,
			       "(--compress wants zstd, xz, gzip or none, not '%s')", value);
	case WITH_SHELL:
		return o->with_shell = true;
	case PRINT:
		return o->print = true;
	default:
		return o->help = true;
	}
}

// `kind` is what getopt_long said: ':' for a missing value, '?' for an unknown option.
static bool refuse_option(int kind, const char *last, struct fault *f)
{
	const char *problem = kind == ':' ? "needs a value" : "is no option";

	if (optopt > ' ' && optopt < 0x7f)
		return fault_set(f, FAULT_MKLANYARD_USAGE, "(-%c %s)", optopt, problem);
	return fault_set(f, FAULT_MKLANYARD_USAGE, "(%s %s)", last, problem);
}

static bool read_epoch(struct options *o, struct fault *f)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");

	return !epoch || text_u32(epoch, strlen(epoch), 10, &o->mtime) ||
	       fault_set(f, FAULT_MKLANYARD_USAGE,
		       "(SOURCE_DATE_EPOCH is '%s', not seconds since 1970 that fit into a cpio "
		       "archive)",
		       epoch);
}

static bool check(const struct options *o, struct fault *f)
{
	if (!o->module_count)
		return fault_set(f, FAULT_MKLANYARD_USAGE, "(-m list:MODULE,... is missing)");
	if (!o->output && !o->print)
		return fault_set(f, FAULT_MKLANYARD_USAGE, "(-o IMAGE is missing)");
	return true;
}

bool options_read(struct options *o, int argc, char **argv, struct fault *f)
{
	int option;

	*o = (struct options){.root = "/", .compress = COMPRESS_AUTO};
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, ":o:r:k:m:", long_options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return refuse_option(option, argv[optind - 1], f);
		if (!read_option(o, option, optarg, f))
			return false;
	}
	if (o->help)
		return true;
	if (optind < argc)
		return fault_set(
			f, FAULT_MKLANYARD_USAGE, "('%s' belongs to no option)", argv[optind]);
	return read_epoch(o, f) && check(o, f);
}

void options_free(struct options *o)
{
	free(o->modules);
	o->modules = NULL;
}
