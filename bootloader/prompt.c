// SPDX-License-Identifier: BSD-2-Clause
// What a person types: the "boot: " line, and the key that stops a countdown.
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "netstack/base/memory.h"

enum { TAB = 9, CTRL_L = 12, ESCAPE = 27 };
enum { KEY_POLL = 120 }; // ms between looks at the keyboard; two ticks of a BIOS clock to rest

int prompt_key(struct boot *b, uint64_t until)
{
	int key;

	while ((key = witness_getkey(&b->witness)) == KEY_NONE) {
		uint64_t now = platform_now();

		if (now >= until)
			break;
		loop_turn(b, until < now + KEY_POLL ? until : now + KEY_POLL);
	}
	return key;
}

void prompt_file(struct boot *b, const char *name)
{
	struct sink_text sink;
	struct path path;
	struct fault fault;
	uint64_t length;
	size_t room;
	char *at = config_room(&b->config, &room); // free until another file is included

	sink_text(&sink, at, room);
	if (load_file(b, name, &path, &sink.sink, false, &length, &fault))
		console_display(at, sink.length);
	else
		console_fault(&fault);
}

// Labels

static bool begins(const char *name, const char *prefix, size_t length)
{
	return config_word(name) >= length && memcmp(name, prefix, length) == 0;
}

void prompt_labels(const struct boot *b, const char *prefix)
{
	bool any = false;

	for (size_t i = 0; i < b->config.label_count; i++) {
		const struct config_label *l = &b->config.labels[i];

		if (!l->name || l->disabled || !begins(l->name, prefix, strlen(prefix)))
			continue;
		console_text(any ? " " : "labels: ");
		console_text(l->name);
		any = true;
	}
	if (any)
		console_text("\n");
}

// Adds what all labels have in common that begin like the line. False if that is nothing.
static bool complete(const struct boot *b, struct edit *e)
{
	const char *common = NULL;
	size_t length = 0, before = e->length;

	for (size_t i = 0; i < b->config.label_count; i++) {
		const struct config_label *l = &b->config.labels[i];
		size_t same = 0;

		if (!l->name || l->disabled || !begins(l->name, e->text, before))
			continue;
		if (!common) {
			common = l->name;
			length = config_word(common);
		}
		while (same < length && l->name[same] == common[same])
			same++;
		length = same;
	}
	e->cursor = e->length;
	for (size_t i = before; i < length; i++)
		edit_key(e, common[i]);
	return e->length > before;
}

// The line

static void start_line(struct edit_view *v)
{
	console_text("boot: ");
	*v = (struct edit_view){0};
}

static void tab(struct boot *b, struct edit *e, struct edit_view *v)
{
	if (b->config.no_complete || complete(b, e))
		return;
	console_text("\n");
	prompt_labels(b, e->text);
	start_line(v);
}

static void function_key(struct boot *b, int key, struct edit_view *v)
{
	const char *file = b->config.menus[0].keys[key - KEY_F1];

	if (!file)
		return;
	console_text("\n");
	prompt_file(b, file);
	start_line(v);
}

static void press(struct boot *b, struct edit *e, struct edit_view *v, int key)
{
	if (edit_key(e, key))
		return;
	if (key == TAB) {
		tab(b, e, v);
	} else if (key == KEY_UP || key == KEY_DOWN) {
		edit_recall(&b->history, e, key == KEY_UP);
	} else if (key >= KEY_F1 && key <= KEY_F12) {
		function_key(b, key, v);
	} else if (key == ESCAPE) {
		edit_set(e, "");
	} else if (key == CTRL_L) {
		platform_clear();
		start_line(v);
	}
}

bool prompt_read(struct boot *b, uint32_t timeout)
{
	uint64_t until = timeout ? platform_now() + timeout : DEADLINE_NEVER;
	struct edit e = edit_of(b->line, sizeof b->line);
	struct edit_view v;
	int key;

	edit_set(&e, "");
	console_clear();
	start_line(&v);
	while ((key = prompt_key(b, until < b->total_until ? until : b->total_until)) != '\r' &&
		key != '\n') {
		if (key == KEY_NONE) {
			console_text("\n");
			return false;
		}
		until = DEADLINE_NEVER;
		press(b, &e, &v, key);
		edit_show(&v, &e);
	}
	console_text("\n");
	edit_remember(&b->history, b->line);
	return true;
}

bool prompt_countdown(struct boot *b, uint32_t ms, const char *what)
{
	uint64_t end = platform_now() + ms;
	bool key = false;

	for (;;) {
		uint64_t now = platform_now();

		if (now >= end)
			break;
		console_status("%s in %u s, any key stops ", what, (unsigned)(end - now + 999) / 1000);
		if (prompt_key(b, now + 1000 < end ? now + 1000 : end) != KEY_NONE) {
			key = true;
			break;
		}
	}
	console_clear();
	return key;
}
