// SPDX-License-Identifier: BSD-2-Clause
// What the parts of the TFTP client machine know of each other. Not for others.
#pragma once

#include "netstack/tftp_client.h"
#include "netstack/wire/tftp.h"

enum { TFTP_RTO_MIN = 30 }; // ms; on bad links the end of a window is often waited for so long

// The request, from the beginning of the file on; options or not as t->plain says.
void tftp_ask(struct tftp_client *t, uint64_t now);
// Ends the transfer with t->fault; the server, if it is known, is told to stop.
void tftp_fail(struct tftp_client *t, uint16_t code, const char *text);
void tftp_fail_protocol(struct tftp_client *t, const char *how);
// The server's address in words, in `to` of IPADDR_TEXT characters.
const char *tftp_server_name(const struct tftp_client *t, char *to);
// The newest block that may be acknowledged now.
uint64_t tftp_ack_limit(const struct tftp_client *t);
// What this transfer teaches about the way.
void tftp_learn(struct tftp_client *t, bool stalled);
