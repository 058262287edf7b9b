// SPDX-License-Identifier: BSD-2-Clause
// The initrd as Linux asks for it: LoadFile2 on a handle with the vendor media device path of
// LINUX_EFI_INITRD_MEDIA_GUID (Documentation/admin-guide/efi-stub.rst).
#pragma once

#include <efi.h>

#include <stdint.h>

// Offers these bytes, which must stay where they are, until initrd_withdraw. Takes the offer of an
// earlier boot program away.
EFI_STATUS initrd_offer(const uint8_t *bytes, uint64_t size);
void initrd_withdraw(void);
