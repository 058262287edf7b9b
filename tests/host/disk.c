// SPDX-License-Identifier: BSD-2-Clause
// The simulated machine's disks: image files. Instead of starting a program or what a disk has, it
// is told what would have been started.
#include "tests/host/host.h"

#include <stdlib.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { FIRST_HARD_DISK = 0x80, SECTOR = 512 };

// The image's file descriptor, -1 if there is no such disk.
static int open_image(uint8_t drive)
{
	unsigned number = drive & 0x7f;

	if (drive < FIRST_HARD_DISK || number >= HOST_DISKS || !options.disks[number])
		return -1;
	return open(options.disks[number], O_RDONLY | O_CLOEXEC);
}

bool platform_disk(uint8_t drive, struct platform_disk *disk)
{
	struct stat status;
	int image = open_image(drive);
	bool there = image >= 0 && fstat(image, &status) == 0;

	if (image >= 0)
		close(image);
	*disk = (struct platform_disk){SECTOR, there ? (uint64_t)status.st_size / SECTOR : 0};
	return there;
}

bool platform_disk_read(uint8_t drive, uint64_t sector, void *to)
{
	int image = open_image(drive);
	bool done = image >= 0 && pread(image, to, SECTOR, (off_t)(sector * SECTOR)) == SECTOR;

	if (image >= 0)
		close(image);
	return done;
}

static void print_piece(const struct platform_piece *piece)
{
	json_open(NULL, '{');
	json_number("to", piece->to);
	json_number("size", piece->size);
	json_sha256("sha256", piece->bytes, piece->size);
	if (piece->size <= SECTOR)
		json_hex("bytes", piece->bytes, piece->size);
	json_close('}');
}

bool platform_boot_program(const struct platform_program *program, struct fault *fault)
{
	(void)fault;
	json_begin("program");
	json_bool("network", program->network);
	json_number("start", program->start);
	json_bool("keep_pxe", program->keep_pxe);
	json_bool("swap", program->swap);
	json_number("drive", program->drive);
	json_number("eax", program->eax);
	json_number("ds", program->ds);
	json_number("si", program->si);
	json_open("pieces", '[');
	for (int i = 0; i < PLATFORM_PIECES; i++)
		if (program->pieces[i].size)
			print_piece(&program->pieces[i]);
	json_close(']');
	json_end();
	exit(EXIT_PLAN);
}

bool platform_boot_volume(uint8_t drive, uint64_t start, struct fault *fault)
{
	(void)fault;
	json_begin("volume");
	json_number("drive", drive);
	json_number("start", start);
	json_end();
	exit(EXIT_PLAN);
}
