// SPDX-License-Identifier: BSD-2-Clause
// A DHCPv6 message: what is read lies in the packet and keeps what the header promises.
#include "netstack/wire/dhcp6.h"
#include "tests/fuzz/harness.h"

static void check_servers(const struct ipaddr *list)
{
	for (size_t i = 0; i < DHCP6_SERVERS; i++)
		PROMISE(ipaddr_is_unset(&list[i]) || ipaddr_is_host(&list[i]));
}

static void check_status(const struct dhcp6_status *status)
{
	char words[100];
	struct text t = text_of(words, sizeof words);

	touch(status->words.at, status->words.length);
	dhcp6_status_text(status, &t);
	for (size_t i = 0; i < t.length; i++)
		PROMISE(words[i] >= ' ' && words[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct dhcp6_message m;

	if (!dhcp6_read(&m, bytes, length, 0x12345601))
		return 0;
	PROMISE(length >= 4 && m.xid <= 0xffffff);
	PROMISE(m.client.length <= DHCP6_DUID && m.server.length <= DHCP6_DUID);
	PROMISE(m.count <= DHCP6_ADDRESSES && (m.has_ia || !m.count));
	PROMISE(!m.t1 || !m.t2 || m.t1 <= m.t2);
	for (size_t i = 0; i < m.count; i++)
		PROMISE(ipaddr_is_host(&m.addresses[i].address) &&
			m.addresses[i].preferred <= m.addresses[i].valid);
	check_servers(m.dns);
	check_servers(m.ntp);
	check_status(&m.status);
	check_status(&m.ia_status);
	PROMISE(strlen(m.search) < sizeof m.search && strlen(m.fqdn) < sizeof m.fqdn);
	touch(m.posix_zone.at, m.posix_zone.length);
	touch(m.tz_name.at, m.tz_name.length);
	touch(m.boot_file_url.at, m.boot_file_url.length);
	PROMISE(!m.sol_max_rt || (m.sol_max_rt >= 60 && m.sol_max_rt <= 86400));
	return 0;
}
