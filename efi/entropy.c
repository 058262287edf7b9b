// SPDX-License-Identifier: BSD-2-Clause
// Sixteen bytes that a neighbour cannot guess: the firmware's random numbers, the processor's, the
// counter between calls of the firmware, the time of day, UUID, hardware address, DHCP messages. None
// can take away from another.
#include "efi/processor.h"
#include "efi/firmware.h"
#include "bootloader/platform.h"
#include "netstack/base/memory.h"
#include "netstack/base/random.h"

enum { JITTER_SAMPLES = 64 };

static const EFI_GUID rng_guid = EFI_RNG_PROTOCOL_GUID;

static void stir_firmware(uint8_t seed[16])
{
	EFI_RNG_PROTOCOL *rng = firmware_first(&rng_guid);
	uint8_t bytes[16];

	if (rng && !EFI_ERROR(rng->GetRNG(rng, NULL, sizeof bytes, bytes)))
		random_stir(seed, bytes, sizeof bytes);
}

static void stir_processor(uint8_t seed[16])
{
	uint64_t number;

	for (int i = 0; i < 4; i++)
		if (processor_random(&number))
			random_stir(seed, &number, sizeof number);
}

static void stir_time(uint8_t seed[16])
{
	EFI_TIME time;
	uint64_t now;

	memset(&time, 0, sizeof time);
	firmware_table->RuntimeServices->GetTime(&time, NULL);
	random_stir(seed, &time, sizeof time);
	for (int i = 0; i < JITTER_SAMPLES; i++) {
		firmware_services->Stall(1);
		now = processor_counter();
		random_stir(seed, &now, sizeof now);
	}
}

void platform_entropy(uint8_t seed[16])
{
	const struct platform_identity *id = platform_identity();

	memset(seed, 0, 16);
	stir_time(seed);
	random_stir(seed, id->uuid, sizeof id->uuid);
	if (id->boot_nic)
		random_stir(seed, id->boot_nic->hwaddr, sizeof id->boot_nic->hwaddr);
	random_stir(seed, id->discover.bytes, id->discover.length);
	random_stir(seed, id->ack.bytes, id->ack.length);
	stir_processor(seed);
	stir_firmware(seed);
}
