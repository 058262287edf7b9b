// SPDX-License-Identifier: BSD-2-Clause
// From a configuration to something that boots: its default command, what a person chooses at the
// prompt or in the menu, and, where the default fails, the other labels.
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "bootloader/program.h"
#include "bootloader/tape_send.h"
#include "netstack/base/memory.h"

enum { TENTH = 100 }; // ms
enum { TURNS = 32 };  // to other configurations and menus without anybody at the keys

// `count` times `unit` ms; at most a few weeks.
static uint32_t milliseconds(uint32_t count, uint32_t unit)
{
	return count < 2000000000 / unit ? count * unit : 2000000000;
}

// A command wants another configuration, the menu or the prompt.
static bool turned(const struct boot *b)
{
	return b->menu_wanted || b->prompt_wanted || b->next_command[0] || b->next_config[0];
}

// Commands

static bool run_config(struct boot *b)
{
	struct text name = text_of(b->next_config, sizeof b->next_config);
	struct text prefix = text_of(b->next_prefix, sizeof b->next_prefix);

	text_append(&name, b->plan.kernel, strlen(b->plan.kernel));
	text_append(&prefix, b->plan.arguments, config_word(b->plan.arguments));
	return true;
}

static bool run_local(struct boot *b, struct fault *fault)
{
	console_stage("leaving for the firmware's next boot device");
	platform_local_boot(b->plan.local);
	return fault_set(fault, FAULT_BOOT_RETURNED, "(LOCALBOOT %d: no device could be booted)",
		(int)b->plan.local);
}

// "menu" stands for menu.c32 where no label has that name, as every name stands for the file with a
// suffix before the file without.
static bool is_menu(const struct plan *p)
{
	return p->image == IMAGE_LINUX && !p->label &&
	       (text_same(p->kernel, "menu") || text_same(p->kernel, "vesamenu"));
}

static void tell(const struct boot *b)
{
	if (b->plan.options_dropped)
		console_stage("ALLOWOPTIONS 0: what was typed behind the name does not count");
	if (b->plan.label)
		console_stage("label %s: %s", b->plan.label, b->plan.kernel);
	else
		console_stage("kernel %s", b->plan.kernel);
}

// Carries out b->plan. True if it leads elsewhere within this program, else false with *fault.
static bool run_plan(struct boot *b, struct fault *fault)
{
	if (b->plan.image == IMAGE_MODULE || is_menu(&b->plan))
		return builtin_run(b, fault);
	if (b->plan.image == IMAGE_CONFIG)
		return run_config(b);
	if (b->plan.image == IMAGE_LOCAL)
		return run_local(b, fault);
	tell(b);
	if (b->plan.image == IMAGE_PROGRAM && b->id->bios_programs)
		b->id->bios_programs->start(b, fault);
	else
		load_and_start(b, fault);
	return b->next_command[0] != 0; // the name stands for another kind of program
}

static void finish(struct boot *b, bool planned, struct fault *fault)
{
	bool done = planned && run_plan(b, fault);

	b->plan.quiet = false;
	if (done)
		return;
	console_fault(fault);
	tape_send(b, fault);
}

// What the label says that a menu's bar is on.
static const char *label_command(const struct config_label *l)
{
	return l->name ? l->name : "";
}

// ONERROR: its command, with what has failed as arguments.
static void boot_onerror(struct boot *b, const char *failed)
{
	char command[PROMPT_LINE];
	struct text t = text_of(command, sizeof command);
	struct fault fault = {0};

	if (turned(b) || !b->config.onerror)
		return;
	text_format(&t, "%s %s", b->config.onerror, failed);
	console_stage("on error: %s", command);
	finish(b, plan_make(&b->plan, &b->config, command, false, &b->sysappend, &fault), &fault);
}

// A label whose choice in the menu does something else than boot.
static bool turn_to(struct boot *b, const char *command)
{
	size_t length;
	const struct config_label *l = config_find(&b->config, command, &length);

	if (!l || l->action == ACTION_COMMAND)
		return false;
	b->prompt_wanted = l->action == ACTION_QUIT;
	b->menu_wanted = !b->prompt_wanted;
	if (l->action == ACTION_SUBMENU)
		b->config.menu_start = l->submenu;
	return true;
}

static void boot_command(struct boot *b, const char *command, bool typed)
{
	struct fault fault = {0};

	if (turn_to(b, command))
		return;
	finish(b, plan_make(&b->plan, &b->config, command, typed, &b->sysappend, &fault), &fault);
	boot_onerror(b, command);
}

static void boot_label(struct boot *b, const struct config_label *l, const char *line)
{
	struct fault fault = {0};

	finish(b, plan_make_label(&b->plan, l, line, &b->sysappend, &fault), &fault);
	boot_onerror(b, label_command(l));
}

// Persons

static const char *after_timeout(const struct boot *b)
{
	return b->config.ontimeout ? b->config.ontimeout : config_command(&b->config);
}

// The prompt, for as long as a person is at it. Comes back when what TIMEOUT chose has failed, or when
// a command leads elsewhere.
static void boot_prompt(struct boot *b, uint32_t timeout)
{
	const char *preset = config_command(&b->config);

	while (!turned(b)) {
		bool typed = prompt_read(b, timeout);
		const char *command = config_skip(b->line);
		const char *chosen = typed ? preset : after_timeout(b);

		timeout = 0;
		b->total_until = DEADLINE_NEVER;
		b->turns = typed ? 0 : b->turns;
		if (*command && typed)
			boot_command(b, command, true);
		else if (chosen)
			boot_command(b, chosen, false);
		else
			prompt_labels(b, "");
		if (!typed && chosen)
			return;
	}
}

static void interrupted(struct boot *b)
{
	if (!b->config.no_escape)
		boot_prompt(b, 0);
}

void choose_interrupted(struct boot *b)
{
	interrupted(b);
	if (turned(b))
		choose(b);
}

// Boots what the menu's bar is on.
static void boot_entry(struct boot *b)
{
	if (menu_has_entries(&b->menu))
		boot_label(b, &b->config.labels[b->menu.chosen], NULL);
}

// A submenu, the prompt, a text. Where nobody comes, it is opened, to wait there.
static bool bar_leads_elsewhere(const struct menu *m)
{
	return menu_has_entries(m) && m->config->labels[m->chosen].action != ACTION_COMMAND;
}

// The menu, for as long as a person is at it. Comes back as boot_prompt does.
static void boot_menu(struct boot *b)
{
	uint32_t timeout;

	menu_start(&b->menu, &b->config, &b->sysappend);
	if (b->config.menu_shift_key && !witness_shift_held(&b->witness) &&
		!bar_leads_elsewhere(&b->menu)) {
		boot_entry(b);
		return;
	}
	timeout = milliseconds(b->config.menus[b->menu.number].timeout, TENTH);
	while (!turned(b)) {
		enum menu_event event = menu_run(b, timeout);
		const char *command = menu_ontimeout(&b->menu);

		timeout = 0;
		b->total_until = DEADLINE_NEVER;
		b->turns = event == MENU_EXPIRED ? b->turns : 0;
		if (event == MENU_EXPIRED && !command && bar_leads_elsewhere(&b->menu))
			event = menu_key(&b->menu, '\r');
		if (event == MENU_GOES_ON || event == MENU_FILE)
			continue;
		if (event == MENU_PROMPT) {
			b->prompt_wanted = true;
		} else if (event == MENU_EXPIRED) {
			if (command)
				boot_command(b, command, false);
			else
				boot_entry(b);
			return;
		} else if (event == MENU_COMMAND) {
			boot_command(b, b->menu.command, false);
		} else {
			boot_label(b, &b->config.labels[b->menu.chosen],
				b->menu.edited ? b->menu.line : NULL);
		}
		if (!turned(b))
			prompt_countdown(b, LABEL_DELAY, "back to the menu");
	}
}

// The default has failed: every other label with a kernel in turn, unless a person comes.

static bool worth_trying(const struct config *c, const struct config_label *l)
{
	size_t length;

	if (!l->name || l->password || l->action != ACTION_COMMAND ||
		config_find(c, l->name, &length) != l)
		return false;
	return l->image == IMAGE_LINUX ||
	       (l->image == IMAGE_BY_NAME && plan_image_of(l->kernel ? l->kernel : "") == IMAGE_LINUX);
}

static void boot_other_labels(struct boot *b)
{
	const struct config *c = &b->config;
	const char *failed = b->plan.label;

	for (size_t i = 0; i < c->label_count && !turned(b); i++) {
		const struct config_label *label = &c->labels[i];
		char what[80];
		struct text t = text_of(what, sizeof what);

		if (label->name == failed || !worth_trying(c, label))
			continue;
		text_format(&t, "trying label %.40s", label->name);
		if (prompt_countdown(b, LABEL_DELAY, what) && !c->no_escape) {
			interrupted(b);
			return; // it may lead elsewhere: choose() sees to that
		}
		boot_command(b, label->name, false);
	}
}

// The whole

static bool nothing_to_boot(struct boot *b)
{
	const struct config *c = &b->config;
	struct fault fault;

	if (config_command(c))
		return false;
	if (!c->prompt) {
		fault_set(&fault, FAULT_CONFIG_NO_LABEL, "%s",
			c->label_count ? "without a word from you: no DEFAULT" : "");
		console_fault(&fault);
	}
	prompt_labels(b, "");
	return !c->prompt && c->label_count == 0;
}

static void boot_config(struct boot *b)
{
	const struct config *c = &b->config;
	const char *command = config_command(c);
	bool held = !c->no_escape && witness_shift_held(&b->witness);

	if (nothing_to_boot(b))
		return;
	if (!command || c->prompt || held)
		boot_prompt(b, milliseconds(c->timeout, TENTH));
	else
		boot_command(b, command, false);
}

static void start_total_timeout(struct boot *b)
{
	uint32_t total = milliseconds(b->config.total_timeout, TENTH);

	b->total_until = total ? platform_now() + total : DEADLINE_NEVER;
}

// Configurations may lead to each other for ever.
static bool too_many_turns(struct boot *b)
{
	struct fault fault;

	if (b->turns++ < TURNS)
		return false;
	b->next_config[0] = b->next_command[0] = 0;
	b->turns = 0;
	fault_set(&fault, FAULT_CONFIG_ERROR, ": its commands lead from one configuration to the next "
		"without an end");
	console_fault(&fault);
	return true;
}

static void boot_next_command(struct boot *b)
{
	char command[PLAN_LINE + 1];
	struct text t = text_of(command, sizeof command);

	text_append(&t, b->next_command, strlen(b->next_command));
	b->next_command[0] = 0;
	boot_command(b, command, false);
}

// Follows where commands lead.
static void turn(struct boot *b)
{
	bool menu = b->menu_wanted, prompt = b->prompt_wanted;
	struct fault fault;

	b->menu_wanted = b->prompt_wanted = false;
	if (too_many_turns(b))
		return;
	if (b->next_config[0]) {
		if (!config_switch(b, &fault))
			console_fault(&fault);
		start_total_timeout(b);
		if (!menu) {
			boot_config(b);
			return;
		}
	}
	if (b->next_command[0])
		boot_next_command(b);
	else if (prompt)
		boot_prompt(b, 0);
	else
		boot_menu(b);
}

void choose(struct boot *b)
{
	if (!turned(b)) {
		start_total_timeout(b);
		boot_config(b);
	}
	do {
		while (turned(b))
			turn(b);
		boot_other_labels(b);
	} while (turned(b));
}
