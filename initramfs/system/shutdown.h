// SPDX-License-Identifier: BSD-2-Clause
// The end of the running system. When systemd has stopped everything it makes /run/initramfs the root
// directory, the old one being /oldroot, and starts /shutdown there as process 1: this program again,
// which unmounts the root while the network still works, and switches the machine off.
#pragma once

#include <stdbool.h>

// Puts this program into /run/initramfs. False with errno.
bool shutdown_install(void);
// Whether this process is that one, by its name.
bool shutdown_is_meant(const char *name);
// Does not return. argv[1] is what to do: poweroff, halt, reboot or kexec.
void shutdown_main(int argc, char **argv) __attribute__((noreturn));
