// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/wallclock.h"

#include "initramfs/milestone.h"
#include "initramfs/sntp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 1500 }; // ms, each server

static time_t newest_date(void)
{
	static const char *const places[] = {"/", "/etc", "/var/lib", "/var/lib/dpkg"};
	time_t newest = 0;
	struct stat st;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (stat(places[i], &st) == 0 && st.st_mtime > newest)
			newest = st.st_mtime;
	return newest;
}

static bool await_answer(int fd, uint64_t cookie, uint64_t *seconds)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t packet[SNTP_PACKET];
	ssize_t got;

	if (poll(&p, 1, PATIENCE) <= 0)
		return false;
	got = recv(fd, packet, sizeof packet, MSG_DONTWAIT);
	return got > 0 && sntp_read(packet, (size_t)got, cookie, seconds);
}

static bool ask(const struct ipaddr *server, uint64_t *seconds)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(SNTP_PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint8_t packet[SNTP_PACKET];
	uint64_t cookie = 0;
	bool good;

	if (fd < 0)
		return false;
	getrandom(&cookie, sizeof cookie, GRND_NONBLOCK);
	memcpy(&peer.sin_addr, server->bytes, 4);
	sntp_question(packet, cookie);
	good = connect(fd, (struct sockaddr *)&peer, sizeof peer) == 0 &&
		send(fd, packet, sizeof packet, 0) == sizeof packet && await_answer(fd, cookie, seconds);
	close(fd);
	return good;
}

static void set(uint64_t seconds, const char *source)
{
	struct timespec t = {.tv_sec = (time_t)seconds};

	if (clock_settime(CLOCK_REALTIME, &t) < 0)
		milestone_notice("the clock is wrong and cannot be set: %s", strerror(errno));
	else
		milestone_notice("the clock was behind the root's own dates: set %s", source);
}

void wallclock_correct(const struct lease *lease)
{
	time_t newest = newest_date();
	char text[IPADDR_TEXT];
	uint64_t seconds;

	if (time(NULL) >= newest)
		return;
	for (size_t i = 0; i < LEASE_SERVERS && !ipaddr_is_unset(&lease->ntp[i]); i++)
		if (ask(&lease->ntp[i], &seconds) && seconds >= (uint64_t)newest) {
			char from[IPADDR_TEXT + 16];
			struct text t = text_of(from, sizeof from);

			text_format(&t, "by %s", ipaddr_format(&lease->ntp[i], text));
			set(seconds, from);
			return;
		}
	set((uint64_t)newest, "to the newest of them");
}
