// SPDX-License-Identifier: BSD-2-Clause
// The machine's name by reverse DNS: the PTR record of its address, asked for by a child while the root is
// mounted, where nobody else has given a name.
#pragma once

#include "initramfs/system/netconf.h"

#include <stdbool.h>
#include <sys/types.h>

struct reverse {
	pid_t pid;     // 0: nobody is asked
	int pipe;      // poll it for reading
	uint64_t end;  // ms: until then a boot waits for the answer
	char name[NETCONF_HOSTNAME]; // "" unknown
};

// Begins to ask the lease's name servers, if it has any and no host name; what was asked before is
// forgotten.
void reverse_begin(struct reverse *r, const struct lease *lease, uint64_t now);
// Takes the answer if it is there.
void reverse_step(struct reverse *r);
// Whether a boot has to wait for it still.
bool reverse_is_due(const struct reverse *r, uint64_t now);
void reverse_end(struct reverse *r);
