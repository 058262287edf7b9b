// SPDX-License-Identifier: BSD-2-Clause
// The DHCP service alone, as the tests run it:
//
//   dhcpd [-6] [-p | -x] [-h PORT] [-r FIRST-LAST] [-l SECONDS] [-v] [INTERFACE...]
//
// -6: no router advertisements · -p: gives addresses whoever else does · -x: gives boot data
// only · -h: HTTP is there · -r: the pool · -l: the leases' time. Router and name server are this
// machine's own. It says "serving" when it does, and ends by SIGTERM.
#define _GNU_SOURCE
#include "server-stub/dhcpd.h"
#include "server-stub/log.h"
#include "server-stub/own_network.h"

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static struct interfaces interfaces;
static struct dhcpd_config config = {
	.interfaces = &interfaces,
	.mode = DHCPD_AUTO,
	.root_path = "/srv/root",
	.boot_bios = "lanyard.0",
	.boot_x64 = "lanyardx64.efi",
};

static void on_end(void *owner, int fd, uint64_t now)
{
	(void)fd;
	(void)now;
	events_stop(owner);
}

static void set_pool(char *text)
{
	char *dash = strchr(text, '-');

	if (!dash || !ipaddr_parse(&config.pool.first, text, (size_t)(dash - text)) ||
		!ipaddr_parse(&config.pool.last, dash + 1, strlen(dash + 1)))
		errx(100, "-r FIRST-LAST");
}

static void read_options(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "6pxh:r:l:v")) != -1) {
		switch (option) {
		case '6':
			config.no_router_advert = true;
			break;
		case 'p':
			config.mode = DHCPD_POOL;
			break;
		case 'x':
			config.mode = DHCPD_PROXY;
			break;
		case 'h':
			config.http_port = (uint16_t)atoi(optarg);
			break;
		case 'r':
			set_pool(optarg);
			break;
		case 'l':
			config.lease_time = (uint32_t)atoi(optarg);
			break;
		case 'v':
			log_set_level(LOG_DETAIL);
			break;
		default:
			exit(100);
		}
	}
	if (!interfaces_read(&interfaces, argc > optind ? (const char *const *)argv + optind : NULL,
			(size_t)(argc - optind)))
		err(111, "interfaces");
	for (size_t i = 0; i < interfaces.count; i++)
		config.router[i] = own_gateway(&interfaces.list[i]);
	config.dns = own_nameserver();
}

int main(int argc, char **argv)
{
	struct event_source ends = {.readable = on_end};
	uint16_t port;
	struct dhcpd *d;
	sigset_t set;

	read_options(argc, argv);
	config.events = events_new();
	if (!config.events)
		err(111, "events");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ends.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	ends.owner = config.events;
	if (!dhcpd_open(&config.sockets, &interfaces, config.mode, &port))
		err(111, "port %u", port);
	d = dhcpd_start(&config);
	if (!d || !events_watch(config.events, &ends))
		err(111, "start");
	printf("serving\n");
	fflush(stdout);
	events_run(config.events);
	events_unwatch(config.events, &ends);
	dhcpd_stop(d);
	events_free(config.events);
	close(ends.fd);
	return 0;
}
