// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/listen.h"
#include "netstack/wire/syslog.h"
#include "server-stub/events.h"
#include "server-stub/httpd.h"
#include "server-stub/log.h"
#include "server-stub/nfs/server.h"
#include "server-stub/ports.h"
#include "server-stub/syslogd.h"
#include "server-stub/tftpd.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// How long the children of a lanyardd that was killed may take to end.
enum { PATIENCE = 5000, LOOK_AGAIN = 50, PORTMAP = 111 };

// ---- one port --------------------------------------------------------------------------------

struct place {
	const char *service;
	bool tcp;
	uint16_t port;
	int (*open)(uint16_t port);
};

static bool say_why(const struct place *p, int why, struct fault *f)
{
	const char *kind = p->tcp ? "TCP" : "UDP";
	struct port_owner owner;
	char who[80];

	if (why != EADDRINUSE)
		return fault_set(f, FAULT_SERVER_SOCKET, "(%s, %s port %u: %s)", p->service, kind,
			p->port, strerror(why));
	port_owner(p->tcp, p->port, &owner);
	return fault_set(f, FAULT_SERVER_PORT, "(%s, %s port %u: by %s)", p->service, kind, p->port,
		port_owner_text(&owner, who, sizeof who));
}

// A lanyardd that was ended has it for a moment yet; of a process that is just ending nothing is
// seen.
static bool is_passing(const struct place *p)
{
	struct port_owner owner;

	return !port_owner(p->tcp, p->port, &owner) || !owner.pid ||
	       !strcmp(owner.name, "lanyardd");
}

static int open_place(const struct place *p, struct fault *f)
{
	uint64_t end = events_now() + PATIENCE;
	int fd, why;

	while ((fd = p->open(p->port)) < 0) {
		why = errno;
		if (why != EADDRINUSE || !is_passing(p) || events_now() > end) {
			say_why(p, why, f);
			return -1;
		}
		usleep(LOOK_AGAIN * 1000);
	}
	return fd;
}

static int open_tcp(uint16_t port)
{
	return nfs_listen(port, false);
}

static int open_udp(uint16_t port)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int why;

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

// ---- DHCP ------------------------------------------------------------------------------------

static bool open_dhcp(
	struct listen *l, const struct options *o, const struct interfaces *i, struct fault *f)
{
	struct place place = {"DHCP", false, 0, NULL};
	uint64_t end = events_now() + PATIENCE;

	if (o->dhcp == DHCPD_OFF)
		return true;
	while (!dhcpd_open(&l->dhcp, i, o->dhcp, &place.port)) {
		int why = errno;

		if (why != EADDRINUSE || !is_passing(&place) || events_now() > end)
			return say_why(&place, why, f);
		usleep(LOOK_AGAIN * 1000);
	}
	return true;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool listen_reopen_dhcp(
	struct listen *l, const struct options *o, const struct interfaces *i, struct fault *f)
{
	dhcpd_close(&l->dhcp);
	return open_dhcp(l, o, i, f);
}

// ---- all -------------------------------------------------------------------------------------

static bool open_files(struct listen *l, const struct options *o, struct fault *f)
{
	const struct place tftp = {"TFTP", false, o->tftp_port, tftpd_bind};
	const struct place http = {"HTTP", true, o->http_port, httpd_listen};

	if (o->tftp_port && (l->tftp = open_place(&tftp, f)) < 0)
		return false;
	if (!o->http_port || (l->http = open_place(&http, f)) >= 0)
		return true;
	if (o->http_port_given)
		return false;
	log_fault("http", f);
	log_say(LOG_NOTICE, "http", "goes on without it; --http-port chooses another port");
	return true;
}

// This machine may have a syslog server, which then gets the clients' messages instead.
static void open_syslog(struct listen *l, const struct options *o)
{
	const struct place syslog = {"syslog", false, SYSLOG_PORT, open_udp};
	struct fault f;

	if (o->syslog && (l->syslog = open_place(&syslog, &f)) < 0)
		log_say(LOG_NOTICE, "client", "what clients tell of their way goes elsewhere %s", f.facts);
}

static bool open_nfs(struct listen *l, const struct options *o, struct fault *f)
{
	const struct place nfs = {"NFS", true, o->nfs_port, open_tcp};
	const struct place tcp = {"port mapper", true, PORTMAP, open_tcp};
	const struct place udp = {"port mapper", false, PORTMAP, open_udp};
	struct fault ignored;

	if (!o->nfs_port)
		return true;
	if ((l->nfs = open_place(&nfs, f)) < 0)
		return false;
	if (!o->portmap)
		return true;
	l->portmap_tcp = open_place(&tcp, &ignored);
	l->portmap_udp = l->portmap_tcp >= 0 ? open_place(&udp, &ignored) : -1;
	if (l->portmap_udp >= 0)
		return true;
	close_one(&l->portmap_tcp);
	log_say(LOG_DETAIL, "nfs", "no port mapper %s; clients of lanyardd's need none",
		ignored.facts);
	return true;
}

bool listen_open(
	struct listen *l, const struct options *o, const struct interfaces *i, struct fault *f)
{
	*l = (struct listen){dhcpd_closed, -1, -1, -1, -1, -1, -1};
	if (!open_dhcp(l, o, i, f) || !open_files(l, o, f) || !open_nfs(l, o, f))
		return false;
	open_syslog(l, o);
	return true;
}

void listen_close(struct listen *l)
{
	dhcpd_close(&l->dhcp);
	close_one(&l->tftp);
	close_one(&l->http);
	close_one(&l->syslog);
	close_one(&l->nfs);
	close_one(&l->portmap_tcp);
	close_one(&l->portmap_udp);
}
