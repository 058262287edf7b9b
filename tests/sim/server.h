// SPDX-License-Identifier: BSD-2-Clause
// A boot server of the simulation: the DHCP and TFTP machines of server-stub/machine on a stack.
#pragma once

#include "server-stub/machine/dhcp_server.h"
#include "server-stub/machine/tftp_server.h"
#include "tests/sim/file.h"
#include "tests/sim/sim.h"

enum { SIM_SESSIONS = 8, SIM_LEASES = 8 };

struct sim_server;

struct sim_session {
	bool used;
	struct sim_server *server;
	const struct sim_file *file;
	struct stack_socket *socket;
	struct tftp_server tftp;
};

struct sim_lease {
	uint8_t hwaddr[16];
	struct ipaddr address;
	bool granted;
};

struct sim_server {
	struct sim_node node; // first
	struct ipaddr address;
	struct dhcp_server_config dhcp_config;
	struct dhcp_server dhcp;
	struct dhcp_server_answer answer; // but for its address
	uint32_t pool;                    // first address given out, 0: no DHCP
	struct sim_lease leases[SIM_LEASES];
	struct tftp_server_config tftp_config;
	struct sim_session sessions[SIM_SESSIONS];
	const struct sim_file *files;
	size_t file_count;
	struct stack_socket *dhcp_socket, *tftp_socket;
	bool dead;                        // does nothing any more
	uint64_t dies_at;                 // bytes read from files until it is dead, 0: lives
	uint64_t bytes_read;
	unsigned requests;                // that came to port 69
};

// Prepares and plugs in a server at 192.168.2.`host`/24, with DHCP from `pool` on (host number, 0:
// none), the files, and itself as next server.
void sim_server_init(struct sim_server *v, struct sim *s, unsigned host, unsigned pool,
	const struct sim_file *files, size_t count);
