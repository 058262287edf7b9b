// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/system/ntpsec.h"

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

void ntpsec_conf(const char *conf, const struct ipaddr *servers, size_t count, struct text *t)
{
	char shown[IPADDR_TEXT];

	for (size_t i = 0; i < count && !ipaddr_is_unset(&servers[i]); i++)
		text_format(t, "server %s iburst\n", ipaddr_format(&servers[i], shown));
	while (*conf) {
		size_t length = strcspn(conf, "\n");

		length += conf[length] == '\n';
		if (!is_replaced(conf))
			text_append(t, conf, length);
		conf += length;
	}
}
