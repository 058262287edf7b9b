// SPDX-License-Identifier: BSD-2-Clause
// A network card by the firmware's Managed Network Protocol (UEFI 2.10, section 25.1), which shares it
// with the firmware's own network: for cards whose SNP cannot be had alone.
#pragma once

#include "netstack/netdev.h"

#include <efi.h>

enum { MNP_TOKENS = 32, MNP_SLOT = 1536 };

struct mnp_protocol;

// What stands for one frame under way, in the firmware's shape (EFI_MANAGED_NETWORK_COMPLETION_TOKEN).
struct mnp_token {
	EFI_EVENT event;
	EFI_STATUS status;
	void *data; // receive: set by the firmware; send: struct mnp_send
};

struct mnp_send { // EFI_MANAGED_NETWORK_TRANSMIT_DATA with one fragment
	EFI_MAC_ADDRESS *to, *from; // NULL: the header is part of the frame
	UINT16 type;
	UINT32 data_length;
	UINT16 header_length;
	UINT16 fragments;
	UINT32 length;
	void *bytes;
};

struct mnp_memory {
	uint8_t rx[MNP_TOKENS][MNP_SLOT];
	uint8_t tx[MNP_SLOT];
};

struct mnp_counters {
	uint32_t received, sent, polls, bad_length, errors;
};

struct mnp {
	struct netdev dev;
	EFI_HANDLE handle, child;
	struct mnp_protocol *protocol;
	struct mnp_memory *memory; // NULL: closed
	struct mnp_token rx[MNP_TOKENS], tx;
	struct mnp_send send;
	bool posted[MNP_TOKENS], sending;
	uint8_t next; // token that completes next
	struct mnp_counters count;
};

// The handle whose MNP service stands nearest to the end of this path (a VLAN has one of its own); NULL
// if there is none.
EFI_HANDLE mnp_service_on(const EFI_DEVICE_PATH *path);
// The same card as `dev`, by the other protocol.
void mnp_init(struct mnp *m, EFI_HANDLE handle, const struct netdev *dev);
void mnp_describe(const struct mnp *m, struct text *to);
