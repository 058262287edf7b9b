// SPDX-License-Identifier: BSD-2-Clause
// What the boot program asks of servers, read from the frames that it sends: so every request is
// seen as it is on the wire, and each time that it is sent.
#include "netstack/wire/dhcp.h"
#include "netstack/wire/ether.h"
#include "netstack/wire/tftp.h"
#include "netstack/wire/udp.h"
#include "tests/host/host.h"

static void tftp_request(const struct ip *ip, const struct udp *udp, const struct reader *payload)
{
	char server[IPADDR_TEXT];
	struct tftp_packet p;

	if (!tftp_read(&p, payload->at, reader_left(payload)) || p.opcode != TFTP_RRQ)
		return;
	json_begin("request");
	json_text("protocol", "tftp");
	json_text("server", ipaddr_format(&ip->destination, server));
	json_number("port", udp->destination);
	json_number("from_port", udp->source);
	json_text("file", p.file);
	json_text("mode", p.mode);
	json_open("options", '{');
	if (p.options.has & TFTP_HAS_BLKSIZE)
		json_number("blksize", p.options.blksize);
	if (p.options.has & TFTP_HAS_TSIZE)
		json_number("tsize", p.options.tsize);
	if (p.options.has & TFTP_HAS_WINDOWSIZE)
		json_number("windowsize", p.options.windowsize);
	json_close('}');
	json_end();
}

static void dhcp_request(const struct ip *ip, const struct reader *payload)
{
	char server[IPADDR_TEXT];
	struct dhcp_message m;
	const char *type;

	if (!dhcp_parse(&m, payload->at, reader_left(payload)))
		return;
	type = dhcp_type_name(m.type);
	json_begin("request");
	json_text("protocol", "dhcp");
	json_text("server", ipaddr_format(&ip->destination, server));
	json_text("message", type ? type : "?");
	json_end();
}

void host_request(const uint8_t *frame, size_t length)
{
	struct reader r = reader_of(frame, length), segment, payload;
	struct ether ether;
	struct udp udp;
	struct ip ip;

	if (!ether_read(&r, &ether) || ether.type != ETHER_IP || !ip_read(&r, &ip, &segment) ||
		ip.protocol != IP_UDP || !udp_read(&segment, &ip, false, &udp, &payload))
		return;
	if (udp.destination == 67)
		dhcp_request(&ip, &payload);
	else
		tftp_request(&ip, &udp, &payload);
}
