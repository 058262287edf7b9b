// SPDX-License-Identifier: BSD-2-Clause
// The menu in front of a person: keys in, page out, and time passing.
#include "bootloader/boot.h"
#include "bootloader/console.h"

enum { CTRL_L = 12 };

// Shows a file over the whole screen until a key is pressed.
static void show_file(struct boot *b, const char *file)
{
	platform_clear();
	prompt_file(b, file);
	console_text("\nAny key leads back to the menu.");
	prompt_key(b, DEADLINE_NEVER);
	screen_start(&b->screen);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

// Draws, and waits for a key until the countdown's next second.
static int next_key(struct boot *b, uint64_t end)
{
	uint64_t now = platform_now(), until = DEADLINE_NEVER;

	if (end != DEADLINE_NEVER && b->menu.mode != MENU_EDIT && b->menu.mode != MENU_PASSWORD) {
		uint32_t left = end > now ? (uint32_t)(end - now) : 0;

		b->menu.seconds = (left + 999) / 1000;
		until = end - (b->menu.seconds ? b->menu.seconds - 1 : 0) * 1000;
	}
	menu_draw(&b->menu, &b->screen);
	screen_show(&b->screen);
	return prompt_key(b, earlier(earlier(until, end), b->total_until));
}

enum menu_event menu_run(struct boot *b, uint32_t timeout)
{
	uint64_t end = timeout ? platform_now() + timeout : DEADLINE_NEVER;
	enum menu_event event = MENU_GOES_ON;

	screen_start(&b->screen);
	while (event == MENU_GOES_ON) {
		int key = next_key(b, end);
		uint64_t now = platform_now();

		if (key == KEY_NONE && (now >= end || now >= b->total_until)) {
			event = MENU_EXPIRED;
		} else if (key == CTRL_L) {
			screen_start(&b->screen);
		} else if (key != KEY_NONE) {
			end = DEADLINE_NEVER;
			event = menu_key(&b->menu, key);
		}
		if (event == MENU_FILE) {
			show_file(b, b->menu.file);
			event = MENU_GOES_ON;
		}
	}
	platform_colour(COLOUR_USUAL);
	platform_clear();
	if (event == MENU_PROMPT)
		console_text("Type a label or a kernel's name; Tab names the labels, menu leads back.\n");
	return event;
}
