// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/dhcp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct random entropy;
struct dhcp_client_config config;
struct dhcp_client c;
uint64_t now;

const struct ipaddr server = {.family = IP_V4, .bytes = {10, 0, 0, 1}};
const struct ipaddr other = {.family = IP_V4, .bytes = {10, 0, 0, 2}};
const struct ipaddr address = {.family = IP_V4, .bytes = {10, 0, 0, 50}};
const struct ipaddr elsewhere = {.family = IP_V4, .bytes = {10, 0, 0, 60}};
const struct ipaddr everybody = {.family = IP_V4, .bytes = {255, 255, 255, 255}};
const struct ipaddr none;

int dhcp_play_reset(void **state)
{
	(void)state;
	now = 777000;
	random_seed(&entropy, (const uint8_t[16]){5});
	config = (struct dhcp_client_config){
		.random = &entropy,
		.hwaddr = {0x52, 0x54, 0, 0x12, 0x34, 0x56},
		.hwaddr_length = 6,
		.hwtype = 1,
		.start = DHCP_SELECTING,
		.arch = -1,
	};
	return 0;
}

void begin(void)
{
	dhcp_client_start(&c, &config, now);
}

// ---- the client's messages

static uint8_t sent[DHCP_PACKET];
struct dhcp_message m;
struct endpoint to;

bool output(void)
{
	struct writer w = writer_of(sent, sizeof sent);

	if (!dhcp_client_output(&c, &w, &to, now))
		return false;
	assert_true(writer_length(&w) >= DHCP_MINIMUM);
	assert_true(dhcp_parse(&m, sent, writer_length(&w)));
	assert_int_equal(m.op, DHCP_BOOTREQUEST);
	assert_memory_equal(m.chaddr, config.hwaddr, 6);
	assert_int_equal(to.port, DHCP_SERVER_PORT);
	return true;
}

void expect_silence(void)
{
	assert_false(output());
}

void expect_sent(uint8_t type, const struct ipaddr *destination)
{
	assert_true(output());
	assert_int_equal(m.type, type);
	assert_true(ipaddr_equal(&to.addr, destination));
	expect_silence();
}

struct ipaddr ip_option(uint8_t code)
{
	struct ipaddr a = none;

	dhcp_option_ips(&m, code, &a, 1);
	return a;
}

void expect_option(uint8_t code, const void *bytes, int length)
{
	uint8_t found[256];

	assert_int_equal(dhcp_option(&m, code, found, sizeof found), length);
	if (length > 0)
		assert_memory_equal(found, bytes, length);
}

void expect_request(void)
{
	struct ipaddr requested, chosen;

	expect_sent(DHCPREQUEST, &everybody);
	requested = ip_option(DHCP_OPTION_REQUESTED_ADDRESS);
	chosen = ip_option(DHCP_OPTION_SERVER_IDENTIFIER);
	assert_true(ipaddr_equal(&requested, &address));
	assert_true(ipaddr_equal(&chosen, &server));
	assert_true(ipaddr_is_unset(&m.ciaddr));
}

uint64_t wait_for_deadline(void)
{
	uint64_t before = now;

	expect_silence();
	now = dhcp_client_deadline(&c);
	assert_true(now > before && now != DEADLINE_NEVER);
	return now - before;
}

// ---- the servers' messages

size_t write_reply(uint8_t *to_bytes, uint8_t type, const struct change *x)
{
	struct writer w = writer_of(to_bytes, DHCP_PACKET);
	struct dhcp_message r = {.op = DHCP_BOOTREPLY, .htype = 1, .hlen = 6};

	r.op = x->request ? DHCP_BOOTREQUEST : DHCP_BOOTREPLY;
	r.xid = c.xid + x->xid_off;
	memcpy(r.chaddr, config.hwaddr, 6);
	r.chaddr[5] ^= x->chaddr_off;
	r.yiaddr = x->proxy || type == DHCPNAK ? none : x->yiaddr ? *x->yiaddr : address;
	r.giaddr = x->giaddr ? *x->giaddr : none;
	dhcp_write_header(&w, &r, NULL, x->file);
	if (!x->no_type)
		dhcp_write_u8(&w, DHCP_OPTION_MESSAGE_TYPE, type);
	if (!x->server || !ipaddr_is_unset(x->server))
		dhcp_write_ip(&w, DHCP_OPTION_SERVER_IDENTIFIER, x->server ? x->server : &server);
	if (type == DHCPNAK)
		dhcp_write_text(&w, DHCP_OPTION_MESSAGE, "wrong network");
	if (x->proxy)
		dhcp_write_text(&w, DHCP_OPTION_VENDOR_CLASS, "PXEClient");
	dhcp_write_u32(&w, DHCP_OPTION_LEASE_TIME, x->lease_time ? x->lease_time : 3600);
	dhcp_write_u32(&w, DHCP_OPTION_SUBNET_MASK, 0xffffff00);
	if (x->t1)
		dhcp_write_u32(&w, DHCP_OPTION_RENEWAL_TIME, x->t1);
	if (x->t2)
		dhcp_write_u32(&w, DHCP_OPTION_REBINDING_TIME, x->t2);
	dhcp_write_end(&w);
	return writer_length(&w);
}

void give_bytes(const void *bytes, size_t length)
{
	struct endpoint from = {.addr = server, .port = DHCP_SERVER_PORT};
	uint8_t *copy = test_malloc(length ? length : 1); // exact, for ASan

	memcpy(copy, bytes, length);
	dhcp_client_input(&c, copy, length, &from, now);
	test_free(copy);
}

void give(uint8_t type, struct change x)
{
	uint8_t bytes[DHCP_PACKET];

	give_bytes(bytes, write_reply(bytes, type, &x));
}

void discover_and_request(void)
{
	begin();
	expect_sent(DHCPDISCOVER, &everybody);
	GIVE(DHCPOFFER, 0);
	expect_request();
}

void bind_lease(uint32_t lease_time)
{
	discover_and_request();
	GIVE(DHCPACK, .lease_time = lease_time);
	assert_int_equal(dhcp_client_status(&c), MACHINE_DONE);
}

void expect_described(const char *words)
{
	char line[160];
	struct text text = text_of(line, sizeof line);

	dhcp_client_describe(&c, &text, now);
	if (!strstr(line, words))
		fail_msg("'%s' is not in '%s'", words, line);
}
