// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/base/fault.h"
#include "netstack/base/fault_texts.h"
#include "netstack/base/memory.h"

bool fault_set(struct fault *f, enum fault_id id, const char *facts, ...)
{
	struct text t = text_of(f->facts, sizeof f->facts);
	va_list args;

	f->id = id;
	va_start(args, facts);
	text_vformat(&t, facts, args);
	va_end(args);
	return false;
}

void fault_clear(struct fault *f)
{
	f->id = FAULT_NONE;
	f->facts[0] = 0;
}

static const char *next(const char *text)
{
	return text + strlen(text) + 1;
}

// What failed, or NULL: these words are not in this program.
static const char *words_of(enum fault_id id)
{
	uint32_t number;

	for (const char *at = fault_texts(); *at; at = next(next(next(next(at)))))
		if (text_u32(at, strlen(at), 10, &number) && number == (uint32_t)id)
			return next(at);
	return NULL;
}

void fault_sentence(const struct fault *f, struct text *to)
{
	const char *what = words_of(f->id);

	text_format(to, "LAN-%03d %s%s%s", f->id, what ? what : "",
		what && f->facts[0] && f->facts[0] != ':' ? " " : "", f->facts);
	if (what)
		text_format(to, ". Likely: %s. %s.", next(what), next(next(what)));
}
