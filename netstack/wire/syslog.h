// SPDX-License-Identifier: BSD-2-Clause
// Syslog messages (RFC 5424), one per UDP datagram (RFC 5426). Without a clock there is no timestamp:
//
//   <134>1 - 192.168.2.50 lanyard - kernel [lanyard@32473 ms="1234" bytes="8123456"] kernel is loaded
//
// 32473 is the number for documentation (RFC 5612): Lanyard has no number of its own.
#pragma once

#include "netstack/base/text.h"

enum { SYSLOG_PORT = 514 };
enum syslog_severity { SYSLOG_ERROR = 3, SYSLOG_NOTICE = 5, SYSLOG_INFO = 6 };
enum syslog_facility { SYSLOG_DAEMON = 3, SYSLOG_LOCAL0 = 16 };

struct syslog_param {
	const char *name;  // letters
	const char *value; // NULL or "": left out
};

// Texts may be NULL: nothing is known of it.
struct syslog_message {
	enum syslog_facility facility;
	enum syslog_severity severity;
	const char *hostname, *app, *process, *id;
	const struct syslog_param *params;
	size_t param_count;
	const char *text; // characters other than printing ASCII become '?'
};

// Writes the message; what does not fit is cut at its end.
void syslog_write(struct text *to, const struct syslog_message *m);
