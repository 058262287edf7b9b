// SPDX-License-Identifier: BSD-2-Clause
// The configuration language of pxelinux.cfg. docs/pxelinux.cfg.5 describes it.
//
// The text is read where it lies: the parser ends lines and words with NUL in place, and values
// point into the text. One table in config.c says which keyword does what.
#pragma once

#include "bootloader/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What KERNEL and its relatives start.
enum config_image {
	IMAGE_BY_NAME, // KERNEL: decided by the name's suffix
	IMAGE_LINUX,
	IMAGE_OTHER,   // a kind of program that is not started here
};

struct config_label {
	const char *name;   // the first word after LABEL
	const char *kernel; // the label's name where KERNEL is absent; may carry arguments
	enum config_image image;
	const char *append; // NULL: absent, the global one counts
	const char *initrd; // NULL: absent
	uint32_t sysappend;
};

// What acts while the file is being read. Either may be NULL.
struct config_events {
	void (*say)(const char *text);
	void (*serial)(uint32_t port, uint32_t baud, uint32_t flow);
};

struct config {
	const struct config_events *events;
	const char *default_command; // NULL: no DEFAULT
	const char *append;          // the global one, NULL: absent
	uint32_t sysappend;          // the global one
	uint32_t prompt, timeout;    // PROMPT, TIMEOUT in 0.1 s
	bool in_text;                // between TEXT and ENDTEXT
	struct config_label *label;  // the one being read, NULL before the first
	struct config_label labels[CONFIG_LABELS + 1]; // the last takes the values of those dropped
	size_t label_count, dropped; // dropped: labels for which there was no place
	size_t used;                 // bytes of text
	char text[CONFIG_TEXT + CONFIG_TEXT / CONFIG_LINE + 2]; // room for the splitting of lines
};

// An empty configuration.
void config_start(struct config *c, const struct config_events *events);
// Reads the `length` (<= CONFIG_TEXT) bytes that lie at the start of c->text.
void config_parse(struct config *c, size_t length);
// The first label of exactly that name (`length` characters), NULL if there is none.
const struct config_label *config_find(const struct config *c, const char *name, size_t length);
// A blank in the language's sense: control characters, space and DEL.
bool config_blank(char c);
// `text` from its first character that is no blank.
const char *config_skip(const char *text);
// Characters before the first blank or the end.
size_t config_word(const char *text);
