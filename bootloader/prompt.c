// SPDX-License-Identifier: BSD-2-Clause
// What a person types: the "boot: " line, and the key that stops a countdown.
#include "bootloader/boot.h"
#include "bootloader/console.h"

enum { BACKSPACE = 8, TAB = 9, CTRL_U = 21, DELETE = 127 };
enum { KEY_POLL = 120 }; // ms between looks at the keyboard; two ticks of a BIOS clock to rest

// Runs the loop until a key comes (then it is returned) or `until` (KEY_NONE).
static int await_key(struct boot *b, uint64_t until)
{
	int key;

	while ((key = platform_getkey()) == KEY_NONE) {
		uint64_t now = platform_now();

		if (now >= until)
			break;
		loop_turn(b, until < now + KEY_POLL ? until : now + KEY_POLL);
	}
	return key;
}

void prompt_labels(const struct boot *b)
{
	if (b->config.label_count == 0)
		return;
	console_text("labels:");
	for (size_t i = 0; i < b->config.label_count; i++) {
		if (!b->config.labels[i].name)
			continue;
		console_text(" ");
		console_text(b->config.labels[i].name);
	}
	console_text("\n");
}

static void show_line(const char *line)
{
	console_text("boot: ");
	console_text(line);
}

static void erase(struct text *line)
{
	line->start[--line->length] = 0;
	platform_putc('\b');
	platform_putc(' ');
	platform_putc('\b');
}

static void edit(struct boot *b, struct text *line, int key)
{
	if (key >= ' ' && key < DELETE) {
		size_t before = line->length;

		text_putc(line, (char)key);
		console_text(line->start + before);
	} else if ((key == BACKSPACE || key == DELETE) && line->length) {
		erase(line);
	} else if (key == CTRL_U) {
		while (line->length)
			erase(line);
	} else if (key == TAB) {
		console_text("\n");
		prompt_labels(b);
		show_line(line->start);
	}
}

bool prompt_read(struct boot *b, char line[PROMPT_LINE], uint32_t timeout)
{
	uint64_t until = timeout ? platform_now() + timeout : DEADLINE_NEVER;
	struct text t = text_of(line, PROMPT_LINE);
	int key;

	console_clear();
	show_line("");
	while ((key = await_key(b, until)) != '\r' && key != '\n') {
		if (key == KEY_NONE) {
			console_text("\n");
			return false;
		}
		until = DEADLINE_NEVER;
		edit(b, &t, key);
	}
	console_text("\n");
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
		if (await_key(b, now + 1000 < end ? now + 1000 : end) != KEY_NONE) {
			key = true;
			break;
		}
	}
	console_clear();
	return key;
}
