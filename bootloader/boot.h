// SPDX-License-Identifier: BSD-2-Clause
// All that the boot program knows while it runs. One struct, made by boot_main, handed down.
#pragma once

#include "bootloader/config.h"
#include "bootloader/fetch.h"
#include "bootloader/menu.h"
#include "bootloader/milestone.h"
#include "bootloader/paths.h"
#include "bootloader/plan.h"
#include "bootloader/platform.h"
#include "bootloader/prompt_edit.h"
#include "bootloader/record.h"
#include "bootloader/sinks.h"
#include "bootloader/sysappend.h"
#include "bootloader/witness.h"
#include "netstack/dhcp_client.h"

// DHCP on one card.
struct boot_dhcp {
	struct stack_socket *socket; // NULL: not running
	struct dhcp_client client;
};

// What loading a plan has reserved and learnt.
struct boot_load {
	struct sink_kernel kernel;
	struct path kernel_path;
	struct path paths[PLAN_INITRDS];
	struct record_file initrds[PLAN_INITRDS];
	char name[PATH_NAME];          // of the initrd that is being loaded
	char urls[PLAN_INITRDS + 2][PATH_URL]; // of those that came by HTTP; then the kernel's, the configuration's
	uint8_t *staged[PLAN_INITRDS]; // initrds of unknown size; NULL: fetched to their place
	uint8_t *stage;                // the memory they are in, NULL: none
	uint64_t stage_size;
	struct platform_trees trees;
	uint8_t *trees_room;           // where they are, NULL: none were asked for
	uint64_t trees_used;
	uint8_t *region;               // record and initrds, NULL: none
	uint64_t region_size;
};

struct boot {
	struct witness witness;
	const struct platform_identity *id;
	struct random random;
	struct stack stack;
	struct fetch fetch;
	struct netdev *nic; // the card used; interface 0 of the stack
	struct boot_dhcp dhcp[STACK_INTERFACES];

	struct lease lease;
	const char *lease_from;                   // "firmware", "dhcp"
	struct record_packet discover, ack, proxy;
	struct ipaddr servers[FETCH_SERVERS];     // boot servers
	char prefix[PATH_NAME];                   // of relative file names
	char ip_parameter[80], bootif[64];        // for SYSAPPEND

	unsigned candidate;                       // next name of the configuration search
	struct path config_path;                  // of the one in use
	struct config config;
	struct menu menu;
	struct screen screen;
	char line[PROMPT_LINE];                   // typed at the prompt
	struct edit_history history;
	uint64_t total_until;                     // ms: when TOTALTIMEOUT boots the default
	unsigned turns;                           // to other configurations since a key was pressed
	bool menu_wanted;                         // a command has asked for the menu,
	bool prompt_wanted;                       // or for the prompt,
	char next_command[PLAN_LINE + 1];         // or for another command,
	char next_config[PLAN_LINE + 1];          // or for these configurations: names, "" none
	char next_prefix[PATH_NAME];              // with this prefix added
	char config_name[PATH_NAME];              // of the first one: '~'
	char config_list[PLAN_LINE + 1];          // names of those that replaced it
	struct plan_sysappend sysappend;
	char sysappend_room[SYSAPPEND_ROOM];      // what it points into
	struct plan plan;
	struct boot_load load;
	struct record_timeline timeline;
	struct milestones milestones;
	unsigned tapes_sent;
};

// One turn of the one loop: takes in what has arrived, steps what is running, rests until the
// nearest deadline or `until`.
void loop_turn(struct boot *b, uint64_t until);
// Gives the card the time to send what it has been given. Call it before the card is taken down for
// good: frames that it still holds then are lost (the last ACK, a milestone).
void loop_drain(struct boot *b);
// Runs a transfer to its end. False with *fault set; *size is the file's, *server who was asked last.
bool loop_fetch(struct boot *b, const struct fetch_job *job, uint64_t *size, struct ipaddr *server,
	struct fault *fault);

// A configured network: the firmware's lease, or one by DHCP. False after it has told why.
bool acquire(struct boot *b);
void acquire_step(struct boot *b, uint64_t now);
uint64_t acquire_deadline(const struct boot *b);

// Reads the next configuration that exists into b->config; search_start begins at the first name.
enum search_result { SEARCH_FOUND, SEARCH_MISSING, SEARCH_FAILED };
void search_start(struct boot *b);
enum search_result search_next(struct boot *b, struct fault *fault);

// Fetches a file by the name that a configuration gives it; *path is filled in. Without a sink only
// its size is asked for. `show`: with progress and a closing line.
bool load_file(struct boot *b, const char *name, struct path *path, struct sink *sink, bool show,
	uint64_t *size, struct fault *fault);
// Fetches b->plan and starts it. Returns only on failure, with everything released.
void load_and_start(struct boot *b, struct fault *fault);

// Adds what the firmware knows of the machine to b->sysappend (sysappend.c).
void sysappend_collect(struct boot *b);
// Replaces the configuration by those named in b->next_config, one behind the other.
bool config_switch(struct boot *b, struct fault *fault);

// Does what the configuration in b->config says. Comes back when nothing in it could be booted.
void choose(struct boot *b);
// A person has interrupted: the prompt, unless NOESCAPE is in force.
void choose_interrupted(struct boot *b);
// A command of ours, which b->plan names: menu.c32, reboot.c32, ... False with *fault if it failed or
// is none. What it asks for is done by choose().
bool builtin_run(struct boot *b, struct fault *fault);
// Whether builtin_run can do what the plan says, as far as its words tell.
bool builtin_check(const struct plan *plan, struct fault *fault);

// The next key, or KEY_NONE at `until`. Everything else goes on meanwhile.
int prompt_key(struct boot *b, uint64_t until);
// Reads b->line at the "boot: " prompt. False if `timeout` ms (0: none) passed before any key, or the
// whole configuration's time is over.
bool prompt_read(struct boot *b, uint32_t timeout);
void prompt_labels(const struct boot *b, const char *prefix);
// Shows "<what> in N s, any key stops". True if a key was pressed.
bool prompt_countdown(struct boot *b, uint32_t ms, const char *what);
// Shows a file of DISPLAY or of a function key.
void prompt_file(struct boot *b, const char *name);
// Shows b->menu. `timeout` ms, 0: none. With MENU_BOOT and MENU_COMMAND, b->menu says what.
enum menu_event menu_run(struct boot *b, uint32_t timeout);
