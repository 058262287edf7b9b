// SPDX-License-Identifier: BSD-2-Clause
// bootloader/partition.h: MBRs with logical partitions, GPTs with damaged copies, chains that lead
// nowhere, and disks that cannot be read.
#include "bootloader/partition.h"
#include "netstack/base/text.h"
#include "tests/unit/vectors.h"

enum { SECTORS = 300, SECTOR = 512, GPT_ENTRIES_AT = 2, ENTRIES = 8, BACKUP = SECTORS - 1 };

static uint8_t disk[SECTORS][SECTOR];
static unsigned reads, unreadable; // a sector that cannot be read, 0: all can

static bool read_disk(void *context, uint64_t sector, void *to)
{
	assert_null(context);
	reads++;
	if (sector >= SECTORS || (unreadable && sector == unreadable))
		return false;
	memcpy(to, disk[sector], SECTOR);
	return true;
}

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void put_entry(unsigned sector, unsigned entry, uint8_t type, uint32_t start, uint32_t length)
{
	uint8_t *e = disk[sector] + 446 + 16 * entry;

	memset(e, 0, 16);
	e[4] = type;
	put(e + 8, start, 4);
	put(e + 12, length, 4);
	put(disk[sector] + 510, 0xaa55, 2);
}

static uint32_t sum(const uint8_t *bytes, size_t length)
{
	uint32_t s = ~0u;

	for (size_t i = 0; i < length; i++)
		for (unsigned bit = 0; bit < 8; bit++)
			s = s >> 1 ^ ((s ^ bytes[i] >> bit) & 1 ? 0xedb88320 : 0);
	return ~s;
}

static void seal(unsigned header)
{
	uint8_t *h = disk[header];

	put(h + 16, 0, 4);
	put(h + 16, sum(h, 92), 4);
}

static void put_header(unsigned at, unsigned entries)
{
	uint8_t *h = disk[at];

	memset(h, 0, SECTOR);
	memcpy(h, "EFI PART", 8);
	put(h + 8, 0x10000, 4);
	put(h + 12, 92, 4);
	put(h + 24, at, 8);
	memset(h + 56, 0xd1, 16); // the disk's GUID
	put(h + 72, entries, 8);
	put(h + 80, ENTRIES, 4);
	put(h + 84, 128, 4);
	put(h + 88, sum(disk[entries], ENTRIES * 128), 4);
	seal(at);
}

static void put_gpt_entry(unsigned number, uint64_t first, uint64_t last, uint8_t guid, const char *name)
{
	uint8_t *e = disk[GPT_ENTRIES_AT] + 128 * (number - 1);

	memset(e, 0x11, 16);
	memset(e + 16, guid, 16);
	put(e + 32, first, 8);
	put(e + 40, last, 8);
	for (size_t i = 0; name[i]; i++)
		e[56 + 2 * i] = (uint8_t)name[i];
}

// Partitions 1 "boot" and 6 "A name of thirty-six characters here", in both copies.
static void make_gpt(void)
{
	memset(disk, 0, sizeof disk);
	put_entry(0, 0, 0xee, 1, SECTORS - 1);
	put_gpt_entry(1, 40, 99, 0xa1, "boot");
	put_gpt_entry(6, 100, 199, 0xa6, "A name of thirty-six characters here");
	memcpy(disk[BACKUP - 2], disk[GPT_ENTRIES_AT], 2 * SECTOR);
	put_header(1, GPT_ENTRIES_AT);
	put_header(BACKUP, BACKUP - 2);
}

static bool begin(struct partition_walk *w)
{
	const struct partition_disk about = {read_disk, NULL, SECTOR, SECTORS};

	reads = 0;
	return partition_begin(w, &about);
}

// "number:start+length ..." of all partitions.
static const char *list(void)
{
	static char text[4096];
	static struct partition_walk w;
	struct text t = text_of(text, sizeof text);
	struct partition p;

	if (!begin(&w))
		return "unreadable";
	while (partition_next(&w, &p))
		text_format(&t, "%s%u:%llu+%llu", t.length ? " " : "", p.number, (unsigned long long)p.start,
			(unsigned long long)p.length);
	assert_false(t.cut);
	return text;
}

static void primary_and_logical(void **state)
{
	(void)state;
	memset(disk, 0, sizeof disk);
	assert_string_equal(list(), "");
	put_entry(0, 0, 0x83, 10, 20);
	put_entry(0, 2, 0x05, 100, 100);
	put_entry(0, 3, 0x07, 200, 5);
	put_entry(100, 0, 0x83, 2, 8);  // from the link on
	put_entry(100, 1, 0x05, 50, 9); // from the container on
	put_entry(150, 0, 0x82, 1, 3);
	assert_string_equal(list(), "1:10+20 3:100+100 4:200+5 5:102+8 6:151+3");
	put_entry(0, 0, 0x83, 10, 0); // empty
	put_entry(100, 0, 0, 2, 8);
	assert_string_equal(list(), "3:100+100 4:200+5 5:151+3");
	put_entry(0, 1, 0x0f, 120, 9); // the first extended one is the container
	put_entry(120, 0, 0x83, 1, 1);
	assert_string_equal(list(), "2:120+9 3:100+100 4:200+5 5:121+1");
	disk[0][510] = 0;
	assert_string_equal(list(), "");
	unreadable = 0;
}

static void chains_that_lead_nowhere(void **state)
{
	(void)state;
	memset(disk, 0, sizeof disk);
	put_entry(0, 0, 0x0f, 100, 100);
	put_entry(100, 0, 0x83, 1, 1);
	put_entry(100, 1, 0x05, 0, 9); // to itself
	assert_string_equal(list(), "1:100+100 5:101+1");
	put_entry(100, 1, 0x05, 10, 9);
	put_entry(110, 0, 0x83, 1, 1);
	put_entry(110, 1, 0x05, 20, 9);
	put_entry(120, 0, 0x83, 1, 1);
	put_entry(120, 1, 0x05, 10, 9); // back
	assert_string_equal(list(), "1:100+100 5:101+1 6:111+1 7:121+1");
	put_entry(99, 0, 0x83, 1, 1);
	put_entry(120, 1, 0x05, 0xffffffff, 9); // before the container
	assert_string_equal(list(), "1:100+100 5:101+1 6:111+1 7:121+1");
	put_entry(120, 1, 0x05, 5000, 9); // behind the disk
	assert_string_equal(list(), "1:100+100 5:101+1 6:111+1 7:121+1");
	disk[110][510] = 0; // no link
	assert_string_equal(list(), "1:100+100 5:101+1");
	for (unsigned i = 100; i < 200; i++) { // without an end
		put_entry(i, 0, 0x83, 1, 1);
		put_entry(i, 1, 0x05, i - 99, 1);
	}
	list();
	assert_int_equal(reads, 1 + PARTITION_LOGICAL);
}

static void gpt(void **state)
{
	static struct partition_walk w;
	struct partition p;
	uint8_t guid[16];

	(void)state;
	make_gpt();
	assert_string_equal(list(), "1:40+60 6:100+100");
	assert_true(begin(&w));
	assert_int_equal(w.kind, PARTITION_GPT);
	memset(guid, 0xd1, sizeof guid);
	assert_memory_equal(w.guid, guid, 16);
	assert_true(partition_next(&w, &p));
	assert_int_equal(p.entry_size, 128);
	assert_true(partition_has_name(&w, &p, "boots", 4));
	assert_false(partition_has_name(&w, &p, "boots", 5));
	assert_false(partition_has_name(&w, &p, "boo", 3));
	assert_false(partition_has_name(&w, &p, "Boot", 4));
	assert_false(partition_has_guid(&w, &p, guid));
	memset(guid, 0xa1, sizeof guid);
	assert_true(partition_has_guid(&w, &p, guid));
	assert_true(partition_next(&w, &p));
	assert_true(partition_has_name(&w, &p, "A name of thirty-six characters here", 36));
	assert_false(partition_has_name(&w, &p, "A name of thirty-six characters here!", 37));
	assert_false(partition_next(&w, &p));
}

static void damaged_gpts(void **state)
{
	(void)state;
	make_gpt();
	disk[1][40]++; // the header: the copy at the end counts
	put(disk[BACKUP] + 80, ENTRIES - 4, 4);
	put(disk[BACKUP] + 88, sum(disk[BACKUP - 2], (ENTRIES - 4) * 128), 4);
	seal(BACKUP);
	assert_string_equal(list(), "1:40+60");
	disk[BACKUP - 2][33]++; // its entries, too: what is left is the MBR
	assert_string_equal(list(), "1:1+299");
	make_gpt();
	disk[GPT_ENTRIES_AT][32]++;
	assert_string_equal(list(), "1:40+60 6:100+100");
	make_gpt();
	unreadable = GPT_ENTRIES_AT + 1;
	assert_string_equal(list(), "1:40+60 6:100+100");
	unreadable = 0;
	static const struct {
		unsigned at, bytes;
		uint64_t value;
	} wrong[] = {
		{12, 4, 91}, {12, 4, 513}, {12, 4, 0xffffffff}, {24, 8, 2}, {80, 4, 1025}, {80, 4, 0xffffffff},
		{84, 4, 0}, {84, 4, 64}, {84, 4, 129}, {84, 4, 1024}, {72, 8, 0xffffffffffff}, {88, 4, 1},
	};
	for (size_t i = 0; i < COUNT(wrong); i++) {
		make_gpt();
		memset(disk[BACKUP], 0, SECTOR);
		put(disk[1] + wrong[i].at, wrong[i].value, wrong[i].bytes);
		seal(1);
		assert_string_equal(list(), "1:1+299");
	}
	make_gpt();
	put(disk[GPT_ENTRIES_AT] + 40, 39, 8);               // ends before it begins, by one: no length
	put(disk[GPT_ENTRIES_AT + 1] + 128 + 32, 0, 8);      // begins at the MBR
	put_header(1, GPT_ENTRIES_AT);
	assert_string_equal(list(), "");
}

static void disks_that_cannot_be_read(void **state)
{
	static struct partition_walk w;
	struct partition_disk about = {read_disk, NULL, SECTOR, SECTORS};

	(void)state;
	make_gpt();
	about.sectors = 0; // the BIOS does not say
	assert_true(partition_begin(&w, &about));
	assert_int_equal(w.kind, PARTITION_GPT);
	about.sectors = 1; // a liar
	assert_true(partition_begin(&w, &about));
	assert_int_equal(w.kind, PARTITION_MBR);
	about.sector_size = 256;
	assert_false(partition_begin(&w, &about));
	about.sector_size = 8192;
	assert_false(partition_begin(&w, &about));
}

static void guids(void **state)
{
	uint8_t guid[16];

	(void)state;
	assert_true(partition_read_guid(guid, "01234567-89AB-cdef-0123-456789abcdef", 36));
	assert_hex(guid, 16, "67452301 ab89 efcd 0123 456789abcdef");
	assert_false(partition_read_guid(guid, "01234567-89ab-cdef-0123-456789abcde", 35));
	assert_false(partition_read_guid(guid, "01234567+89ab-cdef-0123-456789abcdef", 36));
	assert_false(partition_read_guid(guid, "01234567-89ab-cdeg-0123-456789abcdef", 36));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(primary_and_logical),
		cmocka_unit_test(chains_that_lead_nowhere),
		cmocka_unit_test(gpt),
		cmocka_unit_test(damaged_gpts),
		cmocka_unit_test(disks_that_cannot_be_read),
		cmocka_unit_test(guids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
