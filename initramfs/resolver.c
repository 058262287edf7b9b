// SPDX-License-Identifier: BSD-2-Clause
// /etc/resolv.conf comes in four kinds (on an overlay it becomes a link): a file (bound over), a link
// to a file (its target is bound over), a link into /run to a file that some daemon will write (ours is
// put there meanwhile), and nothing at all (made, where the root can be written).
#include "initramfs/resolver.h"

#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/netconf.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESOLVER "/etc/resolv.conf"
#define OURS "/run/lanyard/resolv.conf"

// The absolute path that a dangling link names, if it lies in /run; links are relative to /etc.
static bool target_in_run(char target[PATH_MAX])
{
	char link[PATH_MAX];
	ssize_t length = readlink(RESOLVER, link, sizeof link - 1);
	struct text t = text_of(target, PATH_MAX);

	if (length <= 0)
		return false;
	link[length] = 0;
	text_format(&t, "%s", text_starts(link, "../run/") ? link + 2 : link);
	return !t.cut && text_starts(target, "/run/") && !strstr(target, "/../");
}

static bool put_there(const char *target, const struct text *contents)
{
	char directory[PATH_MAX];

	memcpy(directory, target, strlen(target) + 1);
	*strrchr(directory, '/') = 0;
	return file_make_directories(directory) &&
		file_write(target, contents->start, contents->length);
}

static bool says_the_same(const struct text *t)
{
	char there[2048];
	ssize_t length = file_read(RESOLVER, there, sizeof there);

	return length == (ssize_t)t->length && memcmp(there, t->start, t->length) == 0;
}

// Of an overlay it is replaced, as other programs may do again.
static bool link_to_ours(void)
{
	return (unlink(RESOLVER) == 0 || errno == ENOENT) && symlink(".." OURS, RESOLVER) == 0;
}

void resolver_lay(const struct lease *lease, enum layer layer)
{
	char contents[2048], target[PATH_MAX];
	struct text t = text_of(contents, sizeof contents);
	struct stat st;
	bool done;

	netconf_resolv(lease, &t);
	if (!t.length || says_the_same(&t))
		return;
	done = file_make_directories("/run/lanyard") && file_write(OURS, contents, t.length);
	if (done && stat(RESOLVER, &st) == 0)
		done = layer == LAYER_OVERLAY ? link_to_ours() : layer_bind(OURS, RESOLVER);
	else if (done && target_in_run(target))
		done = put_there(target, &t);
	else if (done)
		done = layer == LAYER_OVERLAY ? link_to_ours()
			: file_write(RESOLVER, "", 0) && layer_bind(OURS, RESOLVER);
	if (!done)
		milestone_notice("no " RESOLVER " from the lease: %s", strerror(errno));
}
