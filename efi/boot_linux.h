// SPDX-License-Identifier: BSD-2-Clause
// Starting an image that the firmware has loaded.
#pragma once

#include <efi.h>

#include <stdbool.h>

// Closes the cards (and gives them back to the firmware's drivers, if that is for a program that
// may want them), and opens them again when the image has come back. Gives its status.
EFI_STATUS boot_linux_start(EFI_HANDLE image, bool program);
