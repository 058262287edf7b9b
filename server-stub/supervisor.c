// SPDX-License-Identifier: BSD-2-Clause
// In this order: interfaces, sockets, the tree, the NFS child (clients that are up wait for it),
// the image, the net child once there is something to boot.
#define _GNU_SOURCE
#include "server-stub/supervisor.h"
#include "server-stub/child.h"
#include "server-stub/image.h"
#include "server-stub/listen.h"
#include "server-stub/log.h"
#include "server-stub/net.h"
#include "server-stub/nfs.h"
#include "server-stub/supply.h"
#include "server-stub/tapes.h"
#include "server-stub/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct supervisor {
	const struct options *options;
	int argc;
	char **argv;
	struct events *events;
	struct interfaces interfaces;
	struct listen listen;
	bool reopen_dhcp; // before the net child's next start
	struct sandbox_user user;
	int root, tapes;
	struct images *images;
	struct supply supply; // of the net child
	struct child net, nfs;
	struct event_source signals;
	struct watch tree, addresses;
	enum supervisor_end end;
	bool ending, said;
};

// ---- the end ---------------------------------------------------------------------------------

static void finish(struct supervisor *s, enum supervisor_end how)
{
	if (!s->ending)
		s->end = how;
	s->ending = true;
	child_stop(&s->net);
	child_stop(&s->nfs);
	if (!s->net.pid && !s->nfs.pid)
		events_stop(s->events);
}

static void fail(struct supervisor *s, const char *part, const struct fault *f)
{
	log_fault(part, f);
	finish(s, SUPERVISOR_FAILED);
}

// ---- the net child ---------------------------------------------------------------------------

static void prepare_net(void *owner)
{
	struct supervisor *s = owner;
	struct fault f;

	if (s->reopen_dhcp && !listen_reopen_dhcp(&s->listen, s->options, &s->interfaces, &f))
		log_fault("dhcp", &f);
	s->reopen_dhcp = false;
	supply_renew(&s->supply);
}

static void run_net(void *owner)
{
	struct supervisor *s = owner;
	struct net_config config = {.options = s->options,
		.interfaces = &s->interfaces,
		.dhcp = s->listen.dhcp,
		.tftp = s->listen.tftp,
		.http = s->listen.http,
		.syslog = s->listen.syslog,
		.messages = s->supply.childs,
		.tapes = s->tapes,
		.user = s->user,
		.parent = getppid()};

	memcpy(config.boot, s->supply.boot, sizeof config.boot);
	net_run(&config);
}

// ---- the NFS child ---------------------------------------------------------------------------

static void run_nfs(void *owner)
{
	struct supervisor *s = owner;
	struct nfs_child_config config = {.options = s->options,
		.listeners = {s->listen.nfs, s->listen.portmap_tcp},
		.listener_count = s->listen.portmap_tcp >= 0 ? 2 : 1,
		.portmap_udp = s->listen.portmap_udp,
		.parent = getppid()};

	nfs_run(&config);
}

// ---- what is said ----------------------------------------------------------------------------

static void say_interfaces(const struct supervisor *s)
{
	char address[IPADDR_TEXT];

	for (size_t i = 0; i < s->interfaces.count; i++)
		log_say(LOG_NOTICE, "serving", "on %s, %s/%u", s->interfaces.list[i].name,
			ipaddr_format(&s->interfaces.list[i].address, address),
			s->interfaces.list[i].prefix);
}

static void say_services(const struct supervisor *s)
{
	static const char *const modes[] = {[DHCPD_OFF] = "off",
		[DHCPD_AUTO] = "for addresses, or for boot programs beside another server",
		[DHCPD_POOL] = "always",
		[DHCPD_PROXY] = "for boot programs only"};
	const struct options *o = s->options;
	char words[200];
	struct text t = text_of(words, sizeof words);

	text_format(&t, "DHCP %s", modes[o->dhcp]);
	if (s->listen.tftp >= 0)
		text_format(&t, ", TFTP port %u", o->tftp_port);
	if (s->listen.http >= 0)
		text_format(&t, ", HTTP port %u", o->http_port);
	if (s->listen.nfs >= 0)
		text_format(&t, ", NFS port %u%s", o->nfs_port,
			s->listen.portmap_tcp >= 0 ? " and port mapper" : "");
	log_say(LOG_NOTICE, "serving", "%s", words);
	log_say(LOG_NOTICE, "serving", "%s, %s", o->root,
		o->rw ? "writable for its clients"
		      : "read-only; clients keep their changes in memory");
}

static void say_ready(void *owner)
{
	struct supervisor *s = owner;
	const struct image_pair *p = s->supply.pair;

	if (s->said)
		return;
	s->said = true;
	if (p)
		log_say(LOG_NOTICE, "ready",
			"machines can be switched on: kernel %s, initramfs %u.%u MB", p->version,
			(unsigned)(p->initrd_size / 1000000),
			(unsigned)(p->initrd_size / 100000 % 10));
	else
		log_say(LOG_NOTICE, "ready", "without a kernel of the tree");
}

// ---- kernel and image ------------------------------------------------------------------------

static void image_ready(void *owner, const struct image_pair *pair)
{
	struct supervisor *s = owner;
	bool first = !s->supply.pair;

	supply_pair(&s->supply, pair);
	if (s->ending)
		return;
	if (!s->net.wanted)
		child_start(&s->net);
	if (!first)
		log_say(LOG_NOTICE, "image", "machines boot kernel %s from now on", pair->version);
}

static void net_is_deaf(void *owner)
{
	struct supervisor *s = owner;

	child_restart(&s->net); // the next one gets everything
}

// Without a kernel there is nothing to do, unless files of the administrator's own are served.
static void image_failed(void *owner, const struct fault *f)
{
	struct supervisor *s = owner;

	if (!s->supply.pair && !s->options->tftp_roots.count) {
		fail(s, "image", f);
		return;
	}
	log_fault("image", f);
	if (s->supply.pair)
		log_say(LOG_NOTICE, "image", "machines go on booting kernel %s",
			s->supply.pair->version);
	else if (!s->net.wanted)
		child_start(&s->net);
}

static void tree_changed(void *owner)
{
	struct supervisor *s = owner;

	watch_tree_again(&s->tree, s->root);
	images_look(s->images);
}

// ---- addresses -------------------------------------------------------------------------------

static bool read_interfaces(const struct options *o, struct interfaces *to, struct fault *f)
{
	const struct option_list *wanted = &o->interfaces;

	if (!interfaces_read(to, wanted->count ? wanted->items : NULL, wanted->count))
		return fault_set(f, FAULT_SERVER_NO_INTERFACE, "(%s)", strerror(errno));
	if (!to->count)
		return fault_set(f, FAULT_SERVER_NO_INTERFACE, "%s%s%s", wanted->count ? "(" : "",
			wanted->count ? wanted->items[0] : "", wanted->count ? ")" : "");
	return true;
}

static void addresses_changed(void *owner)
{
	struct supervisor *s = owner;
	struct interfaces now;

	if (!interfaces_read(&now,
		    s->options->interfaces.count ? s->options->interfaces.items : NULL,
		    s->options->interfaces.count))
		return;
	if (interfaces_same(&now, &s->interfaces)) {
		supply_hardware(&s->supply);
		interfaces_update(&s->interfaces, &now);
		return;
	}
	s->interfaces = now;
	log_say(LOG_NOTICE, "serving", "the addresses of this machine have changed");
	say_interfaces(s);
	s->reopen_dhcp = true; // when the child that has the old sockets has ended
	child_restart(&s->net);
}

// ---- signals ---------------------------------------------------------------------------------

static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!images_ended(s->images, pid, status) && !child_ended(&s->nfs, pid, status))
			child_ended(&s->net, pid, status);
	if (s->ending && !s->net.pid && !s->nfs.pid)
		events_stop(s->events);
}

static void begin_anew(struct supervisor *s)
{
	struct options fresh;
	struct fault f;

	if (options_read(&fresh, s->argc, s->argv, &f)) {
		log_say(LOG_NOTICE, "serving", "begins anew");
		finish(s, SUPERVISOR_AGAIN);
		return;
	}
	log_fault("serving", &f);
	log_say(LOG_NOTICE, "serving", "goes on as it was");
}

static void signalled(void *owner, int fd, uint64_t now)
{
	struct supervisor *s = owner;
	struct signalfd_siginfo info;

	(void)now;
	while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			reap(s);
		else if (info.ssi_signo == SIGHUP)
			begin_anew(s);
		else
			finish(s, SUPERVISOR_DONE);
	}
}

static bool watch_signals(struct supervisor *s)
{
	sigset_t all;

	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	sigaddset(&all, SIGHUP);
	sigaddset(&all, SIGINT);
	sigaddset(&all, SIGTERM);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	s->signals = (struct event_source){.fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK),
		.readable = signalled,
		.owner = s};
	return s->signals.fd >= 0 && events_watch(s->events, &s->signals);
}

// ---- the beginning ---------------------------------------------------------------------------

static bool open_tree(struct supervisor *s, struct fault *f)
{
	s->root = open(s->options->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->root >= 0 ||
	       fault_set(f, FAULT_SERVER_ROOT, "(%s: %s)", s->options->root, strerror(errno));
}

static bool check_tftp_roots(const struct options *o, struct fault *f)
{
	for (size_t i = 0; i < o->tftp_roots.count; i++) {
		int fd = open(o->tftp_roots.items[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return fault_set(f, FAULT_SERVER_UNREADABLE, "(--tftp-root %s: %s)",
				o->tftp_roots.items[i], strerror(errno));
		close(fd);
	}
	return true;
}

static bool open_images(struct supervisor *s, struct fault *f)
{
	const struct image_config config = {.options = s->options,
		.events = s->events,
		.root = s->root,
		.user = s->user,
		.ready = image_ready,
		.failed = image_failed,
		.owner = s};

	s->images = images_open(&config, f);
	return s->images != NULL;
}

// Without a place for them they are refused; everything else works.
static void open_tapes(struct supervisor *s)
{
	if (!s->options->tapes || !s->options->tftp_port)
		return;
	s->tapes = tapes_directory(s->options->state, s->user.uid, s->user.gid);
	if (s->tapes < 0)
		log_say(LOG_WARNING, "tape", "%s/tapes: %s: none will be taken", s->options->state,
			strerror(errno));
}

static void watch_changes(struct supervisor *s)
{
	s->tree = (struct watch){.events = s->events, .changed = tree_changed, .owner = s};
	s->addresses =
		(struct watch){.events = s->events, .changed = addresses_changed, .owner = s};
	if (!watch_tree(&s->tree) || !watch_addresses(&s->addresses))
		log_say(LOG_WARNING, "serving", "changes of tree and addresses go unnoticed: %s",
			strerror(errno));
	watch_tree_again(&s->tree, s->root);
}

static bool begin(struct supervisor *s, struct fault *f)
{
	s->events = events_new();
	if (!s->events || !watch_signals(s) || !sandbox_find_user(&s->user))
		return fault_set(f, FAULT_SERVER_STATE, "(no loop, or no user 'nobody')");
	if (!read_interfaces(s->options, &s->interfaces, f) || !check_tftp_roots(s->options, f) ||
		!open_tree(s, f) || !open_images(s, f))
		return false;
	open_tapes(s);
	s->supply = (struct supply){.options = s->options,
		.events = s->events,
		.root = s->root,
		.ready = say_ready,
		.deaf = net_is_deaf,
		.owner = s};
	supply_begin(&s->supply);
	return listen_open(&s->listen, s->options, &s->interfaces, f);
}

static void serve(struct supervisor *s)
{
	say_interfaces(s);
	say_services(s);
	s->net = (struct child){.part = "net",
		.what = "DHCP, TFTP and HTTP",
		.events = s->events,
		.prepare = prepare_net,
		.run = run_net,
		.owner = s};
	s->nfs = (struct child){.part = "nfs",
		.what = "the NFS service",
		.events = s->events,
		.run = run_nfs,
		.owner = s};
	if (s->listen.nfs >= 0)
		child_start(&s->nfs);
	watch_changes(s);
	images_look(s->images);
	if (!s->ending || s->nfs.pid)
		events_run(s->events);
}

static void release(struct supervisor *s)
{
	if (s->images)
		images_close(s->images);
	listen_close(&s->listen);
	supply_end(&s->supply);
	if (s->root >= 0)
		close(s->root);
	if (s->tapes >= 0)
		close(s->tapes);
	if (s->signals.fd > 0)
		close(s->signals.fd);
	if (s->events)
		events_free(s->events);
}

enum supervisor_end supervisor_run(const struct options *o, int argc, char **argv)
{
	static struct supervisor s;
	struct fault f;

	s = (struct supervisor){.options = o,
		.argc = argc,
		.argv = argv,
		.listen = {dhcpd_closed, -1, -1, -1, -1, -1, -1},
		.root = -1,
		.tapes = -1,
		.supply = {.ours = -1, .childs = -1}};
	if (begin(&s, &f)) {
		serve(&s);
	} else {
		log_fault("serving", &f);
		s.end = SUPERVISOR_FAILED;
	}
	release(&s);
	return s.end;
}
