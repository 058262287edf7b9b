// SPDX-License-Identifier: BSD-2-Clause
#include "tests/host/host.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static bool first; // nothing stands yet in the object or list that is open

static void begin_value(const char *name)
{
	if (!first)
		putchar(',');
	first = false;
	if (name)
		printf("\"%s\":", name);
}

// Bytes that are no ASCII come out as the characters of the same number, so that nothing is lost.
static void put_string(const unsigned char *text, size_t length)
{
	putchar('"');
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			printf("\\%c", text[i]);
		else if (text[i] < ' ' || text[i] > '~')
			printf("\\u%04x", text[i]);
		else
			putchar(text[i]);
	}
	putchar('"');
}

void json_begin(const char *event)
{
	first = true;
	json_open(NULL, '{');
	json_text("event", event);
}

void json_text_of(const char *name, const void *bytes, size_t length)
{
	begin_value(name);
	put_string(bytes, length);
}

void json_text(const char *name, const char *text)
{
	json_text_of(name, text, strlen(text));
}

void json_number(const char *name, uint64_t number)
{
	begin_value(name);
	printf("%llu", (unsigned long long)number);
}

void json_bool(const char *name, bool value)
{
	begin_value(name);
	printf("%s", value ? "true" : "false");
}

void json_hex(const char *name, const void *bytes, size_t length)
{
	begin_value(name);
	putchar('"');
	for (size_t i = 0; i < length; i++)
		printf("%02x", ((const unsigned char *)bytes)[i]);
	putchar('"');
}

void json_sha256(const char *name, const void *bytes, size_t length)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, bytes, length);
	json_hex(name, hash, sizeof hash);
}

void json_open(const char *name, char bracket)
{
	begin_value(name);
	putchar(bracket);
	first = true;
}

void json_close(char bracket)
{
	putchar(bracket);
	first = false;
}

void json_end(void)
{
	json_close('}');
	putchar('\n');
	fflush(stdout);
}
