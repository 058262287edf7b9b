// SPDX-License-Identifier: BSD-2-Clause
// With a file system uid other than 0 the kernel takes the capabilities that override permissions
// (capabilities(7), "Effect of user ID changes"); with 0 they come back.
#include "server-stub/nfs/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void fail(const char *what, unsigned id)
{
	fprintf(stderr, "nfs: the kernel refuses %s(%u): giving up\n", what, id);
	abort();
}

// The calls return the old value, and an impossible id changes nothing: that tells the new one.
static void set(long number, const char *what, unsigned id)
{
	syscall(number, id);
	if ((unsigned)syscall(number, (unsigned)-1) != id)
		fail(what, id);
}

void credentials_become(const struct credentials *c)
{
	credentials_root();
	if (syscall(SYS_setgroups, (size_t)c->group_count, c->groups) != 0)
		fail("setgroups", c->group_count);
	set(SYS_setfsgid, "setfsgid", c->gid);
	if (c->uid != 0)
		set(SYS_setfsuid, "setfsuid", c->uid);
}

void credentials_root(void)
{
	set(SYS_setfsuid, "setfsuid", 0);
}
