// SPDX-License-Identifier: BSD-2-Clause
// /etc/resolv.conf comes in four kinds: a file, a link to a file, a link into /run to a file that some
// daemon will write (ours is put there meanwhile), and nothing at all.
//
// On an overlay a file becomes a link to ours. On a read-only root ours is bound over it. In a root that
// can be written other programs must be able to put a file of theirs in its place (rename), which a mount
// point does not allow: it gets the text itself, as a DHCP client would write it, and what was there
// before is kept beside it. Where machines that share the root have different servers, those of the one
// that wrote the file stay there and the others have theirs bound over it.
#include "initramfs/system/resolver.h"

#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/system/netconf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESOLVER "/etc/resolv.conf"
#define OURS "/run/lanyard/resolv.conf"
#define MARK "# DHCP's, written by lanyard-init (lanyard.keep=resolver leaves this file alone)\n"
#define BEFORE ".before-lanyard"

enum { CONF = 2048, FILE_MOST = CONF + 256 };

// The absolute path that a dangling link names, if it lies in /run; links are relative to /etc.
static bool target_in_run(char target[PATH_MAX])
{
	char link[PATH_MAX];
	ssize_t length = readlink(RESOLVER, link, sizeof link - 1);
	struct text t = text_of(target, PATH_MAX);
	const char *from = link;

	if (length <= 0)
		return false;
	link[length] = 0;
	if (text_starts(from, "../"))
		from += 2;
	if (text_starts(from, "/var/run/"))
		from += 4;
	text_format(&t, "%s", from);
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
	char there[CONF];
	ssize_t length = file_read(RESOLVER, there, sizeof there);

	return length == (ssize_t)t->length && memcmp(there, t->start, t->length) == 0;
}

// Of an overlay it is replaced, as other programs may do again.
static bool link_to_ours(void)
{
	return (unlink(RESOLVER) == 0 || errno == ENOENT) && symlink(".." OURS, RESOLVER) == 0;
}

// A new file takes the old one's place in the tree itself.
static bool take_place(const char *path, const struct text *t, bool keep)
{
	char kept[PATH_MAX + 16];
	struct text k = text_of(kept, sizeof kept);

	text_format(&k, "%s" BEFORE, path);
	if (keep && link(path, kept) == 0)
		milestone_notice("%s is kept as %s", path, kept);
	else if (keep && errno != EEXIST && errno != ENOENT)
		return false;
	return file_replace(path, t->start, t->length);
}

// The servers in a file that a machine has written: what stands behind MARK and the machine's id. NULL
// for any other file.
static const char *behind_mark(const char *file, const char *id, bool *own)
{
	const char *line = file + strlen(MARK), *end;

	if (strncmp(file, MARK, strlen(MARK)) != 0 || strncmp(line, "# ", 2) != 0)
		return NULL;
	end = strchr(line, '\n');
	*own = end && text_is(line + 2, (size_t)(end - line) - 2, id);
	return end ? end + 1 : NULL;
}

// False if the file in the tree has to be left to another machine, or cannot be written.
static bool write_in_tree(const struct text *conf, const char *id)
{
	char path[PATH_MAX], there[FILE_MOST] = "", text[FILE_MOST];
	struct text t = text_of(text, sizeof text);
	const char *servers;
	bool own = false;

	file_read(RESOLVER, there, sizeof there);
	servers = behind_mark(there, id, &own);
	if (servers && strcmp(servers, conf->start) == 0)
		return true;
	if (servers && !own)
		return false;
	text_format(&t, MARK "# %s\n%s", id, conf->start);
	return take_place(realpath(RESOLVER, path) ? path : RESOLVER, &t, !servers);
}

static bool lay_ours(const struct text *conf, enum layer layer, bool there)
{
	if (!file_make_directories("/run/lanyard") || !file_write(OURS, conf->start, conf->length))
		return false;
	if (layer == LAYER_OVERLAY)
		return link_to_ours();
	errno = ENOENT;
	return there && layer_bind(OURS, RESOLVER);
}

void resolver_lay(const struct lease *lease, enum layer layer, const char *id)
{
	char contents[CONF], target[PATH_MAX];
	struct text t = text_of(contents, sizeof contents);
	struct stat st;
	bool there, done;

	netconf_resolv(lease, &t);
	if (!t.length || says_the_same(&t))
		return;
	there = stat(RESOLVER, &st) == 0;
	if (!there && target_in_run(target))
		done = put_there(target, &t);
	else
		done = (layer == LAYER_WRITABLE && write_in_tree(&t, id)) || lay_ours(&t, layer, there);
	if (!done)
		milestone_notice("no " RESOLVER " from the lease: %s", strerror(errno));
}

// In place, as others may read it by now.
void resolver_follow(const struct lease *lease, int run)
{
	char there[FILE_MOST] = "", text[FILE_MOST];
	struct text t = text_of(text, sizeof text);
	int fd = openat(run, ".." RESOLVER, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	const char *servers = NULL;
	bool own;

	if (fd >= 0 && read(fd, there, sizeof there - 1) > 0)
		servers = behind_mark(there, "", &own);
	if (servers) {
		text_append(&t, there, (size_t)(servers - there));
		netconf_resolv(lease, &t);
		if (ftruncate(fd, 0) < 0 || pwrite(fd, t.start, t.length, 0) < 0)
			milestone_notice(RESOLVER ": %s", strerror(errno));
	}
	if (fd >= 0)
		close(fd);
}
