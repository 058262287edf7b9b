// SPDX-License-Identifier: BSD-2-Clause
// XDR (RFC 4506) with a direction: a cursor either encodes or decodes, and one function per type
// does both, so that the two ends of a protocol cannot drift apart. Errors are sticky, as in
// base/bytes.h: a message's function names all its fields, and its caller asks once for `failed`.
// What is decoded as variable-length data is a view into the message.
#pragma once

#include "netstack/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xdr {
	bool encoding;
	bool failed;       // did not fit, ended too early, or a value that its type does not have
	struct reader in;  // decoding
	struct writer out; // encoding
};

// Variable-length opaque data or a string (without NUL); not owned.
struct xdr_bytes {
	const uint8_t *at;
	uint32_t length;
};

struct xdr xdr_decoder(const void *message, size_t length);
struct xdr xdr_encoder(void *buffer, size_t size);
// Bytes encoded so far.
size_t xdr_length(const struct xdr *x);
// Bytes not yet decoded, or room left to encode.
size_t xdr_left(const struct xdr *x);

void xdr_u32(struct xdr *x, uint32_t *value);
void xdr_u64(struct xdr *x, uint64_t *value);
// Decoding anything but 0 and 1 fails.
void xdr_bool(struct xdr *x, bool *value);
// Opaque data of fixed length (RFC 4506 section 4.9); on failure zero-filled.
void xdr_fixed(struct xdr *x, void *bytes, size_t length);
// Opaque data or a string of at most `max` bytes (sections 4.10, 4.11). Encoding leaves data alone
// that already lies at its place in the buffer.
void xdr_bytes(struct xdr *x, struct xdr_bytes *value, uint32_t max);
