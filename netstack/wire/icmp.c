// SPDX-License-Identifier: BSD-2-Clause
// ICMP (RFC 792): type, code, checksum over the whole message, four bytes by type, data. An error
// quotes the header and at least eight bytes of the datagram that it is about.
#include "netstack/wire/icmp.h"

static bool read_unreachable(struct reader *r, struct icmp *icmp)
{
	read_skip(r, 4);
	if (!ip_read_quoted(r, &icmp->original))
		return false;
	if (icmp->original.protocol == IP_UDP || icmp->original.protocol == IP_TCP) {
		icmp->original_udp.source = read_u16(r);
		icmp->original_udp.destination = read_u16(r);
	}
	if (icmp->original.protocol == IP_TCP)
		icmp->original_sequence = read_u32(r);
	return !r->failed;
}

static bool read_echo(struct reader *r, struct icmp *icmp)
{
	icmp->id = read_u16(r);
	icmp->sequence = read_u16(r);
	icmp->data = read_sub(r, reader_left(r));
	return !r->failed;
}

bool icmp_read(struct reader *segment, struct icmp *icmp)
{
	size_t length = reader_left(segment);

	*icmp = (struct icmp){0};
	if (ip_checksum_end(ip_checksum_add(0, segment->at, length)) != 0)
		return false;
	icmp->type = read_u8(segment);
	icmp->code = read_u8(segment);
	read_skip(segment, 2);
	switch (icmp->type) {
	case ICMP_ECHO:
	case ICMP_ECHO_REPLY:
		return read_echo(segment, icmp);
	case ICMP_UNREACHABLE:
		return read_unreachable(segment, icmp);
	default:
		return false;
	}
}

static void put_checksum(struct writer *w, size_t start)
{
	size_t length = writer_length(w) - start;

	write_u16_at(w, start + 2, ip_checksum_end(ip_checksum_add(0, w->start + start, length)));
}

void icmp_write_echo(struct writer *w, const struct icmp *icmp)
{
	size_t start = writer_length(w);

	write_u8(w, icmp->type);
	write_u8(w, icmp->code);
	write_u16(w, 0);
	write_u16(w, icmp->id);
	write_u16(w, icmp->sequence);
	write_bytes(w, icmp->data.at, reader_left(&icmp->data));
	if (!w->failed)
		put_checksum(w, start);
}
