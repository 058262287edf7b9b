// SPDX-License-Identifier: BSD-2-Clause
// The DHCP client machine against servers played message by message: the lease that a boot ROM left,
// renewal to expiry, and nonsense.
#include "tests/sim/dhcp_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// ---- the ROM's lease

static void confirm(void)
{
	config.start = DHCP_RENEWING;
	config.address = address;
	config.server = server;
	begin();
	expect_sent(DHCPREQUEST, &server);
	assert_true(ipaddr_equal(&m.ciaddr, &address));
	expect_option(DHCP_OPTION_REQUESTED_ADDRESS, NULL, -1);
	expect_option(DHCP_OPTION_SERVER_IDENTIFIER, NULL, -1);
}

static void test_confirmed_by_unicast(void **state)
{
	(void)state;
	confirm();
	GIVE(DHCPACK, .yiaddr = &elsewhere);
	assert_int_equal(dhcp_client_status(&c), MACHINE_RUNNING);
	GIVE(DHCPACK, 0);
	assert_int_equal(dhcp_client_status(&c), MACHINE_DONE);
	assert_false(c.unicast_failed);
}

static void to_init_reboot(void)
{
	uint64_t start = now;
	struct ipaddr requested;

	confirm();
	while (!c.unicast_failed) {
		wait_for_deadline();
		assert_true(output());
	}
	assert_int_equal(now - start, 2000);
	assert_true(ipaddr_equal(&to.addr, &everybody));
	assert_true(ipaddr_is_unset(&m.ciaddr));
	requested = ip_option(DHCP_OPTION_REQUESTED_ADDRESS);
	assert_true(ipaddr_equal(&requested, &address));
	expect_option(DHCP_OPTION_SERVER_IDENTIFIER, NULL, -1);
}

static void test_silence_leads_to_init_reboot(void **state)
{
	(void)state;
	to_init_reboot();
	GIVE(DHCPACK, 0);
	assert_int_equal(dhcp_client_status(&c), MACHINE_DONE);
}

static void test_silence_leads_to_discover(void **state)
{
	uint64_t start = now;

	(void)state;
	to_init_reboot();
	for (; m.type == DHCPREQUEST; assert_true(output()))
		wait_for_deadline();
	assert_int_equal(now - start, 6000);
	assert_int_equal(m.type, DHCPDISCOVER);
	GIVE(DHCPOFFER, .server = &other, .yiaddr = &elsewhere);
	assert_true(output());
	GIVE(DHCPACK, .server = &other, .yiaddr = &elsewhere);
	assert_true(ipaddr_equal(&c.lease.address, &elsewhere));
}

static void test_nak_from_the_recorded_server_only(void **state)
{
	(void)state;
	to_init_reboot();
	GIVE(DHCPNAK, .server = &other);
	GIVE(DHCPNAK, .server = &none);
	expect_silence();
	assert_int_equal(c.state, DHCP_REBOOTING);
	GIVE(DHCPNAK, 0);
	expect_sent(DHCPDISCOVER, &everybody);
	assert_int_equal(c.fault.id, FAULT_DHCP_NAK);
}

static void test_server_not_recorded(void **state)
{
	(void)state;
	config.start = DHCP_RENEWING;
	config.address = address;
	begin();
	expect_sent(DHCPREQUEST, &everybody);
	assert_int_equal(c.state, DHCP_REBOOTING);
	GIVE(DHCPNAK, .server = &other);
	expect_sent(DHCPDISCOVER, &everybody);
}

// ---- the lease's life

static void test_renewal(void **state)
{
	uint64_t bound = now;

	(void)state;
	bind_lease(1000);
	now = dhcp_client_renewal(&c);
	assert_int_equal(now, bound + 500000);
	dhcp_client_renew(&c, now);
	expect_sent(DHCPREQUEST, &server);
	assert_true(ipaddr_equal(&m.ciaddr, &address));
	assert_true(ipaddr_equal(&c.lease.address, &address)); // still in force
	GIVE(DHCPACK, .lease_time = 1000);
	assert_int_equal(dhcp_client_status(&c), MACHINE_DONE);
	assert_int_equal(dhcp_client_renewal(&c), now + 500000);
}

static void test_rebinding_then_expiry(void **state)
{
	uint64_t bound = now;

	(void)state;
	bind_lease(1000);
	now = bound + 500000;
	dhcp_client_renew(&c, now);
	expect_sent(DHCPREQUEST, &server);
	while (c.state == DHCP_RENEWING) {
		wait_for_deadline();
		output();
	}
	assert_int_equal(now, bound + 875000);
	assert_true(ipaddr_equal(&to.addr, &everybody));
	assert_true(ipaddr_equal(&m.ciaddr, &address));
	while (c.state == DHCP_REBINDING) {
		wait_for_deadline();
		output();
	}
	assert_int_equal(now, bound + 1000000);
	assert_int_equal(m.type, DHCPDISCOVER);
	assert_false(c.held);
}

// RFC 2131 section 4.4.5: after some quick tries a silent server is asked at least a minute apart, and
// half of the time that is left.
static void test_renewal_is_patient(void **state)
{
	uint64_t bound = now, last;
	unsigned tries = 0;

	(void)state;
	bind_lease(86400);
	now = last = bound + 43200000;
	dhcp_client_renew(&c, now);
	for (; c.state == DHCP_RENEWING; wait_for_deadline())
		if (output() && c.state == DHCP_RENEWING) {
			assert_true(++tries <= 9 || now - last >= 52500);
			last = now;
		}
	assert_true(tries > 12 && tries < 60);
	assert_true(c.rebind - last <= 120000); // it does not sleep through the end
}

static void test_another_server_takes_over(void **state)
{
	uint64_t bound = now;

	(void)state;
	bind_lease(1000);
	now = bound + 900000;
	dhcp_client_renew(&c, now);
	expect_sent(DHCPREQUEST, &everybody);
	GIVE(DHCPNAK, .server = &other);
	GIVE(DHCPACK, .server = &other, .yiaddr = &elsewhere);
	assert_int_equal(dhcp_client_status(&c), MACHINE_RUNNING);
	GIVE(DHCPACK, .server = &other);
	assert_int_equal(dhcp_client_status(&c), MACHINE_DONE);
	assert_true(ipaddr_equal(&c.server, &other));
}

static void test_renewal_refused(void **state)
{
	(void)state;
	bind_lease(1000);
	dhcp_client_renew(&c, now + 1000);
	now += 1000;
	expect_sent(DHCPREQUEST, &server);
	GIVE(DHCPNAK, 0);
	assert_false(c.held);
	expect_sent(DHCPDISCOVER, &everybody);
}

static void test_lease_without_end_and_absurd_ones(void **state)
{
	(void)state;
	bind_lease(LEASE_FOREVER);
	assert_int_equal(dhcp_client_renewal(&c), DEADLINE_NEVER);
	assert_int_equal(c.expires, DEADLINE_NEVER);
	dhcp_play_reset(NULL);
	bind_lease(LEASE_FOREVER - 1);
	assert_int_equal(c.expires, now + 4294967294000);
	dhcp_play_reset(NULL);
	bind_lease(1);
	assert_true(dhcp_client_renewal(&c) >= now + 1000);
	dhcp_play_reset(NULL);
	discover_and_request();
	GIVE(DHCPACK, .lease_time = 100, .t1 = 90, .t2 = 80);
	assert_true(dhcp_client_renewal(&c) <= c.rebind && c.rebind <= c.expires);
}

// ---- nonsense

static void test_every_truncation_and_random_damage(void **state)
{
	static const uint8_t types[] = {DHCPOFFER, DHCPACK, DHCPNAK};
	uint8_t bytes[DHCP_PACKET];
	struct change x = {.file = "lanyard.0", .proxy = true};

	(void)state;
	for (int i = 0; i < 3; i++) {
		discover_and_request();
		for (size_t length = write_reply(bytes, types[i], &x); length-- > 0;) {
			give_bytes(bytes, length);
			output();
		}
	}
	for (int i = 0; i < 20000; i++) {
		size_t length;

		if (i % 50 == 0)
			begin();
		output();
		x.proxy = random_below(&entropy, 4) == 0;
		length = write_reply(bytes, types[random_below(&entropy, 3)], &x);
		for (unsigned n = random_below(&entropy, 6); n; n--)
			bytes[236 + random_below(&entropy, (uint32_t)length - 236)] = (uint8_t)random_u32(&entropy);
		give_bytes(bytes, length);
		now += random_below(&entropy, 1000);
		if (random_below(&entropy, 20) == 0 && dhcp_client_status(&c) == MACHINE_DONE)
			dhcp_client_renew(&c, now);
		for (int k = 0; output(); k++)
			assert_true(k < 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, dhcp_play_reset)
		CASE(test_confirmed_by_unicast),
		CASE(test_silence_leads_to_init_reboot),
		CASE(test_silence_leads_to_discover),
		CASE(test_nak_from_the_recorded_server_only),
		CASE(test_server_not_recorded),
		CASE(test_renewal),
		CASE(test_renewal_is_patient),
		CASE(test_rebinding_then_expiry),
		CASE(test_another_server_takes_over),
		CASE(test_renewal_refused),
		CASE(test_lease_without_end_and_absurd_ones),
		CASE(test_every_truncation_and_random_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
