// SPDX-License-Identifier: BSD-2-Clause
// initramfs/modules/modules.h: the list of modules, and which devices a driver fits.
#include "initramfs/modules/modules.h"
#include "tests/unit/vectors.h"

static struct modules list;
static struct fault fault;
static char *text;

static int forget(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

// The parser splits the text in place and may write one NUL behind it.
static bool parse(const char *lines, size_t length)
{
	free(text);
	text = malloc(length + 1);
	assert_non_null(text);
	memcpy(text, lines, length);
	text[length] = 0;
	return modules_parse(&list, text, length, &fault);
}

static const char good[] =
	"# a comment\n"
	"sunrpc /m/sunrpc.ko - -\n"
	"grace /m/grace.ko - -\n"
	"\n"
	"lockd /m/lockd.ko - grace,sunrpc\n"
	"nfs /m/nfs.ko a lockd,grace,sunrpc\n"
	"overlay /m/overlay.ko d -\n"
	"e1000 /m/e1000.ko n - pci:v00008086d0000100Esv*sd*bc*sc*i* pci:v00008086d00001[0-4]*\n"
	"virtio_net  /m/virtio-net.ko\tna - virtio:d00000001v*";

static void reads_the_list(void **state)
{
	const struct module *m;

	(void)state;
	assert_true(parse(good, sizeof good - 1));
	assert_int_equal(list.count, 7);
	m = &list.list[2];
	assert_string_equal(m->name, "lockd");
	assert_string_equal(m->path, "/m/lockd.ko");
	assert_int_equal(m->flags, 0);
	assert_int_equal(m->count, 2);
	assert_string_equal(list.list[list.dependencies[m->first]].name, "grace");
	assert_string_equal(list.list[list.dependencies[m->first + 1]].name, "sunrpc");
	assert_int_equal(list.list[3].flags, MODULE_ALWAYS);
	assert_int_equal(list.list[4].flags, MODULE_ON_DEMAND);
	assert_int_equal(list.list[5].flags, MODULE_BY_ALIAS);
	assert_int_equal(list.list[6].flags, MODULE_BY_ALIAS | MODULE_ALWAYS);
}

static void finds_by_name(void **state)
{
	(void)state;
	assert_true(parse(good, sizeof good - 1));
	assert_int_equal(modules_find(&list, "overlay"), 4);
	assert_int_equal(modules_find(&list, "virtio-net"), 6);
	assert_int_equal(modules_find(&list, "virtio_ne"), -1);
	assert_int_equal(modules_find(&list, "virtio_nett"), -1);
	assert_int_equal(modules_find(&list, ""), -1);
}

static void matches_devices(void **state)
{
	(void)state;
	assert_true(parse(good, sizeof good - 1));
	assert_true(modules_match(&list.list[5],
		"pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00"));
	assert_true(modules_match(&list.list[5], "pci:v00008086d000013FF"));
	assert_false(modules_match(&list.list[5], "pci:v00008086d000018FF"));
	assert_false(modules_match(&list.list[5], "pci:v00001AF4d0000100Esv"));
	assert_false(modules_match(&list.list[5], ""));
	assert_true(modules_match(&list.list[6], "virtio:d00000001v00001AF4"));
	assert_false(modules_match(&list.list[0], "pci:v00008086d0000100E"));
}

static void refuses_what_is_malformed(void **state)
{
	static const char *const lines[] = {
		"e1000",
		"e1000 /m/e1000.ko",
		"e1000 /m/e1000.ko -",
		"e1000 m/e1000.ko - -",                // not absolute
		"e1000 /m/e1000.ko x -",               // no such flag
		"a /a - b\nb /b - -",                  // a later line
		"a /a - a",                            // itself
		"a /a - -\nb /b - a,,a",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		fault_clear(&fault);
		assert_false(parse(lines[i], strlen(lines[i])));
		assert_int_equal(fault.id, FAULT_MODULE_LOAD);
		assert_contains(fault.facts, "line ");
	}
	assert_contains(fault.facts, "line 2");
}

static void has_bounds(void **state)
{
	size_t size = (MODULES_MAX + 1) * 16, length = 0;
	char *many = malloc(size);

	(void)state;
	assert_non_null(many);
	for (unsigned i = 0; i <= MODULES_MAX; i++)
		length += (size_t)snprintf(many + length, size - length, "m%u /m - -\n", i);
	assert_false(parse(many, length));
	assert_true(parse(many, length - strlen("m1024 /m - -\n")));
	assert_int_equal(list.count, MODULES_MAX);
	free(many);
}

static void every_beginning_is_survived(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof good; length++) {
		if (!parse(good, length))
			assert_int_equal(fault.id, FAULT_MODULE_LOAD);
		for (size_t i = 0; i < list.count; i++)
			modules_match(&list.list[i], "pci:v00008086d0000100Esv1");
	}
}

static void an_empty_list_is_a_list(void **state)
{
	(void)state;
	assert_true(parse("", 0));
	assert_int_equal(list.count, 0);
	assert_int_equal(modules_find(&list, "x"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(reads_the_list, forget),
		cmocka_unit_test_teardown(finds_by_name, forget),
		cmocka_unit_test_teardown(matches_devices, forget),
		cmocka_unit_test_teardown(refuses_what_is_malformed, forget),
		cmocka_unit_test_teardown(has_bounds, forget),
		cmocka_unit_test_teardown(every_beginning_is_survived, forget),
		cmocka_unit_test_teardown(an_empty_list_is_a_list, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
