// SPDX-License-Identifier: BSD-2-Clause
// What keys (menu.c) and view (menu_draw.c) share.
#pragma once

#include "bootloader/menu.h"

enum { MENU_LINES = 14 }; // entries on a page

// The entry of that place among those shown in this menu, CONFIG_NONE behind the last.
uint16_t menu_entry(const struct menu *m, size_t place);
// Whether the bar can stand on it.
bool menu_selectable(const struct config_label *l);
// The text of an entry, with '^' before its hot key.
const char *menu_text(const struct config_label *l);
