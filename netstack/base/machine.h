// SPDX-License-Identifier: BSD-2-Clause
// What all protocol machines, of clients and of servers, have in common. A machine x is a struct that
// its caller owns, driven by
//   x_start(x, cfg, now)            begin
//   x_input(x, packet, from, now)   one packet for it has arrived
//   x_output(x, writer, to, now)    true: it wrote one packet to send; call again until false,
//                                   once more after it has ended (a last acknowledgement or error)
//   x_deadline(x)                   when to call x_output next, at the latest (DEADLINE_NEVER: not)
//   x_status(x)                     running | done | failed (then x->fault says why)
// No machine reads a clock or a random source: `now` is milliseconds from any start, only compared
// and subtracted, and random numbers come from the struct random that its configuration names.
#pragma once

#include <stdint.h>

enum machine_status { MACHINE_RUNNING, MACHINE_DONE, MACHINE_FAILED };

#define DEADLINE_NEVER UINT64_MAX
