// SPDX-License-Identifier: BSD-2-Clause
// The configuration file (lanyardd.conf(5)): lines "word = value", the words being those of the
// command line.
#pragma once

#include "server-stub/options.h"

#define CONFIGURATION_DEFAULT "/etc/lanyard/lanyardd.conf"

// Reads o->file, which must exist, or the default one, which need not. False with
// SERVER_CONFIGURATION: file, line, and what is wrong there.
bool configuration_read(struct options *o, struct fault *f);
