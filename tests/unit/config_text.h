// SPDX-License-Identifier: BSD-2-Clause
// A configuration out of a test's text.
#pragma once

#include "bootloader/config.h"

#include <string.h>

static void read_config(struct config *c, const char *text)
{
	size_t size;

	config_start(c, NULL, NULL);
	memcpy(config_room(c, &size), text, strlen(text));
	config_push(c, "cfg", strlen(text));
	config_run(c);
	config_finish(c);
}
