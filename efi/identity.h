// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Copies what the firmware knows of this boot, before the cards are opened: that takes its network
// stack away. Then finds the cards.
void identity_init(void);
