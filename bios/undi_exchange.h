// SPDX-License-Identifier: BSD-2-Clause
// One visit to the PXE ROM's UNDI driver: sends what is queued, takes all that was received.
//
// undi_exchange runs in real mode (compiled with -m16; no variables of its own), so that a visit
// moves many frames; the host's tests link it with a ROM of their own. Frames wait in two rings of
// fixed slots below 1 MiB. Indices run freely and are taken modulo the ring's size:
//     rx: [rx_head, rx_tail) received, for the driver to take and then to advance rx_head
//     tx: [tx_head, tx_next) given to the ROM and not yet reported as sent; their memory stays
//         untouched. [tx_next, tx_tail) queued by the driver
#pragma once

#include <stdint.h>
#include <syslinux/pxe_api.h>

enum {
	UNDI_STACK = 2048,    // entry.S knows it
	UNDI_RX_SLOTS = 64,
	UNDI_TX_SLOTS = 16,
	UNDI_SLOT = 1536,
	UNDI_ISR_CALLS = 160, // most ISR calls in one visit: a ROM that never says DONE must not hang us
};

struct undi_send {
	t_PXENV_UNDI_TRANSMIT call;
	t_PXENV_UNDI_TBD tbd;
};

struct undi_counters {
	uint32_t calls;         // UNDI calls made
	uint32_t received;      // frames
	uint32_t sent;          // frames accepted by the ROM
	uint32_t completed;     // transmissions reported as done
	uint32_t busy;          // OUT_OF_RESOURCES on transmit, and ISR BUSY
	uint32_t send_failed;   // frames that the ROM refused
	uint32_t bad_fragments; // lengths that cannot be
	uint32_t not_ours;      // ISR START said that there was nothing, and there was
};

struct undi_low {
	uint8_t stack[UNDI_STACK]; // first: entry.S
	struct undi_counters count;
	uint32_t ring;             // linear address of the receive slots
	uint16_t rx_head, rx_tail;
	uint16_t rx_length[UNDI_RX_SLOTS];
	uint16_t rx_have;          // bytes of the frame at rx_tail that have come
	uint16_t rx_whole;         // its length by the first fragment
	uint16_t tx_head, tx_next, tx_tail;
	uint16_t tx_status;        // why the last frame was refused
	uint8_t only_sent;         // the last visit asked for nothing
	uint8_t process_polls;     // set by the driver: PROCESS looks at the card, START is not needed
	uint16_t enough;           // set by the driver: come back after so many frames; 0: take all
	uint8_t isr_open;          // the ROM has more to give: go on with GET_NEXT
	t_PXENV_UNDI_ISR isr;
	struct undi_send tx[UNDI_TX_SLOTS];
} __attribute__((aligned(16)));

void undi_exchange(struct undi_low *low);

// Below the exchange: entry.S, or the tests' ROM. undi_call gives the exit code (0 is good) and
// leaves Status in the parameters; undi_copy moves a fragment into the ring.
uint16_t undi_call(uint16_t opcode, void *parameters);
void undi_copy(uint32_t to, uint32_t from_segment_offset, uint32_t length);
