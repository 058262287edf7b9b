// SPDX-License-Identifier: BSD-2-Clause
// Any text as a configuration file: its values lie inside the text, and the plan of every label and
// of the default command can be made or has a fault.
#include "bootloader/config.h"
#include "bootloader/paths.h"
#include "bootloader/plan.h"
#include "tests/fuzz/harness.h"

static void said(const char *text)
{
	touch(text, strlen(text));
}

static void serial(uint32_t port, uint32_t baud, uint32_t flow)
{
	(void)port;
	(void)baud;
	(void)flow;
}

static void inside(const struct config *c, const char *value)
{
	if (value)
		PROMISE(value >= c->text && value < c->text + sizeof c->text &&
			memchr(value, 0, (size_t)(c->text + sizeof c->text - value)));
}

static void use_plan(const struct config *c, const char *command)
{
	static const struct plan_sysappend appended = {{"ip=10.0.0.5:10.0.0.1:10.0.0.1:255.255.255.0",
		"BOOTIF=01-52-54-00-12-34-56"}};
	static struct plan plan;
	struct fault fault = {0};
	struct path path;

	if (!plan_make(&plan, c, command, &appended, &fault)) {
		PROMISE(fault.id == FAULT_COMMAND_LINE || fault.id == FAULT_CONFIG_ERROR);
		return;
	}
	PROMISE(strlen(plan.command_line) <= PLAN_LINE && plan.initrd_count <= PLAN_INITRDS);
	for (size_t i = 0; i < plan.initrd_count; i++)
		if (!path_resolve(&path, "boot/", plan.initrds[i], &fault))
			PROMISE(fault.id != FAULT_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct config_events events = {said, serial};
	static struct config c;

	if (length > CONFIG_TEXT)
		return 0;
	config_start(&c, &events);
	memcpy(c.text, bytes, length);
	config_parse(&c, length);
	inside(&c, c.default_command);
	inside(&c, c.append);
	PROMISE(c.label_count <= CONFIG_LABELS);
	for (size_t i = 0; i < c.label_count; i++) {
		inside(&c, c.labels[i].name);
		inside(&c, c.labels[i].kernel);
		inside(&c, c.labels[i].append);
		inside(&c, c.labels[i].initrd);
		if (c.labels[i].name && c.labels[i].name[0])
			use_plan(&c, c.labels[i].name);
	}
	if (c.default_command && c.default_command[0])
		use_plan(&c, c.default_command);
	return 0;
}
