// SPDX-License-Identifier: BSD-2-Clause
// The time of day that an HTTP server tells in every answer (RFC 9110 sections 5.6.7 and 6.6.1). Does no
// I/O.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Seconds since 1970 from the Date field of a complete head; false if it has none, or one that is not
// in the form that servers have to send: "Date: Sun, 06 Nov 1994 08:49:37 GMT".
bool httpdate_read(const char *head, size_t length, uint64_t *seconds);
