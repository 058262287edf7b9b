// SPDX-License-Identifier: BSD-2-Clause
#include "server-stub/packet_batch.h"

#include <sys/socket.h>
#include <sys/types.h>

enum { BATCH = 64 };

void packet_batch(int fd, void (*take)(void *owner, const struct sockaddr_ll *from, const uint8_t *bytes,
	size_t length, uint64_t now), void *owner, uint64_t now)
{
	uint8_t bytes[PACKET_BATCH_LARGEST];

	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_ll from = {0};
		socklen_t size = sizeof from;
		ssize_t length = recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from,
			&size);

		if (length < 0)
			return;
		take(owner, &from, bytes, (size_t)length, now);
	}
}
