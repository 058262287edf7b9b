// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/base/ipaddr.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

struct ipaddr ipaddr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct ipaddr){.family = IP_V4, .bytes = {a, b, c, d}};
}

struct ipaddr ipaddr_from_u32(uint32_t n)
{
	return ipaddr_v4((uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n);
}

uint32_t ipaddr_to_u32(const struct ipaddr *a)
{
	const uint8_t *b = a->bytes;

	if (a->family != IP_V4)
		return 0;
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

bool ipaddr_equal(const struct ipaddr *a, const struct ipaddr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool ipaddr_is_unset(const struct ipaddr *a)
{
	static const uint8_t zero[16];

	return a->family == IP_NONE || memcmp(a->bytes, zero, sizeof zero) == 0;
}

bool ipaddr_is_multicast(const struct ipaddr *a)
{
	return a->family == IP_V4 ? a->bytes[0] >> 4 == 14 : a->family == IP_V6 && a->bytes[0] == 255;
}

bool ipaddr_is_broadcast(const struct ipaddr *a)
{
	return a->family == IP_V4 && ipaddr_to_u32(a) == 0xffffffff;
}

static bool is_loopback_v6(const struct ipaddr *a)
{
	static const uint8_t loopback[16] = {[15] = 1};

	return memcmp(a->bytes, loopback, sizeof loopback) == 0;
}

bool ipaddr_is_host(const struct ipaddr *a)
{
	if (a->family == IP_V4)
		return a->bytes[0] != 0 && a->bytes[0] != 127 && a->bytes[0] < 224;
	return !ipaddr_is_unset(a) && !ipaddr_is_multicast(a) && !is_loopback_v6(a);
}

bool ipaddr_is_link_local(const struct ipaddr *a)
{
	return a->family == IP_V6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

bool ipaddr_same_net(const struct ipaddr *a, const struct ipaddr *b, unsigned prefix)
{
	unsigned whole = prefix / 8, rest = prefix % 8;

	if (a->family != b->family || prefix > (a->family == IP_V4 ? 32 : 128))
		return false;
	if (memcmp(a->bytes, b->bytes, whole) != 0)
		return false;
	return rest == 0 || (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0;
}

int ipaddr_mask_to_prefix(const struct ipaddr *mask)
{
	uint32_t host = ~ipaddr_to_u32(mask);
	int prefix = 32;

	if (mask->family != IP_V4 || (host & (host + 1)) != 0)
		return -1;
	for (; host; host >>= 1)
		prefix--;
	return prefix;
}

struct ipaddr ipaddr_prefix_to_mask(unsigned prefix)
{
	return ipaddr_from_u32(prefix == 0 ? 0 : 0xffffffffu << (32 - (prefix > 32 ? 32 : prefix)));
}

unsigned ipaddr_classful_prefix(const struct ipaddr *a)
{
	return a->bytes[0] < 128 ? 8 : a->bytes[0] < 192 ? 16 : 24;
}

bool ipaddr_parse(struct ipaddr *a, const char *text, size_t length)
{
	uint32_t address = 0;
	const char *end = text + length;

	for (int i = 0; i < 4; i++) {
		const char *start = text;
		uint32_t part = 0;

		while (text < end && *text >= '0' && *text <= '9' && text - start < 3)
			part = part * 10 + (uint32_t)(*text++ - '0');
		if (text == start || part > 255 || (*start == '0' && text - start > 1))
			return false;
		address = address << 8 | part;
		if (i < 3 && (text == end || *text++ != '.'))
			return false;
	}
	if (text != end)
		return false;
	*a = ipaddr_from_u32(address);
	return true;
}

// Hexadecimal groups with colons between them, from `text` to `end`; gives how many, -1 for anything else.
static int read_groups(const char *text, const char *end, uint16_t groups[8])
{
	int count = 0;

	if (text == end)
		return 0;
	for (;; text++) {
		const char *start = text;
		uint32_t group;

		while (text < end && *text != ':')
			text++;
		if (count == 8 || text - start > 4 || !text_u32(start, (size_t)(text - start), 16, &group))
			return -1;
		groups[count++] = (uint16_t)group;
		if (text == end)
			return count;
	}
}

bool ipaddr_parse_v6(struct ipaddr *a, const char *text, size_t length)
{
	uint16_t groups[16] = {0};
	const char *end = text + length, *gap = text;
	int before, after = 0;

	if (length > 2 && *text == '[' && end[-1] == ']') {
		gap = ++text;
		end--;
	}
	while (gap < end && !(gap[0] == ':' && gap + 1 < end && gap[1] == ':'))
		gap++;
	before = read_groups(text, gap, groups);
	if (gap < end)
		after = read_groups(gap + 2, end, groups + 8);
	if (before < 0 || after < 0 || (gap < end ? before + after > 7 : before != 8))
		return false;
	*a = (struct ipaddr){.family = IP_V6};
	for (int i = 0; i < 8; i++) {
		uint16_t group = i < before ? groups[i] : i >= 8 - after ? groups[i + after] : 0;

		a->bytes[2 * i] = (uint8_t)(group >> 8);
		a->bytes[2 * i + 1] = (uint8_t)group;
	}
	return true;
}

static void format_v6(struct text *t, const uint8_t *b)
{
	for (int i = 0; i < 16; i += 2)
		text_format(t, "%s%x", i ? ":" : "", b[i] << 8 | b[i + 1]);
}

const char *ipaddr_format(const struct ipaddr *a, char *to)
{
	struct text t = text_of(to, IPADDR_TEXT);
	const uint8_t *b = a->bytes;

	if (a->family == IP_V4)
		text_format(&t, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	else if (a->family == IP_V6)
		format_v6(&t, b);
	else
		text_format(&t, "none");
	return to;
}
