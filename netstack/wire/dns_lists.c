// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/wire/dns_lists.h"

#include "netstack/wire/dns.h"

void dns_list_add(struct ipaddr *servers, size_t most, const struct ipaddr *a)
{
	for (size_t i = 0; i < most; i++) {
		if (ipaddr_equal(&servers[i], a))
			return;
		if (ipaddr_is_unset(&servers[i])) {
			servers[i] = *a;
			return;
		}
	}
}

void dns_list_servers(struct ipaddr *servers, size_t most, bool link, struct reader *data)
{
	struct ipaddr a = {.family = IP_V6};

	while (reader_left(data) >= sizeof a.bytes) {
		read_bytes(data, a.bytes, sizeof a.bytes);
		if (ipaddr_is_host(&a) && (link || !ipaddr_is_link_local(&a)))
			dns_list_add(servers, most, &a);
	}
}

static bool is_name_character(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

bool dns_list_name(struct reader *data, struct text *to)
{
	while (reader_left(data)) {
		size_t length = read_u8(data);
		struct reader label = read_sub(data, length);

		if (!length)
			return true;
		if (length > DNS_LABEL || data->failed)
			return false;
		if (to->length)
			text_putc(to, '.');
		while (reader_left(&label)) {
			uint8_t c = read_u8(&label);

			if (!is_name_character(c))
				return false;
			text_putc(to, (char)c);
		}
	}
	return true;
}

void dns_list_search(struct text *to, struct reader *data)
{
	while (reader_left(data)) {
		char name[DNS_LIST_NAME];
		struct text t = text_of(name, sizeof name);

		if (!dns_list_name(data, &t) || t.cut || to->length + 1 + t.length >= to->size)
			return;
		if (t.length)
			text_format(to, "%s%s", to->length ? " " : "", name);
	}
}
