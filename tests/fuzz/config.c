// SPDX-License-Identifier: BSD-2-Clause
// Any text as a configuration file: its values lie inside the text, and the plan of every label and
// of the default command can be made or has a fault.
#include "bootloader/config.h"
#include "bootloader/menu.h"
#include "bootloader/password_parts.h"
#include "bootloader/paths.h"
#include "bootloader/platform.h"
#include "bootloader/plan.h"
#include "tests/fuzz/harness.h"

static void said(void *context, const char *text)
{
	(void)context;
	touch(text, strlen(text));
}

static void serial(void *context, uint32_t port, uint32_t baud, uint32_t flow)
{
	(void)context;
	(void)port;
	(void)baud;
	(void)flow;
}

// Every file is the beginning of the whole again, so that it includes itself and others.
static const uint8_t *whole;
static size_t whole_length;

static const char *include(void *context, struct config *c, const char *file)
{
	size_t size, length = whole_length / 2;
	char *room = config_room(c, &size);

	(void)context;
	touch(file, strlen(file));
	if (length > size)
		return "not so much text";
	memcpy(room, whole, length);
	config_push(c, file, length);
	return NULL;
}

static void problem(void *context, const struct config_problem *p)
{
	(void)context;
	touch(p->file, strlen(p->file));
	touch(p->text, strlen(p->text));
	touch(p->expected, strlen(p->expected));
}

void platform_putc(char c)
{
	(void)c;
}

void platform_goto(unsigned row, unsigned column)
{
	PROMISE(row < SCREEN_ROWS && column < SCREEN_COLUMNS);
}

void platform_colour(uint8_t colour)
{
	(void)colour;
}

void platform_clear(void)
{
}

// Passwords that cost no time: what is typed is its own encryption.
static void encrypt(const struct password_parts *p, const char *typed, size_t length, struct text *to)
{
	PROMISE(p->rounds <= PASSWORD_ROUNDS_MAX);
	touch(p->salt.at, p->salt.length);
	touch(p->hash.at, p->hash.length);
	text_append(to, typed, length);
}

const struct password_method password_methods[] = {{'1', encrypt}, {'4', encrypt}, {'5', encrypt}};
const size_t password_method_count = sizeof password_methods / sizeof *password_methods;

// Keys from the text itself; the bar stays on an entry of the menu that is shown.
static void use_menu(const struct config *c, const uint8_t *keys, size_t count)
{
	static const struct plan_sysappend appended;
	static struct menu menu;
	static struct screen screen;

	menu_start(&menu, c, &appended);
	for (size_t i = 0; i < count && i < 60; i++) {
		menu_key(&menu, keys[i] & 0x80 ? KEY_UP + keys[i] % 22 : keys[i]);
		menu_draw(&menu, &screen);
		screen_show(&screen);
		PROMISE(menu.number < c->menu_count);
		PROMISE(menu.chosen == CONFIG_NONE || (menu.chosen < c->label_count &&
			c->labels[menu.chosen].menu == menu.number));
	}
}

static void inside(const struct config *c, const char *value)
{
	if (value)
		PROMISE(value >= c->text && value < c->text + sizeof c->text &&
			memchr(value, 0, (size_t)(c->text + sizeof c->text - value)));
}

static void use_plan(const struct config *c, const char *command)
{
	static const struct plan_sysappend appended = {{"ip=10.0.0.5:10.0.0.1:10.0.0.1:255.255.255.0",
		"BOOTIF=01-52-54-00-12-34-56"}};
	static struct plan plan;
	struct fault fault = {0};
	struct path path;

	if (!plan_make(&plan, c, command, false, &appended, &fault)) {
		PROMISE(fault.id == FAULT_COMMAND_LINE || fault.id == FAULT_CONFIG_ERROR ||
			fault.id == FAULT_CONFIG_LABEL);
		return;
	}
	PROMISE(strlen(plan.command_line) <= PLAN_LINE && plan.initrd_count <= PLAN_INITRDS);
	for (size_t i = 0; i < plan.initrd_count; i++)
		if (!path_resolve(&path, "boot/", plan.initrds[i], &fault))
			PROMISE(fault.id != FAULT_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct config_events events = {
		.say = said, .serial = serial, .display = said, .include = include, .problem = problem,
	};
	static struct config c;
	size_t size;

	config_start(&c, &events, NULL);
	if (length > (config_room(&c, &size), size))
		return 0;
	whole = bytes;
	whole_length = length;
	memcpy(config_room(&c, &size), bytes, length);
	config_push(&c, "cfg", length);
	config_run(&c);
	config_finish(&c);
	inside(&c, c.default_command);
	inside(&c, c.append);
	PROMISE(c.label_count <= CONFIG_LABELS);
	for (size_t i = 0; i < c.label_count; i++) {
		inside(&c, c.labels[i].name);
		inside(&c, c.labels[i].kernel);
		inside(&c, c.labels[i].append);
		inside(&c, c.labels[i].initrd);
		inside(&c, c.labels[i].text);
		inside(&c, c.labels[i].help);
		inside(&c, c.labels[i].target);
		PROMISE(c.labels[i].menu < c.menu_count);
		PROMISE(c.labels[i].submenu == CONFIG_NONE || c.labels[i].submenu < c.menu_count);
		if (c.labels[i].name && c.labels[i].name[0])
			use_plan(&c, c.labels[i].name);
	}
	if (c.default_command && c.default_command[0])
		use_plan(&c, c.default_command);
	use_menu(&c, bytes, length);
	return 0;
}
