// SPDX-License-Identifier: BSD-2-Clause
// bios/undi.c and undi_exchange.c against a PXE ROM made here, with the faults of real ones. The two
// are included, not linked: the ROM looks into their rings.
#include "bios/undi.c"
#include "bios/undi_exchange.c"
#include "tests/unit/vectors.h"

// ---- the ROM -------------------------------------------------------------------------------------

enum { SCRIPT = 512 };

static struct {
	// faults
	unsigned open_fails, initialize_fails; // so many times
	bool needs_close, needs_initialize, refuses_station_address;
	bool says_not_ours, refuses_unknown, refuses_short;
	bool never_completes, never_done, interrupts_work, arrives_in_rest;
	bool etherboot, needs_start;           // PROCESS looks at the card; or does not, after all
	unsigned transmit_room;                // frames it holds before OUT_OF_RESOURCES; 0: any number

	// state
	bool is_open, wants_process, taken, unmasked;
	uint32_t interrupts;
	unsigned rests;
	unsigned pending;                      // sent, completion not reported
	uint64_t now;
	unsigned calls[0x100];
	struct {
		uint16_t whole, part;
		uint8_t fill;
	} script[SCRIPT];
	unsigned script_at, script_length;
	unsigned sent;
	struct {
		uint8_t bytes[1600];
		uint16_t length;
		uint8_t protocol, flag;
	} last;
} rom;

const uint8_t rm_exchange[1], rm_rest[1], rm_int[1];
uint32_t real_visits;

static void fragment(unsigned whole, unsigned part, uint8_t fill)
{
	assert_true(rom.script_length < SCRIPT);
	rom.script[rom.script_length].whole = (uint16_t)whole;
	rom.script[rom.script_length].part = (uint16_t)part;
	rom.script[rom.script_length++].fill = fill;
}

static void frames_arrive(unsigned count, unsigned length)
{
	for (unsigned i = 0; i < count; i++)
		fragment(length, length, (uint8_t)i);
}

// Every block of parameters begins with its status.
static uint16_t status(void *parameters, uint16_t value)
{
	memcpy(parameters, &value, sizeof value);
	return value ? PXENV_EXIT_FAILURE : PXENV_EXIT_SUCCESS;
}

static uint16_t rom_transmit(t_PXENV_UNDI_TRANSMIT *call)
{
	unsigned slot = low.tx_next % UNDI_TX_SLOTS;
	const t_PXENV_UNDI_TBD *tbd = &low.tx[slot].tbd;
	bool stripped = tbd->Xmit.ptr == far_of(tx_ring[slot] + 14);

	assert_ptr_equal(call, &low.tx[slot].call);
	assert_int_equal(call->TBD.ptr, far_of(tbd));
	assert_int_equal(tbd->DataBlkCount, 0);
	if (!stripped)
		assert_int_equal(tbd->Xmit.ptr, far_of(tx_ring[slot]));
	assert_int_equal(stripped, call->Protocol != P_UNKNOWN);
	if (rom.transmit_room && rom.pending >= rom.transmit_room)
		return status(call, PXENV_STATUS_OUT_OF_RESOURCES);
	if (rom.refuses_unknown && call->Protocol == P_UNKNOWN)
		return status(call, PXENV_STATUS_UNDI_INVALID_PARAMETER);
	if (rom.refuses_short && tbd->ImmedLength + (stripped ? 14u : 0) < 60)
		return status(call, PXENV_STATUS_UNDI_TRANSMIT_ERROR);
	rom.pending++;
	rom.sent++;
	rom.last.length = tbd->ImmedLength;
	rom.last.protocol = call->Protocol;
	rom.last.flag = call->XmitFlag;
	memcpy(rom.last.bytes, tx_ring[slot] + (stripped ? 14 : 0), tbd->ImmedLength);
	return 0;
}

static uint16_t rom_isr(t_PXENV_UNDI_ISR *isr)
{
	if (isr->FuncFlag == PXENV_UNDI_ISR_IN_START) {
		rom.wants_process = true;
		isr->FuncFlag = rom.says_not_ours ? PXENV_UNDI_USR_OUT_NOT_OURS : PXENV_UNDI_ISR_OUT_OURS;
		return 0;
	}
	if (!rom.etherboot)
		assert_int_equal(isr->FuncFlag,
			rom.wants_process ? PXENV_UNDI_ISR_IN_PROCESS : PXENV_UNDI_ISR_IN_GET_NEXT);
	if (rom.needs_start && isr->FuncFlag == PXENV_UNDI_ISR_IN_PROCESS && !rom.wants_process) {
		isr->FuncFlag = PXENV_UNDI_ISR_OUT_DONE;
		return 0;
	}
	rom.wants_process = false;
	if (rom.pending && !rom.never_completes) {
		rom.pending--;
		isr->FuncFlag = PXENV_UNDI_ISR_OUT_TRANSMIT;
	} else if (rom.script_at < rom.script_length) {
		isr->FrameLength = rom.script[rom.script_at].whole;
		isr->BufferLength = rom.script[rom.script_at].part;
		isr->Frame.ptr = rom.script_at++;
		isr->FuncFlag = PXENV_UNDI_ISR_OUT_RECEIVE;
	} else {
		isr->FuncFlag = rom.never_done ? PXENV_UNDI_ISR_OUT_TRANSMIT : PXENV_UNDI_ISR_OUT_DONE;
	}
	return 0;
}

uint16_t undi_call(uint16_t opcode, void *parameters)
{
	assert_memory_equal(parameters, "\0\0", 2); // cleared before every call
	assert_true(rom.is_open);
	rom.calls[opcode]++;
	return opcode == PXENV_UNDI_TRANSMIT ? rom_transmit(parameters) : rom_isr(parameters);
}

void undi_copy(uint32_t to, uint32_t from, uint32_t length)
{
	uint32_t offset = to - low.ring;

	assert_true(offset < sizeof rx_ring && length <= sizeof rx_ring - offset);
	assert_true(offset / UNDI_SLOT == (offset + length - 1) / UNDI_SLOT);
	memset((uint8_t *)rx_ring + offset, rom.script[from].fill, length);
}

static uint16_t rom_open(void *to)
{
	if (rom.needs_close || rom.needs_initialize)
		return status(to, PXENV_STATUS_UNDI_INVALID_STATE);
	if (rom.open_fails) {
		rom.open_fails--;
		return status(to, PXENV_STATUS_FAILURE);
	}
	rom.is_open = true;
	return 0;
}

uint16_t pxe_api(uint16_t opcode, void *parameters)
{
	t_PXENV_UNDI_GET_INFORMATION *info = parameters;
	t_PXENV_FILE_API_CHECK *check = parameters;

	status(parameters, 0);
	rom.calls[opcode]++;
	switch (opcode) {
	case PXENV_UNDI_OPEN:
		return rom_open(parameters);
	case PXENV_UNDI_CLOSE:
		rom.needs_close = rom.is_open = false;
		return 0;
	case PXENV_UNDI_INITIALIZE:
		if (rom.initialize_fails) {
			rom.initialize_fails--;
			return status(parameters, PXENV_STATUS_UNDI_MEDIATEST_FAILED);
		}
		rom.needs_initialize = false;
		return 0;
	case PXENV_UNDI_SET_STATION_ADDR:
		return status(parameters, rom.refuses_station_address ? PXENV_STATUS_UNSUPPORTED : 0);
	case PXENV_UNDI_GET_INFORMATION:
		info->IntNumber = 11;
		info->HwAddrLen = 6;
		info->MaxTranUnit = 1514;
		memcpy(info->PermNodeAddress, "\x52\x54\x00\x12\x34\x56", 6);
		return 0;
	case PXENV_FILE_API_CHECK:
		check->Magic = rom.etherboot ? file_api_answer : check->Magic;
		return status(parameters, rom.etherboot ? 0 : PXENV_STATUS_UNSUPPORTED);
	case PXENV_UNDI_GET_NIC_TYPE:
		return status(parameters, PXENV_STATUS_UNSUPPORTED);
	default:
		return 0;
	}
}

uint32_t pxe_calls(void)
{
	return 0;
}

// The card wants to be asked, and the line is open.
static void rom_interrupt(bool wants)
{
	if (!wants || !rom.unmasked || !rom.interrupts_work)
		return;
	rom.interrupts++;
	rom.unmasked = false;
}

// Until an interrupt, or 55 ms.
static void rom_rest(uint32_t seen)
{
	rom.rests++;
	if (rom.interrupts != seen)
		return;
	rom_interrupt(rom.arrives_in_rest);
	rom.now += rom.interrupts == seen ? 55 : 1;
	if (rom.arrives_in_rest)
		frames_arrive(1, 100);
}

uint32_t real_visit(const void *routine, uint32_t a, uint32_t b)
{
	(void)b;
	real_visits++;
	if (routine == rm_rest) {
		rom_rest(a);
		return 0;
	}
	assert_ptr_equal(routine, rm_exchange);
	rom_interrupt(rom.script_at < rom.script_length);
	undi_exchange(&low);
	return 0;
}

uint64_t clock_now(void)
{
	return rom.now;
}

void clock_wait(uint32_t ms)
{
	rom.now += ms;
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

void clock_spin(uint32_t us)
{
	assert_true(us <= 500);
}

void console_pump(void)
{
}

bool pic_take(uint16_t line)
{
	assert_int_equal(line, 11);
	rom.taken = true;
	return true;
}

void pic_give_back(void)
{
	rom.taken = false;
}

void pic_mask(void)
{
	rom.unmasked = false;
}

void pic_unmask(void)
{
	assert_true(rom.taken);
	rom.unmasked = true;
}

uint32_t pic_count(void)
{
	return rom.interrupts;
}

// ---- the tests -----------------------------------------------------------------------------------

static const uint8_t ip_frame[100] = {
	0x52, 0x54, 0, 0xaa, 0xbb, 0xcc, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8, 0, 'p', 'a', 'y',
};
static const uint8_t arp_frame[42] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 8, 6,
};

static int fresh(void **state)
{
	struct fault fault;

	(void)state;
	memset(&rom, 0, sizeof rom);
	memset(&low, 0, sizeof low);
	rom.now = 1000;
	is_open = rom_header = false;
	refusals_seen = irqs_seen = 0;
	irq_proofs = irq_misses = polls_in_vain = polling_misses = owed = answers = 0;
	assert_true(undi_find(&fault));
	return 0;
}

static void open_card(void)
{
	struct fault fault = {0};

	assert_true(netdev.ops->open(&netdev, &fault));
	assert_true(rom.taken);
}

static size_t receive(struct netdev_frame *burst)
{
	return netdev.ops->receive(&netdev, burst, NETDEV_BURST);
}

static bool queue(const uint8_t *frame, size_t length)
{
	struct netdev_frame f = {frame, length, false};

	return netdev.ops->transmit(&netdev, &f, 1) == 1;
}

static void tells_the_card(void **state)
{
	(void)state;
	assert_memory_equal(netdev.hwaddr, "\x52\x54\x00\x12\x34\x56", 6);
	assert_int_equal(netdev.mtu, 1500);
	assert_string_equal(undi_place(), "UNDI irq 11");
}

static void takes_many_frames_in_one_visit(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	open_card();
	frames_arrive(50, 1514);
	real_visits = 0;
	assert_int_equal(receive(burst), 50);
	assert_int_equal(real_visits, 1);
	for (unsigned i = 0; i < 50; i++) {
		assert_int_equal(burst[i].length, 1514);
		assert_int_equal(burst[i].bytes[0], i);
		assert_int_equal(burst[i].bytes[1513], i);
	}
	assert_int_equal(rom.calls[PXENV_UNDI_ISR], 52); // START, one for each, DONE
	assert_int_equal(receive(burst), 0);
}

// More than the ring holds: nothing is lost, and the chain of GET_NEXT goes on in the next visit.
static void goes_on_where_the_ring_was_full(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	unsigned got = 0, n;

	(void)state;
	open_card();
	frames_arrive(200, 64);
	while ((n = (unsigned)receive(burst)) > 0)
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(burst[i].bytes[0], (uint8_t)got++);
	assert_int_equal(got, 200);
}

static void joins_fragments(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	open_card();
	fragment(1000, 400, 'a');
	fragment(1000, 400, 'b');
	fragment(1000, 200, 'c');
	assert_int_equal(receive(burst), 1);
	assert_int_equal(burst[0].length, 1000);
	assert_int_equal(burst[0].bytes[399], 'a');
	assert_int_equal(burst[0].bytes[799], 'b');
	assert_int_equal(burst[0].bytes[999], 'c');
}

// A frame that begins in one visit ends in the next.
static void joins_fragments_across_visits(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	open_card();
	fragment(1000, 400, 'a');
	assert_int_equal(receive(burst), 0);
	fragment(1000, 600, 'b');
	assert_int_equal(receive(burst), 1);
	assert_int_equal(burst[0].bytes[0], 'a');
	assert_int_equal(burst[0].bytes[999], 'b');
}

static void drops_impossible_lengths(void **state)
{
	static const uint16_t bad[][2] = {
		{0, 0}, {0, 100}, {100, 0}, {100, 101}, {13, 13}, {1537, 1537}, {0xffff, 0xffff},
		{0xffff, 1}, {1, 0xffff},
	};
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	open_card();
	for (unsigned i = 0; i < COUNT(bad); i++)
		fragment(bad[i][0], bad[i][1], 'x');
	fragment(1000, 900, 'x'); // the rest never comes
	fragment(800, 800, 'g');
	fragment(1000, 900, 'x');
	fragment(1000, 900, 'x'); // more than the frame
	fragment(60, 60, 'h');
	assert_int_equal(receive(burst), 2);
	assert_int_equal(burst[0].length, 800);
	assert_int_equal(burst[0].bytes[0], 'g');
	assert_int_equal(burst[1].length, 60);
	assert_int_equal(burst[1].bytes[0], 'h');
	assert_int_equal(low.count.bad_fragments, COUNT(bad) + 2);
}

static void does_not_believe_not_ours(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	rom.says_not_ours = true;
	open_card();
	frames_arrive(3, 100);
	assert_int_equal(receive(burst), 3);
	assert_int_equal(low.count.not_ours, 1);
}

static void a_rom_that_never_ends_does_not_hang(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	rom.never_done = true;
	open_card();
	frames_arrive(5, 100);
	assert_int_equal(receive(burst), 5);
	assert_int_equal(receive(burst), 0);
	assert_true(rom.calls[PXENV_UNDI_ISR] <= 2 * (UNDI_ISR_CALLS + 1));
}

static void sends_padded_and_whole(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	rom.refuses_short = true;
	open_card();
	assert_true(queue(arp_frame, sizeof arp_frame));
	receive(burst);
	assert_int_equal(rom.sent, 1);
	assert_int_equal(rom.last.length, 60);
	assert_int_equal(rom.last.protocol, P_UNKNOWN);
	assert_memory_equal(rom.last.bytes, arp_frame, sizeof arp_frame);
	for (unsigned i = sizeof arp_frame; i < 60; i++)
		assert_int_equal(rom.last.bytes[i], 0);
}

static void many_frames_leave_in_one_visit(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	open_card();
	for (unsigned i = 0; i < UNDI_TX_SLOTS; i++)
		assert_true(queue(ip_frame, sizeof ip_frame));
	assert_false(queue(ip_frame, sizeof ip_frame)); // busy until the next receive
	real_visits = 0;
	receive(burst);
	assert_int_equal(rom.sent, UNDI_TX_SLOTS);
	assert_int_equal(real_visits, 1);
	assert_true(queue(ip_frame, sizeof ip_frame));
}

static void receives_while_always_sending(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	size_t got = 0;

	(void)state;
	open_card();
	frames_arrive(20, 100);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(queue(ip_frame, sizeof ip_frame));
		got += receive(burst);
	}
	assert_int_equal(got, 20);
	assert_int_equal(rom.sent, 4);
}

// A ROM with one transmit buffer: every frame leaves, in order, as completions make room.
static void waits_for_room(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	rom.transmit_room = 1;
	open_card();
	for (unsigned i = 0; i < 6; i++)
		assert_true(queue(ip_frame, sizeof ip_frame));
	for (unsigned i = 0; i < 6; i++)
		receive(burst);
	assert_int_equal(rom.sent, 6);
	assert_int_equal(low.count.send_failed, 0);
}

static void slots_come_back_without_completions(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	rom.never_completes = true;
	open_card();
	for (unsigned i = 0; i < 200; i++) {
		if (!queue(ip_frame, sizeof ip_frame))
			rom.now += 10;
		receive(burst);
	}
	assert_true(rom.sent > 100);
}

// Refused frames are lost, but the next goes the other way.
static void learns_that_unknown_is_refused(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	rom.refuses_unknown = true;
	open_card();
	assert_true(queue(ip_frame, sizeof ip_frame));
	receive(burst);
	assert_int_equal(rom.sent, 0);
	assert_true(queue(ip_frame, sizeof ip_frame));
	receive(burst);
	assert_int_equal(rom.sent, 1);
	assert_int_equal(rom.last.protocol, P_IP);
	assert_int_equal(rom.last.length, sizeof ip_frame - 14);
	assert_memory_equal(rom.last.bytes, ip_frame + 14, sizeof ip_frame - 14);
	assert_true(queue(arp_frame, sizeof arp_frame));
	receive(burst);
	assert_int_equal(rom.last.protocol, P_ARP);
	assert_int_equal(rom.last.flag, XMT_BROADCAST);
}

// Nobody answers: both ways are tried in turn, until something comes back.
static void tries_both_ways_until_heard(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	bool with[4] = {0};

	(void)state;
	open_card();
	for (unsigned i = 0; i < 40; i++) {
		assert_true(queue(ip_frame, sizeof ip_frame));
		receive(burst);
		with[rom.last.protocol] = true;
	}
	assert_true(with[P_UNKNOWN] && with[P_IP]);

	memcpy(netdev.hwaddr, "\7\7\7\7\7\7", 6); // the fill of the frame that comes back
	fragment(100, 100, 7);
	assert_int_equal(receive(burst), 1);
	with[0] = with[1] = false;
	for (unsigned i = 0; i < 40; i++) {
		assert_true(queue(ip_frame, sizeof ip_frame));
		receive(burst);
		with[rom.last.protocol] = true;
	}
	assert_true(with[P_UNKNOWN] != with[P_IP]);
}

static void opens_roms_in_any_state(void **state)
{
	struct fault fault = {0};

	open_card();
	netdev.ops->close(&netdev);
	assert_false(rom.is_open);
	netdev.ops->close(&netdev);

	fresh(state);
	rom.needs_close = true;
	open_card();

	fresh(state);
	rom.needs_initialize = rom.refuses_station_address = true;
	rom.initialize_fails = 5; // media test
	open_card();
	assert_int_equal(rom.calls[PXENV_UNDI_INITIALIZE], 6);

	fresh(state);
	rom.open_fails = 1000;
	assert_false(netdev.ops->open(&netdev, &fault));
	assert_int_equal(fault.id, FAULT_NIC_OPEN);
	assert_true(rom.now < 10000);
}

static void closed_card_is_silent(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	(void)state;
	open_card();
	netdev.ops->close(&netdev);
	frames_arrive(3, 100);
	assert_int_equal(receive(burst), 0);
	assert_false(queue(ip_frame, sizeof ip_frame));
	open_card();
	assert_int_equal(receive(burst), 3);
	assert_int_equal(rom.sent, 0);
}

static void etherboot(void)
{
	struct fault fault;

	rom.etherboot = true;
	assert_true(undi_find(&fault));
	open_card();
}

// Lock-step with a ROM of the Etherboot family: TRANSMIT, its completion, the answer.
static void lock_step_needs_three_calls(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	unsigned before = 0;

	(void)state;
	etherboot();
	for (unsigned i = 0; i < 100; i++) {
		if (i == 20)
			before = rom.calls[PXENV_UNDI_ISR];
		assert_true(queue(ip_frame, sizeof ip_frame));
		frames_arrive(1, 500);
		assert_int_equal(receive(burst), 1);
		assert_int_equal(burst[0].bytes[0], 0);
	}
	assert_int_equal(rom.sent, 100);
	assert_int_equal(rom.calls[PXENV_UNDI_ISR] - before, 2 * 80);
}

// Several answers under way: as many as are owed are taken in one visit, and nobody asks for more.
static void many_answers_need_three_calls_each(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	unsigned before;

	lock_step_needs_three_calls(state);
	before = rom.calls[PXENV_UNDI_ISR];
	real_visits = 0;
	for (unsigned i = 0; i < 10; i++) {
		for (unsigned k = 0; k < 5; k++)
			assert_true(queue(ip_frame, sizeof ip_frame));
		frames_arrive(5, 500);
		assert_int_equal(receive(burst), 5);
	}
	assert_int_equal(rom.calls[PXENV_UNDI_ISR] - before, 2 * 50);
	assert_int_equal(real_visits, 10);
}

// The last ACK leaves before the card is closed.
static void what_waits_is_sent_before_closing(void **state)
{
	(void)state;
	open_card();
	assert_true(queue(ip_frame, sizeof ip_frame));
	netdev.ops->close(&netdev);
	assert_int_equal(rom.sent, 1);
}

// Bursts after lock-step: one visit takes what is there.
static void bursts_end_lock_step(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];

	lock_step_needs_three_calls(state);
	frames_arrive(30, 500);
	assert_int_equal(receive(burst), 30);
}

// A ROM that only claims the family: found out, and asked the long way.
static void finds_out_that_process_does_not_poll(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	unsigned visits = 0;

	(void)state;
	rom.needs_start = true;
	etherboot();
	for (unsigned i = 0; i < 20; i++) {
		frames_arrive(1, 500);
		while (receive(burst) == 0)
			assert_true(visits++ < 100);
	}
	assert_true(visits <= POLLING_MISSES * LONG_WAY_EVERY);
}

// `frames` times: nothing for a while, then a frame. Gives the time it took.
static unsigned transfer(unsigned frames)
{
	struct netdev_frame burst[NETDEV_BURST];
	uint64_t start = rom.now;

	for (unsigned i = 0; i < frames; i++) {
		unsigned polls = 0;

		rom.arrives_in_rest = true;
		while (receive(burst) == 0) {
			unsigned rests = rom.rests;

			undi_rest();
			if (rom.rests == rests && ++polls == 10)
				frames_arrive(1, 100);
		}
		rom.arrives_in_rest = false;
	}
	return (unsigned)(rom.now - start);
}

// Interrupts that announce every frame end a rest.
static void rests_where_interrupts_work(void **state)
{
	(void)state;
	rom.interrupts_work = true;
	open_card();
	last_frame = rom.now;
	transfer(20);
	assert_true(rom.rests > 0);
	assert_true(transfer(100) <= 200);
}

// Interrupts that never come: nobody rests in the middle of a transfer.
static void polls_where_interrupts_fail(void **state)
{
	(void)state;
	open_card();
	last_frame = rom.now;
	assert_int_equal(transfer(100), 0);
	assert_int_equal(rom.rests, 0);
	rom.now += REST_AFTER_MS; // silence
	undi_rest();
	assert_int_equal(rom.rests, 1);
}

// Interrupts that stop: a few late frames, then polling as if there had never been any.
static void stops_resting_when_interrupts_stop(void **state)
{
	(void)state;
	rom.interrupts_work = true;
	open_card();
	last_frame = rom.now;
	transfer(20);
	rom.interrupts_work = false;
	transfer(10);
	assert_int_equal(transfer(100), 0);
}

static void counts(void **state)
{
	struct netdev_frame burst[NETDEV_BURST];
	char line[200];
	struct text t = text_of(line, sizeof line);

	(void)state;
	open_card();
	frames_arrive(9, 100);
	assert_true(queue(ip_frame, sizeof ip_frame));
	real_visits = 0;
	steps_moving = steps_in_vain = 0;
	assert_int_equal(receive(burst), 0);
	assert_int_equal(receive(burst), 9);
	assert_int_equal(receive(burst), 0);
	platform_describe_nic(&t);
	assert_string_equal(line, // TRANSMIT; START, completion, nine frames, DONE; START, DONE
		"net0: 9 frames in, 1 out, 3 real-mode visits, 15 UNDI calls (1.5 a frame), 2 ms in them, "
		"1 ms in vain");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(tells_the_card, fresh),
		cmocka_unit_test_setup(takes_many_frames_in_one_visit, fresh),
		cmocka_unit_test_setup(goes_on_where_the_ring_was_full, fresh),
		cmocka_unit_test_setup(joins_fragments, fresh),
		cmocka_unit_test_setup(joins_fragments_across_visits, fresh),
		cmocka_unit_test_setup(drops_impossible_lengths, fresh),
		cmocka_unit_test_setup(does_not_believe_not_ours, fresh),
		cmocka_unit_test_setup(a_rom_that_never_ends_does_not_hang, fresh),
		cmocka_unit_test_setup(sends_padded_and_whole, fresh),
		cmocka_unit_test_setup(many_frames_leave_in_one_visit, fresh),
		cmocka_unit_test_setup(receives_while_always_sending, fresh),
		cmocka_unit_test_setup(waits_for_room, fresh),
		cmocka_unit_test_setup(slots_come_back_without_completions, fresh),
		cmocka_unit_test_setup(learns_that_unknown_is_refused, fresh),
		cmocka_unit_test_setup(tries_both_ways_until_heard, fresh),
		cmocka_unit_test_setup(opens_roms_in_any_state, fresh),
		cmocka_unit_test_setup(closed_card_is_silent, fresh),
		cmocka_unit_test_setup(lock_step_needs_three_calls, fresh),
		cmocka_unit_test_setup(many_answers_need_three_calls_each, fresh),
		cmocka_unit_test_setup(what_waits_is_sent_before_closing, fresh),
		cmocka_unit_test_setup(bursts_end_lock_step, fresh),
		cmocka_unit_test_setup(finds_out_that_process_does_not_poll, fresh),
		cmocka_unit_test_setup(rests_where_interrupts_work, fresh),
		cmocka_unit_test_setup(polls_where_interrupts_fail, fresh),
		cmocka_unit_test_setup(stops_resting_when_interrupts_stop, fresh),
		cmocka_unit_test_setup(counts, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
