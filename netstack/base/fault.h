// SPDX-License-Identifier: BSD-2-Clause
// Every failure a person can meet, from one list (fault.def): a stable id LAN-xxx, what failed,
// the likely cause, and what to do. Programs print the sentence, man pages list it, tests assert
// the id.
#pragma once

#include "netstack/base/text.h"

#include <stdarg.h>
#include <stdbool.h>

enum fault_id {
	FAULT_NONE = 0,
#define FAULT(name, number, what, likely, advice) FAULT_##name = number,
#include "netstack/base/fault.def"
#undef FAULT
};

enum { FAULT_FACTS = 240, FAULT_SENTENCE = 640 };

// A failure with its facts: the peer's address, the file, times, the server's own words.
// All zero means that nothing failed.
struct fault {
	enum fault_id id;
	char facts[FAULT_FACTS]; // follows the 'what' part of the sentence, "" where there are none
};

// Sets the fault. `facts` (printf form of text_format) continues the sentence after 'what failed'.
// Returns false, so that a check can say: return fault_set(...).
bool fault_set(struct fault *f, enum fault_id id, const char *facts, ...)
	__attribute__((format(printf, 3, 4)));
void fault_clear(struct fault *f);
// "LAN-104 no DHCP server answered on 52:54:00:12:34:56 in 30 s. Likely: ... Do: ..."
void fault_sentence(const struct fault *f, struct text *to);
