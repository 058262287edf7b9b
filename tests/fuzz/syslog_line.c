// SPDX-License-Identifier: BSD-2-Clause
// A client's syslog message: all bytes are one datagram.
#include "server-stub/syslog_line.h"
#include "tests/fuzz/harness.h"

static void promise_printable(const char *text, size_t size)
{
	PROMISE(strlen(text) < size);
	for (; *text; text++)
		PROMISE(*text >= ' ' && *text < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct syslog_line l;
	bool read = syslog_line_read(&l, bytes, length);

	promise_printable(l.app, sizeof l.app);
	promise_printable(l.words, sizeof l.words);
	PROMISE(!l.mac[0] || strlen(l.mac) == sizeof l.mac - 1);
	if (read)
		PROMISE(l.severity < 8 && l.words[0]);
	return 0;
}
