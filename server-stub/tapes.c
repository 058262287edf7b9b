// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/tapes.h"
#include "netstack/wire/tftp.h"
#include "server-stub/address.h"
#include "server-stub/log.h"
#include "server-stub/machine/tftp_receiver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

// PATIENCE: longer than the client's 8 s (netstack/tftp_put.h), which is not to be left while it still tries.
enum { PACKET = 1500, PATIENCE = 10000, BLKSIZE = 1428, NAME = 64, PACKETS_AT_A_TIME = 16 };

static const char MAGIC[] = "lanyard tape 2\n"; // as a tape begins
static const char SUFFIX[] = ".tape";

struct sending {
	struct tapes *all;
	struct event_source source; // fd -1: this place is free
	struct event_timer timer;
	struct tftp_receiver machine;
	int file;
	char partial[NAME]; // its name until it is whole
};

struct tapes {
	struct tapes_config cfg;
	struct sending sendings[TAPES_AT_A_TIME];
};

// ---- the directory ---------------------------------------------------------------------------

int tapes_directory(const char *state, uid_t user, gid_t group)
{
	int at = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1, why;

	if (at < 0)
		return -1;
	if (mkdirat(at, "tapes", 0700) == 0 || errno == EEXIST)
		fd = openat(at, "tapes", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	why = errno;
	close(at);
	if (fd >= 0 && fchown(fd, user, group) == 0 && fchmod(fd, 0700) == 0)
		return fd;
	if (fd >= 0) {
		why = errno;
		close(fd);
	}
	errno = why;
	return -1;
}

static bool is_tape(const char *name)
{
	size_t length = strlen(name), suffix = sizeof SUFFIX - 1;

	return length > suffix && !strcmp(name + length - suffix, SUFFIX);
}

// The oldest tape's name, and how many there are.
static size_t oldest(int directory, char name[NAME])
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct timespec least = {0};
	size_t count = 0;
	struct dirent *e;
	struct stat s;

	while (d && (e = readdir(d))) {
		if (!is_tape(e->d_name) || strlen(e->d_name) >= NAME ||
			fstatat(directory, e->d_name, &s, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (!count++ || s.st_mtim.tv_sec < least.tv_sec ||
			(s.st_mtim.tv_sec == least.tv_sec && s.st_mtim.tv_nsec < least.tv_nsec)) {
			least = s.st_mtim;
			strcpy(name, e->d_name);
		}
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return count;
}

static void remove_old(const struct tapes *t)
{
	char name[NAME];

	while (oldest(t->cfg.directory, name) > TAPES_KEPT)
		if (unlinkat(t->cfg.directory, name, 0) != 0)
			return;
}

// ---- who has sent it -------------------------------------------------------------------------

// What the kernel has learnt by ARP.
static bool find_hwaddr(const struct tapes *t, int fd, const struct ipaddr *client, struct text *to)
{
	for (size_t i = 0; i < t->cfg.interfaces->count; i++) {
		struct sockaddr_in address = {.sin_family = AF_INET};
		struct arpreq r = {0};

		address.sin_addr.s_addr = htonl(ipaddr_to_u32(client));
		memcpy(&r.arp_pa, &address, sizeof address);
		snprintf(r.arp_dev, sizeof r.arp_dev, "%.15s", t->cfg.interfaces->list[i].name);
		if (ioctl(fd, SIOCGARP, &r) == 0 && r.arp_flags & ATF_COM) {
			text_hwaddr(to, (const uint8_t *)r.arp_ha.sa_data, 6, '-');
			return true;
		}
	}
	return false;
}

static void name_of(const struct sending *s, char name[NAME])
{
	const struct ipaddr *client = &s->machine.peer.addr;
	struct text to = text_of(name, NAME);
	char address[IPADDR_TEXT];

	if (client->family != IP_V4 || !find_hwaddr(s->all, s->source.fd, client, &to))
		text_format(&to, "%s", ipaddr_format(client, address));
	text_format(&to, "%s", SUFFIX);
}

// ---- one that is coming ----------------------------------------------------------------------

static bool write_file(void *owner, const void *bytes, size_t length, const char **why)
{
	struct sending *s = owner;
	const size_t magic = sizeof MAGIC - 1;

	if (s->machine.size == length && (length < magic || memcmp(bytes, MAGIC, magic) != 0)) {
		*why = "it is no tape";
		return false;
	}
	return write(s->file, bytes, length) == (ssize_t)length;
}

static bool finish_file(void *owner, const char **why)
{
	struct sending *s = owner;
	const int directory = s->all->cfg.directory;
	char name[NAME], client[IPADDR_TEXT];

	(void)why;
	name_of(s, name);
	if (renameat(directory, s->partial, directory, name) != 0)
		return false;
	remove_old(s->all);
	log_say(LOG_NOTICE, "tape", "%s has sent the tape of a boot that failed; to repeat it: "
		"lanyard-host --replay %s/%s", ipaddr_format(&s->machine.peer.addr, client), s->all->cfg.path,
		name);
	return true;
}

static void end(struct sending *s)
{
	const struct tftp_receiver *m = &s->machine;
	char client[IPADDR_TEXT];

	if (m->status == MACHINE_FAILED)
		log_say(LOG_WARNING, "tape", "of %s, after %llu bytes: %s", ipaddr_format(&m->peer.addr, client),
			(unsigned long long)m->size, m->why);
	if (!m->finished)
		unlinkat(s->all->cfg.directory, s->partial, 0);
	events_timer(s->all->cfg.events, &s->timer, DEADLINE_NEVER);
	events_unwatch(s->all->cfg.events, &s->source);
	close(s->source.fd);
	close(s->file);
	s->source.fd = -1;
}

static void pump(struct sending *s, uint64_t now)
{
	struct tftp_receiver *m = &s->machine;
	uint8_t packet[PACKET];
	struct endpoint to;

	for (;;) {
		struct writer w = writer_of(packet, sizeof packet);

		if (!tftp_receiver_output(m, &w, &to, now))
			break;
		if (send(s->source.fd, packet, writer_length(&w), MSG_DONTWAIT) < 0)
			break; // the client repeats what is not answered
	}
	if (m->status == MACHINE_RUNNING)
		events_timer(s->all->cfg.events, &s->timer, tftp_receiver_deadline(m));
	else
		end(s);
}

static void timer_expired(void *owner, uint64_t now)
{
	pump(owner, now);
}

static void packets_arrived(void *owner, int fd, uint64_t now)
{
	struct sending *s = owner;
	uint8_t packet[PACKET];

	for (int i = 0; i < PACKETS_AT_A_TIME; i++) {
		ssize_t length = recv(fd, packet, sizeof packet, MSG_DONTWAIT);

		if (length < 0)
			break;
		tftp_receiver_input(&s->machine, packet, (size_t)length, &s->machine.peer, now);
	}
	pump(s, now);
}

// ---- requests --------------------------------------------------------------------------------

// The name alone: firmware and other DHCP servers' boot files put directories in front.
static bool is_for_us(const struct tftp_request *r)
{
	struct tftp_packet p;
	const char *name;

	if (!tftp_read(&p, r->bytes, r->length) || p.opcode != TFTP_WRQ)
		return false;
	name = strrchr(p.file, '/');
	return !strcmp(name ? name + 1 : p.file, TAPES_NAME);
}

static struct sending *find(struct tapes *t, const struct endpoint *client)
{
	for (size_t i = 0; i < TAPES_AT_A_TIME; i++) {
		struct sending *s = &t->sendings[i];

		if (s->source.fd >= 0 && ipaddr_equal(&s->machine.peer.addr, &client->addr))
			return s;
	}
	return NULL;
}

static bool begin(struct tapes *t, struct sending *s, const struct tftp_request *r, uint64_t now)
{
	const struct tftp_receiver_config config = {.owner = s,
		.write = write_file,
		.finish = finish_file,
		.most = TAPES_BYTES,
		.blksize_max = BLKSIZE,
		.patience = PATIENCE};

	snprintf(s->partial, sizeof s->partial, "partial.%d", (int)(s - t->sendings));
	s->file = openat(t->cfg.directory, s->partial,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	s->source.fd = s->file >= 0 ? tftp_session_connect(r) : -1;
	if (s->source.fd >= 0 && events_watch(t->cfg.events, &s->source)) {
		tftp_receiver_start(&s->machine, &config, r->bytes, r->length, &r->client, now);
		pump(s, now);
		return true;
	}
	if (s->source.fd >= 0)
		close(s->source.fd);
	if (s->file >= 0)
		close(s->file);
	s->source.fd = -1;
	return false;
}

// A free one, else that of the tape that has been whole for the longest: it only waits for a client that
// may have lost the last acknowledgement.
static struct sending *find_place(struct tapes *t)
{
	struct sending *longest = NULL;

	for (size_t i = 0; i < TAPES_AT_A_TIME; i++) {
		struct sending *s = &t->sendings[i];

		if (s->source.fd < 0)
			return s;
		if (s->machine.finished && (!longest || s->machine.progress < longest->machine.progress))
			longest = s;
	}
	if (longest)
		end(longest);
	return longest;
}

bool tapes_take(struct tapes *t, const struct tftp_request *r, uint64_t now)
{
	struct sending *s;

	if (!is_for_us(r))
		return false;
	s = find(t, &r->client);
	if (s && s->machine.peer.port == r->client.port) {
		tftp_receiver_again(&s->machine);
		pump(s, now);
		return true;
	}
	if (s)
		end(s); // it has begun anew
	s = find_place(t);
	if (s && !begin(t, s, r, now))
		log_say(LOG_WARNING, "tape", "%s", strerror(errno));
	return true; // without a place it asks again
}

struct tapes *tapes_start(const struct tapes_config *config)
{
	struct tapes *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->cfg = *config;
	for (size_t i = 0; i < TAPES_AT_A_TIME; i++) {
		struct sending *s = &t->sendings[i];

		s->all = t;
		s->source = (struct event_source){.fd = -1, .readable = packets_arrived, .owner = s};
		s->timer = (struct event_timer){.expired = timer_expired, .owner = s};
	}
	return t;
}

void tapes_stop(struct tapes *t)
{
	for (size_t i = 0; i < TAPES_AT_A_TIME; i++)
		if (t->sendings[i].source.fd >= 0)
			end(&t->sendings[i]);
	close(t->cfg.directory);
	free(t);
}
