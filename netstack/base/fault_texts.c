// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/base/fault_texts.h"

const char *fault_texts(void)
{
	return
#define FAULT(name, number, what, likely, advice) #number "\0" what "\0" likely "\0" advice "\0"
#include "netstack/base/fault.def"
#undef FAULT
		;
}
