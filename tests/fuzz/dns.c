// SPDX-License-Identifier: BSD-2-Clause
// An answer with the id 1234 to the question for boot.example, or for 192.0.2.5's name.
#include "netstack/wire/dns_records.h"
#include "tests/fuzz/harness.h"

static void read_records(const uint8_t *bytes, size_t length, const struct dns_name *name,
	enum dns_type type)
{
	struct dns_records r;

	if (!dns_read_records(&r, bytes, length, 0x1234, name, type))
		return;
	PROMISE(r.count <= DNS_ADDRESSES && strlen(r.host) < sizeof r.host);
	for (size_t i = 0; i < r.count; i++)
		PROMISE(ipaddr_is_host(&r.addresses[i]));
	PROMISE(type == DNS_PTR ? !r.count : !r.host[0]);
	PROMISE(strspn(r.host, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == strlen(r.host));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct dns_answer a;
	struct dns_name name, again;

	dns_reverse_name(&name, &(struct ipaddr){IP_V4, {192, 0, 2, 5}});
	read_records(bytes, length, &name, DNS_PTR);
	PROMISE(dns_name_read(&name, "boot.example", 12));
	read_records(bytes, length, &name, DNS_AAAA);
	if (dns_name_read(&again, (const char *)bytes, length))
		PROMISE(again.length >= 3 && again.bytes[again.length - 1] == 0);
	if (!dns_read_answer(&a, bytes, length, 0x1234, &name))
		return 0;
	PROMISE(a.count <= DNS_ADDRESSES && a.name.length >= 1);
	PROMISE(a.name.bytes[a.name.length - 1] == 0);
	for (size_t i = 0; i < a.count; i++)
		PROMISE(ipaddr_is_host(&a.addresses[i]));
	if (!a.alias)
		PROMISE(a.name.length == name.length);
	return 0;
}
