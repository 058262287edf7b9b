// SPDX-License-Identifier: BSD-2-Clause
// efi/origin.h: device paths as firmware makes them, cut, and wrong.
#include "efi/origin.c"
#include "efi/path.c"
#include "tests/unit/vectors.h"

EFI_BOOT_SERVICES *firmware_services; // of path_copy, which is not called

#define PCI "0101 0600 0003 "
#define MAC "030b 2500 525400123401 00*26 00 "
#define VLAN5 "0314 0600 0500 "
#define IPV4 "030c 1b00 c0a80232 c0a80202 0000 0000 0600 00 c0a80202 ffffff00 "
#define IPV4_SHORT "030c 1300 c0a80232 c0a80202 0000 0000 0600 00 "
#define URI "0318 1300 687474703a2f2f682f642f782e6566 " // http://h/d/x.ef
#define URI_EMPTY "0318 0400 "
#define END " 7fff 0400"

static struct origin read_path(const char *hex)
{
	struct bytes path = from_hex(hex);
	struct origin o;

	origin_read(&o, (const EFI_DEVICE_PATH *)path.at);
	exact_free(&path);
	return o;
}

static void reads_what_firmware_makes(void **state)
{
	static const struct {
		const char *path;
		uint16_t vlan;
		struct ipaddr server;
		const char *url;
	} cases[] = {
		{PCI MAC IPV4 URI END, 0, {IP_V4, {192, 168, 2, 2}}, "http://h/d/x.ef"},
		{PCI MAC VLAN5 IPV4_SHORT URI END, 5, {IP_V4, {192, 168, 2, 2}}, "http://h/d/x.ef"},
		{PCI MAC VLAN5 IPV4 END, 5, {IP_V4, {192, 168, 2, 2}}, ""},
		{PCI MAC IPV4 URI_EMPTY END, 0, {IP_V4, {192, 168, 2, 2}}, ""},
		{PCI MAC END, 0, {0}, ""},
		{PCI END, 0, {0}, ""},
		{END, 0, {0}, ""},
	};
	struct origin o;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		o = read_path(cases[i].path);
		assert_int_equal(o.vlan, cases[i].vlan);
		assert_true(ipaddr_equal(&o.server, &cases[i].server));
		assert_string_equal(o.url, cases[i].url);
	}
	memset(&o, 0xff, sizeof o);
	origin_read(&o, NULL);
	assert_true(!o.vlan && !o.url[0] && ipaddr_is_unset(&o.server));
}

static void does_not_believe_nonsense(void **state)
{
	static const char *const paths[] = {
		MAC "0314 0500 05" END,                            // a VLAN of half a number
		MAC "0314 0600 ff0f" END,                          // 4095
		MAC "0314 0600 0510" END,                          // 4101
		MAC "030c 0b00 c0a80232 c0a802" END,               // an address of three bytes
		MAC "030c 1300 00000000 00000000 00*7" END,        // none
		MAC "030c 1300 00000000 ffffffff 00*7" END,        // of all
		MAC "0318 0800 68007474" END,                      // a NUL in the middle
		MAC "0318 0800 68207474" END,                      // a blank
		MAC "0318 0800 6874740a" END,                      // a line feed
		MAC "0318 0800 6874e474" END,                      // not ASCII
		MAC "0318 0300" END,                               // shorter than its header: the end
		MAC "0318 0401 61*256" END,                        // one character too long
	};

	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct origin o = read_path(paths[i]);

		assert_true(!o.vlan && !o.url[0] && ipaddr_is_unset(&o.server));
	}
	assert_int_equal(strlen(read_path(MAC "0318 0301 61*255" END).url), 255);
	assert_string_equal(read_path(MAC "0318 0800 68747400" END).url, "htt"); // ends with a NUL
	assert_int_equal(read_path(MAC "0314 0600 fe0f" END).vlan, 4094);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_firmware_makes),
		cmocka_unit_test(does_not_believe_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
