// SPDX-License-Identifier: BSD-2-Clause
// efi/console.c and serial.c on a firmware of ours: size, lines, keys, and ports that misbehave.
#include "efi/console.c"
#define QUEUE SERIAL_QUEUE
#define queue serial_queue
#define used serial_used
#include "efi/serial.c"
#undef QUEUE
#undef queue
#undef used
#include "tests/unit/vectors.h"

enum { SHOWN = 1024 };

static struct {
	UINTN columns, rows;
	bool no_mode;
	int mode_set; // -1: not
	char shown[SHOWN];
	size_t shown_length;
	unsigned calls;
	EFI_KEY_DATA pressed;
	bool has_key;
	bool in_use;          // a driver of the firmware has the port
	char wire[SHOWN];     // what the port has sent
	size_t wire_length;
	const char *typed;    // what it receives
	bool stuck, no_attributes;
} machine;

static EFI_STATUS EFIAPI fake_query(SIMPLE_TEXT_OUTPUT_INTERFACE *out, UINTN mode, UINTN *columns,
	UINTN *rows)
{
	(void)out;
	assert_int_equal(mode, 3);
	*columns = machine.columns;
	*rows = machine.rows;
	return machine.no_mode ? EFI_UNSUPPORTED : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_set_mode(SIMPLE_TEXT_OUTPUT_INTERFACE *out, UINTN mode)
{
	(void)out;
	machine.mode_set = (int)mode;
	return machine.no_mode ? EFI_UNSUPPORTED : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_output(SIMPLE_TEXT_OUTPUT_INTERFACE *out, CHAR16 *text)
{
	(void)out;
	machine.calls++;
	for (; *text; text++) {
		assert_true(machine.shown_length < SHOWN - 1);
		machine.shown[machine.shown_length++] = (char)*text;
	}
	return EFI_SUCCESS;
}

static void note(const char *format, unsigned a, unsigned b)
{
	machine.shown_length += (size_t)snprintf(machine.shown + machine.shown_length,
		SHOWN - machine.shown_length, format, a, b);
}

static EFI_STATUS EFIAPI fake_goto(SIMPLE_TEXT_OUTPUT_INTERFACE *out, UINTN column, UINTN row)
{
	(void)out;
	note("<%u,%u>", (unsigned)column, (unsigned)row);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_attribute(SIMPLE_TEXT_OUTPUT_INTERFACE *out, UINTN attribute)
{
	(void)out;
	note("<%02x>", (unsigned)attribute, 0);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_clear(SIMPLE_TEXT_OUTPUT_INTERFACE *out)
{
	(void)out;
	note("<clear>", 0, 0);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_cursor(SIMPLE_TEXT_OUTPUT_INTERFACE *out, BOOLEAN visible)
{
	(void)out;
	assert_true(visible);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_set_state(EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL *in, EFI_KEY_TOGGLE_STATE *state)
{
	(void)in;
	assert_true(*state & EFI_KEY_STATE_EXPOSED);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_read_ex(EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL *in, EFI_KEY_DATA *key)
{
	(void)in;
	if (!machine.has_key)
		return EFI_NOT_READY;
	machine.has_key = false;
	*key = machine.pressed;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_read(SIMPLE_INPUT_INTERFACE *in, EFI_INPUT_KEY *key)
{
	(void)in;
	if (!machine.has_key)
		return EFI_NOT_READY;
	machine.has_key = false;
	*key = machine.pressed.Key;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_attributes(EFI_SERIAL_IO_PROTOCOL *p, UINT64 baud, UINT32 depth,
	UINT32 timeout, EFI_PARITY_TYPE parity, UINT8 bits, EFI_STOP_BITS_TYPE stop)
{
	(void)p, (void)depth, (void)timeout, (void)parity, (void)bits, (void)stop;
	assert_int_equal(baud, 115200);
	return machine.no_attributes ? EFI_DEVICE_ERROR : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_set_control(EFI_SERIAL_IO_PROTOCOL *p, UINT32 control)
{
	(void)p, (void)control;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_get_control(EFI_SERIAL_IO_PROTOCOL *p, UINT32 *control)
{
	(void)p;
	*control = machine.typed && *machine.typed ? 0 : EFI_SERIAL_INPUT_BUFFER_EMPTY;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_write(EFI_SERIAL_IO_PROTOCOL *p, UINTN *length, VOID *bytes)
{
	(void)p;
	if (machine.stuck) {
		*length = 0;
		return EFI_TIMEOUT;
	}
	assert_true(machine.wire_length + *length <= SHOWN);
	memcpy(machine.wire + machine.wire_length, bytes, *length);
	machine.wire_length += *length;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_serial_read(EFI_SERIAL_IO_PROTOCOL *p, UINTN *length, VOID *bytes)
{
	(void)p;
	assert_int_equal(*length, 1);
	*(char *)bytes = *machine.typed++;
	return EFI_SUCCESS;
}

static SIMPLE_TEXT_OUTPUT_MODE out_mode = {.Mode = 3};
static SIMPLE_TEXT_OUTPUT_INTERFACE out = {.OutputString = fake_output, .QueryMode = fake_query,
	.SetMode = fake_set_mode, .Mode = &out_mode, .SetCursorPosition = fake_goto,
	.SetAttribute = fake_attribute, .ClearScreen = fake_clear, .EnableCursor = fake_cursor};
static SIMPLE_INPUT_INTERFACE in = {.ReadKeyStroke = fake_read};
static EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL in_ex = {.ReadKeyStrokeEx = fake_read_ex,
	.SetState = fake_set_state};
static EFI_SERIAL_IO_PROTOCOL port = {.SetAttributes = fake_attributes,
	.SetControl = fake_set_control, .GetControl = fake_get_control, .Write = fake_write,
	.Read = fake_serial_read};
static EFI_SYSTEM_TABLE system_table = {.ConOut = &out, .ConIn = &in, .ConsoleInHandle = &in_ex};

static EFI_STATUS EFIAPI fake_free(VOID *memory)
{
	free(memory);
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_information(EFI_HANDLE handle, EFI_GUID *guid,
	EFI_OPEN_PROTOCOL_INFORMATION_ENTRY **entries, UINTN *count)
{
	assert_true(handle == &port && guid);
	*entries = calloc(1, sizeof **entries);
	(*entries)->Attributes = EFI_OPEN_PROTOCOL_BY_DRIVER;
	*count = machine.in_use;
	return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = {.FreePool = fake_free,
	.OpenProtocolInformation = fake_information};
EFI_SYSTEM_TABLE *firmware_table = &system_table;
EFI_BOOT_SERVICES *firmware_services = &services;
static bool has_input_ex;

void *firmware_protocol(EFI_HANDLE handle, const EFI_GUID *guid)
{
	(void)guid;
	return handle == &in_ex && !has_input_ex ? NULL : handle;
}

size_t firmware_handles(const EFI_GUID *guid, EFI_HANDLE **handles)
{
	(void)guid;
	*handles = malloc(sizeof **handles);
	**handles = &port;
	return 1;
}

uint64_t clock_now(void)
{
	return 1000;
}

// ---- the tests -----------------------------------------------------------------------------------

static int fresh(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof machine);
	machine.columns = 100;
	machine.rows = 31;
	machine.mode_set = -1;
	out_mode.Mode = 3;
	has_input_ex = true;
	held = 0;
	toggled = 0;
	port_used = NULL;
	console_init();
	return 0;
}

static void say(const char *text)
{
	for (; *text; text++)
		platform_putc(*text);
}

static void has_room_for_a_line(void **state)
{
	static const struct {
		UINTN columns, rows;
		bool no_mode;
		int set;
	} cases[] = {{100, 31, false, -1}, {80, 25, false, -1}, {40, 25, false, 0}, {80, 24, false, 0},
		{0, 0, false, 0}, {100, 31, true, 0}};

	for (size_t i = 0; i < COUNT(cases); i++) {
		fresh(state);
		machine.columns = cases[i].columns;
		machine.rows = cases[i].rows;
		machine.no_mode = cases[i].no_mode;
		console_init();
		assert_int_equal(machine.mode_set, cases[i].set);
	}
	system_table.ConOut = NULL; // a machine without any console
	console_init();
	say("words\n");
	system_table.ConOut = &out;
}

static void shows_lines_at_once(void **state)
{
	(void)state;
	say("a line");
	assert_int_equal(machine.calls, 0);
	say("\nand more");
	assert_int_equal(machine.calls, 1);
	console_flush();
	console_flush();
	assert_int_equal(machine.calls, 2);
	assert_string_equal(machine.shown, "a line\r\nand more");
	for (unsigned i = 0; i < 3 * QUEUE; i++)
		platform_putc('x');
	console_flush();
	assert_int_equal(machine.shown_length, 16 + 3 * QUEUE);
}

static int press(uint16_t scan, uint16_t character, uint32_t shift, uint8_t toggle)
{
	machine.pressed = (EFI_KEY_DATA){{scan, character}, {shift, toggle}};
	machine.has_key = true;
	return platform_getkey();
}

static void knows_keys(void **state)
{
	static const struct {
		uint16_t scan, character;
		int key;
	} cases[] = {
		{0, 'a', 'a'}, {0, '\r', '\r'}, {0, '\n', '\r'}, {0, 8, 8}, {0, 0x7f, 8}, {0x17, 0, 27},
		{1, 0, KEY_UP}, {2, 0, KEY_DOWN}, {3, 0, KEY_RIGHT}, {4, 0, KEY_LEFT}, {5, 0, KEY_HOME},
		{6, 0, KEY_END}, {7, 0, KEY_INSERT}, {8, 0, KEY_DELETE}, {9, 0, KEY_PAGE_UP},
		{10, 0, KEY_PAGE_DOWN}, {11, 0, KEY_F1}, {22, 0, KEY_F12}, {0, 0, KEY_NONE},
		{23 + 1, 0, KEY_NONE}, {0xffff, 0, KEY_NONE}, {0, 0xe4, KEY_NONE}, {0, 0x20ac, KEY_NONE},
	};

	for (unsigned ex = 0; ex < 2; ex++) {
		has_input_ex = ex;
		console_init();
		for (size_t i = 0; i < COUNT(cases); i++)
			assert_int_equal(press(cases[i].scan, cases[i].character, 0, 0), cases[i].key);
		assert_int_equal(platform_getkey(), KEY_NONE);
	}
	fresh(state);
	assert_int_equal(press(0, 'u', EFI_SHIFT_STATE_VALID | EFI_LEFT_CONTROL_PRESSED, 0), 21);
	assert_int_equal(press(0, 'u', EFI_SHIFT_STATE_VALID, 0), 'u');
}

static void knows_shift(void **state)
{
	static const uint32_t shifts[] = {EFI_LEFT_SHIFT_PRESSED, EFI_RIGHT_SHIFT_PRESSED,
		EFI_LEFT_ALT_PRESSED, EFI_RIGHT_ALT_PRESSED};

	assert_false(platform_shift_held());
	for (size_t i = 0; i < COUNT(shifts); i++) {
		fresh(state);
		press(0, 0, EFI_SHIFT_STATE_VALID | shifts[i], 0);
		assert_true(platform_shift_held());
		press(0, 0, EFI_SHIFT_STATE_VALID, 0);
		assert_false(platform_shift_held());
	}
	press(0, 0, 0, EFI_TOGGLE_STATE_VALID | EFI_CAPS_LOCK_ACTIVE);
	assert_true(platform_shift_held());
	has_input_ex = false;
	console_init();
	assert_false(platform_shift_held());
}

static void shares_a_port_with_nobody(void **state)
{
	(void)state;
	assert_false(platform_serial(1, 115200, 0)); // there is one only
	assert_false(platform_serial(0x3f8, 115200, 0));
	machine.in_use = true; // the firmware's console is there, too: nothing twice
	assert_true(platform_serial(0, 115200, 0));
	say("once\n");
	assert_int_equal(machine.wire_length, 0);
	machine.in_use = false;
	machine.no_attributes = true;
	assert_false(platform_serial(0, 115200, 0));
	machine.no_attributes = false;
	assert_true(platform_serial(0, 115200, 0));
	say("twice\n");
	assert_int_equal(machine.wire_length, 7);
	assert_memory_equal(machine.wire, "twice\r\n", 7);
	machine.stuck = true; // loses words, not time
	say("lost\n");
	machine.stuck = false;
	say("found\n");
	assert_memory_equal(machine.wire + 7, "found\r\n", 7);
}

static void has_places_and_colours(void **state)
{
	static const char sent[] = "a\033[2;3H\033[0;1;33;44mb\033[0m\033[2J\033[H", shown[] = "a<2,1><1e>b<07><clear>";

	(void)state;
	out_mode.Mode = 0;
	assert_true(platform_serial(0, 115200, 0));
	platform_putc('a');
	platform_goto(1, 2);
	platform_colour(0x1e);
	platform_putc('b');
	platform_colour(7);
	platform_clear();
	console_flush();
	assert_int_equal(machine.shown_length, sizeof shown - 1);
	assert_memory_equal(machine.shown, shown, sizeof shown - 1);
	assert_int_equal(machine.wire_length, sizeof sent - 1);
	assert_memory_equal(machine.wire, sent, sizeof sent - 1);
	platform_screen(false);
	platform_putc('c');
	platform_goto(0, 0);
	platform_screen(true);
	assert_int_equal(machine.shown_length, sizeof shown - 1);
	assert_int_equal(machine.wire_length, sizeof sent - 1 + strlen("c\033[1;1H"));
}

static void has_pages_of_80_by_25(void **state)
{
	(void)state;
	platform_clear();
	assert_int_equal(machine.mode_set, 0);
	assert_int_equal(machine.shown_length, 0); // to set a mode empties the screen
	machine.no_mode = true;
	platform_clear();
	assert_int_equal(machine.shown_length, strlen("<clear>"));
}

static void takes_keys_from_a_port(void **state)
{
	static const int keys[] = {'l', KEY_UP, '\r', KEY_NONE};

	(void)state;
	assert_true(platform_serial(0, 115200, 0));
	machine.typed = "l\x1b[A\r";
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_int_equal(platform_getkey(), keys[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(has_room_for_a_line, fresh),
		cmocka_unit_test_setup(shows_lines_at_once, fresh),
		cmocka_unit_test_setup(knows_keys, fresh),
		cmocka_unit_test_setup(knows_shift, fresh),
		cmocka_unit_test_setup(shares_a_port_with_nobody, fresh),
		cmocka_unit_test_setup(has_places_and_colours, fresh),
		cmocka_unit_test_setup(has_pages_of_80_by_25, fresh),
		cmocka_unit_test_setup(takes_keys_from_a_port, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
