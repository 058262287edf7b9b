// SPDX-License-Identifier: BSD-2-Clause
// What the boot program asks of servers, read from the frames that it sends: so every request is
// seen as it is on the wire, and each time that it is sent.
#include "netstack/wire/dhcp.h"
#include "netstack/wire/ether.h"
#include "netstack/wire/tcp.h"
#include "netstack/wire/tftp.h"
#include "netstack/wire/udp.h"
#include "tests/host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

// The name asked for, with dots.
static void dns_request(const struct ip *ip, struct reader *payload)
{
	char server[IPADDR_TEXT], name[256] = "";
	uint8_t length;

	read_skip(payload, 12);
	while ((length = read_u8(payload)) && !payload->failed && strlen(name) + length + 2 < sizeof name) {
		if (name[0])
			strcat(name, ".");
		for (; length; length--)
			strncat(name, (const char[]){(char)read_u8(payload), 0}, 1);
	}
	json_begin("request");
	json_text("protocol", "dns");
	json_text("server", ipaddr_format(&ip->destination, server));
	json_text("name", name);
	json_end();
}

// A segment that begins with a request; one that is repeated is told again.
static void http_request(const struct ip *ip, const struct tcp *tcp, const struct reader *payload)
{
	char server[IPADDR_TEXT], text[2048], method[8], file[1024];
	size_t length = reader_left(payload);
	const char *range;

	if (length >= sizeof text)
		return;
	memcpy(text, payload->at, length);
	text[length] = 0;
	if (sscanf(text, "%7[A-Z] %1023s HTTP/1.1", method, file) != 2)
		return;
	json_begin("request");
	json_text("protocol", "http");
	json_text("server", ipaddr_format(&ip->destination, server));
	json_number("port", tcp->destination);
	json_number("from_port", tcp->source);
	json_text("method", method);
	json_text("file", file);
	range = strstr(text, "Range: bytes=");
	if (range)
		json_number("from", strtoul(range + 13, NULL, 10));
	json_end();
}

static void tcp_request(const struct ip *ip, struct reader *segment)
{
	struct reader payload;
	struct tcp tcp;

	if (tcp_read(segment, ip, false, &tcp, &payload) && reader_left(&payload))
		http_request(ip, &tcp, &payload);
}

void host_request(const uint8_t *frame, size_t length)
{
	struct reader r = reader_of(frame, length), segment, payload;
	struct ether ether;
	struct udp udp;
	struct ip ip;

	if (!ether_read(&r, &ether) || ether.type != ETHER_IP || !ip_read(&r, &ip, &segment))
		return;
	if (ip.protocol == IP_TCP)
		tcp_request(&ip, &segment);
	if (ip.protocol != IP_UDP || !udp_read(&segment, &ip, false, &udp, &payload))
		return;
	if (udp.destination == 67)
		dhcp_request(&ip, &payload);
	else if (udp.destination == 53)
		dns_request(&ip, &payload);
	else
		tftp_request(&ip, &udp, &payload);
}
