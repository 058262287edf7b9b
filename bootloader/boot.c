// SPDX-License-Identifier: BSD-2-Clause
// The boot story: a network, a configuration, a plan, its files, Linux. What fails is told, and the
// next way is tried: another server (fetch.c), another label, another configuration; when there is
// none left the machine restarts after a countdown that any key stops.
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "bootloader/place.h"
#include "bootloader/tape_send.h"
#include "netstack/base/memory.h"

// `count` times `unit` ms; at most a few weeks.
static uint32_t milliseconds(uint32_t count, uint32_t unit)
{
	return count < 2000000000 / unit ? count * unit : 2000000000;
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
			choose_interrupted(b);
		found = true;
		choose(b);
	}
	if (result == SEARCH_MISSING) {
		char server[IPADDR_TEXT];

		fault_set(&fault, FAULT_CONFIG_MISSING, "on %s under \"%spxelinux.cfg/\"",
			ipaddr_format(&b->servers[0], server), b->prefix);
	}
	if (result == SEARCH_FAILED || !found) {
		console_fault(&fault);
		tape_send(b, &fault);
	}
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
			choose_interrupted(b);
		left -= rest;
		delay = delay * 2 < SEARCH_MAX ? delay * 2 : SEARCH_MAX;
	}
	if (prompt_countdown(b, REBOOT_DELAY, "rebooting"))
		choose_interrupted(b);
}

// In high memory: it is too large for the place where a BIOS loads a boot program.
static struct boot *make(void)
{
	struct boot *b = (struct boot *)place_reserve(sizeof *b);

	if (b)
		memset(b, 0, sizeof *b);
	return b;
}

static void greet(struct boot *b)
{
	struct netdev **list;
	char hwaddr[3 * NETDEV_HWADDR] = "";
	struct text t = text_of(hwaddr, sizeof hwaddr);

	if (witness_netdevs(&b->witness, &list))
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
		witness_start(&b->witness, place_reserve(TAPE_SIZE), TAPE_SIZE);
		b->id = &b->witness.identity;
		witness_entropy(&b->witness, seed);
		random_seed(&b->random, seed);
		config_start(&b->config, NULL, NULL);
		greet(b);
		if (acquire(b)) {
			sysappend_collect(b);
			boot(b);
		}
	} else {
		struct fault fault;

		fault_set(&fault, FAULT_MEMORY, "(%u kB for the boot program itself)",
			(unsigned)sizeof *b / 1024);
		console_fault(&fault);
	}
	reboot();
	__builtin_unreachable();
}
