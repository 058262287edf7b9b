// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/net/lookup.h"

#include "initramfs/clock.h"
#include "initramfs/entropy.h"
#include "initramfs/net/peer.h"
#include "netstack/dns_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE = 10000, PAUSE = 400 }; // ms

static void send_due(struct dns_client *c, int fd)
{
	uint8_t message[DNS_MESSAGE];
	struct writer w = writer_of(message, sizeof message);
	struct endpoint to;
	struct fault why = {0};

	while (dns_client_output(c, &w, &to, clock_ms())) {
		struct sockaddr_storage peer;
		socklen_t size = peer_write(&peer, 0, &to.addr, to.port);

		if (sendto(fd, message, writer_length(&w), 0, (struct sockaddr *)&peer, size) < 0) {
			fault_set(&why, FAULT_NAME_LOOKUP, "(%s)", strerror(errno));
			dns_client_unreachable(c, &to, &why, clock_ms());
		}
		w = writer_of(message, sizeof message);
	}
}

static void take_answers(struct dns_client *c, int fd)
{
	uint8_t message[DNS_MESSAGE];
	struct sockaddr_in peer;
	socklen_t size = sizeof peer;
	ssize_t got;

	while ((got = recvfrom(fd, message, sizeof message, MSG_DONTWAIT, (struct sockaddr *)&peer,
			&size)) >= 0) {
		struct endpoint from = {.addr = {.family = IP_V4}, .interface = -1,
			.port = ntohs(peer.sin_port)};

		memcpy(from.addr.bytes, &peer.sin_addr, 4);
		dns_client_input(c, message, (size_t)got, &from, clock_ms());
		size = sizeof peer;
	}
}

static void rest(const struct dns_client *c, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint64_t now = clock_ms(), deadline = dns_client_deadline(c);

	if (deadline > now)
		poll(&p, 1, deadline - now > PATIENCE ? PATIENCE : (int)(deadline - now));
}

// ---- IPv4 addresses -----------------------------------------------------------------------------

static bool look_up_four(const char *host, const struct lease *lease, const char *domain,
	struct ipaddr *address, struct fault *fault)
{
	struct random random;
	struct dns_client_config cfg = {
		.random = &random, .host = host, .domain = domain, .patience = PATIENCE,
	};
	struct dns_client c;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fault_set(fault, FAULT_NAME_LOOKUP, "(%s: %s)", host, strerror(errno));
	entropy_seed(&random);
	for (size_t i = 0, count = 0; i < LEASE_SERVERS && count < DNS_SERVERS; i++)
		if (lease->dns[i].family == IP_V4)
			cfg.servers[count++] = lease->dns[i];
	dns_client_start(&c, &cfg, clock_ms());
	while (dns_client_status(&c) == MACHINE_RUNNING) {
		send_due(&c, fd);
		rest(&c, fd);
		take_answers(&c, fd);
	}
	close(fd);
	if (dns_client_status(&c) == MACHINE_DONE)
		*address = c.addresses[0];
	else
		*fault = c.fault;
	return dns_client_status(&c) == MACHINE_DONE;
}

// ---- other questions ----------------------------------------------------------------------------
// All servers are asked at once, each on a socket of its own, so that the kernel hears who refuses.

struct question {
	uint16_t id;
	struct dns_name name;
	enum dns_type type;
	struct pollfd servers[LEASE_SERVERS];
};

static void open_sockets(struct question *q, const struct lease *lease)
{
	for (size_t i = 0; i < LEASE_SERVERS; i++) {
		const struct ipaddr *a = &lease->dns[i];
		int fd = ipaddr_is_unset(a) ? -1 : peer_socket(a, SOCK_DGRAM);

		if (fd >= 0 && !peer_connect(fd, lease->zone, a, DNS_PORT)) {
			close(fd);
			fd = -1;
		}
		q->servers[i] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
}

static void close_socket(struct pollfd *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void send_all(struct question *q)
{
	uint8_t message[DNS_MESSAGE];
	struct writer w = writer_of(message, sizeof message);

	dns_write_query(&w, q->id, &q->name, q->type);
	for (size_t i = 0; i < LEASE_SERVERS; i++) {
		struct pollfd *p = &q->servers[i];

		if (p->fd >= 0 && send(p->fd, message, writer_length(&w), 0) < 0)
			close_socket(p);
	}
}

// Whether one of them has answered.
static bool receive(struct question *q, struct dns_records *records)
{
	uint8_t message[DNS_MESSAGE];

	for (size_t i = 0; i < LEASE_SERVERS; i++) {
		struct pollfd *p = &q->servers[i];
		ssize_t got = p->fd < 0 ? 0 : recv(p->fd, message, sizeof message, MSG_DONTWAIT);

		if (got < 0 && errno != EAGAIN && errno != EINTR)
			close_socket(p);
		else if (got > 0 &&
			dns_read_records(records, message, (size_t)got, q->id, &q->name, q->type) &&
			(records->rcode == DNS_OK || records->rcode == DNS_NO_SUCH_NAME))
			return true;
	}
	return false;
}

static bool is_over(const struct question *q)
{
	for (size_t i = 0; i < LEASE_SERVERS; i++)
		if (q->servers[i].fd >= 0)
			return false;
	return true;
}

static bool converse(struct question *q, uint32_t patience, struct dns_records *records)
{
	uint64_t now = clock_ms(), end = now + patience, next = now;

	for (; now < end && !is_over(q); now = clock_ms()) {
		uint64_t until;

		if (now >= next) {
			send_all(q);
			next = now + PAUSE;
		}
		until = next < end ? next : end;
		if (poll(q->servers, LEASE_SERVERS, (int)(until - now)) > 0 && receive(q, records))
			return true;
	}
	return false;
}

static bool ask(struct question *q, const struct lease *lease, uint32_t patience,
	struct dns_records *records)
{
	struct random random;
	bool answered;

	entropy_seed(&random);
	q->id = (uint16_t)random_u32(&random);
	open_sockets(q, lease);
	answered = converse(q, patience, records);
	for (size_t i = 0; i < LEASE_SERVERS; i++)
		close_socket(&q->servers[i]);
	return answered;
}

bool lookup_name(const struct lease *lease, uint32_t patience, char name[LOOKUP_NAME])
{
	struct question q = {.type = DNS_PTR};
	struct dns_records records;

	dns_reverse_name(&q.name, &lease->address);
	if (!ask(&q, lease, patience, &records) || !records.host[0])
		return false;
	memcpy(name, records.host, sizeof records.host);
	return true;
}

// ---- IPv6 addresses -----------------------------------------------------------------------------

static bool look_up_six(const char *host, const struct lease *lease, const char *domain,
	struct ipaddr *address, struct fault *fault)
{
	char full[DNS_HOST + LEASE_TEXT];
	struct text t = text_of(full, sizeof full);
	struct question q = {.type = DNS_AAAA};
	struct dns_records records;

	text_format(&t, domain[0] ? "%s.%s" : "%s", host, domain);
	if (!dns_name_read(&q.name, full, t.length))
		return fault_set(fault, FAULT_NAME_LOOKUP, "(\"%.80s\" is no host's name)", full);
	if (!ask(&q, lease, PATIENCE, &records))
		return fault_set(fault, FAULT_NAME_SILENT, "for \"%.80s\"", full);
	if (!records.count)
		return fault_set(fault, FAULT_NAME_LOOKUP, "(\"%.80s\" has no IPv6 address)", full);
	*address = records.addresses[0];
	return true;
}

bool lookup_host(const char *host, const struct lease *lease, struct ipaddr *address,
	struct fault *fault)
{
	char domain[LEASE_TEXT];
	const char *search = lease->search[0] ? lease->search : lease->domain;
	size_t length = strcspn(search, " ");

	memcpy(domain, search, length);
	domain[length] = 0;
	if (lease->address.family != IP_V6)
		return look_up_four(host, lease, domain, address, fault);
	if (ipaddr_is_unset(&lease->dns[0]))
		return fault_set(fault, FAULT_NAME_LOOKUP, "(\"%.80s\": nobody has named a DNS server)", host);
	return (!strchr(host, '.') && domain[0] && look_up_six(host, lease, domain, address, fault)) ||
		look_up_six(host, lease, "", address, fault);
}
