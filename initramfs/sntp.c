// SPDX-License-Identifier: BSD-2-Clause
//   byte 0: leap indicator 2 bits | version 3 | mode 3    1: stratum
//   24: originate timestamp (ours, repeated)    40: transmit timestamp (seconds since 1900, fraction)
#include "initramfs/sntp.h"

#include "netstack/base/bytes.h"

#include <string.h>

enum { VERSION = 4, CLIENT = 3, SERVER = 4, UNSYNCHRONISED = 3, STRATUM_MOST = 15 };

// Seconds from 1900 to 1970. From 2036 on the 32 bits begin anew (RFC 4330 section 3).
static const uint64_t epoch = 2208988800;

void sntp_question(uint8_t packet[SNTP_PACKET], uint64_t cookie)
{
	struct writer w = writer_of(packet, SNTP_PACKET);

	write_u8(&w, VERSION << 3 | CLIENT);
	write_zeros(&w, SNTP_PACKET - 1 - sizeof cookie);
	write_u64(&w, cookie);
}

bool sntp_read(const void *packet, size_t length, uint64_t cookie, uint64_t *seconds)
{
	struct reader r = reader_of(packet, length);
	uint8_t head = read_u8(&r), stratum = read_u8(&r);
	uint64_t originate, transmit;

	read_skip(&r, 22);
	originate = read_u64(&r);
	read_skip(&r, 8); // received
	transmit = read_u32(&r);
	read_skip(&r, 4);
	if (r.failed || (head & 7) != SERVER || head >> 6 == UNSYNCHRONISED || !stratum ||
		stratum > STRATUM_MOST || originate != cookie || !transmit)
		return false;
	if (!(transmit & 0x80000000))
		transmit += (uint64_t)1 << 32;
	*seconds = transmit - epoch;
	return true;
}
