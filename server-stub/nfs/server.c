// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/nfs/server.h"
#include "server-stub/nfs/loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS_DEFAULT = 4, BACKLOG = 256 };

struct nfs_server {
	struct nfs_files files;
	struct workers workers;
	struct loop loop;
	pthread_t thread;
};

static void *run(void *context)
{
	struct nfs_server *s = context;

	loop_run(&s->loop);
	return NULL;
}

static bool start_thread(struct nfs_server *s)
{
	sigset_t all, old;
	bool good;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	good = pthread_create(&s->thread, NULL, run, s) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return good;
}

static void take_sockets(struct nfs_server *s, const struct nfs_config *config)
{
	s->loop = (struct loop){.files = &s->files,
		.workers = &s->workers,
		.epoll = -1,
		.wake = -1,
		.portmap_udp = config->portmap_udp,
		.admit = config->admit,
		.context = config->context};
	for (size_t i = 0; i < config->listener_count && i < LOOP_LISTENERS_MAX; i++)
		s->loop.listeners[s->loop.listener_count++] = config->listeners[i];
}

struct nfs_server *nfs_server_start(const struct nfs_config *config, char *error, size_t size)
{
	struct nfs_server *s = calloc(1, sizeof *s);
	unsigned count = config->workers ? config->workers : WORKERS_DEFAULT;

	if (!s) {
		snprintf(error, size, "no memory");
		return NULL;
	}
	take_sockets(s, config);
	if (!files_open(&s->files, config, error, size))
		goto no_files;
	if (!loop_start(&s->loop) || !workers_start(&s->workers, &s->files, count)) {
		snprintf(error, size, "the NFS server cannot start: %s", strerror(errno));
		goto no_workers;
	}
	if (start_thread(s))
		return s;
	snprintf(error, size, "the NFS server cannot start: no thread");
	workers_stop(&s->workers);
no_workers:
	files_close(&s->files);
no_files:
	loop_close(&s->loop);
	free(s);
	return NULL;
}

void nfs_server_stop(struct nfs_server *s)
{
	uint64_t one = 1;

	if (write(s->loop.wake, &one, sizeof one) != (ssize_t)sizeof one)
		return; // an eventfd takes its first number always
	pthread_join(s->thread, NULL);
	workers_stop(&s->workers);
	loop_close(&s->loop);
	files_close(&s->files);
	free(s);
}

static bool bind_all(int fd, uint16_t port, bool v6)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (!v6)
		return bind(fd, (struct sockaddr *)&four, sizeof four) == 0;
	return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0 &&
	       bind(fd, (struct sockaddr *)&six, sizeof six) == 0;
}

int nfs_listen(uint16_t port, bool v6)
{
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -1;
	if (bind_all(fd, port, v6) && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}
