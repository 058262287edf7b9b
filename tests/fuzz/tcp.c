// SPDX-License-Identifier: BSD-2-Clause
// A TCP segment in its datagram, whatever its checksums, and what it says written and read again.
#include "netstack/wire/tcp.h"
#include "tests/fuzz/harness.h"

// Known options of a strange length or repeated take more room than they are worth.
static void survives(const struct ip *ip, const struct tcp *tcp, const struct reader *payload)
{
	size_t length = reader_left(payload);
	uint8_t *buffer = malloc(IP_HEADER + TCP_HEADER_MAX + length);
	struct writer w = writer_of(buffer, IP_HEADER + TCP_HEADER_MAX + length);
	struct reader r, segment, data;
	struct tcp again;
	struct ip header;

	tcp_write(&w, ip, tcp, payload->at, length);
	if (tcp_header_length(tcp) > TCP_HEADER_MAX || length > 60000) {
		free(buffer);
		return;
	}
	PROMISE(!w.failed);
	r = reader_of(buffer, writer_length(&w));
	PROMISE(ip_read(&r, &header, &segment));
	PROMISE(tcp_read(&segment, &header, false, &again, &data));
	PROMISE(memcmp(&again, tcp, sizeof again) == 0);
	PROMISE(reader_left(&data) == length && (!length || memcmp(data.at, payload->at, length) == 0));
	free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct reader r = reader_of(bytes, length), payload;
	struct ip ip = {.ttl = 64, .protocol = IP_TCP, .source = ipaddr_v4(10, 0, 0, 1),
		.destination = ipaddr_v4(10, 0, 0, 2)};
	struct tcp tcp;

	read_skip(&r, IP_HEADER);
	if (r.failed || !tcp_read(&r, &ip, true, &tcp, &payload))
		return 0;
	PROMISE(tcp.sack_count <= TCP_SACK_MAX);
	touch(payload.at, reader_left(&payload));
	survives(&ip, &tcp, &payload);
	return 0;
}
