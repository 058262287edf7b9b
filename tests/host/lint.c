// SPDX-License-Identifier: BSD-2-Clause
// lanyard-host --lint FILE: what is wrong with a configuration, for the person who wrote it. One line
// for each thing, as compilers print them: FILE:LINE: what.
#include "bootloader/boot.h"
#include "bootloader/config.h"
#include "bootloader/password.h"
#include "bootloader/paths.h"
#include "bootloader/plan.h"
#include "tests/host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const char *root; // what TFTP serves
static unsigned found;   // things that are wrong

static void tell(const char *file, uint32_t line, const char *what, const char *name)
{
	printf("%s:%u: ", file, line);
	printf(what, name);
	putchar('\n');
	found++;
}

// Files

static char *under_root(const char *name)
{
	size_t size = strlen(root) + strlen(name) + 2;
	char *path = malloc(size);

	if (!path)
		host_die("memory");
	snprintf(path, size, "%s/%s", root, name);
	return path;
}

// A name of the configuration; what another server has cannot be seen from here.
static bool exists(const char *name)
{
	struct fault fault;
	struct path path;
	struct stat status;
	bool there = true;
	char *at;

	if (!path_resolve(&path, "", name, &fault) || path.host[0] || !ipaddr_is_unset(&path.server))
		return true;
	at = under_root(path.file);
	there = stat(at, &status) == 0;
	free(at);
	return there;
}

static bool push(struct config *c, const char *path, const char *name)
{
	size_t room, length;
	char *at = config_room(c, &room);
	FILE *file = fopen(path, "rb");

	if (!file)
		return false;
	length = fread(at, 1, room, file);
	if (getc(file) != EOF)
		tell(name, 1, "more than %s of text: the rest is not looked at", "768 KiB");
	fclose(file);
	config_push(c, name, length);
	return true;
}

// What happens while the file is read

static const char *include(void *context, struct config *c, const char *name)
{
	char *path = under_root(name);
	bool there = push(c, path, name);

	(void)context;
	free(path);
	return there ? NULL : "a file that the server has";
}

static void problem(void *context, const struct config_problem *p)
{
	(void)context;
	printf("%s:%u: \"%.60s\": expected %s", p->file, p->line, p->text, p->expected);
	if (p->word)
		printf(", perhaps %s", p->word);
	putchar('\n');
	found++;
}

static void display(void *context, const char *name)
{
	const struct config *c = context;
	const struct config_source *s = &c->sources[c->depth - 1];

	if (!exists(name))
		tell(s->name, s->line, "DISPLAY %s: there is no such file", name);
}

// What the whole says

static void check_module(const struct config_label *l, const struct plan *p)
{
	struct fault fault;

	if (!builtin_check(p, &fault))
		tell(l->file, l->line, "this module cannot be run %s", fault.facts);
}

static void check_files(const struct config_label *l, const struct plan *p)
{
	if (p->image != IMAGE_MODULE && p->image != IMAGE_LOCAL && !exists(p->kernel))
		tell(l->file, l->line, "%s: there is no such file", p->kernel);
	for (size_t i = 0; i < p->initrd_count; i++)
		if (!exists(p->initrds[i]))
			tell(l->file, l->line, "%s: there is no such initrd", p->initrds[i]);
	if (p->image == IMAGE_MODULE)
		check_module(l, p);
	if (p->image == IMAGE_OTHER)
		tell(l->file, l->line, "%s: this kind of program cannot be started", p->kernel);
}

// Passwords that no boot program can check, or not each of them. Empty ones open nothing.
static void check_password(const char *file, uint32_t line, const char *password)
{
	const bool any = password && *password;
	const enum password_result result = any ? password_check(password, "") : PASSWORD_WRONG;

	if (result == PASSWORD_UNKNOWN)
		tell(file, line, "%.3s is an encryption of passwords that cannot be checked: it "
			"stays locked", password);
	else if (result == PASSWORD_ROUNDS)
		tell(file, line, "%s: so many rounds take too long: it stays locked", password);
	else if (any && (strncmp(password, "$5$", 3) == 0 || strncmp(password, "$6$", 3) == 0))
		tell(file, line, "%.3s passwords stay locked on BIOS machines: use $1$ or $4$",
			password);
}

static void check_label(const struct config *c, const struct config_label *l)
{
	static const struct plan_sysappend sysappend = {{
		"ip=255.255.255.255:255.255.255.255:255.255.255.255:255.255.255.255",
		"BOOTIF=01-00-00-00-00-00-00", "SYSUUID=00000000-0000-0000-0000-000000000000",
	}};
	static struct plan plan;
	struct fault fault = {0};
	size_t length;
	const struct config_label *first = config_find(c, l->name, &length);

	if (first && first != l)
		tell(l->file, l->line, "LABEL %s: a label before it has the same name", l->name);
	check_password(l->file, l->line, l->password);
	if (l->action != ACTION_COMMAND)
		return;
	if (plan_make_label(&plan, l, NULL, &sysappend, &fault))
		check_files(l, &plan);
	else
		tell(l->file, l->line, "the command line is too long or wrong %s", fault.facts);
}

static bool is_module(const char *command)
{
	size_t length = config_word(command);

	return (length > 4 && text_is(command + length - 4, 4, ".c32")) ||
	       text_is(command, length, "menu") || text_is(command, length, "vesamenu");
}

static void check_command(const struct config *c, const char *file, const char *word,
	const char *command)
{
	char *name;
	size_t length;

	if (!command || config_find(c, command, &length) || is_module(command))
		return;
	name = strndup(command, length);
	if (!c->implicit || !exists(name)) {
		printf("%s: %s %s: there is no such label%s\n", file, word, name,
			c->implicit ? ", nor a file of that name" : "");
		found++;
	}
	free(name);
}

// Where nobody is asked and nobody can interrupt, only some labels are ever booted.
static void check_reached(const struct config *c)
{
	size_t length;
	const char *command = config_command(c);
	const struct config_label *first = command ? config_find(c, command, &length) : NULL;
	const struct config_label *error = c->onerror ? config_find(c, c->onerror, &length) : NULL;

	if (!command || is_module(command) || c->prompt || !c->no_escape)
		return;
	for (size_t i = 0; i < c->label_count; i++) {
		const struct config_label *l = &c->labels[i];

		if (l->name && l != first && l != error)
			tell(l->file, l->line, "LABEL %s: never reached, unless DEFAULT fails "
				"(NOESCAPE 1, no PROMPT, no menu)", l->name);
	}
}

// The directory that a name is relative to: the one above pxelinux.cfg, else the file's own.
static char *directory_of(const char *file)
{
	char *path = strdup(file), *cut = strstr(path, "pxelinux.cfg/");

	while (cut && strstr(cut + 1, "pxelinux.cfg/"))
		cut = strstr(cut + 1, "pxelinux.cfg/");
	if (!cut || (cut > path && cut[-1] != '/'))
		cut = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	*cut = 0;
	if (!*path) {
		free(path);
		path = strdup(".");
	}
	return path;
}

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

// How much was read, and how long that took, files and all.
static void tell_size(const struct config *c, double began)
{
	size_t labels = 0;

	for (size_t i = 0; i < c->label_count; i++)
		labels += c->labels[i].name != NULL;
	fprintf(stderr, "%zu labels in %zu files, read in %.2f ms\n", labels, c->files,
		milliseconds() - began);
}

int host_lint(const char *file, const char *directory)
{
	static struct config c;
	static const struct config_events events = {
		.include = include, .problem = problem, .display = display,
	};
	char *own = directory_of(file);
	double began = milliseconds();

	root = directory ? directory : own;
	config_start(&c, &events, &c);
	if (!push(&c, file, file))
		host_die(file);
	config_run(&c);
	config_finish(&c);
	if (options.show)
		tell_size(&c, began);
	for (size_t i = 0; i < c.label_count; i++)
		if (c.labels[i].name && !c.labels[i].disabled)
			check_label(&c, &c.labels[i]);
	check_command(&c, file, "DEFAULT", c.default_command);
	check_command(&c, file, "UI", c.ui);
	check_command(&c, file, "ONTIMEOUT", c.ontimeout);
	check_command(&c, file, "ONERROR", c.onerror);
	for (size_t i = 0; i < c.menu_count; i++)
		check_password(file, 1, c.menus[i].master);
	check_reached(&c);
	if (c.dropped) {
		printf("%s: %zu labels too many\n", file, c.dropped);
		found++;
	}
	free(own);
	return found ? EXIT_NO_PLAN : EXIT_PLAN;
}
