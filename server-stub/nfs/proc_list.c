// SPDX-License-Identifier: BSD-2-Clause
// READDIR, READDIRPLUS (RFC 1813 sections 3.3.16, 3.3.17). An entry's cookie is where the kernel
// says the next one begins (d_off of getdents64): all 64 bits, and it stays valid when entries are
// removed. The cookie verifier is not used: no change of a directory makes a cookie bad.
#define _GNU_SOURCE
#include "server-stub/nfs/attributes.h"
#include "server-stub/nfs/status.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LIST_MAX = 256 * 1024, // bytes of entries in one reply
	LIST_CHUNK = 32768,    // of getdents64
	LIST_END = 8,          // no more entries, and whether that is all
	LIST_HEAD = 4 + 4 + 84 + 8,
};

struct list {
	struct nfs_call *c;
	struct object *directory;
	bool plus;
	size_t limit; // how long the results may be
	size_t start; // where they begin in `out`
	unsigned entries;
	bool full;
};

static size_t limit_of(const struct nfs3_readdir_args *args)
{
	return args->maxcount < LIST_MAX ? args->maxcount : LIST_MAX;
}

size_t proc_readdir_room(const struct nfs_files *f, struct xdr in)
{
	struct nfs3_readdir_args args = {0};

	(void)f;
	nfs3_readdir_args(&in, &args);
	return in.failed ? RESULT_ROOM : RESULT_ROOM + limit_of(&args);
}

size_t proc_readdirplus_room(const struct nfs_files *f, struct xdr in)
{
	struct nfs3_readdir_args args = {0};

	(void)f;
	nfs3_readdirplus_args(&in, &args);
	return in.failed ? RESULT_ROOM : RESULT_ROOM + limit_of(&args);
}

static size_t size_of(const struct list *l, const struct nfs3_entry *e)
{
	size_t size = 4 + 8 + 4 + ((e->name.length + 3u) & ~3u) + 8;

	if (l->plus)
		size += 4 + (e->attributes.follows ? 84 : 0) + 4 +
			(e->handle.follows ? 4 + ((e->handle.handle.length + 3u) & ~3u) : 0);
	return size;
}

static bool is(const char *name, const char *other)
{
	return strcmp(name, other) == 0;
}

// Attributes and handle, where the caller may have them: not of "..", which may lie outside.
static void look_at(struct list *l, const char *name, struct nfs3_entry *e, struct object *found)
{
	*found = OBJECT_NONE;
	if (is(name, "..") || (!is(name, ".") && object_find(l->directory, name, found) != NFS3_OK))
		return;
	if (is(name, "."))
		e->attributes = attributes_after(l->directory);
	else
		e->attributes = attributes_after(found);
	if (!is(name, ".") && object_name(l->c, l->directory, name, found) == NFS3_OK)
		e->handle =
			(struct nfs3_post_op_fh){true, {found->handle.bytes, found->handle.length}};
	if (e->attributes.follows) // the same file, whatever happened since getdents64
		e->fileid = e->attributes.attributes.fileid;
}

static void add_entry(struct list *l, const struct dirent64 *d)
{
	bool more = true, at_root = (uint64_t)l->directory->st.st_ino == l->directory->e->root_ino;
	struct object found = OBJECT_NONE;
	struct nfs3_entry e = {
		.fileid = is(d->d_name, "..") && at_root ? l->directory->st.st_ino : d->d_ino,
		.name = {(const uint8_t *)d->d_name, (uint32_t)strlen(d->d_name)},
		.cookie = (uint64_t)d->d_off,
	};

	if (l->plus)
		look_at(l, d->d_name, &e, &found);
	if (xdr_length(&l->c->out) - l->start + size_of(l, &e) + LIST_END > l->limit) {
		l->full = true;
	} else {
		(l->plus ? nfs3_entryplus : nfs3_entry)(&l->c->out, &more, &e);
		l->entries++;
	}
	object_close(&found);
}

// 0 or an error number; *eof says whether the directory ends here.
static int add_entries(struct list *l, int fd, bool *eof)
{
	char *chunk = malloc(LIST_CHUNK);
	ssize_t n = 0;
	int error = chunk ? 0 : ENOMEM;

	while (!error && !l->full && (n = getdents64(fd, chunk, LIST_CHUNK)) > 0) {
		for (ssize_t at = 0; at < n && !l->full;) {
			const struct dirent64 *d = (const void *)(chunk + at);

			add_entry(l, d);
			at += d->d_reclen;
		}
	}
	if (!error && n < 0)
		error = errno;
	*eof = !error && !l->full;
	free(chunk);
	return error;
}

static uint32_t open_list(
	struct nfs_call *c, const struct object *o, const struct nfs3_readdir_args *args, int *fd)
{
	uint32_t status = NFS3_OK;

	if (!S_ISDIR(o->st.st_mode))
		return NFS3ERR_NOTDIR;
	if (args->maxcount < LIST_HEAD + LIST_END)
		return NFS3ERR_TOOSMALL;
	*fd = object_reopen(c, o, O_RDONLY | O_DIRECTORY);
	if (*fd < 0)
		return status_of_errno(errno);
	if (args->cookie > INT64_MAX ||
		(args->cookie && lseek(*fd, (off_t)args->cookie, SEEK_SET) < 0))
		status = NFS3ERR_BAD_COOKIE;
	return status;
}

static bool list(struct nfs_call *c, const struct nfs3_readdir_args *args, bool plus)
{
	struct nfs3_readdir_res res = {0};
	struct object o;
	struct list l = {c, &o, plus, limit_of(args), xdr_length(&c->out), 0, false};
	struct writer head = c->out.out;
	bool more = false, eof = false;
	int fd = -1, error;

	res.status = object_open(c, &args->dir, &o);
	if (res.status == NFS3_OK)
		res.status = open_list(c, &o, args, &fd);
	res.dir_attributes = attributes_after(&o);
	nfs3_readdir_res(&c->out, &res);
	if (res.status == NFS3_OK) {
		error = add_entries(&l, fd, &eof);
		if (error)
			res.status = status_of_errno(error);
		else if (l.full && !l.entries)
			res.status = NFS3ERR_TOOSMALL;
		if (res.status == NFS3_OK) {
			nfs3_entry(&c->out, &more, NULL);
			xdr_bool(&c->out, &eof);
		} else { // forget what was written
			c->out.out = head;
			nfs3_readdir_res(&c->out, &res);
		}
	}
	if (fd >= 0)
		close(fd);
	object_close(&o);
	return true;
}

bool proc_readdir(struct nfs_call *c)
{
	struct nfs3_readdir_args args = {0};

	nfs3_readdir_args(&c->in, &args);
	return !c->in.failed && list(c, &args, false);
}

bool proc_readdirplus(struct nfs_call *c)
{
	struct nfs3_readdir_args args = {0};

	nfs3_readdirplus_args(&c->in, &args);
	return !c->in.failed && list(c, &args, true);
}
