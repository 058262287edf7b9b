// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/nfs/handle.h"
#include "netstack/wire/nfs3.h"
#include "server-stub/nfs/status.h"
#include "server-stub/nfs/table.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>

_Static_assert((int)HANDLE_MAX == (int)NFS3_FHSIZE, "a handle fills what the protocol allows");
_Static_assert(HANDLE_TAG == crypto_shorthash_BYTES, "SipHash-2-4");
_Static_assert(FILES_KEY == crypto_shorthash_KEYBYTES, "SipHash-2-4");

union kernel_handle {
	struct file_handle head;
	uint8_t room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
};

int handle_ask_kernel(
	int fd, int *mount_id, uint8_t *type, uint8_t bytes[HANDLE_NAME_MAX], uint8_t *length)
{
	union kernel_handle k = {.head.handle_bytes = MAX_HANDLE_SZ};

	if (name_to_handle_at(fd, "", &k.head, mount_id, AT_EMPTY_PATH) != 0)
		return errno;
	if (k.head.handle_bytes > HANDLE_NAME_MAX || k.head.handle_type < 0 ||
		k.head.handle_type > UINT8_MAX)
		return EOVERFLOW;
	*type = (uint8_t)k.head.handle_type;
	*length = (uint8_t)k.head.handle_bytes;
	memcpy(bytes, k.head.f_handle, k.head.handle_bytes);
	return 0;
}

int handle_tell_kernel(int mount_fd, uint8_t type, const uint8_t *bytes, uint8_t length)
{
	union kernel_handle k = {.head = {.handle_bytes = length, .handle_type = type}};

	memcpy(k.head.f_handle, bytes, length);
	return open_by_handle_at(mount_fd, &k.head, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static void tag(const struct nfs_files *f, const uint8_t *bytes, size_t length, uint8_t *to)
{
	crypto_shorthash(to, bytes, length, f->key);
}

static void finish(const struct nfs_files *f, const struct nfs_export *e, struct handle *to)
{
	size_t length = HANDLE_HEAD + (size_t)to->bytes[3];

	to->bytes[0] = 1;
	for (int i = 0; i < 4; i++)
		to->bytes[4 + i] = (uint8_t)(e->id >> (24 - 8 * i));
	tag(f, to->bytes, length, to->bytes + length);
	to->length = (uint32_t)(length + HANDLE_TAG);
}

int handle_make(const struct nfs_files *f, const struct nfs_export *e, int fd,
	const struct stat *st, const struct handle_place *place, struct handle *to)
{
	int mount_id = -1, error;

	memset(to, 0, sizeof *to);
	if (e->table) {
		to->bytes[1] = HANDLE_TABLE;
		to->bytes[3] = TABLE_NAME;
		error = table_add(e->table, st,
			place->directory ? place->directory->bytes + HANDLE_HEAD : NULL,
			place->name, to->bytes + HANDLE_HEAD);
	} else {
		to->bytes[1] = HANDLE_KERNEL;
		error = handle_ask_kernel(
			fd, &mount_id, &to->bytes[2], to->bytes + HANDLE_HEAD, &to->bytes[3]);
		if (!error && mount_id != e->mount_id)
			error = EXDEV;
	}
	if (!error)
		finish(f, e, to);
	return error;
}

static bool genuine(const struct nfs_files *f, const struct xdr_bytes *h)
{
	uint8_t expected[HANDLE_TAG];

	tag(f, h->at, h->length - HANDLE_TAG, expected);
	return sodium_memcmp(expected, h->at + h->length - HANDLE_TAG, HANDLE_TAG) == 0;
}

static uint32_t export_id(const uint8_t *bytes)
{
	return (uint32_t)bytes[4] << 24 | (uint32_t)bytes[5] << 16 | (uint32_t)bytes[6] << 8 |
	       bytes[7];
}

uint32_t handle_open(
	const struct nfs_files *f, const struct xdr_bytes *h, const struct nfs_export **e, int *fd)
{
	if (h->length < HANDLE_HEAD + HANDLE_TAG || h->length > HANDLE_MAX || h->at[0] != 1 ||
		h->at[3] != h->length - HANDLE_HEAD - HANDLE_TAG)
		return NFS3ERR_BADHANDLE;
	// As stale, not bad: so look handles of a server that has lost its key.
	if (!genuine(f, h) || !(*e = files_export(f, export_id(h->at))))
		return NFS3ERR_STALE;
	if (h->at[1] == HANDLE_KERNEL && !(*e)->table)
		*fd = handle_tell_kernel((*e)->root, h->at[2], h->at + HANDLE_HEAD, h->at[3]);
	else if (h->at[1] == HANDLE_TABLE && (*e)->table && h->at[3] == TABLE_NAME)
		*fd = table_open((*e)->table, (*e)->root, h->at + HANDLE_HEAD);
	else
		return NFS3ERR_STALE;
	return *fd >= 0 ? NFS3_OK : status_of_errno(errno);
}
