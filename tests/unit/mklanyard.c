// SPDX-License-Identifier: BSD-2-Clause
// The files that mklanyard takes from strangers: depmod's index (trie.h), ELF (elf.h), the kernel's
// configuration (compress.h), microcode (microcode.h). Sound ones are understood, broken ones refused, no
// byte is read beyond the last.
#include "initramfs/mklanyard/compress.h"
#include "initramfs/mklanyard/elf.h"
#include "initramfs/mklanyard/microcode.h"
#include "initramfs/mklanyard/trie.h"
#include "tests/unit/vectors.h"

// modules.builtin.bin as depmod 30 writes it for loop.ko and lp.ko: two leaves ("op" and ""), the
// node "l" with their children 'o'..'p', the root with the child 'l'.
#define TRIE_HEAD "b007f457 00020001 "
#define TRIE_LEAVES "6f7000 00000001 00000000 00 | 00000001 00000000 00 | "
#define TRIE_NODE "6f70 c000000c 40000018 | "
#define TRIE_ROOT "6c6c 20000021"

static bool trie_of(const char *hex)
{
	struct bytes b = from_hex(hex);
	bool sound = trie_is_sound(b.at, b.length);

	exact_free(&b);
	return sound;
}

static void takes_depmods_index(void **state)
{
	(void)state;
	assert_true(trie_of(TRIE_HEAD "2000002b" TRIE_LEAVES TRIE_NODE TRIE_ROOT));
	assert_true(trie_of(TRIE_HEAD "0000000c")); // of no modules at all
}

static void refuses_truncated(const uint8_t *bytes, size_t length, void *context)
{
	(void)context;
	assert_false(trie_is_sound(bytes, length));
}

static void refuses_a_damaged_index(void **state)
{
	struct bytes whole = from_hex(TRIE_HEAD "2000002b" TRIE_LEAVES TRIE_NODE TRIE_ROOT);
	static const char *const bad[] = {
		"b007f456 00020001 0000000c",                // another magic
		"b007f457 00030001 0000000c",                // another version
		TRIE_HEAD "00000000",                        // the root in the header
		TRIE_HEAD "2000000c 6c6c 2000000c",          // a node that is its own child
		TRIE_HEAD "8000000c 616263",                 // a prefix without its end
		TRIE_HEAD "2000000c 6d6c 00000000",          // the last child before the first
		TRIE_HEAD "2000000c 6080 00*132",            // a child for no character
		TRIE_HEAD "2000000c 6c6c 20000fff",          // a child outside the file
		TRIE_HEAD "4000000c ffffffff 00000000 6100", // more values than there are
		TRIE_HEAD "4000000c 00000001 00000000 6161", // a value without its end
		TRIE_HEAD "2000000c 6162 80000016 80000016 61*15 00", // one node twice
	};

	(void)state;
	each_truncation(&whole, refuses_truncated, NULL);
	exact_free(&whole);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (trie_of(bad[i]))
			fail_msg("accepted: %s", bad[i]);
}

// A chain of nodes, each the only child of the one before.
static bool chain_of(size_t nodes)
{
	size_t length = 12 + nodes * 6;
	uint8_t *file = malloc(length);
	struct writer w = writer_of(file, length);
	bool sound;

	assert_non_null(file);
	write_u32(&w, 0xb007f457);
	write_u32(&w, 0x00020001);
	write_u32(&w, 0x2000000c);
	for (size_t i = 0; i < nodes; i++) {
		write_u16(&w, 0x6161);
		write_u32(&w, i + 1 < nodes ? (uint32_t)(0x20000000 + 12 + (i + 1) * 6) : 0);
	}
	assert_false(w.failed);
	sound = trie_is_sound(file, length);
	free(file);
	return sound;
}

static void refuses_a_bottomless_index(void **state)
{
	(void)state;
	assert_true(chain_of(100));
	assert_false(chain_of(100000));
}

// An ELF file of the test's own making: header, two program headers, texts, three section headers.
enum { AT_SEGMENTS = 64, AT_NAMES = 176, AT_INFO = 208, AT_SECTIONS = 320, ELF_LENGTH = 512 };

static const char names[] = "\0.modinfo\0.names";
static const char info[] =
	"alias=pci:v1*\0license=GPL\0depends=mii,crc-ccitt\0aliases=no\0alias=fs-x";

static void put_section(
	struct writer *w, uint32_t name, uint32_t type, uint64_t at, uint64_t length)
{
	write_u32_le(w, name);
	write_u32_le(w, type);
	write_zeros(w, 16);
	write_u64_le(w, at);
	write_u64_le(w, length);
	write_zeros(w, 24);
}

static void put_segment(struct writer *w, uint32_t type)
{
	write_u32_le(w, type);
	write_zeros(w, 52);
}

static void make_elf(uint8_t file[ELF_LENGTH], uint16_t type, uint32_t segment)
{
	struct writer w = writer_of(file, ELF_LENGTH);

	write_bytes(&w, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0", 16);
	write_u16_le(&w, type);
	write_u16_le(&w, ELF_X86_64);
	write_zeros(&w, 12);
	write_u64_le(&w, AT_SEGMENTS);
	write_u64_le(&w, AT_SECTIONS);
	write_zeros(&w, 6);
	write_u16_le(&w, 56); // size and number of program headers, of section headers
	write_u16_le(&w, type == 1 ? 0 : 2);
	write_u16_le(&w, 64);
	write_u16_le(&w, 3);
	write_u16_le(&w, 2); // the section with the names
	put_segment(&w, 1);
	put_segment(&w, segment);
	write_bytes(&w, names, sizeof names);
	write_zeros(&w, AT_INFO - AT_NAMES - sizeof names);
	write_bytes(&w, info, sizeof info);
	write_zeros(&w, AT_SECTIONS - AT_INFO - sizeof info);
	put_section(&w, 0, 0, 0, 0);
	put_section(&w, 1, 1, AT_INFO, sizeof info);
	put_section(&w, 10, 3, AT_NAMES, sizeof names);
	assert_false(w.failed);
	assert_int_equal(writer_length(&w), ELF_LENGTH);
}

static void reads_a_modules_words(void **state)
{
	uint8_t file[ELF_LENGTH];
	struct elf e;
	struct reader r;

	(void)state;
	make_elf(file, 1, 0);
	assert_true(elf_open(&e, file, sizeof file));
	assert_int_equal(e.machine, ELF_X86_64);
	assert_true(elf_is_module(&e));
	assert_false(elf_is_static_program(&e));
	r = elf_modinfo(&e);
	assert_string_equal(elf_modinfo_next(&r, "alias"), "pci:v1*");
	assert_string_equal(elf_modinfo_next(&r, "alias"), "fs-x"); // and not "aliases=no"
	assert_null(elf_modinfo_next(&r, "alias"));
	r = elf_modinfo(&e);
	assert_string_equal(elf_modinfo_next(&r, "depends"), "mii,crc-ccitt");
}

static void tells_static_programs(void **state)
{
	uint8_t file[ELF_LENGTH];
	struct elf e;

	(void)state;
	make_elf(file, 2, 1);
	assert_true(elf_open(&e, file, sizeof file) && elf_is_static_program(&e));
	assert_false(elf_is_module(&e));
	make_elf(file, 3, 2); // position-independent, yet without an interpreter
	assert_true(elf_open(&e, file, sizeof file) && elf_is_static_program(&e));
	make_elf(file, 2, 3); // PT_INTERP
	assert_true(elf_open(&e, file, sizeof file));
	assert_false(elf_is_static_program(&e));
}

static void finds_no_module(const uint8_t *bytes, size_t length, void *context)
{
	struct elf e;

	(void)context;
	if (elf_open(&e, bytes, length)) {
		assert_false(elf_is_module(&e));
		elf_is_static_program(&e);
	}
}

static void survives_broken_elf(void **state)
{
	uint8_t file[ELF_LENGTH];
	struct bytes whole;

	(void)state;
	make_elf(file, 1, 0);
	whole = exact_copy(file, sizeof file);
	whole.length -= 24; // what follows the last section's length is of no interest
	each_truncation(&whole, finds_no_module, NULL);
	whole.length += 24;
	for (size_t i = 0; i < whole.length; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			struct elf e;
			struct reader r;

			whole.at[i] ^= (uint8_t)(1 << bit);
			if (elf_open(&e, whole.at, whole.length)) {
				r = elf_modinfo(&e);
				while (elf_modinfo_next(&r, "alias"))
					;
				elf_is_static_program(&e);
			}
			whole.at[i] ^= (uint8_t)(1 << bit);
		}
	exact_free(&whole);
}

static void chooses_what_the_kernel_unpacks(void **state)
{
	static const char all[] = "CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_GZIP=y\nCONFIG_RD_XZ=y\n"
				  "# CONFIG_RD_LZMA is not set\nCONFIG_RD_ZSTD=y";
	static const char no_zstd[] =
		"CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_GZIP=y\nCONFIG_RD_XZ=y\n"
		"# CONFIG_RD_ZSTD is not set\nXCONFIG_RD_ZSTD=y\nCONFIG_RD_ZSTD=yes\n";
	static const char nothing[] = "CONFIG_BLK_DEV_INITRD=y\n";

	(void)state;
	assert_int_equal(compress_best(all, sizeof all - 1), COMPRESS_ZSTD);
	assert_int_equal(compress_best(all, sizeof all - 2), COMPRESS_XZ); // "CONFIG_RD_ZSTD="
	assert_int_equal(compress_best(no_zstd, sizeof no_zstd - 1), COMPRESS_XZ);
	assert_int_equal(compress_best(nothing, sizeof nothing - 1), COMPRESS_NONE);
	assert_int_equal(compress_best(NULL, 0), COMPRESS_GZIP);
	assert_true(compress_is_known_to(COMPRESS_NONE, nothing, sizeof nothing - 1));
	assert_false(compress_is_known_to(COMPRESS_GZIP, nothing, sizeof nothing - 1));
	assert_false(compress_is_known_to(COMPRESS_NONE, "", 0));
}

// Intel's header: version, revision, date, signature, checksum, loader, flags, sizes of data and all.
#define INTEL_HEAD "01000000 2a000000 24200201 ea060900 00000000 01000000 02000000 "
#define INTEL_64 INTEL_HEAD "10000000 40000000 00*12 55*16 "

static void is_no_whole_update(const uint8_t *bytes, size_t length, void *context)
{
	(void)context;
	assert_false(microcode_is_intel(bytes, length) && length != 64);
}

static bool is_intel(const char *hex)
{
	struct bytes b = from_hex(hex);
	bool is = microcode_is_intel(b.at, b.length);

	exact_free(&b);
	return is;
}

// The first processors' updates do not tell their size, which is 2048.
static bool is_old_intel(size_t length)
{
	uint8_t *old = calloc(1, length);
	bool is;

	assert_non_null(old);
	old[0] = old[20] = 1; // version, loader
	is = microcode_is_intel(old, length);
	free(old);
	return is;
}

static void knows_intels_updates(void **state)
{
	struct bytes two = from_hex(INTEL_64 INTEL_64);

	(void)state;
	assert_true(is_intel(INTEL_64));
	assert_true(is_old_intel(2048));
	assert_false(is_old_intel(2032) || is_old_intel(2064));
	assert_true(microcode_is_intel(two.at, two.length));
	each_truncation(&two, is_no_whole_update, NULL);
	exact_free(&two);
	assert_false(is_intel(INTEL_64 "00"));
	assert_false(is_intel("02" "000000 2a000000 24200201 ea060900 00000000 01000000 02000000 "
			      "10000000 40000000 00*12 55*16")); // version 2
	assert_false(is_intel(INTEL_HEAD "10000000 00000000 00*12 55*16")); // nothing in all
	assert_false(is_intel(INTEL_HEAD "11000000 40000000 00*12 55*16")); // more data than that
	assert_false(is_intel(INTEL_HEAD "f0ffffff ffffffff 00*12 55*16"));
	assert_false(is_intel(INTEL_HEAD "10000000 48000000 00*12 55*24")); // not aligned
}

static void knows_amds_containers(void **state)
{
	static const uint8_t good[] = "DMA\0\0\0\0\0\20\0\0\0and more";

	(void)state;
	assert_true(microcode_is_amd(good, sizeof good));
	assert_false(microcode_is_amd(good, 12));
	assert_false(microcode_is_amd(good, 3));
	assert_false(microcode_is_amd(good + 1, sizeof good - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_depmods_index),
		cmocka_unit_test(refuses_a_damaged_index),
		cmocka_unit_test(refuses_a_bottomless_index),
		cmocka_unit_test(reads_a_modules_words),
		cmocka_unit_test(tells_static_programs),
		cmocka_unit_test(survives_broken_elf),
		cmocka_unit_test(chooses_what_the_kernel_unpacks),
		cmocka_unit_test(knows_intels_updates),
		cmocka_unit_test(knows_amds_containers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
