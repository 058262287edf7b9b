// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/net.h"
#include "server-stub/boot_config.h"
#include "server-stub/httpd.h"
#include "server-stub/log.h"
#include "server-stub/message.h"
#include "server-stub/own_network.h"
#include "server-stub/syslogd.h"
#include "server-stub/tapes.h"
#include "server-stub/tftpd.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct net {
	const struct net_config *config;
	struct events *events;
	struct sources *sources;
	struct boot_config boot;
	struct event_source messages, signals;
	struct tftpd *tftpd;
	struct tapes *tapes;
	char tapes_path[PATH_MAX];
	struct httpd *httpd;
	struct syslogd *syslogd;
	struct dhcpd *dhcpd;
	struct dhcpd_config dhcp; // dhcpd refers to it
};

static _Noreturn void fail(const char *what)
{
	log_say(LOG_FAULT, "net", "cannot start: %s: %s", what, strerror(errno));
	exit(111);
}

// ---- what the supervisor says ----------------------------------------------------------------

static void read_hardware(struct net *n)
{
	const struct option_list *wanted = &n->config->options->interfaces;
	struct interfaces now;

	if (interfaces_read(&now, wanted->count ? wanted->items : NULL, wanted->count))
		interfaces_update(n->config->interfaces, &now);
}

static void obey(struct net *n, const struct message *m, int fd)
{
	switch (m->kind) {
	case MESSAGE_ROOT:
		sources_add_root(n->sources, fd);
		return;
	case MESSAGE_DIRECTORY:
		sources_add_directory(n->sources, m->name, fd);
		return;
	case MESSAGE_FILE:
		sources_set_file(n->sources, m->name, fd);
		return;
	case MESSAGE_SEGMENTS:
		if (!sources_set_segments(n->sources, m->name, fd))
			log_say(LOG_WARNING, "files", "%s goes to all machines as it is", m->name);
		break;
	case MESSAGE_REMOVE:
		sources_remove(n->sources, m->name);
		break;
	case MESSAGE_BOOT:
		memcpy(n->boot.kernel, m->name, sizeof n->boot.kernel);
		memcpy(n->boot.initrd, m->second, sizeof n->boot.initrd);
		break;
	case MESSAGE_HARDWARE:
		read_hardware(n);
		break;
	default:
		break;
	}
	if (fd >= 0)
		close(fd);
}

static void listen_to_supervisor(void *owner, int socket, uint64_t now)
{
	struct net *n = owner;
	struct message m;
	int fd;

	(void)now;
	while (message_receive(socket, &m, &fd))
		obey(n, &m, fd);
	if (fd >= 0)
		close(fd);
	if (errno != EAGAIN && errno != EINTR)
		events_stop(n->events);
}

// ---- beginning and end -----------------------------------------------------------------------

static void stop(void *owner, int fd, uint64_t now)
{
	struct net *n = owner;

	(void)fd;
	(void)now;
	events_stop(n->events);
}

static void watch(struct net *n)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	n->signals = (struct event_source){.fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK),
		.readable = stop,
		.owner = n};
	n->messages = (struct event_source){
		.fd = n->config->messages, .readable = listen_to_supervisor, .owner = n};
	if (n->signals.fd < 0 || !events_watch(n->events, &n->signals) ||
		!events_watch(n->events, &n->messages))
		fail("its loop");
}

static void keep_files(const struct net_config *c)
{
	const int kept[] = {c->dhcp.udp, c->dhcp.pxe, c->dhcp.arp, c->dhcp.ear, c->dhcp.routers,
		c->tftp, c->http, c->syslog, c->tapes, c->messages};

	sandbox_begin(kept, sizeof kept / sizeof *kept);
}

static void drop_rights(const struct net_config *c)
{
	bool confined = !c->options->unconfined;

	if (confined && !sandbox_no_files(c->options->state))
		log_say(LOG_WARNING, "net", "files stay in reach: %s", strerror(errno));
	if (!sandbox_net(&c->user))
		fail("giving up its rights");
	sandbox_tie(c->parent);
	if (confined && !sandbox_few_calls())
		log_say(LOG_WARNING, "net", "no limit on system calls: %s", strerror(errno));
}

static void configure_dhcp(struct net *n)
{
	const struct net_config *c = n->config;
	const struct options *o = c->options;

	n->dhcp = (struct dhcpd_config){.events = n->events,
		.interfaces = c->interfaces,
		.mode = o->dhcp,
		.sockets = c->dhcp,
		.pool = o->pool,
		.dns = ipaddr_is_unset(&o->dns) ? own_nameserver() : o->dns,
		.domain = o->domain,
		.root_path = o->root,
		.no_router_advert = !o->router_advert,
		.boot_bios = c->boot[0],
		.boot_x64 = c->boot[1],
		.boot_arm64 = c->boot[2],
		.http_port = c->http >= 0 ? o->http_port : 0};
	for (size_t i = 0; i < c->interfaces->count; i++)
		n->dhcp.router[i] = ipaddr_is_unset(&o->router)
					    ? own_gateway(&c->interfaces->list[i])
					    : o->router;
}

static void start_tapes(struct net *n)
{
	const struct tapes_config config = {.events = n->events,
		.interfaces = n->config->interfaces,
		.directory = n->config->tapes,
		.path = n->tapes_path};

	snprintf(n->tapes_path, sizeof n->tapes_path, "%s/tapes", n->config->options->state);
	n->tapes = tapes_start(&config);
	if (!n->tapes)
		fail("the place for tapes");
}

static void start_services(struct net *n)
{
	const struct net_config *c = n->config;
	struct tftpd_config tftp = {
		.events = n->events, .sources = n->sources, .socket = c->tftp};
	const struct httpd_config http = {
		.events = n->events, .sources = n->sources, .listener = c->http};

	if (c->tapes >= 0)
		start_tapes(n);
	tftp.tapes = n->tapes;
	if (c->tftp >= 0 && !(n->tftpd = tftpd_start(&tftp)))
		fail("TFTP");
	if (c->http >= 0 && !(n->httpd = httpd_start(&http)))
		fail("HTTP");
	if (c->syslog >= 0 && !(n->syslogd = syslogd_start(n->events, c->syslog)))
		fail("syslog");
	if (c->dhcp.udp >= 0 && !(n->dhcpd = dhcpd_start(&n->dhcp)))
		fail("DHCP");
}

static void end(struct net *n)
{
	if (n->dhcpd)
		dhcpd_stop(n->dhcpd);
	if (n->httpd)
		httpd_stop(n->httpd);
	if (n->syslogd)
		syslogd_stop(n->syslogd);
	if (n->tftpd)
		tftpd_stop(n->tftpd);
	if (n->tapes)
		tapes_stop(n->tapes);
	sources_free(n->sources);
	events_free(n->events);
}

void net_run(const struct net_config *config)
{
	struct net n = {.config = config, .boot = {.options = config->options}};

	keep_files(config);
	n.events = events_new();
	n.sources = sources_new();
	if (!n.events || !n.sources)
		fail("its files");
	configure_dhcp(&n);
	drop_rights(config);
	sources_set_text(n.sources, "pxelinux.cfg/default", boot_config_write, &n.boot);
	watch(&n);
	listen_to_supervisor(&n, config->messages, 0);
	start_services(&n);
	message_send(config->messages, MESSAGE_READY, NULL, NULL, -1);
	events_run(n.events);
	end(&n);
	exit(0);
}
