// SPDX-License-Identifier: BSD-2-Clause
// The UNDI netdev: rings below 1 MiB, filled and emptied by undi_exchange in one visit to real mode.
//
// What ROMs are known to do, and what is done about it here:
//   - the interrupt never fires, storms, or is shared: the ROM is asked in any case. The interrupt is
//     only a reason to rest less long, and masked again as soon as it has come; after it has proved
//     to announce frames, it is rested for between them; if it then misses some, never again
//   - OPEN fails because the driver was left open or was never initialised: CLOSE, then STARTUP and
//     INITIALIZE with repetitions, then OPEN again; SET_STATION_ADDRESS before OPEN, its failure
//     ignored (some ROMs need it, others refuse it)
//   - transmissions never reported as done: taken as done after a while
//   - P_UNKNOWN (we bring the Ethernet header) refused, or silently given a second header: P_IP and
//     P_ARP, the ROM makes the header; tried in turn while nothing addressed to us comes back
//   - short frames refused: padded to 60 bytes
//
// ROMs of the Etherboot family (gPXE, iPXE: QEMU's, and those of many virtual machines) look at the
// card in every ISR PROCESS. There, START is left out, and while every frame that is sent brings one
// back (TFTP without windows) also the call that would only say DONE: three calls for each frame and
// its answer instead of five. Now and then the long way is gone, and if only that finds frames,
// always.
#include "bios/clock.h"
#include "bios/console.h"
#include "bios/pic.h"
#include "bios/pxe.h"
#include "bios/real.h"
#include "bios/undi.h"
#include "bios/undi_exchange.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

enum {
	FRAME_MIN = 60,
	HEADER = 14,
	INITIALIZE_TRIES = 10,
	PAUSE_US = 30,            // after asking in vain
	REST_AFTER_MS = 500,      // of silence: then rest even if frames may wait for a timer tick
	POLLS_BEFORE_REST = 4,    // an answer that comes at once is faster without resting
	IRQ_PROOFS = 8,           // visits whose frames were announced, before it is trusted
	IRQ_MISSES = 3,           // rests that ended with unannounced frames, before it never is again
	ANSWERS = 8,              // frames that each answered one of ours, to count on it
	LONG_WAY_EVERY = 16,      // visits in vain
	POLLING_MISSES = 3,       // frames that only the long way has found
	COMPLETION_MS = 50,       // a transmission not reported as done by then is taken as done
	UNANSWERED_FRAMES = 6,    // sent without hearing anything for us: try the other protocol type
};

static const uint32_t file_api_ask = 0x91d447b2, file_api_answer = 0xe9c17b20; // gPXE's file API

static struct netdev netdev;
static struct undi_low low;
static uint8_t rx_ring[UNDI_RX_SLOTS][UNDI_SLOT] __attribute__((aligned(16)));
static uint8_t tx_ring[UNDI_TX_SLOTS][UNDI_SLOT] __attribute__((aligned(16)));
static char place[64];
static bool is_open;
static bool rom_header;           // the ROM makes the Ethernet header (P_IP, P_ARP)
static bool answered;             // a frame for our own address has come since open
static uint16_t unanswered;       // frames sent since open or since the type was changed
static uint16_t lent;             // slots whose frames the caller holds
static uint16_t polls_in_vain;
static bool rom_polls;            // PROCESS looks at the card
static uint16_t polling_misses;
static uint16_t owed;             // frames sent that no frame has come for
static uint16_t answers;          // frames in a row that came for one of these
static uint16_t irq;              // 0 unknown
static uint16_t irq_proofs, irq_misses;
static uint32_t irqs_seen;        // at the last visit
static bool rested;               // since the last visit
static uint16_t head_seen;        // tx_head at ...
static uint64_t head_since;       // ... this time
static uint64_t last_frame;
static uint32_t refusals_seen;
static uint64_t steps_moving, steps_in_vain; // time in real-mode visits that moved frames, or none

// ---- open and close ------------------------------------------------------------------------------

static void visit(void);

static bool call_open(void)
{
	t_PXENV_UNDI_SET_STATION_ADDR address = {0};
	t_PXENV_UNDI_OPEN open = {.PktFilter = FLTR_DIRECTED | FLTR_BRDCST};

	memcpy(address.StationAddress, netdev.hwaddr, 6);
	pxe_api(PXENV_UNDI_SET_STATION_ADDR, &address);
	return pxe_api(PXENV_UNDI_OPEN, &open) == 0;
}

static void call_close(void)
{
	t_PXENV_UNDI_CLOSE call = {0};

	pxe_api(PXENV_UNDI_CLOSE, &call);
}

static void call_initialize(void)
{
	t_PXENV_UNDI_STARTUP startup = {0};
	t_PXENV_UNDI_INITIALIZE initialize = {0};
	unsigned try;

	pxe_api(PXENV_UNDI_STARTUP, &startup);
	for (try = 0; try < INITIALIZE_TRIES; try++) {
		if (pxe_api(PXENV_UNDI_INITIALIZE, &initialize) == 0)
			return;
		clock_wait(200); // the media test may still fail while the link comes up
	}
}

static bool open_somehow(void)
{
	if (call_open())
		return true;
	call_close();
	if (call_open())
		return true;
	call_initialize();
	return call_open();
}

static void reset_rings(void)
{
	low.ring = (uint32_t)(uintptr_t)rx_ring;
	low.rx_head = low.rx_tail = low.rx_have = 0;
	low.tx_head = low.tx_next = low.tx_tail = 0;
	low.isr_open = 0;
	lent = 0;
	head_seen = 0;
	answered = false;
	unanswered = 0;
	owed = answers = 0;
}

static bool undi_open(struct netdev *dev, struct fault *fault)
{
	if (is_open)
		return true;
	if (!open_somehow())
		return fault_set(fault, FAULT_NIC_OPEN, "(%s, UNDI driver of the PXE ROM, %s)",
			dev->name, place);
	pic_take(irq);
	reset_rings();
	is_open = true;
	return true;
}

static void undi_close(struct netdev *dev)
{
	(void)dev;
	if (!is_open)
		return;
	if (low.tx_next != low.tx_tail)
		visit(); // the last ACK
	is_open = false;
	call_close();
	pic_give_back();
}

// ---- frames --------------------------------------------------------------------------------------

// Transmissions that the ROM never reports as done must not keep their slots for ever.
static void expire_completions(void)
{
	uint64_t now = clock_now();

	if (low.tx_head != head_seen || low.tx_head == low.tx_next) {
		head_seen = low.tx_head;
		head_since = now;
	} else if (now - head_since >= COMPLETION_MS) {
		low.tx_head = low.tx_next;
	}
}

// No sign that anybody hears us: perhaps the ROM handles only the other way to send.
static void doubt_protocol(void)
{
	bool refused = low.count.send_failed != refusals_seen;

	refusals_seen = low.count.send_failed;
	if (!refused && (answered || unanswered < UNANSWERED_FRAMES))
		return;
	unanswered = 0;
	rom_header = !rom_header;
}

static bool irq_doubted(void)
{
	return irq_misses >= IRQ_MISSES;
}

// Whether the interrupt announced the frames that a visit found.
static void judge_irq(bool found)
{
	bool announced = pic_count() != irqs_seen;

	if (found && announced) {
		irq_misses = 0;
		if (irq_proofs < IRQ_PROOFS)
			irq_proofs++;
	} else if (found && rested) {
		irq_misses++;
	}
	irqs_seen = pic_count();
	rested = false;
}

// What is known of the ROM and of the traffic decides how the next visit asks.
static void choose_way(void)
{
	low.process_polls = rom_polls && polls_in_vain % LONG_WAY_EVERY != LONG_WAY_EVERY - 1;
	low.enough = answers < ANSWERS ? 0 : owed + (uint16_t)(low.tx_tail - low.tx_next);
	if (irq_proofs < IRQ_PROOFS && !irq_doubted())
		pic_unmask(); // to be judged
	else
		pic_mask();
}

static void judge_way(uint16_t sent, uint16_t frames)
{
	owed += sent;
	answers = frames > owed ? 0 : answers + frames < ANSWERS ? answers + frames : ANSWERS;
	owed = frames > owed ? 0 : owed - frames;
	if (frames == 0)
		return;
	if (low.process_polls)
		polling_misses = 0;
	else if (rom_polls && ++polling_misses >= POLLING_MISSES)
		rom_polls = false;
}

static void visit(void)
{
	uint16_t sent = low.tx_next, received = low.rx_tail;
	uint64_t before;

	// Frames come in bursts. Asking again at once costs calls, and in a virtual machine it keeps
	// the card from delivering.
	if (polls_in_vain && low.tx_next == low.tx_tail)
		clock_spin(PAUSE_US);
	choose_way();
	before = clock_steps();
	real_visit(rm_exchange, (uint32_t)(uintptr_t)&low, 0);
	sent = low.tx_next - sent;
	received = low.rx_tail - received;
	*(sent || received ? &steps_moving : &steps_in_vain) += clock_steps() - before;
	unanswered += sent;
	judge_irq(received != 0);
	judge_way(sent, received);
	polls_in_vain = sent || received ? 0 : polls_in_vain + 1;
	expire_completions();
}

void undi_rest(void)
{
	uint64_t quiet = clock_now() - last_frame;

	if (is_open && quiet < REST_AFTER_MS &&
		(irq_proofs < IRQ_PROOFS || irq_doubted() || polls_in_vain < POLLS_BEFORE_REST))
		return;
	if (is_open && !irq_doubted())
		pic_unmask();
	real_visit(rm_rest, irqs_seen, 0);
	rested = true;
}

static size_t lend_frames(struct netdev_frame *burst, size_t max)
{
	uint16_t count = low.rx_tail - low.rx_head, i;

	if (count > max)
		count = (uint16_t)max;
	for (i = 0; i < count; i++) {
		uint16_t slot = (uint16_t)(low.rx_head + i) % UNDI_RX_SLOTS;

		burst[i] = (struct netdev_frame){rx_ring[slot], low.rx_length[slot], false};
		if (!answered)
			answered = memcmp(rx_ring[slot], netdev.hwaddr, 6) == 0;
	}
	if (count)
		last_frame = clock_now();
	return lent = count;
}

static size_t undi_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	(void)dev;
	if (!is_open)
		return 0;
	console_pump();
	low.rx_head += lent;
	lent = 0;
	if (low.rx_head == low.rx_tail || low.tx_next != low.tx_tail)
		visit();
	return lend_frames(burst, max);
}

// The transmit block of one frame: with our header, or (RFC 826 and 894 only) without it.
static void describe(struct undi_send *s, const uint8_t *frame, uint16_t length)
{
	uint16_t type = (uint16_t)(frame[12] << 8 | frame[13]);
	bool strip = rom_header && (type == 0x0800 || type == 0x0806);

	memset(s, 0, sizeof *s);
	s->call.Protocol = !strip ? P_UNKNOWN : type == 0x0800 ? P_IP : P_ARP;
	s->call.XmitFlag = strip && frame[0] == 0xff ? XMT_BROADCAST : XMT_DESTADDR;
	s->call.DestAddr.ptr = far_of(frame);
	s->call.TBD.ptr = far_of(&s->tbd);
	s->tbd.Xmit.ptr = far_of(frame + (strip ? HEADER : 0));
	s->tbd.ImmedLength = length - (strip ? HEADER : 0);
}

static void queue_frame(const struct netdev_frame *f)
{
	uint16_t slot = low.tx_tail % UNDI_TX_SLOTS;
	uint16_t length = (uint16_t)f->length;

	memcpy(tx_ring[slot], f->bytes, length);
	if (length < FRAME_MIN) {
		memset(tx_ring[slot] + length, 0, FRAME_MIN - length);
		length = FRAME_MIN;
	}
	describe(&low.tx[slot], tx_ring[slot], length);
	low.tx_tail++;
}

static size_t undi_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	size_t i;

	(void)dev;
	if (!is_open)
		return 0;
	doubt_protocol();
	for (i = 0; i < count; i++) {
		if ((uint16_t)(low.tx_tail - low.tx_head) >= UNDI_TX_SLOTS)
			break;
		if (frames[i].length >= HEADER && frames[i].length <= NETDEV_FRAME)
			queue_frame(&frames[i]);
	}
	return i;
}

static enum netdev_link undi_link(struct netdev *dev)
{
	(void)dev;
	return LINK_UNKNOWN; // UNDI cannot say
}

static bool undi_set_filter(struct netdev *dev, const uint8_t (*groups)[6], size_t count)
{
	t_PXENV_UNDI_SET_MCAST_ADDR call = {0};
	size_t i;

	(void)dev;
	if (count > MAXNUM_MCADDR)
		return false;
	call.R_Mcast_Buf.MCastAddrCount = (uint16_t)count;
	for (i = 0; i < count; i++)
		memcpy(call.R_Mcast_Buf.McastAddr[i], groups[i], 6);
	return pxe_api(PXENV_UNDI_SET_MCAST_ADDR, &call) == 0;
}

// ---- finding it ----------------------------------------------------------------------------------

static const struct netdev_ops undi_ops = {
	.open = undi_open,
	.close = undi_close,
	.link = undi_link,
	.receive = undi_receive,
	.transmit = undi_transmit,
	.set_filter = undi_set_filter,
};

static void describe_place(void)
{
	t_PXENV_UNDI_GET_NIC_TYPE nic = {0};
	struct text t = text_of(place, sizeof place);
	unsigned where;

	if (pxe_api(PXENV_UNDI_GET_NIC_TYPE, &nic) != 0) {
		text_format(&t, "UNDI irq %u", irq);
	} else if (nic.NicType == PnP_NIC) {
		text_format(&t, "isapnp %08x irq %u", nic.info.pnp.EISA_Dev_ID, irq);
	} else {
		where = nic.info.pci.BusDevFunc;
		text_format(&t, "pci %02x:%02x.%u %04x:%04x irq %u", where >> 8, where >> 3 & 31,
			where & 7, nic.info.pci.Vendor_ID, nic.info.pci.Dev_ID, irq);
	}
}

// The Etherboot family is known by its additions to the API.
static bool is_etherboot(void)
{
	t_PXENV_FILE_API_CHECK check = {.Size = sizeof check, .Magic = file_api_ask};

	return pxe_api(PXENV_FILE_API_CHECK, &check) == 0 && check.Magic == file_api_answer;
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
	while (length)
		if (bytes[--length])
			return false;
	return true;
}

bool undi_find(struct fault *fault)
{
	t_PXENV_UNDI_GET_INFORMATION info = {0};
	const uint8_t *address;

	if (pxe_api(PXENV_UNDI_GET_INFORMATION, &info) != 0)
		return fault_set(fault, FAULT_NO_NIC,
			"(the PXE ROM's driver gives no information, status 0x%02x)", info.Status);
	address = is_zero(info.CurrentNodeAddress, 6) ? info.PermNodeAddress
						       : info.CurrentNodeAddress;
	if (info.HwAddrLen != 6 || is_zero(address, 6))
		return fault_set(fault, FAULT_NO_NIC,
			"(the PXE ROM's card is no Ethernet card: address of %u bytes)", info.HwAddrLen);
	irq = info.IntNumber;
	netdev.ops = &undi_ops;
	memcpy(netdev.name, "net0", 5);
	memcpy(netdev.hwaddr, address, 6);
	netdev.hwaddr_length = 6;
	netdev.hwtype = 1;
	netdev.mtu = info.MaxTranUnit >= 576 && info.MaxTranUnit < 1500 ? info.MaxTranUnit : 1500;
	describe_place();
	rom_polls = is_etherboot();
	return true;
}

struct netdev *undi_netdev(void)
{
	return netdev.ops ? &netdev : NULL;
}

const char *undi_place(void)
{
	return place;
}

static void describe_count(struct text *to, uint32_t count, const char *what)
{
	if (count)
		text_format(to, ", %u %s", count, what);
}

// One line; what should not happen is told only where it did.
void platform_describe_nic(struct text *to)
{
	const struct undi_counters *c = &low.count;
	uint32_t calls = c->calls + pxe_calls(), frames = c->received + c->sent;
	uint32_t tenths = frames ? calls * 10 / frames : 0;

	if (!netdev.ops)
		return;
	text_format(to, "%s: %u frames in, %u out, %u real-mode visits, %u UNDI calls (%u.%u a frame), "
			"%u ms in them, %u ms in vain",
		netdev.name, c->received, c->sent, real_visits, calls, tenths / 10, tenths % 10,
		clock_steps_ms(steps_moving), clock_steps_ms(steps_in_vain));
	describe_count(to, c->sent - c->completed, "not completed");
	describe_count(to, c->busy, "busy");
	describe_count(to, c->send_failed, "refused");
	describe_count(to, c->bad_fragments, "bad fragments");
	describe_count(to, c->not_ours, "not ours");
}
