// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/system/ntpsec.h"
#include "initramfs/system/netconf.h"

#include <string.h>

// "tos" asks for more servers than a lease has, usually.
static bool is_replaced(const char *line)
{
	static const char *const words[] = {"server", "pool", "peer", "tos"};
	size_t length;

	line += strspn(line, " \t");
	length = strcspn(line, " \t\n");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (length == strlen(words[i]) && strncmp(line, words[i], length) == 0)
			return true;
	return false;
}

void ntpsec_conf(const char *conf, const struct lease *lease, struct text *t)
{
	char shown[NETCONF_SERVER];

	for (size_t i = 0; i < LEASE_SERVERS && !ipaddr_is_unset(&lease->ntp[i]); i++)
		text_format(t, "server %s iburst\n", netconf_server(lease, &lease->ntp[i], shown));
	while (*conf) {
		size_t length = strcspn(conf, "\n");

		length += conf[length] == '\n';
		if (!is_replaced(conf))
			text_append(t, conf, length);
		conf += length;
	}
}
