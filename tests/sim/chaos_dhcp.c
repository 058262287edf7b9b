// SPDX-License-Identifier: BSD-2-Clause
// Several DHCP client machines at once, with one server or two and perhaps a proxyDHCP server, on
// networks made up from a seed. Each gets an address that a server has granted to it and to nobody else,
// with its boot data, in the time that people wait for it; and keeps it when it renews.
#include "tests/sim/chaos.h"
#include "tests/sim/client.h"
#include "tests/sim/server.h"

#include <string.h>

enum { CLIENTS = 3, PATIENCE = 120000, FIRST = 100, SECOND = 200 };

static struct sim sim;
static struct sim_client clients[CLIENTS];
static struct sim_server server, second;
static bool proxied;

static uint32_t host_of(const struct sim_client *c)
{
	return ipaddr_to_u32(&c->dhcp.lease.address) & 255;
}

static void add_servers(struct chaos *c)
{
	proxied = false;
	sim_server_init(&server, &sim, 1, FIRST, NULL, 0);
	server.answer.router = server.address;
	if (!chaos_once_in(c, 2))
		return;
	sim_server_init(&second, &sim, 2, SECOND, NULL, 0);
	proxied = chaos_once_in(c, 2);
	second.dhcp.cfg.proxy = proxied;
	second.answer.router = server.address;
	if (proxied) {
		server.answer.boot_file = NULL;
		server.answer.next_server = (struct ipaddr){0};
	}
	chaos_tell(c, proxied ? ", a proxy" : ", two servers");
}

// Some confirm what a boot ROM has got, which is theirs or somebody else's.
static void add_client(struct chaos *c, struct sim_client *client)
{
	sim_client_init(client, &sim, NULL, 0);
	sim_add(&sim, &client->node, &(struct ipaddr){0}, 0);
	client->dhcp_config.proxy_wait = proxied ? 2000 : chaos_between(c, 0, 300);
	client->dhcp_config.broadcast = chaos_once_in(c, 2);
	if (chaos_once_in(c, 3)) {
		client->dhcp_config.start = DHCP_REBOOTING;
		client->dhcp_config.address = ipaddr_v4(192, 168, 2, (uint8_t)chaos_between(c, FIRST, FIRST + 3));
	}
}

static bool all_ended(void *owner)
{
	(void)owner;
	for (size_t i = 0; i < CLIENTS; i++)
		if (clients[i].stage != SIM_ENDED)
			return false;
	return true;
}

static bool granted(const struct sim_server *s, const struct sim_client *c)
{
	for (size_t i = 0; i < SIM_LEASES; i++)
		if (s->leases[i].granted && ipaddr_equal(&s->leases[i].address, &c->dhcp.lease.address))
			return memcmp(s->leases[i].hwaddr, c->dhcp_config.hwaddr, 6) == 0;
	return false;
}

static const char *judge_client(const struct sim_client *c)
{
	const struct lease *l = &c->dhcp.lease;
	const struct sim_server *giver = host_of(c) < SECOND ? &server : &second;

	if (dhcp_client_status(&c->dhcp) != MACHINE_DONE)
		return "no lease";
	if (!granted(giver, c))
		return "an address that was not granted to it";
	if (l->prefix != 24 || !ipaddr_equal(&l->routers[0], &server.address) || l->lease_time != 3600)
		return "a lease with wrong values";
	if (c->dhcp.proxy.length && !proxied)
		return "a proxy out of nothing";
	if (!proxied && strcmp(l->boot_file, "lanyard.0") != 0)
		return "no boot file";
	return NULL;
}

static const char *judge(void)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		const char *wrong = judge_client(&clients[i]);

		for (size_t k = 0; k < i && !wrong; k++)
			if (host_of(&clients[i]) == host_of(&clients[k]))
				wrong = "two with the same address";
		if (wrong)
			return wrong;
	}
	return NULL;
}

static bool renewed(void *owner)
{
	return dhcp_client_status(&((struct sim_client *)owner)->dhcp) == MACHINE_DONE;
}

static const char *renew(struct sim_client *c)
{
	uint32_t before = host_of(c);

	c->stage = SIM_DHCP;
	dhcp_client_renew(&c->dhcp, sim.now);
	if (!sim_run(&sim, sim.now + PATIENCE, renewed, c))
		return "not renewed";
	return host_of(c) == before ? judge_client(c) : "another address after a renewal";
}

static const char *one_network(struct chaos *c)
{
	struct fault_chances weather = chaos_weather(c);
	const char *wrong;

	sim_init(&sim, c->seed);
	add_servers(c);
	for (size_t i = 0; i < CLIENTS; i++)
		add_client(c, &clients[i]);
	sim_chances(&sim, &weather);
	for (size_t i = 0; i < CLIENTS; i++)
		sim_client_start(&clients[i], &sim);
	c->fault = !sim_run(&sim, sim.now + PATIENCE, all_ended, NULL);
	if (c->fault)
		return chaos_hopeless(&weather) || weather.cut_for ? NULL : "no leases in time";
	wrong = judge();
	return wrong ? wrong : renew(&clients[chaos_between(c, 0, CLIENTS - 1)]);
}

int main(void)
{
	return chaos_main(one_network, 90, 100);
}
