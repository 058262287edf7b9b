// SPDX-License-Identifier: BSD-2-Clause
// efi/boot_linux.c and initrd.c on a firmware that refuses, for every reason it may have, and on one
// whose kernel comes back.
#include "efi/boot_linux.c"
#define path_guid initrd_path_guid
#define load initrd_load
#define handle initrd_handle
#include "efi/initrd.c"
#undef path_guid
#undef load
#undef handle
#include "efi/path.c"
#include "tests/unit/vectors.h"

enum { KERNEL = 512, PE = 0x80 };

static struct {
	EFI_STATUS load_status, start_status, install_status;
	bool image_in_spite;       // a handle is given beside an error
	bool exit_data;
	unsigned loaded, unloaded, started, armed, closed, returned, reopened, freed;
	struct load_file2 *offered;
	EFI_LOADED_IMAGE image;
	char command_line[COMMAND_LINE_MAX + 1];
	uint8_t initrd[64];        // as the kernel took it
	UINTN initrd_size;
	bool older;                // another boot program's offer is still there
	const struct platform_trees *trees; // NULL: this kind of machine has none
	bool bad_trees;
	unsigned trees_installed, trees_restored;
} machine;

static EFI_STATUS EFIAPI fake_load(BOOLEAN policy, EFI_HANDLE parent, EFI_DEVICE_PATH *path, VOID *bytes,
	UINTN size, EFI_HANDLE *image)
{
	assert_true(!policy && parent == firmware_image && bytes && size);
	assert_int_equal(path->Type, HARDWARE_DEVICE_PATH);
	assert_int_equal(path_length(path), sizeof(MEMMAP_DEVICE_PATH));
	machine.loaded++;
	if (!machine.load_status || machine.image_in_spite)
		*image = &machine.image;
	return machine.load_status;
}

static EFI_STATUS EFIAPI fake_unload(EFI_HANDLE image)
{
	assert_ptr_equal(image, &machine.image);
	machine.unloaded++;
	return EFI_SUCCESS;
}

static CHAR16 words_of_exit[] = {'w', 'h', 'y', 0};

// A kernel's stub: asks for the size of its initrd, then for its bytes.
static EFI_STATUS EFIAPI fake_start(EFI_HANDLE image, UINTN *size, CHAR16 **data)
{
	const CHAR16 *words = machine.image.LoadOptions;
	UINTN length = 0;

	assert_ptr_equal(image, &machine.image);
	assert_int_equal(machine.closed, 1); // the card is the kernel's
	assert_int_equal(machine.reopened, 0);
	machine.started++;
	for (; words[length]; length++)
		machine.command_line[length] = (char)words[length];
	assert_int_equal(machine.image.LoadOptionsSize, 2 * (length + 1));
	if (machine.offered) {
		EFI_DEVICE_PATH end;
		struct load_file2 *file = machine.offered;

		assert_int_equal(file->LoadFile(file, &end, TRUE, &length, NULL), EFI_UNSUPPORTED);
		assert_int_equal(file->LoadFile(file, NULL, FALSE, &length, NULL), EFI_INVALID_PARAMETER);
		machine.initrd_size = 0;
		assert_int_equal(file->LoadFile(file, &end, FALSE, &machine.initrd_size, NULL),
			EFI_BUFFER_TOO_SMALL);
		length = machine.initrd_size - 1;
		assert_int_equal(file->LoadFile(file, &end, FALSE, &length, machine.initrd),
			EFI_BUFFER_TOO_SMALL);
		assert_int_equal(file->LoadFile(file, &end, FALSE, &length, machine.initrd), EFI_SUCCESS);
	}
	if (machine.exit_data) {
		*data = words_of_exit;
		*size = 8;
	}
	return machine.start_status;
}

static EFI_STATUS EFIAPI fake_install(EFI_HANDLE *handle, ...)
{
	assert_non_null(handle);
	if (machine.install_status)
		return machine.install_status;
	assert_false(machine.older); // Linux would take the first one
	*handle = &machine;
	machine.offered = &protocol;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_uninstall(EFI_HANDLE handle, ...)
{
	if (handle == &machine.older)
		machine.older = false;
	else
		machine.offered = NULL;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_locate(EFI_GUID *guid, EFI_DEVICE_PATH **path, EFI_HANDLE *device)
{
	assert_true(guid && path_length(*path) == sizeof(VENDOR_DEVICE_PATH));
	if (!machine.older)
		return EFI_NOT_FOUND;
	*path = (EFI_DEVICE_PATH *)&media_path.end;
	*device = &machine.older;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_free(VOID *memory)
{
	assert_non_null(memory);
	machine.freed++;
	return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = {
	.LoadImage = fake_load, .UnloadImage = fake_unload, .StartImage = fake_start,
	.InstallMultipleProtocolInterfaces = (void *)fake_install,
	.UninstallMultipleProtocolInterfaces = (void *)fake_uninstall,
	.LocateDevicePath = fake_locate, .FreePool = fake_free,
};
EFI_BOOT_SERVICES *firmware_services = &services;
EFI_HANDLE firmware_image = &services;

void *firmware_protocol(EFI_HANDLE handle, const EFI_GUID *guid)
{
	(void)guid;
	return handle;
}

const char *firmware_status(EFI_STATUS status)
{
	return status == EFI_SECURITY_VIOLATION ? "Security Violation" : "some status";
}

static bool fake_install_trees(const struct platform_trees *trees, struct fault *fault)
{
	assert_ptr_equal(trees, machine.trees);
	assert_int_equal(machine.started, 0);
	machine.trees_installed++;
	return !machine.bad_trees || fault_set(fault, FAULT_TREE_BAD, "(bad)");
}

static void fake_restore_trees(void)
{
	assert_int_equal(machine.started, 1);
	machine.trees_restored++;
}

static const struct device_tree_ops tree_ops = {.install = fake_install_trees, .restore = fake_restore_trees};

const struct device_tree_ops *processor_trees(void)
{
	return machine.trees ? &tree_ops : NULL;
}

void cards_close(void) { machine.closed++; }
void cards_return(void) { machine.returned++; }
void cards_reopen(void) { machine.reopened++; }
void console_flush(void) { }
void watchdog_arm(void) { machine.armed++; }

// ---- the tests -----------------------------------------------------------------------------------

static struct {
	struct bytes kernel;
	struct linux_image image;
	struct platform_linux start;
} boot;

// A kernel's file that is large enough to say which PE version it is.
static int fresh(void **state)
{
	uint8_t file[KERNEL] = {0};

	(void)state;
	memset(&machine, 0, sizeof machine);
	file[PE_POINTER] = PE;
	file[PE + PE_IMAGE_MAJOR] = 1;
	boot.kernel = exact_copy(file, sizeof file);
	boot.image = (struct linux_image){.pe = true};
	boot.start = (struct platform_linux){
		.image = &boot.image,
		.kernel = boot.kernel.at,
		.kernel_size = boot.kernel.length,
		.initrd = (uint8_t *)"an initrd",
		.initrd_size = 9,
		.command_line = "root=/dev/nfs ro",
	};
	return 0;
}

static int done(void **state)
{
	(void)state;
	exact_free(&boot.kernel);
	assert_null(machine.offered); // whatever happened
	return 0;
}

static void fails(uint16_t id, const char *words)
{
	struct fault fault = {0};

	assert_false(platform_boot_linux(&boot.start, &fault));
	assert_int_equal(fault.id, id);
	assert_contains(fault.facts, words);
}

static void gives_all_to_the_kernel(void **state)
{
	(void)state;
	machine.start_status = EFI_ABORTED;
	machine.exit_data = true;
	machine.older = true;
	fails(FAULT_BOOT_RETURNED, "it ended with");
	assert_int_equal(machine.started, 1);
	assert_string_equal(machine.command_line, "root=/dev/nfs ro");
	assert_int_equal(machine.initrd_size, 9);
	assert_memory_equal(machine.initrd, "an initrd", 9);
	assert_true(machine.armed >= 2 && machine.freed == 1);
	assert_int_equal(machine.reopened, 1); // so that the next way can be tried
	assert_int_equal(machine.returned, 0);
}

static void gives_device_trees_and_takes_them_back(void **state)
{
	static const struct platform_trees trees;

	boot.start.trees = &trees;
	fails(FAULT_BOOT_RETURNED, "it ended with"); // a machine that has none
	assert_int_equal(machine.trees_installed, 0);
	done(state);
	fresh(state);
	machine.trees = &trees;
	fails(FAULT_BOOT_RETURNED, "it ended with"); // none were asked for
	assert_int_equal(machine.trees_installed, 0);
	done(state);
	fresh(state);
	machine.trees = boot.start.trees = &trees;
	fails(FAULT_BOOT_RETURNED, "it ended with");
	assert_int_equal(machine.trees_installed, 1);
	assert_int_equal(machine.trees_restored, 1);
	done(state);
	fresh(state);
	machine.trees = boot.start.trees = &trees;
	machine.bad_trees = true;
	fails(FAULT_TREE_BAD, "bad");
	assert_int_equal(machine.started + machine.trees_restored, 0);
	assert_int_equal(machine.unloaded, 1);
}

static void lets_other_programs_have_the_network(void **state)
{
	(void)state;
	boot.image.program = true;
	boot.start.initrd_size = 0;
	fails(FAULT_BOOT_RETURNED, "it ended with");
	assert_int_equal(machine.started, 1);
	assert_int_equal(machine.returned, 1);
	assert_int_equal(machine.initrd_size, 0);
}

static void says_what_the_firmware_refuses(void **state)
{
	static const struct {
		EFI_STATUS status;
		bool image;
		uint16_t id;
		const char *words;
	} cases[] = {
		{EFI_SECURITY_VIOLATION, true, FAULT_SECURE_BOOT, "Security Violation"},
		{EFI_SECURITY_VIOLATION, false, FAULT_SECURE_BOOT, "loading it"},
		{EFI_ACCESS_DENIED, false, FAULT_SECURE_BOOT, "loading it"},
		{EFI_UNSUPPORTED, false, FAULT_BOOT_RETURNED, "0x8000000000000003"}, // truncated
		{EFI_LOAD_ERROR, false, FAULT_BOOT_RETURNED, "loading it"},
		{EFI_OUT_OF_RESOURCES, false, FAULT_BOOT_RETURNED, "loading it"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		machine.load_status = cases[i].status;
		machine.image_in_spite = cases[i].image;
		fails(cases[i].id, cases[i].words);
		assert_int_equal(machine.unloaded, cases[i].image);
		assert_int_equal(machine.started + machine.closed, 0);
		done(state);
		fresh(state);
	}
	machine.install_status = EFI_OUT_OF_RESOURCES;
	fails(FAULT_BOOT_RETURNED, "offering the initrd");
	assert_int_equal(machine.unloaded, 1);
	assert_int_equal(machine.started, 0);
}

static void refuses_what_linux_would_spoil(void **state)
{
	static char line[COMMAND_LINE_MAX + 2];

	(void)state;
	memset(line, 'x', COMMAND_LINE_MAX + 1);
	boot.start.command_line = line;
	fails(FAULT_COMMAND_LINE, "2048 characters");
	assert_int_equal(machine.loaded, 0);
	line[COMMAND_LINE_MAX] = 0;
	fails(FAULT_BOOT_RETURNED, "it ended with");
	assert_string_equal(machine.command_line, line);
}

static void refuses_kernels_that_would_lose_their_initrd(void **state)
{
	static const size_t sizes[] = {0, 2, PE_POINTER + 3, PE_POINTER + 4, PE + PE_HEADER - 1};

	boot.kernel.at[PE + PE_IMAGE_MAJOR] = 0;
	fails(FAULT_KERNEL_BAD, "before Linux 5.8");
	done(state);
	fresh(state);
	memset(boot.kernel.at + PE_POINTER, 0xff, 4); // points far behind the file
	fails(FAULT_KERNEL_BAD, "before Linux 5.8");
	for (size_t i = 0; i < COUNT(sizes); i++) { // and so does each that is cut before it says
		struct bytes cut;

		done(state);
		fresh(state);
		cut = exact_copy(boot.kernel.at, sizes[i]);
		boot.start.kernel = cut.at;
		boot.start.kernel_size = cut.length;
		fails(FAULT_KERNEL_BAD, "before Linux 5.8");
		exact_free(&cut);
	}
	assert_int_equal(machine.loaded, 0);
	boot.start.kernel = boot.kernel.at; // without an initrd it does not matter
	boot.start.kernel_size = boot.kernel.length;
	boot.kernel.at[PE + PE_IMAGE_MAJOR] = 0;
	boot.start.initrd_size = 0;
	fails(FAULT_BOOT_RETURNED, "it ended with");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gives_all_to_the_kernel, fresh, done),
		cmocka_unit_test_setup_teardown(gives_device_trees_and_takes_them_back, fresh, done),
		cmocka_unit_test_setup_teardown(lets_other_programs_have_the_network, fresh, done),
		cmocka_unit_test_setup_teardown(says_what_the_firmware_refuses, fresh, done),
		cmocka_unit_test_setup_teardown(refuses_what_linux_would_spoil, fresh, done),
		cmocka_unit_test_setup_teardown(refuses_kernels_that_would_lose_their_initrd, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
