// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/net/reverse.h"

#include "initramfs/milestone.h"
#include "initramfs/net/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 1000 }; // ms

static void ask(const struct lease *lease, int answer)
{
	char name[NETCONF_HOSTNAME] = "", host[LOOKUP_NAME];

	if (lookup_name(lease, PATIENCE, host))
		netconf_hostname(host, name);
	_exit(write(answer, name, sizeof name) < 0);
}

void reverse_begin(struct reverse *r, const struct lease *lease, uint64_t now)
{
	char given[NETCONF_HOSTNAME];
	int ends[2];

	reverse_end(r);
	r->name[0] = 0;
	netconf_hostname(lease->hostname, given);
	if (given[0] || ipaddr_is_unset(&lease->dns[0]) || pipe2(ends, O_CLOEXEC) < 0)
		return;
	r->pid = fork();
	if (r->pid == 0)
		ask(lease, ends[1]);
	close(ends[1]);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	r->pipe = ends[0];
	r->end = now + PATIENCE;
	if (r->pid < 0) {
		r->pid = 0;
		close(r->pipe);
	}
}

static void reap(struct reverse *r)
{
	while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(r->pipe);
	r->pid = 0;
}

void reverse_step(struct reverse *r)
{
	char name[NETCONF_HOSTNAME];
	ssize_t got;

	if (!r->pid)
		return;
	got = read(r->pipe, name, sizeof name);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	reap(r);
	if (got != sizeof name)
		return;
	netconf_hostname(name, r->name);
	if (r->name[0])
		milestone("the name servers call this machine %s", r->name);
}

bool reverse_is_due(const struct reverse *r, uint64_t now)
{
	return r->pid && now < r->end;
}

void reverse_end(struct reverse *r)
{
	if (!r->pid)
		return;
	kill(r->pid, SIGKILL);
	reap(r);
}
