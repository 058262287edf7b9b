// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/logserver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE = 1024, NUMBER = 24 };

static int fd = -1;
static char hostname[IPADDR_TEXT], mac[18];

static bool choose(const char *word, const struct lease *lease, struct ipaddr *server)
{
	if (word)
		return ipaddr_parse(server, word, strlen(word));
	*server = ipaddr_is_unset(&lease->log_servers[0]) ? lease->next_server : lease->log_servers[0];
	return !ipaddr_is_unset(server);
}

void logserver_close(void)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
}

void logserver_open(const char *word, const struct lease *lease, const uint8_t hwaddr[6])
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(SYSLOG_PORT)};
	struct text t = text_of(mac, sizeof mac);
	struct ipaddr server;

	logserver_close();
	if (!choose(word, lease, &server))
		return;
	memcpy(&to.sin_addr, server.bytes, sizeof to.sin_addr);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		logserver_close();
	ipaddr_format(&lease->address, hostname);
	text_hwaddr(&t, hwaddr, 6, ':');
}

void logserver_tell(enum syslog_severity severity, uint64_t ms, const char *text)
{
	char buffer[MESSAGE], number[NUMBER];
	struct text t = text_of(buffer, sizeof buffer), n = text_of(number, sizeof number);
	const struct syslog_param params[] = {{"mac", mac}, {"ms", number}};

	if (fd < 0)
		return;
	text_format(&n, "%llu", (unsigned long long)ms);
	syslog_write(&t, &(struct syslog_message){
		.facility = SYSLOG_LOCAL0,
		.severity = severity,
		.hostname = hostname,
		.app = "lanyard-init",
		.params = params,
		.param_count = sizeof params / sizeof *params,
		.text = text,
	});
	if (send(fd, buffer, t.length, MSG_NOSIGNAL) < 0)
		logserver_close();
}
