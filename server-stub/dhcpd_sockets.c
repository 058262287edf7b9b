// SPDX-License-Identifier: BSD-2-Clause
// The DHCP service's sockets, which the supervisor opens and keeps.
#define _GNU_SOURCE
#include "server-stub/arp_check.h"
#include "server-stub/dhcpd.h"
#include "server-stub/probe.h"
#include "server-stub/router_advert.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_SERVER = 67, PORT_PXE = 4011 };

const struct dhcpd_sockets dhcpd_closed = {-1, -1, -1, -1, -1};

// A socket for one interface only leaves the port of the others to whoever has it, such as a
// virtual network's dnsmasq.
static bool prepare(int fd, const struct interfaces *i, uint16_t port)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int on = 1;

	if (setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0)
		return false;
	if (i->count == 1 && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, i->list[0].name,
		(socklen_t)strlen(i->list[0].name)) != 0)
		return false;
	return bind(fd, (struct sockaddr *)&any, sizeof any) == 0;
}

void dhcpd_close(struct dhcpd_sockets *s)
{
	const int all[] = {s->udp, s->pxe, s->arp, s->ear, s->routers};
	int error = errno;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i] >= 0)
			close(all[i]);
	*s = dhcpd_closed;
	errno = error;
}

static int open_port(const struct interfaces *interfaces, uint16_t port)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error;

	if (fd < 0 || prepare(fd, interfaces, port))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool open_ports(struct dhcpd_sockets *s, const struct interfaces *interfaces,
	enum dhcpd_mode mode, uint16_t *port)
{
	*port = PORT_SERVER;
	s->udp = open_port(interfaces, *port);
	if (s->udp < 0 || mode == DHCPD_POOL)
		return s->udp >= 0;
	*port = PORT_PXE;
	s->pxe = open_port(interfaces, *port);
	return s->pxe >= 0 || mode == DHCPD_AUTO;
}

bool dhcpd_open(struct dhcpd_sockets *s, const struct interfaces *interfaces, enum dhcpd_mode mode,
	uint16_t *port)
{
	*s = dhcpd_closed;
	if (open_ports(s, interfaces, mode, port)) {
		s->arp = arp_check_socket();
		s->ear = s->arp < 0 ? -1 : probe_socket();
		s->routers = s->ear < 0 ? -1 : router_advert_socket();
	}
	if (s->routers >= 0)
		return true;
	dhcpd_close(s);
	return false;
}
