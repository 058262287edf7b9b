// SPDX-License-Identifier: BSD-2-Clause
// The UNDI calls of one visit (PXE 2.1, section 4.4: TRANSMIT and ISR). The interrupt is never
// waited for: ISR START is called every time, and its 'not ours' is not believed, because ROMs say
// it wrongly.
//
// What arrives from the ROM is checked as if from a stranger: fragment lengths that contradict the
// frame's, lengths of zero or beyond a slot, endless answers.
#include "bios/undi_exchange.h"

static void send_queued(struct undi_low *low)
{
	while (low->tx_next != low->tx_tail) {
		struct undi_send *s = &low->tx[low->tx_next % UNDI_TX_SLOTS];

		s->call.Status = 0;
		low->count.calls++;
		if (undi_call(PXENV_UNDI_TRANSMIT, &s->call) == 0) {
			low->count.sent++;
			low->tx_next++;
			continue;
		}
		if (s->call.Status == PXENV_STATUS_OUT_OF_RESOURCES) {
			low->count.busy++;
			return;
		}
		// Refused. It is lost, as frames may be; the driver tries another way for the next.
		low->count.send_failed++;
		low->tx_status = s->call.Status;
		if (low->tx_head != low->tx_next)
			return; // slots are given back in order: wait for those before
		low->tx_next++;
		low->tx_head++;
	}
}

static void sending_done(struct undi_low *low)
{
	low->count.completed++;
	if (low->tx_head != low->tx_next)
		low->tx_head++;
}

// A fragment of the frame that is being received into slot rx_tail.
static void receive_fragment(struct undi_low *low)
{
	uint16_t whole = low->isr.FrameLength;
	uint16_t part = low->isr.BufferLength;
	uint16_t slot = low->rx_tail % UNDI_RX_SLOTS;

	if (low->rx_have && low->rx_whole != whole) {
		low->count.bad_fragments++; // the rest of the frame before never came
		low->rx_have = 0;
	}
	if (part == 0 || whole > UNDI_SLOT || part > whole - low->rx_have || whole < 14) {
		low->count.bad_fragments++;
		low->rx_have = 0;
		return;
	}
	undi_copy(low->ring + (uint32_t)slot * UNDI_SLOT + low->rx_have, low->isr.Frame.ptr, part);
	low->rx_whole = whole;
	low->rx_have += part;
	if (low->rx_have < whole)
		return;
	low->rx_length[slot] = whole;
	low->rx_have = 0;
	low->rx_tail++;
	low->count.received++;
}

static uint16_t call_isr(struct undi_low *low, uint16_t what)
{
	low->isr.Status = 0;
	low->isr.FuncFlag = what;
	low->isr.BufferLength = 0;
	low->isr.FrameLength = 0;
	low->count.calls++;
	return undi_call(PXENV_UNDI_ISR, &low->isr);
}

// Takes what the last call gave. False: that was the end.
static int take(struct undi_low *low)
{
	switch (low->isr.FuncFlag) {
	case PXENV_UNDI_ISR_OUT_RECEIVE:
		receive_fragment(low);
		return 1;
	case PXENV_UNDI_ISR_OUT_TRANSMIT:
		sending_done(low);
		return 1;
	case PXENV_UNDI_ISR_OUT_BUSY:
		low->count.busy++;
		return 0;
	default:
		return 0; // DONE, or a number that does not exist
	}
}

static int ring_full(const struct undi_low *low)
{
	return (uint16_t)(low->rx_tail - low->rx_head) >= UNDI_RX_SLOTS;
}

// As the specification has it: START, PROCESS, GET_NEXT until DONE. What does not fit into the ring
// stays with the ROM until the next visit.
static void drain(struct undi_low *low)
{
	uint16_t what = PXENV_UNDI_ISR_IN_GET_NEXT, before = low->rx_tail, calls, ours = 1;

	if (!low->isr_open) {
		if (call_isr(low, PXENV_UNDI_ISR_IN_START) == 0)
			ours = low->isr.FuncFlag == PXENV_UNDI_ISR_OUT_OURS;
		what = PXENV_UNDI_ISR_IN_PROCESS;
		low->isr_open = 1;
	}
	for (calls = 0; calls < UNDI_ISR_CALLS; calls++) {
		if (ring_full(low))
			return;
		if (call_isr(low, what) != 0 || !take(low))
			break;
		what = PXENV_UNDI_ISR_IN_GET_NEXT;
	}
	low->isr_open = 0;
	if (!ours && low->rx_tail != before)
		low->count.not_ours++;
}

// Where every PROCESS looks at the card and gives the next thing, and a beginning and an end are not
// needed.
static void drain_polling(struct undi_low *low)
{
	uint16_t before = low->rx_tail, calls;

	for (calls = 0; calls < UNDI_ISR_CALLS && !ring_full(low); calls++) {
		if (call_isr(low, PXENV_UNDI_ISR_IN_PROCESS) != 0 || !take(low))
			return;
		if (low->enough && (uint16_t)(low->rx_tail - before) >= low->enough)
			return;
	}
}

// An answer takes longer than a few calls: right after sending there is nothing to ask for, unless a
// visit before has sent only, too.
static int only_sent(struct undi_low *low, uint16_t next_before)
{
	low->only_sent = !low->only_sent && !low->isr_open && low->tx_next == low->tx_tail &&
		low->tx_next != next_before &&
		(uint16_t)(low->tx_tail - low->tx_head) <= UNDI_TX_SLOTS / 2;
	return low->only_sent;
}

void undi_exchange(struct undi_low *low)
{
	uint16_t next_before = low->tx_next;

	send_queued(low);
	if (low->process_polls && !low->isr_open) {
		drain_polling(low);
	} else {
		if (only_sent(low, next_before))
			return;
		drain(low);
	}
	if (low->tx_next != low->tx_tail)
		send_queued(low); // completions may have made room
}
