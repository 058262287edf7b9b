// SPDX-License-Identifier: BSD-2-Clause
// Whose rights a thread has at the file system. The C library's setfsuid and setgroups would change
// all threads of the process; these are the kernel's own calls, which change the calling one.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum { CREDENTIALS_GROUPS = 16, CREDENTIALS_NOBODY = 65534 };

struct credentials {
	uid_t uid;
	gid_t gid;
	gid_t groups[CREDENTIALS_GROUPS];
	unsigned group_count;
};

// The calling thread touches files as this user from now on. Aborts the process if the kernel
// refuses: going on with another user's rights would be worse.
void credentials_become(const struct credentials *c);
// Back to user 0, whose capabilities return with it; the groups stay as they are.
void credentials_root(void);
