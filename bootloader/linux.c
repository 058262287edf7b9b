// SPDX-License-Identifier: BSD-2-Clause
// Kernel images by their headers: x86 bzImage (Documentation/arch/x86/boot.rst, "The Real-Mode
// Kernel Header"), arm64 Image (Documentation/arch/arm64/booting.rst), zboot (a small EFI program that
// unpacks the kernel in it, Linux's drivers/firmware/efi/libstub/zboot-header.S), and the PE header
// that EFI stub kernels wear on top. What is none of these is named, so that the person knows what
// stands in the place of the kernel.
//
// The header is a stranger's: every number that is used later is bounded here.
#include "bootloader/linux.h"
#include "netstack/base/bytes.h"
#include "netstack/base/memory.h"
#include "netstack/sink.h"

enum { // x86, offsets in the file
	SETUP_SECTS = 0x1f1,
	SYSSIZE = 0x1f4,
	BOOT_FLAG = 0x1fe,
	HEADER = 0x202,
	VERSION = 0x206,
	KERNEL_VERSION = 0x20e,
	LOADFLAGS = 0x211,
	INITRD_ADDR_MAX = 0x22c,
	KERNEL_ALIGNMENT = 0x230,
	RELOCATABLE = 0x234,
	XLOADFLAGS = 0x236,
	CMDLINE_SIZE = 0x238,
	PREF_ADDRESS = 0x258,
	INIT_SIZE = 0x260,
	HEADER_END = 0x264,
};

enum {
	SECTOR = 512,
	PARAGRAPH = 16,
	LOADED_HIGH = 1,
	OLDEST_PROTOCOL = 0x0202, // the first with cmd_line_ptr
	UNPACKED = 5,             // a generous guess where init_size is not told: times the packed size
	ARM64_MAGIC = 0x644d5241, // "ARMd" at 56
	MZ = 0x5a4d,
	PE_IMAGE_SIZE = 0x50,     // from the PE signature: SizeOfImage
	MIB = 1024 * 1024,
};

enum { // zboot, offsets in the file
	ZBOOT_SIGN = 4,           // "zimg"
	ZBOOT_PAYLOAD = 8,
	ZBOOT_SIZE = 12,
	ZBOOT_END = 0x40,
};

enum pe_machine {
	PE_I386 = 0x14c,
	PE_ARM = 0x1c2,
	PE_RISCV64 = 0x5064,
	PE_LOONGARCH64 = 0x6264,
	PE_X86_64 = 0x8664,
	PE_ARM64 = 0xaa64,
};

static uint32_t number(const uint8_t *head, size_t length, size_t offset, unsigned bytes)
{
	uint32_t value = 0;

	if (offset > length || bytes > length - offset)
		return 0;
	while (bytes--)
		value = value << 8 | head[offset + bytes];
	return value;
}

// ---- what it is instead --------------------------------------------------------------------------

struct magic {
	const char *bytes;
	uint8_t length;
	const char *what;
};

static const struct magic magics[] = {
	{"\x1f\x8b", 2, "gzip data: unpack it first"},
	{"\xfd" "7zXZ", 5, "xz data: unpack it first"},
	{"\x28\xb5\x2f\xfd", 4, "zstd data: unpack it first"},
	{"BZh", 3, "bzip2 data: unpack it first"},
	{"070701", 6, "a cpio archive: an initrd belongs on the INITRD line"},
	{"070702", 6, "a cpio archive: an initrd belongs on the INITRD line"},
	{"\x27\x05\x19\x56", 4, "a U-Boot image"},
	{"\xd0\x0d\xfe\xed", 4, "a device tree or FIT image"},
	{"!<arch>", 7, "a Debian package or archive: unpack it first"},
	{"PK\x03\x04", 4, "a zip file"},
	{"hsqs", 4, "a squashfs file system"},
};

static const char *elf_kind(const uint8_t *head, size_t length)
{
	switch (number(head, length, 18, 2)) {
	case 3: return "an ELF program for i386: take vmlinuz, not vmlinux";
	case 62: return "an ELF program for x86-64: take vmlinuz, not vmlinux";
	case 183: return "an ELF program for arm64: take Image or vmlinuz, not vmlinux";
	default: return "an ELF program: take vmlinuz, not vmlinux";
	}
}

static const char *pe_kind(uint32_t machine)
{
	switch (machine) {
	case PE_ARM: return "an EFI program for 32-bit ARM";
	case PE_RISCV64: return "an EFI program for RISC-V";
	case PE_LOONGARCH64: return "an EFI program for LoongArch";
	case PE_I386: return "an EFI program for i386, and no Linux kernel";
	case PE_X86_64: return "an EFI program for x86-64, and no Linux kernel";
	case PE_ARM64: return "an EFI program for arm64, and no Linux kernel";
	default: return "a DOS or Windows program";
	}
}

// A web page, after blanks and a byte order mark: "<!doctype", "<html", "<?xml", "<head".
static bool is_markup(const uint8_t *head, size_t length)
{
	static const char *const starts[] = {"!doctype", "html", "?xml", "head"};
	size_t at = length >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (at < length && (head[at] == ' ' || (head[at] >= 9 && head[at] <= 13)))
		at++;
	if (at == length || head[at++] != '<')
		return false;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		size_t n = strlen(starts[i]);

		if (length - at >= n && text_is((const char *)head + at, n, starts[i]))
			return true;
	}
	return false;
}

static uint32_t pe_machine(const uint8_t *head, size_t length)
{
	uint32_t at = number(head, length, 0x3c, 4);

	if (number(head, length, 0, 2) != MZ)
		return 0;
	return number(head, length, at, 4) == 0x4550 ? number(head, length, (size_t)at + 4, 2) : 0;
}

static const char *kind_of(const uint8_t *head, size_t length)
{
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		const struct magic *m = &magics[i];

		if (length >= m->length && memcmp(head, m->bytes, m->length) == 0)
			return m->what;
	}
	if (length >= 4 && memcmp(head, "\x7f" "ELF", 4) == 0)
		return elf_kind(head, length);
	if (number(head, length, 0, 2) == MZ)
		return pe_kind(pe_machine(head, length));
	if (is_markup(head, length))
		return "a web page (HTML): perhaps a server's error message";
	if (length >= 2 && memcmp(head, "#!", 2) == 0)
		return "a script";
	return NULL;
}

static bool refuse(struct fault *fault, const uint8_t *head, size_t length)
{
	const char *kind = kind_of(head, length);

	if (kind)
		return fault_set(fault, FAULT_KERNEL_BAD, ": it is %s", kind);
	return fault_set(fault, FAULT_KERNEL_BAD,
		": it begins with %02x %02x %02x %02x, which no kernel does",
		number(head, length, 0, 1), number(head, length, 1, 1), number(head, length, 2, 1),
		number(head, length, 3, 1));
}

// ---- arm64 ---------------------------------------------------------------------------------------

static bool parse_arm64(struct linux_image *image, const uint8_t *head, size_t length)
{
	image->machine = LINUX_ARM64;
	image->relocatable = true;
	image->alignment = 2 * MIB;
	image->init_size = number(head, length, 20, 4) ? UINT32_MAX : number(head, length, 16, 4);
	image->initrd_max = UINT64_MAX;
	image->cmdline_size = 2047;
	return true;
}

// ---- x86 -----------------------------------------------------------------------------------------

static void read_version(struct linux_image *image, const uint8_t *head, size_t length)
{
	struct text t = text_of(image->version, sizeof image->version);
	size_t at = number(head, length, KERNEL_VERSION, 2), end;

	at += SECTOR;
	if (at == SECTOR || at >= length || at >= image->setup_size)
		return;
	for (end = at; end < length && head[end] > ' '; end++)
		;
	text_foreign(&t, head + at, end - at);
}

// What newer protocols tell and older ones leave to convention.
static void read_x86(struct linux_image *image, const uint8_t *head, size_t length)
{
	uint32_t sectors = number(head, length, SETUP_SECTS, 1);
	uint32_t paragraphs = number(head, length, SYSSIZE, image->protocol >= 0x0204 ? 4 : 2);

	image->setup_size = (sectors ? sectors + 1 : 5) * SECTOR;
	image->syssize = paragraphs < UINT32_MAX / PARAGRAPH ? paragraphs * PARAGRAPH : UINT32_MAX;
	image->loadflags = (uint8_t)number(head, length, LOADFLAGS, 1);
	image->alignment = 1;
	image->pref_address = MIB;
	image->initrd_max = 0x37ffffff;
	image->cmdline_size = 255;
	image->init_size = image->syssize < UINT32_MAX / UNPACKED ? image->syssize * UNPACKED : UINT32_MAX;
	if (image->protocol >= 0x0203)
		image->initrd_max = number(head, length, INITRD_ADDR_MAX, 4);
	if (image->protocol >= 0x0205) {
		image->relocatable = number(head, length, RELOCATABLE, 1) != 0;
		image->alignment = number(head, length, KERNEL_ALIGNMENT, 4);
	}
	if (image->protocol >= 0x0206)
		image->cmdline_size = number(head, length, CMDLINE_SIZE, 4);
	if (image->protocol >= 0x020a) {
		image->pref_address = number(head, length, PREF_ADDRESS, 4) |
			(uint64_t)number(head, length, PREF_ADDRESS + 4, 4) << 32;
		image->init_size = number(head, length, INIT_SIZE, 4);
	}
	if (image->protocol >= 0x020c)
		image->xloadflags = (uint16_t)number(head, length, XLOADFLAGS, 2);
	read_version(image, head, length);
}

static bool check_x86(const struct linux_image *image, struct fault *fault)
{
	if (image->protocol < OLDEST_PROTOCOL)
		return fault_set(fault, FAULT_KERNEL_BAD,
			": its boot protocol %u.%02u is from before Linux 2.4", image->protocol >> 8,
			image->protocol & 0xff);
	if (!(image->loadflags & LOADED_HIGH))
		return fault_set(fault, FAULT_KERNEL_BAD, ": it is a zImage, for the lowest 640 kB");
	if (image->alignment == 0 || (image->alignment & (image->alignment - 1)) ||
		image->pref_address < MIB || image->pref_address >> 32 || image->initrd_max < MIB)
		return fault_set(fault, FAULT_KERNEL_BAD,
			": its header is damaged (alignment 0x%x, address 0x%llx, initrd limit 0x%llx)",
			image->alignment, (unsigned long long)image->pref_address,
			(unsigned long long)image->initrd_max);
	return true;
}

static bool parse_x86(struct linux_image *image, const uint8_t *head, size_t length, uint64_t size,
	struct fault *fault)
{
	uint64_t promised;

	if (size < HEADER_END)
		return fault_set(fault, FAULT_KERNEL_CUT, "(%u bytes)", (unsigned)size);
	image->machine = LINUX_X86;
	image->protocol = (uint16_t)number(head, length, VERSION, 2);
	read_x86(image, head, length);
	if (!check_x86(image, fault))
		return false;
	promised = (uint64_t)image->setup_size + image->syssize;
	if (size != SINK_SIZE_UNKNOWN && size < promised)
		return fault_set(fault, FAULT_KERNEL_CUT, "(%llu bytes, its header promises %llu)",
			(unsigned long long)size, (unsigned long long)promised);
	return true;
}

// ---- zboot ---------------------------------------------------------------------------------------

static bool is_zboot(const uint8_t *head, size_t length)
{
	return length >= ZBOOT_END && memcmp(head + ZBOOT_SIGN, "zimg", 4) == 0 &&
	       pe_machine(head, length) == PE_ARM64; // x86 kernels unpack themselves
}

// What it asks of us is what EFI programs do; setup_size and syssize say where what is packed ends.
static bool parse_zboot(struct linux_image *image, const uint8_t *head, size_t length, uint64_t size,
	struct fault *fault)
{
	uint64_t promised;

	image->machine = LINUX_ARM64;
	image->setup_size = number(head, length, ZBOOT_PAYLOAD, 4);
	image->syssize = number(head, length, ZBOOT_SIZE, 4);
	image->init_size = number(head, length, (size_t)number(head, length, 0x3c, 4) + PE_IMAGE_SIZE, 4);
	image->initrd_max = UINT64_MAX;
	image->cmdline_size = 2047;
	promised = (uint64_t)image->setup_size + image->syssize;
	return size == SINK_SIZE_UNKNOWN || size >= promised ||
	       fault_set(fault, FAULT_KERNEL_CUT, "(%llu bytes, its header promises %llu)",
		       (unsigned long long)size, (unsigned long long)promised);
}

static bool is_arm64(const uint8_t *head, size_t length)
{
	return number(head, length, 56, 4) == ARM64_MAGIC;
}

static bool is_x86(const uint8_t *head, size_t length)
{
	return number(head, length, BOOT_FLAG, 2) == 0xaa55 &&
		number(head, length, HEADER, 4) == 0x53726448; // "HdrS"
}

bool linux_program(struct linux_image *image, const uint8_t *head, size_t length)
{
	const uint32_t machine = pe_machine(head, length);

	if ((machine != PE_X86_64 && machine != PE_ARM64) || is_arm64(head, length) ||
		is_x86(head, length) || is_zboot(head, length))
		return false;
	memset(image, 0, sizeof *image);
	image->machine = machine == PE_ARM64 ? LINUX_ARM64 : LINUX_X86;
	image->pe = image->program = true;
	image->init_size = number(head, length, (size_t)number(head, length, 0x3c, 4) + PE_IMAGE_SIZE, 4);
	image->initrd_max = UINT64_MAX;
	return true;
}

bool linux_parse(struct linux_image *image, const uint8_t *head, size_t length, uint64_t size,
	struct fault *fault)
{
	memset(image, 0, sizeof *image);
	if (size == 0 || length == 0)
		return fault_set(fault, FAULT_FILE_EMPTY, "(0 bytes)");
	image->pe = pe_machine(head, length) != 0;
	if (is_arm64(head, length))
		return parse_arm64(image, head, length);
	if (is_x86(head, length))
		return parse_x86(image, head, length, length < HEADER_END ? length : size, fault);
	if (is_zboot(head, length))
		return parse_zboot(image, head, length, size, fault);
	if (length < HEADER_END && number(head, length, 0, 2) == MZ)
		return fault_set(fault, FAULT_KERNEL_CUT, "(%u bytes)", (unsigned)length);
	return refuse(fault, head, length);
}
