// SPDX-License-Identifier: BSD-2-Clause
// The words of chain.c32 that are about the places of 16-bit code.
#include "bootloader/program_parts.h"

// Systems that are loaded as a file beside their boot sector.
static const struct {
	char word[8];
	uint16_t segment, ip, sector_segment;
} systems[] = {
	{"ntldr", 0x2000, 0, 0},
	{"cmldr", 0x2000, 0, 0},
	{"freedos", 0x60, 0, 0x1fe0},
	{"msdos", 0x70, 0, 0x8000},
	{"pcdos", 0x70, 0, 0x8000},
	{"msdos7", 0x70, 0x200, 0x8000},
};

// segment:offset:ip; what is left out is `otherwise`.
static bool read_place(struct chain_place *place, struct text_view text, uint16_t otherwise)
{
	uint16_t *fields[3] = {&place->segment, &place->offset, &place->ip};

	for (int i = 0; i < 3; i++) {
		struct text_view field = text_field(&text, ':');
		uint32_t value = i ? otherwise : 0;

		if (field.length &&
			(!text_number(field.at, field.length, &value) || value > 0xffff))
			return false;
		*fields[i] = (uint16_t)value;
	}
	return true;
}

// The file of a system, and where it and the sector go.
static bool read_system(struct chain_words *w, struct text_view word)
{
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
		if (chain_named(word, systems[i].word, &w->file)) {
			w->file_place = (struct chain_place){systems[i].segment, 0, systems[i].ip};
			w->sector_place.segment = systems[i].sector_segment;
			w->placed = w->set_bpb = true;
			w->handover = false;
			w->cmdcons = (*word.at | 0x20) == 'c';
			return true;
		}
	return false;
}

bool program_read_word(struct chain_words *w, struct text_view word)
{
	struct text_view value = word;

	if (chain_named(word, "seg", &value) || chain_named(word, "sect", &value)) {
		const bool sector = (word.at[2] | 0x20) == 'c';

		w->placed = true;
		return read_place(
			sector ? &w->sector_place : &w->file_place, value, sector ? PROGRAM_AT : 0);
	}
	return read_system(w, word);
}
