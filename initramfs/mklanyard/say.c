// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/say.h"

#include <stdio.h>

void say_note(const char *format, ...)
{
	va_list args;

	fputs("mklanyard: note: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int say_fault(const struct fault *f)
{
	char sentence[FAULT_SENTENCE];
	struct text t = text_of(sentence, sizeof sentence);

	fault_sentence(f, &t);
	fprintf(stderr, "mklanyard: %s\n", sentence);
	return f->id == FAULT_MKLANYARD_USAGE ? 100 : 111;
}
