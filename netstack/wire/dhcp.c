// SPDX-License-Identifier: BSD-2-Clause
// DHCP messages: a fixed part of 236 bytes, the magic cookie, options (code, length, value; PAD and
// END are single bytes).
//
// Option 52 in the options area says that file, sname or both hold options as well; there it is
// ignored, so that areas cannot refer to each other in a circle. An option that occurs several
// times is one long option, its parts in the order options, file, sname (RFC 3396 section 5).
#include "netstack/wire/dhcp.h"
#include "netstack/base/memory.h"

enum {
	MAGIC_COOKIE = 0x63825363,
	SNAME_SIZE = 64,
	FILE_SIZE = 128,
	OVERLOAD_FILE = 1,
	OVERLOAD_SNAME = 2,
	LONGEST_PART = 255,
};

// Walks the parts of one option over all areas that hold options.
struct parts {
	struct reader areas[3];
	int area;
	uint8_t code;
};

static struct parts parts_of(const struct dhcp_message *m, uint8_t code)
{
	struct parts p = {.areas = {m->options}, .code = code};

	if (m->file_overloaded)
		p.areas[1] = m->file;
	if (m->sname_overloaded)
		p.areas[2] = m->sname;
	return p;
}

// Reads the next option but PAD. False at END, at the end of the area, or if it runs past it (then
// the reader has failed).
static bool next_option(struct reader *area, uint8_t *code, struct reader *value)
{
	while (reader_left(area)) {
		*code = read_u8(area);
		if (*code == DHCP_OPTION_PAD)
			continue;
		if (*code == DHCP_OPTION_END)
			return false;
		*value = read_sub(area, read_u8(area));
		return !area->failed;
	}
	return false;
}

static bool next_part(struct parts *p, struct reader *part)
{
	uint8_t code;

	for (; p->area < 3; p->area++)
		while (next_option(&p->areas[p->area], &code, part))
			if (code == p->code)
				return true;
	return false;
}

static bool area_sound(struct reader area)
{
	struct reader value;
	uint8_t code;

	while (next_option(&area, &code, &value))
		;
	return !area.failed;
}

static struct ipaddr read_address(struct reader *r)
{
	uint32_t address = read_u32(r);

	return address ? ipaddr_from_u32(address) : (struct ipaddr){0};
}

static void read_fixed(struct dhcp_message *m, struct reader *r)
{
	m->op = read_u8(r);
	m->htype = read_u8(r);
	m->hlen = read_u8(r);
	m->hops = read_u8(r);
	m->xid = read_u32(r);
	m->secs = read_u16(r);
	m->flags = read_u16(r);
	m->ciaddr = read_address(r);
	m->yiaddr = read_address(r);
	m->siaddr = read_address(r);
	m->giaddr = read_address(r);
	read_bytes(r, m->chaddr, sizeof m->chaddr);
	m->sname = read_sub(r, SNAME_SIZE);
	m->file = read_sub(r, FILE_SIZE);
}

// The first `size` bytes of an option that consists of one or more values of that size.
static bool first_value(const struct dhcp_message *m, uint8_t code, uint8_t *to, size_t size)
{
	int length = dhcp_option(m, code, to, size);

	return length > 0 && (size_t)length % size == 0;
}

static bool option_u8(const struct dhcp_message *m, uint8_t code, uint8_t *value)
{
	uint8_t bytes[1];

	if (!first_value(m, code, bytes, sizeof bytes))
		return false;
	*value = bytes[0];
	return true;
}

bool dhcp_parse(struct dhcp_message *m, const void *packet, size_t length)
{
	struct reader r = reader_of(packet, length);
	uint8_t overload = 0;

	*m = (struct dhcp_message){0};
	read_fixed(m, &r);
	if (read_u32(&r) != MAGIC_COOKIE || r.failed || m->hlen > sizeof m->chaddr)
		return false;
	if (m->op != DHCP_BOOTREQUEST && m->op != DHCP_BOOTREPLY)
		return false;
	m->options = r;
	option_u8(m, DHCP_OPTION_OVERLOAD, &overload);
	m->file_overloaded = (overload & OVERLOAD_FILE) != 0;
	m->sname_overloaded = (overload & OVERLOAD_SNAME) != 0;
	if (!area_sound(m->options) || (m->file_overloaded && !area_sound(m->file)) ||
		(m->sname_overloaded && !area_sound(m->sname)))
		return false;
	option_u8(m, DHCP_OPTION_MESSAGE_TYPE, &m->type);
	return true;
}

int dhcp_option(const struct dhcp_message *m, uint8_t code, void *to, size_t size)
{
	struct parts parts = parts_of(m, code);
	struct writer w = writer_of(to, size);
	struct reader part;
	int length = -1;

	while (next_part(&parts, &part)) {
		size_t left = reader_left(&part);
		size_t room = writer_left(&w);

		length = (length < 0 ? 0 : length) + (int)left;
		write_bytes(&w, part.at, left < room ? left : room);
	}
	return length;
}

bool dhcp_option_u16(const struct dhcp_message *m, uint8_t code, uint16_t *value)
{
	uint8_t bytes[2] = {0};
	struct reader r = reader_of(bytes, sizeof bytes);

	if (!first_value(m, code, bytes, sizeof bytes))
		return false;
	*value = read_u16(&r);
	return true;
}

bool dhcp_option_u32(const struct dhcp_message *m, uint8_t code, uint32_t *value)
{
	uint8_t bytes[4] = {0};
	struct reader r = reader_of(bytes, sizeof bytes);

	if (!first_value(m, code, bytes, sizeof bytes))
		return false;
	*value = read_u32(&r);
	return true;
}

// The next byte of a joined option; -1 at its end. *part begins as an empty reader.
static int next_byte(struct parts *parts, struct reader *part)
{
	while (reader_left(part) == 0)
		if (!next_part(parts, part))
			return -1;
	return read_u8(part);
}

size_t dhcp_option_ips(const struct dhcp_message *m, uint8_t code, struct ipaddr *to, size_t max)
{
	struct parts parts = parts_of(m, code);
	struct reader part = {0};
	size_t count = 0;

	while (count < max) {
		uint32_t address = 0;

		for (int i = 0; i < 4; i++) {
			int byte = next_byte(&parts, &part);

			if (byte < 0)
				return count;
			address = address << 8 | (uint32_t)byte;
		}
		to[count++] = ipaddr_from_u32(address);
	}
	return count;
}

static bool end_text(char *to, size_t length)
{
	to[length] = 0;
	return to[0] != 0;
}

bool dhcp_option_text(const struct dhcp_message *m, uint8_t code, char *to, size_t size)
{
	int length = dhcp_option(m, code, to, size - 1);

	if (length < 0)
		length = 0;
	return end_text(to, (size_t)length < size ? (size_t)length : size - 1);
}

static bool field_text(struct reader field, bool overloaded, char *to, size_t size)
{
	size_t length = overloaded ? 0 : reader_left(&field);

	if (length > size - 1)
		length = size - 1;
	read_bytes(&field, to, length);
	return end_text(to, length);
}

bool dhcp_file(const struct dhcp_message *m, char *to, size_t size)
{
	return field_text(m->file, m->file_overloaded, to, size);
}

bool dhcp_sname(const struct dhcp_message *m, char *to, size_t size)
{
	return field_text(m->sname, m->sname_overloaded, to, size);
}

int dhcp_suboption(const struct dhcp_message *m, uint8_t outer, uint8_t code, void *to,
	size_t size)
{
	struct parts parts = parts_of(m, outer);
	struct reader part = {0};
	struct writer w = writer_of(to, size);
	int found = -1, inner;

	while ((inner = next_byte(&parts, &part)) >= 0 && inner != DHCP_OPTION_END) {
		int left, byte = 0;

		if (inner == DHCP_OPTION_PAD)
			continue;
		left = next_byte(&parts, &part);
		if (inner == code && left >= 0)
			found = (found < 0 ? 0 : found) + left;
		for (; left > 0 && (byte = next_byte(&parts, &part)) >= 0; left--)
			if (inner == code && writer_left(&w))
				write_u8(&w, (uint8_t)byte);
		if (left != 0) // it ends beyond the outer option: not in the form we know
			return -1;
	}
	return found;
}

static void write_address(struct writer *w, const struct ipaddr *a)
{
	write_u32(w, ipaddr_to_u32(a));
}

// A zero-padded field with a NUL at its end.
static void write_field(struct writer *w, const char *text, size_t size)
{
	size_t length = text ? strlen(text) : 0;

	if (length >= size) {
		w->failed = true;
		return;
	}
	write_bytes(w, text, length);
	write_zeros(w, size - length);
}

void dhcp_write_header(struct writer *w, const struct dhcp_message *m, const char *sname,
	const char *file)
{
	write_u8(w, m->op);
	write_u8(w, m->htype);
	write_u8(w, m->hlen);
	write_u8(w, m->hops);
	write_u32(w, m->xid);
	write_u16(w, m->secs);
	write_u16(w, m->flags);
	write_address(w, &m->ciaddr);
	write_address(w, &m->yiaddr);
	write_address(w, &m->siaddr);
	write_address(w, &m->giaddr);
	write_bytes(w, m->chaddr, sizeof m->chaddr);
	write_field(w, sname, SNAME_SIZE);
	write_field(w, file, FILE_SIZE);
	write_u32(w, MAGIC_COOKIE);
}

void dhcp_write_option(struct writer *w, uint8_t code, const void *bytes, size_t length)
{
	const uint8_t *b = bytes;

	do {
		size_t part = length < LONGEST_PART ? length : LONGEST_PART;

		write_u8(w, code);
		write_u8(w, (uint8_t)part);
		write_bytes(w, b, part);
		length -= part;
		b = length ? b + part : b;
	} while (length);
}

void dhcp_write_u8(struct writer *w, uint8_t code, uint8_t value)
{
	write_u8(w, code);
	write_u8(w, 1);
	write_u8(w, value);
}

void dhcp_write_u16(struct writer *w, uint8_t code, uint16_t value)
{
	write_u8(w, code);
	write_u8(w, 2);
	write_u16(w, value);
}

void dhcp_write_u32(struct writer *w, uint8_t code, uint32_t value)
{
	write_u8(w, code);
	write_u8(w, 4);
	write_u32(w, value);
}

void dhcp_write_ip(struct writer *w, uint8_t code, const struct ipaddr *a)
{
	dhcp_write_u32(w, code, ipaddr_to_u32(a));
}

void dhcp_write_text(struct writer *w, uint8_t code, const char *text)
{
	dhcp_write_option(w, code, text, strlen(text));
}

void dhcp_write_end(struct writer *w)
{
	write_u8(w, DHCP_OPTION_END);
	if (writer_length(w) < DHCP_MINIMUM)
		write_zeros(w, DHCP_MINIMUM - writer_length(w));
}

const char *dhcp_type_name(uint8_t type)
{
	static const char *const names[] = {NULL, "DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST",
		"DHCPDECLINE", "DHCPACK", "DHCPNAK", "DHCPRELEASE", "DHCPINFORM"};

	return type < sizeof names / sizeof *names ? names[type] : NULL;
}
