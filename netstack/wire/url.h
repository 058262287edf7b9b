// SPDX-License-Identifier: BSD-2-Clause
// URLs (RFC 3986) as far as boot files need them: scheme://host[:port]/path[?query]. A fragment is cut
// off; a user's name before the host is skipped.
#pragma once

#include "netstack/base/text.h"

// Views into the URL's text.
struct url {
	struct text_view scheme, host; // as written; the host may be empty
	struct text_view path;         // with its query, from its '/' on; empty if there is none
	uint16_t port;                 // 0: the scheme's
};

// False if the text does not begin with a scheme and "://", or its port is no number in 1..65535.
bool url_read(struct url *u, const char *text);
// Appends the URL that `reference` means when it stands in a file at `base`, a URL (section 5.2):
// dot segments removed, without fragment. False if `base` is none, or if
// `reference` begins like one and is none.
bool url_merge(struct text *to, const char *base, const char *reference);
// Appends `text` with its %41 decoded. %00 and a '%' without two hexadecimal digits stay as they are.
void url_decode(struct text *to, const char *text, size_t length);
// Appends a path or query as it may stand in a request: blanks and other bytes that must not occur
// there become %20; what is escaped already stays.
void url_encode(struct text *to, const char *text, size_t length);
