// SPDX-License-Identifier: BSD-2-Clause
// lanyard.swap=zram[:SIZE]: swap space in compressed memory.
#pragma once

// Makes it, as large as said (half of the memory if not), inside the root, whose own modprobe(8) loads
// the module. What cannot be done is a notice.
void swap_start(const char *value);
