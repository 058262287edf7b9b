// SPDX-License-Identifier: BSD-2-Clause
// The seam between a byte stream (TCP, later TLS on top of it) and who speaks over it (HTTP): read,
// write, close, status. No memory is allocated, and no received byte is kept here: it goes to the
// consumer out of the driver's buffer, so that windows may be far larger than any buffer.
//
// Reading. The consumer gets every byte once. Bytes in order come through `bytes`. Bytes that came
// before others that were lost are offered through `ahead`; a consumer that knows where they belong
// (the body of a response with Content-Length, in a sink) takes them, and the stream remembers only
// their range. When the gap is filled, `placed` counts them as read. Bytes that are not taken are
// dropped, and the peer sends them again; that costs time, never correctness. Example, with packets
// of 100 bytes of which the second is lost:
//
//	bytes(100)    ahead(100, 100)    ahead(200, 100)    bytes(100)    placed(200)
//
// All of these are called while the owner of the stack polls it (stack_poll), never out of a
// stream_...() call. They may call stream_write, stream_close, stream_abort and stream_consume on the
// same stream; the bytes are valid during the call only.
//
// Failures. A stream never waits for ever: as long as something is awaited (stream_await), it is
// STREAM_FAILED with a fault after the times that its maker was configured with.
//
// Making one: stack_connect (netstack/stack.h) makes it of a struct tcp_client that the caller owns;
// stack_disconnect ends its use. Tests make their own struct stream_ops.
#pragma once

#include "netstack/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STREAM_WRITE_MAX = 4096 }; // bytes written and not yet acknowledged, in all

enum stream_state {
	STREAM_OPENING, // not connected yet; what is written is kept until then
	STREAM_OPEN,    // both directions
	STREAM_ENDED,   // the peer has closed in good order and every byte it sent has been delivered;
	                // what is written still goes out
	STREAM_CLOSED,  // over: closed by both sides, or aborted by ours. Nothing more is called.
	STREAM_FAILED,  // over: stream->fault says why. Nothing more is called.
};

// Who reads. Any function may be NULL but `bytes`.
struct stream_consumer {
	void *owner; // passed back as first argument
	// The next `length` (> 0) bytes in order. Gives how many of them, from the first on, were taken.
	// The others are dropped; they come again when the peer repeats them, which takes a round trip at
	// least. `room` is the better way to slow a peer down.
	size_t (*bytes)(void *owner, const uint8_t *bytes, size_t length, uint64_t now);
	// `length` (> 0) bytes of which the first lies `ahead` (> 0) bytes behind the next byte in order.
	// Gives how many of them, from the first on, were taken, that is: written to their final place.
	// Bytes taken are never offered again. NULL: none are ever taken.
	size_t (*ahead)(void *owner, size_t ahead, const uint8_t *bytes, size_t length, uint64_t now);
	// The next `length` (> 0) bytes in order are bytes that `ahead` took. Required with `ahead`.
	void (*placed)(void *owner, size_t length, uint64_t now);
	// How many bytes, from the next one in order on, may come now: the window told to the peer is no
	// larger (but never smaller than what it was told before). Asked often: answer from a variable.
	// NULL: as many as the stream can bear.
	size_t (*room)(void *owner);
	// stream->state is now STREAM_OPEN, STREAM_ENDED, STREAM_CLOSED or STREAM_FAILED. For ENDED: after
	// the last bytes. A consumer may also just look at the state in its own step.
	void (*changed)(void *owner, uint64_t now);
};

struct stream;

// What makes a stream; users call the functions below.
struct stream_ops {
	bool (*write)(struct stream *s, const void *bytes, size_t length, uint64_t now);
	void (*await)(struct stream *s, bool awaited, uint64_t now);
	void (*close)(struct stream *s, uint64_t now);
	void (*abort)(struct stream *s, uint64_t now);
	void (*describe)(const struct stream *s, struct text *to, uint64_t now);
};

// Embedded as first member by the stream's own struct (struct tcp). Users read state and fault.
struct stream {
	const struct stream_ops *ops;
	struct stream_consumer consumer;
	enum stream_state state;
	struct fault fault; // of STREAM_FAILED
};

// Who reads from now on, copied; NULL: nobody, then received bytes are refused. A consumer that took
// bytes ahead keeps the stream until `placed` has counted them, or aborts it. The new one is not told
// of the state that the stream is in already.
static inline void stream_consume(struct stream *s, const struct stream_consumer *consumer)
{
	s->consumer = consumer ? *consumer : (struct stream_consumer){.owner = NULL};
}

// Queues bytes for the peer, copied: all of them, or (false) none, because the unacknowledged ones
// leave no room or because the stream can send no more (closed, failed).
static inline bool stream_write(struct stream *s, const void *bytes, size_t length, uint64_t now)
{
	return s->ops->write(s, bytes, length, now);
}

// Whether the consumer waits for bytes (a response). While it does, a peer that sends nothing for the
// time that the stream was configured with fails the stream; the time begins anew with each call that
// changes it, and with every byte received. Else (a kept-alive connection at rest) it may be silent.
// Not awaited at first. Connecting and bytes of ours without acknowledgement always have a deadline.
static inline void stream_await(struct stream *s, bool awaited, uint64_t now)
{
	s->ops->await(s, awaited, now);
}

// Nothing more will be written; what has been goes out, and then the peer is told. Received bytes are
// still delivered. STREAM_CLOSED follows when the peer has closed too, or after a short time.
static inline void stream_close(struct stream *s, uint64_t now)
{
	s->ops->close(s, now);
}

// Ends it at once, STREAM_CLOSED; the peer is told so (TCP: RST). Nothing more is delivered, and
// `changed` is not called.
static inline void stream_abort(struct stream *s, uint64_t now)
{
	s->ops->abort(s, now);
}

// Appends, for people, what is awaited: "connecting to 10.0.0.1 port 80 (3 tries in 4 s)".
static inline void stream_describe(const struct stream *s, struct text *to, uint64_t now)
{
	s->ops->describe(s, to, now);
}

// Both over; the struct may be given away once its maker has let go of it (stack_disconnect).
static inline bool stream_is_over(const struct stream *s)
{
	return s->state == STREAM_CLOSED || s->state == STREAM_FAILED;
}
