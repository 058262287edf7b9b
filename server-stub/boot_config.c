// SPDX-License-Identifier: BSD-2-Clause
#include "server-stub/boot_config.h"
#include "server-stub/tapes.h"

#include <string.h>

// console=ttyS1,9600n8 means that somebody looks there: the boot program speaks there, too.
static void write_serial(const char *append, struct text *to)
{
	const char *unit = append ? strstr(append, "console=ttyS") : NULL;
	const char *speed = "115200";
	size_t length;

	if (!unit)
		return;
	unit += strlen("console=ttyS");
	length = strspn(unit, "0123456789");
	if (!length)
		return;
	if (unit[length] == ',' && strspn(unit + length + 1, "0123456789"))
		speed = unit + length + 1;
	text_format(to, "SERIAL ");
	text_append(to, unit, length);
	text_putc(to, ' ');
	text_append(to, speed, strspn(speed, "0123456789"));
	text_putc(to, '\n');
}

// NFS and MOUNT are on one port, which is told, so that clients need not ask a port mapper.
static void write_append(const struct options *o, const struct ipaddr *local, struct text *to)
{
	char address[IPADDR_TEXT];

	text_format(
		to, "  APPEND root=/dev/nfs nfsroot=%s:%s", ipaddr_format(local, address), o->root);
	if (o->nfs_port)
		text_format(to, ",port=%u,mountport=%u", o->nfs_port, o->nfs_port);
	text_format(to, " ip=dhcp %s%s%s\n", o->rw ? "rw" : "ro lanyard.overlay=tmpfs",
		o->append ? " " : "", o->append ? o->append : "");
}

bool boot_config_write(void *owner, const struct ipaddr *local, struct text *to)
{
	const struct boot_config *c = owner;

	if (!c->kernel[0])
		return false;
	text_format(to, "# made by lanyardd for each request\n");
	write_serial(c->options->append, to);
	if (c->options->tapes && c->options->tftp_port)
		text_format(to, "REPLAY ::" TAPES_NAME "\n");
	text_format(to,
		"DEFAULT linux\n"
		"PROMPT 0\n"
		"LABEL linux\n"
		"  KERNEL %s\n"
		"  INITRD %s\n",
		c->kernel, c->initrd);
	write_append(c->options, local, to);
	return !to->cut;
}
