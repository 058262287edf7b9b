// SPDX-License-Identifier: BSD-2-Clause
// The TFTP server machine: any request, then a client that says anything at any time. It reads only
// what is in the file, sends nothing to others and no more than a window at a time, sends a client that
// has not answered three packets at most, and ends.
// Options: 0x01 netascii file without line ends, 0x02 an empty file, 0x04 a large one, 0x08 reading
// fails in the middle, 0x10 a small window. Control bits: 0x10 the number of the last block is put in,
// 0x20 another port, 0x40 another address, 0x80 the request comes again.
#include "netstack/wire/tftp.h"
#include "server-stub/machine/tftp_server.h"
#include "tests/fuzz/harness.h"
#include "tests/fuzz/script.h"

enum { BLKSIZE = 1000, WINDOW_BYTES = 8000 };

struct file {
	uint64_t size, readable;
	uint8_t mask;
	unsigned opened;
};

static bool open_file(void *owner, const char *name, uint64_t *size, uint16_t *code, const char **text)
{
	struct file *f = owner;

	PROMISE(f->opened++ == 0);
	touch(name, strlen(name));
	*size = f->size;
	*code = TFTP_FILE_NOT_FOUND;
	*text = "no";
	return *name != '?';
}

static bool read_file(void *owner, uint64_t offset, void *to, size_t length)
{
	struct file *f = owner;
	uint8_t *bytes = to;

	PROMISE(f->opened && length > 0 && offset < f->size && length <= f->size - offset);
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)((offset + i) * 7) & f->mask;
	return offset + length <= f->readable;
}

static void check_packet(const struct tftp_server *s, const uint8_t *packet, size_t length)
{
	struct tftp_packet p;

	PROMISE(tftp_read(&p, packet, length));
	PROMISE(p.opcode == TFTP_DATA || p.opcode == TFTP_OACK || p.opcode == TFTP_ERROR);
	if (p.opcode == TFTP_DATA) {
		PROMISE(reader_left(&p.data) <= s->blksize && s->blksize <= BLKSIZE);
		PROMISE(s->sent <= s->acked + s->windowsize && s->windowsize <= TFTP_SERVER_WINDOW_MAX);
		PROMISE(s->windowsize == 1 || (size_t)s->windowsize * s->blksize <= WINDOW_BYTES);
	}
}

static unsigned drain(struct tftp_server *s, uint64_t now)
{
	unsigned sent = 0;

	for (;;) {
		uint8_t *buffer = malloc(BLKSIZE + 4); // of its own, for ASan
		struct writer w = writer_of(buffer, BLKSIZE + 4);
		struct endpoint to;
		bool more = buffer && tftp_server_output(s, &w, &to, now);

		if (more) {
			PROMISE(++sent <= TFTP_SERVER_WINDOW_MAX + 1);
			check_packet(s, buffer, writer_length(&w));
			PROMISE(to.port == 2000 && ipaddr_equal(&to.addr, &s->peer.addr));
		}
		free(buffer);
		if (!more)
			break;
	}
	PROMISE(tftp_server_deadline(s) > now);
	return sent;
}

static void play(struct tftp_server *s, struct reader script, uint64_t *now)
{
	struct script_step step;

	while (script_next(&script, &step)) {
		struct endpoint from = {ipaddr_v4(10, 0, 0, 9), -1, 2000};
		size_t length = reader_left(&step.packet);
		uint8_t *packet = malloc(length + 1);

		if (!packet)
			return;
		read_bytes(&step.packet, packet + 1, length);
		if (step.control & 0x10 && length >= 4) {
			packet[3] = (uint8_t)(s->sent >> 8);
			packet[4] = (uint8_t)s->sent;
		}
		from.port = step.control & 0x20 ? 2001 : 2000;
		if (step.control & 0x40)
			from.addr = ipaddr_v4(10, 0, 0, 2);
		*now += step.pause;
		if (step.control & 0x80)
			tftp_server_again(s, *now);
		else
			tftp_server_input(s, packet + 1, length, &from, *now);
		free(packet);
		drain(s, *now);
	}
}

// Then silence, until it has ended.
static void finish(struct tftp_server *s, uint64_t *now)
{
	unsigned sent = 0;
	bool heard = s->heard;

	for (int i = 0; tftp_server_status(s) == MACHINE_RUNNING; i++) {
		PROMISE(i < 100);
		*now = tftp_server_deadline(s);
		sent += drain(s, *now);
	}
	PROMISE(heard || sent <= 3);
	PROMISE(s->status == MACHINE_DONE || (s->fault.id != FAULT_NONE && s->why[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct reader script = reader_of(bytes, length);
	uint8_t options = read_u8(&script);
	struct file file = {
		.size = options & 2 ? 0 : options & 4 ? 5ull << 32 : 5000,
		.mask = options & 1 ? 0x30 : 0xff,
	};
	struct tftp_server_config cfg = {
		.owner = &file,
		.open = open_file,
		.read = read_file,
		.blksize_max = BLKSIZE,
		.windowsize_max = options & 0x10 ? 3 : 0,
		.window_bytes = WINDOW_BYTES,
	};
	const struct endpoint from = {ipaddr_v4(10, 0, 0, 9), -1, 2000};
	struct script_step request;
	struct tftp_server s;
	uint64_t now = 1000;

	file.readable = options & 8 ? 2500 : UINT64_MAX;
	if (!script_next(&script, &request))
		return 0;
	tftp_server_start(&s, &cfg, request.packet.at, reader_left(&request.packet), &from, now);
	drain(&s, now);
	play(&s, script, &now);
	finish(&s, &now);
	return 0;
}
