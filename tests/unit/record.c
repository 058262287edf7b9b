// SPDX-License-Identifier: BSD-2-Clause
// The record (bootloader/record.h, cpio.h). cpio(1) is the judge of the archive.
#include "bootloader/cpio.h"
#include "bootloader/record.h"
#include "netstack/base/text.h"
#include "tests/unit/vectors.h"

static const uint8_t hwaddr[6] = {0x52, 0x54, 0, 0x12, 0x34, 1};
static const uint8_t uuid[16] = {0x67, 0x45, 0x23, 0x01, 0xab, 0x89, 0xef, 0x4d, 0x80, 1, 2, 3, 4, 5, 6, 7};

// What `command` (a shell's) says when the record is its standard input.
static void judge(const uint8_t *record, const char *command, char *to, size_t size)
{
	char name[] = "/tmp/lanyard-record-XXXXXX", line[512];
	int fd = mkstemp(name);
	size_t got;
	FILE *f;

	assert_true(fd >= 0);
	f = fdopen(fd, "wb");
	assert_int_equal(fwrite(record, 1, RECORD_SIZE, f), RECORD_SIZE);
	fclose(f);
	snprintf(line, sizeof line, "(%s) < %s 2>&1", command, name);
	f = popen(line, "r");
	got = fread(to, 1, size - 1, f);
	to[got] = 0;
	pclose(f);
	remove(name);
}

static void extract(const uint8_t *record, const char *file, char *to, size_t size)
{
	char command[256];

	snprintf(command, sizeof command, "cpio --quiet -i --to-stdout lanyard/%s", file);
	judge(record, command, to, size);
}

static struct record_timeline timeline;
static const struct record_file initrds[] = {{"first", 1}, {"sub//second", 4294967296}};

static struct record example(void)
{
	timeline.count = 0;
	record_stage(&timeline, "start", 0);
	record_stage(&timeline, "lease", 12);
	record_stage(&timeline, "boot", 4000000000u);
	return (struct record){
		.discover = {(const uint8_t *)"DISCOVER", 8},
		.ack = {(const uint8_t *)"ACK\0x", 5},
		.proxy = {(const uint8_t *)"PROXY!", 6},
		.hwaddr = hwaddr,
		.hwaddr_length = 6,
		.hwtype = 1,
		.nic_name = "net0",
		.bus = "pci 00:03.0 8086:100e",
		.vlan = 4094,
		.firmware = "BIOS",
		.arch = 0,
		.uuid = uuid,
		.timeline = &timeline,
		.lease_from = "firmware",
		.address = ipaddr_v4(192, 168, 2, 50),
		.prefix = 24,
		.server = ipaddr_v4(192, 168, 2, 2),
		.config = "pxelinux.cfg/default",
		.label = "linux",
		.kernel = {"vmlinuz", 8220928},
		.initrds = initrds,
		.initrd_count = 2,
	};
}

static void test_archive(void **state)
{
	struct record r = example();
	uint8_t record[RECORD_SIZE];
	char got[4096];

	(void)state;
	record_write(record, &r);
	judge(record, "cpio --quiet -it", got, sizeof got);
	assert_starts(got, "lanyard\nlanyard/dhcpack\nlanyard/dhcpdiscover\nlanyard/proxyack\n"
			   "lanyard/nic\nlanyard/timeline\nlanyard/source\n");
	judge(record, "cpio --quiet -itv | cut -c 1-10", got, sizeof got);
	assert_starts(got, "drwx------\n-r--------\n-r--------\n");
	extract(record, "nic", got, sizeof got);
	assert_string_equal(got, "hwaddr 52:54:00:12:34:01\nhwtype 1\nname net0\n"
				 "bus pci 00:03.0 8086:100e\nvlan 4094\nfirmware BIOS\narch 0\n"
				 "uuid 01234567-89ab-4def-8001-020304050607\n");
	extract(record, "timeline", got, sizeof got);
	assert_string_equal(got, "start 0\nlease 12\nboot 4000000000\n");
	extract(record, "source", got, sizeof got);
	assert_string_equal(got, "program lanyard " LANYARD_VERSION "\nlease firmware\n"
				 "address 192.168.2.50/24\nserver 192.168.2.2\n"
				 "config pxelinux.cfg/default\nlabel linux\nkernel 8220928 vmlinuz\n"
				 "initrd 1 first\ninitrd 4294967296 sub//second\n");
	extract(record, "dhcpack", got, sizeof got);
	assert_memory_equal(got, "ACK\0x", 6);
}

static void test_absent_files_and_lines(void **state)
{
	struct record r = example();
	uint8_t record[RECORD_SIZE];
	char got[4096];

	(void)state;
	r.discover.length = r.proxy.length = 0;
	r.uuid = NULL;
	r.bus = "";
	r.vlan = 0;
	r.label = NULL;
	record_write(record, &r);
	judge(record, "cpio --quiet -it", got, sizeof got);
	assert_string_equal(got, "lanyard\nlanyard/dhcpack\nlanyard/nic\nlanyard/timeline\n"
				 "lanyard/source\n");
	extract(record, "nic", got, sizeof got);
	assert_null(strstr(got, "uuid"));
	assert_null(strstr(got, "bus"));
	assert_null(strstr(got, "vlan"));
	extract(record, "source", got, sizeof got);
	assert_null(strstr(got, "label"));
}

// The largest packets there are, and more names than fit: still an archive of that size.
static void test_too_much(void **state)
{
	static uint8_t packet[RECORD_SIZE];
	static char name[256];
	struct record_file many[16];
	struct record r = example();
	uint8_t record[RECORD_SIZE];
	char got[8192];

	(void)state;
	memset(name, 'n', sizeof name - 1);
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = (struct record_file){name, UINT64_MAX};
	r.initrds = many;
	r.initrd_count = COUNT(many);
	for (size_t length = 1400; length <= RECORD_SIZE; length += 97) {
		r.discover = r.ack = r.proxy = (struct record_packet){packet, length};
		record_write(record, &r);
		judge(record, "cpio --quiet -it", got, sizeof got);
		assert_starts(got, "lanyard\n");
		extract(record, "source", got, sizeof got);
		if (got[0])
			assert_int_equal(got[strlen(got) - 1], '\n');
	}
}

// A name with a line break may not forge a line.
static void test_foreign_words(void **state)
{
	struct record r = example();
	uint8_t record[RECORD_SIZE];
	char got[4096];

	(void)state;
	r.label = "a\nkernel 1 forged";
	r.kernel.name = "k\ninitrd 1 forged";
	record_write(record, &r);
	extract(record, "source", got, sizeof got);
	assert_contains(got, "label a?kernel 1 forged\n");
	assert_contains(got, "kernel 8220928 k?initrd 1 forged\n");
}

static void test_stages_entered_again(void **state)
{
	struct record_timeline t = {0};

	(void)state;
	record_stage(&t, "start", 0);
	record_stage(&t, "config", 1);
	record_stage(&t, "kernel", 2);
	record_stage(&t, "initrd", 3);
	record_stage(&t, "kernel", 9);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.stages[2].ms, 9);
	for (int i = 0; i < 40; i++) {
		static char names[40][12];

		snprintf(names[i], sizeof names[i], "%d", i);
		record_stage(&t, names[i], 10);
	}
	assert_int_equal(t.count, RECORD_STAGES);
}

static void test_file_size(void **state)
{
	uint8_t buffer[600];

	(void)state;
	for (size_t length = 0; length < 40; length++) {
		struct writer w = writer_of(buffer, sizeof buffer);

		cpio_directory(&w, "d");
		size_t before = writer_length(&w);
		cpio_file(&w, "name", buffer, length);
		assert_int_equal(writer_length(&w) - before, cpio_file_size("name", length));
		assert_int_equal(writer_length(&w) % 4, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_archive),
		cmocka_unit_test(test_absent_files_and_lines),
		cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_foreign_words),
		cmocka_unit_test(test_stages_entered_again),
		cmocka_unit_test(test_file_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
