// SPDX-License-Identifier: BSD-2-Clause
// File handles as clients hold them:
//
//   version 1 | kind | kernel's type | n | export id (4 bytes) | n bytes that name the file | tag
//
// The tag is SipHash-2-4 (8 bytes) over all before it, under the server's key. It is checked before
// anything else is believed: without it a client could put any inode's number into a handle and so
// reach files of the same file system that are not exported.
// What names the file is the kernel's handle (name_to_handle_at), or an entry of the table.
#pragma once

#include "netstack/wire/xdr.h"
#include "server-stub/nfs/files.h"

enum handle_kind { HANDLE_KERNEL = 1, HANDLE_TABLE = 2 };
enum { HANDLE_HEAD = 8, HANDLE_TAG = 8, HANDLE_NAME_MAX = 48 };
enum { HANDLE_MAX = HANDLE_HEAD + HANDLE_NAME_MAX + HANDLE_TAG }; // NFS3_FHSIZE

struct handle {
	uint8_t bytes[HANDLE_MAX];
	uint32_t length;
};

// Where a file was found, for the table.
struct handle_place {
	const struct handle *directory; // NULL: the export's root itself
	const char *name;
};

// The handle of an open file (O_PATH does). 0 or an error number.
int handle_make(const struct nfs_files *f, const struct nfs_export *e, int fd,
	const struct stat *st, const struct handle_place *place, struct handle *to);
// A handle's file as an O_PATH descriptor, and its export. NFS3_OK or a status. Only as user 0.
uint32_t handle_open(const struct nfs_files *f, const struct xdr_bytes *handle,
	const struct nfs_export **e, int *fd);
// What the kernel calls this file, and in which mount; 0 or an error number (EOVERFLOW: too long).
int handle_ask_kernel(
	int fd, int *mount_id, uint8_t *type, uint8_t bytes[HANDLE_NAME_MAX], uint8_t *length);
// The file of a kernel's handle: a descriptor or -1 and errno.
int handle_tell_kernel(int mount_fd, uint8_t type, const uint8_t *bytes, uint8_t length);
