// SPDX-License-Identifier: BSD-2-Clause
// A network card by the firmware's Simple Network Protocol (UEFI 2.10, section 24.1).
#pragma once

#include "netstack/netdev.h"

#include <efi.h>

enum {
	SNP_RX_SLOTS = NETDEV_BURST,
	SNP_TX_SLOTS = 32,
	SNP_SLOT = 2048,
	SNP_JUMBO = 16384, // what is too long for a slot is taken out of the driver's way here
};

struct snp_counters {
	uint32_t received, sent, completed, polls;
	uint32_t bad_length, busy, refused, errors, resets;
	uint64_t steps_moving, steps_in_vain; // time in the driver's calls that moved frames, or none
};

// The memory of an open card.
struct snp_rings {
	uint8_t rx[SNP_RX_SLOTS][SNP_SLOT];
	uint8_t tx[SNP_TX_SLOTS][SNP_SLOT];
	uint8_t jumbo[SNP_JUMBO];
};

struct snp {
	struct netdev dev;
	EFI_HANDLE handle;
	EFI_SIMPLE_NETWORK_PROTOCOL *protocol;
	char place[64];              // bus, address, ids
	struct snp_rings *rings;     // NULL: closed
	uint16_t tx_length[SNP_TX_SLOTS];
	uint16_t tx_head, tx_tail;   // running freely: next to be sent, next free
	bool outstanding;            // given to the driver, not yet reported as done
	bool mute;                   // the driver has proved not to report
	uint8_t unreported;          // in a row
	uint8_t status_age;          // receive calls since GetStatus
	uint64_t sent_at;
	bool taken;                  // opening has failed because somebody else has it
	uint64_t failing_since;      // receive calls fail since then, 0: they do not
	struct snp_counters count;
};

// Fills in s for the card on a handle; false if it is none that we can use.
bool snp_init(struct snp *s, EFI_HANDLE handle, unsigned number);
// Whether the last opening has failed because the firmware does not let go of the card.
bool snp_is_taken(const struct snp *s);
void snp_describe(const struct snp *s, struct text *to);
