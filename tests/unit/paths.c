// SPDX-License-Identifier: BSD-2-Clause
// File names (bootloader/paths.h) and the names of the configuration search (bootloader/search.h).
#include "bootloader/paths.h"
#include "bootloader/search.h"
#include "netstack/lease.h"
#include "tests/unit/vectors.h"

static void test_prefix(void **state)
{
	static const struct {
		const char *option, *boot_file, *prefix;
	} cases[] = {
		{"", "lanyard.0", ""}, {"", "", ""}, {"", "/lanyard.0", "/"},
		{"", "sub/dir/lanyard.0", "sub/dir/"}, {"", "my_lanyard.0", "my_"},
		{"", "a/b\\c", "a/b\\"}, {"", "tftp://192.168.2.2/x/lanyard.0", "tftp://192.168.2.2/x/"},
		{"", "dir/", "dir/"}, {"/opt/", "sub/lanyard.0", "/opt/"}, {"opt", "sub/lanyard.0", "opt"},
		{"", "lanyard.efi?x", "lanyard.efi?"},
		{"", "http://192.168.2.2/x/lanyardx64.efi", "http://192.168.2.2/x/"},
		{"", "http://boot.example:8080", "http://boot.example:8080"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char prefix[PATH_NAME];
		struct lease lease = {0};
		struct fault fault;

		strcpy(lease.path_prefix, cases[i].option);
		strcpy(lease.boot_file, cases[i].boot_file);
		assert_true(path_prefix(prefix, &lease, &fault));
		assert_string_equal(prefix, cases[i].prefix);
	}
}

static void test_resolve(void **state)
{
	static const struct {
		const char *prefix, *name, *server;
		unsigned port;
		const char *file, *host;
	} cases[] = {
		{"", "vmlinuz", "none", 0, "vmlinuz", ""},
		{"sub/", "vmlinuz", "none", 0, "sub/vmlinuz", ""},
		{"sub/", "/vmlinuz", "none", 0, "sub//vmlinuz", ""},
		{"sub/", "::vmlinuz", "none", 0, "vmlinuz", ""},
		{"sub/", "::/vmlinuz", "none", 0, "/vmlinuz", ""},
		{"sub/", "192.168.2.9::f", "192.168.2.9", 0, "f", ""},
		{"sub/", "server::f", "none", 0, "f", "server"},
		{"sub/", "tftp://192.168.2.9/f", "192.168.2.9", 0, "f", ""},
		{"sub/", "tftp://192.168.2.9//f", "192.168.2.9", 0, "/f", ""},
		{"sub/", "TFTP://192.168.2.9/f#x", "192.168.2.9", 0, "f", ""},
		{"sub/", "tftp://192.168.2.9:6969/f", "192.168.2.9", 6969, "f", ""},
		{"sub/", "tftp://192.168.2.9/a%20b%2fc%", "192.168.2.9", 0, "a b/c%", ""},
		{"sub/", "tftp://server:69/f", "none", 69, "f", "server"},
		{"sub/", "tftp:///f", "none", 0, "f", ""},
		{"sub/", "a:b::c", "none", 0, "sub/a:b::c", ""},
		{"sub/", "f#x", "none", 0, "sub/f#x", ""},
		{"tftp://192.168.2.9/dir/", "f", "192.168.2.9", 0, "dir/f", ""},
		{"192.168.2.9::dir/", "f", "192.168.2.9", 0, "dir/f", ""},
		{"::", "f", "none", 0, "f", ""},
		{"sub/", "tftp://server/f;mode=octet", "none", 0, "f", "server"},
		{"sub/", "tftp://user@server/f", "none", 0, "f", "server"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char server[IPADDR_TEXT];
		struct fault fault = {0};
		struct path p;

		assert_true(path_resolve(&p, cases[i].prefix, cases[i].name, &fault));
		assert_string_equal(p.file, cases[i].file);
		assert_string_equal(ipaddr_format(&p.server, server), cases[i].server);
		assert_int_equal(p.port, cases[i].port);
		assert_string_equal(p.host, cases[i].host);
	}
}

static void test_http(void **state)
{
	static const struct {
		const char *prefix, *name;
		bool relative;
		const char *url;
	} cases[] = {
		{"", "http://192.168.2.9/f", false, "http://192.168.2.9/f"},
		{"sub/", "HTTP://server:8080/a/../b?q=1#x", false, "http://server:8080/a/../b?q=1"},
		{"", "http://server", false, "http://server/"},
		{"", "http:///f", false, "http://10.0.0.1/f"},
		{"http://server/dir/", "vmlinuz", true, "http://server/dir/vmlinuz"},
		{"http://server/dir/", "a b", true, "http://server/dir/a b"},
		{"http://server/dir/", "../vmlinuz", true, "http://server/vmlinuz"},
		{"http://server/dir/", "/vmlinuz", true, "http://server/vmlinuz"},
		{"http://server/dir/x?y", "vmlinuz", true, "http://server/dir/vmlinuz"},
		{"http://server", "pxelinux.cfg/default", true, "http://server/pxelinux.cfg/default"},
		{"http://server/dir/", "tftp://h/x", false, "tftp://h/x"},
		{"http://server/dir/", "::x", false, "tftp://10.0.0.1/x"},
		{"http://server/dir/", "h::x", false, "tftp://h/x"},
	};
	const struct ipaddr boot_server = ipaddr_v4(10, 0, 0, 1);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char url[PATH_URL];
		struct text t = text_of(url, sizeof url);
		struct fault fault = {0};
		struct path p;

		assert_true(path_resolve(&p, cases[i].prefix, cases[i].name, &fault));
		path_url(&p, &boot_server, &t);
		assert_string_equal(url, cases[i].url);
		assert_int_equal(p.relative, cases[i].relative);
		assert_int_equal(p.http, url[0] == 'h');
	}
}

static void refuse(const char *prefix, const char *name, enum fault_id id)
{
	struct fault fault = {0};
	struct path p;

	assert_false(path_resolve(&p, prefix, name, &fault));
	assert_int_equal(fault.id, id);
}

static void test_refused(void **state)
{
	char name[2 * PATH_NAME + 1];

	(void)state;
	refuse("", "https://192.168.2.2/f", FAULT_URL_SCHEME);
	refuse("", "ftp://192.168.2.2/f", FAULT_URL_SCHEME);
	refuse("http://192.168.2.2/x/", "nfs://192.168.2.2/f", FAULT_URL_SCHEME);
	refuse("", "http://192.168.2.2:99999/f", FAULT_URL_SCHEME);
	refuse("", "://x", FAULT_URL_SCHEME);
	refuse("", "", FAULT_CONFIG_ERROR);
	refuse("", "tftp://192.168.2.2", FAULT_CONFIG_ERROR);
	refuse("", "tftp://192.168.2.2/#x", FAULT_CONFIG_ERROR);
	refuse("", "1.2.3.4::", FAULT_CONFIG_ERROR);
	for (size_t length = PATH_NAME - 2; length < sizeof name; length++) {
		struct fault fault;
		struct path p;

		memset(name, 'n', length);
		name[length] = 0;
		assert_int_equal(path_resolve(&p, "", name, &fault), length < PATH_NAME);
		assert_int_equal(path_resolve(&p, "x", name, &fault), length < PATH_NAME - 1);
	}
}

static void check_name(unsigned which, const struct search_facts *f, const char *want)
{
	char buffer[PATH_NAME];
	struct text t = text_of(buffer, sizeof buffer);
	bool found = search_name(which, f, &t);

	assert_int_equal(found, want != NULL);
	if (want)
		assert_string_equal(buffer, want);
}

static void test_search_names(void **state)
{
	static const uint8_t uuid[16] = {0x67, 0x45, 0x23, 0x01, 0xab, 0x89, 0xef, 0x4d, 0x80, 1, 2, 3, 4,
		5, 6, 7};
	static const uint8_t hwaddr[6] = {0x52, 0x54, 0, 0xAB, 0xcd, 1};
	const struct search_facts f = {
		.option = "conf/x",
		.uuid = uuid,
		.hwaddr = hwaddr,
		.hwaddr_length = 6,
		.hwtype = 1,
		.address = ipaddr_v4(192, 168, 2, 171),
	};
	struct search_facts bare = f;

	(void)state;
	check_name(SEARCH_OPTION, &f, "conf/x");
	check_name(SEARCH_UUID, &f, "pxelinux.cfg/67452301-ab89-ef4d-8001-020304050607");
	check_name(SEARCH_UUID_RFC, &f, "pxelinux.cfg/01234567-89ab-4def-8001-020304050607");
	check_name(SEARCH_HWADDR, &f, "pxelinux.cfg/01-52-54-00-ab-cd-01");
	check_name(SEARCH_IP, &f, "pxelinux.cfg/C0A802AB");
	check_name(SEARCH_IP + 1, &f, "pxelinux.cfg/C0A802A");
	check_name(SEARCH_IP + 7, &f, "pxelinux.cfg/C");
	check_name(SEARCH_DEFAULT, &f, "pxelinux.cfg/default");
	bare.uuid = NULL;
	bare.option = "";
	check_name(SEARCH_OPTION, &bare, NULL);
	check_name(SEARCH_UUID, &bare, NULL);
	check_name(SEARCH_UUID_RFC, &bare, NULL);
}

// A version nibble of 0 or 15 marks a UUID that somebody forgot to fill in.
static void test_uuids_without_meaning(void **state)
{
	uint8_t uuid[16];
	struct search_facts f = {.uuid = uuid};

	(void)state;
	memset(uuid, 0, sizeof uuid);
	check_name(SEARCH_UUID, &f, NULL);
	check_name(SEARCH_UUID_RFC, &f, NULL);
	memset(uuid, 0xff, sizeof uuid);
	check_name(SEARCH_UUID, &f, NULL);
	check_name(SEARCH_UUID_RFC, &f, NULL);
	memset(uuid, 0x44, sizeof uuid);
	uuid[6] = 0x0f;
	check_name(SEARCH_UUID, &f, NULL);
	check_name(SEARCH_UUID_RFC, &f, "pxelinux.cfg/44444444-4444-440f-4444-444444444444");
}

static void test_card(void **state)
{
	static const struct {
		const char *name, *card, *expected;
	} cases[] = {
		{"initrd.img", "pci 00:03.0 8086:100e irq 11", "initrd.img"},
		{"initrd.img/{nic}", "pci 00:03.0 8086:100e irq 11", "initrd.img/8086-100e"},
		{"initrd.img/{nic}/x", "pci 00:03.0 1af4:1000", "initrd.img/1af4-1000/x"},
		{"{nic}{nic}", "pci 00:03.0 1af4:1000", "1af4-10001af4-1000"},
		{"a/{nic}", "pci 00:03.0 1af4:100", "a/any"},
		{"a/{nic}", "isapnp 12345678 irq 11", "a/any"},
		{"a/{nic}", "UNDI irq 11", "a/any"},
		{"a/{nic}", "", "a/any"},
		{"a/{nicx}", "", "a/{nicx}"},
		{"a/{nic", "", "a/{nic"},
		{"", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char name[PATH_NAME];
		struct text t = text_of(name, sizeof name);

		path_put_card(&t, cases[i].name, cases[i].card);
		assert_string_equal(name, cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_card),
		cmocka_unit_test(test_search_names),
		cmocka_unit_test(test_uuids_without_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
