// SPDX-License-Identifier: BSD-2-Clause
// efi/mnp.c over a network service that delivers, refuses, lies about lengths, and goes away.
#include "efi/mnp.c"
#include "tests/unit/vectors.h"

// ---- a firmware ----------------------------------------------------------------------------------

enum { EVENTS = MNP_TOKENS + 1, FRAMES = 256 };

struct arrival {
	uint32_t header_length, data_length;
	EFI_STATUS status;
	uint8_t fill;
};

static struct {
	bool no_service, child_fails, configure_fails, never_sends;
	unsigned events_left;             // CreateEvent fails after so many
	unsigned events, children, pages, recycled;
	bool signalled[EVENTS], used[EVENTS];
	struct mnp_token *waiting[MNP_TOKENS];
	unsigned waiting_first, waiting_count;
	struct arrival frames[FRAMES];
	unsigned arrived, taken;
	struct mnp_received data[MNP_TOKENS];
	uint8_t bytes[MNP_TOKENS][2048];
	unsigned sent;
	uint8_t last[2048];
	size_t last_length;
	unsigned groups;
} net;

static EFI_STATUS EFIAPI fake_create_event(UINT32 type, EFI_TPL tpl, EFI_EVENT_NOTIFY notify,
	VOID *context, EFI_EVENT *event)
{
	assert_true(type == 0 && tpl == 0 && !notify && !context);
	if (!net.events_left)
		return EFI_OUT_OF_RESOURCES;
	net.events_left--;
	for (size_t i = 0; i < EVENTS; i++)
		if (!net.used[i]) {
			net.used[i] = true;
			net.signalled[i] = false;
			net.events++;
			*event = &net.signalled[i];
			return EFI_SUCCESS;
		}
	return EFI_OUT_OF_RESOURCES;
}

static EFI_STATUS EFIAPI fake_close_event(EFI_EVENT event)
{
	const size_t i = (size_t)((bool *)event - net.signalled);

	assert_true(net.used[i]);
	net.used[i] = false;
	net.events--;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_check_event(EFI_EVENT event)
{
	bool *signalled = event;

	if (!*signalled)
		return EFI_NOT_READY;
	*signalled = false;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_signal_event(EFI_EVENT event)
{
	assert_ptr_equal(event, &net.recycled);
	net.recycled++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_allocate(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE kind, UINTN pages,
	EFI_PHYSICAL_ADDRESS *at)
{
	(void)type;
	(void)kind;
	net.pages += (unsigned)pages;
	*at = (uintptr_t)aligned_alloc(4096, pages * 4096);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_free(EFI_PHYSICAL_ADDRESS at, UINTN pages)
{
	net.pages -= (unsigned)pages;
	free((void *)(uintptr_t)at);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_configure(struct mnp_protocol *p, const EFI_MANAGED_NETWORK_CONFIG_DATA *c)
{
	(void)p;
	assert_true(!c || c->DisableBackgroundPolling);
	return c && net.configure_fails ? EFI_DEVICE_ERROR : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_groups(struct mnp_protocol *p, BOOLEAN join, const EFI_MAC_ADDRESS *group)
{
	(void)p;
	assert_int_equal(join, group != NULL);
	net.groups = join ? net.groups + 1 : 0;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_transmit(struct mnp_protocol *p, struct mnp_token *t)
{
	const struct mnp_send *s = t->data;

	(void)p;
	assert_true(!s->to && !s->from && s->fragments == 1);
	assert_int_equal(s->header_length + s->data_length, s->length);
	memcpy(net.last, s->bytes, s->length);
	net.last_length = s->length;
	net.sent++;
	*(bool *)t->event = !net.never_sends;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_receive(struct mnp_protocol *p, struct mnp_token *t)
{
	(void)p;
	assert_true(net.waiting_count < MNP_TOKENS);
	net.waiting[(net.waiting_first + net.waiting_count++) % MNP_TOKENS] = t;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_cancel(struct mnp_protocol *p, struct mnp_token *t)
{
	(void)p;
	assert_null(t);
	net.waiting_count = 0;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_poll(struct mnp_protocol *p)
{
	(void)p;
	while (net.waiting_count && net.taken < net.arrived) {
		const unsigned i = net.waiting_first;
		struct mnp_token *t = net.waiting[i];
		const struct arrival *a = &net.frames[net.taken++];

		memset(net.bytes[i], a->fill, sizeof net.bytes[i]);
		net.data[i] = (struct mnp_received){.recycle = &net.recycled, .header = net.bytes[i],
			.data = net.bytes[i] + 14, .header_length = a->header_length,
			.data_length = a->data_length};
		t->status = a->status;
		t->data = a->status ? NULL : &net.data[i];
		*(bool *)t->event = true;
		net.waiting_first = (i + 1) % MNP_TOKENS;
		net.waiting_count--;
	}
	return EFI_SUCCESS;
}

static struct mnp_protocol protocol = {
	.Configure = fake_configure, .Groups = fake_groups, .Transmit = fake_transmit,
	.Receive = fake_receive, .Cancel = fake_cancel, .Poll = fake_poll,
};

static EFI_STATUS EFIAPI fake_create_child(EFI_SERVICE_BINDING *s, EFI_HANDLE *child)
{
	(void)s;
	if (net.child_fails)
		return EFI_OUT_OF_RESOURCES;
	net.children++;
	*child = &protocol;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_destroy_child(EFI_SERVICE_BINDING *s, EFI_HANDLE child)
{
	(void)s;
	assert_ptr_equal(child, &protocol);
	net.children--;
	return EFI_SUCCESS;
}

static EFI_SERVICE_BINDING service = {fake_create_child, fake_destroy_child};
static EFI_BOOT_SERVICES services = {
	.CreateEvent = fake_create_event, .CloseEvent = fake_close_event,
	.CheckEvent = fake_check_event, .SignalEvent = fake_signal_event,
	.AllocatePages = fake_allocate, .FreePages = fake_free,
};
EFI_BOOT_SERVICES *firmware_services = &services;

void *firmware_protocol(EFI_HANDLE handle, const EFI_GUID *guid)
{
	if (guid == &service_guid)
		return net.no_service ? NULL : &service;
	return handle;
}

const char *firmware_status(EFI_STATUS status)
{
	return status == EFI_UNSUPPORTED ? "Unsupported" : "some status";
}

// ---- the tests -----------------------------------------------------------------------------------

static struct mnp card;
static const uint8_t frame[100] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0, 'p', 'a', 'y'};

static int fresh(void **state)
{
	const struct netdev dev = {.name = "net0", .hwaddr_length = 6, .mtu = 1500};

	(void)state;
	memset(&net, 0, sizeof net);
	net.events_left = 1000;
	mnp_init(&card, &net, &dev);
	return 0;
}

static int done(void **state)
{
	(void)state;
	card.dev.ops->close(&card.dev);
	assert_true(net.events == 0 && net.children == 0 && net.pages == 0);
	return 0;
}

static void open_card(void)
{
	struct fault fault = {0};

	assert_true(card.dev.ops->open(&card.dev, &fault));
}

static void arrives(uint32_t header_length, uint32_t data_length, EFI_STATUS status, uint8_t fill)
{
	net.frames[net.arrived++] = (struct arrival){header_length, data_length, status, fill};
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

static void takes_all_frames_in_order(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	unsigned got = 0;
	size_t n;

	(void)state;
	open_card();
	for (unsigned i = 0; i < 100; i++)
		arrives(14, 1500, EFI_SUCCESS, (uint8_t)i);
	while ((n = receive(burst)) > 0)
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(burst[i].length, 1514);
			assert_int_equal(burst[i].bytes[0], got);
			assert_int_equal(burst[i].bytes[1513], got++);
		}
	assert_int_equal(got, 100);
	assert_int_equal(net.recycled, 100);
}

static void drops_what_cannot_be(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	open_card();
	arrives(14, 1505, EFI_SUCCESS, 'x');
	arrives(14, UINT32_MAX, EFI_SUCCESS, 'x');
	arrives(0, 100, EFI_SUCCESS, 'x');
	arrives(18, 100, EFI_SUCCESS, 'x');
	arrives(14, 46, EFI_DEVICE_ERROR, 'x');
	arrives(14, 46, EFI_SUCCESS, 'g');
	assert_int_equal(receive(burst), 1);
	assert_int_equal(burst[0].bytes[0], 'g');
	assert_int_equal(net.recycled, 5);
	assert_int_equal(card.count.bad_length, 4);
	assert_int_equal(card.count.errors, 1);
}

static void sends_padded_one_at_a_time(void **state)
{
	(void)state;
	open_card();
	assert_int_equal(queue_frame(42), 1);
	assert_int_equal(net.last_length, 60);
	assert_memory_equal(net.last, frame, 42);
	assert_int_equal(net.last[59], 0);
	assert_int_equal(queue_frame(100), 1);
	assert_int_equal(net.last_length, 100);
	net.never_sends = true;
	assert_int_equal(queue_frame(100), 1);
	assert_int_equal(queue_frame(100), 0); // busy
	assert_int_equal(queue_frame(100), 0);
	assert_int_equal(net.sent, 3);
}

static void gives_everything_back(void **state)
{
	struct fault fault = {0};
	struct netdev_frame burst[NETDEV_BURST];

	net.no_service = true;
	assert_false(card.dev.ops->open(&card.dev, &fault));
	assert_int_equal(fault.id, FAULT_NIC_OPEN);
	done(state);
	fresh(state);
	net.child_fails = true;
	assert_false(card.dev.ops->open(&card.dev, &fault));
	done(state);
	fresh(state);
	net.configure_fails = true;
	assert_false(card.dev.ops->open(&card.dev, &fault));
	done(state);
	for (unsigned left = 0; left < EVENTS; left++) {
		fresh(state);
		net.events_left = left;
		assert_false(card.dev.ops->open(&card.dev, &fault));
		done(state);
	}
	fresh(state);
	assert_int_equal(receive(burst), 0); // closed
	assert_int_equal(queue_frame(100), 0);
	open_card();
	card.dev.ops->close(&card.dev);
	arrives(14, 46, EFI_SUCCESS, 'g');
	open_card();
	assert_int_equal(receive(burst), 1);
}

static void joins_groups(void **state)
{
	static const uint8_t groups[2][6] = {{1, 0, 94, 0, 0, 1}, {1, 0, 94, 0, 0, 2}};

	(void)state;
	assert_false(card.dev.ops->set_filter(&card.dev, groups, 2));
	open_card();
	assert_true(card.dev.ops->set_filter(&card.dev, groups, 2));
	assert_int_equal(net.groups, 2);
	assert_true(card.dev.ops->set_filter(&card.dev, groups, 0));
	assert_int_equal(net.groups, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_all_frames_in_order, fresh, done),
		cmocka_unit_test_setup_teardown(drops_what_cannot_be, fresh, done),
		cmocka_unit_test_setup_teardown(sends_padded_one_at_a_time, fresh, done),
		cmocka_unit_test_setup_teardown(gives_everything_back, fresh, done),
		cmocka_unit_test_setup_teardown(joins_groups, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
