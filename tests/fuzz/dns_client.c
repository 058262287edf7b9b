// SPDX-License-Identifier: BSD-2-Clause
// The DNS client machine against servers that say anything at any time. It must end, with an address
// or a fault. Control bits: 0x10 the present id and question are put in front, 0x20 the other server,
// 0x40 another port.
#include "netstack/dns_client.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

static void drain(struct dns_client *c, uint64_t now)
{
	uint8_t buffer[DNS_MESSAGE];
	int sent = 0;

	for (;;) {
		struct writer w = writer_of(buffer, sizeof buffer);
		struct endpoint to;

		if (!dns_client_output(c, &w, &to, now))
			break;
		PROMISE(++sent < 20 && to.port == DNS_PORT && !w.failed);
	}
	PROMISE(dns_client_deadline(c) > now);
}

static void give(struct dns_client *c, const struct script_step *step, uint64_t now)
{
	struct endpoint from = {ipaddr_v4(10, 0, 0, step->control & 0x20 ? 2 : 1), 0,
		step->control & 0x40 ? 54 : DNS_PORT};
	size_t length = reader_left(&step->packet), before = 0;
	uint8_t *packet = malloc(DNS_MESSAGE + length);
	struct writer w = writer_of(packet, DNS_MESSAGE + length);

	if (step->control & 0x10) {
		dns_write_question(&w, c->id, &c->name);
		before = writer_length(&w);
	}
	write_bytes(&w, step->packet.at, length);
	if (before && length > 2) { // the first three bytes are flags and the number of records
		memcpy(packet + 2, packet + before, 2);
		packet[7] = packet[before + 2];
		memmove(packet + before, packet + before + 3, length - 3);
		length -= 3;
	}
	dns_client_input(c, packet, before + length, &from, now);
	free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct random random;
	struct reader script = reader_of(bytes, length);
	uint8_t options = read_u8(&script), seed[16] = {options};
	struct dns_client_config cfg = {
		.random = &random,
		.servers = {ipaddr_v4(10, 0, 0, 1), ipaddr_v4(10, 0, 0, 2)},
		.host = options & 1 ? "boot" : "boot.example",
		.domain = options & 2 ? "example" : "",
	};
	struct dns_client c;
	struct script_step step;
	uint64_t now = 1000;

	random_seed(&random, seed);
	dns_client_start(&c, &cfg, now);
	drain(&c, now);
	while (script_next(&script, &step)) {
		now += step.pause;
		drain(&c, now);
		give(&c, &step, now);
		drain(&c, now);
	}
	for (int i = 0; dns_client_status(&c) == MACHINE_RUNNING; i++) { // then silence
		PROMISE(i < 100);
		now = dns_client_deadline(&c);
		drain(&c, now);
	}
	PROMISE(c.status == MACHINE_FAILED ? c.fault.id != FAULT_NONE : c.count > 0);
	return 0;
}
