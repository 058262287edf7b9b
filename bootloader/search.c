// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/search.h"
#include "bootloader/record.h"

// UUIDs of version 0 or 15 are place-holders of careless firmware.
static bool usable_uuid(const uint8_t *uuid, bool rfc_order)
{
	uint8_t version = uuid ? uuid[rfc_order ? 7 : 6] >> 4 : 0;

	return version != 0 && version != 15;
}

bool search_name(unsigned which, const struct search_facts *f, struct text *name)
{
	bool rfc_order = which == SEARCH_UUID_RFC;

	if (which == SEARCH_OPTION) {
		text_format(name, "%s", f->option ? f->option : "");
		return name->length > 0;
	}
	text_format(name, "pxelinux.cfg/");
	switch (which) {
	case SEARCH_UUID:
	case SEARCH_UUID_RFC:
		if (!usable_uuid(f->uuid, rfc_order))
			return false;
		record_uuid(name, f->uuid, rfc_order);
		return true;
	case SEARCH_HWADDR:
		text_format(name, "%02x-", f->hwtype);
		text_hwaddr(name, f->hwaddr, f->hwaddr_length, '-');
		return true;
	case SEARCH_DEFAULT:
		text_format(name, "default");
		return true;
	default:
		text_format(name, "%08X", (unsigned)ipaddr_to_u32(&f->address));
		name->length -= which - SEARCH_IP;
		name->start[name->length] = 0;
		return true;
	}
}
