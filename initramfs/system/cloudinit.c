// SPDX-License-Identifier: BSD-2-Clause
// cloud-init looks for its words anywhere in the line, and for "cc:" even in the middle of a hardware
// address: ours stand in front.
#include "initramfs/system/cloudinit.h"

#include <string.h>

void cloudinit_environment(struct text *t, const char *cmdline, bool leave_network, bool leave_hostname)
{
	text_format(t, "DEBUG_PROC_CMDLINE=\"%s%s", leave_network ? "network-config=disabled " : "",
		leave_hostname ? "cc: preserve_hostname: true end_cc " : "");
	for (const char *at = cmdline; *at && *at != '\n'; at++) {
		if (strchr("\"\\`$", *at))
			text_putc(t, '\\');
		text_putc(t, *at);
	}
	text_format(t, "\"\n");
}
