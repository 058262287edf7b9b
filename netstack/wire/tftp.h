// SPDX-License-Identifier: BSD-2-Clause
// TFTP packets (RFC 1350) and options (RFC 2347, 2348, 2349, 7440), for client and server.
#pragma once

#include "netstack/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TFTP_PORT = 69 }; // of the server, for requests
enum tftp_opcode { TFTP_RRQ = 1, TFTP_WRQ, TFTP_DATA, TFTP_ACK, TFTP_ERROR, TFTP_OACK };
enum tftp_error_code {
	TFTP_UNDEFINED,
	TFTP_FILE_NOT_FOUND,
	TFTP_ACCESS_VIOLATION,
	TFTP_DISK_FULL,
	TFTP_ILLEGAL_OPERATION,
	TFTP_UNKNOWN_TID,
	TFTP_FILE_EXISTS,
	TFTP_NO_SUCH_USER,
	TFTP_OPTION_REFUSED, // RFC 2347: the client does not want what the OACK offers
};

enum { TFTP_HAS_BLKSIZE = 1, TFTP_HAS_TIMEOUT = 2, TFTP_HAS_TSIZE = 4, TFTP_HAS_WINDOWSIZE = 8 };

struct tftp_options {
	unsigned has; // TFTP_HAS_...
	uint32_t blksize, timeout, windowsize;
	uint64_t tsize;
	bool unknown; // an option that is none of these was there
	bool bad;     // a known option with a value that is no number in its range, or given twice
};

// Views into the packet.
struct tftp_packet {
	uint16_t opcode;
	uint16_t block;          // DATA, ACK
	uint16_t error_code;     // ERROR
	struct reader text;      // ERROR: the message, perhaps without NUL
	struct reader data;      // DATA
	const char *file, *mode; // RRQ, WRQ
	struct tftp_options options; // RRQ, WRQ, OACK; trailing garbage after a NUL is ignored
};

// False for a packet that RFC 1350 does not know: short, unknown opcode, a name without NUL.
bool tftp_read(struct tftp_packet *p, const void *packet, size_t length);
// `wanted` may be NULL: a plain RFC 1350 request.
void tftp_write_request(struct writer *w, uint16_t opcode, const char *file, const char *mode,
	const struct tftp_options *wanted);
void tftp_write_oack(struct writer *w, const struct tftp_options *granted);
void tftp_write_ack(struct writer *w, uint16_t block);
void tftp_write_data(struct writer *w, uint16_t block, const void *data, size_t length);
void tftp_write_error(struct writer *w, uint16_t code, const char *text);
