// SPDX-License-Identifier: BSD-2-Clause
// Each file is for one program; all of them read /run besides /etc. Names of interfaces that go into
// files were checked when the kernel took them or when they came from interfaces(5).
#include "initramfs/system/runfiles.h"

#include "initramfs/cmdline.h"
#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/net/names.h"
#include "initramfs/pattern.h"
#include "initramfs/system/cloudinit.h"
#include "initramfs/system/fixednames.h"
#include "initramfs/system/ifupdown.h"
#include "initramfs/system/netconf.h"
#include "initramfs/system/ntpsec.h"
#include "netstack/wire/linkparam.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONTENTS = 2048, NAMES = 512, INTERFACES = 64 << 10, DEPTH = 4 };

static void put(const char *directory, const char *name, const struct text *contents)
{
	if (contents->cut || !file_write_in(directory, name, contents->start, contents->length))
		milestone_notice("%s/%s: %s", directory, name, contents->cut ? "too long" : strerror(errno));
}

static void mask(const char *unit)
{
	char path[160];
	struct text t = text_of(path, sizeof path);

	text_format(&t, "/run/systemd/system/%s", unit);
	if (!file_make_directories("/run/systemd/system") || symlink("/dev/null", path) < 0)
		milestone_notice("%s: %s", path, strerror(errno));
}

// ---- the card -----------------------------------------------------------------------------------

static void put_match(struct text *t, const struct runfiles *r)
{
	text_format(t, "[Match]\nMACAddress=");
	text_hwaddr(t, r->hwaddr, 6, ':');
	text_format(t, "\n\n");
}

static void write_networkd(const struct runfiles *r)
{
	char room[CONTENTS];
	struct text t = text_of(room, sizeof room);

	put_match(&t, r);
	text_format(&t, "[Link]\nUnmanaged=yes\n\n[Network]\nKeepConfiguration=yes\n");
	put("/run/systemd/network", "00-lanyard.network", &t);
	t = text_of(room, sizeof room);
	put_match(&t, r);
	// Without a policy the name stays.
	text_format(&t, "[Link]\nMACAddressPolicy=none\n");
	put("/run/systemd/network", "00-lanyard.link", &t);
	// It waits for ever where it manages no card.
	mask("systemd-networkd-wait-online.service");
}

static bool has_link_server(const struct lease *lease)
{
	for (size_t i = 0; i < LEASE_SERVERS; i++)
		if (ipaddr_is_link_local(&lease->dns[i]))
			return true;
	return false;
}

// It writes resolv.conf anew, with these servers in place of those of its connections. It takes none with a
// zone: then it is to leave resolv.conf alone.
static void put_dns(struct text *t, const struct runfiles *r)
{
	const char *before = "\n[global-dns-domain-*]\nservers=";
	const struct ipaddr *dns = r->lease->dns;
	char search[LEASE_TEXT], shown[IPADDR_TEXT];
	struct text s = text_of(search, sizeof search);

	if (has_link_server(r->lease)) {
		text_format(t, "\n[main]\ndns=none\n");
		return;
	}
	netconf_search(r->lease, &s);
	if (s.length && !ipaddr_is_unset(&dns[0])) {
		text_format(t, "\n[global-dns]\nsearches=");
		for (const char *at = search; *at; at++)
			text_putc(t, *at == ' ' ? ',' : *at);
		text_putc(t, '\n');
	}
	for (size_t i = 0; i < LEASE_SERVERS && !ipaddr_is_unset(&dns[i]); i++, before = ",")
		text_format(t, "%s%s", before, ipaddr_format(&dns[i], shown));
	text_putc(t, '\n');
}

static void write_networkmanager(const struct runfiles *r)
{
	char room[CONTENTS];
	struct text t = text_of(room, sizeof room);

	text_format(&t, "[keyfile]\nunmanaged-devices=mac:");
	text_hwaddr(&t, r->hwaddr, 6, ':');
	text_format(&t, "\n\n[device-lanyard]\nmatch-device=mac:");
	text_hwaddr(&t, r->hwaddr, 6, ':');
	text_format(&t, "\nmanaged=0\n");
	put_dns(&t, r);
	put("/run/NetworkManager/conf.d", "00-lanyard.conf", &t);
}

// What ifupdown is to leave alone, collected while its files are read.
struct exclusion {
	const struct runfiles *r;
	struct text names; // with blanks between them
	int depth;
};

static bool is_listed(const struct text *names, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = names->start; (at = strstr(at, name)); at += length)
		if ((at == names->start || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

static bool exists(const char *name)
{
	char path[64];
	struct text t = text_of(path, sizeof path);

	text_format(&t, "/sys/class/net/%s", name);
	return access(path, F_OK) == 0;
}

static bool is_ours(const struct runfiles *r, const char *name)
{
	return strcmp(name, r->device) == 0 || (r->below && strcmp(name, r->below) == 0) ||
		names_fit(name, r->below ? r->below : r->device, r->hwaddr);
}

// The name of a card that this machine does not have: the tree was installed on another one.
static bool is_elsewhere(const struct runfiles *r, const char *name)
{
	if (strpbrk(name, ".:") || exists(name))
		return false;
	return text_starts(name, "en") || text_starts(name, "eth") ||
		fixednames_is_elsewhere(name, r->device, r->below);
}

static void exclude(void *owner, const char *name)
{
	struct exclusion *e = owner;

	if (!linkparam_is_name(name, strlen(name)) || is_listed(&e->names, name))
		return;
	if (is_ours(e->r, name))
		text_format(&e->names, " %s", name);
	else if (is_elsewhere(e->r, name)) {
		text_format(&e->names, " %s", name);
		milestone_notice("ifupdown: this machine has no %s: it is left out", name);
	}
}

static void read_interfaces(struct exclusion *e, const char *path);

// The files of one directory; `pattern` is cut at its last component.
static void read_matching(struct exclusion *e, char *pattern)
{
	char *last = strrchr(pattern, '/');
	DIR *dir;

	*last++ = 0;
	dir = opendir(pattern);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char path[600];
		struct text t = text_of(path, sizeof path);

		text_format(&t, "%s/%s", pattern, entry->d_name);
		if (entry->d_name[0] != '.' && pattern_match(last, entry->d_name))
			read_interfaces(e, path);
	}
	closedir(dir);
}

static void read_source(void *owner, const char *pattern)
{
	struct exclusion *e = owner;
	char full[256];
	struct text t = text_of(full, sizeof full);
	struct stat st;

	text_format(&t, pattern[0] == '/' ? "%s" : "/etc/network/%s", pattern);
	if (stat(full, &st) == 0 && S_ISDIR(st.st_mode))
		text_format(&t, "/*");
	if (t.cut || e->depth >= DEPTH)
		return;
	e->depth++;
	read_matching(e, full);
	e->depth--;
}

static void read_interfaces(struct exclusion *e, const char *path)
{
	size_t length;
	char *text = file_load(path, INTERFACES, &length);

	if (text)
		ifupdown_read(text, exclude, read_source, e);
	free(text);
}

static void put_drop_in(const char *unit, const char *before, const char *value, const char *after)
{
	char directory[128], room[CONTENTS];
	struct text d = text_of(directory, sizeof directory), t = text_of(room, sizeof room);

	text_format(&d, "/run/systemd/system/%s.d", unit);
	text_format(&t, "[Service]\n%s%s%s\n", before, value, after);
	put(directory, "lanyard.conf", &t);
}

#define IFSTATE_DIRECTORY "/run/network"
#define IFSTATE "ifstate"
#define NETWORKING "/etc/default/networking"

// Without systemd: ifup(8) believes that the names are up, by an entry of interfaces(5) that there is
// not, so that ifdown(8) has nothing to do for them but to forget that. It looks into a file for each.
static void put_state(const char *names)
{
	char room[CONTENTS], name[64], word[] = "lanyard";
	struct text t = text_of(room, sizeof room);
	const struct text state = {word, sizeof word - 1, sizeof word, false};

	while (*(names += strspn(names, " "))) {
		struct text n = text_of(name, sizeof name);
		size_t length = strcspn(names, " ");

		text_append(&t, names, length);
		text_format(&t, "=%s\n", word);
		text_format(&n, IFSTATE ".");
		text_append(&n, names, length);
		put(IFSTATE_DIRECTORY, name, &state);
		names += length;
	}
	put(IFSTATE_DIRECTORY, IFSTATE, &t);
}

// Without systemd: a start of networking leaves the names out, once a stop has forgotten them.
static void put_exclusion(const struct runfiles *r, const char *names)
{
	char room[2 * CONTENTS + NAMES], *there;
	struct text t = text_of(room, sizeof room);
	size_t length;

	there = file_load(NETWORKING, 2 * CONTENTS, &length);
	if (!there)
		return;
	text_format(&t, "%s\nEXCLUDE_INTERFACES=\"$EXCLUDE_INTERFACES %s\"\n", there, names);
	free(there);
	if (t.cut || !layer_file(r->layer, NETWORKING, t.start, t.length))
		milestone_notice("%s: %s", NETWORKING, t.cut ? "too long" : strerror(errno));
}

static void mask_hotplug(const char *names)
{
	while (*(names += strspn(names, " "))) {
		char unit[64];
		struct text t = text_of(unit, sizeof unit);
		size_t length = strcspn(names, " ");

		text_format(&t, "ifup@");
		text_append(&t, names, length);
		text_format(&t, ".service");
		names += length;
		if (!strchr(unit, '-')) // which unit names write in another way
			mask(unit);
	}
}

static void write_ifupdown(const struct runfiles *r)
{
	char names[NAMES];
	struct exclusion e = {.r = r, .names = text_of(names, sizeof names)};

	if (access("/etc/network/interfaces", F_OK) < 0)
		return;
	text_format(&e.names, "%s", r->device);
	if (r->below)
		text_format(&e.names, " %s", r->below);
	read_interfaces(&e, "/etc/network/interfaces");
	if (!r->systemd) {
		put_state(names);
		put_exclusion(r, names);
		return;
	}
	put_drop_in("networking.service", "Environment=\"EXCLUDE_INTERFACES=", names, "\"");
	put_drop_in("ifupdown-wait-online.service", "Environment=", "WAIT_ONLINE_METHOD=none", "");
	mask_hotplug(names);
}

// ConnMan knows a root over NFS by itself only where the command line has its server's address.
static void write_connman(const struct runfiles *r)
{
	char value[128];
	struct text t = text_of(value, sizeof value);

	if (access("/usr/sbin/connmand", X_OK) < 0)
		return;
	text_format(&t, "/usr/sbin/connmand -n --nodevice=%s", r->device);
	if (r->below)
		text_format(&t, ",%s", r->below);
	put_drop_in("connman.service", "ExecStart=\nExecStart=", value, "");
}

// ---- servers and jobs ---------------------------------------------------------------------------

// `list`: servers of the lease.
static void put_addresses(struct text *t, const struct lease *lease, const char *before,
	const struct ipaddr *list, const char *after)
{
	char shown[NETCONF_SERVER];

	for (size_t i = 0; i < LEASE_SERVERS && !ipaddr_is_unset(&list[i]); i++)
		text_format(t, "%s%s%s", before, netconf_server(lease, &list[i], shown), after);
}

// resolvconf(8) and openresolv put resolv.conf together from what each program says of each interface.
// Either may be installed later.
static void write_resolvconf(const struct runfiles *r)
{
	char room[CONTENTS], name[64];
	struct text t = text_of(room, sizeof room), n = text_of(name, sizeof name);

	netconf_resolv(r->lease, &t);
	text_format(&n, "%s.lanyard", r->device);
	if (!t.length)
		return;
	put("/run/resolvconf/interface", name, &t);
	put("/run/resolvconf/interfaces", name, &t);
}

// ntpsec uses this file instead of its own.
static void write_ntpsec(const struct runfiles *r)
{
	struct file_edit e;

	if (!file_edit_begin(&e, "/etc/ntpsec/ntp.conf"))
		return;
	ntpsec_conf(e.text, r->lease, &e.copy);
	put("/run/ntpsec", "ntp.conf.dhcp", &e.copy);
	file_edit_end(&e);
}

static void write_servers(const struct runfiles *r)
{
	char room[CONTENTS], search[LEASE_TEXT];
	struct text t = text_of(room, sizeof room), s = text_of(search, sizeof search);

	write_resolvconf(r);
	text_format(&t, "[Resolve]\n");
	put_addresses(&t, r->lease, "DNS=", r->lease->dns, "\n");
	netconf_search(r->lease, &s);
	if (s.length)
		text_format(&t, "Domains=%s\n", search);
	if (!ipaddr_is_unset(&r->lease->dns[0]))
		put("/run/systemd/resolved.conf.d", "lanyard.conf", &t);
	if (ipaddr_is_unset(&r->lease->ntp[0]))
		return;
	t = text_of(room, sizeof room);
	text_format(&t, "[Time]\n");
	put_addresses(&t, r->lease, "NTP=", r->lease->ntp, "\n");
	put("/run/systemd/timesyncd.conf.d", "lanyard.conf", &t);
	t = text_of(room, sizeof room);
	put_addresses(&t, r->lease, "server ", r->lease->ntp, " iburst\n");
	put("/run/chrony-dhcp", "lanyard.sources", &t);
	write_ntpsec(r);
}

static void mask_jobs(void)
{
	static const char *const jobs[] = {"apt-daily.timer", "apt-daily-upgrade.timer",
		"e2scrub_all.timer", "fstrim.timer", "man-db.timer", "mlocate.timer",
		"plocate-updatedb.timer", "updatedb.timer"};

	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
		mask(jobs[i]);
}

static void keep_journal_in_memory(void)
{
	char room[CONTENTS];
	struct text t = text_of(room, sizeof room);

	text_format(&t, "[Journal]\nStorage=volatile\n");
	put("/run/systemd/journald.conf.d", "lanyard.conf", &t);
}

void runfiles_write(const struct runfiles *r)
{
	if (!r->keep_network) {
		write_networkmanager(r);
		write_ifupdown(r);
		write_servers(r);
	}
	if (!r->systemd)
		return;
	if (!r->keep_network) {
		write_networkd(r);
		write_connman(r);
	}
	if (!r->keep_jobs)
		mask_jobs();
	if (!r->keep_jobs && r->layer != LAYER_WRITABLE)
		keep_journal_in_memory();
	// It would write this machine's id into the tree.
	mask("systemd-machine-id-commit.service");
}

void runfiles_fstab(const char *copy, bool systemd)
{
	char room[CONTENTS];
	struct text t = text_of(room, sizeof room);

	if (!systemd) {
		put("/run/initramfs", "fsck-root", &t);
		return;
	}
	text_format(&t, "[Service]\nEnvironment=SYSTEMD_FSTAB=%s LIBMOUNT_FSTAB=%s\n", copy, copy);
	put("/run/systemd/system/systemd-remount-fs.service.d", "lanyard.conf", &t);
}

// initscripts leave these mounts to a hook of ifup(8), which is not called for a card that is up
// already. So mountnfs.sh is to mount them itself, as rcS(5) says; after networking, rpcbind and
// nfs-common.
void runfiles_tell(void)
{
	if (access(IFSTATE_DIRECTORY "/" IFSTATE, F_OK) == 0)
		setenv("ASYNCMOUNTNFS", "no", 0);
}

void runfiles_hostname(const char *name)
{
	static const char wants[] = "/run/systemd/system/sysinit.target.wants";
	char room[CONTENTS];
	struct text t = text_of(room, sizeof room);

	// It would set the name that the file has, too.
	text_format(&t, "[main]\nhostname-mode=none\n");
	put("/run/NetworkManager/conf.d", "00-lanyard-hostname.conf", &t);
	t = text_of(room, sizeof room);
	text_format(&t, "[Unit]\nDescription=Host name of this machine\n"
		"DefaultDependencies=no\nBefore=sysinit.target\n\n"
		"[Service]\nType=oneshot\nExecStart=/bin/hostname %s\n", name);
	put("/run/systemd/system", "lanyard-hostname.service", &t);
	if (file_make_directories(wants) &&
		symlink("../lanyard-hostname.service",
			"/run/systemd/system/sysinit.target.wants/lanyard-hostname.service") < 0)
		milestone_notice("%s: %s", wants, strerror(errno));
}

void runfiles_cloud_init(bool leave_network, bool leave_hostname)
{
	// Those that look at either; the last two are of version 24.3 and later.
	static const char *const units[] = {"cloud-init-local.service", "cloud-init.service",
		"cloud-init-main.service", "cloud-init-network.service"};
	char cmdline[CMDLINE_SIZE], room[2 * CMDLINE_SIZE];
	struct text t = text_of(room, sizeof room);

	if ((!leave_network && !leave_hostname) || access("/etc/cloud", F_OK) < 0 ||
		file_read("/proc/cmdline", cmdline, sizeof cmdline) < 0)
		return;
	cloudinit_environment(&t, cmdline, leave_network, leave_hostname);
	put("/run/lanyard", "cloud-init", &t);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		put_drop_in(units[i], "EnvironmentFile=", "/run/lanyard/cloud-init", "");
}

void runfiles_dhcpcd(const char *copy)
{
	put_drop_in("dhcpcd.service", "BindReadOnlyPaths=", copy, ":/etc/dhcpcd.conf");
}
