// SPDX-License-Identifier: BSD-2-Clause
// SMBIOS structures (DSP0134 sections 5.2.1, 5.2.2, 7.2): type, length, handle, fields, then a set
// of strings that ends with two NULs. Option 97 (RFC 4578 section 2.3): a byte 0, then the UUID.
#include "bootloader/uuid.h"
#include "netstack/base/bytes.h"
#include "netstack/base/memory.h"

enum {
	DHCP_OPTIONS_AT = 240, // after the magic cookie (RFC 2131)
	OPTION_PAD = 0,
	OPTION_UUID = 97,
	OPTION_END = 255,
};

enum { SYSTEM_INFORMATION = 1, END_OF_TABLE = 127, UUID_AT = 8 };

static bool sums_to_zero(const uint8_t *bytes, size_t length)
{
	uint8_t sum = 0;

	while (length--)
		sum += *bytes++;
	return sum == 0;
}

static bool entry_at(const uint8_t *at, size_t size, uint64_t *table, uint32_t *length)
{
	struct reader r = reader_of(at, size);

	if (size >= 0x18 && memcmp(at, "_SM3_", 5) == 0 && at[6] >= 0x18 && at[6] <= size &&
		sums_to_zero(at, at[6])) {
		read_skip(&r, 0x0c);
		*length = read_u32_le(&r);
		*table = read_u64_le(&r);
		return true;
	}
	if (size >= 0x1f && memcmp(at, "_SM_", 4) == 0 && at[5] >= 0x1e && at[5] <= size &&
		sums_to_zero(at, at[5])) {
		read_skip(&r, 0x16);
		*length = read_u16_le(&r);
		*table = read_u32_le(&r);
		return true;
	}
	return false;
}

bool uuid_smbios_entry(const uint8_t *area, size_t size, uint64_t *table, uint32_t *length)
{
	size_t at;

	for (at = 0; at < size; at += 16)
		if (entry_at(area + at, size - at, table, length))
			return true;
	return false;
}

// Whether it says something: neither all zeros nor all ones.
static bool plausible(const uint8_t uuid[16])
{
	unsigned zeros = 0, ones = 0, i;

	for (i = 0; i < 16; i++) {
		zeros += uuid[i] == 0;
		ones += uuid[i] == 0xff;
	}
	return zeros < 16 && ones < 16;
}

// Skips a structure's strings.
static void skip_strings(struct reader *r)
{
	uint8_t before = read_u8(r), now = read_u8(r);

	while (!r->failed && (before | now)) {
		before = now;
		now = read_u8(r);
	}
}

bool uuid_of_smbios(const uint8_t *table, size_t length, uint8_t uuid[16])
{
	struct reader r = reader_of(table, length);

	while (!r.failed) {
		const uint8_t *start = r.at;
		uint8_t type = read_u8(&r), size = read_u8(&r);

		if (r.failed || type == END_OF_TABLE || size < 4)
			return false;
		read_skip(&r, size - 2u);
		if (!r.failed && type == SYSTEM_INFORMATION && size >= UUID_AT + 16) {
			memcpy(uuid, start + UUID_AT, 16);
			return plausible(uuid);
		}
		skip_strings(&r);
	}
	return false;
}

bool uuid_of_packet(const struct platform_packet *p, uint8_t uuid[16])
{
	struct reader r = reader_of(p->bytes, p->length);

	read_skip(&r, DHCP_OPTIONS_AT);
	while (!r.failed && reader_left(&r)) {
		uint8_t code = read_u8(&r);
		struct reader value;

		if (code == OPTION_PAD)
			continue;
		if (code == OPTION_END)
			return false;
		value = read_sub(&r, read_u8(&r));
		if (code != OPTION_UUID || reader_left(&value) != 17 || read_u8(&value) != 0)
			continue;
		read_bytes(&value, uuid, 16);
		return plausible(uuid);
	}
	return false;
}
