// SPDX-License-Identifier: BSD-2-Clause
// NFS version 3 (RFC 1813): arguments and results of the 21 procedures. One function per message
// encodes or decodes it (wire/xdr.h). Names, paths, handles and file data are views into the
// message. A result whose status is not NFS3_OK has only the fields that the RFC's resfail names.
#pragma once

#include "netstack/wire/xdr.h"

enum { NFS3_PROGRAM = 100003, NFS3_VERSION = 3, NFS3_PORT = 2049 };

enum nfs3_procedure {
	NFS3_NULL,
	NFS3_GETATTR,
	NFS3_SETATTR,
	NFS3_LOOKUP,
	NFS3_ACCESS,
	NFS3_READLINK,
	NFS3_READ,
	NFS3_WRITE,
	NFS3_CREATE,
	NFS3_MKDIR,
	NFS3_SYMLINK,
	NFS3_MKNOD,
	NFS3_REMOVE,
	NFS3_RMDIR,
	NFS3_RENAME,
	NFS3_LINK,
	NFS3_READDIR,
	NFS3_READDIRPLUS,
	NFS3_FSSTAT,
	NFS3_FSINFO,
	NFS3_PATHCONF,
	NFS3_COMMIT,
	NFS3_PROCEDURES,
};

enum nfs3_status {
	NFS3_OK = 0,
	NFS3ERR_PERM = 1,
	NFS3ERR_NOENT = 2,
	NFS3ERR_IO = 5,
	NFS3ERR_NXIO = 6,
	NFS3ERR_ACCES = 13,
	NFS3ERR_EXIST = 17,
	NFS3ERR_XDEV = 18,
	NFS3ERR_NODEV = 19,
	NFS3ERR_NOTDIR = 20,
	NFS3ERR_ISDIR = 21,
	NFS3ERR_INVAL = 22,
	NFS3ERR_FBIG = 27,
	NFS3ERR_NOSPC = 28,
	NFS3ERR_ROFS = 30,
	NFS3ERR_MLINK = 31,
	NFS3ERR_NAMETOOLONG = 63,
	NFS3ERR_NOTEMPTY = 66,
	NFS3ERR_DQUOT = 69,
	NFS3ERR_STALE = 70,
	NFS3ERR_BADHANDLE = 10001,
	NFS3ERR_NOT_SYNC = 10002,
	NFS3ERR_BAD_COOKIE = 10003,
	NFS3ERR_NOTSUPP = 10004,
	NFS3ERR_TOOSMALL = 10005,
	NFS3ERR_SERVERFAULT = 10006,
	NFS3ERR_BADTYPE = 10007,
	NFS3ERR_JUKEBOX = 10008,
};

enum nfs3_type { NF3REG = 1, NF3DIR, NF3BLK, NF3CHR, NF3LNK, NF3SOCK, NF3FIFO };
enum nfs3_time_how { NFS3_DONT_CHANGE, NFS3_SET_TO_SERVER_TIME, NFS3_SET_TO_CLIENT_TIME };
enum nfs3_stable_how { NFS3_UNSTABLE, NFS3_DATA_SYNC, NFS3_FILE_SYNC };
enum nfs3_createmode { NFS3_UNCHECKED, NFS3_GUARDED, NFS3_EXCLUSIVE };
enum nfs3_access_bit {
	ACCESS3_READ = 1,
	ACCESS3_LOOKUP = 2,
	ACCESS3_MODIFY = 4,
	ACCESS3_EXTEND = 8,
	ACCESS3_DELETE = 16,
	ACCESS3_EXECUTE = 32,
};
enum nfs3_property { FSF3_LINK = 1, FSF3_SYMLINK = 2, FSF3_HOMOGENEOUS = 8, FSF3_CANSETTIME = 16 };

enum {
	NFS3_FHSIZE = 64,
	NFS3_VERFSIZE = 8, // of cookies, of exclusive creation, of writes
	NFS3_NAME_MAX = 1024,
	NFS3_PATH_MAX = 4096,
	NFS3_DATA_MAX = 1 << 20,
};

struct nfs3_time {
	uint32_t seconds, nseconds;
};

struct nfs3_fattr {
	uint32_t type, mode, nlink, uid, gid;
	uint64_t size, used;
	uint32_t rdev_major, rdev_minor;
	uint64_t fsid, fileid;
	struct nfs3_time atime, mtime, ctime;
};

struct nfs3_post_op_attr {
	bool follows;
	struct nfs3_fattr attributes;
};

struct nfs3_pre_op_attr {
	bool follows;
	uint64_t size;
	struct nfs3_time mtime, ctime;
};

struct nfs3_wcc_data {
	struct nfs3_pre_op_attr before;
	struct nfs3_post_op_attr after;
};

struct nfs3_sattr {
	bool set_mode, set_uid, set_gid, set_size;
	uint32_t mode, uid, gid;
	uint64_t size;
	uint32_t set_atime, set_mtime; // nfs3_time_how
	struct nfs3_time atime, mtime;
};

struct nfs3_diropargs {
	struct xdr_bytes dir, name;
};

// A handle that may be missing (post_op_fh3).
struct nfs3_post_op_fh {
	bool follows;
	struct xdr_bytes handle;
};

void nfs3_handle(struct xdr *x, struct xdr_bytes *handle);
void nfs3_fattr(struct xdr *x, struct nfs3_fattr *attributes);
void nfs3_post_op_attr(struct xdr *x, struct nfs3_post_op_attr *attributes);
void nfs3_wcc_data(struct xdr *x, struct nfs3_wcc_data *wcc);
void nfs3_sattr(struct xdr *x, struct nfs3_sattr *attributes);
void nfs3_diropargs(struct xdr *x, struct nfs3_diropargs *where);
void nfs3_post_op_fh(struct xdr *x, struct nfs3_post_op_fh *fh);

// ---- arguments -------------------------------------------------------------------------------
// GETATTR, READLINK, FSSTAT, FSINFO and PATHCONF take nfs3_handle; LOOKUP, REMOVE and RMDIR take
// nfs3_diropargs.

struct nfs3_setattr_args {
	struct xdr_bytes object;
	struct nfs3_sattr attributes;
	bool check; // sattrguard3
	struct nfs3_time ctime;
};

struct nfs3_access_args {
	struct xdr_bytes object;
	uint32_t access;
};

// READ and COMMIT.
struct nfs3_range_args {
	struct xdr_bytes file;
	uint64_t offset;
	uint32_t count;
};

struct nfs3_write_args {
	struct xdr_bytes file;
	uint64_t offset;
	uint32_t count;
	uint32_t stable;
	struct xdr_bytes data;
};

struct nfs3_create_args {
	struct nfs3_diropargs where;
	uint32_t mode; // nfs3_createmode
	struct nfs3_sattr attributes;
	uint8_t verf[NFS3_VERFSIZE]; // NFS3_EXCLUSIVE
};

struct nfs3_mkdir_args {
	struct nfs3_diropargs where;
	struct nfs3_sattr attributes;
};

struct nfs3_symlink_args {
	struct nfs3_diropargs where;
	struct nfs3_sattr attributes;
	struct xdr_bytes path;
};

struct nfs3_mknod_args {
	struct nfs3_diropargs where;
	uint32_t type; // other types than the four of the RFC have no further fields
	struct nfs3_sattr attributes;
	uint32_t rdev_major, rdev_minor;
};

struct nfs3_rename_args {
	struct nfs3_diropargs from, to;
};

struct nfs3_link_args {
	struct xdr_bytes file;
	struct nfs3_diropargs link;
};

// READDIR has no dircount.
struct nfs3_readdir_args {
	struct xdr_bytes dir;
	uint64_t cookie;
	uint8_t verf[NFS3_VERFSIZE];
	uint32_t dircount, maxcount;
};

void nfs3_setattr_args(struct xdr *x, struct nfs3_setattr_args *args);
void nfs3_access_args(struct xdr *x, struct nfs3_access_args *args);
void nfs3_range_args(struct xdr *x, struct nfs3_range_args *args);
void nfs3_write_args(struct xdr *x, struct nfs3_write_args *args);
void nfs3_create_args(struct xdr *x, struct nfs3_create_args *args);
void nfs3_mkdir_args(struct xdr *x, struct nfs3_mkdir_args *args);
void nfs3_symlink_args(struct xdr *x, struct nfs3_symlink_args *args);
void nfs3_mknod_args(struct xdr *x, struct nfs3_mknod_args *args);
void nfs3_rename_args(struct xdr *x, struct nfs3_rename_args *args);
void nfs3_link_args(struct xdr *x, struct nfs3_link_args *args);
void nfs3_readdir_args(struct xdr *x, struct nfs3_readdir_args *args);
void nfs3_readdirplus_args(struct xdr *x, struct nfs3_readdir_args *args);

// ---- results ---------------------------------------------------------------------------------

struct nfs3_getattr_res {
	uint32_t status;
	struct nfs3_fattr attributes;
};

// SETATTR, REMOVE and RMDIR.
struct nfs3_wcc_res {
	uint32_t status;
	struct nfs3_wcc_data wcc;
};

struct nfs3_lookup_res {
	uint32_t status;
	struct xdr_bytes object;
	struct nfs3_post_op_attr attributes, dir_attributes;
};

struct nfs3_access_res {
	uint32_t status;
	struct nfs3_post_op_attr attributes;
	uint32_t access;
};

struct nfs3_readlink_res {
	uint32_t status;
	struct nfs3_post_op_attr attributes;
	struct xdr_bytes path;
};

struct nfs3_read_res {
	uint32_t status;
	struct nfs3_post_op_attr attributes;
	uint32_t count;
	bool eof;
	struct xdr_bytes data;
};

struct nfs3_write_res {
	uint32_t status;
	struct nfs3_wcc_data wcc;
	uint32_t count;
	uint32_t committed; // nfs3_stable_how
	uint8_t verf[NFS3_VERFSIZE];
};

// CREATE, MKDIR, SYMLINK and MKNOD.
struct nfs3_create_res {
	uint32_t status;
	struct nfs3_post_op_fh object;
	struct nfs3_post_op_attr attributes;
	struct nfs3_wcc_data dir_wcc;
};

struct nfs3_rename_res {
	uint32_t status;
	struct nfs3_wcc_data fromdir_wcc, todir_wcc;
};

struct nfs3_link_res {
	uint32_t status;
	struct nfs3_post_op_attr attributes;
	struct nfs3_wcc_data linkdir_wcc;
};

// What comes before the entries of READDIR and READDIRPLUS.
struct nfs3_readdir_res {
	uint32_t status;
	struct nfs3_post_op_attr dir_attributes;
	uint8_t verf[NFS3_VERFSIZE];
};

struct nfs3_entry {
	uint64_t fileid;
	struct xdr_bytes name;
	uint64_t cookie;
	struct nfs3_post_op_attr attributes; // READDIRPLUS only, like the handle
	struct nfs3_post_op_fh handle;
};

struct nfs3_fsstat_res {
	uint32_t status;
	struct nfs3_post_op_attr attributes;
	uint64_t tbytes, fbytes, abytes, tfiles, ffiles, afiles;
	uint32_t invarsec;
};

struct nfs3_fsinfo_res {
	uint32_t status;
	struct nfs3_post_op_attr attributes;
	uint32_t rtmax, rtpref, rtmult, wtmax, wtpref, wtmult, dtpref;
	uint64_t maxfilesize;
	struct nfs3_time time_delta;
	uint32_t properties;
};

struct nfs3_pathconf_res {
	uint32_t status;
	struct nfs3_post_op_attr attributes;
	uint32_t linkmax, name_max;
	bool no_trunc, chown_restricted, case_insensitive, case_preserving;
};

struct nfs3_commit_res {
	uint32_t status;
	struct nfs3_wcc_data wcc;
	uint8_t verf[NFS3_VERFSIZE];
};

void nfs3_getattr_res(struct xdr *x, struct nfs3_getattr_res *res);
void nfs3_wcc_res(struct xdr *x, struct nfs3_wcc_res *res);
void nfs3_lookup_res(struct xdr *x, struct nfs3_lookup_res *res);
void nfs3_access_res(struct xdr *x, struct nfs3_access_res *res);
void nfs3_readlink_res(struct xdr *x, struct nfs3_readlink_res *res);
void nfs3_read_res(struct xdr *x, struct nfs3_read_res *res);
void nfs3_write_res(struct xdr *x, struct nfs3_write_res *res);
void nfs3_create_res(struct xdr *x, struct nfs3_create_res *res);
void nfs3_rename_res(struct xdr *x, struct nfs3_rename_res *res);
void nfs3_link_res(struct xdr *x, struct nfs3_link_res *res);
void nfs3_readdir_res(struct xdr *x, struct nfs3_readdir_res *res);
// One step of the list: *more says whether an entry follows; call until it does not, then comes the
// boolean that says whether the directory ends here (xdr_bool).
void nfs3_entry(struct xdr *x, bool *more, struct nfs3_entry *entry);
void nfs3_entryplus(struct xdr *x, bool *more, struct nfs3_entry *entry);
void nfs3_fsstat_res(struct xdr *x, struct nfs3_fsstat_res *res);
void nfs3_fsinfo_res(struct xdr *x, struct nfs3_fsinfo_res *res);
void nfs3_pathconf_res(struct xdr *x, struct nfs3_pathconf_res *res);
void nfs3_commit_res(struct xdr *x, struct nfs3_commit_res *res);
