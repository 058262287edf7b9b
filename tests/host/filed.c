// SPDX-License-Identifier: BSD-2-Clause
// The file services alone (TFTP and HTTP), as the tests run them:
//
//   filed [-t PORT] [-p PORT] [-n SESSIONS] [-s SECONDS] [-u UID] [-v]
//        [-r ROOT]... [-d NAME=DIRECTORY]... [NAME=FILE]...
//
// The text "pxelinux.cfg/default" is made up for each client. -s: how long an HTTP connection may be
// silent. -u: gives root up. It says "serving" when it does, and ends by SIGTERM.
#define _GNU_SOURCE
#include "server-stub/events.h"
#include "server-stub/httpd.h"
#include "server-stub/log.h"
#include "server-stub/sources.h"
#include "server-stub/tftpd.h"

#include <err.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static struct sources *sources;
static uint16_t tftp_port = 69, http_port = 80;
static size_t sessions;
static unsigned patience;
static uid_t user;

static int open_directory(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		err(111, "%s", path);
	return fd;
}

// NAME=PATH: returns the path, and ends the name.
static char *part(char *text)
{
	char *equals = strchr(text, '=');

	if (!equals)
		errx(100, "%s: NAME=PATH is wanted", text);
	*equals = 0;
	return equals + 1;
}

static void add_file(char *text)
{
	const char *path = part(text);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(111, "%s", path);
	sources_set_file(sources, text, fd);
}

static bool make_up(void *owner, const struct ipaddr *local, struct text *to)
{
	char address[IPADDR_TEXT];

	(void)owner;
	text_format(to, "# from %s\nDEFAULT linux\n", ipaddr_format(local, address));
	return true;
}

static void options(int argc, char **argv)
{
	int option;
	const char *path;

	while ((option = getopt(argc, argv, "t:p:n:s:u:vr:d:")) != -1) {
		switch (option) {
		case 't':
			tftp_port = (uint16_t)atoi(optarg);
			break;
		case 'p':
			http_port = (uint16_t)atoi(optarg);
			break;
		case 'n':
			sessions = (size_t)atoi(optarg);
			break;
		case 's':
			patience = (unsigned)atoi(optarg);
			break;
		case 'u':
			user = (uid_t)atoi(optarg);
			break;
		case 'v':
			log_set_level(LOG_DETAIL);
			break;
		case 'r':
			sources_add_root(sources, open_directory(optarg));
			break;
		case 'd':
			path = part(optarg);
			sources_add_directory(sources, optarg, open_directory(path));
			break;
		default:
			exit(100);
		}
	}
}

static void ended(void *owner, int fd, uint64_t now)
{
	(void)fd;
	(void)now;
	events_stop(owner);
}

static int signals(void)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	return signalfd(-1, &ends, SFD_CLOEXEC);
}

static void give_up_root(void)
{
	if (user && (setgroups(0, NULL) != 0 || setgid(user) != 0 || setuid(user) != 0))
		err(111, "user %u", user);
}

int main(int argc, char **argv)
{
	struct events *events = events_new();
	struct event_source end = {.readable = ended, .owner = events};
	struct tftpd *tftpd;
	struct httpd *httpd;
	int udp, tcp;

	sources = sources_new();
	if (!events || !sources)
		err(111, "start");
	options(argc, argv);
	for (; optind < argc; optind++)
		add_file(argv[optind]);
	sources_set_text(sources, "pxelinux.cfg/default", make_up, NULL);
	if ((udp = tftpd_bind(tftp_port)) < 0 || (tcp = httpd_listen(http_port)) < 0)
		err(111, "ports %u and %u", tftp_port, http_port);
	give_up_root();
	tftpd = tftpd_start(&(struct tftpd_config){
			.events = events, .sources = sources, .socket = udp, .sessions = sessions});
	httpd = httpd_start(&(struct httpd_config){events, sources, tcp, patience});
	end.fd = signals();
	if (!tftpd || !httpd || end.fd < 0 || !events_watch(events, &end))
		err(111, "start");
	printf("serving\n");
	fflush(stdout);
	events_run(events);
	httpd_stop(httpd);
	tftpd_stop(tftpd);
	events_unwatch(events, &end);
	close(end.fd);
	sources_free(sources);
	events_free(events);
	return 0;
}
