// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/base/fault.h"

struct entry {
	enum fault_id id;
	const char *what, *likely, *advice;
};

static const struct entry entries[] = {
#define FAULT(name, number, what, likely, advice) {FAULT_##name, what, likely, advice},
#include "netstack/base/fault.def"
#undef FAULT
};

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
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
		const struct entry *e = &entries[i];

		if (e->id != f->id)
			continue;
		text_format(to, "LAN-%03d %s%s%s. Likely: %s. %s.", e->id, e->what,
			f->facts[0] && f->facts[0] != ':' ? " " : "", f->facts, e->likely, e->advice);
		return;
	}
	text_format(to, "LAN-%03d %s", f->id, f->facts);
}
