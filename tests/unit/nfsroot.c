// SPDX-License-Identifier: BSD-2-Clause
// initramfs/root/nfsroot.h: the forms of nfsroot=, root= and root-path, and the options for mount(2).
#include "initramfs/root/nfsroot.h"
#include "tests/unit/vectors.h"

#include <sys/mount.h>

static struct fault fault;

static struct nfsroot read_value(const char *value)
{
	struct bytes exact = exact_copy(value, strlen(value) + 1);
	struct nfsroot n = {0};

	assert_true(nfsroot_read(&n, (const char *)exact.at, &fault));
	exact_free(&exact);
	return n;
}

static void reads_every_form(void **state)
{
	static const struct {
		const char *value, *server, *path, *options;
		enum nfsroot_access access;
		bool v4;
	} cases[] = {
		{"192.168.2.2:/nfsroot", "192.168.2.2", "/nfsroot", "", NFSROOT_UNSAID, false},
		{"192.168.2.2:/nfsroot,rw", "192.168.2.2", "/nfsroot", "", NFSROOT_RW, false},
		{"/nfsroot,ro,rsize=8192", "", "/nfsroot", "rsize=8192", NFSROOT_RO, false},
		{"/a:b", "", "/a:b", "", NFSROOT_UNSAID, false}, // a colon in the path
		{"srv:/a:b,vers=4.1", "srv", "/a:b", "vers=4.1", NFSROOT_UNSAID, false},
		{"srv.example.org:relative", "srv.example.org", "relative", "", NFSROOT_UNSAID, false},
		{"nfs:srv:/p", "srv", "/p", "", NFSROOT_UNSAID, false},
		{"nfs:srv:/p:rw,port=2050", "srv", "/p", "port=2050", NFSROOT_RW, false},
		{"nfs:srv:/p,ro", "srv", "/p", "", NFSROOT_RO, false},
		{"nfs:/p", "", "/p", "", NFSROOT_UNSAID, false},
		{"nfs4:srv:/p", "srv", "/p", "", NFSROOT_UNSAID, true},
		{"nfs://srv/p,soft", "srv", "/p", "soft", NFSROOT_UNSAID, false},
		{"nfs://10.0.0.1:2050/p", "10.0.0.1", "/p", "port=2050", NFSROOT_UNSAID, false},
		{"[fd00::2]:/p", "fd00::2", "/p", "", NFSROOT_UNSAID, false},
		{"[fe80::1%eth0]:/p,rw", "fe80::1%eth0", "/p", "", NFSROOT_RW, false},
		{"nfs:[fd00::2]:/p:ro", "fd00::2", "/p", "", NFSROOT_RO, false},
		{"nfs4:[::1]:/p,ro", "::1", "/p", "", NFSROOT_RO, true},
		{"nfs://[fd00::2]/p", "fd00::2", "/p", "", NFSROOT_UNSAID, false},
		{"nfs://[fd00::2]:2050/p,rw", "fd00::2", "/p", "port=2050", NFSROOT_RW, false},
		{"srv:/p,mountport=20048,port=2049", "srv", "/p", "mountport=20048,port=2049",
			NFSROOT_UNSAID, false},
		{"default,ro", "", "", "", NFSROOT_RO, false},
		{"10.0.0.1:default,rw", "10.0.0.1", "", "", NFSROOT_RW, false},
		{",nolock", "", "", "nolock", NFSROOT_UNSAID, false},
		{"", "", "", "", NFSROOT_UNSAID, false},
		{"s:/p,,rw,,timeo=7,", "s", "/p", "timeo=7", NFSROOT_RW, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nfsroot n = read_value(cases[i].value);

		assert_string_equal(n.server, cases[i].server);
		assert_string_equal(n.path, cases[i].path);
		assert_string_equal(n.options, cases[i].options);
		assert_int_equal(n.access, cases[i].access);
		assert_int_equal(n.v4, cases[i].v4);
	}
}

static void refuses_with_a_reason(void **state)
{
	static const struct {
		const char *value, *reason;
	} cases[] = {
		{"[fe80::1/p", "IPv6"},
		{"[srv]:/p", "IPv6"},
		{"[]:/p", "IPv6"},
		{"[10.0.0.1]:/p", "IPv6"},
		{"[fe80::1%]:/p", "IPv6"},
		{"[fe80::1]/p", "no colon"},
		{"nfs://[fe80::1]", "no path"},
		{"nfs://[fe80::1]x/p", "no path"},
		{"nfs://[fe80::1]:0/p", "port"},
		{"nfs://srv", "no path"},
		{"nfs:///p", "no server"},
		{"nfs://srv:0/p", "port"},
		{"nfs://srv:70000/p", "port"},
		{"nfs://srv:x/p", "port"},
		{"srv:/a\nb", "control"},
		{"srv:/a\x7f", "control"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nfsroot n = {0};

		fault_clear(&fault);
		assert_false(nfsroot_read(&n, cases[i].value, &fault));
		assert_int_equal(fault.id, FAULT_ROOT_PARAMETER);
		assert_contains(fault.facts, cases[i].reason);
	}
}

static void has_bounds(void **state)
{
	char value[NFSROOT_PATH + NFSROOT_OPTIONS + 16];
	struct nfsroot n = {0};

	(void)state;
	memset(value, 'a', sizeof value);
	value[0] = '/';
	value[NFSROOT_PATH - 1] = 0;
	assert_true(nfsroot_read(&n, value, &fault));
	value[NFSROOT_PATH - 1] = 'a';
	value[NFSROOT_PATH] = 0;
	assert_false(nfsroot_read(&n, value, &fault));

	memcpy(value, "/p,x=", 5);
	memset(value + 5, 'o', NFSROOT_OPTIONS);
	value[3 + NFSROOT_OPTIONS - 2] = 0;
	n = (struct nfsroot){0};
	assert_true(nfsroot_read(&n, value, &fault));
	assert_int_equal(strlen(n.options), NFSROOT_OPTIONS - 2);
	assert_false(nfsroot_add_options(&n, "b", &fault));

	memset(value, 's', NFSROOT_SERVER);
	memcpy(value + NFSROOT_SERVER, ":/p", 4);
	assert_false(nfsroot_read(&n, value, &fault));
}

static void later_values_lie_over_earlier_ones(void **state)
{
	struct nfsroot n = read_value("10.0.0.9:/from-dhcp,ro");

	(void)state;
	assert_true(nfsroot_read(&n, "/mine,rw,soft", &fault));
	assert_string_equal(n.server, "10.0.0.9");
	assert_string_equal(n.path, "/mine");
	assert_int_equal(n.access, NFSROOT_RW);
	assert_string_equal(n.options, "soft");
}

static void completes_the_path(void **state)
{
	static const struct {
		const char *value, *client, *path;
	} cases[] = {
		{"", "10.0.0.5", "/tftpboot/10.0.0.5"},
		{"/roots/%s/root", "ws1", "/roots/ws1/root"},
		{"/roots/%s/%s", "ws1", "/roots/ws1/%s"}, // the kernel replaces the first one
		{"/100%", "ws1", "/100%"},
		{"/%d%n", "ws1", "/%d%n"},
		{"/plain", "../x", "/plain"},
	};
	struct nfsroot n;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		n = read_value(cases[i].value);
		assert_true(nfsroot_complete(&n, cases[i].client, &fault));
		assert_string_equal(n.path, cases[i].path);
	}
	n = read_value("/%s");
	assert_false(nfsroot_complete(&n, "../etc", &fault));
	assert_int_equal(fault.id, FAULT_ROOT_PARAMETER);
}

static void assert_data(const char *value, const char *expected)
{
	char data[NFSROOT_DATA];
	struct text t = text_of(data, sizeof data);
	struct nfsroot n = read_value(value);

	nfsroot_data(&n, "3", "10.0.0.1", &t);
	assert_false(t.cut);
	assert_string_equal(data, expected);
}

static void writes_the_options_for_the_kernel(void **state)
{
	(void)state;
	assert_data("/p", "vers=3,proto=tcp,nolock,hard,addr=10.0.0.1");
	assert_data("/p,rw", "vers=3,proto=tcp,nolock,hard,addr=10.0.0.1");
	assert_data("/p,lock", "vers=3,proto=tcp,hard,lock,addr=10.0.0.1");
	assert_data("/p,soft,timeo=7", "vers=3,proto=tcp,nolock,soft,timeo=7,addr=10.0.0.1");
	assert_data("/p,udp", "vers=3,nolock,hard,udp,addr=10.0.0.1");
	assert_data("/p,vers=4.1", "proto=tcp,nolock,hard,vers=4.1,addr=10.0.0.1");
	assert_data("/p,v4.2", "proto=tcp,nolock,hard,v4.2,addr=10.0.0.1");
	assert_data("/p,addr=6.6.6.6", "vers=3,proto=tcp,nolock,hard,addr=6.6.6.6,addr=10.0.0.1");
	assert_data("/p,version=3", "vers=3,proto=tcp,nolock,hard,version=3,addr=10.0.0.1");
}

static void an_ipv6_server_has_its_own_transport(void **state)
{
	char text[NFSROOT_DATA];
	struct text t = text_of(text, sizeof text);
	struct nfsroot n = read_value("[fd00::2]:/p");

	(void)state;
	nfsroot_data(&n, "3", n.server, &t);
	assert_string_equal(text, "vers=3,proto=tcp6,nolock,hard,addr=fd00::2");
	t = text_of(text, sizeof text);
	nfsroot_source(n.server, n.path, &t);
	assert_string_equal(text, "[fd00::2]:/p");
	t = text_of(text, sizeof text);
	nfsroot_source("srv", "/p", &t);
	assert_string_equal(text, "srv:/p");
}

static void finds_numbers_among_the_options(void **state)
{
	struct nfsroot n = read_value("/p,port=x,mountport=20048,port=2050,report=7,rsize=");

	(void)state;
	assert_int_equal(nfsroot_number(&n, "port"), 2050);
	assert_int_equal(nfsroot_number(&n, "mountport"), 20048);
	assert_int_equal(nfsroot_number(&n, "rsize"), 0);
	assert_int_equal(nfsroot_number(&n, "wsize"), 0);
}

static void keeps_flags_and_mount8s_options_from_the_kernel(void **state)
{
	struct nfsroot n = read_value("/p,noatime,nosuid,_netdev,bg,retry=2,defaults,suid,rsize=1");

	(void)state;
	assert_string_equal(n.options, "rsize=1");
	assert_int_equal(n.flags, MS_NOATIME);
}

static void every_beginning_is_survived(void **state)
{
	static const char value[] = "nfs://srv:2049/a%s:b,rw,vers=3,noatime,,x=y";
	char part[sizeof value], data[NFSROOT_DATA];

	(void)state;
	for (size_t i = 0; i < sizeof value; i++) {
		struct text t = text_of(data, sizeof data);
		struct nfsroot n = {0};

		memcpy(part, value, i);
		part[i] = 0;
		if (nfsroot_read(&n, part, &fault) && nfsroot_complete(&n, "me", &fault))
			nfsroot_data(&n, "3", "1.2.3.4", &t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_form),
		cmocka_unit_test(refuses_with_a_reason),
		cmocka_unit_test(has_bounds),
		cmocka_unit_test(later_values_lie_over_earlier_ones),
		cmocka_unit_test(completes_the_path),
		cmocka_unit_test(writes_the_options_for_the_kernel),
		cmocka_unit_test(an_ipv6_server_has_its_own_transport),
		cmocka_unit_test(finds_numbers_among_the_options),
		cmocka_unit_test(keeps_flags_and_mount8s_options_from_the_kernel),
		cmocka_unit_test(every_beginning_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
