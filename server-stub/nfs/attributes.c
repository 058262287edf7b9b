// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/nfs/attributes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static uint32_t type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return NF3DIR;
	case S_IFBLK:
		return NF3BLK;
	case S_IFCHR:
		return NF3CHR;
	case S_IFLNK:
		return NF3LNK;
	case S_IFSOCK:
		return NF3SOCK;
	case S_IFIFO:
		return NF3FIFO;
	default:
		return NF3REG;
	}
}

static struct nfs3_time time_of(struct timespec t)
{
	return (struct nfs3_time){(uint32_t)t.tv_sec, (uint32_t)t.tv_nsec};
}

struct nfs3_fattr attributes_of(const struct nfs_export *e, const struct stat *st)
{
	bool device = S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);

	return (struct nfs3_fattr){
		.type = type_of(st->st_mode),
		.mode = st->st_mode & 07777,
		.nlink = (uint32_t)st->st_nlink,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.size = (uint64_t)st->st_size,
		.used = (uint64_t)st->st_blocks * 512,
		.rdev_major = device ? major(st->st_rdev) : 0,
		.rdev_minor = device ? minor(st->st_rdev) : 0,
		.fsid = e->id, // a device number could change at the next start
		.fileid = st->st_ino,
		.atime = time_of(st->st_atim),
		.mtime = time_of(st->st_mtim),
		.ctime = time_of(st->st_ctim),
	};
}

struct nfs3_post_op_attr attributes_after(const struct object *o)
{
	struct nfs3_post_op_attr a = {.follows = o->fd >= 0};

	if (a.follows)
		a.attributes = attributes_of(o->e, &o->st);
	return a;
}

struct nfs3_wcc_data attributes_wcc(const struct stat *before, struct object *o)
{
	if (o->fd < 0)
		return (struct nfs3_wcc_data){0};
	object_refresh(o);
	return (struct nfs3_wcc_data){
		.before = {true, (uint64_t)before->st_size, time_of(before->st_mtim),
			time_of(before->st_ctim)},
		.after = attributes_after(o),
	};
}

static int set_size(const struct nfs_call *c, const struct object *o, uint64_t size)
{
	int fd, error;

	if (size > INT64_MAX)
		return EFBIG;
	fd = object_reopen_file(c, o, O_WRONLY);
	if (fd < 0)
		return errno;
	error = ftruncate(fd, (off_t)size) == 0 ? 0 : errno;
	close(fd);
	return error;
}

static int set_mode(const struct nfs_call *c, const struct object *o, uint32_t mode)
{
	char number[16];

	snprintf(number, sizeof number, "%d", o->fd);
	return fchmodat(c->files->self, number, mode & 07777, 0) == 0 ? 0 : errno;
}

static int set_owner(const struct object *o, const struct nfs3_sattr *s)
{
	uid_t uid = s->set_uid ? s->uid : (uid_t)-1;
	gid_t gid = s->set_gid ? s->gid : (gid_t)-1;

	return fchownat(o->fd, "", uid, gid, AT_EMPTY_PATH) == 0 ? 0 : errno;
}

static struct timespec time_to_set(uint32_t how, const struct nfs3_time *t)
{
	if (how == NFS3_DONT_CHANGE)
		return (struct timespec){.tv_nsec = UTIME_OMIT};
	if (how == NFS3_SET_TO_SERVER_TIME)
		return (struct timespec){.tv_nsec = UTIME_NOW};
	return (struct timespec){t->seconds, t->nseconds};
}

static int set_times(const struct object *o, const struct nfs3_sattr *s)
{
	const struct timespec times[2] = {
		time_to_set(s->set_atime, &s->atime), time_to_set(s->set_mtime, &s->mtime)};

	// UTIME_NOW and UTIME_OMIT are numbers beyond this.
	if ((s->set_atime == NFS3_SET_TO_CLIENT_TIME && s->atime.nseconds > 999999999) ||
		(s->set_mtime == NFS3_SET_TO_CLIENT_TIME && s->mtime.nseconds > 999999999))
		return EINVAL;
	return utimensat(o->fd, "", times, AT_EMPTY_PATH) == 0 ? 0 : errno;
}

int attributes_set(const struct nfs_call *c, const struct object *o, const struct nfs3_sattr *s)
{
	int error = s->set_size ? set_size(c, o, s->size) : 0;

	if (!error && (s->set_uid || s->set_gid))
		error = set_owner(o, s);
	if (!error && s->set_mode) // after the owner: chown takes the setuid bit away
		error = set_mode(c, o, s->mode);
	if (!error && (s->set_atime || s->set_mtime))
		error = set_times(o, s);
	return error;
}

int attributes_set_new(const struct nfs_call *c, struct object *o, const struct nfs3_sattr *s)
{
	struct nfs3_sattr rest = *s;

	rest.set_size = s->set_size && s->size > 0;
	rest.set_uid = s->set_uid && c->user.uid == 0 && s->uid != o->st.st_uid;
	rest.set_gid = s->set_gid && c->user.uid == 0 && s->gid != o->st.st_gid;
	rest.set_mode = s->set_mode && (s->mode & 07000) && !S_ISLNK(o->st.st_mode);
	return attributes_set(c, o, &rest);
}
