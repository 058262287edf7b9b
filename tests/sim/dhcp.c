// SPDX-License-Identifier: BSD-2-Clause
// The DHCP client machine against servers played message by message: from DISCOVER to a lease
// (RFC 2131), and proxyDHCP (RFC 4578, PXE specification).
#include "tests/sim/dhcp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// ---- from DISCOVER to a lease

static void test_lease(void **state)
{
	uint32_t xid;

	(void)state;
	begin();
	assert_int_equal(dhcp_client_deadline(&c), now);
	expect_sent(DHCPDISCOVER, &everybody);
	xid = m.xid;
	expect_option(DHCP_OPTION_CLIENT_ID, NULL, -1);
	expect_option(DHCP_OPTION_CLIENT_ARCH, NULL, -1);
	expect_option(DHCP_OPTION_CLIENT_NDI, NULL, -1);
	expect_option(DHCP_OPTION_CLIENT_UUID, NULL, -1);
	expect_option(DHCP_OPTION_VENDOR_CLASS, NULL, -1);
	expect_option(DHCP_OPTION_HOST_NAME, NULL, -1);
	assert_int_equal(m.flags, 0);
	GIVE(DHCPOFFER, 0);
	expect_request();
	assert_int_equal(m.xid, xid);
	assert_int_equal(m.secs, 0);
	expect_described("10.0.0.50 from 10.0.0.1");
	GIVE(DHCPACK, .lease_time = 1000);
	expect_silence();
	assert_int_equal(dhcp_client_status(&c), MACHINE_DONE);
	assert_true(ipaddr_equal(&c.lease.address, &address));
	assert_int_equal(c.lease.prefix, 24);
	assert_int_equal(dhcp_client_deadline(&c), DEADLINE_NEVER);
	assert_int_equal(dhcp_client_renewal(&c), now + 500000);
	assert_true(c.discover.length && c.offer.length && c.ack.length && !c.proxy.length);
	assert_true(dhcp_parse(&m, c.discover.bytes, c.discover.length));
	assert_int_equal(m.type, DHCPDISCOVER);
	assert_true(dhcp_parse(&m, c.ack.bytes, c.ack.length));
	assert_int_equal(m.type, DHCPACK);
}

static void test_identity(void **state)
{
	static const uint8_t id[] = {1, 0x52, 0x54, 0, 0x12, 0x34, 0x56}, undi[] = {1, 3, 16};
	static const uint8_t uuid[16] = {0xde, 0xad, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	uint8_t option[17] = {0};

	(void)state;
	memcpy(option + 1, uuid, 16);
	config.client_id = id;
	config.client_id_length = sizeof id;
	config.vendor_class = "PXEClient:Arch:00007:UNDI:003016";
	config.user_class = "lanyard";
	config.hostname = "ws1";
	config.uuid = uuid;
	config.arch = 7;
	config.broadcast = true;
	begin();
	expect_sent(DHCPDISCOVER, &everybody);
	for (int i = 0; i < 2; i++) {
		expect_option(DHCP_OPTION_CLIENT_ID, id, sizeof id);
		expect_option(DHCP_OPTION_VENDOR_CLASS, config.vendor_class, 32);
		expect_option(DHCP_OPTION_USER_CLASS, "lanyard", 7);
		expect_option(DHCP_OPTION_HOST_NAME, "ws1", 3);
		expect_option(DHCP_OPTION_CLIENT_ARCH, "\0\7", 2);
		expect_option(DHCP_OPTION_CLIENT_NDI, undi, 3);
		expect_option(DHCP_OPTION_CLIENT_UUID, option, 17);
		expect_option(DHCP_OPTION_MAXIMUM_SIZE, "\5\300", 2);
		assert_int_equal(m.flags, 0x8000);
		if (i)
			break;
		GIVE(DHCPOFFER, 0);
		expect_request();
	}
	GIVE(DHCPACK, 0);
	assert_int_equal(c.lease.client_id_length, sizeof id);
	assert_memory_equal(c.lease.client_id, id, sizeof id);
}

static void test_options_asked_for(void **state)
{
	static const uint8_t wanted[] = {1, 3, 6, 12, 15, 17, 26, 28, 33, 40, 42, 51, 54, 58, 59, 66, 67,
		119, 121, 7, 100, 101, 43, 60, 209, 210, 211, 224};
	uint8_t list[255];
	int length, at_121 = 0, at_3 = 0;

	(void)state;
	begin();
	expect_sent(DHCPDISCOVER, &everybody);
	length = dhcp_option(&m, DHCP_OPTION_PARAMETER_LIST, list, sizeof list);
	assert_in_range(length, sizeof wanted, 64);
	for (size_t i = 0; i < sizeof wanted; i++)
		assert_non_null(memchr(list, wanted[i], (size_t)length));
	for (int i = 0; i < length; i++) {
		at_121 = list[i] == 121 ? i : at_121;
		at_3 = list[i] == 3 ? i : at_3;
	}
	assert_true(at_121 < at_3); // RFC 3442
}

static void test_repeats_without_end(void **state)
{
	uint64_t expected = 500, begin_time = now;

	(void)state;
	begin();
	expect_sent(DHCPDISCOVER, &everybody);
	for (int i = 0; i < 100; i++) {
		uint64_t waited = wait_for_deadline();

		assert_in_range(waited, expected * 7 / 8, expected * 9 / 8);
		expect_sent(DHCPDISCOVER, &everybody);
		assert_int_equal(m.secs, (now - begin_time) / 1000);
		expected = expected * 2 > 16000 ? 16000 : expected * 2;
	}
	expect_described("DHCPDISCOVER (try 101");
	assert_int_equal(dhcp_client_status(&c), MACHINE_RUNNING);
	GIVE(DHCPOFFER, 0);
	expect_request();
}

static void test_request_keeps_the_secs(void **state)
{
	uint16_t secs;

	(void)state;
	begin();
	now += 3000;
	expect_sent(DHCPDISCOVER, &everybody);
	secs = m.secs;
	assert_int_equal(secs, 3);
	now += 200;
	GIVE(DHCPOFFER, 0);
	expect_request();
	assert_int_equal(m.secs, secs);
	now += 2000;
	expect_request();
	assert_int_equal(m.secs, secs);
}

static void test_foreign_messages_are_ignored(void **state)
{
	(void)state;
	begin();
	GIVE(DHCPOFFER, 0); // nothing was asked yet
	expect_sent(DHCPDISCOVER, &everybody);
	GIVE(DHCPOFFER, .xid_off = 1);
	GIVE(DHCPOFFER, .chaddr_off = true);
	GIVE(DHCPOFFER, .request = true);
	GIVE(DHCPOFFER, .no_type = true); // BOOTP
	GIVE(DHCPOFFER, .server = &none);
	GIVE(DHCPOFFER, .server = &everybody);
	GIVE(DHCPACK, 0);
	GIVE(DHCPNAK, 0);
	GIVE(DHCPINFORM, 0);
	GIVE(99, 0);
	expect_silence();
	assert_int_equal(c.state, DHCP_SELECTING);
	assert_int_equal(c.offer.length, 0);
}

static void test_offer_of_no_address(void **state)
{
	struct ipaddr group = ipaddr_v4(224, 0, 0, 1), loop = ipaddr_v4(127, 0, 0, 1);

	(void)state;
	begin();
	expect_sent(DHCPDISCOVER, &everybody);
	GIVE(DHCPOFFER, .yiaddr = &none);
	assert_int_equal(c.fault.id, FAULT_DHCP_BAD);
	GIVE(DHCPOFFER, .yiaddr = &group);
	GIVE(DHCPOFFER, .yiaddr = &loop);
	GIVE(DHCPOFFER, .yiaddr = &everybody);
	expect_silence();
	GIVE(DHCPOFFER, 0);
	expect_request();
}

static void test_servers_that_disagree(void **state)
{
	(void)state;
	begin();
	expect_sent(DHCPDISCOVER, &everybody);
	GIVE(DHCPOFFER, 0);
	GIVE(DHCPOFFER, .server = &other, .yiaddr = &elsewhere);
	expect_request();
	GIVE(DHCPACK, .server = &other, .yiaddr = &elsewhere);
	GIVE(DHCPNAK, .server = &other);
	GIVE(DHCPNAK, .server = &none);
	expect_silence();
	assert_int_equal(dhcp_client_status(&c), MACHINE_RUNNING);
	GIVE(DHCPACK, 0);
	assert_int_equal(dhcp_client_status(&c), MACHINE_DONE);
	assert_true(ipaddr_equal(&c.lease.address, &address));
}

static void test_nak_after_offer(void **state)
{
	uint32_t xid;

	(void)state;
	discover_and_request();
	xid = m.xid;
	GIVE(DHCPNAK, 0);
	assert_int_equal(c.fault.id, FAULT_DHCP_NAK);
	assert_string_equal(c.fault.facts, "10.0.0.50 (10.0.0.1 says: wrong network)");
	expect_sent(DHCPDISCOVER, &everybody);
	assert_int_not_equal(m.xid, xid);
	GIVE(DHCPOFFER, 0);
	expect_request();
	GIVE(DHCPACK, 0);
	assert_int_equal(dhcp_client_status(&c), MACHINE_DONE);
}

// A server that offers and refuses for ever is asked more and more slowly.
static void test_naks_without_end(void **state)
{
	unsigned discovers = 0;
	uint64_t end = now + 120000;

	(void)state;
	begin();
	while (now < end) {
		if (!output()) {
			now = dhcp_client_deadline(&c);
			continue;
		}
		if (m.type == DHCPDISCOVER) {
			discovers++;
			GIVE(DHCPOFFER, 0);
		} else {
			GIVE(DHCPNAK, 0);
		}
	}
	assert_in_range(discovers, 5, 20);
}

static void test_no_answer_to_request(void **state)
{
	uint64_t start;

	(void)state;
	discover_and_request();
	for (start = now; m.type == DHCPREQUEST; assert_true(output()))
		wait_for_deadline();
	assert_in_range(now - start, 7000, 9000);
	assert_int_equal(m.type, DHCPDISCOVER);
	GIVE(DHCPOFFER, .server = &other, .yiaddr = &elsewhere);
	assert_true(output());
	GIVE(DHCPACK, .server = &other, .yiaddr = &elsewhere);
	assert_int_equal(dhcp_client_status(&c), MACHINE_DONE);
}

static void test_relay_is_no_server_and_no_router(void **state)
{
	struct ipaddr relay = ipaddr_v4(10, 0, 0, 254);

	(void)state;
	begin();
	expect_sent(DHCPDISCOVER, &everybody);
	GIVE(DHCPOFFER, .giaddr = &relay);
	expect_request();
	GIVE(DHCPACK, .giaddr = &relay);
	assert_true(ipaddr_equal(&c.lease.server_id, &server));
	assert_true(ipaddr_is_unset(&c.lease.routers[0]));
	dhcp_client_renew(&c, now);
	expect_sent(DHCPREQUEST, &server);
}

static void test_file_of_128_characters(void **state)
{
	uint8_t bytes[DHCP_PACKET];
	struct change x = {0};
	size_t length;

	(void)state;
	discover_and_request();
	length = write_reply(bytes, DHCPACK, &x);
	memset(bytes + 108, 'f', 128);
	give_bytes(bytes, length);
	assert_int_equal(dhcp_client_status(&c), MACHINE_DONE);
	assert_int_equal(strlen(c.lease.boot_file), 128);
}

// ---- proxyDHCP

static void start_for_boot(void)
{
	config.arch = 0;
	config.proxy_wait = 1500;
	begin();
	expect_sent(DHCPDISCOVER, &everybody);
}

static void test_proxy_before_the_offer(void **state)
{
	(void)state;
	start_for_boot();
	GIVE(DHCPOFFER, .proxy = true, .server = &other, .file = "lanyard.0");
	expect_silence();
	expect_described("only a proxyDHCP server");
	GIVE(DHCPOFFER, 0);
	expect_request();
	GIVE(DHCPACK, 0);
	assert_string_equal(c.lease.boot_file, "lanyard.0");
	assert_true(ipaddr_equal(&c.lease.server_id, &server));
	assert_true(c.proxy.length);
}

static void test_proxy_after_the_offer(void **state)
{
	(void)state;
	start_for_boot();
	GIVE(DHCPOFFER, 0);
	expect_silence();
	expect_described("a proxyDHCP server (10.0.0.1 has offered 10.0.0.50)");
	now += 300;
	GIVE(DHCPOFFER, .proxy = true, .server = &other, .file = "lanyard.0");
	expect_request();
}

static void test_ack_before_the_request(void **state)
{
	(void)state;
	start_for_boot();
	GIVE(DHCPOFFER, 0);
	GIVE(DHCPACK, 0);
	GIVE(DHCPNAK, 0);
	expect_silence();
	assert_int_equal(c.state, DHCP_SELECTING);
	assert_int_equal(dhcp_client_status(&c), MACHINE_RUNNING);
}

static void test_no_proxy(void **state)
{
	uint64_t offered;

	(void)state;
	start_for_boot();
	GIVE(DHCPOFFER, 0);
	for (offered = now; m.type == DHCPDISCOVER; assert_true(output()))
		wait_for_deadline();
	assert_int_equal(now - offered, 1500);
	assert_int_equal(m.type, DHCPREQUEST);
	GIVE(DHCPACK, 0);
	assert_int_equal(c.proxy.length, 0);
}

static void test_offer_with_file_needs_no_proxy(void **state)
{
	(void)state;
	start_for_boot();
	GIVE(DHCPOFFER, .file = "pxelinux.0");
	expect_request();
}

static void test_offer_with_file_is_preferred(void **state)
{
	(void)state;
	start_for_boot();
	GIVE(DHCPOFFER, .server = &other, .yiaddr = &elsewhere);
	expect_silence();
	now += 100;
	GIVE(DHCPOFFER, .file = "pxelinux.0");
	expect_request();
}

static void test_proxy_only(void **state)
{
	(void)state;
	start_for_boot();
	GIVE(DHCPOFFER, .proxy = true, .server = &other, .file = "lanyard.0");
	for (int i = 0; i < 20; i++) {
		wait_for_deadline();
		expect_sent(DHCPDISCOVER, &everybody);
	}
	expect_described("only a proxyDHCP server");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, dhcp_play_reset)
		CASE(test_lease),
		CASE(test_identity),
		CASE(test_options_asked_for),
		CASE(test_repeats_without_end),
		CASE(test_request_keeps_the_secs),
		CASE(test_foreign_messages_are_ignored),
		CASE(test_offer_of_no_address),
		CASE(test_servers_that_disagree),
		CASE(test_nak_after_offer),
		CASE(test_naks_without_end),
		CASE(test_no_answer_to_request),
		CASE(test_relay_is_no_server_and_no_router),
		CASE(test_file_of_128_characters),
		CASE(test_proxy_before_the_offer),
		CASE(test_proxy_after_the_offer),
		CASE(test_ack_before_the_request),
		CASE(test_no_proxy),
		CASE(test_offer_with_file_needs_no_proxy),
		CASE(test_offer_with_file_is_preferred),
		CASE(test_proxy_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
