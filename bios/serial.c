// SPDX-License-Identifier: BSD-2-Clause
// A UART by its registers (National Semiconductor PC16550D data sheet). At 115200 baud a line of
// text takes 7 ms, in which 60 frames arrive at full speed: so characters queue here and leave as
// the chip's FIFO has room. A port that blocks (flow control, no chip any more) loses characters
// rather than stop the boot.
#include "bios/clock.h"
#include "bios/io.h"
#include "bios/real.h"
#include "bios/serial.h"

enum { // registers
	DATA = 0,
	INTERRUPTS = 1,
	FIFO = 2,
	LINE = 3,
	MODEM = 4,
	LINE_STATUS = 5,
	MODEM_STATUS = 6,
	SCRATCH = 7,
};

enum {
	DIVISOR_ACCESS = 0x80,
	EIGHT_BITS = 3,
	RECEIVED = 1,
	EMPTY = 0x20,          // room for FIFO_DEPTH characters (1 without FIFO)
	QUEUE = 2048,
	CLOCK = 115200,
	PATIENCE_MS = 100,     // how long a full queue waits for the other side
};

static uint16_t base;
static uint8_t depth, wait_for, need;
static char queue[QUEUE];
static uint16_t head, tail; // running freely
static bool blocked;        // it did not move for PATIENCE_MS: do not wait again until it moves

static uint16_t address_of(uint32_t port)
{
	static const uint16_t usual[4] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
	uint16_t known;

	if (port >= 4)
		return port <= 0xfff8 ? (uint16_t)port : 0;
	known = peek16(0x400 + port * 2);
	return known ? known : usual[port];
}

static bool answers(uint16_t at, uint16_t divisor)
{
	out8(at + LINE, DIVISOR_ACCESS | EIGHT_BITS);
	out8(at + DATA, divisor & 0xff);
	out8(at + INTERRUPTS, divisor >> 8);
	if (in8(at + DATA) != (divisor & 0xff) || in8(at + INTERRUPTS) != divisor >> 8)
		return false;
	out8(at + LINE, EIGHT_BITS);
	return in8(at + LINE) == EIGHT_BITS;
}

bool serial_open(uint32_t port, uint32_t baud, uint32_t flow)
{
	uint16_t at = address_of(port);

	if (at == 0 || baud < 75 || baud > CLOCK || !answers(at, (uint16_t)(CLOCK / baud)))
		return false;
	base = at;
	out8(base + INTERRUPTS, 0);
	out8(base + FIFO, 7); // on, both emptied
	depth = (in8(base + FIFO) & 0xc0) == 0xc0 ? 16 : 1;
	out8(base + MODEM, flow ? flow & 0xb : 3);
	wait_for = (uint8_t)(flow & 0xf0);
	need = (uint8_t)(flow >> 4 & 0xf0);
	head = tail;
	blocked = false;
	return true;
}

void serial_pump(void)
{
	uint8_t room = depth;

	if (!base || head == tail || !(in8(base + LINE_STATUS) & EMPTY))
		return;
	if (wait_for && (in8(base + MODEM_STATUS) & wait_for) != wait_for)
		return;
	while (room-- && head != tail)
		out8(base + DATA, (uint8_t)queue[head++ % QUEUE]);
	blocked = false;
}

static void pump_until(uint16_t left)
{
	uint64_t moved = clock_now();
	uint16_t before = head;

	while (!blocked && (uint16_t)(tail - head) > left) {
		serial_pump();
		if (head != before) {
			before = head;
			moved = clock_now();
		} else if (clock_now() - moved > PATIENCE_MS) {
			blocked = true;
		}
	}
}

void serial_put(char c)
{
	if (!base)
		return;
	if ((uint16_t)(tail - head) >= QUEUE)
		pump_until(QUEUE - 1);
	if ((uint16_t)(tail - head) < QUEUE)
		queue[tail++ % QUEUE] = c;
}

void serial_flush(void)
{
	if (!base)
		return;
	blocked = false;
	pump_until(0);
}

int serial_get(void)
{
	if (!base || !(in8(base + LINE_STATUS) & RECEIVED))
		return -1;
	if (need && (in8(base + MODEM_STATUS) & need) != need) {
		in8(base + DATA);
		return -1;
	}
	return in8(base + DATA);
}
