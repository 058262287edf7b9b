// SPDX-License-Identifier: BSD-2-Clause
// efi/cards.c: which handles are cards, which of them we came by, what carries its frames.
#include "efi/cards.c"
#include "efi/path.c"
#include "tests/unit/vectors.h"

#define PCI "0101 0600 0003 "
#define MAC(n) "030b 2500 5254001234" n " 00*26 01 "
#define WIFI "031c 2400 00*32 "
#define IPV4 "030c 1300 c0a80232 c0a80202 0000 0000 0600 00 "
#define VLAN5 "0314 0600 0500 "
#define END " 7fff 0400"

enum { HANDLES = 12 };

static struct {
	struct bytes paths[HANDLES]; // a handle is a pointer to its path
	size_t count;
	bool no_snp[HANDLES];        // it says SNP and has none that can be used
	bool taken, mnp_fails;
	unsigned opened_snp, opened_mnp, closed, connected;
	uint8_t sent[NETDEV_FRAME];
	size_t sent_length;
	EFI_HANDLE mnp_handle;       // of the card opened last
} machine;

// ---- cards that only count -----------------------------------------------------------------------

static bool snp_open(struct netdev *dev, struct fault *fault)
{
	(void)dev;
	if (machine.taken)
		return fault_set(fault, FAULT_NIC_OPEN, "(taken)");
	machine.opened_snp++;
	return true;
}

static bool mnp_open(struct netdev *dev, struct fault *fault)
{
	machine.mnp_handle = ((struct mnp *)dev)->handle;
	if (machine.mnp_fails)
		return fault_set(fault, FAULT_NIC_OPEN, "(mnp)");
	machine.opened_mnp++;
	return true;
}

static void any_close(struct netdev *dev)
{
	(void)dev;
	machine.closed++;
}

static enum netdev_link any_link(struct netdev *dev)
{
	(void)dev;
	return LINK_UP;
}

static size_t any_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	(void)dev, (void)burst, (void)max;
	return 0;
}

static size_t any_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t frame_count)
{
	(void)dev;
	assert_int_equal(frame_count, 1);
	memcpy(machine.sent, frames->bytes, frames->length);
	machine.sent_length = frames->length;
	return 1;
}

static bool any_filter(struct netdev *dev, const uint8_t (*groups)[6], size_t group_count)
{
	(void)dev, (void)groups, (void)group_count;
	return true;
}

static const struct netdev_ops snp_ops = {snp_open, any_close, any_link, any_receive, any_transmit,
	any_filter};
static const struct netdev_ops mnp_ops = {mnp_open, any_close, any_link, any_receive, any_transmit,
	any_filter};

bool snp_init(struct snp *s, EFI_HANDLE handle, unsigned number)
{
	const uint8_t *mac = (const uint8_t *)path_find(handle, MESSAGING_DEVICE_PATH, MSG_MAC_ADDR_DP);

	memset(s, 0, sizeof *s);
	for (size_t i = 0; i < machine.count; i++)
		if (machine.paths[i].at == handle && machine.no_snp[i])
			return false;
	s->handle = handle;
	s->dev = (struct netdev){.ops = &snp_ops, .hwaddr_length = 6, .hwtype = 1, .mtu = 1500};
	snprintf(s->dev.name, sizeof s->dev.name, "net%u", number);
	memcpy(s->dev.hwaddr, mac + 4, 6);
	return true;
}

bool snp_is_taken(const struct snp *s)
{
	return s && machine.taken;
}

void mnp_init(struct mnp *m, EFI_HANDLE handle, const struct netdev *dev)
{
	memset(m, 0, sizeof *m);
	m->dev = *dev;
	m->dev.ops = &mnp_ops;
	m->handle = handle;
}

static int vlan_service;

EFI_HANDLE mnp_service_on(const EFI_DEVICE_PATH *path)
{
	assert_non_null(path);
	return &vlan_service;
}

void snp_describe(const struct snp *s, struct text *to) { text_format(to, "%s by SNP", s->dev.name); }
void mnp_describe(const struct mnp *m, struct text *to) { text_format(to, "%s by MNP", m->dev.name); }

// ---- a firmware ----------------------------------------------------------------------------------

static EFI_STATUS EFIAPI fake_free(VOID *memory)
{
	free(memory);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_locate(EFI_GUID *guid, EFI_DEVICE_PATH **path, EFI_HANDLE *device)
{
	assert_true(guid && *path && device);
	return EFI_NOT_FOUND; // no PCI
}

static EFI_STATUS EFIAPI fake_connect(EFI_HANDLE handle, EFI_HANDLE *drivers, EFI_DEVICE_PATH *rest,
	BOOLEAN recursive)
{
	assert_true(handle && !drivers && !rest && recursive);
	machine.connected++;
	return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = {.FreePool = fake_free, .LocateDevicePath = fake_locate,
	.ConnectController = fake_connect};
EFI_BOOT_SERVICES *firmware_services = &services;

void *firmware_protocol(EFI_HANDLE handle, const EFI_GUID *guid)
{
	return memcmp(guid, &path_guid, sizeof *guid) == 0 ? handle : NULL;
}

size_t firmware_handles(const EFI_GUID *guid, EFI_HANDLE **handles)
{
	assert_memory_equal(guid, &snp_guid, sizeof *guid);
	*handles = machine.count ? calloc(machine.count, sizeof **handles) : NULL;
	for (size_t i = 0; i < machine.count; i++)
		(*handles)[i] = machine.paths[i].at;
	return machine.count;
}

// ---- the tests -----------------------------------------------------------------------------------

static struct bytes boot_path;

static int fresh(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof machine);
	memset(cards, 0, sizeof cards);
	memset(&boot_vlan, 0, sizeof boot_vlan);
	count = 0;
	boot_known = false;
	return 0;
}

static int done(void **state)
{
	(void)state;
	for (size_t i = 0; i < machine.count; i++)
		exact_free(&machine.paths[i]);
	exact_free(&boot_path);
	return 0;
}

static void has(const char *hex)
{
	machine.paths[machine.count++] = from_hex(hex);
}

static void find(const char *boot, uint16_t vlan)
{
	if (boot)
		boot_path = from_hex(boot);
	cards_find(boot ? (const EFI_DEVICE_PATH *)boot_path.at : NULL, vlan);
}

static struct netdev *card_number(size_t number)
{
	struct netdev **devices;

	assert_true(number < platform_netdevs(&devices));
	return devices[number];
}

static size_t how_many(void)
{
	struct netdev **devices;

	return platform_netdevs(&devices);
}

static void takes_cards_and_nothing_else(void **state)
{
	(void)state;
	has(PCI MAC("01") END);
	has(PCI MAC("01") IPV4 END);
	has(PCI MAC("01") VLAN5 END);
	has(PCI MAC("02") WIFI END);
	has(PCI WIFI MAC("02") END);
	has(PCI END);
	has(END);
	has(PCI MAC("03") END); // a driver without Ethernet
	machine.no_snp[7] = true;
	has(PCI MAC("04") END);
	find(NULL, 0);
	assert_int_equal(how_many(), 2);
	assert_int_equal(card_number(0)->hwaddr[5], 1);
	assert_int_equal(card_number(1)->hwaddr[5], 4);
	assert_null(cards_boot());
	assert_string_equal(cards_place(), "");
}

static void puts_the_boot_card_first(void **state)
{
	(void)state;
	has(PCI MAC("01") END);
	has(PCI MAC("02") END);
	has(PCI MAC("03") END);
	find(PCI MAC("02") IPV4 END, 0);
	assert_int_equal(how_many(), 3);
	assert_int_equal(card_number(0)->hwaddr[5], 2);
	assert_ptr_equal(cards_boot(), card_number(0));
	assert_int_equal(card_number(1)->hwaddr[5] + card_number(2)->hwaddr[5], 4);
	assert_int_equal(card_number(0)->mtu, 1500);
}

static void has_room_for_some(void **state)
{
	(void)state;
	for (size_t i = 0; i < CARDS + 2; i++)
		has(PCI MAC("01") END);
	find(NULL, 0);
	assert_int_equal(how_many(), CARDS);
}

static void sends_in_its_vlan(void **state)
{
	static const uint8_t frame[60] = {0};
	const struct netdev_frame f = {frame, sizeof frame, false};
	struct fault fault = {0};

	(void)state;
	has(PCI MAC("01") END);
	has(PCI MAC("02") END);
	find(PCI MAC("02") VLAN5 IPV4 END, 5);
	assert_string_equal(cards_boot()->name, "net1.5");
	assert_int_equal(cards_boot()->mtu, 1496);
	for (size_t i = 0; i < 2; i++) {
		struct netdev *dev = card_number(i);

		assert_true(dev->ops->open(dev, &fault));
		assert_int_equal(dev->ops->transmit(dev, &f, 1), 1);
		assert_int_equal(machine.sent_length, i ? 60 : 64);
		if (i == 0)
			assert_memory_equal(machine.sent + 12, "\x81\x00\x00\x05", 4);
	}
	machine.taken = true; // the firmware's own network for the VLAN has tags already
	card_number(0)->ops->close(card_number(0));
	assert_true(cards_boot()->ops->open(cards_boot(), &fault));
	assert_ptr_equal(machine.mnp_handle, &vlan_service);
	cards_boot()->ops->transmit(cards_boot(), &f, 1);
	assert_int_equal(machine.sent_length, 60);
}

static void shares_what_it_cannot_have(void **state)
{
	struct fault fault = {0};
	struct netdev *dev;

	(void)state;
	has(PCI MAC("01") END);
	find(NULL, 0);
	dev = card_number(0);
	assert_int_equal(dev->ops->link(dev), LINK_UNKNOWN); // closed
	assert_int_equal(dev->ops->transmit(dev, NULL, 0), 0);
	machine.taken = machine.mnp_fails = true;
	assert_false(dev->ops->open(dev, &fault));
	assert_string_equal(fault.facts, "(taken)");
	machine.mnp_fails = false;
	assert_true(dev->ops->open(dev, &fault));
	assert_true(dev->ops->open(dev, &fault));
	assert_int_equal(machine.opened_mnp, 1);
	assert_ptr_equal(machine.mnp_handle, machine.paths[0].at);
	machine.taken = false;
	dev->ops->close(dev);
	assert_true(dev->ops->open(dev, &fault));
	assert_int_equal(machine.opened_snp, 1);
}

static void opens_again_what_was_open(void **state)
{
	struct fault fault = {0};

	(void)state;
	has(PCI MAC("01") END);
	has(PCI MAC("02") END);
	find(PCI MAC("02") END, 0);
	cards_boot()->ops->open(cards_boot(), &fault);
	cards_close();
	assert_int_equal(machine.closed, 1);
	cards_return();
	assert_int_equal(machine.connected, 2);
	cards_reopen();
	assert_int_equal(machine.opened_snp, 2);
	assert_int_equal(cards_boot()->ops->link(cards_boot()), LINK_UP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_cards_and_nothing_else, fresh, done),
		cmocka_unit_test_setup_teardown(puts_the_boot_card_first, fresh, done),
		cmocka_unit_test_setup_teardown(has_room_for_some, fresh, done),
		cmocka_unit_test_setup_teardown(sends_in_its_vlan, fresh, done),
		cmocka_unit_test_setup_teardown(shares_what_it_cannot_have, fresh, done),
		cmocka_unit_test_setup_teardown(opens_again_what_was_open, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
