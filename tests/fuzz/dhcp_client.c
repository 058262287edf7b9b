// SPDX-License-Identifier: BSD-2-Clause
// The DHCP client machine against servers that say anything at any time: what it sends can be read,
// it is never due without end, and a lease that it reports is usable.
// Control bits: 0x10 our xid and hardware address are put in, 0x20 renew now if it is bound, 0x40
// time runs on to the next deadline first, 0x80 to the one after it.
#include "netstack/dhcp_client.h"
#include "netstack/wire/dhcp.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

static const uint8_t hwaddr[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

static void drain(struct dhcp_client *c, uint64_t now)
{
	uint8_t buffer[DHCP_PACKET];
	int sent = 0;

	for (;;) {
		struct writer w = writer_of(buffer, sizeof buffer);
		struct dhcp_message m;
		struct endpoint to;

		if (!dhcp_client_output(c, &w, &to, now))
			break;
		PROMISE(++sent < 5);
		PROMISE(dhcp_parse(&m, buffer, writer_length(&w)));
		PROMISE(m.op == DHCP_BOOTREQUEST && m.type != 0 && m.xid == c->xid);
		PROMISE(!ipaddr_is_unset(&to.addr) && to.port == DHCP_SERVER_PORT);
	}
	PROMISE(dhcp_client_deadline(c) > now);
	if (dhcp_client_status(c) == MACHINE_DONE)
		PROMISE(ipaddr_is_host(&c->lease.address) && dhcp_client_renewal(c) > c->bound);
}

static void deliver(struct dhcp_client *c, struct script_step *step, uint64_t now)
{
	struct endpoint from = {ipaddr_v4(10, 77, 0, 1), 0, DHCP_SERVER_PORT};
	size_t length = reader_left(&step->packet);
	uint8_t *block = malloc(length + 1), *packet = block + 1;
	struct writer w = writer_of(packet, length);

	if (!block)
		return;
	read_bytes(&step->packet, packet, length);
	if (step->control & 0x10 && length >= DHCP_FIXED) {
		memcpy(packet + 28, hwaddr, sizeof hwaddr);
		packet[2] = sizeof hwaddr;
		w.at += 4;
		write_u32(&w, c->xid);
	}
	dhcp_client_input(c, packet, length, &from, now);
	free(block);
}

static uint64_t later(const struct dhcp_client *c, uint64_t now)
{
	uint64_t deadline = dhcp_client_deadline(c);

	return deadline == DEADLINE_NEVER || deadline < now ? now : deadline;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint8_t id[] = {1, 0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
	struct random random;
	struct reader script = reader_of(bytes, length);
	uint8_t options = read_u8(&script), seed[16] = {options};
	struct dhcp_client_config cfg = {
		.random = &random,
		.hwaddr_length = sizeof hwaddr,
		.hwtype = 1,
		.start = options & 1 ? DHCP_RENEWING : options & 2 ? DHCP_REBOOTING : DHCP_SELECTING,
		.address = ipaddr_v4(10, 77, 0, 50),
		.server = ipaddr_v4(10, 77, 0, 1),
		.client_id = options & 4 ? id : NULL,
		.client_id_length = sizeof id,
		.vendor_class = options & 8 ? "PXEClient:Arch:00000:UNDI:002001" : NULL,
		.arch = options & 8 ? 0 : -1,
		.broadcast = options & 16,
		.proxy_wait = options & 32 ? 300 : 0,
	};
	struct dhcp_client c;
	struct script_step step;
	uint64_t now = 1000;
	char words[200];

	memcpy(cfg.hwaddr, hwaddr, sizeof hwaddr);
	random_seed(&random, seed);
	dhcp_client_start(&c, &cfg, now);
	drain(&c, now);
	while (script_next(&script, &step)) {
		struct text t = text_of(words, sizeof words);

		now += step.pause;
		if (step.control & 0x40)
			now = later(&c, now);
		drain(&c, now);
		if (step.control & 0x80)
			now = later(&c, now);
		drain(&c, now);
		if (step.control & 0x20 && dhcp_client_status(&c) == MACHINE_DONE)
			dhcp_client_renew(&c, now);
		deliver(&c, &step, now);
		drain(&c, now);
		dhcp_client_describe(&c, &t, now);
		PROMISE(!t.cut);
	}
	return 0;
}
