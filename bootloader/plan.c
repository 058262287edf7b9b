// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/plan.h"
#include "netstack/base/memory.h"

const char *const plan_suffixes[] = {".c32", ".img", ".bss", ".bin", ".bs", ".0", NULL};

enum config_image plan_image_of(const char *kernel)
{
	static const enum config_image kinds[] = {
		IMAGE_MODULE, IMAGE_OTHER, IMAGE_PROGRAM, IMAGE_PROGRAM, IMAGE_PROGRAM, IMAGE_PROGRAM,
	};
	size_t length = strlen(kernel);

	for (size_t i = 0; plan_suffixes[i]; i++) {
		size_t end = strlen(plan_suffixes[i]);

		if (length >= end && memcmp(kernel + length - end, plan_suffixes[i], end) == 0)
			return kinds[i];
	}
	return IMAGE_LINUX;
}

// The first place of `word` in `text`, NULL if it is not there.
static const char *find(const char *text, const char *word)
{
	for (; *text; text++)
		if (text_starts(text, word))
			return text;
	return NULL;
}

// The value of the last argument that begins with `name`, which ends in '='; NULL if there is none.
static const char *find_argument(const char *line, const char *name)
{
	const char *value = NULL;

	for (const char *at = line; *at; at = config_skip(at + config_word(at)))
		if (text_starts(at, name))
			value = at + strlen(name);
	return value;
}

static void put_sysappend(struct text *t, uint32_t bits, const struct plan_sysappend *sysappend)
{
	for (size_t bit = 0; bit < PLAN_SYSAPPENDS; bit++)
		if (bits >> bit & 1 && sysappend->text[bit])
			text_format(t, " %s", sysappend->text[bit]);
}

// The kind of a command's first word.
static enum config_image image_of_command(const char *command)
{
	char name[PATH_NAME];
	struct text t = text_of(name, sizeof name);

	text_append(&t, command, config_word(command));
	return plan_image_of(name);
}

// Modules and CONFIG would take these texts for names of files.
static bool takes_sysappend(const struct config_label *l)
{
	if (l->image == IMAGE_BY_NAME && l->kernel)
		return image_of_command(l->kernel) != IMAGE_MODULE;
	return l->image != IMAGE_MODULE && l->image != IMAGE_CONFIG;
}

void plan_label_line(const struct config_label *label, const struct plan_sysappend *sysappend,
	struct text *t)
{
	const char *append = label->append;

	if (label->kernel)
		text_append(t, label->kernel, strlen(label->kernel));
	else if (label->name)
		text_append(t, label->name, config_word(label->name));
	if (append && *append && (append[0] != '-' || append[1]))
		text_format(t, " %s", append);
	if (label->initrd)
		text_format(t, " initrd=%s", label->initrd);
	if (takes_sysappend(label))
		put_sysappend(t, label->sysappend, sysappend);
}

// The names after "initrd=" up to the next blank, separated by commas.
static bool list_initrds(struct plan *p, const char *line, struct fault *fault)
{
	const char *list = find(line, "initrd=");
	struct text names = text_of(p->initrd_names, sizeof p->initrd_names);
	size_t length = 0;

	if (!list)
		return true;
	list += strlen("initrd=");
	text_append(&names, list, config_word(list));
	for (char *name = p->initrd_names; name < names.start + names.length; name += length + 1) {
		length = 0;
		while (name[length] && name[length] != ',')
			length++;
		name[length] = 0;
		if (length == 0)
			continue;
		if (p->initrd_count == PLAN_INITRDS)
			return fault_set(fault, FAULT_CONFIG_ERROR, ": more than %d initrds",
				PLAN_INITRDS);
		p->initrds[p->initrd_count++] = name;
	}
	return true;
}

static uint16_t video_mode(const char *value)
{
	size_t length = value ? config_word(value) : 0;
	uint32_t number;

	if (text_is(value, length, "ext"))
		return 0xfffe;
	if (text_is(value, length, "ask"))
		return 0xfffd;
	return length && text_number(value, length, &number) ? (uint16_t)number : 0xffff;
}

// mem=512M: bytes, UINT64_MAX if it is absent or no number.
static uint64_t memory_limit(const char *value)
{
	size_t length = value ? config_word(value) : 0;
	unsigned shift = 0;
	uint32_t number;

	if (length) {
		char unit = value[length - 1] | 0x20;

		shift = unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : 0;
		length -= shift != 0;
	}
	if (length && text_number(value, length, &number))
		return (uint64_t)number << shift;
	return UINT64_MAX;
}

// Splits "kernel arguments" and makes the final line of it.
static bool set_line(struct plan *p, const char *whole, struct fault *fault)
{
	size_t length = config_word(whole);
	const char *arguments = config_skip(whole + length);
	struct text kernel = text_of(p->kernel, sizeof p->kernel);
	struct text line = text_of(p->command_line, sizeof p->command_line);

	text_append(&kernel, whole, length);
	text_format(&line, "BOOT_IMAGE=%s %s", p->kernel, arguments);
	p->arguments = p->command_line + strlen("BOOT_IMAGE=") + kernel.length;
	p->arguments += *p->arguments == ' ';
	if (kernel.cut)
		return fault_set(fault, FAULT_CONFIG_ERROR,
			": the file name '%.40s...' is longer than %d characters", p->kernel,
			PATH_NAME - 1);
	if (line.cut)
		return fault_set(fault, FAULT_COMMAND_LINE, "(%zu characters, %d are allowed)",
			strlen("BOOT_IMAGE= ") + length + strlen(arguments), PLAN_LINE);
	p->video_mode = video_mode(find_argument(arguments, "vga="));
	p->memory_limit = memory_limit(find_argument(arguments, "mem="));
	p->keep_pxe = find(arguments, "keeppxe") != NULL;
	p->quiet = find(arguments, "quiet") != NULL;
	return list_initrds(p, arguments, fault);
}

// The fields of *p, from the line and, unless it is NULL, from the label.
static bool finish(struct plan *p, const struct config_label *label, const struct text *whole,
	struct fault *fault)
{
	if (whole->cut)
		return fault_set(fault, FAULT_COMMAND_LINE,
			"(more than %d characters, %d are allowed)", CONFIG_LINE, PLAN_LINE);
	if (label) {
		p->label = label->name;
		p->image = label->image;
		p->local = label->local;
		p->fdt = label->fdt;
		p->fdtdir = label->fdtdir;
		p->overlays = label->overlays;
		p->kaslrseed = label->kaslrseed;
	}
	if (!set_line(p, config_skip(whole->start), fault))
		return false;
	if (p->image == IMAGE_BY_NAME)
		p->image = plan_image_of(p->kernel);
	return true;
}

bool plan_make_label(struct plan *p, const struct config_label *label, const char *line,
	const struct plan_sysappend *sysappend, struct fault *fault)
{
	char buffer[CONFIG_LINE + 1];
	struct text whole = text_of(buffer, sizeof buffer);

	memset(p, 0, sizeof *p);
	if (line)
		text_append(&whole, line, strlen(line));
	else
		plan_label_line(label, sysappend, &whole);
	return finish(p, label, &whole, fault);
}

// A command that is no label may name a module, which would take SYSAPPEND's texts for its arguments.
static bool names_kernel(const char *command)
{
	size_t length = config_word(command);

	return image_of_command(command) == IMAGE_LINUX && !text_is(command, length, "menu") &&
	       !text_is(command, length, "vesamenu");
}

bool plan_make(struct plan *p, const struct config *c, const char *command, bool typed,
	const struct plan_sysappend *sysappend, struct fault *fault)
{
	char buffer[CONFIG_LINE + 1];
	struct text whole = text_of(buffer, sizeof buffer);
	const struct config_label *label;
	size_t length;

	memset(p, 0, sizeof *p);
	command = config_skip(command);
	label = config_find(c, command, &length);
	if (!label && !c->implicit && command != c->ui)
		return fault_set(fault, FAULT_CONFIG_LABEL,
			": '%.60s', and IMPLICIT 0 allows only labels", command);
	if (label)
		plan_label_line(label, sysappend, &whole);
	else
		text_append(&whole, command, length);
	command = config_skip(command + length);
	if (typed && !c->allow_options)
		p->options_dropped = *command != 0;
	else if (*command)
		text_format(&whole, " %s", command);
	if (!label && names_kernel(buffer))
		put_sysappend(&whole, c->sysappend, sysappend);
	return finish(p, label, &whole, fault);
}
