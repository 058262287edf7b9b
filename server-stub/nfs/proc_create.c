// SPDX-License-Identifier: BSD-2-Clause
// CREATE, MKDIR, SYMLINK, MKNOD (RFC 1813 sections 3.3.8 to 3.3.11). Nothing that exists is ever
// opened by name: a symlink that a client has made leads nowhere.
//
// An exclusive CREATE keeps its 64-bit verifier in the new file's access and modification times
// (whole seconds, 32 bits each), as the RFC suggests; the client sets the times afterwards. A
// repeated call finds them and succeeds.
#define _GNU_SOURCE
#include "server-stub/nfs/attributes.h"
#include "server-stub/nfs/status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// One creation: makes `name` in `directory` and leaves it in *made.
struct creation {
	struct nfs_call *c;
	const struct object *directory;
	const char *name;
	struct object *made;
	const struct nfs3_sattr *attributes;
	const void *args; // of the procedure
};

typedef uint32_t create_function(struct creation *n);

static uint32_t finish(struct creation *n)
{
	int error = attributes_set_new(n->c, n->made, n->attributes);

	object_refresh(n->made);
	return status_of_errno(error);
}

// What the four have in common: the directory, its lock, attributes before and after, the handle.
static bool create(struct nfs_call *c, const struct nfs3_diropargs *where,
	const struct nfs3_sattr *attributes, const void *args, create_function *make)
{
	char name[OBJECT_NAME_MAX + 1];
	struct object directory, made = OBJECT_NONE;
	struct nfs3_create_res res = {0};
	struct creation n = {c, &directory, name, &made, attributes, args};

	res.status = object_open_directory(c, &where->dir, &directory);
	if (res.status == NFS3_OK)
		res.status = object_copy_name(&where->name, name);
	if (directory.fd >= 0) {
		struct stat before;

		files_lock(c->files, &directory.st, &directory.st);
		object_refresh(&directory);
		before = directory.st;
		if (res.status == NFS3_OK)
			res.status = make(&n);
		if (res.status == NFS3_OK)
			res.status = object_sync(c, &directory);
		res.dir_wcc = attributes_wcc(&before, &directory);
		files_unlock(c->files, &before, &before);
	}
	if (res.status == NFS3_OK)
		res.object.follows = object_name(c, &directory, name, &made) == NFS3_OK;
	res.object.handle = (struct xdr_bytes){made.handle.bytes, made.handle.length};
	res.attributes = attributes_after(&made);
	nfs3_create_res(&c->out, &res);
	object_close(&made);
	object_close(&directory);
	return true;
}

static uint32_t take(struct creation *n, int fd)
{
	uint32_t status = NFS3_OK;

	n->made->fd = fd;
	n->made->e = n->directory->e;
	if (fd < 0 || fstat(fd, &n->made->st) != 0)
		status = status_of_errno(errno);
	if (status != NFS3_OK)
		object_close(n->made);
	return status;
}

// ---- CREATE ----------------------------------------------------------------------------------

static void verifier_times(const uint8_t verf[NFS3_VERFSIZE], struct timespec times[2])
{
	int32_t halves[2];

	memcpy(halves, verf, sizeof halves); // signed, as every file system can keep it
	times[0] = (struct timespec){.tv_sec = halves[0]};
	times[1] = (struct timespec){.tv_sec = halves[1]};
}

static uint32_t mark_exclusive(struct creation *n, const struct nfs3_create_args *args)
{
	struct timespec times[2];
	uint32_t status;

	verifier_times(args->verf, times);
	if (futimens(n->made->fd, times) == 0) {
		object_refresh(n->made);
		return NFS3_OK;
	}
	status = status_of_errno(errno);
	unlinkat(n->directory->fd, n->name, 0);
	object_close(n->made);
	return status;
}

static bool same_exclusive(const struct object *o, const struct nfs3_create_args *args)
{
	struct timespec times[2];

	verifier_times(args->verf, times);
	return o->st.st_size == 0 && o->st.st_atim.tv_sec == times[0].tv_sec &&
	       o->st.st_mtim.tv_sec == times[1].tv_sec && o->st.st_atim.tv_nsec == 0 &&
	       o->st.st_mtim.tv_nsec == 0;
}

static uint32_t use_existing(struct creation *n, const struct nfs3_create_args *args)
{
	struct nfs3_sattr only_size = {
		.set_size = args->attributes.set_size, .size = args->attributes.size};
	uint32_t status;

	if (args->mode == NFS3_GUARDED)
		return NFS3ERR_EXIST;
	status = object_find(n->directory, n->name, n->made);
	if (status != NFS3_OK)
		return status;
	if (!S_ISREG(n->made->st.st_mode) ||
		(args->mode == NFS3_EXCLUSIVE && !same_exclusive(n->made, args)))
		status = NFS3ERR_EXIST;
	else if (args->mode == NFS3_UNCHECKED)
		status = status_of_errno(attributes_set(n->c, n->made, &only_size));
	if (status == NFS3_OK)
		object_refresh(n->made);
	else
		object_close(n->made);
	return status;
}

static uint32_t make_file(struct creation *n)
{
	const struct nfs3_create_args *args = n->args;
	mode_t mode = args->mode != NFS3_EXCLUSIVE && n->attributes->set_mode
			      ? n->attributes->mode & 07777
			      : 0600;
	int fd = openat(n->directory->fd, n->name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode);
	uint32_t status;

	if (fd < 0 && errno == EEXIST)
		return use_existing(n, args);
	status = take(n, fd);
	if (status == NFS3_OK)
		status = args->mode == NFS3_EXCLUSIVE ? mark_exclusive(n, args) : finish(n);
	return status;
}

bool proc_create(struct nfs_call *c)
{
	struct nfs3_create_args args = {0};

	nfs3_create_args(&c->in, &args);
	return !c->in.failed && create(c, &args.where, &args.attributes, &args, make_file);
}

// ---- MKDIR, SYMLINK, MKNOD -------------------------------------------------------------------

// What mkdirat and its relatives have just made (or somebody else has put there since: it has his
// rights, not ours).
static uint32_t find_made(struct creation *n, int result)
{
	uint32_t status =
		result == 0 ? object_find(n->directory, n->name, n->made) : status_of_errno(errno);

	return status == NFS3_OK ? finish(n) : status;
}

static uint32_t make_directory(struct creation *n)
{
	mode_t mode = n->attributes->set_mode ? n->attributes->mode & 07777 : 0700;

	return find_made(n, mkdirat(n->directory->fd, n->name, mode));
}

bool proc_mkdir(struct nfs_call *c)
{
	struct nfs3_mkdir_args args = {0};

	nfs3_mkdir_args(&c->in, &args);
	return !c->in.failed && create(c, &args.where, &args.attributes, &args, make_directory);
}

static uint32_t make_symlink(struct creation *n)
{
	const struct nfs3_symlink_args *args = n->args;
	char path[NFS3_PATH_MAX];

	if (args->path.length == 0 || memchr(args->path.at, 0, args->path.length))
		return NFS3ERR_INVAL;
	if (args->path.length >= sizeof path)
		return NFS3ERR_NAMETOOLONG;
	memcpy(path, args->path.at, args->path.length);
	path[args->path.length] = 0;
	return find_made(n, symlinkat(path, n->directory->fd, n->name));
}

bool proc_symlink(struct nfs_call *c)
{
	struct nfs3_symlink_args args = {0};

	nfs3_symlink_args(&c->in, &args);
	args.attributes.set_size = false; // a symlink's size is its text's
	return !c->in.failed && create(c, &args.where, &args.attributes, &args, make_symlink);
}

static uint32_t make_special(struct creation *n)
{
	static const mode_t types[] = {
		[NF3BLK] = S_IFBLK, [NF3CHR] = S_IFCHR, [NF3SOCK] = S_IFSOCK, [NF3FIFO] = S_IFIFO};
	const struct nfs3_mknod_args *args = n->args;
	mode_t mode = n->attributes->set_mode ? n->attributes->mode & 07777 : 0600;

	if (args->type >= sizeof types / sizeof *types || !types[args->type])
		return NFS3ERR_BADTYPE;
	return find_made(n, mknodat(n->directory->fd, n->name, mode | types[args->type],
				    makedev(args->rdev_major, args->rdev_minor)));
}

bool proc_mknod(struct nfs_call *c)
{
	struct nfs3_mknod_args args = {0};

	nfs3_mknod_args(&c->in, &args);
	args.attributes.set_size = false;
	return !c->in.failed && create(c, &args.where, &args.attributes, &args, make_special);
}
