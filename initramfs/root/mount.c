// SPDX-License-Identifier: BSD-2-Clause
// mount(2) of type nfs with text options (nfs(5)). The kernel asks portmap and mountd itself; it
// resolves no names, so that is done here. What it says with an errno is looked into a little
// further: whether the two ports can be reached tells a dead server from a refusing one, and its list of
// exports tells a wrong path from a machine that is not let in.
#include "initramfs/root/mount.h"

#include "initramfs/net/lookup.h"
#include "netstack/base/ipaddr.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOURCE = 1400 };

static bool look_up(const struct mount_plan *plan, struct mount_report *report)
{
	struct text t = text_of(report->address, sizeof report->address);
	struct ipaddr a;

	if (!ipaddr_parse(&a, plan->server, strlen(plan->server)) && !strchr(plan->server, ':')) {
		if (!lookup_host(plan->server, plan->lease, &a, &report->why))
			return false;
		ipaddr_format(&a, report->address);
		return true;
	}
	text_format(&t, "%s", plan->server);
	return !t.cut || fault_set(&report->why, FAULT_NAME_LOOKUP, "(%s)", plan->server);
}

static uint16_t port_of(const struct mount_plan *plan, const char *option, uint16_t otherwise)
{
	uint32_t port = nfsroot_number(plan->options, option);

	return port && port <= 65535 ? (uint16_t)port : otherwise;
}

static int mount_nfs(const struct mount_plan *plan, const char *address)
{
	char source[SOURCE], data[NFSROOT_DATA];
	struct text s = text_of(source, sizeof source), d = text_of(data, sizeof data);
	unsigned long flags = plan->options->flags | (plan->read_only ? MS_RDONLY : 0);

	nfsroot_source(plan->server, plan->path, &s);
	nfsroot_data(plan->options, plan->version, address, &d);
	if (s.cut || d.cut)
		return ENAMETOOLONG;
	return mount(source, plan->target, "nfs", flags, data) < 0 ? errno : 0;
}

// Of these errors the server's list of exports may tell more.
static bool is_refusal(int error)
{
	return error == EACCES || error == EPERM || error == ENOENT || error == ENOTDIR || error == EIO;
}

static void attempt(const struct mount_plan *plan, struct mount_report *report)
{
	report->unknown_name = !look_up(plan, report);
	if (report->unknown_name)
		return;
	report->error = plan->only_look ? ETIMEDOUT : mount_nfs(plan, report->address);
	if (!report->error)
		return;
	report->nfs_port = probe_port(report->address, port_of(plan, "port", PROBE_NFS_PORT));
	if (!report->nfs_port || report->nfs_port == ECONNREFUSED) // else the whole machine is silent
		report->portmap_port = probe_port(report->address, PROBE_PORTMAP_PORT);
	if (!plan->only_look && is_refusal(report->error))
		probe_exports(report->address, port_of(plan, "mountport", 0), plan->path,
			&report->exports);
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

static void describe(const struct mount_plan *plan, const struct mount_report *report,
	struct text *to)
{
	if (report->nfs_port)
		text_format(to, "; TCP port %u: %s", port_of(plan, "port", PROBE_NFS_PORT),
			strerror(report->nfs_port));
	if (report->portmap_port)
		text_format(to, "; TCP port %u: %s", (unsigned)PROBE_PORTMAP_PORT,
			strerror(report->portmap_port));
	if (report->exports.words[0])
		text_format(to, "; %s", report->exports.words);
	if (report->error == ENODEV) // what mount(2) says of a type that it does not know
		text_format(to, "; 'mklanyard -m list:nfs' adds the NFS client to an image");
}

void mount_explain(const struct mount_plan *plan, const struct mount_report *report,
	struct fault *fault)
{
	enum fault_id id = FAULT_NFS_FAILED;
	char more[FAULT_FACTS], source[SOURCE];
	struct text t = text_of(more, sizeof more), s = text_of(source, sizeof source);

	if (report->unknown_name) {
		*fault = report->why;
		return;
	}
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (meanings[i].error == report->error)
			id = meanings[i].fault;
	// Servers say "permission denied" for what they do not export at all.
	if (report->exports.verdict == EXPORTS_ABSENT)
		id = FAULT_NFS_NO_EXPORT;
	else if (report->exports.verdict == EXPORTS_OTHERS)
		id = FAULT_NFS_DENIED;
	describe(plan, report, &t);
	nfsroot_source(plan->server, plan->path, &s);
	fault_set(fault, id, "(%s with NFS %s: %s%s)", source, plan->version,
		strerror(report->error), more);
}
