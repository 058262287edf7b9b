// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/supply.h"
#include "server-stub/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// ---- what it gets ----------------------------------------------------------------------------

static void give_opened(struct supply *s, enum message_kind kind, const char *name, int fd)
{
	if (fd < 0)
		return;
	message_send(s->ours, kind, name, NULL, fd);
	close(fd);
}

static void give_directories(struct supply *s)
{
	const struct option_list *roots = &s->options->tftp_roots;

	for (size_t i = 0; i < roots->count; i++)
		give_opened(s, MESSAGE_ROOT, NULL,
			open(roots->items[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	give_opened(s, MESSAGE_DIRECTORY, "boot", rooted_directory(s->root, "boot"));
}

static void give_programs(struct supply *s)
{
	char path[PROGRAM_PATH];

	for (size_t i = 0; i < PROGRAM_KINDS; i++)
		if (s->boot[i] && program_find(s->options->programs, s->boot[i], path))
			give_opened(s, MESSAGE_FILE, s->boot[i], open(path, O_RDONLY | O_CLOEXEC));
}

static bool give_file(struct supply *s, const char *name, int fd)
{
	return message_send(s->ours, MESSAGE_FILE, name, NULL, fd);
}

static bool give_segments(struct supply *s, const char *name)
{
	return message_send(s->ours, MESSAGE_SEGMENTS, name, NULL, s->pair->segments);
}

// What machines are told to load: cut to their network card, and, as the root is by NFS version 3,
// without version 4, unless the administrator has words of his own about that.
static void name_initrd(const struct supply *s, char name[SOURCE_NAME])
{
	const char *append = s->options->append ? s->options->append : "";
	bool cut = s->pair->segments >= 0 && !s->options->whole_image;
	bool other_root = strstr(append, "nfs") || strstr(append, "root=");

	snprintf(name, SOURCE_NAME, "%s%s%s", s->pair->initrd_name, cut ? "/{nic}" : "",
		cut && !other_root ? "/no-nfsv4" : "");
}

// Under their own names, which no other pair has, and under those that stay.
static bool give_pair(struct supply *s)
{
	const struct image_pair *p = s->pair;
	char initrd[SOURCE_NAME];

	name_initrd(s, initrd);
	return give_file(s, p->kernel_name, p->kernel) && give_file(s, p->initrd_name, p->initrd) &&
	       give_file(s, "vmlinuz", p->kernel) && give_file(s, "initrd.img", p->initrd) &&
	       (p->segments < 0 ||
		       (give_segments(s, p->initrd_name) && give_segments(s, "initrd.img"))) &&
	       message_send(s->ours, MESSAGE_BOOT, p->kernel_name, initrd, -1);
}

// The last name stays, for machines that have read their configuration and not yet loaded.
static void forget_older(struct supply *s)
{
	if (s->older[0] && s->ours >= 0)
		message_send(s->ours, MESSAGE_REMOVE, s->older, NULL, -1);
	strcpy(s->older, s->old);
	strcpy(s->old, s->pair->initrd_name);
}

void supply_pair(struct supply *s, const struct image_pair *pair)
{
	s->pair = pair;
	forget_older(s);
	if (s->ours >= 0 && !give_pair(s))
		s->deaf(s->owner);
}

void supply_hardware(struct supply *s)
{
	if (s->ours >= 0)
		message_send(s->ours, MESSAGE_HARDWARE, NULL, NULL, -1);
}

// ---- the sockets -----------------------------------------------------------------------------

static void hear(void *owner, int fd, uint64_t now)
{
	struct supply *s = owner;
	struct message m;
	int descriptor;

	(void)now;
	while (message_receive(fd, &m, &descriptor)) {
		if (descriptor >= 0)
			close(descriptor);
		if (m.kind == MESSAGE_READY)
			s->ready(s->owner);
	}
	if (errno != EAGAIN && errno != EINTR)
		events_unwatch(s->events, &s->source); // it has ended; a signal says more
}

static void close_pair(struct supply *s)
{
	if (s->ours >= 0) {
		events_unwatch(s->events, &s->source);
		close(s->ours);
	}
	if (s->childs >= 0)
		close(s->childs);
	s->ours = s->childs = -1;
}

void supply_begin(struct supply *s)
{
	char path[PROGRAM_PATH];

	s->ours = s->childs = -1;
	for (size_t i = 0; i < PROGRAM_KINDS; i++)
		if (program_find(s->options->programs, programs_boot[i], path))
			s->boot[i] = programs_boot[i];
}

void supply_renew(struct supply *s)
{
	int pair[2];

	close_pair(s);
	if (!message_pair(pair))
		return; // the child finds none, ends, and is started again
	s->ours = pair[0];
	s->childs = pair[1];
	s->source = (struct event_source){.fd = s->ours, .readable = hear, .owner = s};
	events_watch(s->events, &s->source);
	give_directories(s);
	give_programs(s);
	if (s->pair)
		give_pair(s);
}

void supply_end(struct supply *s)
{
	if (s->events)
		close_pair(s);
}
