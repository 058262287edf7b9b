// SPDX-License-Identifier: BSD-2-Clause
// TCP headers (RFC 9293 section 3.1): ports, two sequence numbers, data offset, flags, window,
// checksum over pseudo header, header and data, urgent pointer; then options of one byte (end,
// no operation) or of kind, length, value. Written options are padded to whole words.
#include "netstack/wire/tcp.h"

enum { END = 0, NOP = 1, MSS = 2, SCALE = 3, SACK_PERMITTED = 4, SACK = 5, TIMESTAMPS = 8 };
enum { CHECKSUM_AT = 16 };

static bool checksum_right(const struct ip *ip, const uint8_t *segment, size_t length)
{
	return ip_checksum_end(ip_checksum_add(ip_pseudo_header(ip, length), segment, length)) == 0;
}

static void read_sack(struct reader *value, struct tcp *tcp)
{
	while (reader_left(value) && tcp->sack_count < TCP_SACK_MAX) {
		struct tcp_range *range = &tcp->sack[tcp->sack_count++];

		range->start = read_u32(value);
		range->end = read_u32(value);
	}
}

static void read_option(uint8_t kind, struct reader *value, struct tcp *tcp)
{
	size_t length = reader_left(value);

	if (kind == MSS && length == 2) {
		tcp->mss = read_u16(value);
	} else if (kind == SCALE && length == 1) {
		tcp->scaled = true;
		tcp->scale = read_u8(value);
	} else if (kind == SACK_PERMITTED && length == 0) {
		tcp->sack_permitted = true;
	} else if (kind == SACK && length % 8 == 0 && !tcp->sack_count) {
		read_sack(value, tcp);
	} else if (kind == TIMESTAMPS && length == 8) {
		tcp->stamped = true;
		tcp->stamp = read_u32(value);
		tcp->echo = read_u32(value);
	}
}

static bool read_options(struct reader *r, struct tcp *tcp)
{
	while (reader_left(r)) {
		uint8_t kind = read_u8(r), length;
		struct reader value;

		if (kind == END)
			break;
		if (kind == NOP)
			continue;
		length = read_u8(r);
		if (r->failed || length < 2)
			return false;
		value = read_sub(r, length - 2u);
		if (r->failed)
			return false;
		read_option(kind, &value, tcp);
	}
	return true;
}

bool tcp_read(struct reader *segment, const struct ip *ip, bool trust_checksum, struct tcp *tcp,
	struct reader *payload)
{
	const uint8_t *start = segment->at;
	size_t length = reader_left(segment), header;
	struct reader options;

	*tcp = (struct tcp){0};
	tcp->source = read_u16(segment);
	tcp->destination = read_u16(segment);
	tcp->sequence = read_u32(segment);
	tcp->acknowledgment = read_u32(segment);
	header = (read_u8(segment) >> 4) * 4u;
	tcp->flags = read_u8(segment) & 63;
	tcp->window = read_u16(segment);
	read_skip(segment, 4);
	if (segment->failed || header < TCP_HEADER || header > length)
		return false;
	if (!trust_checksum && !checksum_right(ip, start, length))
		return false;
	options = read_sub(segment, header - TCP_HEADER);
	if (!read_options(&options, tcp))
		return false;
	*payload = read_sub(segment, length - header);
	return true;
}

size_t tcp_header_length(const struct tcp *tcp)
{
	return TCP_HEADER + (tcp->mss ? 4u : 0) + (tcp->scaled ? 4u : 0) +
	       (tcp->sack_permitted ? 4u : 0) + (tcp->stamped ? TCP_TIMESTAMPS_LENGTH : 0) +
	       (tcp->sack_count ? 4u + 8u * tcp->sack_count : 0);
}

// Kind and length behind as many no-operations as make the option end on a word.
static void write_kind(struct writer *w, uint8_t kind, size_t length)
{
	for (size_t pad = -length & 3; pad; pad--)
		write_u8(w, NOP);
	write_u8(w, kind);
	write_u8(w, (uint8_t)length);
}

static void write_options(struct writer *w, const struct tcp *tcp)
{
	if (tcp->mss) {
		write_kind(w, MSS, 4);
		write_u16(w, tcp->mss);
	}
	if (tcp->scaled) {
		write_kind(w, SCALE, 3);
		write_u8(w, tcp->scale);
	}
	if (tcp->sack_permitted)
		write_kind(w, SACK_PERMITTED, 2);
	if (tcp->stamped) {
		write_kind(w, TIMESTAMPS, 10);
		write_u32(w, tcp->stamp);
		write_u32(w, tcp->echo);
	}
	if (tcp->sack_count)
		write_kind(w, SACK, 2 + 8u * tcp->sack_count);
	for (int i = 0; i < tcp->sack_count; i++) {
		write_u32(w, tcp->sack[i].start);
		write_u32(w, tcp->sack[i].end);
	}
}

void tcp_write(struct writer *w, const struct ip *ip, const struct tcp *tcp, const void *payload,
	size_t length)
{
	size_t start, header = tcp_header_length(tcp), total = header + length;
	uint32_t sum;

	if (header > TCP_HEADER_MAX)
		w->failed = true;
	ip_write(w, ip, total);
	start = writer_length(w);
	write_u16(w, tcp->source);
	write_u16(w, tcp->destination);
	write_u32(w, tcp->sequence);
	write_u32(w, tcp->acknowledgment);
	write_u8(w, (uint8_t)(header << 2));
	write_u8(w, tcp->flags);
	write_u16(w, tcp->window);
	write_u32(w, 0); // checksum, urgent pointer
	write_options(w, tcp);
	write_bytes(w, payload, length);
	if (w->failed)
		return;
	sum = ip_checksum_add(ip_pseudo_header(ip, total), w->start + start, total);
	write_u16_at(w, start + CHECKSUM_AT, ip_checksum_end(sum));
}
