// SPDX-License-Identifier: BSD-2-Clause
// What a card's transceiver says of its link, asked by its driver's MII calls (IEEE 802.3 clause 22).
#pragma once

enum phy_link {
	PHY_SILENT,  // the driver does not say, or there is no such transceiver (fibre)
	PHY_NO_LINK, // no cable, or it still negotiates
	PHY_LINK,
};

// Asks about the card `name`, which may be down.
enum phy_link phy_link(const char *name);
