// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/program_parts.h"
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "bootloader/place.h"
#include "netstack/base/bytes.h"
#include "netstack/base/memory.h"

enum {
	HANDOVER_AT = 0x7be,    // where an MBR that has moved to 0x600 has the entry that it boots
	HANDOVER_GPT = 20,      // bytes before a GPT's entry (syslinux's doc/gpt.txt)
	MAGIC_GPT = 0x54504721, // "!GPT" in EAX
	MARK = 510,
};

enum { // the BIOS parameter block of a boot sector
	BPB_GEOMETRY = 0x18,
	BPB_HIDDEN = 0x1c,
	BPB_DRIVE = 0x24,
	BPB_FAT32_DRIVE = 0x40,
	BPB_FAT32 = 0x52,
	USUAL_GEOMETRY = 255 << 16 | 63,
};

// Of a sink_memory: who is too large is told what that means.
static bool begin(struct sink *sink, uint64_t size, struct fault *fault)
{
	(void)sink;
	if (size == SINK_SIZE_UNKNOWN || size <= PROGRAM_ROOM)
		return true;
	return fault_set(fault, FAULT_IMAGE_TYPE,
		"(%llu bytes, a boot program has %u at most: use LINUX for "
		"a kernel)",
		(unsigned long long)size, PROGRAM_ROOM);
}

static void release(struct platform_piece *piece)
{
	if (piece->bytes)
		platform_release((uint8_t *)(uintptr_t)piece->bytes, PROGRAM_ROOM);
	piece->bytes = NULL;
}

// Fetches a file into memory of its own.
static bool load_piece(
	struct boot *b, const char *name, struct platform_piece *piece, struct fault *fault)
{
	struct sink_memory sink;
	struct sink_ops ops;
	struct path path;
	uint64_t size;
	uint8_t *at = place_reserve(PROGRAM_ROOM);

	piece->bytes = at;
	if (!at)
		return fault_set(
			fault, FAULT_MEMORY, "for a boot program (%u kB)", PROGRAM_ROOM / 1024);
	sink_memory(&sink, at, PROGRAM_ROOM);
	ops = *sink.sink.ops;
	ops.begin = begin;
	sink.sink.ops = &ops;
	if (!load_file(b, name, &path, &sink.sink, !b->plan.quiet, &size, fault))
		return false;
	piece->size = (uint32_t)size;
	milestone(b, "kernel", size);
	return true;
}

// Starts what lies in memory.
static void run(struct boot *b, const struct platform_program *program, struct fault *fault)
{
	console_stage("starting %s", b->plan.kernel);
	milestone(b, "boot", 0);
	fetch_close(&b->fetch, platform_now());
	loop_drain(b);
	platform_boot_program(program, fault);
}

static void start(struct boot *b, struct fault *fault)
{
	struct platform_program program = {
		.pieces = {{.to = PROGRAM_AT}},
		.start = PROGRAM_AT,
		.network = true,
	};

	milestones_begin(b);
	if (load_piece(b, b->plan.kernel, &program.pieces[0], fault))
		run(b, &program, fault);
	milestone_fault(b, fault);
	release(&program.pieces[0]);
}

// ---- chain.c32 ----------------------------------------------------------------------------------

static uint32_t linear(const struct chain_place *place)
{
	return ((uint32_t)place->segment << 4) + place->offset;
}

static void put32(uint8_t *at, uint64_t value)
{
	struct writer w = writer_of(at, 4);

	write_u32_le(&w, value > UINT32_MAX ? UINT32_MAX : (uint32_t)value);
}

// The block in a boot sector says where its partition is and which drive it is on, or should.
static void set_bpb(struct chain *c)
{
	uint8_t *s = c->sector;
	const bool fat32 = memcmp(s + BPB_FAT32, "FAT32", 5) == 0;

	put32(s + BPB_GEOMETRY, USUAL_GEOMETRY);
	put32(s + BPB_HIDDEN, c->partition.start);
	s[fat32 ? BPB_FAT32_DRIVE : BPB_DRIVE] = c->words.swap ? c->drive & 0x80 : c->drive;
}

static bool load_sector(struct chain *c, struct platform_piece *piece, struct fault *fault)
{
	const struct chain_words *w = &c->words;

	if (!platform_disk_read(c->drive, c->partition.start, c->sector) ||
		c->sector[MARK] != 0x55 || c->sector[MARK + 1] != 0xaa)
		return fault_set(fault, FAULT_DISK, "(its sector %llu is no boot sector)",
			(unsigned long long)c->partition.start);
	if (w->set_bpb)
		set_bpb(c);
	if (w->cmdcons)
		memcpy(c->sector + 3, "cmdcons", 8);
	*piece = (struct platform_piece){
		c->sector, c->walk.disk.sector_size, linear(&w->sector_place)};
	return true;
}

static bool overlap(const struct platform_piece *a, const struct platform_piece *b)
{
	return a->size && b->size && a->to + a->size > b->to && b->to + b->size > a->to;
}

// The entry of an MBR, with the place on the disk; of a GPT's partition one that is made up, and
// behind it its own. Not where the file or the sector lie.
static void hand_over(struct chain *c, struct platform_piece *pieces)
{
	const struct partition *p = &c->partition;
	uint8_t *h = c->handover;
	uint32_t size = 16;

	memcpy(h, p->entry, 16);
	if (c->walk.kind == PARTITION_GPT) {
		memset(h, 0, 8);
		h[4] = 0xed;
		put32(h + 16, p->entry_size);
		memcpy(h + HANDOVER_GPT, p->entry, p->entry_size);
		size = HANDOVER_GPT + p->entry_size;
	}
	h[0] = 0x80;
	put32(h + 8, p->start);
	put32(h + 12, p->length);
	pieces[2] = (struct platform_piece){h, size, HANDOVER_AT};
	if (overlap(&pieces[2], &pieces[0]) || overlap(&pieces[2], &pieces[1])) {
		pieces[2].size = 0;
		return;
	}
	c->program.ds = 0;
	c->program.si = HANDOVER_AT;
	c->program.eax = size > 16 ? MAGIC_GPT : 0;
}

static bool load(struct boot *b, struct chain *c, struct fault *fault)
{
	const struct chain_words *w = &c->words;
	const struct chain_place *start = w->file.length ? &w->file_place : &w->sector_place;
	struct platform_program *p = &c->program;
	char name[PATH_NAME];
	struct text t = text_of(name, sizeof name);

	p->start = (uint32_t)start->segment << 16 | start->ip;
	p->ds = start->segment;
	p->drive = c->drive;
	p->swap = w->swap;
	p->keep_pxe = w->keep_pxe;
	p->pieces[0].to = linear(&w->file_place);
	text_append(&t, w->file.at, w->file.length);
	if (w->file.length && !load_piece(b, name, &p->pieces[0], fault))
		return false;
	if (chain_has_sector(w) && !load_sector(c, &p->pieces[1], fault))
		return false;
	if (overlap(&p->pieces[0], &p->pieces[1])) // the file goes first, as with syslinux
		p->pieces[1].size = 0;
	if (c->partition.number && w->handover)
		hand_over(c, p->pieces);
	if (w->file.length && p->pieces[1].size) { // the file finds its sector
		p->ds = w->sector_place.segment;
		p->si = w->sector_place.offset;
		p->eax = 0;
	}
	return true;
}

static void start_chain(struct boot *b, struct chain *c, struct fault *fault)
{
	if (load(b, c, fault))
		run(b, &c->program, fault);
	release(&c->program.pieces[0]);
}

const struct program_methods program_methods = {start, start_chain, program_read_word};
