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

void fault_sentence(const struct fault *f, struct text *to)
{
	for (size_t i = 0; i < fault_text_count; i++) {
		const char *what = fault_texts[i].words, *likely, *advice;

		if (fault_texts[i].id != f->id || !*what)
			continue;
		likely = what + strlen(what) + 1;
		advice = likely + strlen(likely) + 1;
		text_format(to, "LAN-%03d %s%s%s. Likely: %s. %s.", f->id, what,
			f->facts[0] && f->facts[0] != ':' ? " " : "", f->facts, likely, advice);
		return;
	}
	text_format(to, "LAN-%03d %s", f->id, f->facts);
}
