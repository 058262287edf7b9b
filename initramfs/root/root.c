// SPDX-License-Identifier: BSD-2-Clause
// The order of what is believed about the root (facts of the kernel's nfsroot.c): DHCP's root-path,
// then the command line; a server named there, else ip='s second field, else DHCP's next-server,
// else the DHCP server itself.
#include "initramfs/root/root.h"

#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/system/netconf.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
	PAUSE_FIRST = 500, // ms
	PAUSE_MOST = 10000,
	LOOK_AFTER = 4000,
	READ_AHEAD = 1024, // KB
};

#define ROOT_TARGET "/root"

// Tried in this order where the options name no version; the next one only if the server does not
// speak the one before.
static const char *const versions[] = {"3", "4.2", "4.1", "4.0"};

enum { VERSION_4 = 1, VERSIONS = sizeof versions / sizeof *versions };

static bool is_nfs_root(const char *root)
{
	static const char *const names[] = {"/dev/nfs", "nfs", "dhcp", ""};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(root, names[i]) == 0)
			return true;
	return false;
}

static bool is_nfs_address(const char *root)
{
	return text_starts(root, "nfs:") || text_starts(root, "nfs4:");
}

static void want(struct root *r, const char *name)
{
	int index = modules_find(r->loader->modules, name);

	if (index >= 0)
		loader_want(r->loader, (size_t)index, LOADER_ROOT);
}

bool root_start(struct root *r, const struct cmdline *cmdline, struct loader *loader,
	struct fault *fault)
{
	*r = (struct root){.cmdline = cmdline, .loader = loader};
	if (cmdline->root && !is_nfs_root(cmdline->root) && !is_nfs_address(cmdline->root))
		return fault_set(fault, FAULT_ROOT_PARAMETER,
			"(root=%s: only a root on NFS can be mounted here)", cmdline->root);
	if (cmdline->overlay)
		want(r, "overlay");
	mkdir(ROOT_TARGET, 0755);
	return true;
}

// ---- the plan -----------------------------------------------------------------------------------

static bool read_words(struct root *r, const struct lease *lease, enum nfsroot_access *dhcp)
{
	const struct cmdline *c = r->cmdline;
	struct nfsroot *n = &r->nfsroot;

	*n = (struct nfsroot){0};
	if (lease->root_path[0] && !nfsroot_read(n, lease->root_path, &r->fault)) {
		milestone_fault(&r->fault);
		milestone_notice("DHCP's root-path is left out");
		*n = (struct nfsroot){0};
	}
	*dhcp = n->access;
	n->access = NFSROOT_UNSAID;
	return (!c->root || !is_nfs_address(c->root) || nfsroot_read(n, c->root, &r->fault)) &&
		(!c->nfsroot || nfsroot_read(n, c->nfsroot, &r->fault)) &&
		(!c->rootflags || nfsroot_add_options(n, c->rootflags, &r->fault));
}

// Of ro, rw and the options' ro and rw, the one that stands last.
static bool read_only(const struct root *r, enum nfsroot_access dhcp)
{
	const struct cmdline *c = r->cmdline;
	enum nfsroot_access access = r->nfsroot.access;

	if (c->overlay)
		return true;
	if (c->access_at >= 0 && (access == NFSROOT_UNSAID || c->access_at > c->nfsroot_at))
		return !c->rw;
	if (access == NFSROOT_UNSAID)
		access = dhcp;
	return access != NFSROOT_RW;
}

static bool choose_server(struct root *r, const struct lease *lease)
{
	if (r->nfsroot.server[0])
		memcpy(r->server, r->nfsroot.server, sizeof r->server);
	else if (!ipaddr_is_unset(&lease->next_server))
		ipaddr_format(&lease->next_server, r->server);
	else if (!ipaddr_is_unset(&lease->server_id))
		ipaddr_format(&lease->server_id, r->server);
	else
		return fault_set(&r->fault, FAULT_NO_ROOT_SERVER, "for %s",
			r->nfsroot.path[0] ? r->nfsroot.path : "the root");
	return true;
}

// An address of the link says nothing without one: the card that has been configured.
static void add_scope(struct root *r, const char *device)
{
	size_t length = strlen(r->server);
	struct text t = text_of(r->server + length, sizeof r->server - length);

	if (strncasecmp(r->server, "fe80:", 5) == 0 && !strchr(r->server, '%'))
		text_format(&t, "%%%s", device);
}

static bool make_plan(struct root *r, const struct lease *lease)
{
	char address[IPADDR_TEXT], name[NETCONF_HOSTNAME];
	enum nfsroot_access dhcp;

	netconf_hostname(lease->hostname, name);
	ipaddr_format(&lease->address, address);
	if (!read_words(r, lease, &dhcp) || !choose_server(r, lease) ||
		!nfsroot_complete(&r->nfsroot, name[0] ? name : address, &r->fault))
		return false;
	r->plan = (struct mount_plan){
		.server = r->server,
		.path = r->nfsroot.path,
		.target = ROOT_TARGET,
		.options = &r->nfsroot,
		.lease = lease,
		.read_only = read_only(r, dhcp),
	};
	return true;
}

// ---- attempts -----------------------------------------------------------------------------------

static bool version_4(const struct root *r)
{
	return r->version >= VERSION_4 || r->nfsroot.v4 ||
		(nfsroot_names_version(&r->nfsroot) && !nfsroot_has(&r->nfsroot, "v3") &&
		!strstr(r->nfsroot.options, "vers=3"));
}

static void put_off(struct root *r, uint64_t now)
{
	r->pause = r->pause ? r->pause * 2 : PAUSE_FIRST;
	if (r->pause > PAUSE_MOST)
		r->pause = PAUSE_MOST;
	r->next = now + r->pause;
	r->state = ROOT_PAUSING;
}

static void fail(struct root *r, uint64_t now)
{
	r->fault_new = true;
	put_off(r, now);
}

static void attempt(struct root *r, uint64_t now)
{
	int error = mount_begin(&r->attempt, &r->plan);

	if (error) {
		fault_set(&r->fault, FAULT_NFS_FAILED, "(%s)", strerror(error));
		fail(r, now);
		return;
	}
	r->tries++;
	r->began = now;
	r->looked = false;
	r->seen = (struct mount_report){.error = ETIMEDOUT};
	r->state = ROOT_MOUNTING;
}

static void begin(struct root *r, const struct network *n, uint64_t now)
{
	if (r->generation != n->generation) {
		r->generation = n->generation;
		r->version = 0;
		if (!make_plan(r, &n->lease)) {
			r->generation = 0;
			fail(r, now);
			return;
		}
		add_scope(r, n->root->link.name);
		if (r->nfsroot.v4 && r->version < VERSION_4)
			r->version = VERSION_4;
	}
	if (version_4(r))
		want(r, "nfsv4");
	if (loader_pending(r->loader, LOADER_ROOT, NULL))
		return;
	r->plan.version = nfsroot_names_version(&r->nfsroot) ? "as its options say"
		: versions[r->version];
	attempt(r, now);
}

// The kernel's 128 KB are too little for a network with any distance.
static void raise_read_ahead(void)
{
	char path[64], value[16];
	struct text p = text_of(path, sizeof path), v = text_of(value, sizeof value);
	struct stat st;
	uint32_t now;
	ssize_t length;

	if (stat(ROOT_TARGET, &st) < 0)
		return;
	text_format(&p, "/sys/class/bdi/%u:%u/read_ahead_kb", major(st.st_dev), minor(st.st_dev));
	length = file_read(path, value, sizeof value);
	if (length > 0 && value[length - 1] == '\n')
		length--;
	if (length <= 0 || !text_u32(value, (size_t)length, 10, &now) || now >= READ_AHEAD)
		return;
	text_format(&v, "%u", (unsigned)READ_AHEAD);
	file_set(path, value);
}

static bool speaks_another_version(int error)
{
	return error == EPROTONOSUPPORT || error == EOPNOTSUPP || error == ECONNREFUSED ||
		error == ETIMEDOUT || error == EINVAL || error == EIO;
}

// Neither in the image nor in the kernel itself.
static bool lacks_version_4(const struct root *r)
{
	return r->loader->modules->count && modules_find(r->loader->modules, "nfsv4") < 0 &&
		access("/sys/module/nfsv4", F_OK) < 0;
}

static bool next_version(struct root *r, const struct mount_report *report)
{
	if (nfsroot_names_version(&r->nfsroot) || report->unknown_name || report->nfs_port ||
		!speaks_another_version(report->error) || r->version + 1 == VERSIONS || lacks_version_4(r))
		return false;
	r->version++;
	return true;
}

// When no other version was of use either, the refusal of the first one is part of the reason; or the
// want of others.
static void add_reasons(struct root *r, const struct mount_report *report)
{
	size_t used = strlen(r->fault.facts);
	struct text t = text_of(r->fault.facts + used, sizeof r->fault.facts - used);

	if (r->first_error)
		text_format(&t, "; NFS 3 before: %s", strerror(r->first_error));
	else if (!report->nfs_port && speaks_another_version(report->error) && lacks_version_4(r))
		text_format(&t, "; no NFS 4: this image has no module nfsv4, an image of mklanyard -m has it");
	r->first_error = 0;
}

static void end(struct root *r, const struct mount_report *report, uint64_t now)
{
	char source[NFSROOT_SERVER + NFSROOT_PATH];
	struct text t = text_of(source, sizeof source);

	if (!report->error && !report->unknown_name) {
		r->state = ROOT_MOUNTED;
		raise_read_ahead();
		nfsroot_source(r->server, r->nfsroot.path, &t);
		milestone("%s is mounted, read-%s", source, r->plan.read_only ? "only" : "write");
		return;
	}
	mount_explain(&r->plan, report, &r->fault);
	if (next_version(r, report)) {
		milestone_notice("NFS %s: %s; trying NFS %s", r->plan.version, strerror(report->error),
			versions[r->version]);
		if (!r->first_error)
			r->first_error = report->error;
		r->state = ROOT_WAITING;
		return;
	}
	add_reasons(r, report);
	r->version = r->nfsroot.v4 ? VERSION_4 : 0;
	fail(r, now);
}

// The kernel says nothing for a long time when a server is silent.
static void look(struct root *r)
{
	struct mount_plan plan = r->plan;

	plan.only_look = true;
	r->looked = mount_begin(&r->look, &plan) == 0;
}

static void looking_step(struct root *r)
{
	if (!mount_ended(&r->look, &r->seen))
		return;
	if (!r->seen.unknown_name && !r->seen.nfs_port && !r->seen.portmap_port)
		return;
	mount_explain(&r->plan, &r->seen, &r->fault);
	r->fault_new = true;
}

static void mounting_step(struct root *r, uint64_t now)
{
	struct mount_report report;

	if (r->look.pid)
		looking_step(r);
	if (mount_ended(&r->attempt, &report)) {
		mount_kill(&r->look);
		end(r, &report, now);
	} else if (now - r->began >= MOUNT_PATIENCE) {
		mount_kill(&r->attempt);
		mount_kill(&r->look);
		end(r, &r->seen, now);
	} else if (!r->looked && now - r->began >= LOOK_AFTER) {
		look(r);
	}
}

void root_drop(struct root *r)
{
	mount_kill(&r->attempt);
	mount_kill(&r->look);
	if (r->state == ROOT_MOUNTED)
		umount2(ROOT_TARGET, MNT_DETACH);
	r->state = ROOT_WAITING;
	r->generation = 0;
}

void root_step(struct root *r, const struct network *n, uint64_t now)
{
	if (r->generation && (!n->root || r->generation != n->generation))
		root_drop(r);
	if (r->state == ROOT_PAUSING && now >= r->next)
		r->state = ROOT_WAITING;
	if (r->state == ROOT_MOUNTING)
		mounting_step(r, now);
	if (r->state == ROOT_WAITING && n->root && !loader_pending(r->loader, LOADER_ROOT, NULL))
		begin(r, n, now);
}

uint64_t root_deadline(const struct root *r)
{
	if (r->state == ROOT_PAUSING)
		return r->next;
	if (r->state != ROOT_MOUNTING)
		return DEADLINE_NEVER;
	return r->began + (r->looked ? (uint64_t)MOUNT_PATIENCE : LOOK_AFTER);
}

size_t root_polls(const struct root *r, struct pollfd polls[ROOT_POLLS])
{
	size_t count = 0;

	if (r->attempt.pid)
		polls[count++] = (struct pollfd){.fd = r->attempt.pipe, .events = POLLIN};
	if (r->look.pid)
		polls[count++] = (struct pollfd){.fd = r->look.pipe, .events = POLLIN};
	return count;
}

bool root_awaits(const struct root *r, const struct network *n, struct text *to, uint64_t now)
{
	const char *module = "";

	if (!n->root)
		return false;
	if (r->state == ROOT_MOUNTING)
		text_format(to, "%s to mount %s (try %u, %u s)", r->server, r->nfsroot.path, r->tries,
			(unsigned)(now - r->began) / 1000);
	else if (r->state == ROOT_PAUSING)
		text_format(to, "the next try to mount %s:%s", r->server, r->nfsroot.path);
	else if (loader_pending(r->loader, LOADER_ROOT, &module))
		text_format(to, "kernel module %s", module);
	else
		return false;
	return true;
}
