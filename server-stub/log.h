// SPDX-License-Identifier: BSD-2-Clause
// What lanyardd says: one line per event on standard error, each complete in itself.
//
//   lanyardd: dhcp: 192.168.2.100 is 52:54:00:12:34:56's (ws1)
//
// Under systemd (JOURNAL_STREAM is set) lines begin with syslog's priority in angle brackets.
#pragma once

#include "netstack/base/fault.h"

enum log_level { LOG_FAULT, LOG_WARNING, LOG_NOTICE, LOG_DETAIL };

// Lines up to this level are written; LOG_NOTICE at first, LOG_DETAIL with -v.
void log_set_level(enum log_level level);
// Whether lines of that level are written.
bool log_shows(enum log_level level);
// `part` says who speaks: "dhcp", "tftp". Unprintable characters, which a client may have sent, are
// written as '?'. Lines that come faster than 50 in a second for long are left out, but for LOG_FAULT.
void log_say(enum log_level level, const char *part, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
// The fault's whole sentence.
void log_fault(const char *part, const struct fault *fault);
