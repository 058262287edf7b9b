// SPDX-License-Identifier: BSD-2-Clause
// What the simulated firmware says about the machine and about how it was booted.
#include "bootloader/program.h"
#include "tests/host/host.h"
#include "tests/host/player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { ARCH_ARM64 = 11 };

static struct platform_identity identity;

static struct platform_packet packet_of_tape(enum tape_kind kind)
{
	size_t at = 0;
	const struct player_event *e = player_find(kind, 0, &at);

	return e ? (struct platform_packet){e->bytes, e->length} : (struct platform_packet){0};
}

static struct platform_packet read_packet(const char *path, enum tape_kind kind)
{
	struct platform_packet packet = {0};
	FILE *file;
	uint8_t *bytes;

	if (player_playing())
		return packet_of_tape(kind);
	if (!path)
		return packet;
	file = fopen(path, "rb");
	bytes = malloc(2048);
	if (!file || !bytes)
		host_die(path);
	packet.length = fread(bytes, 1, 2048, file);
	packet.bytes = bytes;
	fclose(file);
	return packet;
}

static bool read_hex(uint8_t *to, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++, text += 2) {
		uint32_t byte;

		text += *text == '-';
		if (!text[0] || !text[1] || !text_u32(text, 2, 16, &byte))
			return false;
		to[i] = (uint8_t)byte;
	}
	return *text == 0;
}

// 01234567-89ab-4def-... : the first three fields are little-endian in SMBIOS.
static void read_uuid(void)
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	uint8_t bytes[16];

	if (!read_hex(bytes, sizeof bytes, options.uuid)) {
		fprintf(stderr, "lanyard-host: --uuid: not a UUID\n");
		exit(EXIT_MISUSE);
	}
	for (int i = 0; i < 16; i++)
		identity.uuid[i] = bytes[order[i]];
	identity.has_uuid = true;
}

// HTTP Boot by the first card; the firmware knows the server where the URL has an address.
static void read_url(void)
{
	const char *host = strstr(options.url, "://");
	struct netdev **list;

	identity.boot_url = options.url;
	if (platform_netdevs(&list))
		identity.boot_nic = list[0];
	if (host)
		ipaddr_parse(&identity.boot_server, host + 3, strcspn(host + 3, ":/"));
}

// The machine whose tape is played.
static void play_machine(void)
{
	struct tape_identity i;
	struct netdev **list;
	size_t at = 0, cards = platform_netdevs(&list);
	const struct player_event *url = player_find(TAPE_URL, 0, &at);

	if (!player_identity(&i))
		return;
	identity.vlan = i.vlan;
	identity.has_uuid = i.flags & 1;
	identity.programs = i.flags & 2;
	memcpy(identity.uuid, i.uuid, sizeof identity.uuid);
	identity.cpu = (struct platform_cpu){i.cpu[0], i.cpu[1], i.cpu[2], i.cpu[3], i.cpu[4]};
	if (i.boot_nic < cards)
		identity.boot_nic = list[i.boot_nic];
	if (i.boot_server[0])
		identity.boot_server = ipaddr_v4(i.boot_server[0], i.boot_server[1], i.boot_server[2],
			i.boot_server[3]);
	if (url)
		identity.boot_url = strndup((const char *)url->bytes, url->length);
	identity.smbios = packet_of_tape(TAPE_SMBIOS);
}

const struct platform_identity *platform_identity(void)
{
	struct netdev **list;

	if (identity.firmware)
		return &identity;
	identity.firmware = options.efi ? "UEFI" : "BIOS";
	identity.arch = (uint16_t)(options.arch >= 0 ? options.arch : options.efi ? 7 : 0);
	identity.bios_programs = identity.arch ? NULL : &program_methods;
	if (identity.arch == ARCH_ARM64) {
		identity.packing = &packed_gzip;
		identity.load_trees = trees_load;
	}
	if (options.uuid)
		read_uuid();
	identity.discover = read_packet(options.discover, TAPE_DISCOVER);
	identity.ack = read_packet(options.ack, TAPE_ACK);
	identity.proxy = read_packet(options.proxy, TAPE_PROXY);
	if ((identity.ack.length || options.bus) && platform_netdevs(&list))
		identity.boot_nic = list[0];
	if (options.url)
		read_url();
	if (player_of_machine())
		play_machine();
	snprintf(identity.nic_text, sizeof identity.nic_text, "%s", options.bus ? options.bus : "");
	return &identity;
}

void platform_entropy(uint8_t seed[16])
{
	static size_t at;
	const struct player_event *e = player_find(TAPE_SEED, 0, &at);

	if (e && e->length >= 16) {
		memcpy(seed, e->bytes, 16);
		return;
	}
	if (options.seed && !read_hex(seed, 16, options.seed)) {
		fprintf(stderr, "lanyard-host: --seed: not 32 hexadecimal digits\n");
		exit(EXIT_MISUSE);
	}
	if (!options.seed && getrandom(seed, 16, 0) != 16)
		host_die("random numbers");
}
