// SPDX-License-Identifier: BSD-2-Clause
// A TFTP packet, and what it says written and read again.
#include "netstack/wire/tftp.h"
#include "tests/fuzz/harness.h"

static void options_survive(const struct tftp_options *o)
{
	uint8_t buffer[200];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct tftp_packet again;

	tftp_write_oack(&w, o);
	PROMISE(!w.failed);
	PROMISE(tftp_read(&again, buffer, writer_length(&w)));
	PROMISE(again.options.has == o->has && again.options.tsize == o->tsize);
	PROMISE(again.options.blksize == o->blksize && again.options.timeout == o->timeout);
	PROMISE(again.options.windowsize == o->windowsize);
	PROMISE(!again.options.bad && !again.options.unknown);
}

static void request_survives(const struct tftp_packet *p, size_t length)
{
	struct tftp_packet again;
	uint8_t *buffer = malloc(length + 200);
	struct writer w = writer_of(buffer, length + 200);

	tftp_write_request(&w, p->opcode, p->file, p->mode, &p->options);
	PROMISE(!w.failed);
	PROMISE(tftp_read(&again, buffer, writer_length(&w)));
	PROMISE(strcmp(again.file, p->file) == 0 && strcmp(again.mode, p->mode) == 0);
	free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct tftp_packet p;

	if (!tftp_read(&p, bytes, length))
		return 0;
	PROMISE(p.opcode >= TFTP_RRQ && p.opcode <= TFTP_OACK);
	touch(p.data.at, reader_left(&p.data));
	touch(p.text.at, reader_left(&p.text));
	options_survive(&p.options);
	if (p.opcode == TFTP_RRQ || p.opcode == TFTP_WRQ)
		request_survives(&p, length);
	return 0;
}
