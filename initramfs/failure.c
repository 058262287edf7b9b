// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/failure.h"

#include "initramfs/milestone.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAUSE = 10, COUNT_STEP = 5 }; // seconds

#define SHELL "/bin/busybox"

static void countdown(unsigned seconds, const char *what)
{
	while (seconds) {
		unsigned step = seconds % COUNT_STEP ? seconds % COUNT_STEP : COUNT_STEP;

		milestone_waiting("%s in %u s", what, seconds);
		sleep(step);
		seconds -= step;
	}
}

static void reboot_now(void)
{
	sync();
	reboot(RB_AUTOBOOT);
	// A machine that cannot restart itself waits for its operator.
	for (;;) {
		milestone_waiting("someone to reset this machine");
		sleep(60);
	}
}

static void reboot_if_asked(const struct cmdline *c)
{
	if (!c->has_panic)
		return;
	if (c->panic > 0)
		countdown((unsigned)c->panic, "the reboot (panic=)");
	reboot_now();
}

static void become_shell(void)
{
	char *const argv[] = {"sh", "-c", "/bin/busybox --install -s /bin; exec sh", NULL};
	char *const environment[] = {"HOME=/", "TERM=linux", "PATH=/bin:/sbin:/usr/bin:/usr/sbin",
		"PS1=lanyard# ", NULL};
	int console;

	setsid();
	console = open("/dev/console", O_RDWR);
	if (console >= 0) {
		ioctl(console, TIOCSCTTY, 1);
		dup2(console, STDIN_FILENO);
		dup2(console, STDOUT_FILENO);
		dup2(console, STDERR_FILENO);
	}
	execve(SHELL, argv, environment);
	_exit(127);
}

static void run_shell(const char *why)
{
	pid_t pid;

	if (access(SHELL, X_OK) < 0) {
		milestone_notice("no shell in this image (mklanyard --with-shell)");
		return;
	}
	milestone_waiting("you: a shell (%s)", why);
	pid = fork();
	if (pid == 0)
		become_shell();
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void give_shell(const struct cmdline *c)
{
	if (c->rescue)
		run_shell("lanyard.rescue; 'exit' tries again");
}

void failure_shell(const char *stage)
{
	char why[64];
	struct text t = text_of(why, sizeof why);

	text_format(&t, "break=%s; 'exit' goes on", stage);
	run_shell(why);
}

void failure_handle(const struct cmdline *c, const struct fault *fault)
{
	milestone_fault(fault);
	give_shell(c);
	reboot_if_asked(c);
	countdown(PAUSE, "another try");
}

void failure_final(const struct cmdline *c, const struct fault *fault)
{
	milestone_fault(fault);
	give_shell(c);
	reboot_if_asked(c);
	for (;;) {
		milestone_waiting("someone to reset this machine (panic=N would reboot it)");
		sleep(60);
	}
}
