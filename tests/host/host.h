// SPDX-License-Identifier: BSD-2-Clause
// lanyard-host: the boot program on an ordinary Linux machine. What its parts share.
#pragma once

#include "bootloader/platform.h"

#include <stdbool.h>
#include <stdint.h>

enum { HOST_NICS = 4, HOST_DISKS = 4 };

// Exit statuses: the plan was printed; the machine would have rebooted or waited for a person;
// misuse; the system refused something.
enum { EXIT_PLAN = 0, EXIT_NO_PLAN = 1, EXIT_MISUSE = 100, EXIT_SYSTEM = 111 };

struct host_options {
	const char *interfaces[HOST_NICS];
	int interface_count;
	bool efi;
	int arch;               // -1: by firmware
	const char *uuid;       // as people write it, NULL: none
	const char *discover, *ack, *proxy; // files with the packets that the firmware kept
	const char *bus;        // what the firmware says of the card
	const char *url;        // of the firmware's HTTP Boot, NULL: none
	const char *keys;       // typed at the prompts, a line at each
	const char *countdowns; // "expire,key": what happens at each countdown; after the last: the end
	const char *disks[HOST_DISKS]; // images of the hard disks
	int disk_count;
	const char *lint, *root; // a configuration to check instead of a boot; the directory of its files
	const char *record;     // the tape to be made (tape.h), NULL: none
	const char *seed;       // entropy, 32 hexadecimal digits; NULL: the system's
	uint64_t memory;        // bytes
	long stuck;             // frames after which a card reports busy for ever, -1: never
	unsigned hurry;         // the clock runs so many times as fast
	bool shift, show;       // Shift is held; show the console on standard error
};
extern struct host_options options;

// Ends the program; `what` failed with errno.
void host_die(const char *what) __attribute__((noreturn));

// --lint: prints what is wrong with a configuration; names in it are files below `directory` (NULL: the
// one that it lies in). Gives the exit status: EXIT_PLAN, or EXIT_NO_PLAN if there was something.
int host_lint(const char *file, const char *directory);

// Rests until a frame arrives, at most `timeout` ms of real time.
void host_idle(int timeout);
// The next key of options.keys, while a prompt is shown; else KEY_NONE.
int host_key(void);

// A frame that is about to be sent: if it asks a server for something, that is printed.
void host_request(const uint8_t *frame, size_t length);

// Output: one JSON object per line on standard output.
void json_begin(const char *event);
void json_text(const char *name, const char *text);
void json_text_of(const char *name, const void *bytes, size_t length);
void json_number(const char *name, uint64_t number);
void json_bool(const char *name, bool value);
void json_hex(const char *name, const void *bytes, size_t length);
void json_sha256(const char *name, const void *bytes, size_t length);
// A nested object or list; `name` NULL inside a list.
void json_open(const char *name, char bracket);
void json_close(char bracket);
void json_end(void);
