// SPDX-License-Identifier: BSD-2-Clause
// The DHCPv6 client machine against servers that say anything at any time: what it sends can be read, it
// is never due without end, and a lease that it reports is usable.
// Control bits: 0x10 our transaction id and identifier are put in front, 0x20 renew, confirm or decline
// if it is bound, 0x40 time runs on to the next deadline first, 0x80 to the one after it.
#include "netstack/dhcp6_client.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

enum { IAID = 0x12345601 };

static const uint8_t hwaddr[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x01};

static void drain(struct dhcp6_client *c, uint64_t now)
{
	uint8_t buffer[DHCP6_PACKET];
	int sent = 0;

	for (;;) {
		struct writer w = writer_of(buffer, sizeof buffer);
		struct dhcp6_message m;
		struct endpoint to;

		if (!dhcp6_client_output(c, &w, &to, now))
			break;
		PROMISE(++sent < 5);
		PROMISE(dhcp6_read(&m, buffer, writer_length(&w), IAID));
		PROMISE(m.xid == c->xid && m.client.length);
		PROMISE(ipaddr_is_multicast(&to.addr) && to.port == DHCP6_SERVER_PORT);
	}
	PROMISE(dhcp6_client_deadline(c) > now);
	if (dhcp6_client_status(c) != MACHINE_DONE || c->cfg.inform)
		return;
	PROMISE(c->held && ipaddr_is_host(&c->lease.address));
	PROMISE(dhcp6_client_renewal(c) > c->bound && c->rebind >= dhcp6_client_renewal(c));
	PROMISE(c->lease.renewal_time >= 8);
}

static void deliver(struct dhcp6_client *c, struct script_step *step, uint64_t now)
{
	struct endpoint from = {{IP_V6, {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}, 0, 547};
	size_t length = reader_left(&step->packet), room = length + 32;
	uint8_t *block = malloc(room);
	struct writer w = writer_of(block, room);

	if (!block)
		return;
	if (step->control & 0x10 && length) {
		dhcp6_write_header(&w, read_u8(&step->packet), c->xid);
		dhcp6_write_option(&w, DHCP6_OPTION_CLIENTID, c->cfg.duid.bytes, c->cfg.duid.length);
	}
	write_bytes(&w, step->packet.at, reader_left(&step->packet));
	dhcp6_client_input(c, block, writer_length(&w), &from, now);
	free(block);
}

static uint64_t later(const struct dhcp6_client *c, uint64_t now)
{
	uint64_t deadline = dhcp6_client_deadline(c);

	return deadline == DEADLINE_NEVER || deadline < now ? now : deadline;
}

static void use(struct dhcp6_client *c, unsigned step, uint64_t now)
{
	if (dhcp6_client_status(c) != MACHINE_DONE || c->cfg.inform)
		return;
	if (step % 3 == 0)
		dhcp6_client_confirm(c, now);
	else if (step % 3 == 1)
		dhcp6_client_renew(c, now);
	else
		dhcp6_client_decline(c, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct random random;
	struct reader script = reader_of(bytes, length);
	uint8_t options = read_u8(&script), seed[16] = {options};
	struct dhcp6_client_config cfg = {
		.random = &random,
		.duid = dhcp6_duid_ll(hwaddr),
		.iaid = IAID,
		.inform = options & 1,
		.hostname = options & 2 ? "ws1" : NULL,
	};
	struct dhcp6_client c;
	struct script_step step;
	uint64_t now = 1000;

	random_seed(&random, seed);
	dhcp6_client_start(&c, &cfg, now);
	drain(&c, now);
	for (unsigned i = options >> 2; script_next(&script, &step); i++) {
		now += step.pause;
		if (step.control & 0x40)
			now = later(&c, now);
		drain(&c, now);
		if (step.control & 0x80)
			now = later(&c, now);
		drain(&c, now);
		if (step.control & 0x20)
			use(&c, i, now);
		drain(&c, now);
		deliver(&c, &step, now);
		drain(&c, now);
		PROMISE(dhcp6_client_awaits(&c)[0]);
	}
	return 0;
}
