// SPDX-License-Identifier: BSD-2-Clause
// A value of ip=: what is accepted can be written and reads back the same; what is not has a
// sentence. The same bytes are tried as BOOTIF= and as an address.
#include "netstack/wire/ipparam.h"
#include "tests/fuzz/harness.h"

static bool same(const struct ipparam *a, const struct ipparam *b)
{
	return ipaddr_equal(&a->client, &b->client) && ipaddr_equal(&a->server, &b->server) &&
	       ipaddr_equal(&a->gateway, &b->gateway) && ipaddr_equal(&a->ntp, &b->ntp) &&
	       ipaddr_equal(&a->dns[0], &b->dns[0]) && ipaddr_equal(&a->dns[1], &b->dns[1]) &&
	       a->prefix == b->prefix && a->has_mask == b->has_mask && a->autoconf == b->autoconf &&
	       strcmp(a->hostname, b->hostname) == 0 && strcmp(a->domain, b->domain) == 0 &&
	       strcmp(a->device, b->device) == 0 && a->mtu == b->mtu &&
	       a->has_hwaddr == b->has_hwaddr && memcmp(a->hwaddr, b->hwaddr, 6) == 0 &&
	       a->client_id_length == b->client_id_length &&
	       memcmp(a->client_id, b->client_id, a->client_id_length) == 0;
}

static void survives(const struct ipparam *p)
{
	char value[600];
	struct text t = text_of(value, sizeof value);
	struct ipparam again;
	struct fault fault;

	ipparam_format(p, &t);
	PROMISE(!t.cut);
	PROMISE(ipparam_parse(&again, value, t.length, &fault));
	PROMISE(same(p, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *value = (const char *)bytes;
	char sentence[FAULT_SENTENCE], address_text[IPADDR_TEXT];
	struct text t = text_of(sentence, sizeof sentence);
	struct ipparam p;
	struct fault fault;
	struct ipaddr address, again;
	uint8_t hwaddr[6];

	if (ipparam_parse(&p, value, length, &fault)) {
		survives(&p);
		PROMISE(p.prefix <= (p.client.family == IP_V6 ? 128 : 32));
	} else {
		PROMISE(fault.id == FAULT_IP_PARAMETER && fault.facts[0]);
		fault_sentence(&fault, &t);
		PROMISE(!t.cut);
	}
	bootif_parse(hwaddr, value, length);
	if (ipaddr_parse(&address, value, length)) {
		ipaddr_format(&address, address_text);
		PROMISE(strlen(address_text) == length && memcmp(address_text, value, length) == 0);
	}
	if (ipaddr_parse_v6(&address, value, length)) {
		ipaddr_format(&address, address_text);
		PROMISE(ipaddr_parse_v6(&again, address_text, strlen(address_text)));
		PROMISE(ipaddr_equal(&address, &again));
	}
	return 0;
}
