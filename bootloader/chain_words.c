// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/chain.h"
#include "bootloader/config.h"
#include "bootloader/partition.h"
#include "bootloader/program.h"
#include "netstack/base/memory.h"

enum { FIRST_HARD_DISK = 0x80, DRIVES = 0x80, PARTITIONS = 0xffff };

// Words that set a bool, and with "no" before them clear it; `field` NONE: only the latter can be
// done, and is so in any case. Names without pointers: small.
enum { NONE = 0xff };
#define FIELD(name) offsetof(struct chain_words, name)

static const struct {
	char word[8];
	uint8_t field;
} switches[] = {
	{"swap", FIELD(swap)},
	{"keepexe", FIELD(keep_pxe)},
	{"keeppxe", FIELD(keep_pxe)},
	{"hand", FIELD(handover)},
	{"sect", FIELD(sector)},
	{"setbpb", FIELD(set_bpb)},
	{"save", NONE},
	{"hide", NONE},
	{"mbrchs", NONE},
	{"warn", NONE},
	{"filebpb", NONE},
	{"hptr", NONE},
};

static bool switched(struct chain_words *w, struct text_view word)
{
	const bool no = word.length > 2 && text_is(word.at, 2, "no");

	word.at += no ? 2 : 0;
	word.length -= no ? 2 : 0;
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
		if (text_is(word.at, word.length, switches[i].word)) {
			if (switches[i].field != NONE)
				*(bool *)((char *)w + switches[i].field) = !no;
			return no || switches[i].field != NONE;
		}
	return false;
}

// "mbr:1234" and "mbr=1234": what follows `name`.
bool chain_named(struct text_view word, const char *name, struct text_view *value)
{
	const size_t length = strlen(name);

	if (word.length <= length + 1 || !text_is(word.at, length, name) ||
		(word.at[length] != ':' && word.at[length] != '='))
		return false;
	*value = (struct text_view){word.at + length + 1, word.length - length - 1};
	return true;
}

static bool number(struct text_view text, uint32_t max, uint32_t *value)
{
	return text_number(text.at, text.length, value) && *value <= max;
}

// hd0 or fd0, with ",1" for a partition.
static bool read_number(struct chain_words *w, struct text_view word)
{
	const bool hard = text_is(word.at, word.length < 2 ? 0 : 2, "hd");
	struct text_view rest = {word.at + 2, word.length - 2}, drive;
	uint32_t value;

	if (word.length < 3 || (!hard && !text_is(word.at, 2, "fd")))
		return false;
	drive = text_field(&rest, ',');
	if (!number(drive, DRIVES - 1, &value) ||
		(rest.length && !number(rest, PARTITIONS, &w->partition)))
		return false;
	w->by = CHAIN_NUMBER;
	w->drive = (uint8_t)(value | (hard ? FIRST_HARD_DISK : 0));
	return true;
}

static bool read_drive(struct chain_words *w, struct text_view word)
{
	if (chain_named(word, "mbr", &w->name) && number(w->name, UINT32_MAX, &w->signature))
		w->by = CHAIN_SIGNATURE;
	else if (chain_named(word, "guid", &w->name) &&
		 partition_read_guid(w->guid, w->name.at, w->name.length))
		w->by = CHAIN_GUID;
	else if (chain_named(word, "label", &w->name))
		w->by = CHAIN_NAME;
	else if (text_is(word.at, word.length, "boot"))
		w->by = CHAIN_BOOT;
	else
		return read_number(w, word);
	return true;
}

static bool read_word(
	struct chain_words *w, struct text_view word, const struct program_methods *bios)
{
	return chain_named(word, "file", &w->file) || switched(w, word) || read_drive(w, word) ||
	       number(word, PARTITIONS, &w->partition) || (bios && bios->read_word(w, word));
}

bool chain_read(struct chain_words *w, const char *words, const struct program_methods *bios,
	struct fault *fault)
{
	memset(w, 0, sizeof *w);
	w->drive = FIRST_HARD_DISK;
	w->sector = w->handover = true;
	w->file_place = w->sector_place = (struct chain_place){0, PROGRAM_AT, PROGRAM_AT};
	for (const char *at = config_skip(words); *at; at = config_skip(at + config_word(at)))
		if (!read_word(w, (struct text_view){at, config_word(at)}, bios))
			return fault_set(fault, FAULT_IMAGE_TYPE,
				"(chain.c32: \"%.40s\" is not known here; "
				"pxelinux.cfg(5) lists what is)",
				at);
	return true;
}
