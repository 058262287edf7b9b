// SPDX-License-Identifier: BSD-2-Clause
// efi/snp.c over a driver with all the faults that firmware drivers are known for.
#include "efi/snp.c"
#include "tests/unit/vectors.h"

// ---- a firmware ----------------------------------------------------------------------------------

enum { FRAMES = 512, LAST_SENT = 2048 };

struct frame {
	UINTN length;   // what the driver reports
	uint8_t fill;
};

static struct {
	uint64_t now;
	struct frame frames[FRAMES];
	unsigned arrived, taken;
	bool open, pages_fail, open_fails;
	EFI_STATUS start_status, initialize_status, receive_status, transmit_status, filters_status;
	unsigned initialize_fails;       // so many times, then it works
	unsigned initialized, stopped, shut_down;
	bool never_completes, other_pointer, writes_past, zero_forever;
	unsigned completes_after;        // GetStatus calls
	unsigned countdown;
	unsigned status_calls, sent, pages;
	void *outstanding;
	uint8_t last[LAST_SENT];
	UINTN last_length;
	uint32_t heard;                  // filters in force
} driver;

static EFI_SIMPLE_NETWORK_MODE mode;

static EFI_STATUS EFIAPI fake_start(EFI_SIMPLE_NETWORK_PROTOCOL *p)
{
	if (!driver.start_status)
		p->Mode->State = EfiSimpleNetworkStarted;
	return driver.start_status;
}

static EFI_STATUS EFIAPI fake_stop(EFI_SIMPLE_NETWORK_PROTOCOL *p)
{
	driver.stopped++;
	p->Mode->State = EfiSimpleNetworkStopped;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_initialize(EFI_SIMPLE_NETWORK_PROTOCOL *p, UINTN rx, UINTN tx)
{
	assert_int_equal(rx + tx, 0);
	if (p->Mode->State != EfiSimpleNetworkStarted)
		return EFI_NOT_STARTED;
	if (driver.initialize_fails) {
		driver.initialize_fails--;
		return EFI_DEVICE_ERROR;
	}
	driver.initialized++;
	p->Mode->State = EfiSimpleNetworkInitialized;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_shutdown(EFI_SIMPLE_NETWORK_PROTOCOL *p)
{
	if (p->Mode->State != EfiSimpleNetworkInitialized)
		return EFI_NOT_STARTED;
	driver.shut_down++;
	p->Mode->State = EfiSimpleNetworkStarted;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_filters(EFI_SIMPLE_NETWORK_PROTOCOL *p, UINT32 enable, UINT32 disable,
	BOOLEAN reset, UINTN count, EFI_MAC_ADDRESS *list)
{
	(void)reset;
	assert_int_equal(enable & ~0x1fu, 0);
	if (p->Mode->ReceiveFilterMask && ((enable | disable) & ~p->Mode->ReceiveFilterMask))
		return EFI_INVALID_PARAMETER;
	if (enable && driver.filters_status)
		return driver.filters_status;
	assert_true(count == 0 || list);
	driver.heard = (driver.heard & ~disable) | enable;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_get_status(EFI_SIMPLE_NETWORK_PROTOCOL *p, UINT32 *interrupts, VOID **done)
{
	assert_int_equal(p->Mode->State, EfiSimpleNetworkInitialized);
	*interrupts = 0;
	driver.status_calls++;
	if (!done)
		return EFI_SUCCESS;
	*done = NULL;
	if (driver.outstanding && !driver.never_completes && driver.countdown-- == 0) {
		*done = driver.other_pointer ? &driver : driver.outstanding;
		driver.outstanding = NULL;
	}
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_transmit(EFI_SIMPLE_NETWORK_PROTOCOL *p, UINTN header, UINTN length,
	VOID *bytes, EFI_MAC_ADDRESS *from, EFI_MAC_ADDRESS *to, UINT16 *type)
{
	(void)p;
	assert_true(header == 0 && !from && !to && !type && length <= LAST_SENT);
	if (driver.transmit_status)
		return driver.transmit_status;
	memcpy(driver.last, bytes, length);
	driver.last_length = length;
	driver.outstanding = bytes;
	driver.countdown = driver.completes_after;
	driver.sent++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_receive(EFI_SIMPLE_NETWORK_PROTOCOL *p, UINTN *header, UINTN *size,
	VOID *bytes, EFI_MAC_ADDRESS *from, EFI_MAC_ADDRESS *to, UINT16 *type)
{
	const UINTN room = *size;
	struct frame f;

	(void)p;
	assert_true(!header && !from && !to && !type);
	if (driver.receive_status)
		return driver.receive_status;
	if (driver.zero_forever) {
		*size = 0;
		return EFI_SUCCESS;
	}
	if (driver.taken == driver.arrived)
		return EFI_NOT_READY;
	f = driver.frames[driver.taken];
	*size = f.length;
	if (f.length > room && f.length <= 9018) // what such a card can have on its wire
		return EFI_BUFFER_TOO_SMALL;
	driver.taken++;
	memset(bytes, f.fill, f.length < room ? f.length : room);
	if (driver.writes_past)
		memset((uint8_t *)bytes + room, 0xee, 8);
	return EFI_SUCCESS;
}

static EFI_SIMPLE_NETWORK_PROTOCOL protocol = {
	.Start = fake_start, .Stop = fake_stop, .Initialize = fake_initialize,
	.Shutdown = fake_shutdown, .ReceiveFilters = fake_filters, .GetStatus = fake_get_status,
	.Transmit = fake_transmit, .Receive = fake_receive, .Mode = &mode,
};

static EFI_STATUS EFIAPI fake_open_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface,
	EFI_HANDLE agent, EFI_HANDLE controller, UINT32 attributes)
{
	(void)agent;
	assert_true(handle && guid && !controller);
	assert_int_equal(attributes, EFI_OPEN_PROTOCOL_EXCLUSIVE);
	if (driver.open_fails)
		return EFI_ACCESS_DENIED;
	assert_false(driver.open);
	driver.open = true;
	*interface = &protocol;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_close_protocol(EFI_HANDLE handle, EFI_GUID *guid, EFI_HANDLE agent,
	EFI_HANDLE controller)
{
	(void)agent;
	assert_true(handle && guid && !controller && driver.open);
	driver.open = false;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_allocate(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE kind, UINTN pages,
	EFI_PHYSICAL_ADDRESS *at)
{
	assert_int_equal(type, AllocateAnyPages);
	assert_int_equal(kind, EfiLoaderData);
	if (driver.pages_fail)
		return EFI_OUT_OF_RESOURCES;
	driver.pages += (unsigned)pages;
	*at = (uintptr_t)aligned_alloc(4096, pages * 4096);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_free(EFI_PHYSICAL_ADDRESS at, UINTN pages)
{
	driver.pages -= (unsigned)pages;
	free((void *)(uintptr_t)at);
	return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = {
	.OpenProtocol = fake_open_protocol, .CloseProtocol = fake_close_protocol,
	.AllocatePages = fake_allocate, .FreePages = fake_free,
};

EFI_HANDLE firmware_image = &driver;
EFI_BOOT_SERVICES *firmware_services = &services;
static EFI_SYSTEM_TABLE table;
EFI_SYSTEM_TABLE *firmware_table = &table;

void *firmware_protocol(EFI_HANDLE handle, const EFI_GUID *guid)
{
	(void)guid;
	return handle ? &protocol : NULL;
}

const char *firmware_status(EFI_STATUS status)
{
	return status == EFI_ACCESS_DENIED ? "Access Denied" : "some status";
}

uint64_t clock_now(void)
{
	return driver.now;
}

// Whatever is measured takes 1 ms.
uint64_t clock_steps(void)
{
	static uint64_t steps;

	return steps += 1000;
}

uint32_t clock_steps_ms(uint64_t steps)
{
	return (uint32_t)(steps / 1000);
}

// ---- the tests -----------------------------------------------------------------------------------

static struct snp card;
static const uint8_t frame[100] = {
	0x52, 0x54, 0, 0xaa, 0xbb, 0xcc, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8, 0, 'p', 'a', 'y',
};

static int fresh(void **state)
{
	(void)state;
	memset(&driver, 0, sizeof driver);
	driver.now = 1000;
	mode = (EFI_SIMPLE_NETWORK_MODE){.HwAddressSize = 6, .IfType = 1, .MaxPacketSize = 1500,
		.ReceiveFilterMask = 0xd, .MediaPresentSupported = TRUE, .MediaPresent = TRUE,
		.CurrentAddress = {{0x52, 0x54, 0, 0x12, 0x34, 0x56}}};
	assert_true(snp_init(&card, &driver, 0));
	return 0;
}

static int done(void **state)
{
	(void)state;
	card.dev.ops->close(&card.dev);
	assert_int_equal(driver.pages, 0);
	assert_false(driver.open);
	return 0;
}

static void open_card(void)
{
	struct fault fault = {0};

	assert_true(card.dev.ops->open(&card.dev, &fault));
}

static void arrives(UINTN length, uint8_t fill)
{
	driver.frames[driver.arrived++] = (struct frame){length, fill};
}

static size_t receive(struct netdev_frame *burst)
{
	return card.dev.ops->receive(&card.dev, burst, NETDEV_BURST);
}

static size_t queue_frame(size_t length)
{
	struct netdev_frame f = {frame, length, false};

	return card.dev.ops->transmit(&card.dev, &f, 1);
}

static void tells_the_card(void **state)
{
	static const struct {
		UINT32 type, size;
	} bad[] = {{6, 6}, {1, 8}, {32, 20}, {1, 0}};
	struct snp other;

	(void)state;
	assert_memory_equal(card.dev.hwaddr, "\x52\x54\x00\x12\x34\x56", 6);
	assert_string_equal(card.dev.name, "net0");
	assert_int_equal(card.dev.mtu, 1500);
	for (size_t i = 0; i < COUNT(bad); i++) {
		mode.IfType = (UINT8)bad[i].type;
		mode.HwAddressSize = bad[i].size;
		assert_false(snp_init(&other, &driver, 1));
	}
	assert_false(snp_init(&other, NULL, 1));
}

static void u_boot_bears_little_at_once(void **state)
{
	static CHAR16 u_boot[] = {'D', 'a', 's', ' ', 'U', '-', 'B', 'o', 'o', 't', 0};
	static CHAR16 another[] = {'D', 'a', 's', 0};
	struct snp other;

	(void)state;
	assert_int_equal(card.dev.burst, 0);
	table.FirmwareVendor = u_boot;
	assert_true(snp_init(&other, &driver, 1));
	assert_int_equal(other.dev.burst, U_BOOT_BURST);
	table.FirmwareVendor = another;
	assert_true(snp_init(&other, &driver, 1));
	assert_int_equal(other.dev.burst, 0);
	table.FirmwareVendor = NULL;
}

static void takes_many_frames_at_once(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	open_card();
	for (unsigned i = 0; i < 200; i++)
		arrives(1514, (uint8_t)i);
	for (unsigned got = 0; got < 200;) {
		size_t n = receive(burst);

		assert_int_equal(n, 200 - got < NETDEV_BURST ? 200 - got : NETDEV_BURST);
		for (size_t i = 0; i < n; i++, got++) {
			assert_int_equal(burst[i].length, 1514);
			assert_int_equal(burst[i].bytes[0], (uint8_t)got);
			assert_int_equal(burst[i].bytes[1513], (uint8_t)got);
		}
	}
	assert_int_equal(receive(burst), 0);
}

// Nothing of impossible length comes up, and what lies behind it does.
static void drops_impossible_lengths(void **state)
{
	static const UINTN bad[] = {0, 1, 13, 1519, 1984, 1985, 9018, 9019, 65535, (UINTN)-1};
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	driver.writes_past = true;
	open_card();
	for (size_t i = 0; i < COUNT(bad); i++)
		arrives(bad[i], 'x');
	arrives(60, 'g');
	arrives(1518, 'h');
	assert_int_equal(receive(burst), 2);
	assert_int_equal(burst[0].length, 60);
	assert_int_equal(burst[0].bytes[0], 'g');
	assert_int_equal(burst[1].length, 1518);
	assert_int_equal(card.count.bad_length, COUNT(bad));
}

static void empty_frames_without_end_do_not_hang(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	driver.zero_forever = true;
	open_card();
	assert_int_equal(receive(burst), 0);
	assert_true(card.count.bad_length <= 2 * SNP_RX_SLOTS);
}

// Errors for two seconds: the driver is initialised again, and works.
static void starts_a_failing_driver_again(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	open_card();
	driver.receive_status = EFI_DEVICE_ERROR;
	for (unsigned i = 0; i < 199; i++, driver.now += 10)
		assert_int_equal(receive(burst), 0);
	assert_int_equal(driver.initialized, 1);
	for (unsigned i = 0; i < 10; i++, driver.now += 10)
		receive(burst);
	assert_int_equal(driver.initialized, 2);
	assert_int_equal(card.count.resets, 1);
	driver.receive_status = EFI_SUCCESS;
	arrives(60, 'g');
	assert_int_equal(receive(burst), 1);
	assert_int_equal(card.failing_since, 0);
}

static void sends_padded_and_whole(void **state)
{
	(void)state;
	open_card();
	assert_int_equal(queue_frame(42), 1);
	assert_int_equal(driver.sent, 1);
	assert_int_equal(driver.last_length, 60);
	assert_memory_equal(driver.last, frame, 42);
	for (unsigned i = 42; i < 60; i++)
		assert_int_equal(driver.last[i], 0);
	assert_int_equal(queue_frame(100), 1);
	assert_memory_equal(driver.last, frame, 100);
}

// One is under way at a time; all leave, in order, none twice.
static void waits_for_completions(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	driver.completes_after = 10;
	open_card();
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(queue_frame(60 + i), 1);
	assert_int_equal(driver.sent, 1);
	for (unsigned i = 0; i < 100 && driver.sent < 5; i++) {
		unsigned before = driver.sent;

		receive(burst);
		assert_true(driver.sent <= before + 1);
		if (driver.sent != before)
			assert_int_equal(driver.last_length, 60 + before);
	}
	assert_int_equal(driver.sent, 5);
}

// A driver that is never asked how things are may not work at all; one that is asked all the time is slow.
static void asks_now_and_then(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	unsigned before;

	(void)state;
	open_card();
	assert_int_equal(queue_frame(60), 1);
	before = driver.status_calls;
	for (unsigned i = 0; i < 10 * STATUS_EVERY; i++)
		receive(burst);
	assert_in_range(driver.status_calls - before, 9, 11);
	assert_int_equal(card.count.completed, 1);
}

static void any_pointer_is_a_completion(void **state)
{
	(void)state;
	driver.other_pointer = true;
	open_card();
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(queue_frame(60), 1);
	assert_int_equal(driver.sent, 5);
}

// Three are waited for; then the driver is known.
static void completions_that_never_come(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	uint64_t start;

	(void)state;
	driver.never_completes = true;
	open_card();
	for (unsigned i = 0; i < 100; i++) {
		while (!queue_frame(60))
			assert_true(driver.now < 2000);
		driver.now += 10;
		receive(burst);
	}
	assert_true(driver.sent >= 90);
	start = driver.now;
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(queue_frame(60), 1);
		receive(burst);
	}
	assert_int_equal(driver.now, start);
	assert_int_equal(card.count.completed, 0);
}

// Busy for ever: the caller hears of it, nothing is overwritten, nothing hangs.
static void busy_for_ever(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	unsigned accepted = 0;

	(void)state;
	driver.transmit_status = EFI_NOT_READY;
	open_card();
	for (unsigned i = 0; i < 100; i++) {
		accepted += (unsigned)queue_frame(60);
		receive(burst);
	}
	assert_int_equal(accepted, SNP_TX_SLOTS - 1);
	driver.transmit_status = EFI_SUCCESS;
	receive(burst);
	assert_int_equal(driver.sent, SNP_TX_SLOTS - 1);
}

static void refused_frames_are_lost(void **state)
{
	(void)state;
	driver.transmit_status = EFI_DEVICE_ERROR;
	open_card();
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(queue_frame(60), 1);
	assert_int_equal(card.count.refused, 100);
	assert_int_equal(queue_frame(13), 1); // no frame: dropped
	assert_int_equal(queue_frame(0), 1);
	assert_int_equal(card.count.refused, 100);
}

static void hears_with_every_mask(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	static const uint8_t groups[2][6] = {{1, 0, 94, 0, 0, 1}, {1, 0, 94, 0, 0, 2}};

	open_card();
	assert_int_equal(driver.heard, 5);
	assert_false(card.dev.ops->set_filter(&card.dev, groups, 2)); // this card has no groups
	assert_int_equal(driver.heard, 5);
	done(state);

	fresh(state);
	mode.ReceiveFilterMask = 0x1f;
	mode.MaxMCastFilterCount = 16;
	open_card();
	assert_true(card.dev.ops->set_filter(&card.dev, groups, 2));
	assert_int_equal(driver.heard, 7);
	assert_true(card.dev.ops->set_filter(&card.dev, groups, 0));
	assert_int_equal(driver.heard, 5);
	done(state);

	fresh(state);
	mode.ReceiveFilterMask = 0; // says that it can nothing
	open_card();
	assert_int_equal(driver.heard, 5);
	done(state);

	fresh(state);
	driver.filters_status = EFI_UNSUPPORTED; // refuses all: it may hear in spite of that
	open_card();
	arrives(60, 'g');
	assert_int_equal(receive(burst), 1);
}

static void opens_in_any_state(void **state)
{
	struct fault fault = {0};

	for (unsigned was = EfiSimpleNetworkStopped; was <= EfiSimpleNetworkInitialized; was++) {
		fresh(state);
		mode.State = was;
		open_card();
		assert_int_equal(mode.State, EfiSimpleNetworkInitialized);
		done(state);
		assert_int_equal(mode.State, EfiSimpleNetworkStopped);
	}
	fresh(state);
	driver.start_status = EFI_ALREADY_STARTED;
	mode.State = EfiSimpleNetworkStarted;
	open_card();
	done(state);

	fresh(state);
	driver.initialize_fails = 1;
	assert_false(card.dev.ops->open(&card.dev, &fault));
	assert_int_equal(fault.id, FAULT_NIC_OPEN);
	assert_false(driver.open);
	open_card();
	done(state);

	fresh(state);
	driver.pages_fail = true;
	assert_false(card.dev.ops->open(&card.dev, &fault));
	assert_false(driver.open);
	driver.pages_fail = false;
	driver.open_fails = true;
	assert_false(card.dev.ops->open(&card.dev, &fault));
	assert_string_equal(fault.facts, "(net0, the firmware's driver, : Access Denied)");
	driver.open_fails = false;
	open_card();
	open_card(); // twice is once
}

static void link_is_what_the_driver_says(void **state)
{
	(void)state;
	open_card();
	assert_int_equal(card.dev.ops->link(&card.dev), LINK_UP);
	mode.MediaPresent = FALSE;
	assert_int_equal(card.dev.ops->link(&card.dev), LINK_DOWN);
	mode.MediaPresentSupported = FALSE;
	assert_int_equal(card.dev.ops->link(&card.dev), LINK_UNKNOWN);
}

static void counts(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	char line[200];
	struct text t = text_of(line, sizeof line);

	(void)state;
	open_card();
	queue_frame(100);
	arrives(100, 1);
	assert_int_equal(receive(burst), 1);
	assert_int_equal(receive(burst), 0);
	snp_describe(&card, &t);
	assert_string_equal(line, // sending and receiving
		"net0: 1 frames in, 1 out, 2 polls, 2 ms in the driver, 1 ms in vain");
}

static void closed_card_is_silent(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	driver.completes_after = 1000;
	open_card();
	queue_frame(60);
	queue_frame(60);
	card.dev.ops->close(&card.dev);
	card.dev.ops->close(&card.dev);
	assert_int_equal(mode.State, EfiSimpleNetworkStopped);
	arrives(60, 'g');
	assert_int_equal(receive(burst), 0);
	assert_int_equal(queue_frame(60), 0);
	assert_int_equal(driver.sent, 1);
	open_card(); // what was queued before is gone
	assert_int_equal(receive(burst), 1);
	assert_int_equal(driver.sent, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tells_the_card, fresh, done),
		cmocka_unit_test_setup_teardown(u_boot_bears_little_at_once, fresh, done),
		cmocka_unit_test_setup_teardown(takes_many_frames_at_once, fresh, done),
		cmocka_unit_test_setup_teardown(drops_impossible_lengths, fresh, done),
		cmocka_unit_test_setup_teardown(empty_frames_without_end_do_not_hang, fresh, done),
		cmocka_unit_test_setup_teardown(starts_a_failing_driver_again, fresh, done),
		cmocka_unit_test_setup_teardown(sends_padded_and_whole, fresh, done),
		cmocka_unit_test_setup_teardown(waits_for_completions, fresh, done),
		cmocka_unit_test_setup_teardown(asks_now_and_then, fresh, done),
		cmocka_unit_test_setup_teardown(any_pointer_is_a_completion, fresh, done),
		cmocka_unit_test_setup_teardown(completions_that_never_come, fresh, done),
		cmocka_unit_test_setup_teardown(busy_for_ever, fresh, done),
		cmocka_unit_test_setup_teardown(refused_frames_are_lost, fresh, done),
		cmocka_unit_test_setup_teardown(hears_with_every_mask, fresh, done),
		cmocka_unit_test_setup_teardown(opens_in_any_state, fresh, done),
		cmocka_unit_test_setup_teardown(link_is_what_the_driver_says, fresh, done),
		cmocka_unit_test_setup_teardown(counts, fresh, done),
		cmocka_unit_test_setup_teardown(closed_card_is_silent, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
