// SPDX-License-Identifier: BSD-2-Clause
// The kernel's error numbers as NFSv3 status (RFC 1813 section 2.6).
#pragma once

#include <stdint.h>

// NFS3_OK for 0.
uint32_t status_of_errno(int error);
