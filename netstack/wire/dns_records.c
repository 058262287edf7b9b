// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/wire/dns_records.h"

#include "netstack/base/text.h"
#include "netstack/wire/dns_parts.h"

static void put_reverse(struct text *t, const struct ipaddr *a)
{
	const uint8_t *b = a->bytes;

	if (a->family != IP_V6) {
		text_format(t, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
		return;
	}
	for (int i = 15; i >= 0; i--)
		text_format(t, "%x.%x.", b[i] & 15, b[i] >> 4);
	text_format(t, "ip6.arpa");
}

void dns_reverse_name(struct dns_name *name, const struct ipaddr *address)
{
	char buffer[80];
	struct text t = text_of(buffer, sizeof buffer);

	put_reverse(&t, address);
	dns_name_read(name, buffer, t.length);
}

void dns_write_query(struct writer *w, uint16_t id, const struct dns_name *name, enum dns_type type)
{
	dns_write_question(w, id, name);
	if (!w->failed)
		write_u16_at(w, writer_length(w) - 4, (uint16_t)type);
}

static bool is_name_character(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// As text; "" for a name that may not stand in a file.
static void set_host(struct dns_records *records, const struct dns_name *name)
{
	struct text t = text_of(records->host, sizeof records->host);

	for (size_t at = 0; name->bytes[at]; at += name->bytes[at] + 1u) {
		if (at)
			text_putc(&t, '.');
		for (size_t i = 1; i <= name->bytes[at]; i++) {
			if (!is_name_character(name->bytes[at + i])) {
				records->host[0] = 0;
				return;
			}
			text_putc(&t, (char)name->bytes[at + i]);
		}
	}
}

static void take(struct dns_records *records, struct dns_record *record, const uint8_t *start,
	enum dns_type type)
{
	struct ipaddr *a = &records->addresses[records->count];
	struct dns_name name;

	if (type == DNS_PTR) {
		dns_parts_name(&record->data, start, &name);
		if (!record->data.failed && !records->host[0])
			set_host(records, &name);
		return;
	}
	if (reader_left(&record->data) != sizeof a->bytes || records->count == DNS_ADDRESSES)
		return;
	a->family = IP_V6;
	read_bytes(&record->data, a->bytes, sizeof a->bytes);
	records->count += ipaddr_is_host(a);
}

// One pass over the answers: *name's records, or the name that it is an alias of. True if there was an
// alias.
static bool scan(struct dns_records *records, struct reader *r, const uint8_t *start, unsigned count,
	struct dns_name *name, enum dns_type type)
{
	struct dns_record record;

	for (; count && !r->failed; count--) {
		dns_parts_record(r, start, &record);
		if (r->failed || record.class != DNS_CLASS_IN || !dns_parts_same(&record.name, name))
			continue;
		if (record.type == DNS_TYPE_CNAME) {
			dns_parts_name(&record.data, start, name);
			r->failed |= record.data.failed;
			return true;
		}
		if (record.type == (uint16_t)type)
			take(records, &record, start, type);
	}
	return false;
}

bool dns_read_records(struct dns_records *records, const void *message, size_t length, uint16_t id,
	const struct dns_name *name, enum dns_type type)
{
	struct reader r = reader_of(message, length), answers;
	uint16_t read_id = read_u16(&r), flags = read_u16(&r), questions = read_u16(&r);
	uint16_t count = read_u16(&r);
	struct dns_name wanted;

	*records = (struct dns_records){.rcode = flags & 15};
	read_skip(&r, 4);
	dns_parts_name(&r, message, &wanted);
	if (read_u16(&r) != (uint16_t)type || read_u16(&r) != DNS_CLASS_IN || r.failed || read_id != id ||
		(flags & (DNS_FLAG_RESPONSE | DNS_FLAG_OPCODE)) != DNS_FLAG_RESPONSE || questions != 1 ||
		!dns_parts_same(&wanted, name))
		return false;
	for (unsigned aliases = 0; aliases <= DNS_ALIASES; aliases++) {
		answers = r;
		if (!scan(records, &answers, message, count, &wanted, type))
			return !answers.failed || flags & DNS_FLAG_TRUNCATED;
		if (answers.failed)
			return false;
	}
	return false;
}
