// SPDX-License-Identifier: BSD-2-Clause
// bios/unlzma.h: what xz packs with the Makefile's parameters comes out again; damaged streams stay
// within their bounds.
#include "bios/unlzma.c"
#include "tests/unit/vectors.h"

#include <unistd.h>

static const char parameters[] = "--format=raw --lzma1=lc=3,lp=0,pb=0,dict=1MiB,nice=273";

static struct bytes read_file(const char *name)
{
	static uint8_t buffer[1 << 20];
	FILE *file = fopen(name, "rb");
	size_t length;

	assert_non_null(file);
	length = fread(buffer, 1, sizeof buffer, file);
	fclose(file);
	return exact_copy(buffer, length);
}

static struct bytes pack(const struct bytes *plain)
{
	char name[] = "/tmp/lanyard-unlzma-XXXXXX", packed[64], command[256];
	int fd = mkstemp(name);
	struct bytes b;

	assert_true(fd >= 0 && write(fd, plain->at, plain->length) == (ssize_t)plain->length);
	close(fd);
	snprintf(packed, sizeof packed, "%s.lz", name);
	snprintf(command, sizeof command, "xz %s --stdout %s > %s", parameters, name, packed);
	assert_int_equal(system(command), 0);
	b = read_file(packed);
	unlink(name);
	unlink(packed);
	return b;
}

static void unpack(const struct bytes *from, struct bytes *to)
{
	void *work = malloc(LZMA_WORK);

	unlzma(to->at, (uint32_t)to->length, from->at, work);
	free(work);
}

static void round_trip(struct bytes plain)
{
	struct bytes packed = pack(&plain);
	struct bytes out = exact_copy(plain.at, plain.length);

	memset(out.at, 0xee, out.length);
	unpack(&packed, &out);
	assert_memory_equal(out.at, plain.at, plain.length);
	exact_free(&packed);
	exact_free(&out);
	exact_free(&plain);
}

static void unpacks_what_xz_packs(void **state)
{
	static uint8_t noise[20000];
	uint32_t seed = 7;

	(void)state;
	for (size_t i = 0; i < sizeof noise; i++) {
		seed = seed * 1664525 + 1013904223;
		noise[i] = (uint8_t)(seed >> 24);
	}
	round_trip(from_hex("61"));
	round_trip(from_hex("00*60000"));
	round_trip(from_hex("6162*9 6163*200 00*300 6162 6162*3 ff*70 61*3"));
	round_trip(exact_copy(noise, sizeof noise));
	round_trip(read_file("/proc/self/exe"));
}

// Junk behind the stream is as much as the decoder may read: one byte per decision at most.
static void damage_stays_inside(void **state)
{
	struct bytes plain = read_file("Makefile"), packed = pack(&plain);
	struct bytes room = exact_copy(packed.at, packed.length);
	size_t extra = plain.length * 16;
	uint8_t *from = calloc(1, packed.length + extra);

	(void)state;
	exact_free(&room);
	assert_non_null(from);
	for (unsigned i = 0; i < 100; i++) {
		struct bytes out = exact_copy(plain.at, plain.length);
		struct bytes damaged = {.at = from, .length = packed.length};

		memcpy(from, packed.at, packed.length);
		from[5 + i * 37 % (packed.length - 5)] ^= (uint8_t)(1 + i);
		unpack(&damaged, &out);
		exact_free(&out);
	}
	free(from);
	exact_free(&plain);
	exact_free(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacks_what_xz_packs),
		cmocka_unit_test(damage_stays_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
