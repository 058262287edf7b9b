// SPDX-License-Identifier: BSD-2-Clause
// IPv4 headers (RFC 791 section 3.1). What ip_read lets through is a whole datagram: version 4, a
// header of 20 to 60 bytes inside the data, a total length between the header's and the data's, a
// right checksum, no fragment. Options are skipped.
#include "netstack/wire/ip.h"

enum {
	FLAG_DONT_FRAGMENT = 0x4000,
	FLAG_MORE = 0x2000,
	FRAGMENT_OFFSET = 0x1fff,
	WORD = sizeof(size_t),
};

// The sum of 16-bit words is the same in either byte order, but for the order of its own bytes
// (RFC 1071 section 2): so it is taken in the machine's, a word at a time, with the carry added at the
// other end.
static size_t add_word(size_t sum, const uint8_t *bytes)
{
	size_t word;

	__builtin_memcpy(&word, bytes, sizeof word);
	sum += word;
	return sum + (sum < word);
}

static uint16_t native_sum(const uint8_t **bytes, size_t *length)
{
	const uint8_t *b = *bytes;
	size_t left = *length, sum = 0;
	uint8_t order[2];
	uint16_t folded;

	for (; left >= 4 * WORD; b += 4 * WORD, left -= 4 * WORD) { // most of a frame
		sum = add_word(sum, b);
		sum = add_word(sum, b + WORD);
		sum = add_word(sum, b + 2 * WORD);
		sum = add_word(sum, b + 3 * WORD);
	}
	for (; left >= WORD; b += WORD, left -= WORD)
		sum = add_word(sum, b);
	*bytes = b;
	*length = left;
	while (sum > UINT16_MAX)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	folded = (uint16_t)sum;
	__builtin_memcpy(order, &folded, sizeof order);
	return (uint16_t)(order[0] << 8 | order[1]);
}

uint32_t ip_checksum_add(uint32_t sum, const void *bytes, size_t length)
{
	const uint8_t *b = bytes;

	sum = (sum & 0xffff) + (sum >> 16);
	if (length >= 4)
		sum += native_sum(&b, &length);
	for (; length >= 2; b += 2, length -= 2)
		sum += (uint32_t)b[0] << 8 | b[1];
	if (length)
		sum += (uint32_t)b[0] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

uint16_t ip_checksum_end(uint32_t sum)
{
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

uint32_t ip_pseudo_header(const struct ip *ip, size_t length)
{
	uint32_t sum = ip->protocol + (uint32_t)length;

	sum = ip_checksum_add(sum, ip->source.bytes, 4);
	return ip_checksum_add(sum, ip->destination.bytes, 4);
}

// The fields of a header that `r` stands at. Gives its length, 0 for no IPv4 header or a fragment;
// *total_length is what the header says.
static size_t read_header(struct reader *r, struct ip *ip, size_t *total_length)
{
	uint8_t version_ihl = read_u8(r);
	size_t header = (version_ihl & 15) * 4u;
	uint16_t fragment;

	read_skip(r, 1);
	*total_length = read_u16(r);
	ip->id = read_u16(r);
	fragment = read_u16(r);
	ip->dont_fragment = (fragment & FLAG_DONT_FRAGMENT) != 0;
	ip->ttl = read_u8(r);
	ip->protocol = read_u8(r);
	read_skip(r, 2);
	ip->source = ipaddr_from_u32(read_u32(r));
	ip->destination = ipaddr_from_u32(read_u32(r));
	if (version_ihl >> 4 != 4 || header < IP_HEADER)
		return 0;
	if (fragment & (FLAG_MORE | FRAGMENT_OFFSET))
		return 0;
	read_skip(r, header - IP_HEADER);
	return r->failed ? 0 : header;
}

bool ip_read(struct reader *r, struct ip *ip, struct reader *payload)
{
	const uint8_t *start = r->at;
	size_t total, header = read_header(r, ip, &total);

	if (header == 0 || total < header)
		return false;
	if (ip_checksum_end(ip_checksum_add(0, start, header)) != 0)
		return false;
	*payload = read_sub(r, total - header);
	return !payload->failed;
}

bool ip_read_quoted(struct reader *r, struct ip *ip)
{
	size_t total;

	return read_header(r, ip, &total) != 0;
}

void ip_write(struct writer *w, const struct ip *ip, size_t payload_length)
{
	size_t start = writer_length(w);

	if (payload_length > 0xffff - IP_HEADER)
		w->failed = true;
	write_u8(w, 4 << 4 | IP_HEADER / 4);
	write_u8(w, 0);
	write_u16(w, (uint16_t)(IP_HEADER + payload_length));
	write_u16(w, ip->id);
	write_u16(w, ip->dont_fragment ? FLAG_DONT_FRAGMENT : 0);
	write_u8(w, ip->ttl);
	write_u8(w, ip->protocol);
	write_u16(w, 0);
	write_u32(w, ipaddr_to_u32(&ip->source));
	write_u32(w, ipaddr_to_u32(&ip->destination));
	if (!w->failed)
		write_u16_at(w, start + 10,
			ip_checksum_end(ip_checksum_add(0, w->start + start, IP_HEADER)));
}
