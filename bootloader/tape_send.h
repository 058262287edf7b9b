// SPDX-License-Identifier: BSD-2-Clause
// Sends the tape of this boot away after a failure, where the configuration (REPLAY) or DHCP (option
// 224) asks for it; else says once how to ask.
#pragma once

#include "netstack/base/fault.h"

struct boot;

void tape_send(struct boot *b, const struct fault *why);
