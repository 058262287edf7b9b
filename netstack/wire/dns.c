// SPDX-License-Identifier: BSD-2-Clause
// DNS messages, RFC 1035 section 4: a header of six numbers, questions, resource records.
//
//	 id | flags | questions | answers | authorities | additional
//	 name type class                         a question
//	 name type class ttl length data         a record
//
// A name is a row of labels; a pointer (two bytes, the upper bits 11) says that the rest of it stands
// further ahead in the message. Here each pointer has to lead to before the place where the part that it
// ends began: so a name ends after a bounded number of steps.
#include "netstack/wire/dns_parts.h"
#include "netstack/base/memory.h"

enum { FLAG_RECURSION = 0x0100 };

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool allowed(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

bool dns_name_read(struct dns_name *name, const char *text, size_t length)
{
	size_t start = 0, at;

	*name = (struct dns_name){0};
	if (length && text[length - 1] == '.')
		length--;
	if (length == 0 || length + 2 > DNS_NAME)
		return false;
	for (at = 0; at <= length; at++) {
		if (at < length && text[at] != '.') {
			if (!allowed(text[at]))
				return false;
			name->bytes[at + 1] = lower((uint8_t)text[at]);
			continue;
		}
		if (at == start || at - start > DNS_LABEL)
			return false;
		name->bytes[start] = (uint8_t)(at - start);
		start = at + 1;
	}
	name->length = (uint8_t)(length + 2);
	return true;
}

bool dns_parts_same(const struct dns_name *a, const struct dns_name *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

void dns_write_question(struct writer *w, uint16_t id, const struct dns_name *name)
{
	write_u16(w, id);
	write_u16(w, FLAG_RECURSION);
	write_u16(w, 1);
	write_zeros(w, 6);
	write_bytes(w, name->bytes, name->length);
	write_u16(w, DNS_TYPE_A);
	write_u16(w, DNS_CLASS_IN);
}

// Appends one label and its length. False if the name gets too long.
static bool add_label(struct dns_name *name, struct reader *r, uint8_t length)
{
	if (name->length + 1 + length > DNS_NAME)
		return false;
	name->bytes[name->length++] = length;
	for (; length; length--)
		name->bytes[name->length++] = lower(read_u8(r));
	return true;
}

void dns_parts_name(struct reader *r, const uint8_t *start, struct dns_name *name)
{
	const uint8_t *lowest = r->at; // where the present part of the name begins
	struct reader at = *r;
	bool jumped = false;

	name->length = 0;
	for (;;) {
		uint8_t length = read_u8(&at);

		if (length >= 0xc0) {
			size_t offset = (size_t)(length & 0x3f) << 8 | read_u8(&at);

			if (!jumped)
				*r = at;
			jumped = true;
			if (at.failed || offset >= (size_t)(lowest - start))
				break;
			lowest = at.at = start + offset;
		} else if (length > DNS_LABEL || at.failed || !add_label(name, &at, length)) {
			break;
		} else if (length == 0) {
			if (!jumped)
				*r = at;
			return;
		}
	}
	r->failed = true;
}

void dns_parts_record(struct reader *r, const uint8_t *start, struct dns_record *record)
{
	dns_parts_name(r, start, &record->name);
	record->type = read_u16(r);
	record->class = read_u16(r);
	read_skip(r, 4); // TTL: nothing is kept for that long
	record->data = read_sub(r, read_u16(r));
}

// One pass over the answers: addresses of answer->name, or the name that it is an alias of. True if
// there was an alias.
static bool scan(struct dns_answer *answer, struct reader *r, const uint8_t *start, unsigned records)
{
	struct dns_record record;

	for (; records && !r->failed; records--) {
		uint8_t bytes[4];

		dns_parts_record(r, start, &record);
		if (r->failed || record.class != DNS_CLASS_IN || !dns_parts_same(&record.name, &answer->name))
			continue;
		if (record.type == DNS_TYPE_CNAME) {
			struct reader data = record.data;

			dns_parts_name(&data, start, &answer->name);
			r->failed |= data.failed;
			return true;
		}
		if (record.type != DNS_TYPE_A || reader_left(&record.data) != 4 ||
			answer->count == DNS_ADDRESSES)
			continue;
		read_bytes(&record.data, bytes, 4);
		answer->addresses[answer->count] = ipaddr_v4(bytes[0], bytes[1], bytes[2], bytes[3]);
		answer->count += ipaddr_is_host(&answer->addresses[answer->count]);
	}
	return false;
}

bool dns_read_answer(struct dns_answer *answer, const void *message, size_t length, uint16_t id,
	const struct dns_name *name)
{
	struct reader r = reader_of(message, length), records;
	uint16_t read_id = read_u16(&r), flags = read_u16(&r), questions = read_u16(&r);
	uint16_t answers = read_u16(&r);
	struct dns_name asked;

	*answer = (struct dns_answer){.rcode = flags & 15, .truncated = flags & DNS_FLAG_TRUNCATED,
		.name = *name};
	read_skip(&r, 4);
	dns_parts_name(&r, message, &asked);
	if (read_u16(&r) != DNS_TYPE_A || read_u16(&r) != DNS_CLASS_IN || r.failed || read_id != id ||
		(flags & (DNS_FLAG_RESPONSE | DNS_FLAG_OPCODE)) != DNS_FLAG_RESPONSE || questions != 1 ||
		!dns_parts_same(&asked, name))
		return false;
	for (unsigned aliases = 0; aliases <= DNS_ALIASES; aliases++) {
		records = r;
		if (!scan(answer, &records, message, answers))
			return !records.failed || answer->truncated;
		if (records.failed)
			return false;
		answer->alias = true;
	}
	return false;
}
