// SPDX-License-Identifier: BSD-2-Clause
// lanyardd: boots diskless machines from a root tree.
//
//   options (options.h, configuration.h)
//   supervisor (supervisor.h): sockets, tree, kernel and initramfs (image.h); starts and watches
//     net (net.h)   DHCP, TFTP, HTTP; an unprivileged user
//     nfs (nfs.h)   MOUNT and NFS; user 0 with few capabilities
//     mklanyard     when there is an initramfs to be made; an unprivileged user
//   check (check.h) instead of all this: what would go wrong
#include "server-stub/check.h"
#include "server-stub/log.h"
#include "server-stub/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_MISUSE = 100, EXIT_SYSTEM = 111 };

static int say(const struct fault *f)
{
	log_fault("options", f);
	return f->id == FAULT_SERVER_USAGE ? EXIT_MISUSE : EXIT_SYSTEM;
}

static int refuse_user(void)
{
	struct fault f;

	fault_set(
		&f, FAULT_SERVER_SOCKET, "(lanyardd was started by user %u)", (unsigned)geteuid());
	return say(&f);
}

// The program as it is on disk now: an upgrade takes effect. Signals that wait are not lost.
static int begin_anew(const char *program, char **argv)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(program, argv);
	log_say(LOG_FAULT, "options", "%s cannot be started again: %s", program, strerror(errno));
	return EXIT_SYSTEM;
}

static int serve(const struct options *o, int argc, char **argv)
{
	char program[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);

	program[length > 0 ? length : 0] = 0;
	switch (supervisor_run(o, argc, argv)) {
	case SUPERVISOR_AGAIN:
		return begin_anew(program, argv);
	case SUPERVISOR_FAILED:
		return EXIT_SYSTEM;
	default:
		return 0;
	}
}

// Nothing that is opened later may take the place of the standard descriptors.
static void fill_standard(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
		continue;
	close(fd);
}

int main(int argc, char **argv)
{
	static struct options o;
	struct fault f;

	fill_standard();
	umask(022);
	if (!options_read(&o, argc, argv, &f))
		return say(&f);
	if (o.help) {
		fputs(options_usage, stdout);
		return 0;
	}
	if (o.verbose)
		log_set_level(LOG_DETAIL);
	if (o.check)
		return check_run(&o);
	if (geteuid() != 0)
		return refuse_user();
	return serve(&o, argc, argv);
}
