// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/tftp_burst.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

struct tftp_burst {
	size_t used;
	unsigned count;
	struct mmsghdr messages[TFTP_BURST_PACKETS];
	struct iovec pieces[TFTP_BURST_PACKETS];
	uint8_t bytes[TFTP_BURST_BYTES];
};

struct tftp_burst *tftp_burst_new(void)
{
	struct tftp_burst *b = calloc(1, sizeof *b);

	for (size_t i = 0; b && i < TFTP_BURST_PACKETS; i++)
		b->messages[i].msg_hdr = (struct msghdr){.msg_iov = &b->pieces[i], .msg_iovlen = 1};
	return b;
}

void tftp_burst_free(struct tftp_burst *b)
{
	free(b);
}

bool tftp_burst_fits(const struct tftp_burst *b, size_t length)
{
	return b->count < TFTP_BURST_PACKETS && TFTP_BURST_BYTES - b->used >= length;
}

uint8_t *tftp_burst_space(struct tftp_burst *b)
{
	return b->bytes + b->used;
}

void tftp_burst_add(struct tftp_burst *b, size_t length)
{
	b->pieces[b->count++] = (struct iovec){.iov_base = b->bytes + b->used, .iov_len = length};
	b->used += length;
}

bool tftp_burst_send(struct tftp_burst *b, int socket)
{
	bool open = true;
	unsigned sent = 0;

	while (sent < b->count) {
		int n = sendmmsg(socket, b->messages + sent, b->count - sent, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			open = n == 0 || errno != ECONNREFUSED;
			break;
		}
		sent += (unsigned)n;
	}
	b->count = 0;
	b->used = 0;
	return open;
}
