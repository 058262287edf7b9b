// SPDX-License-Identifier: BSD-2-Clause
// MOUNT version 3 (RFC 1813 appendix I). A path may lead on into an export, by directories alone:
// no symlink, no '..'. Nobody keeps a list of who has mounted what: it would be wrong after the
// first reset.
#define _GNU_SOURCE
#include "server-stub/nfs/mount.h"
#include "netstack/wire/mount3.h"
#include "netstack/wire/rpc.h"
#include "server-stub/nfs/export.h"
#include "server-stub/nfs/object.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static uint32_t mount_status(int error)
{
	switch (error) {
	case ENOENT:
		return MNT3ERR_NOENT;
	case ENOTDIR:
		return MNT3ERR_NOTDIR;
	case ENAMETOOLONG:
		return MNT3ERR_NAMETOOLONG;
	case EACCES:
	case EXDEV:
	case ELOOP:
		return MNT3ERR_ACCES;
	default:
		return MNT3ERR_IO;
	}
}

// The directory `name` of o becomes o itself, with its handle.
static int descend(const struct nfs_call *c, struct object *o, const char *name)
{
	struct object below;
	uint32_t status = object_find(o, name, &below);

	if (status == NFS3_OK && S_ISLNK(below.st.st_mode))
		status = NFS3ERR_NOTDIR;
	if (status == NFS3_OK)
		status = object_name(c, o, name, &below);
	object_close(o);
	*o = below;
	return status == NFS3_OK ? 0 : status == NFS3ERR_NOENT ? ENOENT : ENOTDIR;
}

// The root of an export, then component by component.
static int walk(
	const struct nfs_call *c, const struct nfs_export *e, const char *rest, struct object *o)
{
	const struct handle_place root = {NULL, NULL};
	char name[OBJECT_NAME_MAX + 1];
	int error = 0;

	*o = (struct object){.e = e, .fd = openat(e->root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	if (o->fd < 0 || fstat(o->fd, &o->st) != 0)
		return errno;
	error = handle_make(c->files, e, o->fd, &o->st, &root, &o->handle);
	while (!error && *rest) {
		size_t n = strcspn(rest, "/");
		struct xdr_bytes component = {(const uint8_t *)rest, (uint32_t)n};

		if (!(n == 1 && rest[0] == '.')) {
			if (object_copy_name(&component, name) != NFS3_OK)
				return n > OBJECT_NAME_MAX ? ENAMETOOLONG : EACCES;
			error = descend(c, o, name);
		}
		rest += n + strspn(rest + n, "/");
	}
	return !error && !S_ISDIR(o->st.st_mode) ? ENOTDIR : error;
}

// Without doubled slashes.
static void copy_path(const struct xdr_bytes *wanted, char to[MOUNT3_PATH_MAX + 1])
{
	size_t n = 0;

	for (uint32_t i = 0; i < wanted->length; i++)
		if (wanted->at[i] != '/' || n == 0 || to[n - 1] != '/')
			to[n++] = (char)wanted->at[i];
	to[n] = 0;
}

static uint32_t mount_path(
	const struct nfs_call *c, const struct xdr_bytes *wanted, struct object *o)
{
	char path[MOUNT3_PATH_MAX + 1];
	const struct nfs_export *e;
	const char *rest;
	int error;

	if (wanted->length && memchr(wanted->at, 0, wanted->length))
		return MNT3ERR_INVAL;
	copy_path(wanted, path);
	e = export_of_path(c->files, path, &rest);
	if (!e)
		return MNT3ERR_ACCES;
	error = walk(c, e, rest, o);
	return error ? mount_status(error) : MNT3_OK;
}

static bool mnt(struct nfs_call *c)
{
	struct mount3_result res = {.flavors = {RPC_AUTH_SYS}, .flavor_count = 1};
	struct object o = OBJECT_NONE;
	struct xdr_bytes path;

	mount3_path(&c->in, &path);
	if (c->in.failed)
		return false;
	credentials_root();
	res.status = mount_path(c, &path, &o);
	res.fhandle = (struct xdr_bytes){o.handle.bytes, o.handle.length};
	mount3_result(&c->out, &res);
	object_close(&o);
	return true;
}

static bool dump(struct nfs_call *c)
{
	bool more = false;

	mount3_mounted(&c->out, &more, NULL, NULL);
	return true;
}

static bool umnt(struct nfs_call *c)
{
	struct xdr_bytes path;

	mount3_path(&c->in, &path);
	return !c->in.failed;
}

static bool export_list(struct nfs_call *c)
{
	bool more = true, no_group = false;

	for (size_t i = 0; i < c->files->export_count; i++) {
		const char *path = c->files->exports[i].path;
		struct xdr_bytes bytes = {(const uint8_t *)path, (uint32_t)strlen(path)};

		mount3_export(&c->out, &more, &bytes);
		mount3_group(&c->out, &no_group, NULL);
	}
	more = false;
	mount3_export(&c->out, &more, NULL);
	return true;
}

static size_t export_list_room(const struct nfs_files *f, struct xdr in)
{
	(void)in;
	return RESULT_ROOM + f->export_count * (MOUNT3_PATH_MAX + 16);
}

const struct nfs_procedure mount_procedures[MOUNT_PROCEDURES] = {
	[MOUNT3_NULL] = {"NULL", proc_null, NULL, false},
	[MOUNT3_MNT] = {"MNT", mnt, NULL, false},
	[MOUNT3_DUMP] = {"DUMP", dump, NULL, false},
	[MOUNT3_UMNT] = {"UMNT", umnt, NULL, false},
	[MOUNT3_UMNTALL] = {"UMNTALL", proc_null, NULL, false},
	[MOUNT3_EXPORT] = {"EXPORT", export_list, export_list_room, false},
};
