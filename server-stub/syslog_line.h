// SPDX-License-Identifier: BSD-2-Clause
// What stands in a syslog message that a client has sent (RFC 5424 section 6; RFC 3164 for the others).
// The message is a stranger's: nothing in it is believed, and what is not printable becomes '?'.
#pragma once

#include "netstack/base/text.h"

#include <stdint.h>

enum { SYSLOG_LINE_WORDS = 800 };

struct syslog_line {
	unsigned severity;             // 0 (worst) to 7
	bool lanyard;                  // by its own name the boot program or init
	char app[33];                  // "" where the message does not say
	char mac[18];                  // "52:54:00:12:34:56", "" where it does not say
	char words[SYSLOG_LINE_WORDS]; // without trailing blanks
};

// False for what is no syslog message: no priority from <0> to <191> in front, or no words.
bool syslog_line_read(struct syslog_line *l, const void *message, size_t length);
