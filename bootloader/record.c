// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/record.h"
#include "bootloader/cpio.h"
#include "netstack/base/memory.h"
#include "netstack/base/text.h"

void record_stage(struct record_timeline *t, const char *stage, uint32_t ms)
{
	size_t at = 0;

	while (at < t->count && !text_same(t->stages[at].stage, stage))
		at++;
	if (at == RECORD_STAGES)
		return;
	t->stages[at].stage = stage;
	t->stages[at].ms = ms;
	t->count = at + 1;
}

void record_uuid(struct text *to, const uint8_t uuid[16], bool rfc_order)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text_putc(to, '-');
		text_format(to, "%02x", uuid[rfc_order ? order[i] : i]);
	}
}

// "word value\n", without a line break in it; nothing for NULL.
static void line(struct text *t, const char *word, const char *value)
{
	if (!value || !*value)
		return;
	text_format(t, "%s ", word);
	text_foreign(t, value, strlen(value));
	text_putc(t, '\n');
}

static void address_line(struct text *t, const char *word, const struct ipaddr *a, int prefix)
{
	char buffer[IPADDR_TEXT];

	if (ipaddr_is_unset(a))
		return;
	text_format(t, "%s %s", word, ipaddr_format(a, buffer));
	if (prefix >= 0)
		text_format(t, "/%d", prefix);
	text_putc(t, '\n');
}

static void file_line(struct text *t, const char *word, const struct record_file *file)
{
	if (!file->name)
		return;
	text_format(t, "%s %llu ", word, (unsigned long long)file->size);
	text_foreign(t, file->name, strlen(file->name));
	text_putc(t, '\n');
}

static void nic_text(struct text *t, const struct record *r)
{
	text_format(t, "hwaddr ");
	text_hwaddr(t, r->hwaddr, r->hwaddr_length, ':');
	text_format(t, "\nhwtype %u\n", r->hwtype);
	line(t, "name", r->nic_name);
	line(t, "bus", r->bus);
	if (r->vlan)
		text_format(t, "vlan %u\n", r->vlan);
	line(t, "firmware", r->firmware);
	text_format(t, "arch %u\n", r->arch);
	if (r->uuid) {
		text_format(t, "uuid ");
		record_uuid(t, r->uuid, true);
		text_putc(t, '\n');
	}
}

static void source_text(struct text *t, const struct record *r)
{
	line(t, "program", "lanyard " LANYARD_VERSION);
	line(t, "lease", r->lease_from);
	address_line(t, "address", &r->address, r->prefix);
	address_line(t, "server", &r->server, -1);
	line(t, "config", r->config);
	line(t, "label", r->label);
	file_line(t, "kernel", &r->kernel);
	for (size_t i = 0; i < r->initrd_count; i++)
		file_line(t, "initrd", &r->initrds[i]);
}

static void timeline_text(struct text *t, const struct record *r)
{
	for (size_t i = 0; i < r->timeline->count; i++)
		text_format(t, "%s %u\n", r->timeline->stages[i].stage, r->timeline->stages[i].ms);
}

// Writes the file if it is not empty and leaves room for the trailer.
static void add(struct writer *w, const char *name, const void *bytes, size_t length)
{
	if (length && cpio_file_size(name, length) + cpio_file_size("TRAILER!!!", 0) <= writer_left(w))
		cpio_file(w, name, bytes, length);
}

static void add_text(struct writer *w, const char *name, const struct record *r,
	void (*write)(struct text *, const struct record *))
{
	char buffer[1536];
	struct text t = text_of(buffer, sizeof buffer);

	write(&t, r);
	while (t.cut && t.length && buffer[t.length - 1] != '\n')
		t.length--; // whole lines only
	add(w, name, buffer, t.length);
}

void record_write(uint8_t to[RECORD_SIZE], const struct record *r)
{
	struct writer w = writer_of(to, RECORD_SIZE);

	cpio_directory(&w, "lanyard");
	add(&w, "lanyard/dhcpack", r->ack.bytes, r->ack.length);
	add(&w, "lanyard/dhcpdiscover", r->discover.bytes, r->discover.length);
	add(&w, "lanyard/proxyack", r->proxy.bytes, r->proxy.length);
	add_text(&w, "lanyard/nic", r, nic_text);
	add_text(&w, "lanyard/timeline", r, timeline_text);
	add_text(&w, "lanyard/source", r, source_text);
	cpio_trailer(&w);
	write_zeros(&w, writer_left(&w));
}
