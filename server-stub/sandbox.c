// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
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

// ---- files and system calls -----------------------------------------------------------------------

bool sandbox_no_files(const char *place)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/empty-XXXXXX", place) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	return mkdtemp(path) && chdir(path) == 0 && rmdir(path) == 0 && chroot(".") == 0;
}

static const int refused_calls[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp),
	SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(move_mount), SCMP_SYS(open_tree),
	SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(fsconfig), SCMP_SYS(fspick), SCMP_SYS(mount_setattr),
	SCMP_SYS(chroot), SCMP_SYS(setns), SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(quotactl),
	SCMP_SYS(acct), SCMP_SYS(reboot), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load),
	SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register), SCMP_SYS(keyctl), SCMP_SYS(add_key),
	SCMP_SYS(request_key), SCMP_SYS(personality), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime),
	SCMP_SYS(clock_adjtime), SCMP_SYS(adjtimex), SCMP_SYS(sethostname), SCMP_SYS(setdomainname),
	SCMP_SYS(syslog), SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(modify_ldt), SCMP_SYS(vhangup),
};

// Threads are made by clone(2) and have a directory of their own by unshare(2). Of clone3(2) a filter sees
// no flags: where it does not exist, libc uses clone(2).
static bool refuse_processes(scmp_filter_ctx c)
{
	return seccomp_rule_add(c, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
		       SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)) == 0 &&
	       seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
	       seccomp_rule_add(c, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 1,
		       SCMP_A0(SCMP_CMP_NE, CLONE_FS)) == 0;
}

bool sandbox_few_calls(void)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);
	bool good = c && refuse_processes(c);
	int error;

	for (size_t i = 0; good && i < sizeof refused_calls / sizeof *refused_calls; i++)
		good = seccomp_rule_add(c, SCMP_ACT_ERRNO(EPERM), refused_calls[i], 0) == 0;
	error = good ? -seccomp_load(c) : ENOMEM;
	seccomp_release(c);
	errno = error;
	return error == 0;
}
