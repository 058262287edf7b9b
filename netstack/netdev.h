// SPDX-License-Identifier: BSD-2-Clause
// The seam to a network card: whole Ethernet frames in and out, no FCS, nothing blocks, no malloc.
//
// Drivers (UNDI, SNP, AF_PACKET, TAP, pcap replay, loopback pair) and wrappers that stand on another
// netdev (faults, recorder) embed a struct netdev as their first member and fill in `ops`.
#pragma once

#include "netstack/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NETDEV_NAME = 16,
	NETDEV_HWADDR = 16,
	NETDEV_BURST = 64,          // frames that one receive call gives at most
	NETDEV_FRAME = 1514 + 4,    // longest frame handled: Ethernet header + 1500 + one VLAN tag
};

enum netdev_link { LINK_UNKNOWN, LINK_DOWN, LINK_UP };

enum netdev_caps {
	NETDEV_RX_CHECKSUM_OK = 1, // the device has checked IP, UDP and TCP sums of what it delivers
};

// One received frame, or one to send.
struct netdev_frame {
	const uint8_t *bytes;
	size_t length;
	bool checksum_absent; // receive only: a local sender left the sum to hardware that was never met
};

struct netdev;

struct netdev_ops {
	// Makes the device ready to receive and send. False with *fault set if it cannot.
	bool (*open)(struct netdev *dev, struct fault *fault);
	// Gives the device back to the firmware or system. Safe to call twice.
	void (*close)(struct netdev *dev);
	enum netdev_link (*link)(struct netdev *dev);
	// Takes up to `max` received frames. The bytes belong to the driver and stay valid until the
	// next receive or close call on this device. Also the driver's chance to finish transmissions.
	size_t (*receive)(struct netdev *dev, struct netdev_frame *burst, size_t max);
	// Queues frames for sending, in order; the bytes are copied before it returns. Gives the number
	// accepted: fewer than `count` means busy, try the rest after the next receive call.
	size_t (*transmit)(struct netdev *dev, const struct netdev_frame *frames, size_t count);
	// Hardware addresses of `count` multicast groups (6 bytes each) to hear besides our own and
	// broadcast. False where the device cannot; it then hears as before.
	bool (*set_filter)(struct netdev *dev, const uint8_t (*groups)[6], size_t count);
};

struct netdev {
	const struct netdev_ops *ops;
	char name[NETDEV_NAME];     // for people: "net0", "eth0"
	uint8_t hwaddr[NETDEV_HWADDR];
	uint8_t hwaddr_length;      // 6
	uint8_t hwtype;             // ARP hardware type (RFC 1700): 1 Ethernet
	uint16_t mtu;               // IP bytes in a frame, 1500
	uint16_t burst;             // frames that it may get at once; 0: any number
	uint32_t caps;              // enum netdev_caps
};
