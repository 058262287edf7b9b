// SPDX-License-Identifier: BSD-2-Clause
// What the boot program needs from the machine below it. bios/, efi/ and tests/host/ each implement
// all of it; the linker picks one. Nothing here blocks for longer than it says.
#pragma once

#include "bootloader/linux.h"
#include "netstack/base/fault.h"
#include "netstack/base/ipaddr.h"
#include "netstack/netdev.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Milliseconds since some start; never goes back.
uint64_t platform_now(void);
// Rests until `until` (platform_now's clock) or a little earlier or until something may have
// happened. Returns at once if the machine cannot rest.
void platform_idle(uint64_t until);

// Shows one character on every console in use. '\n' moves to the start of the next line, '\r' to that
// of this one, '\b' one place back; bytes from 0x80 on are shown as the console has them. ANSI
// sequences are not understood here: bootloader/console.h speaks in terms of the calls below.
void platform_putc(char c);
// Moves the cursor of every console: row 0 to 24, column 0 to 79.
void platform_goto(unsigned row, unsigned column);
// The colours of what follows, as a VGA text screen numbers them: foreground 0 to 15 and 16 times the
// background, 0 to 7. 7 is the usual one.
void platform_colour(uint8_t colour);
// Empties every console, in the colours in force, and moves the cursor to the upper left corner.
void platform_clear(void);
// Whether the screen is used beside a serial console (syslinux CONSOLE). It is at the start.
void platform_screen(bool on);
// Opens a serial console beside the screen (syslinux SERIAL): port 0..3 or an I/O address.
// False if there is none. `flow` is syslinux's flow control word, 0 for none.
bool platform_serial(uint32_t port, uint32_t baud, uint32_t flow);

// Keys outside ASCII.
enum platform_key {
	KEY_NONE = -1,
	KEY_UP = 0x100,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_INSERT,
	KEY_DELETE,
	KEY_F1,
	KEY_F12 = KEY_F1 + 11,
};

// The next key from any console (ASCII, Enter is '\r', or enum platform_key); KEY_NONE if none.
int platform_getkey(void);
// Whether Shift, Alt, Caps Lock or Scroll Lock is held (pxelinux's way to ask for the prompt).
bool platform_shift_held(void);

// Where memory is wanted.
struct platform_place {
	uint64_t size;       // bytes
	uint64_t min, max;   // lowest and highest address that a byte of it may have
	uint32_t align;      // power of two
	bool top;            // take the highest fitting place, else the lowest
};
// Reserves memory; contents undefined. NULL if there is no such place.
uint8_t *platform_reserve(const struct platform_place *want);
void platform_release(uint8_t *at, uint64_t size);
// Reserves the place where the whole kernel *file* of `size` bytes goes, so that nothing has to be
// moved when it starts (BIOS: the protected-mode part then lies at its final address, with
// init_size bytes of room). NULL with *fault set if the memory is too small.
uint8_t *platform_reserve_kernel(const struct linux_image *image, uint64_t size,
	struct fault *fault);
// Bytes of memory that are free in all, for messages.
uint64_t platform_memory_free(void);

// 16 bytes from the best sources there are (RDRAND, firmware RNG, clock jitter, MAC, UUID).
void platform_entropy(uint8_t seed[16]);

// A packet that the firmware kept. Empty: length 0. The bytes stay valid for the whole run.
struct platform_packet {
	const uint8_t *bytes;
	size_t length;
};

// What CPUID says (leaves 1 and 80000001h). signature 0: not known.
struct platform_cpu {
	uint32_t signature, ecx, edx, extended_ecx, extended_edx;
};

struct packed_kernel;                            // packed.h
extern const struct packed_kernel packed_gzip;

struct boot;                                     // boot.h
// Fetches the device trees that b->plan names, into b->load.trees. False with *fault: TREE_BAD,
// CONFIG_ERROR, MEMORY, or what fetching them met.
bool trees_load(struct boot *b, struct fault *fault);

struct program_methods; // bootloader/program.h

// What the firmware knows about the machine and about how it was booted.
struct platform_identity {
	struct platform_packet smbios;     // the table of structures; empty: none
	struct platform_cpu cpu;
	bool has_uuid;
	uint8_t uuid[16];                  // raw order, as in SMBIOS and option 97
	uint16_t arch;                     // option 93's number: 0 BIOS, 7 x64 UEFI, 11 arm64 UEFI
	const char *firmware;              // "BIOS", "UEFI"
	bool programs;                     // platform_boot_linux starts EFI programs other than Linux
	const struct program_methods *bios_programs; // &program_methods where a BIOS can start some, else NULL
	const struct packed_kernel *packing; // in which a kernel may come, NULL: only unpacked
	bool (*load_trees)(struct boot *b, struct fault *fault); // trees_load; NULL: Linux gets no device
	                                   // trees here, and words about them have no effect
	struct platform_packet compatible; // what the firmware's device tree calls this machine: texts, each
	                                   // with its NUL, the most special first; empty: not known
	struct platform_packet discover, ack, proxy; // DHCP messages of the firmware's own exchange
	struct netdev *boot_nic;           // the device they came through, NULL if not known
	uint16_t vlan;                     // that this device is in, tagging its frames; 0: none
	const char *boot_url;              // that the firmware has loaded this program from by itself and
	                                   // kept no messages; NULL: not so. Its card is boot_nic
	struct ipaddr boot_server;         // that URL's server, unset if not known
	char nic_text[64];                 // for the record: bus, address, ids
};
const struct platform_identity *platform_identity(void);

// The NIC driver's counters, one line for people and benches: frames, visits to the firmware and
// calls of it since the start. Appends nothing where the driver does not count.
void platform_describe_nic(struct text *to);

// All network devices, the boot NIC first. Gives the number; *list stays the platform's.
size_t platform_netdevs(struct netdev ***list);

// Device trees, as they were loaded. The platform checks them and gives Linux what they make together.
enum { PLATFORM_OVERLAYS = 16 };
struct platform_trees {
	struct platform_packet tree;       // empty: the firmware's
	struct platform_packet overlays[PLATFORM_OVERLAYS]; // to be applied in this order
	size_t overlay_count;
	bool kaslr_seed;                   // with a random number for the kernel's place
};

// Everything that starting a kernel needs. All memory is reserved and filled.
struct platform_linux {
	const struct linux_image *image;
	uint8_t *kernel;           // from platform_reserve_kernel
	uint64_t kernel_size;
	uint8_t *initrd;           // all pieces together; NULL if there is none
	uint64_t initrd_size;
	const char *command_line;  // NUL-terminated, checked against the image's limit
	uint16_t video_mode;       // vga= on the command line (0xffff normal)
	bool keep_pxe;             // 'keeppxe': leave the PXE stack resident
	const struct platform_trees *trees; // NULL: the firmware's device tree, if any, as it is
};
// Gives the devices back to the firmware and enters the kernel. Returns only on failure, with the
// devices opened again and *fault set.
bool platform_boot_linux(const struct platform_linux *boot, struct fault *fault);

// Boot programs other than Linux, of the kind that a PC BIOS starts: 16-bit code.
enum { PLATFORM_PIECES = 3 };
struct platform_program {
	struct platform_piece {
		const uint8_t *bytes;  // from platform_reserve
		uint32_t size;         // 0: there is no such piece
		uint32_t to;           // the physical address, below 640 KiB, where it has to lie
	} pieces[PLATFORM_PIECES];
	uint32_t start;            // segment:offset
	bool network;              // with what a PXE ROM gives its boot program: registers, stack, driver
	bool keep_pxe;             // the ROM's driver stays in memory
	bool swap;                 // not network: `drive` and the first one of its kind change their numbers
	uint8_t drive;             // not network, in DL and BL; and the following registers
	uint32_t eax;
	uint16_t ds, si;           // also in BP
};
// Gives the devices back and starts it. Returns only on failure, with *fault set.
bool platform_boot_program(const struct platform_program *program, struct fault *fault);

// Disks as the BIOS numbers them: from 0x80 hard disks, below that floppy disks.
struct platform_disk {
	uint32_t sector_size; // bytes, 512 to 4096
	uint64_t sectors;     // 0: not known
};
bool platform_disk(uint8_t drive, struct platform_disk *disk);
// Reads one sector.
bool platform_disk_read(uint8_t drive, uint64_t sector, void *to);
// Where the firmware reads file systems (UEFI): starts the boot program for this machine that the partition
// beginning there has in its usual place; `start` 0: the first one on that disk that has one. Returns only
// on failure, with *fault set.
bool platform_boot_volume(uint8_t drive, uint64_t start, struct fault *fault);

// Leaves for the firmware's next boot option (type: pxelinux's LOCALBOOT argument).
void platform_local_boot(int32_t type);
void platform_reset(void);
// Switches the machine off. Comes back if it has no way to do that.
void platform_power_off(void);

// The boot program itself (bootloader/): every platform's start-up code calls it when all of the
// above works. Never returns.
void boot_main(void) __attribute__((noreturn));
