// SPDX-License-Identifier: BSD-2-Clause
// READ, WRITE, COMMIT (RFC 1813 sections 3.3.6, 3.3.7, 3.3.21). File data is read to its place in
// the reply, which is known beforehand because the attributes in front of it are always there.
#include "server-stub/nfs/attributes.h"
#include "server-stub/nfs/status.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

// status, follows, attributes, count, eof, length of the data.
enum { READ_HEAD = 4 + 4 + 84 + 4 + 4 + 4 };

size_t proc_read_room(const struct nfs_files *f, struct xdr in)
{
	struct nfs3_range_args args;

	(void)f;
	nfs3_range_args(&in, &args);
	if (in.failed)
		return RESULT_ROOM;
	return READ_HEAD + (args.count < NFS3_DATA_MAX ? (size_t)args.count + 4 : NFS3_DATA_MAX);
}

static ssize_t read_all(int fd, uint8_t *to, size_t count, off_t offset)
{
	size_t done = 0;

	while (done < count) {
		ssize_t n = pread(fd, to + done, count - done, offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return done ? (ssize_t)done : -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static uint32_t read_data(struct nfs_call *c, struct object *o, const struct nfs3_range_args *args,
	struct nfs3_read_res *res)
{
	uint8_t *to = c->out.out.at + READ_HEAD;
	size_t count = args->count < NFS3_DATA_MAX ? args->count : NFS3_DATA_MAX;
	int fd = object_reopen_file(c, o, O_RDONLY);
	ssize_t n = 0;

	if (fd < 0)
		return status_of_errno(errno);
	if (xdr_left(&c->out) < READ_HEAD + count)
		count = 0; // proc_read_room has made room: not reached
	if (args->offset <= (uint64_t)INT64_MAX - count)
		n = read_all(fd, to, count, (off_t)args->offset);
	if (n < 0) {
		uint32_t status = status_of_errno(errno);

		close(fd);
		return status;
	}
	close(fd);
	object_refresh(o);
	res->count = (uint32_t)n;
	res->eof = args->offset + (uint64_t)n >= (uint64_t)o->st.st_size;
	res->data = (struct xdr_bytes){to, (uint32_t)n};
	return NFS3_OK;
}

bool proc_read(struct nfs_call *c)
{
	struct nfs3_range_args args;
	struct nfs3_read_res res = {0};
	struct object o;

	nfs3_range_args(&c->in, &args);
	if (c->in.failed)
		return false;
	res.status = object_open(c, &args.file, &o);
	if (res.status == NFS3_OK)
		res.status = read_data(c, &o, &args, &res);
	res.attributes = attributes_after(&o);
	nfs3_read_res(&c->out, &res);
	object_close(&o);
	return true;
}

static void copy_verifier(struct nfs_call *c, uint8_t to[NFS3_VERFSIZE])
{
	uint64_t verifier = atomic_load(&c->files->verifier);

	memcpy(to, &verifier, NFS3_VERFSIZE);
}

// How many bytes were written; 0 and errno if none.
static uint32_t write_all(int fd, const struct xdr_bytes *data, off_t offset)
{
	uint32_t done = 0;

	errno = 0;
	while (done < data->length) {
		ssize_t n = pwrite(fd, data->at + done, data->length - done, offset + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (uint32_t)n;
	}
	return done;
}

// 0 or an error number. Clients have to write again what they hold uncommitted when the disk
// failed.
static int flush(struct nfs_call *c, int fd, uint32_t how)
{
	int error = (how == NFS3_DATA_SYNC ? fdatasync(fd) : fsync(fd)) == 0 ? 0 : errno;

	if (error == EINVAL || error == EROFS)
		return 0;
	if (error)
		files_new_verifier(c->files);
	return error;
}

static uint32_t write_data(struct nfs_call *c, struct object *o, const struct nfs3_write_args *args,
	struct nfs3_write_res *res)
{
	bool sync = args->stable != NFS3_UNSTABLE && !o->e->async;
	int fd, error;

	if (args->count != args->data.length)
		return NFS3ERR_INVAL;
	if (args->offset > (uint64_t)INT64_MAX - args->data.length)
		return NFS3ERR_FBIG;
	fd = object_reopen_file(c, o, O_WRONLY);
	if (fd < 0)
		return status_of_errno(errno);
	copy_verifier(c, res->verf); // before the data, should another call's flush fail meanwhile
	res->count = write_all(fd, &args->data, (off_t)args->offset);
	error = res->count < args->data.length && res->count == 0 ? errno : 0;
	if (!error && sync)
		error = flush(c, fd, args->stable);
	close(fd);
	res->committed = args->stable;
	return status_of_errno(error);
}

bool proc_write(struct nfs_call *c)
{
	struct nfs3_write_args args;
	struct nfs3_write_res res = {0};
	struct stat before;
	struct object o;

	nfs3_write_args(&c->in, &args);
	if (c->in.failed)
		return false;
	res.status = object_open_to_change(c, &args.file, &o);
	if (o.fd >= 0) {
		files_lock(c->files, &o.st, &o.st);
		object_refresh(&o);
		before = o.st;
		if (res.status == NFS3_OK)
			res.status = write_data(c, &o, &args, &res);
		res.wcc = attributes_wcc(&before, &o);
		files_unlock(c->files, &before, &before);
	}
	nfs3_write_res(&c->out, &res);
	object_close(&o);
	return true;
}

// As user 0 and for reading: the caller's data is here already, it only has to reach the disk.
static uint32_t commit(struct nfs_call *c, struct object *o, struct nfs3_commit_res *res)
{
	int fd, error;

	if (!S_ISREG(o->st.st_mode))
		return NFS3ERR_INVAL;
	copy_verifier(c, res->verf);
	if (o->e->async)
		return NFS3_OK;
	fd = object_reopen_as_root(c, o, O_RDONLY);
	if (fd < 0)
		return status_of_errno(errno);
	error = flush(c, fd, NFS3_FILE_SYNC);
	close(fd);
	return status_of_errno(error);
}

bool proc_commit(struct nfs_call *c)
{
	struct nfs3_range_args args;
	struct nfs3_commit_res res = {0};
	struct object o;

	nfs3_range_args(&c->in, &args);
	if (c->in.failed)
		return false;
	res.status = object_open_to_change(c, &args.file, &o);
	if (o.fd >= 0) {
		struct stat before = o.st;

		if (res.status == NFS3_OK)
			res.status = commit(c, &o, &res);
		res.wcc = attributes_wcc(&before, &o);
	}
	nfs3_commit_res(&c->out, &res);
	object_close(&o);
	return true;
}
