// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/chain.h"
#include "bootloader/config.h"
#include "bootloader/partition.h"
#include "netstack/base/memory.h"

enum { SECTOR_AT = 0x7c00, FIRST_HARD_DISK = 0x80, DRIVES = 0x80, PARTITIONS = 0xffff };

// Words that set a bool, and with "no" before them clear it; `field` NONE: only the latter can be done, and
// is so in any case. Names without pointers: small.
enum { NONE = 0xff };
#define FIELD(name) offsetof(struct chain_words, name)

static const struct {
	char word[8];
	uint8_t field;
} switches[] = {
	{"swap", FIELD(swap)}, {"keepexe", FIELD(keep_pxe)}, {"keeppxe", FIELD(keep_pxe)},
	{"hand", FIELD(handover)}, {"sect", FIELD(sector)}, {"setbpb", FIELD(set_bpb)}, {"save", NONE},
	{"hide", NONE}, {"mbrchs", NONE}, {"warn", NONE}, {"filebpb", NONE}, {"hptr", NONE},
};

// Systems that are loaded as a file beside their boot sector.
static const struct {
	char word[8];
	uint16_t segment, ip, sector_segment;
} systems[] = {
	{"ntldr", 0x2000, 0, 0}, {"cmldr", 0x2000, 0, 0}, {"freedos", 0x60, 0, 0x1fe0},
	{"msdos", 0x70, 0, 0x8000}, {"pcdos", 0x70, 0, 0x8000}, {"msdos7", 0x70, 0x200, 0x8000},
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
static bool named(struct text_view word, const char *name, struct text_view *value)
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

// segment:offset:ip; what is left out is `otherwise`.
static bool read_place(struct chain_place *place, struct text_view text, uint16_t otherwise)
{
	uint16_t *fields[3] = {&place->segment, &place->offset, &place->ip};

	for (int i = 0; i < 3; i++) {
		struct text_view field = text_field(&text, ':');
		uint32_t value = i ? otherwise : 0;

		if (field.length && !number(field, 0xffff, &value))
			return false;
		*fields[i] = (uint16_t)value;
	}
	return true;
}

// The file of a system, and where it and the sector go.
static bool read_system(struct chain_words *w, struct text_view word)
{
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
		if (named(word, systems[i].word, &w->file)) {
			w->file_place = (struct chain_place){systems[i].segment, 0, systems[i].ip};
			w->sector_place.segment = systems[i].sector_segment;
			w->placed = w->set_bpb = true;
			w->handover = false;
			w->cmdcons = (*word.at | 0x20) == 'c';
			return true;
		}
	return false;
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
	if (!number(drive, DRIVES - 1, &value) || (rest.length && !number(rest, PARTITIONS, &w->partition)))
		return false;
	w->by = CHAIN_NUMBER;
	w->drive = (uint8_t)(value | (hard ? FIRST_HARD_DISK : 0));
	return true;
}

static bool read_drive(struct chain_words *w, struct text_view word)
{
	if (named(word, "mbr", &w->name) && number(w->name, UINT32_MAX, &w->signature))
		w->by = CHAIN_SIGNATURE;
	else if (named(word, "guid", &w->name) && partition_read_guid(w->guid, w->name.at, w->name.length))
		w->by = CHAIN_GUID;
	else if (named(word, "label", &w->name))
		w->by = CHAIN_NAME;
	else if (text_is(word.at, word.length, "boot"))
		w->by = CHAIN_BOOT;
	else
		return read_number(w, word);
	return true;
}

static bool read_word(struct chain_words *w, struct text_view word)
{
	struct text_view value = word;

	if (named(word, "file", &w->file))
		return true;
	if (named(word, "seg", &value) || named(word, "sect", &value)) {
		const bool sector = word.at[2] == 'c' || word.at[2] == 'C';

		w->placed = true;
		return read_place(sector ? &w->sector_place : &w->file_place, value, sector ? SECTOR_AT : 0);
	}
	return switched(w, word) || read_system(w, word) || read_drive(w, word) ||
	       number(word, PARTITIONS, &w->partition);
}

bool chain_read(struct chain_words *w, const char *words, struct fault *fault)
{
	memset(w, 0, sizeof *w);
	w->drive = FIRST_HARD_DISK;
	w->sector = w->handover = true;
	w->file_place = w->sector_place = (struct chain_place){0, SECTOR_AT, SECTOR_AT};
	for (const char *at = config_skip(words); *at; at = config_skip(at + config_word(at)))
		if (!read_word(w, (struct text_view){at, config_word(at)}))
			return fault_set(fault, FAULT_IMAGE_TYPE, "(chain.c32: \"%.40s\" is not known here; "
				"pxelinux.cfg(5) lists what is)", at);
	return true;
}

// A file without a place of its own lies where the sector would.
bool chain_has_sector(const struct chain_words *w)
{
	return w->sector && (!w->file.length || w->placed);
}
