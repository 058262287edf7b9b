// SPDX-License-Identifier: BSD-2-Clause
// initramfs/cmdline.h: words, quotes and numbers of the kernel's command line.
#include "initramfs/cmdline.h"
#include "tests/unit/vectors.h"

static struct cmdline c;

static void parse(const char *text)
{
	struct bytes exact = exact_copy(text, strlen(text));

	cmdline_parse(&c, (const char *)exact.at, exact.length);
	exact_free(&exact);
}

static void reads_what_a_boot_needs(void **state)
{
	(void)state;
	parse("BOOT_IMAGE=vmlinuz root=/dev/nfs nfsroot=192.168.2.2:/nfsroot,rw ip=dhcp quiet "
	      "BOOTIF=01-52-54-00-12-34-01 init=/bin/sh lanyard.overlay=tmpfs,size=1g "
	      "lanyard.tmpfs=/a,/b lanyard.rescue rootflags=noatime dhcpclass=x unknown.word=1\n");
	assert_string_equal(c.root, "/dev/nfs");
	assert_string_equal(c.nfsroot, "192.168.2.2:/nfsroot,rw");
	assert_int_equal(c.ip_count, 1);
	assert_string_equal(c.ip[0], "dhcp");
	assert_string_equal(c.bootif, "01-52-54-00-12-34-01");
	assert_string_equal(c.init, "/bin/sh");
	assert_string_equal(c.overlay, "tmpfs,size=1g");
	assert_string_equal(c.tmpfs, "/a,/b");
	assert_string_equal(c.rootflags, "noatime");
	assert_string_equal(c.dhcp_class, "x");
	assert_true(c.quiet && c.rescue);
	assert_false(c.has_panic);
	assert_int_equal(c.patience, CMDLINE_PATIENCE);
}

static void nothing_is_nothing(void **state)
{
	(void)state;
	parse("");
	assert_int_equal(c.count, 0);
	assert_null(c.root);
	assert_null(c.nfsroot);
	assert_int_equal(c.ip_count, 0);
	assert_int_equal(c.access_at, -1);
	parse(" \t \n");
	assert_int_equal(c.count, 0);
}

static void quotes_as_the_kernel_does(void **state)
{
	static const struct {
		const char *text, *words[3];
	} cases[] = {
		{"a=\"b c\" d", {"a=b c", "d"}},
		{"\"a b=c d\" e", {"a b=c d", "e"}},
		{"a=b\"c d\"e f", {"a=b\"c d\"e", "f"}}, // inside a value a quote only holds it together
		{"a=\"b", {"a=b"}},
		{"\"a", {"a"}},
		{"a=\"\" b", {"a=", "b"}},
		{"\"\" b", {"", "b"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		parse(cases[i].text);
		for (size_t w = 0; w < 3 && cases[i].words[w]; w++) {
			assert_true(w < c.count);
			assert_string_equal(c.words[w], cases[i].words[w]);
		}
	}
}

static void two_dashes_end_it(void **state)
{
	(void)state;
	parse("ro -- rw quiet root=/x");
	assert_int_equal(c.count, 1);
	assert_false(c.rw);
	assert_false(c.quiet);
	assert_null(c.root);
}

static void the_later_access_counts(void **state)
{
	(void)state;
	parse("ro x rw");
	assert_true(c.rw);
	assert_int_equal(c.access_at, 2);
	parse("nfsroot=/a rw nfsroot=/b,ro ro");
	assert_false(c.rw);
	assert_int_equal(c.access_at, 3);
	assert_int_equal(c.nfsroot_at, 2);
	assert_string_equal(c.nfsroot, "/b,ro");
}

static void keeps_the_last_ips(void **state)
{
	(void)state;
	parse("ip=1 ip=2 nfsaddrs=3 ip=4 ip=5 ip=6");
	assert_int_equal(c.ip_count, CMDLINE_IPS);
	assert_string_equal(c.ip[0], "3");
	assert_string_equal(c.ip[CMDLINE_IPS - 1], "6");
}

static void reads_numbers(void **state)
{
	(void)state;
	parse("panic=10 rootdelay=7");
	assert_true(c.has_panic);
	assert_int_equal(c.panic, 10);
	assert_int_equal(c.patience, 7);
	parse("panic=-1");
	assert_true(c.has_panic);
	assert_int_equal(c.panic, -1);
	parse("panic=0 rootdelay=0");
	assert_false(c.has_panic);
	assert_int_equal(c.patience, CMDLINE_PATIENCE);
	parse("panic=soon rootdelay=99999999999 panic=");
	assert_false(c.has_panic);
	assert_int_equal(c.patience, CMDLINE_PATIENCE);
}

static void gives_modules_their_parameters(void **state)
{
	char to[64];

	(void)state;
	parse("virtio-net.napi_tx=0 virtio_net.csum virtio_net2.x=1 e1000.debug=\"a b\" .y=1 e1000.z=");
	assert_true(cmdline_module_parameters(&c, "virtio_net", to, sizeof to));
	assert_string_equal(to, "napi_tx=0 csum");
	assert_true(cmdline_module_parameters(&c, "e1000", to, sizeof to));
	assert_string_equal(to, "debug=\"a b\" z=");
	assert_true(cmdline_module_parameters(&c, "nfs", to, sizeof to));
	assert_string_equal(to, "");
	assert_false(cmdline_module_parameters(&c, "virtio_net", to, 8));
}

static void knows_the_blacklist(void **state)
{
	(void)state;
	parse("modprobe.blacklist=a,e1000-x module_blacklist=z");
	assert_true(cmdline_blacklisted(&c, "a"));
	assert_true(cmdline_blacklisted(&c, "e1000_x"));
	assert_true(cmdline_blacklisted(&c, "z"));
	assert_false(cmdline_blacklisted(&c, "e1000"));
}

static void knows_what_is_to_be_kept(void **state)
{
	(void)state;
	parse("lanyard.keep=fstab,machine-id");
	assert_true(cmdline_keeps(&c, "fstab") && cmdline_keeps(&c, "machine-id"));
	assert_false(cmdline_keeps(&c, "jobs") || cmdline_keeps(&c, "machine"));
	parse("lanyard.keep=all");
	assert_true(cmdline_keeps(&c, "jobs"));
	parse("");
	assert_false(cmdline_keeps(&c, "jobs"));
	assert_null(c.log);
	parse("lanyard.log=10.0.0.1 lanyard.log=off");
	assert_string_equal(c.log, "off");
}

static void knows_where_to_stop(void **state)
{
	(void)state;
	parse("break=top,init");
	assert_true(cmdline_breaks(&c, "top") && cmdline_breaks(&c, "init"));
	assert_false(cmdline_breaks(&c, "mount") || cmdline_breaks(&c, "premount"));
	parse("break");
	assert_true(cmdline_breaks(&c, "premount"));
	parse("break=mountroot");
	assert_true(cmdline_breaks(&c, "mount"));
	parse("");
	assert_false(cmdline_breaks(&c, "premount"));
}

static void finds_repeated_words(void **state)
{
	size_t at = 0;

	(void)state;
	parse("a=1 ab=2 a a=3 -- a=4");
	assert_string_equal(cmdline_next(&c, "a", &at), "1");
	assert_string_equal(cmdline_next(&c, "a", &at), "3");
	assert_null(cmdline_next(&c, "a", &at));
}

static void too_much_is_left_out(void **state)
{
	static char text[2 * CMDLINE_SIZE];

	(void)state;
	for (size_t i = 0; i < 2 * CMDLINE_SIZE; i++)
		text[i] = i % 2 ? ' ' : 'x';
	cmdline_parse(&c, text, 2 * CMDLINE_SIZE);
	assert_int_equal(c.count, CMDLINE_WORDS);
	memset(text, 'y', 2 * CMDLINE_SIZE);
	cmdline_parse(&c, text, 2 * CMDLINE_SIZE);
	assert_int_equal(c.count, 1);
	assert_int_equal(strlen(c.words[0]), CMDLINE_SIZE - 1);
}

static void every_beginning_is_survived(void **state)
{
	static const char text[] = "\"a b=\"c d\" nfsroot=\"x y\" ip=\"\"\" ro -- \"";
	char part[sizeof text];

	(void)state;
	for (size_t i = 0; i < sizeof text; i++) {
		memcpy(part, text, i);
		part[i] = 0;
		parse(part);
		assert_true(c.count <= i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_a_boot_needs),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(quotes_as_the_kernel_does),
		cmocka_unit_test(two_dashes_end_it),
		cmocka_unit_test(the_later_access_counts),
		cmocka_unit_test(keeps_the_last_ips),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(gives_modules_their_parameters),
		cmocka_unit_test(knows_the_blacklist),
		cmocka_unit_test(knows_what_is_to_be_kept),
		cmocka_unit_test(knows_where_to_stop),
		cmocka_unit_test(finds_repeated_words),
		cmocka_unit_test(too_much_is_left_out),
		cmocka_unit_test(every_beginning_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
