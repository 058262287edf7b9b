// SPDX-License-Identifier: BSD-2-Clause
// Looks for a configuration under all its names, reads it with what it includes, does what acts at
// once (SAY, SERIAL, CONSOLE, DISPLAY), and tells what is wrong with it.
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "bootloader/search.h"
#include "netstack/base/memory.h"

static void say(void *context, const char *text)
{
	(void)context;
	console_clear();
	console_text(text);
	console_text("\n");
}

static void serial(void *context, uint32_t port, uint32_t baud, uint32_t flow)
{
	(void)context;
	if (!platform_serial(port, baud, flow))
		console_stage("there is no serial port %u", (unsigned)port);
}

// A few errors help; a screen full of them hides the first.
static void problem(void *context, const struct config_problem *p)
{
	struct boot *b = context;
	struct fault fault;
	char text[64];
	struct text shown = text_of(text, sizeof text);

	if (b->config.problems > CONFIG_PROBLEMS)
		return;
	text_foreign(&shown, p->text, strlen(p->text));
	fault_set(&fault, FAULT_CONFIG_ERROR, "in %.100s line %u: \"%.50s%s\" (expected %s%s%s)",
		p->file, (unsigned)p->line, text, shown.length > 50 ? "..." : "", p->expected,
		p->word ? ", perhaps " : "", p->word ? p->word : "");
	console_fault(&fault);
}

static const char *include(void *context, struct config *c, const char *name)
{
	struct boot *b = context;
	struct sink_text sink;
	struct path path;
	struct fault fault;
	uint64_t length;
	size_t size;
	char *room = config_room(c, &size);

	if (size == 0)
		return "not so much text";
	sink_text(&sink, room, size);
	if (load_file(b, name, &path, &sink.sink, false, &length, &fault)) {
		config_push(c, name, sink.length);
		return NULL;
	}
	if (fetch_refused(&fault))
		return "a file that the server has";
	console_fault(&fault);
	return "a file that can be loaded";
}

static void screen(void *context, bool on)
{
	(void)context;
	platform_screen(on);
}

static void display(void *context, const char *file)
{
	prompt_file(context, file);
}

static const struct config_events events = {
	.say = say,
	.serial = serial,
	.screen = screen,
	.display = display,
	.include = include,
	.problem = problem,
};

void search_start(struct boot *b)
{
	b->candidate = 0;
}

static bool next_name(struct boot *b, struct text *name)
{
	const struct search_facts facts = {
		.option = b->lease.config_file,
		.uuid = b->id->has_uuid ? b->id->uuid : NULL,
		.hwaddr = b->nic->hwaddr,
		.hwaddr_length = b->nic->hwaddr_length,
		.hwtype = b->nic->hwtype,
		.address = b->lease.address,
	};

	return search_name(b->candidate++, &facts, name);
}

static void finish(struct boot *b)
{
	struct config *c = &b->config;

	config_finish(c);
	if (c->problems > CONFIG_PROBLEMS)
		console_stage("%zu more errors in the configuration",
			c->problems - CONFIG_PROBLEMS);
	if (c->dropped)
		console_stage("the configuration has more than %d labels: %zu are left out",
			CONFIG_LABELS, c->dropped);
}

static void parse(struct boot *b, const char *name, size_t length)
{
	struct text kept = text_of(b->config_name, sizeof b->config_name);

	text_append(&kept, name, strlen(name));
	console_stage("config %s", b->config_path.file);
	record_stage(&b->timeline, "config", console_elapsed());
	config_push(&b->config, b->config_path.file, length);
	config_run(&b->config);
	finish(b);
}

enum search_result search_next(struct boot *b, struct fault *fault)
{
	struct sink_text sink;
	uint64_t size;

	while (b->candidate < SEARCH_NAMES) {
		char buffer[PATH_NAME];
		struct text name = text_of(buffer, sizeof buffer);
		size_t room;
		char *at;

		if (!next_name(b, &name))
			continue;
		config_start(&b->config, &events, b);
		at = config_room(&b->config, &room);
		sink_text(&sink, at, room);
		if (load_file(b, buffer, &b->config_path, &sink.sink, false, &size, fault)) {
			parse(b, buffer, sink.length);
			return SEARCH_FOUND;
		}
		if (fetch_refused(fault))
			continue;
		config_start(&b->config, &events, b); // what was there may have been written over
		if (fetch_may_pass(fault) || fault->id == FAULT_NO_SERVER)
			return SEARCH_FAILED;
		console_fault(fault);
	}
	return SEARCH_MISSING;
}

// Other configurations

// CONFIG's directory: relative to the prefix there was, unless it says where it is.
static void change_prefix(struct boot *b)
{
	char old[PATH_NAME];
	struct text before = text_of(old, sizeof old), t;
	const char *to = b->next_prefix;
	size_t length = strlen(to);
	bool absolute = false;

	text_append(&before, b->prefix, strlen(b->prefix));
	t = text_of(b->prefix, sizeof b->prefix);
	for (size_t i = 0; i + 1 < length; i++)
		absolute |= to[i] == ':' && (to[i + 1] == ':' || to[i + 1] == '/');
	if (!absolute)
		text_append(&t, old, before.length);
	text_append(&t, to, length);
	if (length && to[length - 1] != '/' && to[length - 1] != ':')
		text_putc(&t, '/');
	b->next_prefix[0] = 0;
}

static bool read_another(struct boot *b, const char *name, struct fault *fault)
{
	struct sink_text sink;
	uint64_t size;
	size_t room;
	char *at = config_room(&b->config, &room);

	sink_text(&sink, at, room);
	if (!load_file(b, name, &b->config_path, &sink.sink, false, &size, fault))
		return false;
	console_stage("config %s", b->config_path.file);
	config_push(&b->config, name, sink.length);
	config_run(&b->config);
	return true;
}

bool config_switch(struct boot *b, struct fault *fault)
{
	struct text list = text_of(b->config_list, sizeof b->config_list);
	bool read = true;

	text_append(&list, b->next_config, strlen(b->next_config));
	b->next_config[0] = 0;
	config_start(&b->config, &events, b);
	for (char *name = b->config_list; read && *name;) {
		size_t length = config_word(name);
		char *rest = name + length;

		if (*rest)
			*rest++ = 0;
		read = read_another(b, text_is(name, length, "~") ? b->config_name : name, fault);
		name = rest + (config_skip(rest) - rest);
	}
	finish(b);
	change_prefix(b);
	return read;
}
