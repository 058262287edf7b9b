// SPDX-License-Identifier: BSD-2-Clause
// Looks for a configuration under all its names, reads it, and does what acts at once: SAY, SERIAL.
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "bootloader/search.h"

static void say(const char *text)
{
	console_clear();
	console_text(text);
	console_text("\n");
}

static void serial(uint32_t port, uint32_t baud, uint32_t flow)
{
	if (!platform_serial(port, baud, flow))
		console_stage("there is no serial port %u", (unsigned)port);
}

void search_start(struct boot *b)
{
	b->candidate = 0;
}

static bool next_name(struct boot *b, struct text *name)
{
	const struct search_facts facts = {
		.option = b->lease.config_file,
		.uuid = b->id->has_uuid ? b->id->uuid : NULL,
		.hwaddr = b->nic->hwaddr,
		.hwaddr_length = b->nic->hwaddr_length,
		.hwtype = b->nic->hwtype,
		.address = b->lease.address,
	};

	return search_name(b->candidate++, &facts, name);
}

static void parse(struct boot *b, size_t length)
{
	static const struct config_events events = {say, serial};

	console_stage("config %s", b->config_path.file);
	record_stage(&b->timeline, "config", console_elapsed());
	config_start(&b->config, &events);
	config_parse(&b->config, length);
	if (b->config.dropped)
		console_stage("the configuration has more than %d labels: %zu are left out",
			CONFIG_LABELS, b->config.dropped);
}

enum search_result search_next(struct boot *b, struct fault *fault)
{
	struct sink_text sink;
	uint64_t size;

	while (b->candidate < SEARCH_NAMES) {
		char buffer[PATH_NAME];
		struct text name = text_of(buffer, sizeof buffer);

		if (!next_name(b, &name))
			continue;
		sink_text(&sink, b->config.text, CONFIG_TEXT);
		if (load_file(b, buffer, &b->config_path, &sink.sink, false, &size, fault)) {
			parse(b, sink.length);
			return SEARCH_FOUND;
		}
		if (fetch_refused(fault))
			continue;
		config_start(&b->config, NULL); // what was there may have been written over
		if (fetch_may_pass(fault) || fault->id == FAULT_NO_SERVER)
			return SEARCH_FAILED;
		console_fault(fault);
	}
	return SEARCH_MISSING;
}
