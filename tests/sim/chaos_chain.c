// SPDX-License-Identifier: BSD-2-Clause
// The whole way, DHCP and a file by TFTP over the whole stack, on networks made up from a seed: they lose,
// double, reorder, damage, delay; the server dies, a file is missing, there is a second DHCP server, the
// client has a lease to confirm.
#include "tests/sim/chaos.h"
#include "tests/sim/client.h"
#include "tests/sim/server.h"

enum { HOUR = 3600000, PATIENCE = 15000 };

static struct sim sim;
static struct sim_client client;
static struct sim_server server, second;

static void set_up(uint32_t seed, const struct sim_file *file)
{
	sim_init(&sim, seed);
	sim_server_init(&server, &sim, 1, 100, file, 1);
	sim_client_init(&client, &sim, file, 1);
	sim_add(&sim, &client.node, &(struct ipaddr){0}, 0);
}

// The client has a lease already, as from a boot ROM.
static void lease_to_confirm(struct chaos *c)
{
	client.dhcp_config.start = chaos_once_in(c, 2) ? DHCP_RENEWING : DHCP_REBOOTING;
	client.dhcp_config.address = ipaddr_v4(192, 168, 2, (uint8_t)chaos_between(c, 100, 101));
	client.dhcp_config.server = server.address;
	stack_set_address(&client.node.stack, 0, &client.dhcp_config.address, 24, sim.now);
	chaos_tell(c, ", confirms");
}

// Another DHCP server with another range, which knows the same boot server.
static void another_server(struct chaos *c)
{
	sim_server_init(&second, &sim, 2, 200, NULL, 0);
	second.answer.next_server = server.address;
	chaos_tell(c, ", two servers");
}

static const char *judge(bool dies, bool missing, const struct fault_chances *w)
{
	const char *wrong = sim_client_wrong(&client, PATIENCE);
	enum fault_id id = client.fault.id;

	if (wrong)
		return wrong;
	if (id == FAULT_NONE)
		return missing ? "done without a file" : NULL;
	if (missing && id == FAULT_TFTP_NOT_FOUND)
		return NULL;
	if (sim_client_heard_nothing(&client) && (dies || chaos_hopeless(w)))
		return NULL;
	return "a fault that this network does not explain";
}

static const char *one_network(struct chaos *c)
{
	static const uint16_t blksizes[] = {512, 1024, 1428, 1468};
	uint16_t blksize = blksizes[chaos_between(c, 0, 3)];
	struct fault_chances weather = chaos_weather(c);
	bool dies = chaos_once_in(c, 10), missing = chaos_once_in(c, 20);
	struct sim_file file = {.name = "file", .seed = c->seed};

	file.size = chaos_once_in(c, 4) ? chaos_between(c, 0, 40) * blksize : chaos_between(c, 0, 150000);
	set_up(c->seed, &file);
	server.file_count = missing ? 0 : 1;
	server.dies_at = dies ? chaos_between(c, 1, (uint32_t)file.size + 1) : 0;
	server.tftp_config.blksize_max = blksize;
	server.tftp_config.windowsize_max = (uint16_t)chaos_between(c, 1, 64);
	client.tftp_config.windowsize = (uint16_t)(chaos_once_in(c, 3) ? 1 : chaos_between(c, 1, 64));
	client.tftp_config.ahead = (uint16_t)chaos_between(c, 0, TFTP_AHEAD_MAX);
	client.dhcp_config.proxy_wait = chaos_once_in(c, 2) ? 0 : 500;
	chaos_tell(c, ", %llu bytes%s%s", (unsigned long long)file.size, dies ? ", server dies" : "",
		missing ? ", file missing" : "");
	if (chaos_once_in(c, 4))
		another_server(c);
	if (chaos_once_in(c, 4))
		lease_to_confirm(c);
	sim_chances(&sim, &weather);
	sim_client_start(&client, &sim);
	sim_run(&sim, sim.now + HOUR, sim_client_ended, &client);
	c->fault = client.fault.id != FAULT_NONE;
	chaos_tell(c, ": LAN-%d %s", client.fault.id, client.fault.facts);
	return judge(dies, missing, &weather);
}

int main(void)
{
	return chaos_main(one_network, 50, 95);
}
