// SPDX-License-Identifier: BSD-2-Clause
// IEEE 802.3, 22.2.4.2: register 1 of a transceiver is its status. A link that is lost is kept there as
// lost until the register is read: what the second reading says is how it stands now.
#include "initramfs/net/phy.h"

#include <linux/mii.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// The kernel's MII calls have their arguments where other calls have an address.
static bool read_status(int fd, const char *name, unsigned *status)
{
	struct ifreq r = {0};
	struct mii_ioctl_data mii;

	_Static_assert(sizeof mii <= sizeof r.ifr_ifru, "MII's arguments fit");
	strncpy(r.ifr_name, name, sizeof r.ifr_name - 1);
	if (ioctl(fd, SIOCGMIIPHY, &r) < 0)
		return false;
	memcpy(&mii, &r.ifr_ifru, sizeof mii);
	mii.reg_num = MII_BMSR;
	memcpy(&r.ifr_ifru, &mii, sizeof mii);
	if (ioctl(fd, SIOCGMIIREG, &r) < 0)
		return false;
	memcpy(&mii, &r.ifr_ifru, sizeof mii);
	*status = mii.val_out;
	return true;
}

enum phy_link phy_link(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned status = 0;
	bool said = fd >= 0 && read_status(fd, name, &status) && read_status(fd, name, &status);

	if (fd >= 0)
		close(fd);
	return !said ? PHY_SILENT : status & BMSR_LSTATUS ? PHY_LINK : PHY_NO_LINK;
}
