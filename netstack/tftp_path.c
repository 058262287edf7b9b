// SPDX-License-Identifier: BSD-2-Clause
#include "netstack/tftp_path.h"

enum {
	WINDOWS_ENOUGH = 8, // of them a file must have to teach something
	FEW = 4,            // one in so many
};

uint16_t tftp_path_window(const struct tftp_path *p)
{
	const uint16_t size = p->windowsize ? p->windowsize : TFTP_WINDOWSIZE;

	return p->most && size > p->most ? p->most : size;
}

void tftp_path_learn(struct tftp_path *p, uint16_t windowsize, uint64_t blocks, uint32_t disturbed,
	bool stalled)
{
	uint16_t asked = tftp_path_window(p), next = windowsize;

	// A server that grants less than it was asked for says nothing about the way.
	if (windowsize < asked || (!stalled && blocks < (uint32_t)windowsize * WINDOWS_ENOUGH))
		return;
	if (stalled)
		next = windowsize / 4;
	else if (disturbed == 0 && windowsize >= TFTP_WINDOWSIZE)
		next = TFTP_WINDOW_MAX;
	else if ((uint64_t)disturbed * FEW * windowsize <= blocks)
		next = (uint16_t)(windowsize * 2);
	else if ((uint64_t)disturbed * 2 * windowsize > blocks)
		next = windowsize / 2;
	p->windowsize = next > TFTP_WINDOW_MAX	  ? TFTP_WINDOW_MAX
			: next < TFTP_WINDOW_LEAST ? TFTP_WINDOW_LEAST
						   : next;
}
