// SPDX-License-Identifier: BSD-2-Clause
// What fits into 80 KiB beside everything else.
#include "bootloader/password_parts.h"

const struct password_method password_methods[] = {
	{'1', password_md5}, {'4', password_sha1},
};
const size_t password_method_count = sizeof password_methods / sizeof *password_methods;
