// SPDX-License-Identifier: BSD-2-Clause
// bootloader/linux.h: x86 and arm64 headers, old and damaged ones, every truncation, and the names of
// what is no kernel.
#include "bootloader/linux.h"
#include "netstack/sink.h"
#include "tests/unit/vectors.h"

enum { HEAD = 0x4400 };

static void put(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

// The header of Debian's 6.1.0-31-amd64, as far as it matters.
static struct bytes debian(void)
{
	static uint8_t h[HEAD];

	memset(h, 0, sizeof h);
	memcpy(h, "MZ", 2);
	put(h + 0x3c, 0x40, 4);
	memcpy(h + 0x40, "PE\0\0\x64\x86", 6);
	put(h + 0x1f1, 0x27, 1);      // setup_sects
	put(h + 0x1f4, 0x7d820, 4);   // syssize
	put(h + 0x1fe, 0xaa55, 2);
	memcpy(h + 0x202, "HdrS", 4);
	put(h + 0x206, 0x20f, 2);
	put(h + 0x20e, 0x4000, 2);    // kernel_version
	put(h + 0x211, 1, 1);         // LOADED_HIGH
	put(h + 0x22c, 0x7fffffff, 4);
	put(h + 0x230, 0x200000, 4);
	put(h + 0x234, 1, 1);
	put(h + 0x236, 0x7f, 2);
	put(h + 0x238, 2047, 4);
	put(h + 0x258, 0x1000000, 8);
	put(h + 0x260, 0x3f98000, 4);
	strcpy((char *)h + 0x4200, "6.1.0-31-amd64 (debian-kernel@lists.debian.org) #1 SMP");
	return exact_copy(h, sizeof h);
}

enum { DEBIAN_SIZE = 0x28 * 512 + 0x7d8200 };

static bool parse(const struct bytes *b, uint64_t size, struct linux_image *image, char *sentence)
{
	struct fault fault = {0};
	struct text t = text_of(sentence, FAULT_SENTENCE);
	bool good = linux_parse(image, b->at, b->length, size, &fault);

	if (!good)
		fault_sentence(&fault, &t);
	assert_int_equal(good, fault.id == FAULT_NONE);
	return good;
}

static void reads_debians_kernel(void **state)
{
	struct bytes b = debian();
	struct linux_image i;
	char sentence[FAULT_SENTENCE];

	(void)state;
	assert_true(parse(&b, DEBIAN_SIZE, &i, sentence));
	assert_int_equal(i.machine, LINUX_X86);
	assert_true(i.pe && i.relocatable);
	assert_int_equal(i.protocol, 0x20f);
	assert_int_equal(i.setup_size, 0x28 * 512);
	assert_int_equal(i.syssize, 0x7d8200);
	assert_int_equal(i.xloadflags, 0x7f);
	assert_int_equal(i.alignment, 0x200000);
	assert_int_equal(i.pref_address, 0x1000000);
	assert_int_equal(i.init_size, 0x3f98000);
	assert_int_equal(i.initrd_max, 0x7fffffff);
	assert_int_equal(i.cmdline_size, 2047);
	assert_string_equal(i.version, "6.1.0-31-amd64");
	assert_true(parse(&b, SINK_SIZE_UNKNOWN, &i, sentence));
	assert_true(parse(&b, DEBIAN_SIZE + 1472, &i, sentence)); // signature
	exact_free(&b);
}

static void old_protocols_have_conventions(void **state)
{
	struct bytes b = debian();
	struct linux_image i;
	char sentence[FAULT_SENTENCE];

	(void)state;
	put(b.at + 0x206, 0x202, 2);
	put(b.at + 0x1f1, 0, 1);      // 4
	put(b.at + 0x1f4, 0x4000, 4); // 256 kB; 16 bits count
	assert_true(parse(&b, SINK_SIZE_UNKNOWN, &i, sentence));
	assert_int_equal(i.setup_size, 5 * 512);
	assert_int_equal(i.pref_address, 0x100000);
	assert_int_equal(i.initrd_max, 0x37ffffff);
	assert_int_equal(i.cmdline_size, 255);
	assert_false(i.relocatable);
	assert_true(i.init_size > i.syssize);
	put(b.at + 0x206, 0x201, 2);
	assert_false(parse(&b, SINK_SIZE_UNKNOWN, &i, sentence));
	assert_contains(sentence, "boot protocol 2.01 is from before Linux 2.4");
	put(b.at + 0x206, 0x202, 2);
	put(b.at + 0x211, 0, 1);
	assert_false(parse(&b, SINK_SIZE_UNKNOWN, &i, sentence));
	assert_contains(sentence, "zImage");
	exact_free(&b);
}

static void damaged_headers_are_refused(void **state)
{
	static const struct {
		unsigned at, bytes;
		uint64_t value;
	} damages[] = {
		{0x230, 4, 0}, {0x230, 4, 3}, {0x258, 8, 0}, {0x258, 8, 0xfffff}, {0x258, 8, 1ull << 40},
		{0x22c, 4, 0},
	};
	struct linux_image i;
	char sentence[FAULT_SENTENCE];

	(void)state;
	for (size_t n = 0; n < COUNT(damages); n++) {
		struct bytes b = debian();

		put(b.at + damages[n].at, damages[n].value, damages[n].bytes);
		assert_false(parse(&b, DEBIAN_SIZE, &i, sentence));
		assert_starts(sentence, "LAN-401");
		assert_contains(sentence, "damaged");
		exact_free(&b);
	}
}

static void a_version_outside_is_left_out(void **state)
{
	struct bytes b = debian();
	struct linux_image i;
	char sentence[FAULT_SENTENCE];

	(void)state;
	for (unsigned at = 0; at < 0x10000; at += 0x1ff) {
		put(b.at + 0x20e, at, 2);
		assert_true(parse(&b, DEBIAN_SIZE, &i, sentence));
	}
	put(b.at + 0x20e, 0x4c00, 2);
	assert_true(parse(&b, DEBIAN_SIZE, &i, sentence));
	assert_string_equal(i.version, "");
	memset(b.at + 0x4200, 'x', HEAD - 0x4200); // no end
	put(b.at + 0x20e, 0x4000, 2);
	assert_true(parse(&b, DEBIAN_SIZE, &i, sentence));
	assert_int_equal(strlen(i.version), sizeof i.version - 1);
	exact_free(&b);
}

static void cut_off_kernels(void **state)
{
	struct bytes b = debian();
	struct linux_image i;
	char sentence[FAULT_SENTENCE];

	(void)state;
	for (size_t length = 0; length < b.length; length++) { // the head is the whole file
		struct bytes cut = exact_copy(b.at, length);

		assert_false(parse(&cut, length, &i, sentence));
		assert_starts(sentence, length == 0 ? "LAN-209" : length == 1 ? "LAN-401" : "LAN-402");
		exact_free(&cut);
	}
	assert_false(parse(&b, DEBIAN_SIZE - 1, &i, sentence));
	assert_contains(sentence, "8245759 bytes, its header promises 8245760");
	exact_free(&b);
}

static void reads_arm64(void **state)
{
	struct bytes b = from_hex("4d5a4091 ea1f5914 00*8 00000102 00000000 0a 00*7 00*24 "
				  "41524d64 40000000 50450000 64aa");
	struct linux_image i;
	char sentence[FAULT_SENTENCE];

	(void)state;
	assert_true(parse(&b, 30000000, &i, sentence));
	assert_int_equal(i.machine, LINUX_ARM64);
	assert_true(i.pe);
	assert_int_equal(i.init_size, 0x02010000);
	assert_string_equal(i.version, "");
	exact_free(&b);
}

// arm64's kernels in a small program that unpacks them; x86 has no such.
static void reads_zboot(void **state)
{
	uint8_t h[0x400] = "MZ\0\0zimg";
	char sentence[FAULT_SENTENCE];
	struct linux_image i;
	struct bytes b;

	(void)state;
	put(h + 8, sizeof h, 4);
	put(h + 12, 5000, 4);
	put(h + 0x3c, 0x40, 4);
	memcpy(h + 0x40, "PE\0\0\x64\xaa", 6);
	put(h + 0x40 + 0x50, 0x10000, 4);
	b = exact_copy(h, sizeof h);
	assert_true(parse(&b, sizeof h + 5000, &i, sentence));
	assert_true(i.machine == LINUX_ARM64 && i.pe && !i.program && i.init_size == 0x10000);
	assert_false(linux_program(&i, b.at, b.length));
	assert_true(parse(&b, SINK_SIZE_UNKNOWN, &i, sentence));
	assert_false(parse(&b, sizeof h + 4999, &i, sentence));
	assert_contains(sentence, "promises 6024");
	b.at[0x44] = 0x64;
	b.at[0x45] = 0x86;
	assert_false(parse(&b, sizeof h + 5000, &i, sentence));
	assert_contains(sentence, "x86-64");
	exact_free(&b);
}

static void names_what_it_is_instead(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *named;
	} cases[] = {
#define CASE(bytes, named) {bytes, sizeof bytes - 1, named}
		CASE("\x1f\x8b\x08\0\0\0\0\0", "gzip"),
		CASE("\xfd" "7zXZ\0\0", "xz data"),
		CASE("\x28\xb5\x2f\xfd....", "zstd"),
		CASE("BZh91AY", "bzip2"),
		CASE("0707010000", "cpio archive"),
		CASE("\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0", "ELF program for x86-64"),
		CASE("\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xb7\0", "ELF program for arm64"),
		CASE("\x7f" "ELF", "ELF program"),
		CASE("<!DOCTYPE html><html><head>", "web page"),
		CASE("\n  <html>\n<head><title>404 Not Found</title>", "web page"),
		CASE("\xef\xbb\xbf<?xml version=\"1.0\"?>", "web page"),
		CASE("#!/bin/sh\n", "script"),
		CASE("DEFAULT linux\n", "begins with 44 45 46 41"),
		CASE("x", "begins with 78 00 00 00"),
		CASE("<", "begins with 3c"),
#undef CASE
	};
	struct linux_image i;
	char sentence[FAULT_SENTENCE];

	(void)state;
	for (size_t n = 0; n < COUNT(cases); n++) {
		struct bytes b = exact_copy(cases[n].bytes, cases[n].length);

		assert_false(parse(&b, b.length, &i, sentence));
		assert_starts(sentence, "LAN-401");
		assert_contains(sentence, cases[n].named);
		exact_free(&b);
	}
}

static void names_other_efi_programs(void **state)
{
	static const struct {
		uint16_t machine;
		const char *named;
	} cases[] = {
		{0x5064, "EFI program for RISC-V"}, {0x1c2, "32-bit ARM"}, {0x6264, "LoongArch"},
		{0xaa64, "arm64, and no Linux kernel"}, {0x8664, "x86-64, and no Linux kernel"},
		{0x14c, "i386, and no Linux kernel"}, {0x1234, "DOS or Windows"},
	};
	struct linux_image i;
	char sentence[FAULT_SENTENCE];

	(void)state;
	for (size_t n = 0; n < COUNT(cases); n++) {
		struct bytes b = debian();

		put(b.at + 0x202, 0, 4);
		put(b.at + 0x44, cases[n].machine, 2);
		assert_false(parse(&b, DEBIAN_SIZE, &i, sentence));
		assert_contains(sentence, cases[n].named);
		put(b.at + 0x3c, 0xffffffff, 4); // a PE header outside
		assert_false(parse(&b, DEBIAN_SIZE, &i, sentence));
		assert_contains(sentence, "DOS or Windows");
		exact_free(&b);
	}
}

static void knows_efi_programs(void **state)
{
	struct bytes b = debian();
	struct linux_image i;

	(void)state;
	assert_false(linux_program(&i, b.at, b.length)); // a kernel
	put(b.at + 0x202, 0, 4);
	put(b.at + 0x44, 0x8664, 2);
	put(b.at + 0x40 + 0x50, 0x123000, 4);
	assert_true(linux_program(&i, b.at, b.length));
	assert_true(i.program && i.pe && i.machine == LINUX_X86 && i.init_size == 0x123000);
	put(b.at + 0x44, 0xaa64, 2);
	assert_true(linux_program(&i, b.at, b.length) && i.machine == LINUX_ARM64);
	put(b.at + 0x44, 0x14c, 2);
	assert_false(linux_program(&i, b.at, b.length));
	put(b.at + 0x44, 0x8664, 2);
	put(b.at + 0x3c, 0xffffffff, 4);
	assert_false(linux_program(&i, b.at, b.length));
	for (size_t length = 0; length < 0x46; length++)
		assert_false(linux_program(&i, b.at, length));
	exact_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_debians_kernel),
		cmocka_unit_test(old_protocols_have_conventions),
		cmocka_unit_test(damaged_headers_are_refused),
		cmocka_unit_test(a_version_outside_is_left_out),
		cmocka_unit_test(cut_off_kernels),
		cmocka_unit_test(reads_arm64),
		cmocka_unit_test(reads_zboot),
		cmocka_unit_test(names_what_it_is_instead),
		cmocka_unit_test(names_other_efi_programs),
		cmocka_unit_test(knows_efi_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
