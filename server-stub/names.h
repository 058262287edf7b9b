// SPDX-License-Identifier: BSD-2-Clause
// File names as boot clients send them by TFTP and HTTP, and what is meant by them.
//
// Firmware takes the name from a DHCP option that has no NUL at its end, and sends the bytes behind it
// (0xff, control characters, blanks) along; Windows tools write '\'; PXE boot servers of old added the
// number of a layer (".0") to a boot program's name.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// '\' becomes '/', leading slashes and garbage at the end go. False where it does not fit into `size`.
bool name_clean(const char *sent, char *to, size_t size);
// Without empty parts, "." and ".." (RFC 3986 section 5.2.4); nothing is above the first part.
void name_normalise(char *name);
// Whether `asked` means our own file `name`: upper and lower case are the same, and a boot program
// (.0, .efi) is meant with one ".0" more and with one less, too.
bool name_means(const char *asked, const char *name);
// What is behind the directory `prefix` in `name`, without slash; NULL where it is not below that. The
// prefix "" is above all.
const char *name_below(const char *name, const char *prefix);
