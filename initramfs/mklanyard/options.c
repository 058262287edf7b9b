// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/options.h"
#include "initramfs/mklanyard/tree.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char options_usage[] =
	"usage: mklanyard [options] -m SET -o IMAGE\n"
	"       mklanyard [options] -m SET --print\n"
	"  -o IMAGE      the initramfs to write\n"
	"  -m netboot    it carries the drivers of all wired network cards,\n"
	"     all        of those and of cards on USB,\n"
	"     auto       of the cards of this machine,\n"
	"     list:A,B   of these names; -m may stand more than once\n"
	"  -r ROOT       root tree whose kernel it is for (default /)\n"
	"  -k VERSION    that kernel's version (default: the newest in ROOT)\n"
	"  --small       packs it as small as it gets, which takes longer\n"
	"  --compress zstd|xz|gzip|none   (default: the best that the kernel unpacks)\n"
	"  --no-microcode   leaves out the processors' microcode that ROOT has\n"
	"  --with-shell  adds a static busybox\n"
	"  --init FILE   another init program than Lanyard's\n"
	"  --sys DIR     where -m auto finds the machine's devices (default /sys)\n"
	"  --segments DIR   writes the image in parts, one for each driver, with an index\n"
	"  --files DIR   adds the files below DIR, at the same paths\n"
	"  --print       lists what goes in, with sizes\n";

enum { WITH_SHELL = 256, PRINT, COMPRESS, INIT, SMALL, NO_MICROCODE, SYS, SEGMENTS, FILES, HELP };

static const struct option long_options[] = {
	{"with-shell", no_argument, NULL, WITH_SHELL},
	{"print", no_argument, NULL, PRINT},
	{"compress", required_argument, NULL, COMPRESS},
	{"init", required_argument, NULL, INIT},
	{"small", no_argument, NULL, SMALL},
	{"no-microcode", no_argument, NULL, NO_MICROCODE},
	{"sys", required_argument, NULL, SYS},
	{"segments", required_argument, NULL, SEGMENTS},
	{"files", required_argument, NULL, FILES},
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

static bool read_list(struct options *o, char *names, struct fault *f)
{
	char *name;

	while ((name = strsep(&names, ",")))
		if (!add_module(o, name, f))
			return false;
	qsort(o->modules, o->module_count, sizeof *o->modules, by_name);
	return true;
}

// -m: several of them add up.
static bool read_choice(struct options *o, char *choice, struct fault *f)
{
	if (!strncmp(choice, "list:", 5))
		return read_list(o, choice + 5, f);
	if (!strcmp(choice, "auto"))
		return o->this_machine = true;
	if (!strcmp(choice, "all"))
		o->set = DRIVERS_ALL;
	else if (strcmp(choice, "netboot"))
		return fault_set(f, FAULT_MKLANYARD_USAGE,
			"(-m wants netboot, all, auto or list:MODULE,..., not '%s')", choice);
	else if (o->set == DRIVERS_NAMED)
		o->set = DRIVERS_NETBOOT;
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
		return read_choice(o, value, f);
	case INIT:
		o->init = value;
		return true;
	case SYS:
		o->sys = value;
		return true;
	case SEGMENTS:
		o->segments = value;
		return true;
	case FILES:
		o->files = value;
		return true;
	case SMALL:
		return o->small = true;
	case NO_MICROCODE:
		o->microcode = false;
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
	if (!o->module_count && !o->this_machine && o->set == DRIVERS_NAMED)
		return fault_set(f, FAULT_MKLANYARD_USAGE,
			"(-m is missing: netboot, all, auto or list:MODULE,...)");
	if (!o->output && !o->segments && !o->print)
		return fault_set(f, FAULT_MKLANYARD_USAGE, "(-o IMAGE is missing)");
	return true;
}

bool options_read(struct options *o, int argc, char **argv, struct fault *f)
{
	int option;

	*o = (struct options){
		.root = "/", .sys = "/sys", .compress = COMPRESS_AUTO, .microcode = true};
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
