// SPDX-License-Identifier: BSD-2-Clause
// The TFTP service: requests that come to its port, one session machine for each
// (machine/tftp_server.h), each with a port of its own.
#pragma once

#include "server-stub/events.h"
#include "server-stub/sources.h"

#include <stdint.h>

struct tftpd_config {
	struct events *events;
	struct sources *sources;
	int socket;       // bound to the TFTP port with IP_PKTINFO, the service's from then on
	size_t sessions;  // at most that many at a time, 0: 512
};

struct tftpd;

// A UDP socket for tftpd_config.socket; -1 and errno where that is impossible.
int tftpd_bind(uint16_t port);
// NULL where memory or descriptors are missing.
struct tftpd *tftpd_start(const struct tftpd_config *config);
void tftpd_stop(struct tftpd *t);
