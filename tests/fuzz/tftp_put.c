// SPDX-License-Identifier: BSD-2-Clause
// The TFTP client machine that gives a file away: a server that says anything at any time. Every packet is
// a piece of the file, to the server only; it ends.
// Control bits: 0x10 the number of the block that is awaited is put in, 0x20 another port, 0x40 another
// address.
#include "netstack/tftp_put.h"
#include "netstack/wire/tftp.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

enum { LENGTH = 5000 };

static uint8_t content[LENGTH];

static void drain(struct tftp_put *put, uint64_t now)
{
	for (int sent = 0;; sent++) {
		uint8_t packet[TFTP_PUT_PACKET];
		struct writer w = writer_of(packet, sizeof packet);
		struct tftp_packet p;
		struct endpoint to;

		if (!tftp_put_output(put, &w, &to, now))
			break;
		PROMISE(sent == 0 && tftp_read(&p, packet, writer_length(&w)));
		PROMISE(ipaddr_equal(&to.addr, &put->cfg.server.addr) && to.port == put->cfg.server.port);
		if (p.opcode == TFTP_WRQ)
			continue;
		PROMISE(p.opcode == TFTP_DATA && p.block > 0);
		PROMISE((p.block - 1u) * put->blksize + reader_left(&p.data) <= LENGTH);
		PROMISE(memcmp(p.data.at, content + (p.block - 1u) * put->blksize, reader_left(&p.data)) == 0);
	}
	PROMISE(tftp_put_deadline(put) > now);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct endpoint server = {.addr = ipaddr_v4(10, 0, 0, 1), .port = 69};
	const struct tftp_put_config cfg = {server, "x", content, LENGTH};
	struct reader script = reader_of(bytes, length);
	struct script_step step;
	struct tftp_put put;
	uint64_t now = 1000;

	for (size_t i = 0; i < LENGTH; i++)
		content[i] = (uint8_t)(i * 7);
	tftp_put_start(&put, &cfg, now);
	drain(&put, now);
	while (script_next(&script, &step)) {
		struct endpoint from = {.addr = server.addr, .port = 3000};
		uint8_t packet[1600];
		size_t size = reader_left(&step.packet) < sizeof packet ? reader_left(&step.packet) : sizeof packet;

		now += step.pause;
		drain(&put, now);
		from.port += step.control >> 5 & 1;
		from.addr.bytes[3] ^= step.control >> 6 & 1;
		memcpy(packet, step.packet.at, size);
		if (step.control & 0x10 && size >= 4) {
			packet[2] = (uint8_t)(put.block >> 8);
			packet[3] = (uint8_t)put.block;
		}
		tftp_put_input(&put, packet, size, &from, now);
		drain(&put, now);
	}
	for (int i = 0; i < 1000 && put.status == MACHINE_RUNNING; i++) {
		now = tftp_put_deadline(&put);
		drain(&put, now);
	}
	PROMISE(put.status != MACHINE_RUNNING);
	return 0;
}
