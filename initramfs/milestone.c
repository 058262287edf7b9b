// SPDX-License-Identifier: BSD-2-Clause
// Console lines. Each is one write(2), so that lines of the kernel and of child processes do not
// mix with it; standard error is the console from the moment devtmpfs is mounted.
#include "initramfs/milestone.h"

#include "initramfs/clock.h"
#include "initramfs/logserver.h"

#include <fcntl.h>
#include <unistd.h>

enum { LINE = FAULT_SENTENCE + 64 };

static uint64_t started;
static bool silent;
static int kept = -1;
static bool to_log;

void milestone_begin(uint64_t start, bool quiet)
{
	started = start;
	silent = quiet;
}

void milestone_keep(const char *path)
{
	kept = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

void milestone_to_log(void)
{
	to_log = true;
	silent = false;
	kept = -1;
	logserver_close();
}

uint64_t milestone_elapsed(void)
{
	return clock_ms() - started;
}

static void put(int fd, const struct text *t)
{
	// Nothing can be done about a console that does not take it.
	if (fd >= 0 && write(fd, t->start, t->length) < 0)
		return;
}

enum { UNTOLD = -1 }; // for the console only

static void say(bool show, int severity, const char *mark, const char *format, va_list args)
{
	char line[LINE];
	struct text t = text_of(line, sizeof line - 1);
	size_t head;

	if (to_log) // facility daemon, level notice
		text_format(&t, "<29>lanyard: ");
	else
		text_format(&t, "lanyard: %5llu ms  %s", (unsigned long long)milestone_elapsed(), mark);
	head = t.length;
	text_vformat(&t, format, args);
	if (severity != UNTOLD)
		logserver_tell((enum syslog_severity)severity, milestone_elapsed(), t.start + head);
	t.start[t.length++] = '\n';
	if (show)
		put(STDERR_FILENO, &t);
	put(kept, &t);
}

void milestone(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(!silent, SYSLOG_INFO, "", format, args);
	va_end(args);
}

void milestone_notice(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(!silent, SYSLOG_NOTICE, "note: ", format, args);
	va_end(args);
}

void milestone_waiting(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(true, UNTOLD, "waiting for ", format, args);
	va_end(args);
}

void milestone_record(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(false, UNTOLD, "", format, args);
	va_end(args);
}

static void say_always(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(true, SYSLOG_ERROR, "", format, args);
	va_end(args);
}

void milestone_fault(const struct fault *f)
{
	char sentence[FAULT_SENTENCE];
	struct text t = text_of(sentence, sizeof sentence);

	fault_sentence(f, &t);
	say_always("%s", sentence);
}
