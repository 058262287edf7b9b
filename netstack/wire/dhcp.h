// SPDX-License-Identifier: BSD-2-Clause
// DHCP messages (RFC 2131 section 2, options RFC 2132, long options RFC 3396, PXE RFC 4578).
//
// dhcp_parse checks the fixed part and walks all three option areas (options, file, sname) once;
// dhcp_option then joins the parts of an option in the order of RFC 3396.
#pragma once

#include "netstack/base/bytes.h"
#include "netstack/base/ipaddr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DHCP_BOOTREQUEST = 1, DHCP_BOOTREPLY = 2, DHCP_FIXED = 236, DHCP_MINIMUM = 300 };

enum dhcp_message_type {
	DHCPDISCOVER = 1,
	DHCPOFFER,
	DHCPREQUEST,
	DHCPDECLINE,
	DHCPACK,
	DHCPNAK,
	DHCPRELEASE,
	DHCPINFORM,
};

// DHCP_OPTION_<NAME> = code.
enum dhcp_option_code {
#define DHCP_OPTION(name, code) DHCP_OPTION_##name = code,
#include "netstack/wire/dhcp_options.def"
#undef DHCP_OPTION
};

// A view of a received message; it points into the packet, which must outlive it.
struct dhcp_message {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags; // flags: 0x8000 BROADCAST
	struct ipaddr ciaddr, yiaddr, siaddr, giaddr; // unset when zero
	uint8_t chaddr[16];
	uint8_t type;         // option 53, 0 for plain BOOTP
	bool sname_overloaded, file_overloaded;
	struct reader options, file, sname; // the areas, as they stand in the packet
};

// False if the fixed part is short, op is unknown, the magic cookie is absent, hlen > 16, or an
// option runs past its area. A missing END is accepted.
bool dhcp_parse(struct dhcp_message *m, const void *packet, size_t length);
// Joins option `code` into `to` (at most `size` bytes); gives its whole length, which may be more
// than `size`; -1 if the option is absent.
int dhcp_option(const struct dhcp_message *m, uint8_t code, void *to, size_t size);
// Numbers: false if absent or of another size. A number given several times counts as its first.
bool dhcp_option_u16(const struct dhcp_message *m, uint8_t code, uint16_t *value);
bool dhcp_option_u32(const struct dhcp_message *m, uint8_t code, uint32_t *value);
// Fills up to `max` addresses, gives their number. Bytes left over at the end are ignored.
size_t dhcp_option_ips(const struct dhcp_message *m, uint8_t code, struct ipaddr *to, size_t max);
// A text option: cut at the first NUL and at `size` - 1, always terminated. False if it is absent
// or empty.
bool dhcp_option_text(const struct dhcp_message *m, uint8_t code, char *to, size_t size);
// The file or sname field as text (up to 128 or 64 characters without NUL); "" where overloaded.
bool dhcp_file(const struct dhcp_message *m, char *to, size_t size);
bool dhcp_sname(const struct dhcp_message *m, char *to, size_t size);
// A sub-option inside encapsulated option `outer` (43): as dhcp_option. -1 as well where the outer
// option does not consist of sub-options.
int dhcp_suboption(const struct dhcp_message *m, uint8_t outer, uint8_t code, void *to,
	size_t size);

// Writes the fixed part and the magic cookie; m's option views are not used. `sname` and `file` may
// be NULL; the writer fails if they are longer than 63 and 127 characters.
void dhcp_write_header(struct writer *w, const struct dhcp_message *m, const char *sname,
	const char *file);
// One option; longer than 255 bytes is split as RFC 3396 says.
void dhcp_write_option(struct writer *w, uint8_t code, const void *bytes, size_t length);
void dhcp_write_u8(struct writer *w, uint8_t code, uint8_t value);
void dhcp_write_u16(struct writer *w, uint8_t code, uint16_t value);
void dhcp_write_u32(struct writer *w, uint8_t code, uint32_t value);
void dhcp_write_ip(struct writer *w, uint8_t code, const struct ipaddr *a);
void dhcp_write_text(struct writer *w, uint8_t code, const char *text);
// END, and padding to DHCP_MINIMUM bytes from the writer's start, which some servers and relays
// insist on.
void dhcp_write_end(struct writer *w);

// "DHCPACK"; "message type 42" has no name: NULL.
const char *dhcp_type_name(uint8_t type);
