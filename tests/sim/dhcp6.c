// SPDX-License-Identifier: BSD-2-Clause
// The DHCPv6 client machine against servers played message by message: offers, refusals, renewal, the
// ends of leases, and the times of RFC 8415 sections 7.6 and 15.
#include "netstack/dhcp6_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { IAID = 0x00123401 };

static const uint8_t hwaddr[6] = {0x52, 0x54, 0, 0x12, 0x34, 1};
static const struct ipaddr first = {IP_V6, {0xfd, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x10}};
static const struct ipaddr second = {IP_V6, {0xfd, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x20}};

static struct random entropy;
static struct dhcp6_client_config config;
static struct dhcp6_client c;
static uint64_t now;
static struct dhcp6_message sent;
static uint8_t sent_bytes[DHCP6_PACKET];

static int reset(void **state)
{
	(void)state;
	now = 777000;
	random_seed(&entropy, (const uint8_t[16]){5});
	config = (struct dhcp6_client_config){.random = &entropy, .duid = dhcp6_duid_ll(hwaddr),
		.iaid = IAID};
	return 0;
}

static void begin(void)
{
	dhcp6_client_start(&c, &config, now);
}

static bool output(void)
{
	struct writer w = writer_of(sent_bytes, sizeof sent_bytes);
	struct endpoint to;

	if (!dhcp6_client_output(&c, &w, &to, now))
		return false;
	assert_true(dhcp6_read(&sent, sent_bytes, writer_length(&w), IAID));
	assert_true(dhcp6_duid_equal(&sent.client, &config.duid));
	assert_int_equal(to.port, DHCP6_SERVER_PORT);
	assert_memory_equal(to.addr.bytes, "\xff\2\0\0\0\0\0\0\0\0\0\0\0\1\0\2", 16);
	return true;
}

static void expect_sent(uint8_t type)
{
	assert_true(output());
	assert_int_equal(sent.type, type);
	assert_false(output());
}

// Lets time pass until something is due; gives how much (ms).
static uint32_t pass(void)
{
	uint64_t before = now;

	assert_false(output());
	now = dhcp6_client_deadline(&c);
	assert_true(now > before && now != DEADLINE_NEVER);
	return (uint32_t)(now - before);
}

static struct dhcp6_duid server_duid(uint8_t server)
{
	return (struct dhcp6_duid){.length = 4, .bytes = {0, 2, 9, server}};
}

static void expect_server(uint8_t server)
{
	struct dhcp6_duid duid = server_duid(server);

	assert_true(dhcp6_duid_equal(&sent.server, &duid));
}

// A server's message; what is 0 or NULL is left out.
struct answer {
	uint8_t server, type, preference;
	const struct ipaddr *address;
	uint32_t t1, t2, preferred, valid;
	uint16_t status, ia_status;
	bool rapid, other_client, other_xid, no_ia;
	const char *url;
};

static void write_status(struct writer *w, uint16_t code)
{
	uint8_t bytes[] = {0, (uint8_t)code};

	if (code)
		dhcp6_write_option(w, DHCP6_OPTION_STATUS_CODE, bytes, sizeof bytes);
}

static void write_address(struct writer *w, const struct answer *a)
{
	if (!a->address)
		return;
	write_u16(w, DHCP6_OPTION_IAADDR);
	write_u16(w, 24);
	write_bytes(w, a->address->bytes, 16);
	write_u32(w, a->preferred);
	write_u32(w, a->valid);
}

static void write_ia(struct writer *w, const struct answer *a)
{
	uint8_t body[100];
	struct writer b = writer_of(body, sizeof body);

	write_u32(&b, IAID);
	write_u32(&b, a->t1);
	write_u32(&b, a->t2);
	write_address(&b, a);
	write_status(&b, a->ia_status);
	dhcp6_write_option(w, DHCP6_OPTION_IA_NA, body, writer_length(&b));
}

static void give(struct answer a)
{
	struct endpoint from = {{IP_V6, {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, a.server}}, 1, 547};
	struct dhcp6_duid server = server_duid(a.server);
	uint8_t packet[400];
	struct writer w = writer_of(packet, sizeof packet);

	dhcp6_write_header(&w, a.type, sent.xid ^ a.other_xid);
	dhcp6_write_option(&w, DHCP6_OPTION_CLIENTID, sent.client.bytes,
		sent.client.length - (size_t)a.other_client);
	if (a.server)
		dhcp6_write_option(&w, DHCP6_OPTION_SERVERID, server.bytes, server.length);
	if (a.preference)
		dhcp6_write_option(&w, DHCP6_OPTION_PREFERENCE, &a.preference, 1);
	if (a.rapid)
		dhcp6_write_option(&w, DHCP6_OPTION_RAPID_COMMIT, NULL, 0);
	write_status(&w, a.status);
	if (!a.no_ia)
		write_ia(&w, &a);
	if (a.url)
		dhcp6_write_option(&w, DHCP6_OPTION_BOOTFILE_URL, a.url, strlen(a.url));
	dhcp6_client_input(&c, packet, writer_length(&w), &from, now);
}
#define OFFER .type = DHCP6_ADVERTISE, .address = &first, .preferred = 3600, .valid = 7200
#define LEASE .type = DHCP6_REPLY, .address = &first, .t1 = 1800, .t2 = 2880, .preferred = 3600, \
	.valid = 7200
#define GIVE(...) give((struct answer){__VA_ARGS__})

static void expect_state(enum dhcp6_client_state state)
{
	assert_int_equal(c.state, state);
	assert_int_equal(c.status, state == DHCP6_BOUND ? MACHINE_DONE : MACHINE_RUNNING);
}

static void expect_words(const char *words)
{
	assert_int_equal(c.fault.id, FAULT_DHCP6_REFUSED);
	if (!strstr(c.fault.facts, words))
		fail_msg("'%s' is not in '%s'", words, c.fault.facts);
}

// From the beginning to a lease of `first` by server 1.
static void bind(void)
{
	begin();
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, .rapid = true, LEASE);
	expect_state(DHCP6_BOUND);
	assert_true(ipaddr_equal(&c.lease.address, &first));
}

static bool offers_rapid_commit(void)
{
	return sent.rapid_commit && sent.has_ia && !sent.count && !sent.server.length;
}

static void test_four_messages(void **state)
{
	(void)state;
	begin();
	expect_sent(DHCP6_SOLICIT);
	assert_true(offers_rapid_commit());
	now += 40;
	GIVE(.server = 1, OFFER);
	assert_in_range(pass(), 1000 - 40, 1100);
	expect_sent(DHCP6_REQUEST);
	expect_server(1);
	assert_int_equal(sent.count, 1);
	assert_true(ipaddr_equal(&sent.addresses[0].address, &first));
	now += 40;
	GIVE(.server = 1, LEASE, .url = "nfs://[fd00::2]/srv,ro");
	expect_state(DHCP6_BOUND);
	assert_int_equal(c.lease.prefix, 128);
	assert_int_equal(c.lease.lease_time, 7200);
	assert_int_equal(dhcp6_client_renewal(&c), now - 40 + 1800000);
	assert_string_equal(c.lease.root_path, "nfs://[fd00::2]/srv,ro");
	assert_int_equal(dhcp6_client_deadline(&c), DEADLINE_NEVER);
}

static void test_rapid_commit(void **state)
{
	(void)state;
	begin();
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, LEASE); // which it has not been asked for
	expect_state(DHCP6_SOLICITING);
	GIVE(.server = 1, .rapid = true, LEASE, .url = "tftp://[fd00::2]/x");
	expect_state(DHCP6_BOUND);
	assert_string_equal(c.lease.root_path, "");
	assert_string_equal(c.lease.boot_file, "tftp://[fd00::2]/x");
}

// A server that comes late gives a lease that begins then.
static void test_rapid_commit_after_hours(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 500; i++) {
		expect_sent(DHCP6_SOLICIT);
		pass();
	}
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, .rapid = true, LEASE);
	expect_state(DHCP6_BOUND);
	assert_int_equal(dhcp6_client_renewal(&c), now + 1800000);
}

static void test_of_several_servers_the_preferred(void **state)
{
	(void)state;
	begin();
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, OFFER);
	GIVE(.server = 2, OFFER, .preference = 9);
	GIVE(.server = 3, OFFER, .preference = 9);
	pass();
	expect_sent(DHCP6_REQUEST);
	expect_server(2);
	GIVE(.server = 3, LEASE);
	expect_state(DHCP6_REQUESTING);
	GIVE(.server = 2, LEASE);
	expect_state(DHCP6_BOUND);
}

static void test_the_highest_preference_ends_the_search(void **state)
{
	(void)state;
	begin();
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, OFFER, .preference = 255);
	expect_sent(DHCP6_REQUEST);
}

static void test_late_offers_are_taken_at_once(void **state)
{
	(void)state;
	begin();
	expect_sent(DHCP6_SOLICIT);
	pass();
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, OFFER);
	expect_sent(DHCP6_REQUEST);
}

static void test_silence(void **state)
{
	uint32_t last = 500;

	(void)state;
	begin();
	for (int i = 0; i < 12; i++) {
		uint32_t pause;

		expect_sent(DHCP6_SOLICIT);
		pause = pass();
		assert_true(i ? pause > last * 8 / 10 : pause > 1000);
		assert_in_range(pause, 0, last * 22 / 10);
		assert_in_range(pause, 0, 17600);
		last = pause;
	}
	expect_sent(DHCP6_SOLICIT);
	assert_string_equal(dhcp6_client_awaits(&c), "a DHCPv6 server");
}

static void test_a_server_wants_longer_pauses(void **state)
{
	uint32_t pause = 0;

	(void)state;
	begin();
	c.sol_max_rt = 120000;
	for (int i = 0; i < 12; i++) {
		expect_sent(DHCP6_SOLICIT);
		pause = pass();
	}
	assert_in_range(pause, 108000, 132000);
}

static void test_strangers_are_not_heard(void **state)
{
	(void)state;
	begin();
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, .rapid = true, LEASE, .other_client = true);
	GIVE(.server = 1, .rapid = true, LEASE, .other_xid = true);
	GIVE(.rapid = true, LEASE); // no server
	GIVE(.server = 1, .rapid = true, .address = &first, .valid = 9, .type = DHCP6_RENEW);
	expect_state(DHCP6_SOLICITING);
	assert_int_equal(c.fault.id, FAULT_NONE);
}

static void test_no_addresses(void **state)
{
	(void)state;
	begin();
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, .type = DHCP6_ADVERTISE, .ia_status = DHCP6_NO_ADDRS_AVAIL);
	expect_words("(fe80:0:0:0:0:0:0:1 says: no addresses available)");
	pass();
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 2, OFFER);
	expect_sent(DHCP6_REQUEST);
	GIVE(.server = 2, LEASE);
	assert_int_equal(c.fault.id, FAULT_NONE);
}

// It offers and refuses: asked again after growing pauses.
static void test_an_offer_that_is_not_kept(void **state)
{
	uint32_t last = 0;

	(void)state;
	begin();
	for (int i = 0; i < 7; i++) {
		uint64_t before = now;

		if (i)
			now = dhcp6_client_deadline(&c);
		assert_true(i < 2 || now - before >= last);
		last = (uint32_t)(now - before);
		expect_sent(DHCP6_SOLICIT);
		GIVE(.server = 1, OFFER, .preference = 255);
		expect_sent(DHCP6_REQUEST);
		GIVE(.server = 1, .type = DHCP6_REPLY, .ia_status = DHCP6_NOT_ON_LINK);
		expect_words("does not belong on this network");
		expect_state(DHCP6_SOLICITING);
	}
	assert_int_equal(last, 16000);
}

static void test_a_server_dies_after_its_offer(void **state)
{
	uint64_t asked;

	(void)state;
	begin();
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, OFFER, .preference = 255);
	expect_sent(DHCP6_REQUEST);
	asked = now;
	while (c.state == DHCP6_REQUESTING) {
		pass();
		output();
	}
	assert_int_equal(now - asked, 8000);
	assert_int_equal(sent.type, DHCP6_SOLICIT);
}

static void test_unspecified_failure_is_asked_again(void **state)
{
	(void)state;
	begin();
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, OFFER, .preference = 255);
	expect_sent(DHCP6_REQUEST);
	GIVE(.server = 1, .type = DHCP6_REPLY, .status = DHCP6_UNSPEC_FAIL);
	expect_words("failure without a reason");
	pass();
	expect_sent(DHCP6_REQUEST);
	GIVE(.server = 1, LEASE);
	expect_state(DHCP6_BOUND);
}

static void test_renewal(void **state)
{
	uint64_t asked;

	(void)state;
	bind();
	now = dhcp6_client_renewal(&c);
	dhcp6_client_renew(&c, now);
	expect_sent(DHCP6_RENEW);
	expect_server(1);
	assert_int_equal(sent.count, 1);
	asked = now;
	assert_in_range(pass(), 9000, 11000);
	expect_sent(DHCP6_RENEW);
	GIVE(.server = 2, LEASE);
	expect_state(DHCP6_RENEWING);
	GIVE(.server = 1, .type = DHCP6_REPLY, .no_ia = true); // no word of the address
	expect_state(DHCP6_RENEWING);
	GIVE(.server = 1, LEASE);
	expect_state(DHCP6_BOUND);
	assert_int_equal(dhcp6_client_renewal(&c), asked + 1800000);
}

static void test_rebinding_and_the_end(void **state)
{
	uint64_t bound;

	(void)state;
	bind();
	bound = c.bound;
	now = dhcp6_client_renewal(&c);
	dhcp6_client_renew(&c, now);
	while (c.state == DHCP6_RENEWING)
		if (!output())
			now = dhcp6_client_deadline(&c);
	assert_int_equal(now, bound + 2880000);
	assert_int_equal(sent.type, DHCP6_REBIND);
	assert_int_equal(sent.server.length, 0);
	while (c.state == DHCP6_REBINDING)
		if (!output())
			now = dhcp6_client_deadline(&c);
	assert_int_equal(now, bound + 7200000);
	assert_int_equal(sent.type, DHCP6_SOLICIT);
	assert_false(c.held);
}

static void test_another_server_takes_over(void **state)
{
	(void)state;
	bind();
	now += 3000000;
	dhcp6_client_renew(&c, now);
	expect_sent(DHCP6_REBIND);
	GIVE(.server = 2, LEASE);
	expect_state(DHCP6_BOUND);
	dhcp6_client_renew(&c, now + 1000);
	now += 1000;
	expect_sent(DHCP6_RENEW);
	expect_server(2);
}

static void test_a_server_that_has_forgotten(void **state)
{
	(void)state;
	bind();
	dhcp6_client_renew(&c, now);
	expect_sent(DHCP6_RENEW);
	GIVE(.server = 1, .type = DHCP6_REPLY, .ia_status = DHCP6_NO_BINDING);
	expect_sent(DHCP6_REQUEST);
	assert_true(ipaddr_equal(&sent.addresses[0].address, &first));
	GIVE(.server = 1, LEASE);
	expect_state(DHCP6_BOUND);
}

static void test_a_server_that_never_knows(void **state)
{
	(void)state;
	bind();
	dhcp6_client_renew(&c, now);
	expect_sent(DHCP6_RENEW);
	GIVE(.server = 1, .type = DHCP6_REPLY, .ia_status = DHCP6_NO_BINDING);
	expect_sent(DHCP6_REQUEST);
	GIVE(.server = 1, .type = DHCP6_REPLY, .ia_status = DHCP6_NO_BINDING);
	expect_words("it does not know the lease");
	expect_sent(DHCP6_SOLICIT);
	assert_false(c.held);
}

static void test_the_address_is_taken_back(void **state)
{
	(void)state;
	bind();
	dhcp6_client_renew(&c, now);
	expect_sent(DHCP6_RENEW);
	GIVE(.server = 1, .type = DHCP6_REPLY, .address = &first);
	expect_words("the address is taken back");
	expect_sent(DHCP6_SOLICIT);
}

static void test_another_address_at_renewal(void **state)
{
	(void)state;
	bind();
	dhcp6_client_renew(&c, now);
	expect_sent(DHCP6_RENEW);
	GIVE(.server = 1, .type = DHCP6_REPLY, .address = &second, .preferred = 100, .valid = 100);
	expect_state(DHCP6_BOUND);
	assert_true(ipaddr_equal(&c.lease.address, &second));
	assert_int_equal(c.lease.renewal_time, 50);
	assert_int_equal(c.lease.rebinding_time, 80);
}

static void test_confirmation(void **state)
{
	(void)state;
	bind();
	dhcp6_client_confirm(&c, now);
	expect_sent(DHCP6_CONFIRM);
	assert_int_equal(sent.server.length, 0);
	assert_int_equal(sent.count, 1);
	GIVE(.server = 2, .type = DHCP6_REPLY, .no_ia = true);
	expect_state(DHCP6_BOUND);
	dhcp6_client_confirm(&c, now);
	expect_sent(DHCP6_CONFIRM);
	GIVE(.server = 2, .type = DHCP6_REPLY, .status = DHCP6_NOT_ON_LINK, .no_ia = true);
	expect_words("does not belong on this network");
	expect_state(DHCP6_SOLICITING);
}

static void test_silence_confirms(void **state)
{
	uint64_t before;

	(void)state;
	bind();
	dhcp6_client_confirm(&c, now);
	before = now;
	while (output() || c.state == DHCP6_CONFIRMING)
		now = dhcp6_client_deadline(&c);
	assert_int_equal(now - before, 10000);
	expect_state(DHCP6_BOUND);
	assert_true(c.held);
}

static void test_an_address_in_use(void **state)
{
	(void)state;
	bind();
	dhcp6_client_decline(&c, now);
	expect_sent(DHCP6_DECLINE);
	expect_server(1);
	assert_true(ipaddr_equal(&sent.addresses[0].address, &first));
	GIVE(.server = 1, .type = DHCP6_REPLY, .no_ia = true);
	expect_sent(DHCP6_SOLICIT);
	GIVE(.server = 1, .rapid = true, .type = DHCP6_REPLY, .address = &second, .preferred = 100,
		.valid = 100);
	expect_state(DHCP6_BOUND);
}

static void test_times_of_hostile_servers(void **state)
{
	static const struct {
		uint32_t t1, t2, preferred, valid, renewal, rebinding, end;
	} times[] = {
		{0, 0, 100, 200, 50, 80, 200},
		{0, 0, 0, 100, 50, 80, 100},
		{1, 2, 3600, 3600, 1800, 3150, 3600},
		{10, 4000, 3600, 3600, 1800, 3150, 3600},
		{0, 0, 1, 1, 8, 14, 16},
		{0, 0, LEASE_FOREVER, LEASE_FOREVER, LEASE_FOREVER, LEASE_FOREVER, LEASE_FOREVER},
		{60, 90, LEASE_FOREVER, LEASE_FOREVER, 60, 90, LEASE_FOREVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		begin();
		expect_sent(DHCP6_SOLICIT);
		GIVE(.server = 1, .rapid = true, .type = DHCP6_REPLY, .address = &first, .t1 = times[i].t1,
			.t2 = times[i].t2, .preferred = times[i].preferred, .valid = times[i].valid);
		expect_state(DHCP6_BOUND);
		assert_int_equal(c.lease.renewal_time, times[i].renewal);
		assert_int_equal(c.lease.rebinding_time, times[i].rebinding);
		assert_int_equal(c.lease.lease_time, times[i].end);
	}
}

static void test_only_information(void **state)
{
	(void)state;
	config.inform = true;
	config.hostname = "ws1";
	begin();
	expect_sent(DHCP6_INFORMATION_REQUEST);
	assert_false(sent.has_ia);
	assert_string_equal(sent.fqdn, "");
	assert_in_range(pass(), 900, 1100);
	expect_sent(DHCP6_INFORMATION_REQUEST);
	GIVE(.server = 1, .type = DHCP6_REPLY, .no_ia = true, .url = "nfs://[fd00::2]/srv");
	expect_state(DHCP6_BOUND);
	assert_true(ipaddr_is_unset(&c.lease.address));
	assert_string_equal(c.lease.root_path, "nfs://[fd00::2]/srv");
	assert_int_equal(dhcp6_client_renewal(&c), DEADLINE_NEVER);
}

static void test_the_host_name_is_told(void **state)
{
	(void)state;
	config.hostname = "ws1.example";
	begin();
	expect_sent(DHCP6_SOLICIT);
	assert_string_equal(sent.fqdn, "ws1");
}

// Every message of an exchange has the time since the first.
static void test_elapsed_time(void **state)
{
	static const uint8_t head[] = {0, 8, 0, 2};
	const uint8_t *at = sent_bytes + 4 + 4 + 10; // behind the header and our identifier
	uint16_t last = 0;

	(void)state;
	begin();
	for (int i = 0; i < 60; i++) {
		uint16_t hundredths;

		expect_sent(DHCP6_SOLICIT);
		assert_memory_equal(at, head, sizeof head);
		hundredths = (uint16_t)(at[4] << 8 | at[5]);
		assert_true(i ? hundredths > last || hundredths == 0xffff : hundredths == 0);
		last = hundredths;
		pass();
	}
	assert_int_equal(last, 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_four_messages, reset),
		cmocka_unit_test_setup(test_rapid_commit, reset),
		cmocka_unit_test_setup(test_rapid_commit_after_hours, reset),
		cmocka_unit_test_setup(test_of_several_servers_the_preferred, reset),
		cmocka_unit_test_setup(test_the_highest_preference_ends_the_search, reset),
		cmocka_unit_test_setup(test_late_offers_are_taken_at_once, reset),
		cmocka_unit_test_setup(test_silence, reset),
		cmocka_unit_test_setup(test_a_server_wants_longer_pauses, reset),
		cmocka_unit_test_setup(test_strangers_are_not_heard, reset),
		cmocka_unit_test_setup(test_no_addresses, reset),
		cmocka_unit_test_setup(test_an_offer_that_is_not_kept, reset),
		cmocka_unit_test_setup(test_a_server_dies_after_its_offer, reset),
		cmocka_unit_test_setup(test_unspecified_failure_is_asked_again, reset),
		cmocka_unit_test_setup(test_renewal, reset),
		cmocka_unit_test_setup(test_rebinding_and_the_end, reset),
		cmocka_unit_test_setup(test_another_server_takes_over, reset),
		cmocka_unit_test_setup(test_a_server_that_has_forgotten, reset),
		cmocka_unit_test_setup(test_a_server_that_never_knows, reset),
		cmocka_unit_test_setup(test_the_address_is_taken_back, reset),
		cmocka_unit_test_setup(test_another_address_at_renewal, reset),
		cmocka_unit_test_setup(test_confirmation, reset),
		cmocka_unit_test_setup(test_silence_confirms, reset),
		cmocka_unit_test_setup(test_an_address_in_use, reset),
		cmocka_unit_test_setup(test_times_of_hostile_servers, reset),
		cmocka_unit_test_setup(test_only_information, reset),
		cmocka_unit_test_setup(test_the_host_name_is_told, reset),
		cmocka_unit_test_setup(test_elapsed_time, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
