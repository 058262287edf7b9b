// SPDX-License-Identifier: BSD-2-Clause
// The HTTP service (RFC 9110): GET and HEAD of the sources, with ranges, on libmicrohttpd. From its
// start on the process ignores SIGPIPE. A connection needs two descriptors.
#pragma once

#include "server-stub/events.h"
#include "server-stub/sources.h"

#include <stdint.h>

struct httpd_config {
	struct events *events;
	struct sources *sources;
	int listener; // a listening TCP socket, the service's once it has started
	unsigned patience; // s that a connection may be silent, 0: 30
};

struct httpd;

// A listening socket for httpd_config.listener; -1 and errno where that is impossible.
int httpd_listen(uint16_t port);
// NULL where memory or descriptors are missing.
struct httpd *httpd_start(const struct httpd_config *config);
void httpd_stop(struct httpd *h);
