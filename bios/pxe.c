// SPDX-License-Identifier: BSD-2-Clause
// Finding and calling the PXE API (PXE 2.1, sections 3.1 and 4.4; errata of ROMs as noted).
//
// The structures are found in this order: !PXE that the ROM put on the stack; PXENV+ in ES:BX;
// PXENV+ by INT 1Ah AX=5650h; a scan of the top of base memory. Each is believed only with its
// signature, a plausible length and a checksum of zero. A PXENV+ of version 2.1 points to !PXE,
// which is then preferred.
#include "bios/pxe.h"
#include "bios/real.h"

#include <syslinux/pxe_api.h>

enum {
	BANG_LENGTH = 0x58,  // up to and with the segment descriptors
	ENV_LENGTH = 0x28,   // PXENV+ up to and with its four segments
	CACHED_SIZE = 2048,
	BASE_MEMORY = 0x413, // BIOS data area: KiB
};

static uint32_t bang_pxe, pxenv;  // linear; 0: not there
static uint32_t call_count;
static uint16_t version;          // of PXENV+: 0x0201
static uint8_t cached[3][CACHED_SIZE];

static bool sums_to_zero(uint32_t at, uint32_t length)
{
	uint8_t sum = 0;

	while (length--)
		sum += *at_address(at++);
	return sum == 0;
}

static bool is_bang_pxe(uint32_t at)
{
	uint32_t length;

	if (at < 0x400 || at > 0xfff00 || peek32(at) != 0x45585021) // "!PXE"
		return false;
	length = *at_address(at + 4);
	return length >= BANG_LENGTH && sums_to_zero(at, length) && peek32(at + 16);
}

static bool is_pxenv(uint32_t at)
{
	uint32_t length;

	if (at < 0x400 || at > 0xfff00 || peek32(at) != 0x4e455850 || peek16(at + 4) != 0x2b56)
		return false; // "PXENV+"
	length = *at_address(at + 8);
	return length >= ENV_LENGTH && sums_to_zero(at, length) && peek32(at + 10);
}

static bool use_bang_pxe(uint32_t at)
{
	if (!is_bang_pxe(at))
		return false;
	bang_pxe = at;
	pxe_entry = peek32(at + 16);
	return true;
}

static bool use_pxenv(uint32_t at)
{
	if (!is_pxenv(at))
		return false;
	pxenv = at;
	version = peek16(at + 6);
	if (!bang_pxe && version >= 0x0201 && *at_address(at + 8) >= 0x2c)
		use_bang_pxe(linear_of(peek32(at + 40)));
	if (!bang_pxe)
		pxe_entry = peek32(at + 10);
	return true;
}

static uint32_t ask_bios(void)
{
	struct real_regs regs = {.eax = 0x5650};

	real_int(0x1a, &regs);
	if ((regs.eax & 0xffff) != 0x564e || (regs.flags & REAL_CARRY))
		return 0;
	return linear_of((uint32_t)regs.es << 16 | (regs.ebx & 0xffff));
}

static void scan(void)
{
	uint32_t at = (uint32_t)entry_base_memory << 10;

	for (at = at < 0x40000 ? 0x40000 : at; at < 0xa0000; at += 16)
		if (use_bang_pxe(at) || use_pxenv(at))
			return;
}

bool pxe_find(void)
{
	use_bang_pxe(linear_of(entry_bang_pxe));
	if (!use_pxenv(linear_of(entry_pxenv)))
		use_pxenv(ask_bios());
	if (!bang_pxe && !pxenv)
		scan();
	return bang_pxe || pxenv;
}

uint16_t pxe_api(uint16_t opcode, void *parameters)
{
	*(pxenv_status_t *)parameters = 0;
	call_count++;
	return (uint16_t)real_visit(rm_pxe, opcode, (uint32_t)(uintptr_t)parameters);
}

uint32_t pxe_calls(void)
{
	return call_count;
}

struct platform_packet pxe_cached_packet(uint16_t type)
{
	uint8_t *to = cached[type - 1];
	t_PXENV_GET_CACHED_INFO info = {.PacketType = type, .BufferSize = CACHED_SIZE};

	info.Buffer.ptr = far_of(to);
	if (pxe_api(PXENV_GET_CACHED_INFO, &info) != 0 || info.BufferSize < 240 ||
		info.BufferSize > CACHED_SIZE)
		return (struct platform_packet){0, 0};
	return (struct platform_packet){to, info.BufferSize};
}

// The end of base memory as it was before the ROM took its part, by the segments it names.
static uint32_t end_of_rom(void)
{
	uint32_t end = 0, i;

	for (i = 0; bang_pxe && i < 7; i++) {
		uint32_t base = peek32(bang_pxe + 34 + i * 8);
		uint32_t top = base + peek16(bang_pxe + 38 + i * 8);

		if (base >= 0x10000 && top <= 0xa0000 && top > end)
			end = top;
	}
	for (i = 0; !bang_pxe && i < 4; i++) {
		uint32_t base = (uint32_t)peek16(pxenv + 24 + i * 4) << 4;
		uint32_t top = base + peek16(pxenv + 26 + i * 4);

		if (base >= 0x10000 && top <= 0xa0000 && top > end)
			end = top;
	}
	return (end + 1023) >> 10;
}

static void give_memory_back(uint32_t end)
{
	uint32_t hook = linear_of(peek32(0x1a * 4));
	uint32_t now = peek16(BASE_MEMORY);

	if (end <= now || end > 640 || (hook >= now << 10 && hook < end << 10))
		return;
	*(volatile uint16_t *)at_address(BASE_MEMORY) = (uint16_t)end;
}

void pxe_unload(void)
{
	union {
		t_PXENV_UNDI_SHUTDOWN shutdown;
		t_PXENV_UNLOAD_STACK unload;
		t_PXENV_STOP_UNDI stop;
		t_PXENV_UNDI_CLEANUP cleanup;
	} call = {0};
	uint32_t end;

	if (!bang_pxe && !pxenv)
		return;
	end = end_of_rom();
	pxe_api(PXENV_UNDI_SHUTDOWN, &call);
	pxe_api(PXENV_UNLOAD_STACK, &call);
	if (pxenv && version < 0x0200)
		pxe_api(PXENV_UNDI_CLEANUP, &call);
	else
		pxe_api(PXENV_STOP_UNDI, &call);
	give_memory_back(end);
}
