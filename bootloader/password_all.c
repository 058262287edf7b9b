// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/password_parts.h"

const struct password_method password_methods[] = {
	{'1', password_md5}, {'4', password_sha1}, {'5', password_sha256}, {'6', password_sha512},
};
const size_t password_method_count = sizeof password_methods / sizeof *password_methods;
