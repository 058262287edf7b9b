// SPDX-License-Identifier: BSD-2-Clause
// Takes the milestones of boot program and init (syslog over UDP, RFC 5426) into lanyardd's log, each
// with the client's name, so that a machine's way can be read in one place. Nobody gets an answer.
//
// Bounded: so many lines for a while, then they are counted only. What other programs of the clients
// send is shown with -v.
#pragma once

#include "server-stub/events.h"

struct syslogd;

// `socket` is its own from then on. NULL: the system refuses.
struct syslogd *syslogd_start(struct events *events, int socket);
void syslogd_stop(struct syslogd *s);
