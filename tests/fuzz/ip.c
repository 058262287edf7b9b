// SPDX-License-Identifier: BSD-2-Clause
// A datagram whose checksums are made right first, so that what lies behind them is reached.
#include "netstack/wire/icmp.h"
#include "tests/fuzz/harness.h"

static void put_sum(uint8_t *at, uint32_t sum)
{
	uint16_t value = ip_checksum_end(sum);

	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void fix_sums(uint8_t *b, size_t length)
{
	size_t header = length ? (b[0] & 15) * 4u : 0;

	if (header < IP_HEADER || header > length)
		return;
	b[10] = b[11] = 0;
	put_sum(b + 10, ip_checksum_add(0, b, header));
	if (b[9] == IP_ICMP && length >= header + 4) {
		b[header + 2] = b[header + 3] = 0;
		put_sum(b + header + 2, ip_checksum_add(0, b + header, length - header));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t *b = malloc(length + 1); // the data ends where the block ends
	struct reader r, payload, data;
	struct icmp icmp;
	struct udp udp;
	struct ip ip;

	if (!b)
		return 0;
	if (length)
		memcpy(b + 1, bytes, length);
	fix_sums(b + 1, length);
	r = reader_of(b + 1, length);
	if (ip_read(&r, &ip, &payload)) {
		struct reader segment = payload;

		if (udp_read(&segment, &ip, true, &udp, &data))
			touch(data.at, reader_left(&data));
		if (icmp_read(&payload, &icmp))
			touch(icmp.data.at, reader_left(&icmp.data));
	}
	free(b);
	return 0;
}
