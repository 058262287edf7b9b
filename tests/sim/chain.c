// SPDX-License-Identifier: BSD-2-Clause
// The whole way over the whole stack: DHCP, ARP and files by TFTP between a client and a server, on
// good networks, on broken ones, and on networks made up from a seed.
#include "tests/sim/client.h"
#include "tests/sim/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MINUTE = 60000 };

static struct sim sim;
static struct sim_client client;
static struct sim_server server;

static const struct sim_file files[] = {
	{.name = "pxelinux.cfg/default", .size = 300, .seed = 1},
	{.name = "vmlinuz", .size = 100000, .seed = 2},
	{.name = "initrd.img", .size = 250000, .seed = 3},
};

static void set_up(uint32_t seed)
{
	sim_init(&sim, seed);
	sim_server_init(&server, &sim, 1, 100, files, 3);
	sim_client_init(&client, &sim, files, 3);
	sim_add(&sim, &client.node, &(struct ipaddr){0}, 0);
	sim_client_start(&client, &sim);
}

static void test_all_is_well(void **state)
{
	uint64_t start;

	(void)state;
	set_up(1);
	start = sim.now;
	assert_true(sim_run(&sim, sim.now + MINUTE, sim_client_ended, &client));
	assert_int_equal(client.fault.id, FAULT_NONE);
	assert_int_equal(client.file, 3);
	assert_true(client.ended - start < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
