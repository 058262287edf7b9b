// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	NET_FILES = 8192,  // a room of clients, each with a transfer
	NFS_FILES = 16384, // connections, and files that calls hold
	BUILDER_MEMORY = 2047 << 20,
	BUILDER_FILE = 512 << 20,
	BUILDER_SECONDS = 600, // of processor time, all threads together
	BUILDER_FILES = 1024,
};

static const cap_value_t nfs_capabilities[] = {CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE, CAP_CHOWN,
	CAP_FOWNER, CAP_FSETID, CAP_MKNOD, CAP_SETUID, CAP_SETGID};

enum { NFS_CAPABILITIES = sizeof nfs_capabilities / sizeof *nfs_capabilities };

bool sandbox_find_user(struct sandbox_user *u)
{
	static const char *const names[] = {"lanyard", "nobody"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct passwd *p = getpwnam(names[i]);

		if (p && p->pw_uid != 0) {
			*u = (struct sandbox_user){p->pw_uid, p->pw_gid, names[i]};
			return true;
		}
	}
	return false;
}

// ---- the beginning ---------------------------------------------------------------------------

static int by_number(const void *a, const void *b)
{
	int left = *(const int *)a, right = *(const int *)b;

	return (left > right) - (left < right);
}

static void close_others(const int *kept, size_t count)
{
	int sorted[64], next = 3;
	size_t n = 0;

	for (size_t i = 0; i < count && n < sizeof sorted / sizeof *sorted; i++)
		if (kept[i] >= 3)
			sorted[n++] = kept[i];
	qsort(sorted, n, sizeof *sorted, by_number);
	for (size_t i = 0; i < n; i++) {
		if (sorted[i] > next)
			close_range((unsigned)next, (unsigned)sorted[i] - 1, 0);
		if (sorted[i] >= next)
			next = sorted[i] + 1;
	}
	close_range((unsigned)next, ~0U, 0);
}

void sandbox_tie(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0);
}

void sandbox_begin(const int *kept, size_t count)
{
	sigset_t none;

	close_others(kept, count);
	for (int n = 1; n < NSIG; n++)
		signal(n, n == SIGPIPE ? SIG_IGN : SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

// ---- rights ----------------------------------------------------------------------------------

static bool limit(int resource, rlim_t most)
{
	struct rlimit r = {most, most};

	return setrlimit(resource, &r) == 0;
}

static bool become(const struct sandbox_user *u)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && setgroups(0, NULL) == 0 &&
	       setresgid(u->gid, u->gid, u->gid) == 0 && setresuid(u->uid, u->uid, u->uid) == 0 &&
	       setuid(0) < 0;
}

bool sandbox_net(const struct sandbox_user *u)
{
	return limit(RLIMIT_NOFILE, NET_FILES) && limit(RLIMIT_CORE, 0) && become(u);
}

static bool is_kept(cap_value_t c)
{
	for (size_t i = 0; i < NFS_CAPABILITIES; i++)
		if (nfs_capabilities[i] == c)
			return true;
	return false;
}

static bool keep_capabilities(void)
{
	cap_t caps = cap_init();
	bool good;

	for (cap_value_t c = 0; cap_get_bound(c) >= 0; c++)
		if (!is_kept(c) && cap_get_bound(c) > 0 && cap_drop_bound(c) < 0)
			return false;
	good = caps &&
	       cap_set_flag(caps, CAP_PERMITTED, NFS_CAPABILITIES, nfs_capabilities, CAP_SET) ==
		       0 &&
	       cap_set_flag(caps, CAP_EFFECTIVE, NFS_CAPABILITIES, nfs_capabilities, CAP_SET) ==
		       0 &&
	       cap_set_proc(caps) == 0;
	cap_free(caps);
	return good;
}

bool sandbox_nfs(void)
{
	return limit(RLIMIT_NOFILE, NFS_FILES) && limit(RLIMIT_CORE, 0) && keep_capabilities() &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool sandbox_builder(const struct sandbox_user *u)
{
	if (!limit(RLIMIT_AS, BUILDER_MEMORY) || !limit(RLIMIT_FSIZE, BUILDER_FILE) ||
		!limit(RLIMIT_CPU, BUILDER_SECONDS) || !limit(RLIMIT_NOFILE, BUILDER_FILES) ||
		!limit(RLIMIT_CORE, 0) || !become(u))
		return false;
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}
