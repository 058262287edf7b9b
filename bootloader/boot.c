// SPDX-License-Identifier: BSD-2-Clause
// The boot story: a network, a configuration, a plan, its files, Linux. What fails is told, and the
// next way is tried: another server (fetch.c), another label, another configuration; when there is
// none left the machine restarts after a countdown that any key stops.
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "netstack/base/memory.h"

// Plans and starts one command. Comes back only with a fault, which it has told.
static void boot_command(struct boot *b, const char *command)
{
	const struct plan_sysappend sysappend = {{b->ip_parameter, b->bootif}};
	struct fault fault = {0};

	if (plan_make(&b->plan, &b->config, command, false, &sysappend, &fault)) {
		if (b->plan.label)
			console_stage("label %s: %s", b->plan.label, b->plan.kernel);
		else
			console_stage("kernel %s", b->plan.kernel);
		load_and_start(b, &fault);
	}
	b->plan.quiet = false;
	console_fault(&fault);
}

// The prompt, for as long as a person is at it. Comes back when what TIMEOUT chose has failed.
static void boot_prompt(struct boot *b, uint32_t timeout)
{
	const char *preset = b->config.default_command;
	char line[PROMPT_LINE];

	for (;;) {
		bool typed = prompt_read(b, line, timeout);
		const char *command = config_skip(line);

		timeout = 0;
		if (*command)
			boot_command(b, command);
		else if (preset)
			boot_command(b, preset);
		else
			prompt_labels(b);
		if (!typed && preset)
			return;
	}
}

// The default has failed: every other label in turn, unless a person comes.
static void boot_other_labels(struct boot *b)
{
	const struct config *c = &b->config;
	size_t length;
	const struct config_label *failed =
		c->default_command ? config_find(c, c->default_command, &length) : NULL;

	for (size_t i = 0; i < c->label_count; i++) {
		const struct config_label *label = &c->labels[i];
		char what[80];
		struct text t = text_of(what, sizeof what);

		if (label == failed || !label->name || config_find(c, label->name, &length) != label)
			continue;
		text_format(&t, "trying label %.40s", label->name);
		if (prompt_countdown(b, LABEL_DELAY, what))
			boot_prompt(b, 0);
		boot_command(b, label->name);
	}
}

// `count` times `unit` ms; at most a few weeks.
static uint32_t milliseconds(uint32_t count, uint32_t unit)
{
	return count < 2000000000 / unit ? count * unit : 2000000000;
}

// What the configuration in b->config says. Comes back when nothing in it could be booted.
static void boot_config(struct boot *b)
{
	const struct config *c = &b->config;
	struct fault fault;

	if (!c->default_command) {
		fault_set(&fault, FAULT_CONFIG_NO_LABEL, "%s",
			c->label_count ? "without a word from you: no DEFAULT" : "");
		console_fault(&fault);
		if (!c->label_count)
			return;
		prompt_labels(b);
	}
	if (!c->default_command || c->prompt || platform_shift_held())
		boot_prompt(b, milliseconds(c->timeout, 100));
	else
		boot_command(b, c->default_command);
	boot_other_labels(b);
}

// Every configuration that exists, in the order of the search. False if there was none.
static bool boot_configs(struct boot *b)
{
	enum search_result result;
	struct fault fault;
	bool found = false;

	search_start(b);
	while ((result = search_next(b, &fault)) == SEARCH_FOUND) {
		if (found && prompt_countdown(b, LABEL_DELAY, "trying this configuration"))
			boot_prompt(b, 0);
		found = true;
		boot_config(b);
	}
	if (result == SEARCH_MISSING) {
		char server[IPADDR_TEXT];

		fault_set(&fault, FAULT_CONFIG_MISSING, "on %s under \"%spxelinux.cfg/\"",
			ipaddr_format(&b->servers[0], server), b->prefix);
	}
	if (result == SEARCH_FAILED || !found)
		console_fault(&fault);
	return found;
}

static void reboot(void)
{
	console_stage("rebooting");
	platform_reset();
	for (;;)
		platform_idle(DEADLINE_NEVER);
}

static void boot(struct boot *b)
{
	uint32_t seconds = b->lease.reboot_time;
	uint32_t left = seconds ? milliseconds(seconds, 1000) : MISSING_DELAY;
	uint32_t delay = SEARCH_FIRST;

	while (!boot_configs(b)) {
		uint32_t rest = delay < left ? delay : left;

		if (left == 0)
			return;
		console_stage("rebooting in %u s unless a configuration is found", left / 1000);
		if (prompt_countdown(b, rest, "looking again"))
			boot_prompt(b, 0);
		left -= rest;
		delay = delay * 2 < SEARCH_MAX ? delay * 2 : SEARCH_MAX;
	}
	if (prompt_countdown(b, REBOOT_DELAY, "rebooting"))
		boot_prompt(b, 0);
}

// The struct lies in high memory: too large for the place where a BIOS loads a boot program.
static struct boot *make(void)
{
	const struct platform_place place = {
		.size = sizeof(struct boot),
		.min = 0x100000,
		.max = 0x7fffffff,
		.align = 16,
		.top = true,
	};
	struct boot *b = (struct boot *)platform_reserve(&place);

	if (b)
		memset(b, 0, sizeof *b);
	return b;
}

static void greet(struct boot *b)
{
	struct netdev **list;
	char hwaddr[3 * NETDEV_HWADDR] = "";
	struct text t = text_of(hwaddr, sizeof hwaddr);

	if (platform_netdevs(&list))
		text_hwaddr(&t, list[0]->hwaddr, list[0]->hwaddr_length, ':');
	console_text("lanyard " LANYARD_VERSION "  ");
	console_text(b->id->firmware);
	console_text("  ");
	console_text(hwaddr);
	console_text("\n");
	record_stage(&b->timeline, "start", 0);
}

void boot_main(void)
{
	uint8_t seed[16];
	struct boot *b;

	console_start();
	b = make();
	if (b) {
		b->id = platform_identity();
		platform_entropy(seed);
		random_seed(&b->random, seed);
		config_start(&b->config, NULL, NULL);
		greet(b);
		if (acquire(b))
			boot(b);
	} else {
		struct fault fault;

		fault_set(&fault, FAULT_MEMORY, "(%u kB for the boot program itself)",
			(unsigned)sizeof *b / 1024);
		console_fault(&fault);
	}
	reboot();
	__builtin_unreachable();
}
