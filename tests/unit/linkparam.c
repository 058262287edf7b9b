// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/linkparam.h: what each value means, and for an error the words that it must contain.
#include "netstack/wire/linkparam.h"
#include "tests/unit/vectors.h"

enum word { VLAN, IFNAME, ROUTE, NAMESERVER };

static const struct {
	enum word word;
	const char *value, *means, *words; // means NULL: an error
} cases[] = {
	{VLAN, "vlan5:eth0", "vlan5 5 on eth0", NULL},
	{VLAN, "vlan0005:eth0", "vlan0005 5 on eth0", NULL},
	{VLAN, "eth0.5:eth0", "eth0.5 5 on eth0", NULL},
	{VLAN, "eth0.0005:eth0", "eth0.0005 5 on eth0", NULL},
	{VLAN, "eth0.5", "eth0.5 5 on eth0", NULL},
	{VLAN, "enp1s0.4094:enp1s0", "enp1s0.4094 4094 on enp1s0", NULL},
	{VLAN, "vlan5", "vlan5 5 on ", NULL},
	{VLAN, "5", "vlan5 5 on ", NULL},
	{VLAN, "005", "vlan5 5 on ", NULL},
	{VLAN, "5:ens3", "vlan5 5 on ens3", NULL},
	{VLAN, "a.b.7:a.b", "a.b.7 7 on a.b", NULL},
	{VLAN, "a.b.7", "a.b.7 7 on a.b", NULL},
	{VLAN, "", NULL, "in vlan= (name): '' is not"},
	{VLAN, ":eth0", NULL, "in vlan= (name): '' is not"},
	{VLAN, "vlan5:", NULL, "in vlan= (device): ''"},
	{VLAN, "vlan5:a/b", NULL, "in vlan= (device): 'a/b'"},
	{VLAN, "vlan5:eth0:eth1", NULL, "in vlan= (device): 'eth0:eth1'"},
	{VLAN, "vlan5:abcdefghijklmnop", NULL, "(device): 'abcdefghijklmnop'"},
	{VLAN, "vlan0:eth0", NULL, "from 1 to 4094"},
	{VLAN, "vlan4095:eth0", NULL, "from 1 to 4094"},
	{VLAN, "vlan99999999999:eth0", NULL, "from 1 to 4094"},
	{VLAN, "blue:eth0", NULL, "in vlan= (name): 'blue'"},
	{VLAN, "blue5:eth0", NULL, "in vlan= (name): 'blue5'"},
	{VLAN, "vlan:eth0", NULL, "from 1 to 4094"},
	{VLAN, "eth0.:eth0", NULL, "from 1 to 4094"},
	{VLAN, ".5:eth0", NULL, "from 1 to 4094"},
	{VLAN, "eth 0.5:eth0", NULL, "'eth 0.5' is not an interface's name"},
	{VLAN, "eth0.5\n:eth0", NULL, "'eth0.5?'"},
	{IFNAME, "net0:52:54:00:12:34:01", "net0 52:54:00:12:34:01", NULL},
	{IFNAME, "boot:52-54-00-12-34-AB", "boot 52:54:00:12:34:ab", NULL},
	{IFNAME, "net0", NULL, "in ifname= (hardware address): ''"},
	{IFNAME, "net0:52:54:00:12:34", NULL, "(hardware address): '52:54:00:12:34'"},
	{IFNAME, ":52:54:00:12:34:01", NULL, "in ifname= (name)"},
	{IFNAME, "..:52:54:00:12:34:01", NULL, "in ifname= (name)"},
	{ROUTE, "10.0.0.0/8:192.168.2.1", "10.0.0.0/8 by 192.168.2.1 on ", NULL},
	{ROUTE, "10.0.0.0/8:192.168.2.1:eth0", "10.0.0.0/8 by 192.168.2.1 on eth0", NULL},
	{ROUTE, "10.0.0.0/255.0.0.0:192.168.2.1", "10.0.0.0/8 by 192.168.2.1 on ", NULL},
	{ROUTE, "10.1.2.3/16:192.168.2.1", "10.1.0.0/16 by 192.168.2.1 on ", NULL},
	{ROUTE, "10.1.2.3:192.168.2.1", "10.1.2.3/32 by 192.168.2.1 on ", NULL},
	{ROUTE, "0.0.0.0/0:192.168.2.1", "0.0.0.0/0 by 192.168.2.1 on ", NULL},
	{ROUTE, "10.0.0.0/8::ens3", "10.0.0.0/8 by none on ens3", NULL},
	{ROUTE, "[fd00:1:2:3::/33]:[fe80::1]:ens3", "fd00:1:0:0:0:0:0:0/33 by fe80:0:0:0:0:0:0:1 on ens3", NULL},
	{ROUTE, "[fd00:1::]/64::ens3", "fd00:1:0:0:0:0:0:0/64 by none on ens3", NULL},
	{ROUTE, "[fd00::5]:[fe80::1]", "fd00:0:0:0:0:0:0:5/128 by fe80:0:0:0:0:0:0:1 on ", NULL},
	{ROUTE, "[::/0]:[fe80::1]", "0:0:0:0:0:0:0:0/0 by fe80:0:0:0:0:0:0:1 on ", NULL},
	{NAMESERVER, "[fd00::1]", "fd00:0:0:0:0:0:0:1", NULL},
	{NAMESERVER, "fd00::1", "fd00:0:0:0:0:0:0:1", NULL},
	{ROUTE, "10.0.0.0/8", NULL, "in rd.route= (gateway): ''"},
	{ROUTE, "10.0.0.0/8:", NULL, "in rd.route= (gateway): ''"},
	{ROUTE, "10.0.0.0/8:x", NULL, "in rd.route= (gateway): 'x'"},
	{ROUTE, "10.0.0.0/8:127.0.0.1", NULL, "in rd.route= (gateway): '127.0.0.1'"},
	{ROUTE, "10.0.0.0/33:192.168.2.1", NULL, "in rd.route= (prefix): '33'"},
	{ROUTE, "10.0.0.0/:192.168.2.1", NULL, "in rd.route= (prefix): ''"},
	{ROUTE, "10.0.0.0/255.0.255.0:192.168.2.1", NULL, "(prefix): '255.0.255.0'"},
	{ROUTE, "10.0.0.256/8:192.168.2.1", NULL, "in rd.route= (network): '10.0.0.256'"},
	{ROUTE, "[fd00::]/64:10.0.0.1", NULL, "in rd.route= (gateway): '10.0.0.1'"},
	{ROUTE, "10.0.0.0/8:[fe80::1]", NULL, "in rd.route= (gateway): '[fe80::1]'"},
	{ROUTE, "[fd00::/129]:[fe80::1]", NULL, "in rd.route= (prefix): '129'"},
	{ROUTE, "[fd00::/255.0.0.0]:[fe80::1]", NULL, "in rd.route= (prefix): '255.0.0.0'"},
	{ROUTE, "[fd00:/64]:[fe80::1]", NULL, "in rd.route= (network): 'fd00:'"},
	{ROUTE, "10.0.0.0/8:192.168.2.1:a/b", NULL, "in rd.route= (device): 'a/b'"},
	{ROUTE, "", NULL, "in rd.route= (network): ''"},
	{NAMESERVER, "9.9.9.9", "9.9.9.9", NULL},
	{NAMESERVER, "9.9.9", NULL, "in nameserver= (address): '9.9.9'"},
	{NAMESERVER, "", NULL, "in nameserver= (address): ''"},
	{NAMESERVER, "255.255.255.255", NULL, "in nameserver= (address)"},
	{NAMESERVER, "[fd00::1", NULL, "in nameserver= (address): '[fd00::1'"},
	{NAMESERVER, "ff02::1", NULL, "in nameserver= (address): 'ff02::1'"},
};

// The value read, in words; false with *fault.
static bool describe(enum word word, const char *value, size_t length, struct text *t,
	struct fault *fault)
{
	struct linkparam_vlan vlan;
	struct linkparam_ifname ifname;
	struct linkparam_route route;
	struct ipaddr address;
	char a[IPADDR_TEXT], b[IPADDR_TEXT];

	switch (word) {
	case VLAN:
		if (!linkparam_vlan(&vlan, value, length, fault))
			return false;
		text_format(t, "%s %u on %s", vlan.name, vlan.id, vlan.device);
		return true;
	case IFNAME:
		if (!linkparam_ifname(&ifname, value, length, fault))
			return false;
		text_format(t, "%s ", ifname.name);
		text_hwaddr(t, ifname.hwaddr, 6, ':');
		return true;
	case ROUTE:
		if (!linkparam_route(&route, value, length, fault))
			return false;
		text_format(t, "%s/%u by %s on %s", ipaddr_format(&route.destination, a), route.prefix,
			ipaddr_format(&route.gateway, b), route.device);
		return true;
	default:
		if (!linkparam_nameserver(&address, value, length, fault))
			return false;
		text_format(t, "%s", ipaddr_format(&address, a));
		return true;
	}
}

static void means_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes exact = exact_copy(cases[i].value, strlen(cases[i].value));
		char got[200];
		struct text t = text_of(got, sizeof got);
		struct fault fault = {0};
		bool good = describe(cases[i].word, (const char *)exact.at, exact.length, &t, &fault);

		exact_free(&exact);
		if (good != (cases[i].means != NULL))
			fail_msg("'%s': %s", cases[i].value, good ? got : fault.facts);
		if (good) {
			assert_string_equal(got, cases[i].means);
			continue;
		}
		assert_int_equal(fault.id, FAULT_LINK_PARAMETER);
		assert_contains(fault.facts, cases[i].words);
	}
}

static void try_cut(const uint8_t *bytes, size_t length, void *context)
{
	char got[200];
	struct text t = text_of(got, sizeof got);
	struct fault fault = {0};

	if (!describe(*(const enum word *)context, (const char *)bytes, length, &t, &fault))
		assert_int_equal(fault.id, FAULT_LINK_PARAMETER);
}

static void every_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = exact_copy(cases[i].value, strlen(cases[i].value));
		enum word word = cases[i].word;

		each_truncation(&b, try_cut, &word);
		exact_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(means_what_the_table_says),
		cmocka_unit_test(every_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
