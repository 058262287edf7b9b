// SPDX-License-Identifier: BSD-2-Clause
// The kernel's requests for modules while init runs. A network card's driver finds a PHY or a part
// of itself only once it is loaded, asks the kernel for that driver, and waits: the kernel then
// starts the program of /proc/sys/kernel/modprobe with "-q -- NAME". That is init itself, in another
// role, for as long as the root's own modprobe is not there.
#pragma once

#include <stdbool.h>

// Has the kernel ask this program. Before the first module is loaded.
void modprobe_begin(void);
// Gives the requests back to the program that was set before.
void modprobe_end(void);
// The other role: loads the module that is asked for by name or alias, and what it needs; gives the
// exit code. What /lanyard/modules does not have is no concern of ours: 1, without a word.
int modprobe_main(int argc, char **argv);
