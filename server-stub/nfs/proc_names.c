// SPDX-License-Identifier: BSD-2-Clause
// REMOVE, RMDIR, RENAME, LINK (RFC 1813 sections 3.3.12 to 3.3.15).
#define _GNU_SOURCE
#include "server-stub/nfs/attributes.h"
#include "server-stub/nfs/status.h"
#include "server-stub/nfs/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const uint8_t *table_name(const struct object *o)
{
	return o->handle.bytes + HANDLE_HEAD;
}

// Tells the handle table, where there is one, what an entry was that is about to go. `was` stays
// OBJECT_NONE without a table.
static void remember(const struct object *directory, const char *name, struct object *was)
{
	*was = OBJECT_NONE;
	if (directory->e->table)
		object_find(directory, name, was);
}

static void forget(const struct object *directory, const char *name, const struct object *was)
{
	bool last = S_ISDIR(was->st.st_mode) || was->st.st_nlink <= 1;

	if (was->fd >= 0)
		table_removed(directory->e->table, &was->st, table_name(directory), name, last);
}

static uint32_t unlink_name(
	struct nfs_call *c, const struct object *directory, const char *name, int flags)
{
	struct object was;
	uint32_t status;

	remember(directory, name, &was);
	status = unlinkat(directory->fd, name, flags) == 0 ? NFS3_OK : status_of_errno(errno);
	if (status == NFS3_OK) {
		forget(directory, name, &was);
		status = object_sync(c, directory);
	}
	object_close(&was);
	return status;
}

static bool remove_entry(struct nfs_call *c, int flags)
{
	char name[OBJECT_NAME_MAX + 1];
	struct nfs3_wcc_res res = {0};
	struct nfs3_diropargs what;
	struct object directory;

	nfs3_diropargs(&c->in, &what);
	if (c->in.failed)
		return false;
	res.status = object_open_directory(c, &what.dir, &directory);
	if (res.status == NFS3_OK)
		res.status = object_copy_name(&what.name, name);
	if (directory.fd >= 0) {
		struct stat before;

		files_lock(c->files, &directory.st, &directory.st);
		object_refresh(&directory);
		before = directory.st;
		if (res.status == NFS3_OK)
			res.status = unlink_name(c, &directory, name, flags);
		res.wcc = attributes_wcc(&before, &directory);
		files_unlock(c->files, &before, &before);
	}
	nfs3_wcc_res(&c->out, &res);
	object_close(&directory);
	return true;
}

bool proc_remove(struct nfs_call *c)
{
	return remove_entry(c, 0);
}

bool proc_rmdir(struct nfs_call *c)
{
	return remove_entry(c, AT_REMOVEDIR);
}

// ---- RENAME ----------------------------------------------------------------------------------

struct renaming {
	struct object from, to; // directories
	char from_name[OBJECT_NAME_MAX + 1], to_name[OBJECT_NAME_MAX + 1];
};

static uint32_t prepare(struct nfs_call *c, const struct nfs3_rename_args *args, struct renaming *r)
{
	uint32_t status = object_open_directory(c, &args->from.dir, &r->from);

	r->to = OBJECT_NONE;
	if (status == NFS3_OK)
		status = object_open_directory(c, &args->to.dir, &r->to);
	if (status == NFS3_OK && r->from.e != r->to.e)
		status = NFS3ERR_XDEV;
	if (status == NFS3_OK)
		status = object_copy_name(&args->from.name, r->from_name);
	if (status == NFS3_OK)
		status = object_copy_name(&args->to.name, r->to_name);
	return status;
}

static uint32_t rename_entry(struct nfs_call *c, const struct renaming *r)
{
	struct object moved, replaced;
	uint32_t status = NFS3_OK;

	remember(&r->from, r->from_name, &moved);
	remember(&r->to, r->to_name, &replaced);
	if (renameat(r->from.fd, r->from_name, r->to.fd, r->to_name) != 0)
		status = status_of_errno(errno);
	// Two names of one file: rename(2) does nothing.
	if (status == NFS3_OK && moved.fd >= 0 &&
		!(replaced.fd >= 0 && replaced.st.st_ino == moved.st.st_ino)) {
		forget(&r->to, r->to_name, &replaced);
		table_renamed(r->from.e->table, &moved.st, table_name(&r->from), r->from_name,
			table_name(&r->to), r->to_name);
	}
	object_close(&moved);
	object_close(&replaced);
	if (status == NFS3_OK)
		status = object_sync(c, &r->to);
	if (status == NFS3_OK && r->from.st.st_ino != r->to.st.st_ino)
		status = object_sync(c, &r->from);
	return status;
}

bool proc_rename(struct nfs_call *c)
{
	struct nfs3_rename_args args;
	struct nfs3_rename_res res = {0};
	struct renaming r;

	nfs3_rename_args(&c->in, &args);
	if (c->in.failed)
		return false;
	res.status = prepare(c, &args, &r);
	if (r.from.fd >= 0 && r.to.fd >= 0) {
		struct stat from, to;

		files_lock(c->files, &r.from.st, &r.to.st);
		object_refresh(&r.from);
		object_refresh(&r.to);
		from = r.from.st;
		to = r.to.st;
		if (res.status == NFS3_OK)
			res.status = rename_entry(c, &r);
		res.fromdir_wcc = attributes_wcc(&from, &r.from);
		res.todir_wcc = attributes_wcc(&to, &r.to);
		files_unlock(c->files, &from, &to);
	}
	nfs3_rename_res(&c->out, &res);
	object_close(&r.from);
	object_close(&r.to);
	return true;
}

// ---- LINK ------------------------------------------------------------------------------------

// Through /proc: linkat(2) takes an open file directly only from those with CAP_DAC_READ_SEARCH.
static uint32_t link_entry(
	struct nfs_call *c, struct object *file, const struct object *directory, const char *name)
{
	char number[16];

	if (S_ISDIR(file->st.st_mode))
		return NFS3ERR_ISDIR;
	snprintf(number, sizeof number, "%d", file->fd);
	if (linkat(c->files->self, number, directory->fd, name, AT_SYMLINK_FOLLOW) != 0)
		return status_of_errno(errno);
	if (file->e->table) { // one name more
		const struct handle_place place = {&directory->handle, name};
		struct handle same;

		handle_make(c->files, file->e, file->fd, &file->st, &place, &same);
	}
	return object_sync(c, directory);
}

bool proc_link(struct nfs_call *c)
{
	char name[OBJECT_NAME_MAX + 1];
	struct object file, directory = OBJECT_NONE;
	struct nfs3_link_res res = {0};
	struct nfs3_link_args args;

	nfs3_link_args(&c->in, &args);
	if (c->in.failed)
		return false;
	res.status = object_open_to_change(c, &args.file, &file);
	if (res.status == NFS3_OK)
		res.status = object_open_directory(c, &args.link.dir, &directory);
	if (res.status == NFS3_OK && file.e != directory.e)
		res.status = NFS3ERR_XDEV;
	if (res.status == NFS3_OK)
		res.status = object_copy_name(&args.link.name, name);
	if (directory.fd >= 0) {
		struct stat before;

		files_lock(c->files, &directory.st, &directory.st);
		object_refresh(&directory);
		before = directory.st;
		if (res.status == NFS3_OK)
			res.status = link_entry(c, &file, &directory, name);
		res.linkdir_wcc = attributes_wcc(&before, &directory);
		files_unlock(c->files, &before, &before);
	}
	object_refresh(&file);
	res.attributes = attributes_after(&file);
	nfs3_link_res(&c->out, &res);
	object_close(&file);
	object_close(&directory);
	return true;
}
