// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

bool message_pair(int pair[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0;
}

static void attach(struct msghdr *h, union control *c, int fd)
{
	h->msg_control = c->room;
	h->msg_controllen = sizeof c->room;
	c->head = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
	memcpy(CMSG_DATA(&c->head), &fd, sizeof fd);
}

bool message_send(int socket, enum message_kind kind, const char *name, const char *second, int fd)
{
	struct message m;
	struct iovec part = {&m, sizeof m};
	struct msghdr h = {.msg_iov = &part, .msg_iovlen = 1};
	union control c;

	memset(&m, 0, sizeof m);
	memset(&c, 0, sizeof c);
	m.kind = kind;
	snprintf(m.name, sizeof m.name, "%s", name ? name : "");
	snprintf(m.second, sizeof m.second, "%s", second ? second : "");
	if (fd >= 0)
		attach(&h, &c, fd);
	return sendmsg(socket, &h, MSG_NOSIGNAL) == (ssize_t)sizeof m;
}

bool message_receive(int socket, struct message *m, int *fd)
{
	union control c;
	struct iovec part = {m, sizeof *m};
	struct msghdr h = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = c.room,
		.msg_controllen = sizeof c.room};
	ssize_t length = recvmsg(socket, &h, MSG_CMSG_CLOEXEC);
	struct cmsghdr *head = length >= 0 ? CMSG_FIRSTHDR(&h) : NULL;

	*fd = -1;
	if (head && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof *fd))
		memcpy(fd, CMSG_DATA(head), sizeof *fd);
	if (length == 0)
		errno = 0;
	if (length != (ssize_t)sizeof *m)
		return false;
	m->name[sizeof m->name - 1] = m->second[sizeof m->second - 1] = 0;
	return true;
}
