// SPDX-License-Identifier: BSD-2-Clause
// Reading packet sockets: what has arrived on one, a batch at a time.
#pragma once

#include <linux/if_packet.h>
#include <stddef.h>
#include <stdint.h>

enum { PACKET_BATCH_LARGEST = 2048 }; // bytes of a packet; of a longer one the rest is lost

// Gives the packets that wait on `fd` to `take`, each with its sender, but not for ever: at most 64.
void packet_batch(int fd, void (*take)(void *owner, const struct sockaddr_ll *from, const uint8_t *bytes,
	size_t length, uint64_t now), void *owner, uint64_t now);
