// SPDX-License-Identifier: BSD-2-Clause
// mount(2) of type nfs with text options (nfs(5)). The kernel asks portmap and mountd itself; it
// resolves no names, so that is done here. What it says with an errno is looked into a little
// further: whether the two ports can be reached tells a dead server from a refusing one.
#include "initramfs/mount.h"

#include "netstack/base/ipaddr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	NFS_PORT = 2049,
	PORTMAP_PORT = 111,
	PROBE_PATIENCE = 3500, // ms; ARP takes 3 s to give up
	SOURCE = 1400,
};

static bool look_up(const char *server, char address[16])
{
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	struct ipaddr a;

	if (ipaddr_parse(&a, server, strlen(server))) {
		memcpy(address, server, strlen(server) + 1);
		return true;
	}
	if (getaddrinfo(server, NULL, &hints, &found) != 0)
		return false;
	return inet_ntop(AF_INET, &((struct sockaddr_in *)found->ai_addr)->sin_addr, address, 16);
}

// 0 if something listens there, else the errno of trying to connect.
static int probe(const char *address, uint16_t port)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t size = sizeof error;

	if (fd < 0 || inet_pton(AF_INET, address, &peer.sin_addr) != 1)
		return EINVAL;
	if (connect(fd, (struct sockaddr *)&peer, sizeof peer) < 0 && errno != EINPROGRESS)
		error = errno;
	else if (poll(&p, 1, PROBE_PATIENCE) <= 0)
		error = ETIMEDOUT;
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	close(fd);
	return error;
}

static int mount_nfs(const struct mount_plan *plan, const char *address)
{
	char source[SOURCE], data[NFSROOT_DATA];
	struct text s = text_of(source, sizeof source), d = text_of(data, sizeof data);
	unsigned long flags = plan->options->flags | (plan->read_only ? MS_RDONLY : 0);

	text_format(&s, "%s:%s", plan->server, plan->path);
	nfsroot_data(plan->options, plan->version, address, &d);
	if (s.cut || d.cut)
		return ENAMETOOLONG;
	return mount(source, plan->target, "nfs", flags, data) < 0 ? errno : 0;
}

static void attempt(const struct mount_plan *plan, struct mount_report *report)
{
	report->unknown_name = !look_up(plan->server, report->address);
	if (report->unknown_name)
		return;
	report->error = plan->only_look ? ETIMEDOUT : mount_nfs(plan, report->address);
	if (!report->error)
		return;
	report->nfs_port = probe(report->address, NFS_PORT);
	if (!report->nfs_port || report->nfs_port == ECONNREFUSED) // else the whole machine is silent
		report->portmap_port = probe(report->address, PORTMAP_PORT);
}

int mount_begin(struct mount_attempt *a, const struct mount_plan *plan)
{
	struct mount_report report = {0};
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	a->pid = fork();
	if (a->pid < 0) {
		a->pid = 0;
		close(ends[0]);
		close(ends[1]);
		return errno;
	}
	if (a->pid == 0) {
		attempt(plan, &report);
		_exit(write(ends[1], &report, sizeof report) < 0);
	}
	close(ends[1]);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	a->pipe = ends[0];
	return 0;
}

static void reap(struct mount_attempt *a)
{
	while (waitpid(a->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(a->pipe);
	a->pid = 0;
}

bool mount_ended(struct mount_attempt *a, struct mount_report *report)
{
	ssize_t got = read(a->pipe, report, sizeof *report);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got != sizeof *report)
		*report = (struct mount_report){.error = EIO};
	reap(a);
	return true;
}

void mount_kill(struct mount_attempt *a)
{
	if (!a->pid)
		return;
	kill(a->pid, SIGKILL);
	reap(a);
}

static const struct {
	int error;
	enum fault_id fault;
} meanings[] = {
	{EACCES, FAULT_NFS_DENIED},
	{EPERM, FAULT_NFS_DENIED},
	{ENOENT, FAULT_NFS_NO_EXPORT},
	{ENOTDIR, FAULT_NFS_NO_EXPORT},
	{ECONNREFUSED, FAULT_NFS_SILENT},
	{ECONNRESET, FAULT_NFS_SILENT},
	{ETIMEDOUT, FAULT_NFS_SILENT},
	{EHOSTUNREACH, FAULT_NFS_SILENT},
	{ENETUNREACH, FAULT_NFS_SILENT},
};

static void describe_ports(const struct mount_report *report, struct text *to)
{
	if (report->nfs_port)
		text_format(to, "; TCP port %u: %s", (unsigned)NFS_PORT, strerror(report->nfs_port));
	if (report->portmap_port)
		text_format(to, "; TCP port %u: %s", (unsigned)PORTMAP_PORT,
			strerror(report->portmap_port));
}

void mount_explain(const struct mount_plan *plan, const struct mount_report *report,
	struct fault *fault)
{
	enum fault_id id = FAULT_NFS_FAILED;
	char ports[120];
	struct text t = text_of(ports, sizeof ports);

	if (report->unknown_name) {
		fault_set(fault, FAULT_NAME_LOOKUP, "(%s)", plan->server);
		return;
	}
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].error == report->error)
			id = meanings[i].fault;
	describe_ports(report, &t);
	fault_set(fault, id, "(%s:%s with NFS %s: %s%s)", plan->server, plan->path, plan->version,
		strerror(report->error), ports);
}
