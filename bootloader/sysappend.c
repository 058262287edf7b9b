// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/sysappend.h"
#include "bootloader/boot.h"
#include "netstack/base/bytes.h"

enum { SYSUUID = 2, CPU = 3, FIRST_STRING = 4, SYSFF = 17 }; // bits
enum { CHASSIS = 3, CHASSIS_TYPE = 5, END_OF_TABLE = 127 };

// SMBIOS strings, from bit 4 on: the structure's type, and where in it the string's number stands.
static const struct {
	const char *name;
	uint8_t type, at;
} strings[] = {
	{"SYSVENDOR=", 1, 4}, {"SYSPRODUCT=", 1, 5}, {"SYSVERSION=", 1, 6}, {"SYSSERIAL=", 1, 7},
	{"SYSSKU=", 1, 0x19}, {"SYSFAMILY=", 1, 0x1a},
	{"MBVENDOR=", 2, 4}, {"MBPRODUCT=", 2, 5}, {"MBVERSION=", 2, 6}, {"MBSERIAL=", 2, 7},
	{"MBASSET=", 2, 8},
	{"BIOSVENDOR=", 0, 4}, {"BIOSVERSION=", 0, 5},
};

static void skip_strings(struct reader *r)
{
	uint8_t before = read_u8(r), now = read_u8(r);

	while (!r->failed && (before | now)) {
		before = now;
		now = read_u8(r);
	}
}

// The first structure of that type that is longer than `at`: a reader of its strings, and the byte
// there in *field. False if there is none.
static bool find_structure(const struct platform_packet *smbios, uint8_t type, uint8_t at,
	uint8_t *field, struct reader *text)
{
	struct reader r = reader_of(smbios->bytes, smbios->length);

	while (!r.failed) {
		const uint8_t *start = r.at;
		uint8_t kind = read_u8(&r), size = read_u8(&r);

		if (r.failed || kind == END_OF_TABLE || size < 4)
			return false;
		read_skip(&r, size - 2u);
		if (!r.failed && kind == type && at < size) {
			*field = start[at];
			*text = r;
			return true;
		}
		skip_strings(&r);
	}
	return false;
}

// Strings are numbered from 1; what does not exist, or consists of blanks, is NULL.
static const char *find_string(const struct platform_packet *smbios, uint8_t type, uint8_t at)
{
	const char *text = NULL;
	struct reader r;
	uint8_t number;

	if (!find_structure(smbios, type, at, &number, &r))
		return NULL;
	while (number--) {
		text = read_string(&r);
		if (!text || !*text)
			return NULL;
	}
	return text && *config_skip(text) ? text : NULL;
}

// Blanks become '_', several of them one, none at the ends: it has to be one word.
static void put_word(struct text *t, const char *text)
{
	text = config_skip(text);
	while (*text) {
		size_t length = config_word(text);

		text_append(t, text, length);
		text = config_skip(text + length);
		if (*text)
			text_putc(t, '_');
	}
}

// A letter for each ability, as syslinux has them.
static void put_cpu(struct text *t, const struct platform_cpu *cpu)
{
	uint32_t family = cpu->signature >> 8 & 0xff00f;

	text_format(t, "CPU=%u", (unsigned)(family < 6 ? family : 6));
	if (cpu->edx >> 6 & 1)
		text_putc(t, 'P'); // PAE
	if (cpu->ecx >> 5 & 1)
		text_putc(t, 'V'); // VMX
	if (cpu->ecx >> 6 & 1)
		text_putc(t, 'T'); // SMX
	if (cpu->extended_edx >> 20 & 1)
		text_putc(t, 'X'); // no-execute
	if (cpu->extended_edx >> 29 & 1)
		text_putc(t, 'L'); // long mode
	if (cpu->extended_ecx >> 2 & 1)
		text_putc(t, 'S'); // SVM
}

// Begins a text behind the last one.
static struct text next(char *room, size_t *used)
{
	return text_of(room + *used, SYSAPPEND_ROOM - *used);
}

// Takes it up, unless it did not fit.
static void take(struct plan_sysappend *s, size_t bit, const struct text *t, size_t *used)
{
	if (t->cut)
		return;
	s->text[bit] = t->start;
	*used += t->length + 1;
}

void sysappend_machine(struct plan_sysappend *s, char room[SYSAPPEND_ROOM],
	const struct platform_identity *id)
{
	size_t used = 0;
	struct text t = next(room, &used);
	struct reader r;
	uint8_t type;

	if (id->has_uuid) {
		text_format(&t, "SYSUUID=");
		record_uuid(&t, id->uuid, false);
		take(s, SYSUUID, &t, &used);
	}
	if (id->cpu.signature) {
		t = next(room, &used);
		put_cpu(&t, &id->cpu);
		take(s, CPU, &t, &used);
	}
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		const char *text = find_string(&id->smbios, strings[i].type, strings[i].at);

		if (!text)
			continue;
		t = next(room, &used);
		text_format(&t, "%s", strings[i].name);
		put_word(&t, text);
		take(s, FIRST_STRING + i, &t, &used);
	}
	if (find_structure(&id->smbios, CHASSIS, CHASSIS_TYPE, &type, &r) && (type & 0x7f)) {
		t = next(room, &used);
		text_format(&t, "SYSFF=%u", type & 0x7fu);
		take(s, SYSFF, &t, &used);
	}
}

void sysappend_collect(struct boot *b)
{
	b->sysappend = (struct plan_sysappend){{b->ip_parameter, b->bootif}};
	sysappend_machine(&b->sysappend, b->sysappend_room, b->id);
}
