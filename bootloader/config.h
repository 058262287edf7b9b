// SPDX-License-Identifier: BSD-2-Clause
// The configuration language of pxelinux.cfg, for the prompt and for the menu.
// docs/pxelinux.cfg.5 describes it.
//
// Texts are read where they lie: the parser ends lines and words with NUL in place, and values point
// into the text. An included file is read behind the others, at the place of the INCLUDE. Tables in
// config_words.c and config_menu.c say which word does what.
#pragma once

#include "bootloader/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What KERNEL and its relatives start.
enum config_image {
	IMAGE_BY_NAME, // KERNEL: decided by the name's suffix
	IMAGE_LINUX,
	IMAGE_OTHER,   // a kind of program that is not started here: disk images, DOS programs
	IMAGE_MODULE,  // COM32: some are built in (builtin.h)
	IMAGE_PROGRAM, // PXE, BOOT, BSS: another boot program, or a boot sector
	IMAGE_CONFIG,  // another configuration
	IMAGE_LOCAL,   // LOCALBOOT
};

// What choosing an entry of the menu does.
enum config_action {
	ACTION_COMMAND, // boots
	ACTION_SUBMENU, // also MENU GOTO and MENU EXIT
	ACTION_QUIT,    // leaves for the prompt
	ACTION_HELP,    // shows the file `target`
	ACTION_NONE,    // a separator, or the target of MENU GOTO does not exist
};

enum { CONFIG_NONE = 0xffff }; // no menu, no label

// A LABEL, or an entry of a menu that has no name: a separator, a submenu.
struct config_label {
	const char *name;   // all that follows LABEL; NULL: cannot be named
	const char *kernel; // NULL: the name's first word; may carry arguments
	const char *append; // its own, or the global one as it was at LABEL; NULL: neither
	const char *initrd; // the following: NULL: absent
	const char *fdt, *fdtdir, *overlays; // U-Boot's words
	const char *text;   // MENU LABEL
	const char *help;   // TEXT HELP: lines
	const char *password;
	const char *target; // the tag or file that MENU GOTO, EXIT, HELP name
	const char *file;   // where it stands, for messages
	uint32_t line;
	uint32_t sysappend;
	int32_t local;      // LOCALBOOT's number
	uint16_t menu;      // where it is shown
	uint16_t submenu;   // where it leads, CONFIG_NONE
	uint8_t image;      // enum config_image
	uint8_t action;     // enum config_action
	uint8_t indent;     // blanks before its text
	bool hidden, disabled, immediate, kaslrseed;
};

enum { MESSAGE_AUTOBOOT, MESSAGE_TAB, MESSAGE_NOTAB, MESSAGE_PASSWORD, CONFIG_MESSAGES };

struct config_menu {
	const char *tag, *title;    // "" where there is none
	const char *master;         // MENU MASTER PASSWD; NULL: none
	const char *ontimeout;      // NULL: none
	const char *messages[CONFIG_MESSAGES];
	const char *keys[12];       // files that F1 to F12 show, NULL: none
	uint32_t timeout;           // 0.1 s
	uint16_t parent, entry;     // CONFIG_NONE for the root
	uint16_t first;             // the label that MENU DEFAULT or DEFAULT chooses, CONFIG_NONE
	bool allow_options, immediate;
};

// MENU HIDDENKEY: what a key does while the menu is hidden.
struct config_key {
	const char *keys;    // separated by commas
	const char *command;
};

// Something that the language does not know, or that has no effect where it stands.
struct config_problem {
	const char *file;
	uint32_t line;        // from 1
	const char *text;     // the line, or as much of it as was understood
	const char *expected; // "a number", "INCLUDE inside of itself"
	const char *word;     // the word that may have been meant, NULL
};

// What acts while the file is being read. Any may be NULL; `context` is theirs.
struct config;
struct config_events {
	void (*say)(void *context, const char *text);
	void (*serial)(void *context, uint32_t port, uint32_t baud, uint32_t flow);
	void (*screen)(void *context, bool on);            // CONSOLE
	void (*display)(void *context, const char *file);  // DISPLAY
	// Puts the file into config_room and calls config_push. NULL, or why that was not possible.
	const char *(*include)(void *context, struct config *c, const char *file);
	void (*problem)(void *context, const struct config_problem *problem);
};

// A file that is being read.
struct config_source {
	const char *name;
	char *at, *end;
	uint32_t line;
	bool split;   // the line was too long: the next one is the rest of it
	bool submenu; // it is one: MENU INCLUDE with a tag
	bool binary;  // no text: unknown words are not worth telling
};

struct config {
	const struct config_events *events;
	void *context;

	const char *default_command; // DEFAULT; NULL: none
	const char *ui;              // UI, which beats it; NULL: none
	const char *ontimeout, *onerror;
	const char *replay;         // REPLAY: where a tape of a failed boot is wanted, NULL: nowhere
	const char *append;          // the global one, NULL: absent
	uint32_t sysappend;          // the global one
	uint32_t prompt, timeout, total_timeout; // times in 0.1 s
	uint32_t allow_options, implicit, no_escape, no_complete;
	bool menu_hidden, menu_shift_key;
	uint16_t menu_start;         // the menu to begin with

	struct config_label *label;  // the one being read, NULL: none
	uint16_t menu;               // the one being read
	struct config_label labels[CONFIG_LABELS + 1]; // the last takes the values of those dropped
	size_t label_count, dropped; // dropped: labels for which there was no place
	struct config_menu menus[CONFIG_MENUS];
	size_t menu_count;
	size_t menus_dropped;        // begun without a place for them, whose end is to come
	struct config_key hidden_keys[CONFIG_KEYS];
	size_t hidden_key_count;

	struct config_source sources[CONFIG_DEPTH];
	size_t depth, files;         // being read; read in all
	char *line_text;             // the line being read
	bool in_text;                // between TEXT and ENDTEXT
	size_t problems;
	size_t used;                 // bytes of text
	char text[CONFIG_TEXT];
};

// An empty configuration.
void config_start(struct config *c, const struct config_events *events, void *context);
// The place for the next file, and how many bytes it may have.
char *config_room(struct config *c, size_t *size);
// The `length` bytes in config_room are the file `name`, which has to stay valid: read it next.
void config_push(struct config *c, const char *name, size_t length);
// Reads what was pushed, and what it includes, to the end.
void config_run(struct config *c);
// After the last file: finds the targets of MENU GOTO and the entries that menus begin with.
void config_finish(struct config *c);

// What a command ("label arguments") names: the first label that is called like all of it, else the
// first whose name's first word is the command's first word. NULL if there is none. *length is of
// the part that was the name.
const struct config_label *config_find(const struct config *c, const char *command, size_t *length);
// The command that boots without a word from anybody: UI, else DEFAULT, NULL if there is neither.
const char *config_command(const struct config *c);

// A blank in the language's sense: control characters, space and DEL.
bool config_blank(char c);
// `text` from its first character that is no blank.
const char *config_skip(const char *text);
// Characters before the first blank or the end.
size_t config_word(const char *text);
