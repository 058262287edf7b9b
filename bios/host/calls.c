// SPDX-License-Identifier: BSD-2-Clause
// Part of making lanyard.0: copies its body from standard input to standard output, with calls in the
// form that packs better.
#include "bios/calls.h"

#include <stdio.h>

int main(void)
{
	static uint8_t body[1 << 20];
	size_t size = fread(body, 1, sizeof body, stdin);

	if (size == sizeof body || ferror(stdin)) {
		fprintf(stderr, "calls: standard input is not a boot program's body (less than 1 MiB)\n");
		return 1;
	}
	calls_to_places(body, (uint32_t)size);
	if (fwrite(body, 1, size, stdout) != size || fflush(stdout)) {
		perror("calls: standard output");
		return 1;
	}
	return 0;
}
