// SPDX-License-Identifier: BSD-2-Clause
// Characters wait here and leave line by line. A port that blocks loses them rather than stop the
// boot: the firmware's Write gives up after its timeout.
#include "efi/serial.h"
#include "efi/clock.h"
#include "efi/firmware.h"
#include "bootloader/platform.h"
#include "bootloader/serial_keys.h"

enum { QUEUE = 256, TIMEOUT_US = 20000, DATA_BITS = 8, FLOW_HARDWARE = 0xf0 };

static const EFI_GUID serial_guid = EFI_SERIAL_IO_PROTOCOL_GUID;

static EFI_SERIAL_IO_PROTOCOL *port_used; // NULL: none
static char queue[QUEUE];
static UINTN used;
static struct serial_keys keys;

// Whether a driver of the firmware (its terminal) has the port.
static bool is_console(EFI_HANDLE handle)
{
	EFI_OPEN_PROTOCOL_INFORMATION_ENTRY *entries = NULL;
	bool found = false;
	UINTN count = 0;

	if (firmware_services->OpenProtocolInformation(handle, (EFI_GUID *)&serial_guid, &entries, &count))
		return false;
	for (UINTN i = 0; i < count; i++)
		found = found || (entries[i].Attributes & EFI_OPEN_PROTOCOL_BY_DRIVER);
	firmware_services->FreePool(entries);
	return found;
}

static bool set_up(EFI_SERIAL_IO_PROTOCOL *p, uint32_t baud, uint32_t flow)
{
	if (p->SetAttributes(p, baud, 0, TIMEOUT_US, NoParity, DATA_BITS, OneStopBit))
		return false;
	p->SetControl(p, EFI_SERIAL_REQUEST_TO_SEND | EFI_SERIAL_DATA_TERMINAL_READY |
		(flow & FLOW_HARDWARE ? EFI_SERIAL_HARDWARE_FLOW_CONTROL_ENABLE : 0));
	port_used = p;
	used = 0;
	return true;
}

bool serial_open(uint32_t port, uint32_t baud, uint32_t flow)
{
	EFI_HANDLE *handles;
	size_t count = firmware_handles(&serial_guid, &handles);
	bool opened = false;

	port_used = NULL;
	if (port < count)
		opened = is_console(handles[port]) ||
			set_up(firmware_protocol(handles[port], &serial_guid), baud, flow);
	if (handles)
		firmware_services->FreePool(handles);
	return opened;
}

void serial_flush(void)
{
	UINTN length = used;

	if (port_used && length)
		port_used->Write(port_used, &length, queue);
	used = 0;
}

void serial_put(char c)
{
	if (!port_used)
		return;
	if (used == QUEUE)
		serial_flush();
	queue[used++] = c;
}

int serial_key(void)
{
	UINT32 control;
	uint8_t byte;
	int key;

	if (!port_used)
		return KEY_NONE;
	for (unsigned i = 0; i < QUEUE; i++) {
		UINTN length = 1;

		if (port_used->GetControl(port_used, &control) || (control & EFI_SERIAL_INPUT_BUFFER_EMPTY) ||
			port_used->Read(port_used, &length, &byte) || length != 1)
			break;
		key = serial_keys_byte(&keys, byte, clock_now());
		if (key != KEY_NONE)
			return key;
	}
	return serial_keys_time(&keys, clock_now());
}
