// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/wallclock.h"

#include "initramfs/clock.h"
#include "initramfs/httpdate.h"
#include "initramfs/milestone.h"
#include "initramfs/net/peer.h"
#include "initramfs/sntp.h"
#include "netstack/wire/http.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
	PATIENCE = 1500, // ms, each server
	HTTP_PORT = 80,
	HTTP_ROOM = 4096,
	SLACK = 60,      // s: that the clocks of a server and a machine may differ
};

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

static bool ask_sntp(const struct ipaddr *server, uint64_t *seconds)
{
	int fd = peer_socket(server, SOCK_DGRAM);
	uint8_t packet[SNTP_PACKET];
	uint64_t cookie = 0;
	bool good;

	if (fd < 0)
		return false;
	getrandom(&cookie, sizeof cookie, GRND_NONBLOCK);
	sntp_question(packet, cookie);
	good = peer_connect(fd, 0, server, SNTP_PORT) &&
		send(fd, packet, sizeof packet, 0) == sizeof packet && await_answer(fd, cookie, seconds);
	close(fd);
	return good;
}

static bool read_head(int fd, uint64_t *seconds)
{
	char head[HTTP_ROOM];
	uint64_t deadline = clock_ms() + PATIENCE;
	size_t length = 0;
	ssize_t got;

	while (clock_ms() < deadline && length < sizeof head &&
		(got = recv(fd, head + length, sizeof head - length, 0)) > 0) {
		length += (size_t)got;
		if (http_head_length(head, length))
			return httpdate_read(head, http_head_length(head, length), seconds);
	}
	return false;
}

static bool say_head(int fd, const struct ipaddr *server)
{
	char host[IPADDR_TEXT];
	uint8_t bytes[256];
	struct writer w = writer_of(bytes, sizeof bytes);
	struct http_request request = {.method = HTTP_HEAD, .host.at = ipaddr_format(server, host)};

	request.host.length = strlen(host);
	http_write_request(&w, &request);
	return !w.failed && send(fd, bytes, writer_length(&w), MSG_NOSIGNAL) == (ssize_t)writer_length(&w);
}

static bool ask_http(const struct ipaddr *server, uint64_t *seconds)
{
	struct timeval patience = {.tv_sec = PATIENCE / 1000, .tv_usec = PATIENCE % 1000 * 1000};
	int fd = peer_socket(server, SOCK_STREAM);
	bool good;

	if (fd < 0)
		return false;
	good = setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 && // connect too
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
		peer_connect(fd, 0, server, HTTP_PORT) && say_head(fd, server) &&
		read_head(fd, seconds);
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

// Asks a server that may be known; sets the clock and gives true if what it says can be.
static bool set_by(const struct ipaddr *server, const char *protocol,
	bool (*ask)(const struct ipaddr *server, uint64_t *seconds), time_t newest)
{
	char from[IPADDR_TEXT + 16], address[IPADDR_TEXT];
	struct text t = text_of(from, sizeof from);
	uint64_t seconds;

	if (ipaddr_is_unset(server) || !ask(server, &seconds) || seconds < (uint64_t)newest)
		return false;
	text_format(&t, "by %s (%s)", ipaddr_format(server, address), protocol);
	set(seconds, from);
	return true;
}

void wallclock_correct(const struct lease *lease, const char *root_server)
{
	time_t newest = newest_date();
	struct ipaddr root = {0};

	if (time(NULL) + SLACK >= newest)
		return;
	for (size_t i = 0; i < LEASE_SERVERS; i++)
		if (set_by(&lease->ntp[i], "NTP", ask_sntp, newest))
			return;
	ipaddr_parse(&root, root_server, strlen(root_server));
	if (set_by(&lease->next_server, "HTTP", ask_http, newest) ||
		(!ipaddr_equal(&root, &lease->next_server) && set_by(&root, "HTTP", ask_http, newest)))
		return;
	set((uint64_t)newest, "to the newest of them");
}
