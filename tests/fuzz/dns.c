// SPDX-License-Identifier: BSD-2-Clause
// An answer to the question for boot.example with the id 1234.
#include "netstack/wire/dns.h"
#include "tests/fuzz/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct dns_answer a;
	struct dns_name name, again;

	PROMISE(dns_name_read(&name, "boot.example", 12));
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
