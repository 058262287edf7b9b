// SPDX-License-Identifier: BSD-2-Clause
// The TFTP service: requests that come to its port, one session machine for each
// (machine/tftp_server.h), each with a port of its own.
#pragma once

#include "server-stub/events.h"
#include "server-stub/sources.h"

#include <stdint.h>

struct tapes;

struct tftpd_config {
	struct events *events;
	struct sources *sources;
	int socket;       // from tftpd_bind, the service's once it has started
	struct tapes *tapes; // takes what clients may write, NULL: nothing
	size_t sessions;  // at most that many at a time, 0: 512; fewer if RLIMIT_NOFILE is too low (two each)
};

struct tftpd;

// A UDP socket for tftpd_config.socket; -1 and errno where that is impossible.
int tftpd_bind(uint16_t port);
// NULL where memory or descriptors are missing.
struct tftpd *tftpd_start(const struct tftpd_config *config);
void tftpd_stop(struct tftpd *t);
