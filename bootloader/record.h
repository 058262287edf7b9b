// SPDX-License-Identifier: BSD-2-Clause
// The record: what this boot knew, handed to the running system as a small archive in front of the
// first initrd. docs/lanyard-record.5 is its description.
#pragma once

#include "bootloader/limits.h"
#include "netstack/base/ipaddr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record_packet {
	const uint8_t *bytes;
	size_t length; // 0: none
};

struct record_file {
	const char *name;
	uint64_t size;
};

// When stages ended, in ms since the start. A stage that is entered again takes its later ones away.
struct record_timeline {
	struct {
		const char *stage;
		uint32_t ms;
	} stages[RECORD_STAGES];
	size_t count;
};

// Texts may be NULL: then their line is left out.
struct record {
	struct record_packet discover, ack, proxy;
	const uint8_t *hwaddr;
	uint8_t hwaddr_length, hwtype;
	const char *nic_name, *bus, *firmware;
	uint16_t vlan; // 0: none
	uint16_t arch;
	const uint8_t *uuid; // raw order
	const struct record_timeline *timeline;
	const char *lease_from;
	struct ipaddr address, server;
	uint8_t prefix;
	const char *config, *label;
	struct record_file kernel;
	const struct record_file *initrds;
	size_t initrd_count;
};

void record_stage(struct record_timeline *t, const char *stage, uint32_t ms);
// Fills `to` with the archive, zeros behind it. A file that does not fit any more is left out.
void record_write(uint8_t to[RECORD_SIZE], const struct record *r);
// A UUID's 16 raw bytes as text: in the order of RFC 4122 (the first three fields are little-endian
// in SMBIOS and option 97), or byte after byte.
struct text;
void record_uuid(struct text *to, const uint8_t uuid[16], bool rfc_order);
