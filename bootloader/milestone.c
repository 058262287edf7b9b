// SPDX-License-Identifier: BSD-2-Clause
#include "bootloader/milestone.h"
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "netstack/base/memory.h"
#include "netstack/wire/syslog.h"

enum { MESSAGE = 1400, NUMBER = 24, OWN_PARAMS = 4, BUSY_WAIT = 50 /* ms */ };

static void on_input(void *owner, const struct datagram *d, uint64_t now)
{
	(void)owner;
	(void)d;
	(void)now;
}

static void end(struct milestones *m, struct stack *stack)
{
	if (m->socket)
		stack_unbind(stack, m->socket);
	m->socket = NULL;
}

// Nobody is there, or nobody listens.
static void on_unreachable(void *owner, const struct endpoint *peer, const struct fault *fault,
	uint64_t now)
{
	struct boot *b = owner;

	(void)peer;
	(void)fault;
	(void)now;
	end(&b->milestones, &b->stack);
}

// The value of the last lanyard.log= of a command line; no characters if there is none.
static struct text_view log_word(const char *line)
{
	static const char name[] = "lanyard.log=";
	struct text_view value = {NULL, 0};

	for (line = config_skip(line); *line; line = config_skip(line + config_word(line)))
		if (text_starts(line, name))
			value = (struct text_view){line + sizeof name - 1, config_word(line) - (sizeof name - 1)};
	return value;
}

// Where the messages go; unset: nowhere.
static struct ipaddr log_server(const struct boot *b)
{
	struct text_view word = log_word(b->plan.command_line);
	struct ipaddr address = {0};

	if (word.at) {
		if (!ipaddr_parse(&address, word.at, word.length))
			address = (struct ipaddr){0}; // "off", or nothing that is an address
		return address;
	}
	if (!ipaddr_is_unset(&b->lease.log_servers[0]))
		return b->lease.log_servers[0];
	return ipaddr_is_unset(&b->config_path.server) ? b->servers[0] : b->config_path.server;
}

static void send(struct boot *b, const struct syslog_message *m)
{
	char buffer[MESSAGE];
	struct text t = text_of(buffer, sizeof buffer);
	struct milestones *to = &b->milestones;
	uint64_t now = platform_now(), until = now + BUSY_WAIT;

	syslog_write(&t, m);
	while (to->socket && now < until &&
		stack_send(&b->stack, to->socket, &to->to, buffer, t.length, now) == STACK_BUSY) {
		loop_turn(b, now + 1);
		now = platform_now();
	}
}

// Earlier stages with their times, so that a lost message takes nothing away.
static size_t stage_params(const struct boot *b, struct syslog_param *params, char numbers[][NUMBER])
{
	size_t count = 0;

	for (size_t i = 0; i < b->timeline.count; i++) {
		struct text t = text_of(numbers[count], NUMBER);

		if (b->timeline.stages[i].ms == 0)
			continue;
		text_format(&t, "%u", b->timeline.stages[i].ms);
		params[count] = (struct syslog_param){b->timeline.stages[i].stage, numbers[count]};
		count++;
	}
	return count;
}

static void tell(struct boot *b, enum syslog_severity severity, const char *id, uint64_t bytes,
	const char *words)
{
	char address[IPADDR_TEXT], hwaddr[3 * NETDEV_HWADDR], ms[NUMBER], size[NUMBER] = "";
	char numbers[RECORD_STAGES][NUMBER];
	struct syslog_param params[OWN_PARAMS + RECORD_STAGES] = {
		{"mac", hwaddr}, {"ms", ms}, {"bytes", size}, {"label", b->plan.label}};
	struct text h = text_of(hwaddr, sizeof hwaddr), m = text_of(ms, NUMBER), n = text_of(size, NUMBER);

	text_hwaddr(&h, b->nic->hwaddr, b->nic->hwaddr_length, ':');
	text_format(&m, "%u", console_elapsed());
	if (bytes)
		text_format(&n, "%llu", (unsigned long long)bytes);
	send(b, &(struct syslog_message){
		.facility = SYSLOG_LOCAL0,
		.severity = severity,
		.hostname = ipaddr_format(&b->lease.address, address),
		.app = "lanyard",
		.id = id,
		.params = params,
		.param_count = OWN_PARAMS + stage_params(b, params + OWN_PARAMS, numbers),
		.text = words,
	});
}

void milestones_begin(struct boot *b)
{
	const struct stack_handler handler = {b, on_input, on_unreachable};
	struct milestones *m = &b->milestones;
	struct ipaddr server = log_server(b);
	char words[PATH_NAME];
	struct text t = text_of(words, sizeof words);

	end(m, &b->stack);
	if (ipaddr_is_unset(&server))
		return;
	m->to = (struct endpoint){.addr = server, .interface = -1, .port = SYSLOG_PORT};
	m->socket = stack_bind(&b->stack, -1, STACK_PORT_ANY, &handler);
	text_format(&t, "loading %s", b->plan.kernel);
	tell(b, SYSLOG_INFO, "plan", 0, words);
}

void milestone(struct boot *b, const char *stage, uint64_t bytes)
{
	char words[80];
	struct text t = text_of(words, sizeof words);

	record_stage(&b->timeline, stage, console_elapsed());
	text_format(&t, "%s after %u ms", stage, console_elapsed());
	tell(b, SYSLOG_INFO, stage, bytes, words);
}

void milestone_fault(struct boot *b, const struct fault *fault)
{
	char sentence[FAULT_SENTENCE];
	struct text t = text_of(sentence, sizeof sentence);

	if (fault->id == FAULT_NONE)
		return;
	fault_sentence(fault, &t);
	tell(b, SYSLOG_ERROR, "fault", 0, sentence);
}
