// SPDX-License-Identifier: BSD-2-Clause
// A URL and a reference, separated by a line end: parts within the text, a merged URL that is one; and
// the same as prefix and name of a file.
#include "bootloader/paths.h"
#include "netstack/wire/url.h"
#include "tests/fuzz/harness.h"

static void resolve(const char *prefix, const char *name)
{
	const struct ipaddr server = ipaddr_v4(10, 0, 0, 1);
	char url[PATH_URL];
	struct text t = text_of(url, sizeof url);
	struct fault fault = {0};
	struct path p;

	if (path_resolve(&p, prefix, name, &fault)) {
		PROMISE(p.file[0] && (!p.http || p.file[0] == '/'));
		path_url(&p, &server, &t);
		PROMISE(!t.cut);
	} else {
		PROMISE(fault.id == FAULT_URL_SCHEME || fault.id == FAULT_CONFIG_ERROR);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *base = malloc(length + 1), *reference, *merged = malloc(2 * length + 8);
	char *coded = malloc(3 * length + 1);
	struct text t = text_of(merged, 2 * length + 8), e = text_of(coded, 3 * length + 1);
	struct url u;

	memcpy(base, bytes, length);
	base[length] = 0;
	reference = strchr(base, '\n');
	if (reference)
		*reference++ = 0;
	if (url_read(&u, base)) {
		touch(u.scheme.at, u.scheme.length);
		touch(u.host.at, u.host.length);
		touch(u.path.at, u.path.length);
		PROMISE(u.path.at + u.path.length <= base + strlen(base));
	}
	if (reference && url_merge(&t, base, reference)) {
		PROMISE(!t.cut && strlen(merged) == t.length);
		PROMISE(!strchr(merged, '#'));
	}
	resolve(base, reference ? reference : "");
	url_encode(&e, base, strlen(base));
	PROMISE(!e.cut);
	for (size_t i = 0; i < e.length; i++)
		PROMISE(coded[i] > ' ' && coded[i] < 0x7f);
	e = text_of(coded, 3 * length + 1);
	url_decode(&e, base, strlen(base));
	PROMISE(e.length <= strlen(base));
	free(base);
	free(merged);
	free(coded);
	return 0;
}
