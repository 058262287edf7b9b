// SPDX-License-Identifier: BSD-2-Clause
// UDP headers (RFC 768): two ports, length, checksum over pseudo header, header and data.
#include "netstack/wire/udp.h"

static bool checksum_right(const struct ip *ip, const uint8_t *segment, size_t length)
{
	return ip_checksum_end(ip_checksum_add(ip_pseudo_header(ip, length), segment, length)) == 0;
}

bool udp_read(struct reader *segment, const struct ip *ip, bool trust_checksum, struct udp *udp,
	struct reader *payload)
{
	const uint8_t *start = segment->at;
	size_t available = reader_left(segment);
	uint16_t length, checksum;

	udp->source = read_u16(segment);
	udp->destination = read_u16(segment);
	length = read_u16(segment);
	checksum = read_u16(segment);
	if (segment->failed || length < UDP_HEADER || length > available)
		return false;
	if (checksum != 0 && !trust_checksum && !checksum_right(ip, start, length))
		return false;
	*payload = read_sub(segment, length - UDP_HEADER);
	return true;
}

void udp_write(struct writer *w, const struct ip *ip, const struct udp *udp, const void *payload,
	size_t length)
{
	size_t start, total = UDP_HEADER + length;
	uint16_t checksum;

	ip_write(w, ip, total);
	start = writer_length(w);
	write_u16(w, udp->source);
	write_u16(w, udp->destination);
	write_u16(w, (uint16_t)total);
	write_u16(w, 0);
	write_bytes(w, payload, length);
	if (w->failed)
		return;
	checksum = ip_checksum_end(
		ip_checksum_add(ip_pseudo_header(ip, total), w->start + start, total));
	write_u16_at(w, start + 6, checksum ? checksum : 0xffff); // 0 would mean: no checksum
}
