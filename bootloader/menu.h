// SPDX-License-Identifier: BSD-2-Clause
// The menu: what is shown, and what keys do. It does no input or output: menu_run.c does.
#pragma once

#include "bootloader/config.h"
#include "bootloader/menu_screen.h"
#include "bootloader/plan.h"
#include "bootloader/prompt_edit.h"

enum menu_mode {
	MENU_HIDDEN,   // only the countdown is there
	MENU_LIST,
	MENU_EDIT,     // the command line of the chosen entry
	MENU_PASSWORD,
};

// What a key led to.
enum menu_event {
	MENU_GOES_ON,
	MENU_BOOT,    // menu->chosen, with menu->line instead of its own line if menu->edited
	MENU_COMMAND, // menu->command: a hidden key's
	MENU_PROMPT,
	MENU_FILE,    // menu->file is to be shown
	MENU_EXPIRED, // no key: it is time for the default
};

struct menu {
	const struct config *config;
	const struct plan_sysappend *sysappend;
	enum menu_mode mode;
	uint16_t number;               // of the menu that is shown
	uint16_t chosen;               // the label under the bar, CONFIG_NONE
	uint16_t kept[CONFIG_MENUS];   // the same of the menus that are not shown
	size_t top;                    // the first entry on the page, counted among those of this menu
	uint32_t seconds;              // until the default is booted; 0: that will not happen
	bool edited;
	const char *command, *file, *message;
	enum { UNLOCK_ENTRY, UNLOCK_EDIT, UNLOCK_PROMPT } unlock; // what the password is for
	struct edit edit;
	char line[PLAN_LINE + 1];
};

// Begins with the menu that the configuration says.
void menu_start(struct menu *m, const struct config *config, const struct plan_sysappend *sysappend);
enum menu_event menu_key(struct menu *m, int key);
// Draws all of it into what the screen should be.
void menu_draw(const struct menu *m, struct screen *s);
// Whether there is anything to choose.
bool menu_has_entries(const struct menu *m);
// What is booted without a person: ONTIMEOUT's command, NULL if there is none.
const char *menu_ontimeout(const struct menu *m);
