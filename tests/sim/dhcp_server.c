// SPDX-License-Identifier: BSD-2-Clause
// The DHCP server machine against clients played message by message (RFC 2131 section 4.3, PXE).
#include "netstack/wire/dhcp.h"
#include "server-stub/machine/dhcp_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint8_t sent[2000];
static struct endpoint to;

static const char url[] = "http://10.0.0.1/lanyardx64.efi";

static const struct ipaddr own = {.family = IP_V4, .bytes = {10, 0, 0, 1}};
static const struct ipaddr leased = {.family = IP_V4, .bytes = {10, 0, 0, 50}};
static const struct ipaddr other = {.family = IP_V4, .bytes = {10, 0, 0, 60}};
static const struct ipaddr relay = {.family = IP_V4, .bytes = {10, 7, 0, 254}};
static const struct ipaddr everybody = {.family = IP_V4, .bytes = {255, 255, 255, 255}};

static struct dhcp_server d;
static struct dhcp_message m;
static struct dhcp_server_config rules;
static bool is_known, grants, is_empty;
static unsigned granted, returned, found;
static struct dhcp_server_client seen;
static char seen_name[DHCP_SERVER_NAME];

static bool find(void *owner, const struct dhcp_server_client *c, struct dhcp_server_answer *answer)
{
	(void)owner;
	found++;
	seen = *c;
	strcpy(seen_name, c->hostname);
	*answer = (struct dhcp_server_answer){
		.address = leased,
		.prefix = 24,
		.router = own,
		.dns = own,
		.next_server = own,
		.lease_time = 600,
		.hostname = "ws1",
		.root_path = "/srv/root",
		.boot_file = "lanyard.0",
	};
	answer->no_proxy = c->ipxe;
	if (c->http) {
		answer->vendor_class = "HTTPClient";
		answer->boot_file = url;
	}
	if (is_empty)
		answer->address = (struct ipaddr){0};
	return true;
}

static bool known(void *owner, const struct dhcp_server_client *c)
{
	(void)owner;
	(void)c;
	return is_known;
}

static bool grant(void *owner, const struct dhcp_server_client *c, const struct dhcp_server_answer *a)
{
	(void)owner;
	assert_int_equal(c->hwaddr[5], 6);
	assert_true(ipaddr_equal(&a->address, &leased));
	granted += grants;
	return grants;
}

static void give_back(void *owner, const struct dhcp_server_client *c, bool declined)
{
	(void)owner;
	(void)c;
	returned += 1 + declined;
}

static int set_up(void **state)
{
	(void)state;
	is_known = grants = true;
	granted = returned = found = 0;
	is_empty = false;
	rules = (struct dhcp_server_config){
		.address = own,
		.find = find,
		.known = known,
		.grant = grant,
		.give_back = give_back,
	};
	dhcp_server_start(&d, &rules, 0);
	return 0;
}

struct ask {
	const struct ipaddr *requested, *server, *ciaddr, *giaddr;
	const char *class, *name;
	bool reply, ipxe;
	uint8_t arch; // 0: option 93 is not sent
	bool pxe_port; // it goes to port 4011
};

// One message to the server; gives the type of the answer, 0 for none.
static uint8_t ask(uint8_t type, struct ask x)
{
	static const uint8_t id[3] = {0, 'i', 'd'}, agent[4] = {1, 2, 'x', 'y'}, uuid[17] = {0, 9};
	struct endpoint from = {.interface = 3, .port = 68},
		client = {.addr = leased, .port = 4011, .interface = 3};
	struct dhcp_message q = {.op = x.reply ? 2 : 1, .htype = 1, .hlen = 6, .xid = 77, .flags = 0x8000};
	uint8_t bytes[1472];
	struct writer w = writer_of(bytes, sizeof bytes);

	q.chaddr[5] = 6;
	q.ciaddr = x.ciaddr ? *x.ciaddr : (struct ipaddr){0};
	q.giaddr = x.giaddr ? *x.giaddr : (struct ipaddr){0};
	dhcp_write_header(&w, &q, NULL, NULL);
	dhcp_write_u8(&w, DHCP_OPTION_MESSAGE_TYPE, type);
	dhcp_write_option(&w, DHCP_OPTION_CLIENT_ID, id, sizeof id);
	dhcp_write_option(&w, DHCP_OPTION_CLIENT_UUID, uuid, sizeof uuid);
	if (x.giaddr)
		dhcp_write_option(&w, DHCP_OPTION_RELAY_AGENT, agent, sizeof agent);
	if (x.class)
		dhcp_write_text(&w, DHCP_OPTION_VENDOR_CLASS, x.class);
	if (x.arch)
		dhcp_write_u16(&w, DHCP_OPTION_CLIENT_ARCH, x.arch);
	if (x.ipxe)
		dhcp_write_option(&w, DHCP_OPTION_IPXE, "\xeb\1\1", 3);
	if (x.name)
		dhcp_write_text(&w, DHCP_OPTION_HOST_NAME, x.name);
	if (x.requested)
		dhcp_write_ip(&w, DHCP_OPTION_REQUESTED_ADDRESS, x.requested);
	if (x.server)
		dhcp_write_ip(&w, DHCP_OPTION_SERVER_IDENTIFIER, x.server);
	dhcp_write_end(&w);
	if (x.pxe_port)
		dhcp_server_input_pxe(&d, bytes, writer_length(&w), &client, 0);
	else
		dhcp_server_input(&d, bytes, writer_length(&w), &from, 0);
	w = writer_of(sent, sizeof sent);
	if (!dhcp_server_output(&d, &w, &to, 0))
		return 0;
	assert_true(dhcp_parse(&m, sent, writer_length(&w)));
	assert_int_equal(m.op, DHCP_BOOTREPLY);
	assert_int_equal(m.xid, 77);
	assert_int_equal(m.chaddr[5], 6);
	assert_int_equal(to.interface, 3);
	w = writer_of(sent + 1000, 500);
	assert_false(dhcp_server_output(&d, &w, &to, 0));
	return m.type;
}
#define ASK(type, ...) ask(type, (struct ask){__VA_ARGS__})

static void expect_text(uint8_t code, const char *text)
{
	char found[256];

	assert_true(dhcp_option_text(&m, code, found, sizeof found));
	assert_string_equal(found, text);
}

static void test_offer_and_ack(void **state)
{
	char name[200];
	uint8_t id[8];

	(void)state;
	assert_int_equal(ASK(DHCPDISCOVER, 0), DHCPOFFER);
	assert_int_equal(granted, 0);
	assert_int_equal(ASK(DHCPREQUEST, .requested = &leased, .server = &own), DHCPACK);
	assert_int_equal(granted, 1);
	assert_true(ipaddr_equal(&to.addr, &everybody));
	assert_int_equal(to.port, 68);
	assert_true(ipaddr_equal(&m.yiaddr, &leased));
	assert_true(ipaddr_equal(&m.siaddr, &own));
	assert_true(dhcp_file(&m, name, sizeof name));
	assert_string_equal(name, "lanyard.0");
	expect_text(DHCP_OPTION_HOST_NAME, "ws1");
	expect_text(DHCP_OPTION_ROOT_PATH, "/srv/root");
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_CLIENT_ID, id, sizeof id), 3);
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_CLIENT_UUID, id, sizeof id), 17);
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_INTERFACE_MTU, id, sizeof id), -1);
}

static void test_requests_to_be_refused_or_left_alone(void **state)
{
	(void)state;
	assert_int_equal(ASK(DHCPREQUEST, .requested = &leased, .server = &other), 0);
	assert_int_equal(ASK(DHCPREQUEST, .requested = &other), DHCPNAK);
	assert_true(ipaddr_is_unset(&m.yiaddr));
	assert_true(ipaddr_is_unset(&m.siaddr));
	is_known = false;
	assert_int_equal(ASK(DHCPREQUEST, .requested = &other), 0);
	grants = false;
	assert_int_equal(ASK(DHCPREQUEST, .requested = &leased), 0);
	assert_int_equal(ASK(DHCPDISCOVER, .reply = true), 0);
	assert_int_equal(ASK(DHCPACK, 0), 0);
}

static void test_renewal_goes_to_the_client(void **state)
{
	(void)state;
	assert_int_equal(ASK(DHCPREQUEST, .ciaddr = &leased), DHCPACK);
	assert_true(ipaddr_equal(&to.addr, &leased));
	assert_int_equal(ASK(DHCPREQUEST, .ciaddr = &other), DHCPNAK);
	assert_true(ipaddr_equal(&to.addr, &everybody));
}

static void test_relay(void **state)
{
	uint8_t agent[8];

	(void)state;
	assert_int_equal(ASK(DHCPDISCOVER, .giaddr = &relay), DHCPOFFER);
	assert_true(ipaddr_equal(&to.addr, &relay));
	assert_int_equal(to.port, 67);
	assert_true(ipaddr_equal(&m.giaddr, &relay));
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_RELAY_AGENT, agent, sizeof agent), 4);
}

// The relay passes a NAK on as a broadcast: the client has no address to send it to.
static void test_relayed_nak(void **state)
{
	(void)state;
	assert_int_equal(ASK(DHCPREQUEST, .requested = &other, .giaddr = &relay), DHCPNAK);
	assert_true(ipaddr_equal(&to.addr, &relay));
	assert_int_equal(m.flags, 0x8000);
}

static void test_what_the_owner_is_told(void **state)
{
	char longest[300];

	(void)state;
	ASK(DHCPDISCOVER, .name = "ws1", .requested = &other, .class = "PXEClient:Arch:00000");
	assert_int_equal(seen.type, DHCPDISCOVER);
	assert_string_equal(seen_name, "ws1");
	assert_true(ipaddr_equal(&seen.requested, &other));
	assert_true(seen.pxe && !seen.http && !seen.ipxe && !seen.in_use && !seen.chosen);
	assert_int_equal(seen.arch, -1);
	ASK(DHCPREQUEST, .ciaddr = &leased, .class = "HTTPClient:Arch:00016");
	assert_int_equal(seen.type, DHCPREQUEST);
	assert_string_equal(seen_name, "");
	assert_true(ipaddr_equal(&seen.requested, &leased));
	assert_true(!seen.pxe && seen.http && seen.in_use && !seen.chosen);
	memset(longest, 'x', sizeof longest);
	longest[255] = 0;
	ASK(DHCPREQUEST, .requested = &leased, .server = &own, .name = longest);
	assert_true(!seen.in_use && seen.chosen);
	assert_int_equal(strlen(seen_name), DHCP_SERVER_NAME - 1);
}

// The class comes back, and the URL in the option as well as in the field.
static void test_http_boot(void **state)
{
	char text[64];

	(void)state;
	assert_int_equal(ASK(DHCPDISCOVER, .class = "HTTPClient:Arch:00016:UNDI:003016"), DHCPOFFER);
	assert_true(dhcp_option_text(&m, DHCP_OPTION_VENDOR_CLASS, text, sizeof text));
	assert_string_equal(text, "HTTPClient");
	assert_true(dhcp_option_text(&m, DHCP_OPTION_BOOTFILE_NAME, text, sizeof text));
	assert_string_equal(text, url);
	assert_string_equal((const char *)sent + 108, url);
	assert_int_equal(ASK(DHCPDISCOVER, .class = "PXEClient"), DHCPOFFER);
	assert_false(dhcp_option_text(&m, DHCP_OPTION_VENDOR_CLASS, text, sizeof text));
}

// Its setting no-pxedhcp (175.176): it need not wait for a proxy's offer.
static void test_ipxe(void **state)
{
	uint8_t byte = 0;

	(void)state;
	assert_int_equal(ASK(DHCPDISCOVER, .ipxe = true, .class = "PXEClient"), DHCPOFFER);
	assert_true(seen.ipxe);
	assert_int_equal(dhcp_suboption(&m, DHCP_OPTION_IPXE, 176, &byte, 1), 1);
	assert_int_equal(byte, 1);
	assert_int_equal(ASK(DHCPDISCOVER, .class = "PXEClient"), DHCPOFFER);
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_IPXE, &byte, 1), -1);
}

// The owner of the leases must not reserve anything for a client that has chosen another server.
static void test_the_owner_is_not_asked_in_vain(void **state)
{
	(void)state;
	assert_int_equal(ASK(DHCPREQUEST, .requested = &other, .server = &other), 0);
	assert_int_equal(ASK(DHCPDISCOVER, .reply = true), 0);
	assert_int_equal(found, 0);
}

static void test_without_an_address_there_is_no_offer(void **state)
{
	(void)state;
	is_empty = true;
	assert_int_equal(ASK(DHCPDISCOVER, 0), 0);
	assert_int_equal(ASK(DHCPREQUEST, .requested = &leased, .server = &own), DHCPNAK);
	assert_int_equal(ASK(DHCPREQUEST, .server = &own), 0);
	assert_int_equal(ASK(DHCPINFORM, .ciaddr = &other), DHCPACK);
	assert_int_equal(granted, 0);
}

static void test_proxy_gives_no_address(void **state)
{
	uint8_t bytes[8];

	(void)state;
	rules.proxy = true;
	dhcp_server_start(&d, &rules, 0);
	assert_int_equal(ASK(DHCPDISCOVER, 0), 0);
	assert_int_equal(ASK(DHCPDISCOVER, .class = "MSFT 5.0"), 0);
	assert_int_equal(ASK(DHCPDISCOVER, .class = "PXEClient:Arch:00000"), DHCPOFFER);
	assert_true(ipaddr_is_unset(&m.yiaddr));
	expect_text(DHCP_OPTION_VENDOR_CLASS, "PXEClient");
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_LEASE_TIME, bytes, sizeof bytes), -1);
	assert_int_equal(dhcp_suboption(&m, DHCP_OPTION_VENDOR_SPECIFIC, 6, bytes, 1), 1);
	assert_int_equal(bytes[0], 8);
	assert_int_equal(ASK(DHCPREQUEST, .requested = &leased, .class = "PXEClient"), 0);
}

// UEFI: nothing is said of discovery, and the answer on port 4011 goes to who has asked.
static void test_proxy_is_asked_again(void **state)
{
	const char *class = "PXEClient:Arch:00007";
	uint8_t bytes[8];

	(void)state;
	rules.proxy = true;
	dhcp_server_start(&d, &rules, 0);
	assert_int_equal(ASK(DHCPDISCOVER, .class = class, .arch = 7), DHCPOFFER);
	expect_text(DHCP_OPTION_VENDOR_CLASS, "PXEClient");
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_VENDOR_SPECIFIC, bytes, sizeof bytes), -1);
	// The identifier is that of the server which gave the address.
	assert_int_equal(ASK(DHCPREQUEST, .class = class, .arch = 7, .ciaddr = &leased, .server = &other,
		.pxe_port = true), DHCPACK);
	assert_true(ipaddr_equal(&to.addr, &leased) && to.port == 4011);
	assert_true(ipaddr_is_unset(&m.yiaddr) && ipaddr_equal(&m.siaddr, &own));
	expect_text(DHCP_OPTION_VENDOR_CLASS, "PXEClient");
	assert_string_equal((const char *)sent + 108, "lanyard.0");
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_LEASE_TIME, bytes, sizeof bytes), -1);
	assert_int_equal(ASK(DHCPINFORM, .class = class, .pxe_port = true), DHCPACK);
	assert_int_equal(ASK(DHCPDISCOVER, .class = class, .pxe_port = true), 0);
	assert_int_equal(ASK(DHCPREQUEST, .ciaddr = &leased, .pxe_port = true), 0);
	assert_int_equal(ASK(DHCPREQUEST, .class = class, .reply = true, .pxe_port = true), 0);
	assert_int_equal(granted, 0);
	set_up(NULL);
	assert_int_equal(ASK(DHCPREQUEST, .class = class, .pxe_port = true), 0); // no proxy
}

static void test_proxy_for_http_boot(void **state)
{
	uint8_t bytes[8];

	(void)state;
	rules.proxy = true;
	dhcp_server_start(&d, &rules, 0);
	assert_int_equal(ASK(DHCPDISCOVER, .class = "HTTPClient:Arch:00016", .arch = 16), DHCPOFFER);
	assert_true(ipaddr_is_unset(&m.yiaddr));
	expect_text(DHCP_OPTION_VENDOR_CLASS, "HTTPClient");
	expect_text(DHCP_OPTION_BOOTFILE_NAME, url);
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_VENDOR_SPECIFIC, bytes, sizeof bytes), -1);
}

static void test_inform_release_decline(void **state)
{
	uint8_t bytes[8];

	(void)state;
	assert_int_equal(ASK(DHCPINFORM, .ciaddr = &other), DHCPACK);
	assert_true(ipaddr_is_unset(&m.yiaddr));
	assert_int_equal(dhcp_option(&m, DHCP_OPTION_LEASE_TIME, bytes, sizeof bytes), -1);
	assert_int_equal(ASK(DHCPRELEASE, .ciaddr = &leased, .server = &other), 0);
	assert_int_equal(returned, 0);
	assert_int_equal(ASK(DHCPRELEASE, .ciaddr = &leased, .server = &own), 0);
	assert_int_equal(returned, 1);
	assert_int_equal(ASK(DHCPDECLINE, .requested = &leased, .server = &own), 0);
	assert_int_equal(returned, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup(name, set_up)
		CASE(test_offer_and_ack),
		CASE(test_requests_to_be_refused_or_left_alone),
		CASE(test_renewal_goes_to_the_client),
		CASE(test_relay),
		CASE(test_relayed_nak),
		CASE(test_what_the_owner_is_told),
		CASE(test_http_boot),
		CASE(test_ipxe),
		CASE(test_the_owner_is_not_asked_in_vain),
		CASE(test_without_an_address_there_is_no_offer),
		CASE(test_proxy_gives_no_address),
		CASE(test_proxy_is_asked_again),
		CASE(test_proxy_for_http_boot),
		CASE(test_inform_release_decline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
