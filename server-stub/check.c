// SPDX-License-Identifier: BSD-2-Clause
// Ports are asked of /proc, not opened: a lanyardd that serves must not notice that somebody
// checks.
#define _GNU_SOURCE
#include "server-stub/check.h"
#include "netstack/wire/syslog.h"
#include "server-stub/kernel.h"
#include "server-stub/ports.h"
#include "server-stub/probe.h"
#include "server-stub/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct check {
	const struct options *options;
	struct interfaces interfaces;
	int problems;
};

static void ok(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *word, const char *format, va_list arguments)
{
	printf("%-8s ", word);
	vprintf(format, arguments);
	putchar('\n');
	fflush(stdout);
}

static void ok(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("ok", format, arguments);
	va_end(arguments);
}

static void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("note", format, arguments);
	va_end(arguments);
}

static void problem(struct check *c, const struct fault *f)
{
	char sentence[FAULT_SENTENCE];
	struct text t = text_of(sentence, sizeof sentence);

	fault_sentence(f, &t);
	printf("%-8s %s\n", "problem", sentence);
	fflush(stdout);
	c->problems++;
}

// ---- the root tree ---------------------------------------------------------------------------

// mklanyard reads modules as a user without rights.
static void check_readable(struct check *c, int root, const char *path)
{
	int fd = rooted_find(root, path);
	struct fault f;
	struct stat st;
	mode_t wanted;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0) {
		wanted = S_ISDIR(st.st_mode) ? S_IROTH | S_IXOTH : S_IROTH;
		if ((st.st_mode & wanted) != wanted) {
			fault_set(&f, FAULT_SERVER_UNREADABLE,
				"(%s in the tree, by users other than its owner: chmod o+rX)",
				path);
			problem(c, &f);
		}
	}
	close(fd);
}

static void check_modules(struct check *c, int root, const struct kernel *k)
{
	static const char *const names[] = {"", "/kernel", "/modules.dep", "/modules.order"};
	char path[ROOTED_PATH + 32];

	check_readable(c, root, ".");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s%s", k->modules, names[i]);
		check_readable(c, root, path);
	}
}

static void check_kernel(struct check *c, int root)
{
	struct kernel k;
	struct fault f;

	if (!kernel_find(&k, root, c->options->root, &f)) {
		problem(c, &f);
		return;
	}
	ok("kernel %s: %s, %llu MB, and %s", k.version, k.path,
		(unsigned long long)(k.size / 1000000), k.modules);
	check_modules(c, root, &k);
	kernel_close(&k);
}

static void check_init(struct check *c, int root)
{
	static const char *const inits[] = {"sbin/init", "etc/init", "bin/init", "bin/sh"};
	struct fault f;

	for (size_t i = 0; i < sizeof inits / sizeof *inits; i++)
		if (rooted_exists(root, inits[i])) {
			ok("the clients' first program: /%s", inits[i]);
			return;
		}
	fault_set(&f, FAULT_SERVER_ROOT, "(%s: no /sbin/init in it)", c->options->root);
	problem(c, &f);
}

// What is told of a tree that is fit to be served, but not for everything.
static void note_features(const struct check *c, int root)
{
	struct statvfs fs;
	struct {
		struct file_handle head;
		uint8_t room[MAX_HANDLE_SZ];
	} handle = {.head.handle_bytes = MAX_HANDLE_SZ};
	int mount;

	if (name_to_handle_at(root, "", &handle.head, &mount, AT_EMPTY_PATH) < 0)
		note("the tree's file system names no files (%s): lanyardd keeps a table of them "
		     "in %s",
			strerror(errno), c->options->state);
	if (c->options->rw && fstatvfs(root, &fs) == 0 && (fs.f_flag & ST_RDONLY))
		note("--rw, but the tree's file system is mounted read-only");
	if (c->options->rw)
		note("--rw: clients that share the tree can damage it for each other; locks are "
		     "local");
	note("NFS version 3 carries no file capabilities: ping(8) of the clients needs its setuid "
	     "bit or net.ipv4.ping_group_range");
}

static void check_tree(struct check *c)
{
	int root = open(c->options->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct fault f;

	if (root < 0) {
		fault_set(&f, FAULT_SERVER_ROOT, "(%s: %s)", c->options->root, strerror(errno));
		problem(c, &f);
		return;
	}
	ok("root tree %s", c->options->root);
	check_kernel(c, root);
	check_init(c, root);
	note_features(c, root);
	close(root);
}

// ---- lanyardd's own files --------------------------------------------------------------------

static void check_programs(struct check *c)
{
	static const char *const needed[] = {"mklanyard", "init"};
	char path[PROGRAM_PATH];
	bool any = false;
	struct fault f;

	for (size_t i = 0; i < PROGRAM_KINDS; i++)
		if (program_find(c->options->programs, programs_boot[i], path)) {
			ok("boot program %s", path);
			any = true;
		}
	if (!any) {
		fault_set(&f, FAULT_SERVER_NO_PROGRAM, "(no %s)", programs_boot[0]);
		problem(c, &f);
	}
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		if (program_find(c->options->programs, needed[i], path)) {
			ok("%s", path);
			continue;
		}
		fault_set(&f, FAULT_SERVER_IMAGE, "(%s is not installed)", needed[i]);
		problem(c, &f);
	}
}

static void check_directory(
	struct check *c, enum fault_id id, const char *what, const char *path, int rights)
{
	struct fault f;
	struct stat st;

	if (access(path, rights) == 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		ok("%s %s", what, path);
		return;
	}
	fault_set(&f, id, "(%s: %s)", path, errno ? strerror(errno) : "not a directory");
	problem(c, &f);
}

static void check_directories(struct check *c)
{
	const struct options *o = c->options;

	if (access(o->state, F_OK) < 0 && errno == ENOENT)
		note("the state directory %s will be made", o->state);
	else
		check_directory(c, FAULT_SERVER_STATE, "state directory", o->state, W_OK | X_OK);
	for (size_t i = 0; i < o->tftp_roots.count; i++)
		check_directory(c, FAULT_SERVER_UNREADABLE, "files of", o->tftp_roots.items[i],
			R_OK | X_OK);
}

// ---- the network -----------------------------------------------------------------------------

static void check_interfaces(struct check *c)
{
	const struct option_list *wanted = &c->options->interfaces;
	char address[IPADDR_TEXT];
	struct fault f;

	interfaces_read(&c->interfaces, wanted->count ? wanted->items : NULL, wanted->count);
	for (size_t i = 0; i < c->interfaces.count; i++)
		ok("interface %s, %s/%u", c->interfaces.list[i].name,
			ipaddr_format(&c->interfaces.list[i].address, address),
			c->interfaces.list[i].prefix);
	if (c->interfaces.count)
		return;
	fault_set(&f, FAULT_SERVER_NO_INTERFACE, "%s%s%s", wanted->count ? "(" : "",
		wanted->count ? wanted->items[0] : "", wanted->count ? ")" : "");
	problem(c, &f);
}

// `needed`: lanyardd does not start without it.
static void check_port(struct check *c, const char *service, bool tcp, uint16_t port, bool needed)
{
	const char *kind = tcp ? "TCP" : "UDP";
	struct port_owner owner;
	char who[80];
	struct fault f;

	if (!port_owner(tcp, port, &owner)) {
		ok("%s port %u is free for %s", kind, port, service);
		return;
	}
	port_owner_text(&owner, who, sizeof who);
	if (!strcmp(owner.name, "lanyardd")) {
		ok("%s port %u is lanyardd's already: %s", kind, port, who);
	} else if (needed) {
		fault_set(
			&f, FAULT_SERVER_PORT, "(%s, %s port %u: by %s)", service, kind, port, who);
		problem(c, &f);
	} else {
		note("%s port %u is used by %s: lanyardd goes on without %s", kind, port, who,
			service);
	}
}

static void check_ports(struct check *c)
{
	const struct options *o = c->options;

	if (o->dhcp != DHCPD_OFF)
		check_port(c, "DHCP", false, 67, true);
	if (o->dhcp == DHCPD_PROXY || o->dhcp == DHCPD_AUTO)
		check_port(c, "proxyDHCP's second port", false, 4011, o->dhcp == DHCPD_PROXY);
	if (o->tftp_port)
		check_port(c, "TFTP", false, o->tftp_port, true);
	if (o->http_port)
		check_port(c, "HTTP", true, o->http_port, o->http_port_given);
	if (o->nfs_port)
		check_port(c, "NFS", true, o->nfs_port, true);
	if (o->nfs_port && o->portmap)
		check_port(c, "the port mapper", true, 111, false);
	if (o->syslog)
		check_port(c, "syslog", false, SYSLOG_PORT, false);
	note("a firewall must let in UDP 67%s, UDP %u and the ports above 1023, TCP %u, TCP %u%s",
		o->dhcp == DHCPD_PROXY || o->dhcp == DHCPD_AUTO ? ", UDP 4011" : "", o->tftp_port,
		o->http_port, o->nfs_port,
		o->syslog ? ", and for the clients' lines in the log UDP 514" : "");
}

// ---- other DHCP servers ----------------------------------------------------------------------

struct search {
	struct check *check;
	struct events *events;
	size_t waiting;
};

static void found(struct check *c, const struct probe *p, const struct probe_answer *answer)
{
	char server[IPADDR_TEXT], hwaddr[32];
	struct text t = text_of(hwaddr, sizeof hwaddr);
	struct fault f;

	text_hwaddr(&t, answer->hwaddr, sizeof answer->hwaddr, ':');
	ipaddr_format(&answer->server, server);
	if (c->options->dhcp != DHCPD_POOL) {
		note("another DHCP server answers on %s: %s (%s)%s", p->interface->name, server,
			hwaddr,
			c->options->dhcp == DHCPD_AUTO
				? ": it gives the addresses, and boot programs come from here"
				: "");
		return;
	}
	fault_set(&f, FAULT_SERVER_OTHER_DHCP, "(%s, hardware address %s, on %s)", server, hwaddr,
		p->interface->name);
	problem(c, &f);
}

static void news(
	void *owner, const struct probe *p, enum probe_news news, const struct probe_answer *answer)
{
	struct search *s = owner;

	if (news == PROBE_BOOT_SERVER) {
		note("another boot server (proxyDHCP) answers on %s", p->interface->name);
		return;
	}
	if (news == PROBE_NOBODY && s->check->options->dhcp == DHCPD_PROXY)
		note("no DHCP server answers on %s: machines get no address there", p->interface->name);
	else if (news == PROBE_NOBODY)
		ok("no other DHCP server answers on %s", p->interface->name);
	else
		found(s->check, p, answer);
	if (s->waiting && --s->waiting == 0)
		events_stop(s->events);
}

static void check_dhcp(struct check *c)
{
	struct events *events = events_new();
	struct search search = {.check = c, .events = events};
	struct probes probes = {.news = news, .owner = &search};
	int socket = probe_socket();

	for (size_t i = 0; i < c->interfaces.count; i++)
		search.waiting += c->interfaces.list[i].ethernet;
	if (!events || socket < 0)
		note("other DHCP servers cannot be looked for: %s", strerror(errno));
	else if (search.waiting &&
		 probes_start(&probes, events, socket, &c->interfaces, events_now())) {
		events_run(events);
		probes_stop(&probes);
	}
	if (socket >= 0)
		close(socket);
	if (events)
		events_free(events);
}

int check_run(const struct options *o)
{
	struct check c = {.options = o};

	if (geteuid() != 0)
		note("not user 0: who uses a port, and what others may read, cannot be seen");
	check_tree(&c);
	check_programs(&c);
	check_directories(&c);
	check_interfaces(&c);
	check_ports(&c);
	check_dhcp(&c);
	printf("%s\n", c.problems ? "There are problems." : "lanyardd can serve this.");
	return c.problems != 0;
}
