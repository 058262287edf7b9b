// SPDX-License-Identifier: BSD-2-Clause
#include "server-stub/nfs/status.h"
#include "netstack/wire/nfs3.h"

#include <errno.h>
#include <stddef.h>

static const struct {
	int error;
	uint32_t status;
} table[] = {
	{0, NFS3_OK},
	{EPERM, NFS3ERR_PERM},
	{ENOENT, NFS3ERR_NOENT},
	{EIO, NFS3ERR_IO},
	{ENXIO, NFS3ERR_NXIO},
	{EACCES, NFS3ERR_ACCES},
	{EEXIST, NFS3ERR_EXIST},
	{EXDEV, NFS3ERR_XDEV},
	{ENODEV, NFS3ERR_NODEV},
	{ENOTDIR, NFS3ERR_NOTDIR},
	{EISDIR, NFS3ERR_ISDIR},
	{EINVAL, NFS3ERR_INVAL},
	{EFBIG, NFS3ERR_FBIG},
	{EOVERFLOW, NFS3ERR_FBIG},
	{ENOSPC, NFS3ERR_NOSPC},
	{EROFS, NFS3ERR_ROFS},
	{EMLINK, NFS3ERR_MLINK},
	{ENAMETOOLONG, NFS3ERR_NAMETOOLONG},
	{ENOTEMPTY, NFS3ERR_NOTEMPTY},
	{EDQUOT, NFS3ERR_DQUOT},
	{ESTALE, NFS3ERR_STALE},
	{EOPNOTSUPP, NFS3ERR_NOTSUPP},
	{ENOSYS, NFS3ERR_NOTSUPP},
	{ELOOP, NFS3ERR_INVAL}, // a symlink where a file was asked for
	{ETXTBSY, NFS3ERR_ACCES},
	// For a while only: the client asks again.
	{ENOMEM, NFS3ERR_JUKEBOX},
	{EMFILE, NFS3ERR_JUKEBOX},
	{ENFILE, NFS3ERR_JUKEBOX},
	{EAGAIN, NFS3ERR_JUKEBOX},
};

uint32_t status_of_errno(int error)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].error == error)
			return table[i].status;
	return NFS3ERR_IO;
}
