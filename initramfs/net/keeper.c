// SPDX-License-Identifier: BSD-2-Clause
// The child is forked from a process with threads: it takes no memory and no lock.
#include "initramfs/net/keeper.h"

#include "initramfs/clock.h"
#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/net/address.h"
#include "initramfs/system/netconf.h"
#include "initramfs/system/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	REST_MOST = 3600000, // ms
	FILES_MOST = 256,
};

struct keeper {
	struct network *network;
	struct nic *nic;
	struct lease last; // as the server gave it
	int run;           // the directory /run
	bool lost, was_running;
	bool six;          // the lease is DHCPv6's
	bool linked;       // the card has a link, as last heard
};

static const struct lease *given(const struct keeper *k)
{
	return k->six ? &k->nic->dhcp6.client.lease : &k->nic->dhcp.client.lease;
}

// In a child: the root's server may be silent just now.
static void follow_in_tree(const struct keeper *k)
{
	if (fork() != 0)
		return;
	resolver_follow(&k->network->lease, k->run);
	_exit(0);
}

static void resolv_changed(struct keeper *k)
{
	char contents[2048];
	struct text t = text_of(contents, sizeof contents);
	int fd = openat(k->run, "lanyard/resolv.conf", O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0) {
		follow_in_tree(k);
		return;
	}
	netconf_resolv(&k->network->lease, &t);
	if (write(fd, t.start, t.length) < 0)
		milestone_notice("resolv.conf: %s", strerror(errno));
	close(fd);
}

// The server has agreed, perhaps with other options, perhaps to another address after the first was
// lost. The old one stays: the root's connection lives on it.
static void agreed(struct keeper *k)
{
	struct dhcp *d = &k->nic->dhcp;
	const struct lease *lease = given(k);
	bool moved = !ipaddr_equal(&lease->address, &k->last.address);
	char address[IPADDR_TEXT];

	ipaddr_format(&lease->address, address);
	if (moved)
		milestone_notice("%s has been given the address %s besides", k->nic->link.name, address);
	else if (k->lost)
		milestone_notice("the lease of %s for %s is valid again", k->nic->link.name, address);
	k->lost = false;
	if (!netconf_same(lease, &k->last)) {
		milestone_notice("the lease of %s has other options now", k->nic->link.name);
		network_take(k->network, k->nic, lease);
		resolv_changed(k);
	}
	if (!k->six && (moved || ipaddr_is_unset(&d->source)))
		dhcp_use_address(d, k->nic->link.name, &lease->address);
	k->last = *lease;
}

static void lose(struct keeper *k, const char *why)
{
	struct fault fault;
	char address[IPADDR_TEXT];

	if (k->lost)
		return;
	k->lost = true;
	k->nic->dhcp.source = (struct ipaddr){0};
	fault_set(&fault, FAULT_LEASE_LOST, "(%s on %s: %s)",
		ipaddr_format(&k->last.address, address), k->nic->link.name, why);
	milestone_fault(&fault);
}

static void step6(struct keeper *k, uint64_t now)
{
	struct dhcp6_client *c = &k->nic->dhcp6.client;

	if (dhcp6_client_status(c) == MACHINE_DONE && now >= dhcp6_client_renewal(c))
		dhcp6_client_renew(c, now);
	if (dhcp6_client_status(c) == MACHINE_RUNNING)
		k->was_running = true;
	dhcp6_step(&k->nic->dhcp6, &k->nic->link, now);
	if (dhcp6_client_status(c) == MACHINE_DONE && k->was_running) {
		k->was_running = false;
		agreed(k);
	} else if (dhcp6_client_status(c) == MACHINE_RUNNING && !c->held) {
		lose(k, c->fault.id ? c->fault.facts : "no server has renewed it");
	}
	fault_clear(&c->fault);
}

// A link that was gone may be another one: the server is asked whether the address fits it.
static void link_event(void *owner, const struct netlink_link *link)
{
	struct keeper *k = owner;

	if (link->index != k->nic->link.index)
		return;
	if (link->running && !k->linked)
		dhcp6_client_confirm(&k->nic->dhcp6.client, clock_ms());
	k->linked = link->running;
}

static void step(struct keeper *k, uint64_t now)
{
	struct dhcp_client *c = &k->nic->dhcp.client;

	if (dhcp_client_status(c) == MACHINE_DONE && now >= dhcp_client_renewal(c))
		dhcp_client_renew(c, now);
	if (dhcp_client_status(c) == MACHINE_RUNNING)
		k->was_running = true;
	dhcp_step(&k->nic->dhcp, now);
	if (c->fault.id == FAULT_DHCP_NAK) {
		lose(k, c->fault.facts);
		fault_clear(&c->fault);
	}
	if (dhcp_client_status(c) == MACHINE_DONE && k->was_running) {
		k->was_running = false;
		agreed(k);
	} else if (dhcp_client_status(c) == MACHINE_RUNNING && c->state == DHCP_SELECTING) {
		lose(k, "no server has renewed it");
	}
}

static uint64_t deadline_of(const struct keeper *k)
{
	const struct dhcp6_client *six = &k->nic->dhcp6.client;
	const struct dhcp_client *c = &k->nic->dhcp.client;
	uint64_t renewal = k->six ? dhcp6_client_renewal(six) : dhcp_client_renewal(c);
	uint64_t deadline = k->six ? dhcp6_client_deadline(six) : dhcp_client_deadline(c);

	return renewal < deadline ? renewal : deadline;
}

static void rest(const struct keeper *k, uint64_t now)
{
	struct pollfd polls[] = {
		{.fd = k->six ? k->nic->dhcp6.socket : k->nic->dhcp.packet.raw, .events = POLLIN},
		{.fd = k->six ? k->network->netlink.events : -1, .events = POLLIN},
	};
	uint64_t deadline = deadline_of(k);

	if (deadline > now)
		poll(polls, 2, deadline - now > REST_MOST ? REST_MOST : (int)(deadline - now));
}

// What it takes to configure the card and to open a socket of DHCP's.
static void drop_capabilities(void)
{
	const uint32_t kept = 1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW | 1u << CAP_NET_BIND_SERVICE;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{.effective = kept, .permitted = kept}};

	syscall(SYS_capset, &header, data);
}

// Sockets that nobody reads would fill up.
static void close_others(const struct keeper *k)
{
	const int used[] = {k->run, k->network->netlink.requests,
		k->six ? k->nic->dhcp6.socket : k->nic->dhcp.packet.raw,
		k->six ? k->network->netlink.events : k->nic->dhcp.packet.unicast};

	for (int fd = STDERR_FILENO + 1; fd < FILES_MOST; fd++) {
		bool keep = false;

		for (size_t i = 0; i < sizeof used / sizeof *used; i++)
			keep |= fd == used[i];
		if (!keep)
			close(fd);
	}
}

static void settle_in(struct keeper *k, int log)
{
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTSTP, SIGCHLD};

	setsid();
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	file_set("/proc/self/oom_score_adj", "-1000");
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(log, fd);
	milestone_to_log();
	close_others(k);
	drop_capabilities();
	k->was_running = !k->six && dhcp_client_status(&k->nic->dhcp.client) == MACHINE_RUNNING;
}

static void live(struct keeper *k, int log)
{
	const struct netlink_listener listener = {.owner = k, .link = link_event};

	settle_in(k, log);
	for (;;) {
		uint64_t now = clock_ms();

		if (k->six) {
			netlink_read(&k->network->netlink, &listener);
			step6(k, now);
		} else {
			step(k, now);
		}
		rest(k, now);
	}
}

// For sysvinit, which kills what it is not told to spare.
static void announce(pid_t pid)
{
	char text[16];
	struct text t = text_of(text, sizeof text);

	text_format(&t, "%d\n", (int)pid);
	if (!file_make_directories("/run/sendsigs.omit.d") ||
		!file_write("/run/sendsigs.omit.d/lanyard", text, t.length))
		milestone_notice("/run/sendsigs.omit.d: %s", strerror(errno));
}

static bool ends(const struct network *n)
{
	const struct dhcp_client *c = &n->root->dhcp.client;

	if (n->source == NETWORK_DHCP6)
		return dhcp6_client_renewal(&n->root->dhcp6.client) != DEADLINE_NEVER;
	return (n->source == NETWORK_RECORD || n->source == NETWORK_DHCP) &&
		(dhcp_client_status(c) != MACHINE_DONE || dhcp_client_renewal(c) != DEADLINE_NEVER);
}

// As the server gave it.
static const struct lease *leased(const struct keeper *k)
{
	return k->six || dhcp_client_status(&k->nic->dhcp.client) == MACHINE_DONE ? given(k)
		: &k->network->lease;
}

static int open_sockets(struct keeper *k)
{
	struct nic *nic = k->nic;

	return k->six ? dhcp6_resume(&nic->dhcp6, &nic->link)
		: dhcp_resume(&nic->dhcp, &nic->link, &k->last.address);
}

bool keeper_start(struct network *n, char *name)
{
	static struct keeper k;
	struct nic *nic = n->root;
	int log, error;
	pid_t pid;

	if (!ends(n))
		return true;
	k = (struct keeper){.network = n, .nic = nic, .six = n->source == NETWORK_DHCP6,
		.linked = nic->link.running};
	k.last = *leased(&k);
	k.run = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	error = open_sockets(&k);
	if (error || log < 0 || k.run < 0) {
		errno = error ? error : errno;
		return false;
	}
	pid = fork();
	if (pid == 0) {
		name[0] = '@';
		live(&k, log);
	}
	if (pid > 0)
		announce(pid);
	error = errno;
	dhcp_end(&nic->dhcp);
	dhcp6_end(&nic->dhcp6);
	close(log);
	close(k.run);
	errno = error;
	return pid > 0;
}
