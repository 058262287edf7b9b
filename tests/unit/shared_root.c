// SPDX-License-Identifier: BSD-2-Clause
// initramfs/{identity,fstab,ifupdown}.h: what is made of a root that many machines share.
#include "initramfs/fstab.h"
#include "initramfs/identity.h"
#include "initramfs/ifupdown.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_machines),
		cmocka_unit_test(ids_differ_and_stay),
		cmocka_unit_test(reads_uuids),
		cmocka_unit_test(hosts_has_the_own_name),
		cmocka_unit_test(disks_are_taken_out_of_fstab),
		cmocka_unit_test(crypttab_becomes_empty),
		cmocka_unit_test(finds_ifupdowns_interfaces),
		cmocka_unit_test(long_lines_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
