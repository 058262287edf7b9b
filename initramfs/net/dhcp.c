// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/net/dhcp.h"

int dhcp_begin(struct dhcp *d, int index, const struct dhcp_client_config *cfg, uint64_t now)
{
	int error = packet_open(&d->packet, index);

	if (error)
		return error;
	d->running = true;
	d->source = (struct ipaddr){0};
	d->error = 0;
	d->started = now;
	dhcp_client_start(&d->client, cfg, now);
	return 0;
}

int dhcp_use_address(struct dhcp *d, const char *name, const struct ipaddr *address)
{
	d->source = *address;
	return packet_bind(&d->packet, name, address);
}

int dhcp_resume(struct dhcp *d, const struct netlink_link *link, const struct ipaddr *address)
{
	int error = packet_open(&d->packet, link->index);

	if (error)
		return error;
	d->running = true;
	return dhcp_use_address(d, link->name, address);
}

void dhcp_step(struct dhcp *d, uint64_t now)
{
	struct packet_payload in;
	uint8_t message[DHCP_PACKET];
	struct writer w = writer_of(message, sizeof message);
	struct endpoint to;

	while (packet_receive(&d->packet, &in))
		dhcp_client_input(&d->client, in.bytes, in.length, &in.from, now);
	while (dhcp_client_output(&d->client, &w, &to, now)) {
		d->error = packet_send(&d->packet, &d->source, &to, message, writer_length(&w));
		w = writer_of(message, sizeof message);
	}
}

void dhcp_end(struct dhcp *d)
{
	if (d->running)
		packet_close(&d->packet);
	d->running = false;
}
