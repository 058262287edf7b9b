// SPDX-License-Identifier: BSD-2-Clause
// Runs a harness over every file of a directory, each in a heap block of exactly its size. A failure
// is the sanitizer's report or the harness's abort, followed by the name of the file.
#include "tests/fuzz/harness.h"

#include <dirent.h>
#include <err.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>

enum { LARGEST = 1 << 20 };

static char path[4096];

static void name_the_file(void)
{
	fprintf(stderr, "while replaying %s\n", path);
}

static void on_abort(int signal_number)
{
	name_the_file();
	signal(signal_number, SIG_DFL);
}

static void run(void)
{
	uint8_t *whole = malloc(LARGEST), *exact;
	FILE *file = fopen(path, "rb");
	size_t length;

	if (!file || !whole)
		err(1, "%s", path);
	length = fread(whole, 1, LARGEST, file);
	fclose(file);
	exact = malloc(length + 1);
	if (!exact)
		err(1, "%s", path);
	memcpy(exact + 1, whole, length);
	free(whole);
	LLVMFuzzerTestOneInput(exact + 1, length);
	free(exact);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **entries;
	int count;

	if (argc != 2)
		errx(100, "usage: %s CORPUS-DIRECTORY", argv[0]);
	count = scandir(argv[1], &entries, visible, alphasort);
	if (count <= 0)
		errx(1, "%s: no corpus", argv[1]);
	__sanitizer_set_death_callback(name_the_file);
	signal(SIGABRT, on_abort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
		run();
		free(entries[i]);
	}
	free(entries);
	printf("%s: %d passed\n", argv[1], count);
	return 0;
}
