// SPDX-License-Identifier: BSD-2-Clause
// A DHCP message: every option by every accessor, written again, and read as a lease.
#include "netstack/lease.h"
#include "netstack/wire/dhcp.h"
#include "tests/fuzz/harness.h"

static bool ends(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

static void use_option(const struct dhcp_message *m, uint8_t code)
{
	uint8_t all[2048], some[7];
	char text[9];
	struct ipaddr addresses[5];
	uint32_t n;
	int length = dhcp_option(m, code, all, sizeof all);

	PROMISE(length >= -1);
	if (length < 0) // most codes: keep the fuzzer fast
		return;
	PROMISE(dhcp_option(m, code, some, sizeof some) == length);
	if (length > 0)
		PROMISE(memcmp(all, some, length < 7 ? (size_t)length : 7) == 0);
	PROMISE(dhcp_option_ips(m, code, addresses, 5) <= 5);
	PROMISE(dhcp_option_u32(m, code, &n) == (length > 0 && length % 4 == 0));
	memset(text, 'x', sizeof text);
	dhcp_option_text(m, code, text, sizeof text);
	PROMISE(ends(text, sizeof text));
	for (unsigned inner = 1; inner < 255; inner = inner * 2 + 3)
		PROMISE(dhcp_suboption(m, code, (uint8_t)inner, some, sizeof some) <= length);
}

// All options of `from`, joined, in a message of their own; long ones are split on the way.
static void copy_options(struct writer *w, const struct dhcp_message *from)
{
	static uint8_t value[65536];

	for (unsigned code = 1; code < 255; code++) {
		int length = dhcp_option(from, (uint8_t)code, value, sizeof value);

		if (length >= 0 && code != DHCP_OPTION_OVERLOAD)
			dhcp_write_option(w, (uint8_t)code, value, (size_t)length);
	}
}

static void write_again(const struct dhcp_message *m)
{
	static uint8_t packet[70000], a[65536], b[65536];
	struct writer w = writer_of(packet, sizeof packet);
	struct dhcp_message again;

	dhcp_write_header(&w, m, NULL, NULL);
	copy_options(&w, m);
	dhcp_write_end(&w);
	if (w.failed) // more than a datagram can hold
		return;
	PROMISE(dhcp_parse(&again, packet, writer_length(&w)));
	PROMISE(again.type == m->type && again.xid == m->xid);
	for (unsigned code = 1; code < 255; code++) {
		int length = dhcp_option(m, (uint8_t)code, a, sizeof a);

		if (length < 0 || code == DHCP_OPTION_OVERLOAD)
			continue;
		PROMISE(dhcp_option(&again, (uint8_t)code, b, sizeof b) == length);
		PROMISE(memcmp(a, b, (size_t)length) == 0);
	}
}

static void use_lease(const struct dhcp_message *m)
{
	struct lease lease;
	struct fault fault;

	if (lease_read(&lease, m, &fault)) {
		PROMISE(ipaddr_is_host(&lease.address));
		PROMISE(lease.prefix >= 1 && lease.prefix <= 32);
		PROMISE(lease.lease_time == LEASE_FOREVER || (lease.renewal_time < lease.rebinding_time &&
			lease.rebinding_time < lease.lease_time));
	} else {
		PROMISE(fault.id == FAULT_DHCP_BAD);
	}
	lease_add_proxy(&lease, m);
	lease_add_discover(&lease, m);
	PROMISE(lease.route_count <= LEASE_ROUTES);
	PROMISE(lease.client_id_length <= LEASE_CLIENT_ID);
	PROMISE(ends(lease.boot_file, sizeof lease.boot_file) && ends(lease.search, sizeof lease.search) &&
		ends(lease.path_prefix, sizeof lease.path_prefix) &&
		ends(lease.config_file, sizeof lease.config_file) &&
		ends(lease.server_name, sizeof lease.server_name));
	PROMISE(!strchr(lease.search, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct dhcp_message m;
	char text[200];

	if (!dhcp_parse(&m, bytes, length))
		return 0;
	for (unsigned code = 0; code < 256; code++)
		use_option(&m, (uint8_t)code);
	dhcp_file(&m, text, sizeof text);
	PROMISE(ends(text, sizeof text));
	dhcp_sname(&m, text, sizeof text);
	PROMISE(ends(text, sizeof text));
	write_again(&m);
	use_lease(&m);
	return 0;
}
