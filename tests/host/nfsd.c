// SPDX-License-Identifier: BSD-2-Clause
// The NFS server alone, as the tests run it:
//
//   nfsd [-p PORT] [-m] [-s STATE] [-w] [-q] [-a] [-t] [-n WORKERS] [-x FILE] DIRECTORY[=PATH]...
//
// -m: the port mapper, too · -w: writable · -q: user 0 is nobody · -a: async · -t: handles by table
// · -x: while FILE exists the disk fails (the linker has fsync called here). It says "serving" when
// it does, and ends by SIGTERM.
#define _GNU_SOURCE
#include "server-stub/nfs/server.h"

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXPORTS = 8 };

static int listeners[4];
static struct nfs_export_config exports[EXPORTS];
static struct nfs_config config = {
	.listeners = listeners, .exports = exports, .portmap_udp = -1, .port = 2049};

static const char *failing;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	if (!failing || access(failing, F_OK) != 0)
		return __real_fsync(fd);
	errno = EIO;
	return -1;
}

static void listen_on(uint16_t port)
{
	for (int v6 = 0; v6 < 2; v6++) {
		int fd = nfs_listen(port, v6);

		if (fd < 0 && !v6)
			err(111, "port %u", port);
		if (fd >= 0)
			listeners[config.listener_count++] = fd;
	}
}

static void listen_portmap(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(111)};

	listen_on(111);
	config.portmap_udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(config.portmap_udp, (struct sockaddr *)&any, sizeof any) != 0)
		err(111, "UDP port 111");
}

static struct nfs_export_config options(int argc, char **argv)
{
	struct nfs_export_config all = {0};
	bool portmap = false;
	int option;

	while ((option = getopt(argc, argv, "p:ms:wqatn:x:")) != -1) {
		switch (option) {
		case 'p':
			config.port = (uint16_t)atoi(optarg);
			break;
		case 'm':
			portmap = true;
			break;
		case 's':
			config.state = optarg;
			break;
		case 'w':
			all.writable = true;
			break;
		case 'q':
			all.root_squash = true;
			break;
		case 'a':
			all.async = true;
			break;
		case 't':
			config.handles = NFS_HANDLES_TABLE;
			break;
		case 'n':
			config.workers = (unsigned)atoi(optarg);
			break;
		case 'x':
			failing = optarg;
			break;
		default:
			exit(100);
		}
	}
	listen_on(config.port);
	if (portmap)
		listen_portmap();
	return all;
}

static void add_export(struct nfs_export_config like, char *text)
{
	char *path = strchr(text, '=');

	if (path)
		*path++ = 0;
	if (config.export_count == EXPORTS)
		errx(100, "too many exports");
	like.root = text;
	like.path = path ? path : text;
	exports[config.export_count++] = like;
}

int main(int argc, char **argv)
{
	struct rlimit files = {16384, 16384};
	struct nfs_export_config like = options(argc, argv);
	struct nfs_server *server;
	char error[256] = "?";
	sigset_t ends;
	int number;

	for (; optind < argc; optind++)
		add_export(like, argv[optind]);
	if (!config.export_count)
		errx(100, "usage: nfsd [options] DIRECTORY[=PATH]...");
	setrlimit(RLIMIT_NOFILE, &files);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	server = nfs_server_start(&config, error, sizeof error);
	if (!server)
		errx(111, "%s", error);
	printf("serving\n");
	fflush(stdout);
	sigwait(&ends, &number);
	nfs_server_stop(server);
	return 0;
}
