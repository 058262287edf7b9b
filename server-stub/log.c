// SPDX-License-Identifier: BSD-2-Clause
// A line goes out in one write, so that the lines of the processes never mix.
//
// Anybody on the network can cause lines. So each process has a bucket of them, which is filled again with
// time: what finds it empty is left out, and how much that was is said when there is room again. What the
// process itself fails with is always said.
#include "server-stub/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 1024, BUCKET = 5000, PER_SECOND = 50 };

static enum log_level highest = LOG_NOTICE;

static struct {
	pthread_mutex_t lock; // workers of the NFS server speak too
	uint64_t filled;      // when the bucket was filled last, in ms; 0 before the first line
	uint64_t lines;       // that it holds
	unsigned left_out;    // since the last line that found room; after one, there is none for a second
} bucket = {.lock = PTHREAD_MUTEX_INITIALIZER, .lines = BUCKET};

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

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void fill_bucket(void)
{
	uint64_t now = now_ms(), more = (now - bucket.filled) * PER_SECOND / 1000;

	if (more == 0)
		return; // the part of a line that is due stays due
	bucket.lines = bucket.lines + more > BUCKET ? BUCKET : bucket.lines + more;
	bucket.filled = now;
}

// Whether a line is to be written; then `left_out` tells how many were not before it.
static bool take_line(enum log_level level, unsigned *left_out)
{
	bool room;

	pthread_mutex_lock(&bucket.lock);
	fill_bucket();
	room = bucket.lines > (bucket.left_out > 0 ? PER_SECOND : 0);
	if (!room && level == LOG_FAULT) {
		pthread_mutex_unlock(&bucket.lock);
		*left_out = 0;
		return true;
	}
	*left_out = room ? bucket.left_out : 0;
	bucket.lines -= room;
	bucket.left_out = room ? 0 : bucket.left_out + 1;
	pthread_mutex_unlock(&bucket.lock);
	return room;
}

static void write_line(enum log_level level, const char *part, const char *message)
{
	char line[LINE + 64];
	int length = snprintf(line, sizeof line, "%slanyardd: %s: %s\n", priority(level), part, message);

	if (write(STDERR_FILENO, line, (size_t)length) < 0)
		return; // there is nobody left to tell
}

void log_say(enum log_level level, const char *part, const char *format, ...)
{
	char message[LINE];
	va_list arguments;
	unsigned left_out = 0;

	if (!log_shows(level) || !take_line(level, &left_out))
		return;
	if (left_out > 0) {
		snprintf(message, sizeof message, "%u lines were left out, for there were too many", left_out);
		write_line(LOG_WARNING, "log", message);
	}
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	make_printable(message);
	write_line(level, part, message);
}

void log_fault(const char *part, const struct fault *fault)
{
	char sentence[FAULT_SENTENCE];
	struct text text = text_of(sentence, sizeof sentence);

	fault_sentence(fault, &text);
	log_say(LOG_FAULT, part, "%s", sentence);
}
