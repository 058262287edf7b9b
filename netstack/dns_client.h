// SPDX-License-Identifier: BSD-2-Clause
// DNS client machine: a host's IPv4 addresses by UDP (RFC 1035; 1123 section 6.1).
//
// The servers are asked in turn, each time after a longer pause. One that cannot answer (an error, an
// answer cut off before its first address) is left out from then on; that a name does not exist is
// believed of the first that says so. A name without a dot is looked for in the domain first. Answers
// count only from a server's port 53, with our id and the very question; the owner binds a port of its
// own for each run. Aliases are followed over at most 8 further questions.
#pragma once

#include "netstack/base/fault.h"
#include "netstack/base/machine.h"
#include "netstack/base/random.h"
#include "netstack/wire/dns.h"

enum { DNS_PORT = 53, DNS_SERVERS = 4, DNS_HOST = 256 };

struct dns_client_config {
	struct random *random;
	struct ipaddr servers[DNS_SERVERS]; // unset ones are skipped
	const char *host;     // copied
	const char *domain;   // for names without a dot; "" or NULL: none; must stay valid
	uint32_t patience;    // ms until it fails, 0: 10 s
};

struct dns_client {
	struct dns_client_config cfg;
	enum machine_status status;
	struct fault fault;
	char host[DNS_HOST];
	struct dns_name name;      // of the present question
	bool in_domain;            // it is `host` in cfg.domain
	bool due;                  // the question, to the present server
	uint16_t id;
	unsigned server;           // index of the one asked last
	unsigned useless;          // bit n: server n cannot answer
	unsigned tries, aliases;
	uint32_t pause;            // ms until the next try
	uint64_t started, next;    // ms
	size_t count;              // once done, at least 1
	struct ipaddr addresses[DNS_ADDRESSES];
};

void dns_client_start(struct dns_client *c, const struct dns_client_config *cfg, uint64_t now);
void dns_client_input(struct dns_client *c, const void *packet, size_t length,
	const struct endpoint *from, uint64_t now);
// ICMP or ARP reported that this server cannot be reached.
void dns_client_unreachable(struct dns_client *c, const struct endpoint *peer,
	const struct fault *why, uint64_t now);
bool dns_client_output(struct dns_client *c, struct writer *packet, struct endpoint *to, uint64_t now);
uint64_t dns_client_deadline(const struct dns_client *c);
enum machine_status dns_client_status(const struct dns_client *c);
