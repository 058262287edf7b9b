// SPDX-License-Identifier: BSD-2-Clause
// A line goes out in one write, so that the lines of the processes never mix.
#include "server-stub/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE = 1024 };

static enum log_level highest = LOG_NOTICE;

void log_set_level(enum log_level level)
{
	highest = level;
}

bool log_shows(enum log_level level)
{
	return level <= highest;
}

static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static const char *priority(enum log_level level)
{
	static const char *const priorities[] = {"<3>", "<4>", "<5>", "<7>"};

	return getenv("JOURNAL_STREAM") ? priorities[level] : "";
}

void log_say(enum log_level level, const char *part, const char *format, ...)
{
	char message[LINE], line[LINE + 64];
	va_list arguments;
	int length;

	if (!log_shows(level))
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	make_printable(message);
	length = snprintf(line, sizeof line, "%slanyardd: %s: %s\n", priority(level), part, message);
	if (write(STDERR_FILENO, line, (size_t)length) < 0)
		return; // there is nobody left to tell
}

void log_fault(const char *part, const struct fault *fault)
{
	char sentence[FAULT_SENTENCE];
	struct text text = text_of(sentence, sizeof sentence);

	fault_sentence(fault, &text);
	log_say(LOG_FAULT, part, "%s", sentence);
}
