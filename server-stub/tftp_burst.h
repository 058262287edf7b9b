// SPDX-License-Identifier: BSD-2-Clause
// Packets of one session that go out together, with one system call: those of a window. (Where the
// kernel can cut one large datagram into packets, UDP_SEGMENT, this is the place for it: the blocks of
// a window lie behind each other here and all but the last are of one length.)
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The packets of a window must fit, each with its head, and so must the largest single one.
enum { TFTP_BURST_BYTES = 128 * 1024, TFTP_BURST_PACKETS = 64 };

struct tftp_burst;

struct tftp_burst *tftp_burst_new(void);
void tftp_burst_free(struct tftp_burst *b);
// Whether another packet of up to `length` bytes has room; then tftp_burst_space says where to write it
// and tftp_burst_add how long it has become.
bool tftp_burst_fits(const struct tftp_burst *b, size_t length);
uint8_t *tftp_burst_space(struct tftp_burst *b);
void tftp_burst_add(struct tftp_burst *b, size_t length);
// Sends all through a connected socket and is empty again. What the kernel has no room for is lost, as
// on any network. False if the client has closed its port.
bool tftp_burst_send(struct tftp_burst *b, int socket);
