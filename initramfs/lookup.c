// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/lookup.h"

#include "initramfs/clock.h"
#include "netstack/dns_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE = 10000 }; // ms

static void seed(struct random *random)
{
	uint64_t now = clock_ms();
	uint8_t bytes[16] = {0};

	if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) < 0 &&
		getrandom(bytes, sizeof bytes, GRND_INSECURE) < 0)
		memcpy(bytes, &now, sizeof now);
	random_seed(random, bytes);
}

static void send_due(struct dns_client *c, int fd)
{
	uint8_t message[DNS_MESSAGE];
	struct writer w = writer_of(message, sizeof message);
	struct endpoint to;
	struct fault why = {0};

	while (dns_client_output(c, &w, &to, clock_ms())) {
		struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(to.port)};

		memcpy(&peer.sin_addr, to.addr.bytes, 4);
		if (sendto(fd, message, writer_length(&w), 0, (struct sockaddr *)&peer, sizeof peer) < 0) {
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

bool lookup_host(const char *host, const struct lease *lease, struct ipaddr *address,
	struct fault *fault)
{
	char domain[LEASE_TEXT];
	struct random random;
	struct dns_client_config cfg = {
		.random = &random, .host = host, .domain = domain, .patience = PATIENCE,
	};
	struct dns_client c;
	size_t length = strcspn(lease->search[0] ? lease->search : lease->domain, " ");
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fault_set(fault, FAULT_NAME_LOOKUP, "(%s: %s)", host, strerror(errno));
	memcpy(domain, lease->search[0] ? lease->search : lease->domain, length);
	domain[length] = 0;
	seed(&random);
	for (size_t i = 0; i < DNS_SERVERS && i < LEASE_SERVERS; i++)
		cfg.servers[i] = lease->dns[i];
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
