// SPDX-License-Identifier: BSD-2-Clause
// Passwords of menus, as MENU PASSWD writes them:
//   plain text
//   $4$salt$base64         SHA-1 of salt and password (syslinux's sha1pass)
//   $1$salt$hash           crypt(3): MD5
//   $5$salt$hash, $6$...   crypt(3): SHA-256 and SHA-512, with "rounds=N$" before the salt
// A boot program may lack the latter two: the Makefile picks password_all.c or password_few.c.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum password_result {
	PASSWORD_WRONG,
	PASSWORD_RIGHT,
	PASSWORD_UNKNOWN, // encrypted in a way that this program does not know
	PASSWORD_ROUNDS,  // more rounds than PASSWORD_ROUNDS_MAX
};

enum { PASSWORD_ROUNDS_MAX = 100000 };

// The time it takes depends on the lengths, not on where the two differ.
enum password_result password_check(const char *password, const char *typed);
