// SPDX-License-Identifier: BSD-2-Clause
// A name as it comes by TFTP or HTTP, and HTTP's fields. The first byte chooses sizes; the rest is one
// text.
#include "server-stub/http_request.h"
#include "server-stub/names.h"
#include "tests/fuzz/harness.h"

static void try_names(const char *text, size_t room)
{
	char *name = malloc(room);

	if (!name)
		return;
	if (http_path(text, name, room))
		PROMISE(strlen(name) < room);
	if (name_clean(text, name, room)) {
		PROMISE(strlen(name) < room && *name != '/' && !strchr(name, '\\'));
		name_normalise(name);
		PROMISE(*name != '/' && !strstr(name, "//") && strcmp(name, "..") != 0);
		PROMISE(strncmp(name, "../", 3) != 0 && !strstr(name, "/../"));
		PROMISE(!*name || name[strlen(name) - 1] != '/');
		name_means(name, "lanyard.0");
		name_means(name, "x.efi");
		touch(name_below(name, ""), 1);
		name_below(name, "boot");
	}
	free(name);
}

static void try_fields(const char *text, uint64_t size)
{
	uint64_t first, length;
	int64_t when;

	if (http_range(text, size, &first, &length) == HTTP_RANGE_PART)
		PROMISE(length > 0 && first < size && length <= size - first);
	http_tag_listed(text, "\"1-2-3.4\"");
	http_date_read(text, &when);
	PROMISE(*http_content_type(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const uint64_t sizes[] = {0, 1, 10000, UINT64_MAX};
	char *text;

	if (length == 0)
		return 0;
	text = malloc(length);
	if (!text)
		return 0;
	memcpy(text, bytes + 1, length - 1);
	text[length - 1] = 0;
	try_names(text, (size_t)1 + bytes[0] / 4);
	try_names(text, 4096);
	try_fields(text, sizes[bytes[0] & 3]);
	free(text);
	return 0;
}
