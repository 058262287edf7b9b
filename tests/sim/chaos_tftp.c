// SPDX-License-Identifier: BSD-2-Clause
// The TFTP client machine and servers with odd ways (odd_server.h), on networks made up from a seed.
#include "tests/sim/chaos.h"
#include "tests/sim/client.h"
#include "tests/sim/odd_server.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { HOUR = 3600000, PATIENCE = 15000 };

static struct sim sim;
static struct sim_client client;
static struct odd_server server;

static void set_up(uint32_t seed, unsigned ways, const struct sim_file *file)
{
	struct ipaddr address = ipaddr_v4(192, 168, 2, 50);

	sim_init(&sim, seed);
	odd_server_init(&server, &sim, ways, file);
	sim_client_init(&client, &sim, file, 1);
	sim_add(&sim, &client.node, &address, 24);
	client.tftp_config.server = (struct endpoint){.addr = ipaddr_v4(192, 168, 2, 1), .interface = -1};
}

static unsigned some_ways(struct chaos *c)
{
	static const uint16_t refusals[] = {0, 4, 8};
	unsigned ways = 0;

	for (uint32_t n = chaos_between(c, 0, 3); n; n--)
		ways |= 1u << chaos_between(c, 0, ODD_WAYS - 1);
	server.refusal = refusals[chaos_between(c, 0, 2)];
	return ways;
}

// Whether the client may say that the file has not the size announced. The server tells its wrong size
// to those only whose options it grants.
static bool wrong_size(unsigned ways)
{
	return ways & ODD_TSIZE_WRONG && !(ways & (ODD_NO_OPTIONS | ODD_REFUSES | ODD_NO_TSIZE |
		ODD_TSIZE_ZERO | ODD_TSIZE_HUGE));
}

static const char *judge(unsigned ways, const struct fault_chances *w)
{
	const char *wrong = sim_client_wrong(&client, PATIENCE);
	enum fault_id id = client.fault.id;

	if (wrong || id == FAULT_NONE)
		return wrong;
	if (id == FAULT_FILE_SIZE && wrong_size(ways))
		return NULL;
	if (sim_client_heard_nothing(&client) && chaos_hopeless(w))
		return NULL;
	return "a fault that nothing here explains";
}

static const char *one_network(struct chaos *c)
{
	struct fault_chances weather = chaos_weather(c);
	unsigned ways = some_ways(c);
	uint16_t refusal = server.refusal;
	struct sim_file file = {.name = "vmlinuz", .seed = c->seed};

	file.size = chaos_once_in(c, 4) ? chaos_between(c, 0, 100) * 512 : chaos_between(c, 0, 100000);
	set_up(c->seed, ways, &file);
	server.refusal = refusal;
	client.tftp_config.ahead = (uint16_t)chaos_between(c, 0, TFTP_AHEAD_MAX);
	client.tftp_config.windowsize = (uint16_t)(chaos_once_in(c, 3) ? 1 : chaos_between(c, 1, 64));
	chaos_tell(c, ", ways 0x%x, %llu bytes, ahead %u", ways, (unsigned long long)file.size,
		client.tftp_config.ahead);
	sim_chances(&sim, &weather);
	sim_client_fetch(&client, sim.now);
	sim_run(&sim, sim.now + HOUR, sim_client_ended, &client);
	c->fault = client.fault.id != FAULT_NONE;
	chaos_tell(c, ": LAN-%d %s", client.fault.id, client.fault.facts);
	return judge(ways, &weather);
}

static void test_odd_servers(void **state)
{
	(void)state;
	chaos_test(one_network, 70, 99);
}

// On a good network each of them gives the file at once, but for a wrong size.
static void test_each_way_alone(void **state)
{
	struct sim_file file = {.name = "vmlinuz", .size = 200 * 512 + 5, .seed = 3};

	(void)state;
	for (unsigned i = 0; i < ODD_WAYS; i++) {
		set_up(i + 1, 1u << i, &file);
		client.tftp_config.ahead = 1u << i == ODD_HASTY ? 0 : 7;
		sim_chances(&sim, &(struct fault_chances){.delay = 1});
		sim_client_fetch(&client, sim.now);
		assert_true(sim_run(&sim, sim.now + 1500, sim_client_ended, &client));
		assert_int_equal(client.fault.id, 1u << i == ODD_TSIZE_WRONG ? FAULT_FILE_SIZE : FAULT_NONE);
		assert_int_equal(client.tftp.count.timeouts, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_way_alone),
		cmocka_unit_test(test_odd_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
