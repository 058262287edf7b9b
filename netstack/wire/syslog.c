// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/wire/syslog.h"
#include "netstack/base/memory.h"

enum { HOSTNAME = 255, APP = 48, PROCESS = 128, ID = 32 }; // longest, RFC 5424 section 6

// A field of the header: a blank ends it, so it has none.
static void field(struct text *to, const char *value, size_t most)
{
	text_putc(to, ' ');
	if (!value || !*value)
		text_putc(to, '-');
	for (; value && *value && most; value++, most--)
		text_putc(to, *value > ' ' && *value < 0x7f ? *value : '?');
}

// A value between quotation marks (RFC 5424 section 6.3.3).
static void param(struct text *to, const struct syslog_param *p)
{
	text_format(to, " %s=\"", p->name);
	for (const char *c = p->value; *c; c++) {
		if (*c == '"' || *c == '\\' || *c == ']')
			text_putc(to, '\\');
		text_putc(to, *c >= ' ' && *c < 0x7f ? *c : '?');
	}
	text_putc(to, '"');
}

void syslog_write(struct text *to, const struct syslog_message *m)
{
	text_format(to, "<%u>1 -", (unsigned)m->facility * 8 + (unsigned)m->severity);
	field(to, m->hostname, HOSTNAME);
	field(to, m->app, APP);
	field(to, m->process, PROCESS);
	field(to, m->id, ID);
	if (m->param_count)
		text_format(to, " [lanyard@32473");
	for (size_t i = 0; i < m->param_count; i++)
		if (m->params[i].value && *m->params[i].value)
			param(to, &m->params[i]);
	text_format(to, m->param_count ? "] " : " - ");
	if (m->text)
		text_foreign(to, m->text, strlen(m->text));
}
