// SPDX-License-Identifier: BSD-2-Clause
// Sinks (bootloader/sinks.h) and the words of progress (bootloader/progress.h), on a platform that
// gives memory from the heap.
#include "bootloader/packed.h"
#include "bootloader/platform.h"
#include "bootloader/progress.h"
#include "bootloader/sinks.h"
#include "tests/unit/vectors.h"

static uint64_t now;
static int reserved; // places given and not yet taken back
static bool full;

uint64_t platform_now(void)
{
	return now;
}

uint8_t *platform_reserve_kernel(const struct linux_image *image, uint64_t size, struct fault *fault)
{
	(void)image;
	if (full) {
		fault_set(fault, FAULT_MEMORY, "(full)");
		return NULL;
	}
	reserved++;
	return malloc(size);
}

uint8_t *platform_reserve(const struct platform_place *want)
{
	reserved++;
	return malloc(want->size);
}

uint64_t platform_memory_free(void)
{
	return 0;
}

void platform_release(uint8_t *at, uint64_t size)
{
	(void)size;
	reserved--;
	free(at);
}

enum { KERNEL = 48000, SETUP = 5 * 512 };

// A bzImage of KERNEL bytes whose header promises exactly that.
static uint8_t *kernel(void)
{
	static uint8_t k[KERNEL];
	uint32_t words = (KERNEL - SETUP) / 16;

	for (size_t i = 0; i < sizeof k; i++)
		k[i] = (uint8_t)(i * 31 >> 3);
	memset(k + 0x1f1, 0, 0x268 - 0x1f1);
	k[0x1f1] = SETUP / 512 - 1;
	memcpy(k + 0x1f4, &words, 4);
	memcpy(k + 0x1fe, "\x55\xaa", 2);
	memcpy(k + 0x202, "HdrS\x0f\x02", 6);
	k[0x211] = 1;                              // LOADED_HIGH
	memcpy(k + 0x22c, "\xff\xff\xff\x7f", 4);  // initrd_addr_max
	memcpy(k + 0x230, "\x00\x00\x20\x00\x01", 5); // kernel_alignment, relocatable
	memcpy(k + 0x238, "\xff\x07\x00\x00", 4);  // cmdline_size
	memcpy(k + 0x258, "\x00\x00\x00\x01", 4);  // pref_address
	memcpy(k + 0x260, "\x00\x00\x10\x00", 4);  // init_size
	return k;
}

// Feeds `length` bytes in pieces. The id of the fault met, FAULT_NONE if all went well.
static enum fault_id feed(struct sink *s, const uint8_t *bytes, size_t length, uint64_t announced,
	size_t piece)
{
	struct fault fault = {0};
	bool good = s->ops->begin(s, announced, &fault);

	for (size_t at = 0; good && at < length; at += piece) {
		struct bytes part = exact_copy(bytes + at, length - at < piece ? length - at : piece);

		good = s->ops->write(s, at, part.at, part.length, &fault);
		exact_free(&part);
	}
	good = good && s->ops->commit(s, length, &fault);
	assert_int_equal(good, fault.id == FAULT_NONE);
	return fault.id;
}

static void test_kernel_in_every_piece_size(void **state)
{
	struct sink_kernel s;

	(void)state;
	for (size_t piece = 1; piece < KERNEL + 1; piece = piece * 2 + 1) {
		sink_kernel(&s, LINUX_X86);
		assert_int_equal(feed(&s.sink, kernel(), KERNEL, KERNEL, piece), FAULT_NONE);
		assert_int_equal(s.size, KERNEL);
		assert_memory_equal(s.at, kernel(), KERNEL);
		assert_int_equal(s.image.setup_size, SETUP);
		assert_true(s.sink.ops->same(&s.sink, KERNEL - 9, kernel() + KERNEL - 9, 9));
		assert_false(s.sink.ops->same(&s.sink, KERNEL - 9, kernel() + KERNEL - 10, 9));
		// Over again, of unknown size.
		assert_int_equal(feed(&s.sink, kernel(), KERNEL, SINK_SIZE_UNKNOWN, piece), FAULT_NONE);
		assert_int_equal(s.size, KERNEL);
		assert_memory_equal(s.at, kernel(), KERNEL);
		sink_kernel_release(&s);
		assert_int_equal(reserved, 0);
	}
}

static void test_kernel_faults(void **state)
{
	static uint8_t longer[KERNEL + 128 * 1024];
	const char *page = "<!DOCTYPE html>\n<html><body>404</body></html>\n";
	struct sink_kernel s;

	(void)state;
	sink_kernel(&s, LINUX_X86);
	assert_int_equal(feed(&s.sink, kernel(), 0, SINK_SIZE_UNKNOWN, 1), FAULT_FILE_EMPTY);
	assert_int_equal(feed(&s.sink, (const uint8_t *)page, strlen(page), strlen(page), 1000),
		FAULT_KERNEL_BAD);
	assert_int_equal(feed(&s.sink, (const uint8_t *)page, strlen(page), SINK_SIZE_UNKNOWN, 1000),
		FAULT_KERNEL_BAD);
	assert_int_equal(feed(&s.sink, kernel(), KERNEL - 100, KERNEL - 100, 1428), FAULT_KERNEL_CUT);
	assert_int_equal(feed(&s.sink, kernel(), KERNEL - 100, SINK_SIZE_UNKNOWN, 1428), FAULT_KERNEL_CUT);
	memcpy(longer, kernel(), KERNEL);
	assert_int_equal(feed(&s.sink, longer, sizeof longer, SINK_SIZE_UNKNOWN, 1428), FAULT_FILE_SIZE);
	full = true;
	assert_int_equal(feed(&s.sink, kernel(), KERNEL, KERNEL, 1428), FAULT_MEMORY);
	full = false;
	s.machine = LINUX_ARM64;
	assert_int_equal(feed(&s.sink, kernel(), KERNEL, KERNEL, 1428), FAULT_KERNEL_BAD);
	sink_kernel_release(&s);
	assert_int_equal(reserved, 0);
}

static void test_kernel_of_every_short_length(void **state)
{
	struct sink_kernel s;

	(void)state;
	sink_kernel(&s, LINUX_X86);
	for (size_t length = 1; length < LINUX_HEAD + 20; length += length < 700 ? 1 : 101)
		assert_int_not_equal(feed(&s.sink, kernel(), length, length, 512), FAULT_NONE);
	sink_kernel_release(&s);
}

// What is kept back as long as the head is not complete can be compared as well.
static void test_kernel_head_is_compared(void **state)
{
	struct sink_kernel s;
	struct fault fault;

	(void)state;
	sink_kernel(&s, LINUX_X86);
	assert_true(s.sink.ops->begin(&s.sink, KERNEL, &fault));
	assert_true(s.sink.ops->write(&s.sink, 0, kernel(), 700, &fault));
	assert_null(s.at);
	assert_true(s.sink.ops->same(&s.sink, 100, kernel() + 100, 600));
	assert_false(s.sink.ops->same(&s.sink, 510, "MZ", 2));
}

// Heads whose own word about the size, or the server's, is smaller than they are.
static void test_kernel_shorter_than_its_head(void **state)
{
	static uint8_t image[LINUX_HEAD + 1000];
	struct sink_kernel s;

	(void)state;
	memcpy(image + 56, "ARM\x64", 4);
	image[16] = 1; // image_size
	sink_kernel(&s, LINUX_ARM64);
	assert_int_equal(feed(&s.sink, image, LINUX_HEAD, SINK_SIZE_UNKNOWN, 1428), FAULT_NONE);
	assert_memory_equal(s.at, image, LINUX_HEAD);
	assert_int_equal(feed(&s.sink, image, sizeof image, SINK_SIZE_UNKNOWN, 1428), FAULT_FILE_SIZE);
	assert_int_equal(feed(&s.sink, image, sizeof image, 1000, 1428), FAULT_FILE_SIZE);
	assert_int_equal(feed(&s.sink, image, 1000, 1000, 999), FAULT_NONE);
	sink_kernel_release(&s);
	assert_int_equal(reserved, 0);
}

// The server's word about a packed kernel's size is smaller than what comes with its head.
static void test_packed_kernel_shorter_than_its_head(void **state)
{
	static uint8_t file[LINUX_HEAD + 1000] = {0x1f, 0x8b, 8};
	struct sink_kernel s;

	(void)state;
	sink_kernel(&s, LINUX_ARM64);
	s.packing = &packed_gzip;
	assert_int_equal(feed(&s.sink, file, sizeof file, 1000, 1428), FAULT_FILE_SIZE);
	assert_int_equal(feed(&s.sink, file, sizeof file, 1000, sizeof file), FAULT_FILE_SIZE);
	assert_int_equal(feed(&s.sink, file, sizeof file, sizeof file, 1428), FAULT_NONE);
	sink_kernel_release(&s);
	assert_int_equal(reserved, 0);
}

static void test_text(void **state)
{
	char to[64];
	uint8_t text[80];
	struct sink_text s;

	(void)state;
	memset(text, 't', sizeof text);
	sink_text(&s, to, sizeof to);
	assert_int_equal(feed(&s.sink, text, 64, 64, 10), FAULT_NONE);
	assert_int_equal(s.length, 64);
	assert_true(s.sink.ops->same(&s.sink, 60, text, 4));
	assert_false(s.sink.ops->same(&s.sink, 60, "ttta", 4));
	assert_int_equal(feed(&s.sink, text, 0, SINK_SIZE_UNKNOWN, 10), FAULT_NONE);
	assert_int_equal(s.length, 0);
	assert_int_equal(feed(&s.sink, text, 65, 65, 10), FAULT_CONFIG_TOO_LARGE);
	assert_int_equal(feed(&s.sink, text, 65, SINK_SIZE_UNKNOWN, 10), FAULT_CONFIG_TOO_LARGE);
}

static void test_memory(void **state)
{
	uint8_t to[64], bytes[80] = {1, 2, 3};
	struct fault fault;
	struct sink_memory s;

	(void)state;
	sink_memory(&s, to, sizeof to);
	assert_int_equal(feed(&s.sink, bytes, 64, 64, 7), FAULT_NONE);
	assert_int_equal(s.size, 64);
	assert_memory_equal(to, bytes, 64);
	assert_int_equal(feed(&s.sink, bytes, 65, 65, 7), FAULT_FILE_SIZE);
	assert_int_equal(feed(&s.sink, bytes, 65, SINK_SIZE_UNKNOWN, 7), FAULT_FILE_TOO_LARGE);
	assert_int_equal(feed(&s.sink, bytes, 0, SINK_SIZE_UNKNOWN, 7), FAULT_FILE_EMPTY);
	assert_false(s.sink.ops->write(&s.sink, UINT64_MAX, bytes, 1, &fault));
	assert_false(s.sink.ops->write(&s.sink, 64, bytes, 1, &fault));
	assert_true(s.sink.ops->write(&s.sink, 63, bytes, 1, &fault));
	assert_true(s.sink.ops->same(&s.sink, 63, bytes, 1));
	assert_false(s.sink.ops->same(&s.sink, 63, bytes + 1, 1));
}

static void check_size(uint64_t bytes, const char *want)
{
	char buffer[40];
	struct text t = text_of(buffer, sizeof buffer);

	progress_size(&t, bytes);
	assert_string_equal(buffer, want);
}

static void check_running(uint64_t received, uint64_t size, uint64_t kept, uint32_t elapsed,
	const char *want)
{
	char buffer[120];
	struct text t = text_of(buffer, sizeof buffer);

	progress_running(&t, "vmlinuz", received, size, kept, elapsed);
	assert_string_equal(buffer, want);
}

static void test_words(void **state)
{
	char buffer[120];
	struct text t = text_of(buffer, sizeof buffer);

	(void)state;
	check_size(0, "0 bytes");
	check_size(999, "999 bytes");
	check_size(1000, "1.0 kB");
	check_size(999999, "999.9 kB");
	check_size(8220928, "8.2 MB");
	check_size((uint64_t)5 << 40, "5497558.1 MB");
	check_running(4000000, 8000000, 0, 1000, "vmlinuz  50 %  4.0 MB of 8.0 MB  4.0 MB/s  1 s left");
	check_running(1428, SINK_SIZE_UNKNOWN, 0, 0, "vmlinuz  1.4 kB  1.4 MB/s");
	check_running(9, 3, 0, 1000, "vmlinuz  9 bytes of 3 bytes  9 bytes/s");
	check_running(UINT64_MAX >> 12, UINT64_MAX >> 11, 0, 1,
		"vmlinuz  49 %  4503599627.3 MB of 9007199254.7 MB  4294.9 MB/s  1048577 s left");
	check_running(3700000, 8000000, 5000000, 1000, "vmlinuz  3.7 MB, again to 5.0 MB  3.7 MB/s");
	check_running(5000000, 8000000, 5000000, 1000, "vmlinuz  62 %  5.0 MB of 8.0 MB  5.0 MB/s  1 s left");
	progress_finished(&t, "a/path/that/is/longer/than/the/line/has/room/for/vmlinuz", 31000000, 1710);
	assert_string_equal(buffer, "...line/has/room/for/vmlinuz  31.0 MB in 1.71 s (18.1 MB/s)");
}

// Drawing takes at most a twentieth of the time, and happens at most five times a second.
static void test_time_between_drawings(void **state)
{
	(void)state;
	now = 1000;
	assert_int_equal(progress_next(1000), 1200);
	now = 1080;
	assert_int_equal(progress_next(1000), 1080 + 1600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel_in_every_piece_size),
		cmocka_unit_test(test_kernel_faults),
		cmocka_unit_test(test_kernel_of_every_short_length),
		cmocka_unit_test(test_kernel_head_is_compared),
		cmocka_unit_test(test_kernel_shorter_than_its_head),
		cmocka_unit_test(test_packed_kernel_shorter_than_its_head),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_time_between_drawings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
