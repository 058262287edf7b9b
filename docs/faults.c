// SPDX-License-Identifier: BSD-2-Clause
// Writes the manual page lanyard-faults(7) from netstack/base/fault.def, so that the page and what
// the programs say cannot differ.
#include <stddef.h>
#include <stdio.h>

static const struct {
	int number;
	const char *what, *likely, *advice;
} faults[] = {
#define FAULT(name, number, what, likely, advice) {number, what, likely, advice},
#include "netstack/base/fault.def"
#undef FAULT
};

static const char *const groups[] = {
	[0] = "General",
	[1] = "Network",
	[2] = "Files from the network",
	[3] = "Configuration of the boot program",
	[4] = "Starting Linux",
	[5] = "init and the root file system",
	[6] = "mklanyard",
	[7] = "lanyardd",
};

static const char head[] =
	".\\\" SPDX-License-Identifier: BSD-2-Clause\n"
	".\\\" Made by docs/faults.c from netstack/base/fault.def.\n"
	".Dd November 22, 2026\n"
	".Dt LANYARD-FAULTS 7\n"
	".Os\n"
	".Sh NAME\n"
	".Nm lanyard-faults\n"
	".Nd what Lanyard's programs say when something fails\n"
	".Sh DESCRIPTION\n"
	"The boot program,\n"
	".Xr lanyard-init 8 ,\n"
	".Xr mklanyard 8\n"
	"and\n"
	".Xr lanyardd 8\n"
	"report a failure in one sentence of the form\n"
	".Pp\n"
	".D1 Sy LAN- Ns Ar number what failed facts . No Likely: Ar cause . Ar advice .\n"
	".Pp\n"
	"The facts are those of the case: addresses, file names, times, the server's own\n"
	"words.\n"
	"The number keeps its meaning in every release.\n"
	".Sh DIAGNOSTICS\n";

static const char tail[] = ".Sh SEE ALSO\n.Xr lanyard-init 8 ,\n.Xr lanyardd 8 ,\n.Xr mklanyard 8\n";

// A line of text, in which nothing is a request or an escape of mdoc.
static void line(const char *text, const char *end)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++)
		if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	puts(end);
}

int main(void)
{
	int group = 0;

	fputs(head, stdout);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		if (faults[i].number / 100 != group) {
			printf("%s", group ? ".El\n" : "");
			group = faults[i].number / 100;
			printf(".Ss %s\n.Bl -tag -width LAN-000\n",
				group < (int)(sizeof groups / sizeof *groups) ? groups[group]
									      : "Others");
		}
		printf(".It Sy LAN-%03d\n", faults[i].number);
		line(faults[i].what, ".");
		fputs("Likely: ", stdout);
		line(faults[i].likely, ".");
		line(faults[i].advice, ".");
	}
	printf(".El\n%s", tail);
	return 0;
}
