// SPDX-License-Identifier: BSD-2-Clause
// Who a machine is on a root that many share: its host name and its machine id. Both stay the same from
// boot to boot and differ between machines. Does no I/O.
#pragma once

#include "netstack/base/text.h"

enum { IDENTITY_NAME = 65, IDENTITY_ID = 33 };

// The first label of `given` if it may be a host name, else "lan-" and the card's address.
void identity_hostname(const char *given, const uint8_t hwaddr[6], char to[IDENTITY_NAME]);
// Whether the UUID is one machine's own; NULL is not.
bool identity_tells_apart(const uint8_t uuid[16]);
// machine-id(5), without its newline: a hash of the machine's UUID, or of the card's address where
// there is no UUID (NULL) or one that many machines have.
void identity_machine_id(const uint8_t uuid[16], const uint8_t hwaddr[6], char to[IDENTITY_ID]);
// /etc/hosts with the machine's own name in it: `hosts`, without other names of 127.0.1.1.
void identity_hosts(const char *hosts, const char *name, const char *domain, struct text *to);
// The same where machines share the file and write to it: true with a text to put in its place, in which
// `address` has the name, on a line marked as ours. Our line of before goes: that of this address or
// name. False if the file may stay as it is: another line has the name, or ours is there already.
bool identity_add_host(const char *hosts, const char *address, const char *name, const char *domain,
	struct text *to);
// Whether nsswitch.conf(5) asks a module that knows the machine's own name (nss-myhostname, nss-resolve).
bool identity_knows_itself(const char *nsswitch);
// Reads the text form of a UUID ("4c4c4544-...") as dmi has it. False if it is none.
bool identity_read_uuid(const char *text, uint8_t uuid[16]);
