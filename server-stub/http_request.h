// SPDX-License-Identifier: BSD-2-Clause
// The parts of an HTTP request that decide about its answer (RFC 9110), without any I/O.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The file's name in a request's target: the path (RFC 9112 section 3.2, absolute form too), with its
// percent signs decoded. False for a bad escape, a NUL, or what does not fit.
bool http_path(const char *target, char *to, size_t size);

enum http_range {
	HTTP_RANGE_NONE,        // the whole: there is no range, or one that is to be ignored
	HTTP_RANGE_PART,        // bytes [first, first + length)
	HTTP_RANGE_UNSATISFIABLE,
};

// Reads a Range field (RFC 9110 section 14.1.2); several ranges are answered with the whole, as the
// RFC allows. NULL: there is none.
enum http_range http_range(const char *field, uint64_t size, uint64_t *first, uint64_t *length);

// Whether one of the entity tags in an If-None-Match field is this one, weakly compared, or '*'.
bool http_tag_listed(const char *field, const char *tag);
// "Sun, 06 Nov 1994 08:49:37 GMT"; needs 30 characters.
enum { HTTP_DATE = 30 };
void http_date(int64_t when, char to[HTTP_DATE]);
// Reads such a date; false for any other text.
bool http_date_read(const char *text, int64_t *when);
// By the end of the name. UEFI's HTTP boot goes by it: application/efi, application/vnd.efi-iso,
// application/vnd.efi-img.
const char *http_content_type(const char *name);
