// SPDX-License-Identifier: BSD-2-Clause
// efi/device_tree.c on a firmware with and without a tree of its own, with Secure Boot, and with an
// EFI_DT_FIXUP_PROTOCOL in every mood.
#include "efi/device_tree.c"
#define compatible tree_merge_compatible
#include "efi/tree_merge.c"
#undef compatible
#include "tests/unit/vectors.h"
#include "tests/unit/tree_samples.h"

static uint8_t own[SAMPLE] __attribute__((aligned(8))), file[SAMPLE] __attribute__((aligned(8)));
static uint8_t overlay[SAMPLE] __attribute__((aligned(8)));
static struct platform_trees trees;
static struct netdev nic = {.hwaddr = {2, 0, 0, 0, 0, 9}, .hwaddr_length = 6};
static struct platform_identity identity = {.boot_nic = &nic};

static struct {
	void *table;              // the firmware's, then ours
	unsigned allocations;     // in force
	EFI_STATUS allocate, install_status, fixup_status;
	UINT8 secure;
	EFI_STATUS secure_status;
	bool has_fixup, greedy, spoils;
	unsigned fixups;
	struct dt_fixup fixup;
} machine;

static EFI_STATUS EFIAPI fake_allocate(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE kind, UINTN count,
	EFI_PHYSICAL_ADDRESS *at)
{
	assert_true(type == AllocateAnyPages && kind == EfiACPIReclaimMemory && count);
	if (machine.allocate)
		return machine.allocate;
	*at = (uintptr_t)aligned_alloc(PAGE, count * PAGE);
	machine.allocations++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_free(EFI_PHYSICAL_ADDRESS at, UINTN count)
{
	assert_true(count);
	free((void *)(uintptr_t)at);
	machine.allocations--;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_install(EFI_GUID *guid, VOID *table)
{
	assert_memory_equal(guid, &table_guid, sizeof *guid);
	if (machine.install_status)
		return machine.install_status;
	machine.table = table;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size, VOID *data)
{
	assert_true(name[0] == 'S' && name[10] == 0 && guid && !attributes && *size == 1);
	*(UINT8 *)data = machine.secure;
	return machine.secure_status;
}

static EFI_STATUS EFIAPI fake_fixup(struct dt_fixup *this, void *tree, UINTN *size, UINT32 flags)
{
	assert_true(this == &machine.fixup && flags == (FIXUP_APPLY | FIXUP_RESERVE));
	assert_int_equal(fdt_check_header(tree), 0);
	machine.fixups++;
	if (machine.greedy && machine.fixups < 2) {
		*size += 5 * PAGE;
		return EFI_BUFFER_TOO_SMALL;
	}
	if (machine.fixup_status)
		return machine.fixup_status;
	assert_int_equal(fdt_setprop_string(tree, 0, "serial-number", "1234"), 0);
	if (machine.spoils)
		fdt_set_magic(tree, 0);
	return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = {
	.AllocatePages = fake_allocate, .FreePages = fake_free, .InstallConfigurationTable = fake_install,
};
static EFI_RUNTIME_SERVICES runtime = {.GetVariable = (void *)fake_variable};
static EFI_SYSTEM_TABLE system_table = {.RuntimeServices = &runtime};
EFI_BOOT_SERVICES *firmware_services = &services;
EFI_SYSTEM_TABLE *firmware_table = &system_table;

void *firmware_configuration(const EFI_GUID *guid)
{
	assert_memory_equal(guid, &table_guid, sizeof *guid);
	return machine.table;
}

void *firmware_first(const EFI_GUID *guid)
{
	assert_memory_equal(guid, &fixup_guid, sizeof *guid);
	return machine.has_fixup ? &machine.fixup : NULL;
}

const char *firmware_status(EFI_STATUS status) { return status == EFI_NOT_FOUND ? "Not Found" : "else"; }
const struct platform_identity *platform_identity(void) { return &identity; }
void platform_entropy(uint8_t bytes[16]) { memset(bytes, 7, 16); }
bool trees_load(struct boot *b, struct fault *fault) { return b && fault; }

static int fresh(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof machine);
	machine.fixup = (struct dt_fixup){0x10000, fake_fixup};
	sample_tree(own, true);
	machine.table = own;
	trees = (struct platform_trees){.tree = {file, sample_tree(file, true)}, .overlay_count = 1};
	trees.overlays[0] = (struct platform_packet){overlay, sample_overlay(overlay, "net", "words")};
	return 0;
}

static int gone(void **state)
{
	(void)state;
	device_tree_ops.restore();
	assert_int_equal(machine.allocations, 0);
	return 0;
}

static void installs(void)
{
	struct fault fault = {0};

	if (!device_tree_ops.install(&trees, &fault))
		fail_msg("%s", fault.facts);
	assert_ptr_not_equal(machine.table, own);
	assert_ptr_not_equal(machine.table, file);
	assert_int_equal(fdt_check_full(machine.table, fdt_totalsize(machine.table)), 0);
}

static void fails(uint16_t id, const char *words)
{
	void *const table = machine.table;
	struct fault fault = {0};

	assert_false(device_tree_ops.install(&trees, &fault));
	assert_int_equal(fault.id, id);
	assert_contains(fault.facts, words);
	assert_ptr_equal(machine.table, table);
	assert_int_equal(machine.allocations, 0);
}

static const char *text_at(const char *path, const char *name)
{
	return fdt_getprop(machine.table, fdt_path_offset(machine.table, path), name, NULL);
}

static void takes_the_place_and_gives_it_back(void **state)
{
	(void)state;
	installs();
	assert_string_equal(text_at("/net@1000", "words"), "words");
	assert_memory_equal(text_at("/net@1000", "local-mac-address"), nic.hwaddr, 6);
	device_tree_ops.restore();
	assert_ptr_equal(machine.table, own);
	machine.table = NULL; // the firmware has none, as with ACPI
	fresh(state);
	machine.table = NULL;
	installs();
	device_tree_ops.restore();
	assert_null(machine.table);
}

static void overlays_for_the_firmwares_tree(void **state)
{
	(void)state;
	machine.has_fixup = true;
	trees.tree = (struct platform_packet){0};
	installs();
	assert_string_equal(text_at("/net@1000", "words"), "words");
	assert_int_equal(machine.fixups, 0); // it has been there already
	device_tree_ops.restore();
	fresh(state);
	trees.tree = (struct platform_packet){0};
	machine.table = NULL;
	fails(FAULT_TREE_OVERLAY, "the firmware has no device tree");
}

static void a_seed_only(void **state)
{
	(void)state;
	trees = (struct platform_trees){.kaslr_seed = true};
	machine.secure = 1; // that is no tree from outside
	installs();
	assert_memory_equal(text_at("/chosen", "kaslr-seed"), "\7\7\7\7\7\7\7\7", 8);
	device_tree_ops.restore();
	fresh(state);
	trees = (struct platform_trees){.kaslr_seed = true};
	machine.table = NULL;
	assert_true(device_tree_ops.install(&trees, &(struct fault){0}));
	assert_null(machine.table);
}

static void secure_boot_refuses(void **state)
{
	(void)state;
	machine.secure = 1;
	fails(FAULT_TREE_UNSIGNED, "a tree");
	trees.tree = (struct platform_packet){0};
	fails(FAULT_TREE_UNSIGNED, "an overlay");
	machine.secure_status = EFI_NOT_FOUND; // no such variable
	installs();
}

static void the_firmware_adds_what_it_knows(void **state)
{
	(void)state;
	machine.has_fixup = true;
	installs();
	assert_string_equal(text_at("/", "serial-number"), "1234");
	device_tree_ops.restore();
	fresh(state);
	machine.has_fixup = machine.greedy = true;
	installs();
	assert_int_equal(machine.fixups, 2);
	assert_int_equal(machine.allocations, 1);
	assert_string_equal(text_at("/", "serial-number"), "1234");
	assert_string_equal(text_at("/net@1000", "words"), "words");
}

static void the_firmware_cannot(void **state)
{
	machine.has_fixup = true;
	machine.fixup_status = EFI_NOT_FOUND;
	fails(FAULT_TREE_BAD, "Not Found");
	fresh(state);
	machine.has_fixup = machine.spoils = true;
	fails(FAULT_TREE_BAD, "damaged");
	fresh(state);
	machine.has_fixup = true;
	machine.fixup_status = EFI_BUFFER_TOO_SMALL; // and no word of how much
	fails(FAULT_TREE_BAD, "could not add");
	fresh(state);
	machine.allocate = EFI_OUT_OF_RESOURCES;
	fails(FAULT_MEMORY, "device tree");
	fresh(state);
	machine.install_status = EFI_OUT_OF_RESOURCES;
	fails(FAULT_TREE_BAD, "does not take it");
	fresh(state);
	file[0] = 0;
	fails(FAULT_TREE_BAD, "");
}

static void what_the_machine_is_called(void **state)
{
	struct platform_packet names = device_tree_ops.compatible();

	(void)state;
	assert_int_equal(names.length, 22);
	assert_memory_equal(names.bytes, "maker,board\0maker,soc", 22);
	own[0] = 0;
	assert_int_equal(device_tree_ops.compatible().length, 0);
	machine.table = NULL;
	assert_int_equal(device_tree_ops.compatible().length, 0);
	fdt_create_empty_tree(own, SAMPLE);
	machine.table = own;
	assert_int_equal(device_tree_ops.compatible().length, 0);
	fdt_setprop(own, 0, "compatible", "no end", 6);
	assert_int_equal(device_tree_ops.compatible().length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes_the_place_and_gives_it_back, fresh, gone),
		cmocka_unit_test_setup_teardown(overlays_for_the_firmwares_tree, fresh, gone),
		cmocka_unit_test_setup_teardown(a_seed_only, fresh, gone),
		cmocka_unit_test_setup_teardown(secure_boot_refuses, fresh, gone),
		cmocka_unit_test_setup_teardown(the_firmware_adds_what_it_knows, fresh, gone),
		cmocka_unit_test_setup_teardown(the_firmware_cannot, fresh, gone),
		cmocka_unit_test_setup_teardown(what_the_machine_is_called, fresh, gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
