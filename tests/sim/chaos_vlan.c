// SPDX-License-Identifier: BSD-2-Clause
// A boot in a VLAN (IEEE 802.1Q), DHCP and a file by TFTP, on networks made up from a seed. On the same
// cable, without a tag or in another VLAN, is a server with the same address, which gives out other addresses
// and another file of the same name: nothing of it may arrive.
#include "tests/sim/chaos.h"
#include "tests/sim/client.h"
#include "tests/sim/server.h"

// The VLANs' numbers differ by more bits than damage changes in a frame. BLKSIZE: what fits beside a tag.
enum { HOUR = 3600000, PATIENCE = 15000, OURS = 0x123, ANOTHER = 0xedc, POOL = 100, THEIR_POOL = 200,
	BLKSIZE = 1500 - VLAN_TAG - 32 };

static struct sim sim;
static struct sim_client client;
static struct sim_server server, stranger;

static void set_up(struct chaos *c, const struct sim_file *file, const struct sim_file *their_file)
{
	sim_init(&sim, c->seed);
	sim.vlan = chaos_once_in(c, 2) ? ANOTHER : 0;
	chaos_tell(c, ", a server of the same address in VLAN %u", sim.vlan);
	sim_server_init(&stranger, &sim, 1, THEIR_POOL, their_file, 1);
	sim.vlan = OURS;
	sim_server_init(&server, &sim, 1, POOL, file, 1);
	sim_client_init(&client, &sim, file, 1);
	sim_add(&sim, &client.node, &(struct ipaddr){0}, 0);
	client.tftp_config.blksize = BLKSIZE;
}

static const char *judge(const struct fault_chances *w)
{
	const char *wrong = sim_client_wrong(&client, PATIENCE);

	if (wrong)
		return wrong;
	if ((ipaddr_to_u32(&client.dhcp.lease.address) & 255) != POOL)
		return "an address of the other network";
	if (stranger.requests)
		return "the other network's server has been asked";
	if (client.fault.id == FAULT_NONE || (sim_client_heard_nothing(&client) && chaos_hopeless(w)))
		return NULL;
	return "a fault that this network does not explain";
}

static const char *one_network(struct chaos *c)
{
	struct fault_chances weather = chaos_weather(c);
	struct sim_file file = {.name = "file", .seed = c->seed, .size = chaos_between(c, 0, 60000)};
	struct sim_file their_file = {.name = "file", .seed = c->seed + 1, .size = file.size};

	set_up(c, &file, &their_file);
	client.tftp_config.windowsize = (uint16_t)(chaos_once_in(c, 3) ? 1 : chaos_between(c, 1, 64));
	client.tftp_config.ahead = (uint16_t)chaos_between(c, 0, TFTP_AHEAD_MAX);
	chaos_tell(c, ", %llu bytes", (unsigned long long)file.size);
	sim_chances(&sim, &weather);
	sim_client_start(&client, &sim);
	sim_run(&sim, sim.now + HOUR, sim_client_ended, &client);
	c->fault = client.fault.id != FAULT_NONE;
	chaos_tell(c, ": LAN-%d %s", client.fault.id, client.fault.facts);
	return judge(&weather);
}

int main(void)
{
	return chaos_main(one_network, 90, 100);
}
