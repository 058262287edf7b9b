// SPDX-License-Identifier: BSD-2-Clause
// What process 1 does when a boot has failed: it never exits, for then the kernel would panic.
#pragma once

#include "initramfs/cmdline.h"
#include "netstack/base/fault.h"

// Shows the fault; gives a shell where lanyard.rescue asks for one and the image has one; with panic=
// shows a countdown and reboots. Otherwise returns after a pause, for another try.
void failure_handle(const struct cmdline *c, const struct fault *fault);
// The same when there is nothing left to try: does not return.
void failure_final(const struct cmdline *c, const struct fault *fault) __attribute__((noreturn));
// break=STAGE: a shell, then the boot goes on. Without one in the image that is said.
void failure_shell(const char *stage);
