// SPDX-License-Identifier: BSD-2-Clause
// The firmware's watchdog resets a machine whose boot program hangs for five minutes.
#pragma once

void watchdog_arm(void);
// To be called often; arms it again now and then.
void watchdog_feed(void);
