// SPDX-License-Identifier: BSD-2-Clause
// initramfs/{identity,fstab,ifupdown,initrdconf,linknames}.h: what is made of a root that many machines share.
#include "initramfs/system/fstab.h"
#include "initramfs/system/identity.h"
#include "initramfs/system/ifupdown.h"
#include "initramfs/system/initrdconf.h"
#include "initramfs/system/linknames.h"
#include "initramfs/system/mountpoints.h"
#include "tests/unit/vectors.h"

static const uint8_t mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 1};
static char out[4096];

static void names_machines(void **state)
{
	char name[IDENTITY_NAME];

	(void)state;
	identity_hostname("ws1.example.org", mac, name);
	assert_string_equal(name, "ws1");
	identity_hostname("", mac, name);
	assert_string_equal(name, "lan-525400123401");
	identity_hostname("a b;reboot", mac, name);
	assert_string_equal(name, "lan-525400123401");
}

static void ids_differ_and_stay(void **state)
{
	uint8_t uuid[16] = {1, 2, 3}, same[16], other[6];
	char a[IDENTITY_ID], b[IDENTITY_ID];

	(void)state;
	identity_machine_id(uuid, mac, a);
	identity_machine_id(uuid, mac, b);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 32);
	assert_int_equal(strspn(a, "0123456789abcdef"), 32);
	memcpy(other, mac, 6);
	other[5]++;
	identity_machine_id(uuid, other, b); // another card in the same machine
	assert_string_equal(a, b);
	identity_machine_id(NULL, mac, a);
	assert_string_not_equal(a, b);
	identity_machine_id(NULL, other, b);
	assert_string_not_equal(a, b);
	assert_memory_not_equal(a, b, 16);
	assert_memory_not_equal(a + 16, b + 16, 16);
	for (int filler = 0; filler <= 255; filler += 255) { // UUIDs that a firmware makes up
		memset(same, filler, sizeof same);
		identity_machine_id(same, mac, b);
		assert_string_equal(a, b);
	}
	assert_true(identity_read_uuid("03000200-0400-0500-0006-000700080009", same));
	identity_machine_id(same, mac, b);
	assert_string_equal(a, b);
	assert_true(identity_read_uuid("00020003-0004-0005-0006-000700080009", same));
	identity_machine_id(same, mac, b);
	assert_string_equal(a, b);
}

static void reads_uuids(void **state)
{
	static const char *const bad[] = {"", "4c4c4544", "4c4c4544-0042-3510-8052-b4c04f4c3532x",
		"4c4c4544-0042-3510-8052-b4c04f4c353", "Not Settable", "4c4c4544-0042-3510-8052-b4c04f4c35g2"};
	uint8_t uuid[16];

	(void)state;
	assert_true(identity_read_uuid("4c4c4544-0042-3510-8052-b4c04f4c3532\n", uuid));
	assert_hex(uuid, 16, "4c4c45440042351080 52b4c04f4c3532");
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(identity_read_uuid(bad[i], uuid));
}

static void hosts_has_the_own_name(void **state)
{
	struct text t = text_of(out, sizeof out);

	(void)state;
	identity_hosts("127.0.0.1 localhost\n127.0.1.1\tvm.lan vm\n127.0.1.10 x\n::1 localhost", "ws1",
		"example.org", &t);
	assert_string_equal(out, "127.0.0.1 localhost\n127.0.1.10 x\n::1 localhost\n"
		"127.0.1.1\tws1.example.org ws1\n");
	t = text_of(out, sizeof out);
	identity_hosts("", "ws1", "", &t);
	assert_string_equal(out, "127.0.1.1\tws1\n");
}

static void disks_are_taken_out_of_fstab(void **state)
{
	static const struct {
		const char *line;
		bool goes;
	} cases[] = {
		{"UUID=4f1c / ext4 errors=remount-ro 0 1", true},
		{"  LABEL=home\t/home ext4 defaults", true},
		{"PARTUUID=12 /boot/efi vfat umask=0077 0 1", true},
		{"PARTLABEL=x /x ext4 defaults", true},
		{"/dev/sda1 /data ext4 defaults 0 2", true},
		{"/dev/mapper/vg-swap none swap sw 0 0", true},
		{"/swapfile none swap sw 0 0", true},
		{"192.168.2.2:/nfsroot / nfs defaults 0 0", true},
		{"UUID=4f1c none swap sw 0 0", true},
		{"# UUID=4f1c / ext4", false},
		{"", false},
		{"UUID=4f1c", false},
		{"tmpfs /tmp tmpfs nosuid 0 0", false},
		{"proc /proc proc defaults 0 0", false},
		{"192.168.2.2:/home /home nfs4 rw 0 0", false},
		{"//srv/share /mnt cifs credentials=/x 0 0", false},
		{"/srv/a /srv/b none bind 0 0", false},
		{"/dev/zram0 none swap sw 0 0", false},
		{"/dev/nbd0 /n ext4 _netdev 0 0", false},
		{"/dev/loop0 /l squashfs ro 0 0", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text t = text_of(out, sizeof out);
		unsigned count = fstab_without_disks(cases[i].line, &t);

		if (count != cases[i].goes)
			fail_msg("'%s' gives '%s'", cases[i].line, out);
		assert_int_equal(out[0] == '#', cases[i].goes || cases[i].line[0] == '#');
		assert_contains(out, cases[i].line);
	}
}

static void crypttab_becomes_empty(void **state)
{
	struct text t = text_of(out, sizeof out);

	(void)state;
	assert_int_equal(fstab_without_crypt("# a comment\n\nc1 UUID=x none luks\nc2 /dev/sdb - swap\n", &t), 2);
	assert_starts(out, "# a comment\n\n# not on a machine without disks: c1 UUID=x");
}

static void hear(void *owner, const char *name)
{
	strcat(strcat(owner, name), " ");
}

static void hear_source(void *owner, const char *pattern)
{
	strcat(strcat(strcat(owner, "<"), pattern), "> ");
}

static void finds_ifupdowns_interfaces(void **state)
{
	static const char text[] = "# auto eth9\nauto lo eth0 \\\n  enp1s0\n\niface lo inet loopback\n"
		"allow-hotplug wlan0\n\tiface eth0 inet dhcp\n  up echo iface x\nsource /etc/network/i.d/*\n"
		"source-directory i.d\nauto\nmapping eth1\niface";

	(void)state;
	out[0] = 0;
	ifupdown_read(text, hear, hear_source, out);
	assert_string_equal(out, "lo eth0 enp1s0 lo wlan0 eth0 </etc/network/i.d/*> <i.d> ");
}

static void long_lines_are_survived(void **state)
{
	static char text[3000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	memcpy(text, "auto ", 5);
	out[0] = 0;
	ifupdown_read(text, hear, hear_source, out);
	assert_true(strlen(out) < 520);
	memset(text, '\\', sizeof text - 1);
	ifupdown_read(text, hear, hear_source, out);
}

static void initramfs_tools_go_by_no_disk(void **state)
{
	static const struct {
		const char *line;
		bool changes;
	} cases[] = {
		{"MODULES=dep", true},
		{"MODULES=dep # targeted", true},
		{"\tMODULES=\"dep\"", true},
		{"export MODULES='dep';", true},
		{"MODULES=most", false},
		{"MODULES=deps", false},
		{"MODULES=\"dep'", false},
		{"MODULES=\"dep", false},
		{"# MODULES=dep", false},
		{"#MODULES: [ most | netboot | dep | list ]", false},
		{"OTHERMODULES=dep", false},
		{"", false},
	};
	struct text t;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		t = text_of(out, sizeof out);
		assert_int_equal(initrdconf_for_any_disk(cases[i].line, &t), cases[i].changes);
		if (cases[i].changes)
			assert_starts(out, "MODULES=most");
		else
			assert_string_equal(out, cases[i].line);
	}
	t = text_of(out, sizeof out);
	assert_int_equal(initrdconf_for_any_disk("A=1\nMODULES=dep\n\nB=2", &t), 1);
	assert_starts(out, "A=1\nMODULES=most #");
	assert_contains(out, "\n\nB=2");
}

static void finds_names_given_to_cards(void **state)
{
	static const struct {
		bool (*in)(const char *text, const char *name, char addresses[LINKNAMES_ADDRESSES]);
		const char *text, *addresses; // NULL: gives no card this name
	} cases[] = {
		{linknames_in_rules, "SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"?*\", "
			"ATTR{address}==\"00:1B:21:aa:BB:cc\", ATTR{type}==\"1\", NAME=\"lan0\"\n",
			"00:1b:21:aa:bb:cc"},
		{linknames_in_rules, "KERNEL==\"eth*\", \\\n NAME:=\"lan0\"", ""},
		{linknames_in_rules, "NAME=\"lan1\"\nATTR{address}==\"x\"\nNAME=\"lan0\"", ""},
		{linknames_in_rules, "# NAME=\"lan0\"", NULL},
		{linknames_in_rules, "NAME==\"lan0\"", NULL},
		{linknames_in_rules, "ENV{NAME}=\"lan0\", ID_NAME=\"lan0\"", NULL},
		{linknames_in_rules, "NAME=\"lan0", NULL},
		{linknames_in_rules, "NAME=lan0", NULL},
		{linknames_in_rules, "NAME=\"lan01\"", NULL},
		{linknames_in_rules, "NAME=", NULL},
		{linknames_in_rules, "\\", NULL},
		{linknames_in_link, "[Match]\nMACAddress=00-1B-21-AA-BB-CC\n\n[Link]\nName=lan0\n",
			"00:1b:21:aa:bb:cc"},
		{linknames_in_link, "[Match]\nPermanentMACAddress = a b \n[Link]\n Name = lan0", "a b"},
		{linknames_in_link, "[Match]\nPath=pci-0000:00:03.0\n[Link]\nName=lan0\r\n", ""},
		{linknames_in_link, "[Match]\nOriginalName=lan0\n", NULL},
		{linknames_in_link, "#Name=lan0\nName=lan0x\nName", NULL},
		{linknames_in_link, "", NULL},
	};
	char addresses[LINKNAMES_ADDRESSES];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool in = cases[i].in(cases[i].text, "lan0", addresses);

		if (in != !!cases[i].addresses || (in && strcmp(addresses, cases[i].addresses) != 0))
			fail_msg("'%s' gives %d '%s'", cases[i].text, in, in ? addresses : "");
	}
}

// A name in hosts(5) that machines share: what becomes of the file, NULL if it stays as it is.
static const struct {
	const char *hosts, *becomes;
} own_hosts[] = {
	{"127.0.0.1 localhost\n", "127.0.0.1 localhost\n192.168.2.57\tws1.example.org ws1\t# lanyard\n"},
	{"127.0.0.1 localhost", "127.0.0.1 localhost\n192.168.2.57\tws1.example.org ws1\t# lanyard\n"},
	{"", "192.168.2.57\tws1.example.org ws1\t# lanyard\n"},
	{"192.168.2.57\tws1.example.org ws1\t# lanyard\n", NULL},
	{"127.0.1.1 ws1.lan ws1 # mine\n", NULL},
	{"10.0.0.1 a b\tWS1\n", NULL},
	{"10.0.0.1 ws11 xws1 # ws1\n#10.0.0.1 ws1\nws1\n", "10.0.0.1 ws11 xws1 # ws1\n#10.0.0.1 ws1\nws1\n"
		"192.168.2.57\tws1.example.org ws1\t# lanyard\n"},
	// It has another address than before; it has the address of another one.
	{"192.168.2.9\tws1.example.org ws1\t# lanyard\n\n::1 x\n",
		"\n::1 x\n192.168.2.57\tws1.example.org ws1\t# lanyard\n"},
	{"192.168.2.57\tws2\t# lanyard\n192.168.2.5\tws3\t# lanyard\n",
		"192.168.2.5\tws3\t# lanyard\n192.168.2.57\tws1.example.org ws1\t# lanyard\n"},
	// Somebody else has written it since.
	{"10.0.0.1 ws1\n192.168.2.57\tws1.example.org ws1\t# lanyard\n", "10.0.0.1 ws1\n"},
};

static void shared_hosts_gets_the_own_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(own_hosts); i++) {
		struct text t = text_of(out, sizeof out);
		bool changed = identity_add_host(own_hosts[i].hosts, "192.168.2.57", "ws1", "example.org", &t);

		if (changed != !!own_hosts[i].becomes || (changed && strcmp(out, own_hosts[i].becomes) != 0))
			fail_msg("'%s' gives '%s'", own_hosts[i].hosts, out);
	}
}

// What the network says has no place in a file of the tree.
static void a_domain_that_is_none_is_left_out(void **state)
{
	static const char *const none[] = {"a.example b.example", "x\n6.6.6.6 deb.debian.org", "-x", ".", "a#b"};

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		struct text t = text_of(out, sizeof out);

		assert_true(identity_add_host("", "192.168.2.57", "ws1", none[i], &t));
		assert_string_equal(out, "192.168.2.57\tws1\t# lanyard\n");
		t = text_of(out, sizeof out);
		identity_hosts("", "ws1", none[i], &t);
		assert_string_equal(out, "127.0.1.1\tws1\n");
	}
}

static void knows_who_finds_itself(void **state)
{
	(void)state;
	assert_true(identity_knows_itself("passwd: files\nhosts: files myhostname dns\n"));
	assert_true(identity_knows_itself("hosts:\tmymachines resolve [!UNAVAIL=return] files dns"));
	assert_false(identity_knows_itself("hosts: files dns # myhostname\nnetworks: resolve\n"));
	assert_false(identity_knows_itself(""));
}

static void mount_points_and_their_units(void **state)
{
	static const char mounts[] = "server:/a /  nfs ro 0 0\ntmpfs /var/tmp tmpfs rw 0 0\n"
				     "tmpfs /etc/machine-id tmpfs rw 0 0\nx /a\\040b\\134.c/.d tmpfs rw 0 0\n";
	static const struct {
		const char *path, *unit;
	} wanted[] = {
		{"/", NULL},
		{"/var/tmp", "var-tmp.mount"},
		{"/etc/machine-id", "etc-machine\\x2did.mount"},
		{"/a b\\.c/.d", "a\\x20b\\x5c.c-.d.mount"},
	};
	struct text_view rest = {mounts, sizeof mounts - 1};
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		struct text t = text_of(out, sizeof out);

		assert_true(mountpoints_next(&rest, path, sizeof path));
		assert_string_equal(path, wanted[i].path);
		if (!wanted[i].unit)
			continue;
		mountpoints_unit(path, &t);
		assert_string_equal(out, wanted[i].unit);
	}
	assert_false(mountpoints_next(&rest, path, sizeof path));
	rest = (struct text_view){mounts + 24, 30};
	assert_true(mountpoints_next(&rest, path, 4)); // too long for the room
	assert_string_equal(path, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_machines),
		cmocka_unit_test(ids_differ_and_stay),
		cmocka_unit_test(reads_uuids),
		cmocka_unit_test(shared_hosts_gets_the_own_name),
		cmocka_unit_test(a_domain_that_is_none_is_left_out),
		cmocka_unit_test(knows_who_finds_itself),
		cmocka_unit_test(hosts_has_the_own_name),
		cmocka_unit_test(disks_are_taken_out_of_fstab),
		cmocka_unit_test(crypttab_becomes_empty),
		cmocka_unit_test(finds_ifupdowns_interfaces),
		cmocka_unit_test(long_lines_are_survived),
		cmocka_unit_test(initramfs_tools_go_by_no_disk),
		cmocka_unit_test(finds_names_given_to_cards),
		cmocka_unit_test(mount_points_and_their_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
