// SPDX-License-Identifier: BSD-2-Clause
// A whole frame as it comes from the wire: Ethernet, then ARP or IP with UDP or ICMP.
#include "netstack/wire/arp.h"
#include "netstack/wire/ether.h"
#include "netstack/wire/icmp.h"
#include "tests/fuzz/harness.h"

static void use_arp(struct reader r)
{
	uint8_t before[28], after[28];
	struct reader bytes = r;
	struct writer w = writer_of(after, sizeof after);
	struct arp a;

	if (!arp_read(&r, &a))
		return;
	read_bytes(&bytes, before, sizeof before);
	arp_write(&w, &a);
	PROMISE(!w.failed && writer_length(&w) == 28);
	PROMISE(memcmp(before, after, 28) == 0);
}

static void use_udp(const struct ip *ip, struct reader segment, bool trust)
{
	static uint8_t buffer[70000];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct reader payload, again, inner;
	struct udp udp, udp_again;
	struct ip ip_again;

	if (!udp_read(&segment, ip, trust, &udp, &payload))
		return;
	touch(payload.at, reader_left(&payload));
	udp_write(&w, ip, &udp, payload.at, reader_left(&payload));
	PROMISE(!w.failed);
	again = reader_of(buffer, writer_length(&w));
	PROMISE(ip_read(&again, &ip_again, &inner));
	PROMISE(udp_read(&inner, &ip_again, false, &udp_again, &again));
	PROMISE(reader_left(&again) == reader_left(&payload));
	PROMISE(udp_again.source == udp.source && udp_again.destination == udp.destination);
}

static void use_icmp(struct reader segment)
{
	static uint8_t buffer[70000];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct icmp icmp, icmp_again;
	struct reader again;

	if (!icmp_read(&segment, &icmp) || icmp.type == ICMP_UNREACHABLE)
		return;
	touch(icmp.data.at, reader_left(&icmp.data));
	icmp_write_echo(&w, &icmp);
	PROMISE(!w.failed);
	again = reader_of(buffer, writer_length(&w));
	PROMISE(icmp_read(&again, &icmp_again));
	PROMISE(icmp_again.id == icmp.id && icmp_again.sequence == icmp.sequence);
}

static void use_ip(struct reader r)
{
	struct reader payload;
	struct ip ip;

	if (!ip_read(&r, &ip, &payload))
		return;
	PROMISE(reader_left(&payload) <= 65535 - IP_HEADER);
	use_icmp(payload);
	use_udp(&ip, payload, false);
	use_udp(&ip, payload, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct reader r = reader_of(bytes, length);
	struct ether e;

	if (!ether_read(&r, &e))
		return 0;
	PROMISE(reader_left(&r) <= length - ETHER_HEADER);
	use_arp(r);
	use_ip(r);
	return 0;
}
