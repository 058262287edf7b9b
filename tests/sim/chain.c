// SPDX-License-Identifier: BSD-2-Clause
// The whole way over the whole stack: DHCP, ARP and files by TFTP between a client and a server, on
// good networks and on broken ones. chaos_chain.c makes networks up.
#include "tests/sim/client.h"
#include "tests/sim/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MINUTE = 60000 };

static struct sim sim;
static struct sim_client client;
static struct sim_server server, second;

static const struct sim_file files[] = {
	{.name = "pxelinux.cfg/default", .size = 300, .seed = 1},
	{.name = "vmlinuz", .size = 100000, .seed = 2},
	{.name = "initrd.img", .size = 250000, .seed = 3},
};
enum { FILES = sizeof files / sizeof *files };

static void set_up(uint32_t seed)
{
	sim_init(&sim, seed);
	sim_server_init(&server, &sim, 1, 100, files, FILES);
	sim_client_init(&client, &sim, files, FILES);
	sim_add(&sim, &client.node, &(struct ipaddr){0}, 0);
}

// Boots to the end; gives the time that it took in virtual ms.
static uint64_t boot(uint64_t at_most)
{
	uint64_t start = sim.now;

	sim_client_start(&client, &sim);
	if (!sim_run(&sim, sim.now + at_most, sim_client_ended, &client))
		return at_most;
	return client.ended - start;
}

static void assert_booted(void)
{
	assert_string_equal(client.fault.facts, "");
	assert_int_equal(client.fault.id, FAULT_NONE);
	assert_int_equal(client.file, FILES);
	assert_false(client.sink.wrong);
}

static void test_all_is_well(void **state)
{
	(void)state;
	set_up(1);
	assert_true(boot(MINUTE) < 100);
	assert_booted();
	assert_int_equal(client.tftp.count.timeouts + client.tftp.count.gaps, 0);
	assert_int_equal(client.tftp.windowsize, TFTP_WINDOWSIZE);
	assert_int_equal(client.tftp.blksize, TFTP_BLKSIZE);
}

// A file that came without loss is a reason to ask for larger windows.
static void test_window_grows_with_the_second_file(void **state)
{
	static const struct sim_file large[] = {
		{.name = "vmlinuz", .size = 1000000, .seed = 2},
		{.name = "initrd.img", .size = 3000000, .seed = 3},
	};

	(void)state;
	set_up(1);
	client.files = server.files = large;
	client.file_count = server.file_count = 2;
	sim_chances(&sim, &(struct fault_chances){.delay = 10});
	assert_true(boot(MINUTE) < 2200); // 700 blocks in windows of 16, 2100 in windows of 64
	assert_int_equal(client.fault.id, FAULT_NONE);
	assert_int_equal(client.file, 2);
	assert_int_equal(client.tftp.windowsize, TFTP_WINDOW_MAX);
}

// One block of 16 is lost again and again: each costs a round trip, not a timeout.
static void test_loss_costs_round_trips(void **state)
{
	uint64_t time;

	(void)state;
	set_up(2);
	sim_chances(&sim, &(struct fault_chances){.loss = 10, .delay = 1});
	time = boot(MINUTE);
	assert_booted();
	assert_true(time < 5000);
}

// Under spanning tree a switch port forwards nothing for 45 s.
static void test_switch_learns_for_45_seconds(void **state)
{
	(void)state;
	set_up(3);
	client.node.port.cut = true;
	sim_client_start(&client, &sim);
	assert_false(sim_run(&sim, sim.now + 45000, sim_client_ended, &client));
	assert_int_equal(client.stage, SIM_DHCP);
	client.node.port.cut = false;
	assert_true(sim_run(&sim, sim.now + 20000, sim_client_ended, &client));
	assert_booted();
}

static bool half_there(void *owner)
{
	struct sim_client *c = owner;

	return c->file == FILES - 1 && c->sink.received > files[FILES - 1].size / 2;
}

static void cut_half_way(uint64_t time)
{
	assert_true(sim_run(&sim, sim.now + MINUTE, half_there, &client));
	client.node.port.cut = server.node.port.cut = true;
	assert_false(sim_run(&sim, sim.now + time, NULL, NULL));
	client.node.port.cut = server.node.port.cut = false;
}

static void test_cable_out_and_in_again(void **state)
{
	(void)state;
	set_up(4);
	sim_chances(&sim, &(struct fault_chances){.delay = 1});
	sim_client_start(&client, &sim);
	cut_half_way(6000);
	assert_true(sim_run(&sim, sim.now + 10000, sim_client_ended, &client));
	assert_booted();
}

static void test_server_dies_half_way(void **state)
{
	uint64_t death;

	(void)state;
	set_up(5);
	sim_chances(&sim, &(struct fault_chances){.delay = 1});
	sim_client_start(&client, &sim);
	assert_true(sim_run(&sim, sim.now + MINUTE, half_there, &client));
	server.dead = true;
	death = sim.now;
	assert_true(sim_run(&sim, sim.now + MINUTE, sim_client_ended, &client));
	assert_int_equal(client.fault.id, FAULT_TFTP_STALLED);
	assert_non_null(strstr(client.fault.facts, "initrd.img"));
	assert_non_null(strstr(client.fault.facts, "192.168.2.1"));
	assert_true(client.ended - death <= 15100);
}

static void test_file_is_missing(void **state)
{
	(void)state;
	set_up(6);
	server.file_count = 2;
	assert_true(boot(MINUTE) < 100);
	assert_int_equal(client.fault.id, FAULT_TFTP_NOT_FOUND);
	assert_string_equal(client.fault.facts, "\"initrd.img\" (192.168.2.1 says: 1 no such file)");
}

// DHCP names a boot server that is not there.
static void test_boot_server_is_off(void **state)
{
	(void)state;
	set_up(7);
	server.answer.next_server = ipaddr_v4(192, 168, 2, 77);
	assert_true(boot(MINUTE) <= 5000);
	assert_int_equal(client.fault.id, FAULT_ARP_SILENT);
	assert_non_null(strstr(client.fault.facts, "192.168.2.77"));
}

// The boot server is in another network, and the router is off the client's subnet, or off.
static void test_router_is_silent(void **state)
{
	(void)state;
	set_up(8);
	server.answer.next_server = ipaddr_v4(10, 9, 8, 7);
	server.answer.router = ipaddr_v4(172, 16, 0, 1);
	assert_true(boot(MINUTE) <= 5000);
	assert_int_equal(client.fault.id, FAULT_ARP_SILENT);
	assert_non_null(strstr(client.fault.facts, "172.16.0.1, the router to 10.9.8.7"));
}

static void test_no_router(void **state)
{
	(void)state;
	set_up(9);
	server.answer.next_server = ipaddr_v4(10, 9, 8, 7);
	assert_true(boot(MINUTE) < 100);
	assert_int_equal(client.fault.id, FAULT_NO_ROUTE);
}

static void test_server_without_tftp(void **state)
{
	(void)state;
	set_up(10);
	stack_unbind(&server.node.stack, server.tftp_socket);
	assert_true(boot(MINUTE) <= 15000);
	assert_int_equal(client.fault.id, FAULT_TFTP_SILENT);
	assert_non_null(strstr(client.fault.facts, "192.168.2.1"));
}

// A server of files alone that answers no DHCP, and one that gives addresses and names the other.
static void test_two_servers(void **state)
{
	(void)state;
	set_up(11);
	server.file_count = 0;
	sim_server_init(&second, &sim, 2, 0, files, FILES);
	server.answer.next_server = second.address;
	boot(MINUTE);
	assert_booted();
}

static void test_proxy_knows_the_boot_server(void **state)
{
	(void)state;
	set_up(12);
	server.answer.boot_file = NULL;
	server.answer.next_server = (struct ipaddr){0};
	server.file_count = 0;
	sim_server_init(&second, &sim, 2, 200, files, FILES);
	second.dhcp.cfg.proxy = true;
	client.dhcp_config.proxy_wait = 2000;
	assert_true(boot(MINUTE) < 100);
	assert_booted();
	assert_int_equal(client.dhcp.proxy.length > 0, true);
	assert_string_equal(client.dhcp.lease.boot_file, "lanyard.0");
	assert_int_equal(ipaddr_to_u32(&client.dhcp.lease.address) & 255, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_well),
		cmocka_unit_test(test_window_grows_with_the_second_file),
		cmocka_unit_test(test_loss_costs_round_trips),
		cmocka_unit_test(test_switch_learns_for_45_seconds),
		cmocka_unit_test(test_cable_out_and_in_again),
		cmocka_unit_test(test_server_dies_half_way),
		cmocka_unit_test(test_file_is_missing),
		cmocka_unit_test(test_boot_server_is_off),
		cmocka_unit_test(test_router_is_silent),
		cmocka_unit_test(test_no_router),
		cmocka_unit_test(test_server_without_tftp),
		cmocka_unit_test(test_two_servers),
		cmocka_unit_test(test_proxy_knows_the_boot_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
