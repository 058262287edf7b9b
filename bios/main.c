// SPDX-License-Identifier: BSD-2-Clause
// Start-up of lanyard.0 in 32-bit mode, and what happens if our own code goes wrong.
#include "bios/clock.h"
#include "bios/console.h"
#include "bios/identity.h"
#include "bios/memory.h"
#include "bios/pic.h"
#include "bios/pxe.h"
#include "bios/real.h"
#include "bios/undi.h"
#include "bootloader/platform.h"
#include "netstack/base/text.h"

enum {
	EXCEPTIONS = 32,
	STUB_SIZE = 5,         // entry.S: one call instruction
	CODE32 = 8,
	STACK_MARK = 0x4c414e59,
	REST_MS = 60,          // longest rest: a timer tick is 55 ms
	CRASH_SHOWN_MS = 30000,
};

void bios_main(void) __attribute__((noreturn));
void bios_exception(const uint32_t *frame);
extern const uint8_t exception_stubs[];
extern uint32_t stack_start;

static uint16_t idt[EXCEPTIONS][4];
struct idt_pointer {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed)) protected_idt;

static void set_up_exceptions(void)
{
	unsigned i;

	for (i = 0; i < EXCEPTIONS; i++) {
		uint32_t at = (uint32_t)(uintptr_t)exception_stubs + i * STUB_SIZE;

		idt[i][0] = (uint16_t)at;
		idt[i][1] = CODE32;
		idt[i][2] = 0x8e00; // interrupt gate
		idt[i][3] = (uint16_t)(at >> 16);
	}
	protected_idt = (struct idt_pointer){sizeof idt - 1, (uint32_t)(uintptr_t)idt};
	__asm__ volatile("lidt %0" : : "m"(protected_idt));
}

static void crash(const char *facts)
{
	uint64_t until = clock_now() + CRASH_SHOWN_MS;
	char sentence[FAULT_SENTENCE];
	struct text t = text_of(sentence, sizeof sentence);
	struct fault fault;

	fault_set(&fault, FAULT_CRASHED, "%s", facts);
	text_putc(&t, '\n');
	fault_sentence(&fault, &t);
	text_putc(&t, '\n');
	for (const char *at = sentence; *at; at++)
		platform_putc(*at);
	console_flush();
	while (clock_now() < until)
		real_visit(rm_rest, pic_count(), 0);
	platform_reset();
}

// frame: pushal's eight registers, the stub's return address, then what the processor pushed
// (an error code first in some exceptions).
void bios_exception(const uint32_t *frame)
{
	char facts[FAULT_FACTS];
	struct text t = text_of(facts, sizeof facts);
	unsigned vector = (frame[8] - (uint32_t)(uintptr_t)exception_stubs) / STUB_SIZE - 1;

	text_format(&t, "(exception %u at %x %x %x, eax %x ebx %x ecx %x edx %x esi %x edi %x ebp %x)",
		vector, frame[9], frame[10], frame[11], frame[7], frame[4], frame[6], frame[5], frame[1],
		frame[0], frame[2]);
	crash(facts);
}

void bios_main(void)
{
	struct fault fault = {0};

	stack_start = STACK_MARK;
	set_up_exceptions();
	clock_init();
	memory_init();
	if (pxe_find())
		undi_find(&fault);
	identity_init();
	boot_main();
}

uint64_t platform_now(void)
{
	return clock_now();
}

void platform_idle(uint64_t until)
{
	uint64_t now = clock_now();

	console_pump();
	if (stack_start != STACK_MARK)
		crash("(its stack is full)");
	if (until >= now + REST_MS)
		undi_rest();
}
