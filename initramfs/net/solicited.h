// SPDX-License-Identifier: BSD-2-Clause
// The IPv6 multicast group that a card will listen to as soon as it has its link-local address.
#pragma once

#include <stdint.h>

// Has the card `index` (down, or just up) listen to that group from the start. *fd is a socket that keeps
// the groups of all cards; -1 at first, and again if this kernel has no IPv6.
void solicited_join(int *fd, int index, const uint8_t hwaddr[6]);
// Leaves what the kernel has not joined itself meanwhile.
void solicited_end(int *fd);
