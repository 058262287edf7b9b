// SPDX-License-Identifier: BSD-2-Clause
// What lanyardd was told: by its command line (lanyardd(8)) and its configuration file
// (lanyardd.conf(5)). Both have the same words; the command line wins.
#pragma once

#include "netstack/base/fault.h"
#include "server-stub/dhcpd.h"

enum { OPTION_LIST = 32 };

struct option_list {
	const char *items[OPTION_LIST];
	size_t count;
	bool from_file; // what the command line adds replaces it
};

struct option_network {
	struct ipaddr address;
	uint8_t prefix;
};

struct options {
	const char *root;  // without links and dots, as the clients mount it; NULL: none was named
	const char *file;  // the configuration; NULL: the default one, which may be missing
	const char *state; // directory of keys and images
	const char
		*programs; // directory of boot programs, init and mklanyard; NULL: beside lanyardd
	const char *modules; // mklanyard's -m
	bool whole_image; // machines load the initramfs with all drivers
	const char *append;  // more words for the kernel, NULL: none
	const char *domain;  // NULL: none is told
	struct option_list interfaces, tftp_roots, allow;
	struct option_network allowed[OPTION_LIST]; // `allow`, read
	enum dhcpd_mode dhcp;
	struct dhcpd_pool pool;
	struct ipaddr router, dns;               // unset: those that this machine uses itself
	uint16_t http_port, tftp_port, nfs_port; // 0: that service is off
	bool http_port_given;                    // it is a fault if it cannot be had
	bool rw, portmap, router_advert, syslog, tapes, unconfined;
	bool check, verbose, help;
};

extern const char options_usage[];

// The command line, and before it the file that it names. False with SERVER_USAGE,
// SERVER_CONFIGURATION or SERVER_ROOT. Strings that are not argv's are never released.
bool options_read(struct options *o, int argc, char **argv, struct fault *f);
// One word with its value, as the configuration file has it. NULL: done; else what the word wants,
// or OPTIONS_UNKNOWN. `value` must stay valid.
const char *options_set(struct options *o, const char *word, const char *value, bool from_file);
extern const char OPTIONS_UNKNOWN[];
