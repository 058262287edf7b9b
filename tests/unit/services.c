// SPDX-License-Identifier: BSD-2-Clause
// initramfs/{cloudinit,ntpsec}.h: what services of the running system are told in files of their own.
#include "initramfs/system/cloudinit.h"
#include "initramfs/system/ntpsec.h"
#include "tests/unit/vectors.h"

static char out[1024];

static const char *environment(const char *cmdline, bool network, bool hostname, size_t room)
{
	struct text t = text_of(out, room);

	cloudinit_environment(&t, cmdline, network, hostname);
	return t.cut ? "cut" : out;
}

static void gives_cloud_init_its_line(void **state)
{
	(void)state;
	assert_string_equal(environment("ip=dhcp rw\n", true, true, sizeof out),
		"DEBUG_PROC_CMDLINE=\"network-config=disabled cc: preserve_hostname: true end_cc "
		"ip=dhcp rw\"\n");
	assert_string_equal(environment("rw", true, false, sizeof out),
		"DEBUG_PROC_CMDLINE=\"network-config=disabled rw\"\n");
	assert_string_equal(environment("rw", false, true, sizeof out),
		"DEBUG_PROC_CMDLINE=\"cc: preserve_hostname: true end_cc rw\"\n");
	// What systemd would take for itself between quotes.
	assert_string_equal(environment("a=\"b c\" d=$e `f` g\\h i=%j '", true, false, sizeof out),
		"DEBUG_PROC_CMDLINE=\"network-config=disabled a=\\\"b c\\\" d=\\$e \\`f\\` g\\\\h i=%j '\"\n");
	assert_string_equal(environment("rw", true, false, 40), "cut");
}

static const char *conf(const char *text, const char *servers)
{
	struct lease lease = {0};
	struct text t = text_of(out, sizeof out);

	for (size_t i = 0; *servers; i++) {
		size_t length = strcspn(servers, " ");

		assert_true(ipaddr_parse(&lease.ntp[i], servers, length));
		servers += length + (servers[length] == ' ');
	}
	ntpsec_conf(text, &lease, &t);
	return out;
}

static void puts_time_servers_in_the_place_of_others(void **state)
{
	(void)state;
	assert_string_equal(conf("driftfile /d\ntos maxclock 11\n pool 0.debian.pool.ntp.org iburst\n"
			"# server x\nserver 10.0.0.1\nserverx\n\tpeer y\nrestrict ::1\nserver",
			"192.168.2.3 10.1.1.1"),
		"server 192.168.2.3 iburst\nserver 10.1.1.1 iburst\n"
		"driftfile /d\n# server x\nserverx\nrestrict ::1\n");
	assert_string_equal(conf("", "192.168.2.3"), "server 192.168.2.3 iburst\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_cloud_init_its_line),
		cmocka_unit_test(puts_time_servers_in_the_place_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
