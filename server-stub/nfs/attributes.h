// SPDX-License-Identifier: BSD-2-Clause
// Attributes between stat(2) and NFSv3, and setting them.
#pragma once

#include "server-stub/nfs/object.h"

struct nfs3_fattr attributes_of(const struct nfs_export *e, const struct stat *st);
// Empty for OBJECT_NONE.
struct nfs3_post_op_attr attributes_after(const struct object *o);
// From attributes taken before the operation, and the object after it (refreshed here).
struct nfs3_wcc_data attributes_wcc(const struct stat *before, struct object *o);
// Sets what `s` names, size first and times last. 0 or an error number.
int attributes_set(const struct nfs_call *c, const struct object *o, const struct nfs3_sattr *s);
// For what was just created: owner, where the caller may say it, mode bits that creation or chown
// took away, and times.
int attributes_set_new(const struct nfs_call *c, struct object *o, const struct nfs3_sattr *s);
