// SPDX-License-Identifier: BSD-2-Clause
// A booting machine of the simulation: DHCP, then files by TFTP one after the other, as the boot
// program does it, on its own stack.
#pragma once

#include "netstack/dhcp_client.h"
#include "netstack/tftp_client.h"
#include "tests/sim/file.h"
#include "tests/sim/sim.h"

enum sim_client_stage { SIM_DHCP, SIM_TFTP, SIM_ENDED };

struct sim_client {
	struct sim_node node; // first
	enum sim_client_stage stage;
	struct stack_socket *dhcp_socket, *tftp_socket;
	struct dhcp_client_config dhcp_config;
	struct dhcp_client dhcp;
	struct tftp_client_config tftp_config; // server, sink and path are filled in
	struct tftp_path path;
	struct tftp_client tftp;
	struct sim_sink sink;
	const struct sim_file *files;
	size_t file_count, file;
	struct fault fault;   // what ended it, none: all files are there
	uint64_t ended;       // ms
	uint64_t linger;      // ms: until when the last port stays bound
};

// Prepares the node: defaults in the two configurations, which the test may then change.
void sim_client_init(struct sim_client *c, struct sim *s, const struct sim_file *files, size_t count);
// Begins with DHCP.
void sim_client_start(struct sim_client *c, struct sim *s);
// Begins with the files; the address is already set.
void sim_client_fetch(struct sim_client *c, uint64_t now);
// What is wrong with its end on any network: a wrong byte, a part, a fault that came more than
// `patience` ms after the last progress. NULL: nothing; a fault then still has to be explained.
const char *sim_client_wrong(const struct sim_client *c, uint64_t patience);
// Whether it has failed because nothing came any more.
bool sim_client_heard_nothing(const struct sim_client *c);
// For sim_run.
bool sim_client_ended(void *client);
