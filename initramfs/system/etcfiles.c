// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/system/etcfiles.h"

#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/system/fstab.h"
#include "initramfs/system/identity.h"
#include "initramfs/system/netconf.h"
#include "initramfs/system/runfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 3 };

#define OWNER "/etc/hostname.owner"
#define DBUS_ID "/var/lib/dbus/machine-id"
#define DHCPCD_COPY "/run/lanyard/dhcpcd.conf"

enum { FSTAB, CRYPTTAB };

// The copies that init is told of: systemd's generators read these variables; what Debian's initscripts
// call reads the others (mount, swapon and fsck by libmount; cryptdisks).
static const struct {
	const char *path, *copy, *systemd, *initscripts;
} told[] = {
	[FSTAB] = {"/etc/fstab", "/run/lanyard/fstab", "SYSTEMD_FSTAB", "LIBMOUNT_FSTAB"},
	[CRYPTTAB] = {"/etc/crypttab", "/run/lanyard/crypttab", "SYSTEMD_CRYPTTAB", "TABFILE"},
};

static void lay(const struct etcfiles *e, const char *path, const struct text *t)
{
	if (t->cut)
		milestone_notice("%s is too long: it stays as it is", path);
	else if (!layer_file(e->layer, path, t->start, t->length) && errno != ENOENT)
		milestone_notice("%s stays as it is: %s", path, strerror(errno));
}

static void lay_hosts(const struct etcfiles *e)
{
	struct file_edit hosts;

	if (!file_edit_begin(&hosts, "/etc/hosts"))
		return;
	identity_hosts(hosts.text, e->hostname, e->lease->domain, &hosts.copy);
	lay(e, "/etc/hosts", &hosts.copy);
	file_edit_end(&hosts);
}

// `done`: the file has the line already, or there is none.
static bool add_to_hosts_once(const struct etcfiles *e, const char *path, const char *name, bool *done)
{
	char address[IPADDR_TEXT];
	struct file_edit hosts;
	bool good;

	ipaddr_format(&e->lease->address, address);
	if (!file_edit_begin(&hosts, path)) {
		*done = errno == ENOENT;
		return *done;
	}
	*done = !identity_add_host(hosts.text, address, name, e->lease->domain, &hosts.copy);
	errno = EFBIG;
	good = *done || (!hosts.copy.cut && file_replace(path, hosts.copy.start, hosts.copy.length));
	file_edit_end(&hosts);
	return good;
}

// Another machine may have replaced the file at the same time, without our line: it is looked at again.
static bool add_to_hosts(const struct etcfiles *e, const char *name)
{
	char path[PATH_MAX];
	bool done = false, good = true;

	if (!realpath("/etc/hosts", path))
		return errno == ENOENT;
	for (int i = 0; i < TRIES && good && !done; i++)
		good = add_to_hosts_once(e, path, name, &done);
	return good;
}

// In a tree that can be written: sudo(8) and others complain of a machine that does not find itself.
static void name_in_hosts(const struct etcfiles *e, bool named)
{
	char nsswitch[4096], there[256], name[IDENTITY_NAME];

	file_read("/etc/hostname", there, sizeof there);
	there[strcspn(there, "\n")] = 0;
	netconf_hostname(named ? e->hostname : there, name);
	file_read("/etc/nsswitch.conf", nsswitch, sizeof nsswitch);
	if (name[0] && !ipaddr_is_unset(&e->lease->address) && !identity_knows_itself(nsswitch) &&
		!add_to_hosts(e, name))
		milestone_notice("/etc/hosts does not get the name %s: %s", name, strerror(errno));
}

// The name in a tree that can be written is one machine's: the first one's that came without another.
static bool owns_hostname(const struct etcfiles *e)
{
	char text[200], there[200];
	struct text t = text_of(text, sizeof text);
	int fd = open(OWNER, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool written;

	if (fd < 0)
		return file_read(OWNER, there, sizeof there) > 0 && strstr(there, e->machine_id);
	text_format(&t, "# The machine-id of the machine that /etc/hostname names: lanyard-root(7)\n%s\n",
		e->machine_id);
	written = write(fd, t.start, t.length) == (ssize_t)t.length;
	if (close(fd) == 0 && written)
		return true;
	unlink(OWNER); // else the name would be nobody's for ever
	return false;
}

// Gives whether the name is another one than the tree's.
static bool lay_hostname(const struct etcfiles *e)
{
	char name[IDENTITY_NAME + 1];
	struct text t = text_of(name, sizeof name);

	if (e->layer == LAYER_WRITABLE && !e->given && access("/etc/hostname", F_OK) == 0 &&
		owns_hostname(e))
		return false;
	if (e->layer == LAYER_WRITABLE && e->systemd) {
		runfiles_hostname(e->hostname);
		return true;
	}
	text_format(&t, "%s\n", e->hostname);
	lay(e, "/etc/hostname", &t);
	if (e->layer != LAYER_WRITABLE)
		lay_hosts(e);
	return true;
}

static void lay_machine_id(const struct etcfiles *e)
{
	char id[IDENTITY_ID + 1];
	struct text t = text_of(id, sizeof id);
	struct stat st;

	text_format(&t, "%s\n", e->machine_id);
	// systemd would make one in the tree, and believe in it until the next boot.
	if (e->layer == LAYER_WRITABLE && e->systemd && access("/etc/machine-id", F_OK) < 0)
		file_write("/etc/machine-id", "", 0);
	lay(e, "/etc/machine-id", &t);
	// D-Bus's own, where it has not become a link to that one.
	if (lstat(DBUS_ID, &st) == 0 && S_ISREG(st.st_mode))
		lay(e, DBUS_ID, &t);
}

static bool has_initscripts(void)
{
	return access("/lib/init/mount-functions.sh", F_OK) == 0;
}

static void without(const struct etcfiles *e, size_t i,
	unsigned (*edit)(const char *text, struct text *to))
{
	const char *path = told[i].path;
	struct file_edit table;
	const struct text *t = &table.copy;
	unsigned count;

	if (!file_edit_begin(&table, path))
		return;
	count = edit(table.text, &table.copy);
	if (count) {
		milestone_notice("%u lines of %s are for disks and left out (lanyard.keep=fstab keeps them)",
			count, path);
		if (e->layer != LAYER_WRITABLE || !(e->systemd || has_initscripts()))
			lay(e, path, t);
		else if (t->cut || !file_write(told[i].copy, t->start, t->length))
			milestone_notice("%s: %s", told[i].copy, t->cut ? "too long" : strerror(errno));
		else if (i == FSTAB)
			runfiles_fstab(told[i].copy, e->systemd);
	}
	file_edit_end(&table);
}

// dhcpcd(8) reads no other file than its own. It would take the card's address away.
static void deny_dhcpcd(const struct etcfiles *e)
{
	struct file_edit conf;
	struct text *t = &conf.copy;

	if (!file_edit_begin(&conf, "/etc/dhcpcd.conf"))
		return;
	text_format(t, "%s\ndenyinterfaces %s %s\n", conf.text, e->device, e->below ? e->below : "");
	if (e->layer != LAYER_WRITABLE)
		lay(e, "/etc/dhcpcd.conf", t);
	else if (e->systemd && !t->cut && file_write(DHCPCD_COPY, t->start, t->length))
		runfiles_dhcpcd(DHCPCD_COPY);
	file_edit_end(&conf);
}

static bool is_zone_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-_/");

	return length && !name[length] && name[0] != '/';
}

// Only where nobody else reads it.
static void set_zone(const struct etcfiles *e)
{
	char path[320];
	struct text t = text_of(path, sizeof path);

	if (e->layer != LAYER_OVERLAY || !is_zone_name(e->lease->tz_name))
		return;
	text_format(&t, "/usr/share/zoneinfo/%s", e->lease->tz_name);
	if (t.cut || access(path, R_OK) < 0) {
		milestone_notice("the root has no time zone %s", e->lease->tz_name);
		return;
	}
	unlink("/etc/localtime");
	if (symlink(path, "/etc/localtime") < 0)
		milestone_notice("/etc/localtime: %s", strerror(errno));
	t = text_of(path, sizeof path);
	text_format(&t, "%s\n", e->lease->tz_name);
	if (access("/etc/timezone", F_OK) == 0)
		lay(e, "/etc/timezone", &t);
}

// run-parts(8) passes over what cannot be executed.
static void switch_off_scripts(const struct etcfiles *e)
{
	static const char *const scripts[] = {"/etc/cron.daily/apt-compat", "/etc/cron.daily/man-db",
		"/etc/cron.weekly/man-db", "/etc/cron.daily/mlocate",
		"/etc/cron.daily/plocate", "/etc/cron.weekly/fstrim"};

	for (size_t i = 0; e->layer == LAYER_OVERLAY && i < sizeof scripts / sizeof *scripts; i++)
		if (chmod(scripts[i], 0644) < 0 && errno != ENOENT)
			milestone_notice("%s: %s", scripts[i], strerror(errno));
}

void etcfiles_lay(const struct etcfiles *e)
{
	bool named = !e->keep_hostname && lay_hostname(e);

	if (e->systemd)
		runfiles_cloud_init(!e->keep_network, named);
	if (!e->keep_hostname && e->layer == LAYER_WRITABLE)
		name_in_hosts(e, named);
	if (!e->keep_machine_id)
		lay_machine_id(e);
	if (!e->keep_fstab) {
		without(e, FSTAB, fstab_without_disks);
		without(e, CRYPTTAB, fstab_without_crypt);
	}
	if (!e->keep_network)
		deny_dhcpcd(e);
	if (!e->keep_jobs)
		switch_off_scripts(e);
	set_zone(e);
}

void etcfiles_tell(bool systemd)
{
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (access(told[i].copy, R_OK) == 0)
			setenv(systemd ? told[i].systemd : told[i].initscripts, told[i].copy, 1);
}
