// SPDX-License-Identifier: BSD-2-Clause
// SNTP (RFC 4330; the packet is RFC 5905 section 7.3): asking a time server once. Does no I/O.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SNTP_PORT = 123, SNTP_PACKET = 48 };

// `cookie` stands in the place of our own time: the answer must repeat it.
void sntp_question(uint8_t packet[SNTP_PACKET], uint64_t cookie);
// Seconds since 1970; false if this is no usable answer to that question (another cookie, a server that
// has no time itself, a refusal).
bool sntp_read(const void *packet, size_t length, uint64_t cookie, uint64_t *seconds);
