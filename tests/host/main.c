// SPDX-License-Identifier: BSD-2-Clause
// lanyard-host: the boot program as a Linux program, for tests of all that does not need a firmware.
//
// It runs boot_main over real interfaces and prints, one JSON object per line, every request, every
// fault, and in the end the plan instead of starting it. console_fault, prompt_read, menu_run and
// prompt_countdown are wrapped by the linker (--wrap), so that they can be told of and nobody has to
// wait for a person who is not there.
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "bootloader/serial_keys.h"
#include "tests/host/host.h"
#include "tests/host/player.h"

#include <errno.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct host_options options = {.arch = -1, .memory = 256 << 20, .hurry = 1, .stuck = -1};

void host_die(const char *what)
{
	fflush(stdout);
	fprintf(stderr, "lanyard-host: %s: %s\n", what, strerror(errno));
	exit(EXIT_SYSTEM);
}

// Time

uint64_t platform_now(void)
{
	struct timespec t;

	if (player_playing())
		return player_now();
	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000) * options.hurry / 1000;
}

void platform_idle(uint64_t until)
{
	uint64_t now = platform_now(), left = until > now ? (until - now) / options.hurry : 0;

	if (player_playing()) {
		player_rest(until);
		return;
	}
	host_idle(left > 1000 ? 1000 : (int)left);
}

// The end

static void no_plan(const char *event)
{
	json_begin(event);
	json_end();
	exit(EXIT_NO_PLAN);
}

void platform_reset(void)
{
	no_plan("reset");
}

void platform_power_off(void)
{
	no_plan("power_off");
}

void platform_local_boot(int32_t type)
{
	json_begin("local_boot");
	json_number("type", (uint16_t)type);
	json_end();
	exit(EXIT_NO_PLAN);
}

// Persons

static bool at_prompt, in_menu, typing; // typing: something has been given

// The bytes of a terminal's sequence ("\x1b[A") are one key.
static int next_key(void)
{
	static struct serial_keys keys;
	int key = KEY_NONE;

	if (options.keys[0] != '\x1b' || (options.keys[1] != '[' && options.keys[1] != 'O'))
		return *options.keys++;
	while (key == KEY_NONE && *options.keys)
		key = serial_keys_byte(&keys, (uint8_t)*options.keys++, 0);
	return key;
}

int host_key(void)
{
	int key;

	if (player_of_machine())
		return player_key();
	if (!at_prompt && !in_menu)
		return KEY_NONE;
	if (!options.keys || !*options.keys) {
		if (typing)
			no_plan("keys_used_up");
		return KEY_NONE;
	}
	key = next_key();
	typing = in_menu || key != '\n';
	at_prompt &= key != '\n';
	return key == '\n' ? '\r' : key;
}

void __real_console_fault(const struct fault *fault);
void __wrap_console_fault(const struct fault *fault);
void __wrap_console_fault(const struct fault *fault)
{
	char buffer[FAULT_SENTENCE], id[16];
	struct text t = text_of(buffer, sizeof buffer);

	fault_sentence(fault, &t);
	player_fault(fault->id);
	snprintf(id, sizeof id, "LAN-%03d", fault->id);
	json_begin("fault");
	json_text("id", id);
	json_text("facts", fault->facts);
	json_text("sentence", buffer);
	json_bool("cut", t.cut);
	json_end();
	__real_console_fault(fault);
}

static void tell_wait(const char *event, uint32_t timeout, uint32_t total)
{
	json_begin(event);
	json_number("timeout", timeout);
	json_end();
	if (!player_of_machine() && !timeout && !total && (!options.keys || !*options.keys))
		no_plan("waits_for_a_person");
}

bool __real_prompt_read(struct boot *b, uint32_t timeout);
bool __wrap_prompt_read(struct boot *b, uint32_t timeout);
bool __wrap_prompt_read(struct boot *b, uint32_t timeout)
{
	bool entered;

	tell_wait("prompt", timeout, b->total_until != DEADLINE_NEVER);
	at_prompt = true;
	entered = __real_prompt_read(b, timeout);
	at_prompt = false;
	return entered;
}

enum menu_event __real_menu_run(struct boot *b, uint32_t timeout);
enum menu_event __wrap_menu_run(struct boot *b, uint32_t timeout);
enum menu_event __wrap_menu_run(struct boot *b, uint32_t timeout)
{
	enum menu_event event;

	tell_wait("menu", timeout, b->total_until != DEADLINE_NEVER);
	in_menu = true;
	event = __real_menu_run(b, timeout);
	in_menu = typing = false;
	return event;
}

// What the next word of options.countdowns says; there is none: the end.
bool __real_prompt_countdown(struct boot *b, uint32_t ms, const char *what);
bool __wrap_prompt_countdown(struct boot *b, uint32_t ms, const char *what);
bool __wrap_prompt_countdown(struct boot *b, uint32_t ms, const char *what)
{
	const char *word = options.countdowns;
	size_t length;

	json_begin("countdown");
	json_text("what", what);
	json_number("ms", ms);
	json_end();
	if (player_of_machine())
		return __real_prompt_countdown(b, ms, what);
	if (!word || !*word)
		exit(EXIT_NO_PLAN);
	length = strcspn(word, ",");
	options.countdowns += length + (word[length] == ',');
	if (text_is(word, length, "wait"))
		return __real_prompt_countdown(b, ms, what);
	return text_is(word, length, "key");
}

// The command line

static void usage(void)
{
	fprintf(stderr,
		"usage: lanyard-host --iface DEV [--iface DEV ...] [--firmware bios|efi] [--arch N]\n"
		"    [--uuid UUID] [--discover FILE] [--ack FILE] [--proxy FILE] [--bus TEXT] [--url URL]\n"
		"    [--keys TEXT] [--shift] [--countdown expire|key|wait[,...]] [--memory MIB] [--disk FILE ...]\n"
		"    [--stuck FRAMES] [--hurry N] [--seed HEX] [--show] [--record FILE]\n"
		"or: lanyard-host --replay FILE [--show]\n"
		"or: lanyard-host --lint FILE [--root DIRECTORY] [--show]\n");
	exit(EXIT_MISUSE);
}

enum flag {
	IFACE, FIRMWARE, ARCH, UUID, DISCOVER, ACK, PROXY, BUS, KEYS, SHIFT, COUNTDOWN, MEMORY, HURRY,
	SEED, SHOW, STUCK, URL, LINT, ROOT, RECORD, REPLAY, DISK
};

static unsigned long number(const char *text, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!*text || *end || n > most)
		usage();
	return n;
}

static void set_option(int option, char *value)
{
	switch ((enum flag)option) {
	case IFACE:
		if (options.interface_count == HOST_NICS)
			usage();
		options.interfaces[options.interface_count++] = value;
		break;
	case FIRMWARE:
		options.efi = strcmp(value, "efi") == 0;
		if (!options.efi && strcmp(value, "bios") != 0)
			usage();
		break;
	case ARCH: options.arch = (int)number(value, 65535); break;
	case UUID: options.uuid = value; break;
	case DISCOVER: options.discover = value; break;
	case ACK: options.ack = value; break;
	case PROXY: options.proxy = value; break;
	case BUS: options.bus = value; break;
	case KEYS: options.keys = value; break;
	case SHIFT: options.shift = true; break;
	case COUNTDOWN: options.countdowns = value; break;
	case MEMORY: options.memory = number(value, 1 << 20) << 20; break;
	case HURRY: options.hurry = (unsigned)number(value, 1000); break;
	case SEED: options.seed = value; break;
	case SHOW: options.show = true; break;
	case URL: options.url = value; break;
	case LINT: options.lint = value; break;
	case ROOT: options.root = value; break;
	case RECORD: options.record = value; break;
	case REPLAY: usage(); break; // not the first word
	case DISK:
		if (options.disk_count == HOST_DISKS)
			usage();
		options.disks[options.disk_count++] = value;
		break;
	case STUCK: options.stuck = (long)number(value, 1 << 20); break;
	}
}

static void read_options(int argc, char **argv)
{
	static const struct option_name {
		const char *name;
		int has_value;
	} names[] = {
		[IFACE] = {"iface", 1}, [FIRMWARE] = {"firmware", 1}, [ARCH] = {"arch", 1},
		[UUID] = {"uuid", 1}, [DISCOVER] = {"discover", 1}, [ACK] = {"ack", 1},
		[PROXY] = {"proxy", 1}, [BUS] = {"bus", 1}, [KEYS] = {"keys", 1}, [SHIFT] = {"shift", 0},
		[COUNTDOWN] = {"countdown", 1}, [MEMORY] = {"memory", 1}, [HURRY] = {"hurry", 1},
		[SEED] = {"seed", 1}, [SHOW] = {"show", 0},
		[LINT] = {"lint", 1}, [ROOT] = {"root", 1},
		[STUCK] = {"stuck", 1}, [URL] = {"url", 1},
		[RECORD] = {"record", 1}, [REPLAY] = {"replay", 1}, [DISK] = {"disk", 1},
	};
	struct option list[sizeof names / sizeof *names + 1] = {0};
	int found;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		list[i] = (struct option){names[i].name, names[i].has_value, NULL, (int)i};
	while ((found = getopt_long(argc, argv, "", list, NULL)) >= 0) {
		if (found == '?')
			usage();
		set_option(found, optarg);
	}
	if (optind < argc || (!options.interface_count && !options.lint) || !options.hurry || !options.memory)
		usage();
}

// A machine's tape has no words: what stands for them is on it.
static void use_machine(void)
{
	static char names[HOST_NICS][NETDEV_NAME + 1];
	const struct player_event *card;
	struct tape_identity i;
	size_t at = 0;

	if (!player_identity(&i))
		return;
	options.efi = i.arch != 0;
	options.arch = i.arch;
	options.memory = (uint64_t)i.memory << 10 < 1 << 30 ? (uint64_t)i.memory << 10 : 1 << 30;
	for (uint8_t n = 0; n < HOST_NICS && (card = player_find(TAPE_CARD, n, &at)); n++) {
		snprintf(names[n], sizeof names[n], "card%u", n);
		options.interfaces[options.interface_count++] = names[n];
	}
}

// The words of a tape take the place of "--replay FILE".
static void read_tape(int *argc, char ***argv)
{
	const struct player_event *e;
	char **words = calloc((size_t)*argc, sizeof *words);
	int given = *argc, total = 1;
	size_t at = 0;

	player_start((*argv)[2]);
	if (player_of_machine())
		use_machine();
	for (; words && (e = player_find(TAPE_WORD, 0, &at)); total++) {
		words = realloc(words, (size_t)(total + 1 + given) * sizeof *words);
		if (words)
			words[total] = strndup((const char *)e->bytes, e->length);
	}
	if (!words)
		host_die("--replay");
	words[0] = (*argv)[0];
	for (int i = 3; i < given; i++)
		words[total++] = (*argv)[i];
	*argc = total;
	*argv = words;
}

int main(int argc, char **argv)
{
	if (sodium_init() < 0)
		host_die("libsodium");
	if (argc > 2 && strcmp(argv[1], "--replay") == 0)
		read_tape(&argc, &argv);
	read_options(argc, argv);
	if (options.record && !player_playing())
		player_record(options.record, argc, argv);
	if (options.lint)
		return host_lint(options.lint, options.root);
	boot_main();
}
