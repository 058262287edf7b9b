// SPDX-License-Identifier: BSD-2-Clause
// Writes the unit tests' packets as files: the fuzzers' first corpus (make fuzz-seeds).
#include "tests/unit/vectors.h"
#include "tests/unit/ip_parameters.h"
#include "tests/unit/packets.h"

#include <err.h>
#include <sys/stat.h>

static const char *corpus;

static void write_seed(const char *harness, const char *name, const void *bytes, size_t length)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", corpus, harness);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/%s/seed-%s", corpus, harness, name);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
		err(1, "%s", path);
}

static void write_packets(const char *harness, const struct packet *table, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct bytes b = from_hex(table[i].hex);

		write_seed(harness, table[i].name, b.at, b.length);
		exact_free(&b);
	}
}

int main(int argc, char **argv)
{
	char name[32];

	if (argc != 2)
		errx(100, "usage: %s CORPUS-DIRECTORY", argv[0]);
	corpus = argv[1];
	write_packets("ether", ether_packets, COUNT(ether_packets));
	write_packets("ip", ip_packets, COUNT(ip_packets));
	write_packets("dhcp", dhcp_packets, COUNT(dhcp_packets));
	write_packets("tftp", tftp_packets, COUNT(tftp_packets));
	for (size_t i = 0; i < COUNT(ip_parameters); i++) {
		snprintf(name, sizeof name, "%03zu", i);
		write_seed("ipparam", name, ip_parameters[i].value, strlen(ip_parameters[i].value));
	}
	return 0;
}
