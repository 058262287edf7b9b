// SPDX-License-Identifier: BSD-2-Clause
// Collects what platform_identity tells.
#pragma once

// After pxe_find and undi_find.
void identity_init(void);
