// SPDX-License-Identifier: BSD-2-Clause
// The DHCP server machine with the pool and the decisions of the DHCP service behind it, against
// clients that say anything at any time: what it answers can be read, no address is two clients',
// and none is given that is not in the pool.
// Control bits: 0x10 a known hardware address is put in, 0x20 the addresses looked for are free,
// 0x40 they are not, 0x80 another server appears or goes. A proxy, of which nobody gets an address,
// is asked on port 4011 where 0x20 is set.
#include "server-stub/dhcpd_state.h"
#include "server-stub/log.h"
#include "netstack/wire/dhcp.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

#include <sys/eventfd.h>
#include <unistd.h>

enum { POOL = 6 };

static struct interfaces interfaces = {.count = 1, .list = {{
	.name = "br0", .index = 3, .hwaddr = {2, 0, 0, 0, 0, 1}, .ethernet = true,
	.address = {IP_V4, {10, 0, 0, 1}}, .prefix = 24,
}}};
static struct dhcpd d;
static struct probe probe;
static struct dhcpd_segment *const s = &d.segments[0];
static uint32_t asked_xid;

// Nobody reads what is said.
void log_say(enum log_level level, const char *part, const char *format, ...)
{
	(void)level;
	PROMISE(part && format);
}

void log_fault(const char *part, const struct fault *fault)
{
	char sentence[FAULT_SENTENCE];
	struct text t = text_of(sentence, sizeof sentence);

	(void)part;
	fault_sentence(fault, &t);
	PROMISE(!t.cut);
}

static void invariants(uint64_t now)
{
	const struct addresses *a = &d.networks.list[0].addresses;

	for (uint32_t i = 0; i < a->count; i++) {
		const struct address *e = &a->list[i];

		PROMISE((a->hashes[i] == 0) == (e->client.length == 0));
		PROMISE(e->state != ADDRESS_EXCLUDED || e->client.length == 0);
		PROMISE(!address_is_held(e, now) || e->client.length != 0);
		for (uint32_t k = 0; k < i; k++)
			PROMISE(!e->client.length || e->client.length != a->list[k].client.length ||
				memcmp(e->client.bytes, a->list[k].client.bytes, e->client.length) != 0);
	}
}

static void check_answer(const struct dhcp_message *m, uint64_t now)
{
	struct addresses *a = &d.networks.list[0].addresses;
	const struct address *e;

	PROMISE(m->op == DHCP_BOOTREPLY && m->xid == asked_xid);
	PROMISE(m->type == DHCPOFFER || m->type == DHCPACK || m->type == DHCPNAK);
	PROMISE(m->type != DHCPNAK || ipaddr_is_unset(&m->yiaddr));
	PROMISE(m->type != DHCPOFFER || ipaddr_is_unset(&m->yiaddr) == s->machine.cfg.proxy);
	PROMISE(m->type != DHCPNAK || !s->machine.cfg.proxy);
	if (ipaddr_is_unset(&m->yiaddr))
		return;
	PROMISE(addresses_contain(a, &m->yiaddr));
	e = &a->list[ipaddr_to_u32(&m->yiaddr) - a->first];
	PROMISE(e->state != ADDRESS_EXCLUDED && e->state != ADDRESS_RESTING && e->client.length);
	PROMISE(m->type != DHCPACK || address_is_held(e, now));
}

static void take(const uint8_t *packet, size_t length, bool pxe, uint64_t now)
{
	struct endpoint from = {.interface = 3}, to;
	struct endpoint client = {.addr = {IP_V4, {10, 0, 0, 9}}, .port = 4011, .interface = 3};
	uint8_t bytes[1472];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct dhcp_message m;

	d.packet = packet;
	d.length = length;
	d.now = now;
	if (pxe)
		dhcp_server_input_pxe(&s->machine, packet, length, &client, now);
	else
		dhcp_server_input(&s->machine, packet, length, &from, now);
	if (!dhcp_server_output(&s->machine, &w, &to, now))
		return;
	PROMISE(dhcp_parse(&m, bytes, writer_length(&w)));
	PROMISE(to.interface == 3 && !ipaddr_is_unset(&to.addr));
	check_answer(&m, now);
	PROMISE(!dhcp_server_output(&s->machine, &w, &to, now));
}

static void end_checks(bool in_use, uint64_t now)
{
	static struct arp_check ended[ARP_CHECKS];
	size_t count = 0;

	for (size_t i = 0; i < ARP_CHECKS; i++) {
		struct arp_check *check = &d.checks.list[i];

		if (!check->interface)
			continue;
		ended[count] = *check;
		ended[count++].in_use = in_use;
		events_timer(d.cfg.events, &check->timer, UINT64_MAX);
		check->interface = NULL;
	}
	for (size_t i = 0; i < count; i++) {
		struct reader xid = reader_of(ended[i].packet + 4, 4);

		asked_xid = read_u32(&xid);
		dhcp_answer_checked(s, &ended[i], now);
		take(ended[i].packet, ended[i].length, false, now);
	}
}

static void deliver(struct script_step *step, uint64_t now)
{
	size_t length = reader_left(&step->packet);
	uint8_t *block = malloc(length + 1), *packet = block + 1;
	struct reader xid;

	if (!block)
		return;
	read_bytes(&step->packet, packet, length);
	if (step->control & 0x10 && length >= DHCP_FIXED) {
		packet[0] = DHCP_BOOTREQUEST;
		packet[2] = 6;
		memcpy(packet + 28, "\x52\x54\0\0\0", 5);
	}
	if (length >= 8) {
		xid = reader_of(packet + 4, 4);
		asked_xid = read_u32(&xid);
	}
	take(packet, length, s->machine.cfg.proxy && step->control & 0x20, now);
	free(block);
}

static void start(uint8_t options, uint64_t now)
{
	static const struct ipaddr last = {IP_V4, {10, 0, 0, 99 + POOL}};
	struct dhcp_network *n = &d.networks.list[0];
	struct dhcp_server_config machine = {
		.address = interfaces.list[0].address,
		.proxy = options & 8,
		.owner = s,
		.find = dhcp_answer_find,
		.known = dhcp_answer_known,
		.grant = dhcp_answer_grant,
		.give_back = dhcp_answer_give_back,
	};

	d = (struct dhcpd){.cfg = {
		.events = events_new(),
		.interfaces = &interfaces,
		.mode = options & 8 ? DHCPD_PROXY : options & 1 ? DHCPD_POOL : DHCPD_AUTO,
		.lease_time = 60,
		.root_path = "/srv/root",
		.boot_bios = "lanyard.0",
		.boot_x64 = "lanyardx64.efi",
		.http_port = options & 4 ? 8080 : 0,
	}};
	probe = (struct probe){.state = PROBE_ALONE};
	*n = (struct dhcp_network){.own = interfaces.list[0].address, .prefix = 24,
		.first = ipaddr_v4(10, 0, 0, 100), .last = last};
	PROMISE(d.cfg.events && addresses_start(&n->addresses, &n->first, &n->last));
	addresses_exclude(&n->addresses, &last);
	d.networks.count = 1;
	d.networks.relayed = options & 2 ? n : NULL;
	*s = (struct dhcpd_segment){.d = &d, .interface = &interfaces.list[0],
		.router = &d.cfg.router[0], .network = n, .probe = &probe};
	dhcp_server_start(&s->machine, &machine, now);
	PROMISE(arp_checks_start(&d.checks, d.cfg.events, eventfd(0, EFD_CLOEXEC)));
}

static void stop(void)
{
	arp_checks_stop(&d.checks);
	close(d.checks.socket);
	addresses_end(&d.networks.list[0].addresses);
	events_free(d.cfg.events);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct reader script = reader_of(bytes, length);
	struct script_step step;
	uint64_t now = 1000;

	start(read_u8(&script), now);
	while (script_next(&script, &step)) {
		now += step.pause * 16;
		if (step.control & 0x80)
			probe.state = probe.state == PROBE_OTHER ? PROBE_ALONE : PROBE_OTHER;
		deliver(&step, now);
		invariants(now);
		if (step.control & 0x60)
			end_checks(step.control & 0x40, now);
		invariants(now);
	}
	stop();
	return 0;
}
