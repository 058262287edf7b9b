// SPDX-License-Identifier: BSD-2-Clause
// init: process 1 of the initramfs. Composed on this page:
//
//   file systems and console -> command line and the boot program's record -> modules (in the
//   background) -> a network card with an address -> the NFS root -> overlay, tmpfs, hand-over
//   files -> the real init
//
// One loop waits for all of it at once: modules load while the link comes up, and a recorded lease is
// confirmed while the root is mounted. Process 1 never exits. In other roles this program answers the
// kernel's requests for modules (modprobe.h), keeps the lease (keeper.h), and ends the system
// (shutdown.h).
#include "initramfs/clock.h"
#include "initramfs/early.h"
#include "initramfs/failure.h"
#include "initramfs/file.h"
#include "initramfs/milestone.h"
#include "initramfs/modules/devices.h"
#include "initramfs/modules/modprobe.h"
#include "initramfs/modules/module_files.h"
#include "initramfs/net/keeper.h"
#include "initramfs/net/reverse.h"
#include "initramfs/net/vlans.h"
#include "initramfs/root/overlay.h"
#include "initramfs/root/root.h"
#include "initramfs/system/handover.h"
#include "initramfs/system/identity.h"
#include "initramfs/system/shutdown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	SAY_EVERY = 5000,      // ms between lines that say what is awaited
	FAULT_AFTER = 30000,   // ms without a network until that is called a fault; and again
};

struct boot {
	uint64_t started, stage; // ms: of init; of the last progress
	struct cmdline cmdline;
	struct record record;
	struct modules modules;
	struct loader loader;
	int devices;
	struct network network;
	struct root root;
	struct reverse reverse;
	unsigned generation;     // of the network, as last seen
	uint64_t say, complain;  // ms: when to speak next
	struct fault shown;      // the last fault of the root that was shown
	bool stopped_for_mount;  // break=mount has had its turn
};

// ---- beginning ----------------------------------------------------------------------------------

static void read_cmdline(struct boot *b)
{
	char text[CMDLINE_SIZE];
	ssize_t length = file_read("/proc/cmdline", text, sizeof text);

	cmdline_parse(&b->cmdline, text, length < 0 ? 0 : (size_t)length);
}

static void read_modules(struct boot *b)
{
	struct fault fault;
	size_t length;
	char *text = module_files_load(&length);

	if (text && modules_parse(&b->modules, text, length, &fault))
		return;
	b->modules.count = 0;
	if (!text && errno == ENOENT)
		return; // a kernel with everything built in
	if (!text)
		fault_set(&fault, FAULT_MODULE_LOAD, "(/lanyard/modules: %s)", strerror(errno));
	milestone_fault(&fault);
}

static void want_drivers(void *owner, const char *modalias)
{
	struct boot *b = owner;

	loader_want_alias(&b->loader, modalias);
}

// Drivers before the rest: a card needs time to negotiate its link.
static void start_modules(struct boot *b)
{
	struct fault fault;

	read_modules(b);
	if (b->modules.count)
		modprobe_begin();
	b->devices = devices_listen();
	if (!loader_start(&b->loader, &b->modules, &b->cmdline)) {
		fault_set(&fault, FAULT_MODULE_LOAD, "(%s)", strerror(errno));
		failure_final(&b->cmdline, &fault);
	}
	devices_scan(want_drivers, b);
	loader_want_all(&b->loader, MODULE_ALWAYS, LOADER_ROOT);
}

// break=STAGE: a shell before that stage.
static void stop_at(const struct boot *b, const char *stage)
{
	if (cmdline_breaks(&b->cmdline, stage))
		failure_shell(stage);
}

static void want_vlans(struct boot *b)
{
	int index = modules_find(&b->modules, "8021q");

	if (index >= 0)
		loader_want(&b->loader, (size_t)index, LOADER_NETWORK);
}

static void begin(struct boot *b)
{
	struct fault fault;
	bool fine;

	b->started = clock_ms();
	fine = early_mounts(&fault);
	read_cmdline(b);
	milestone_begin(b->started, b->cmdline.quiet);
	file_make_directories("/run/lanyard");
	milestone_keep("/run/lanyard/milestones");
	if (!fine)
		milestone_fault(&fault);
	milestone("init starts, the kernel took %u ms", (unsigned)b->started);
	stop_at(b, "top");
	record_read(&b->record, "/lanyard");
	stop_at(b, "modules");
	start_modules(b);
	if (!network_start(&b->network, &b->cmdline, &b->record, clock_ms(), &fault))
		failure_final(&b->cmdline, &fault);
	if (b->network.words.vlan_count)
		want_vlans(b);
	if (!root_start(&b->root, &b->cmdline, &b->loader, &fault))
		failure_final(&b->cmdline, &fault);
	stop_at(b, "premount");
	b->stage = clock_ms();
}

// ---- the loop -----------------------------------------------------------------------------------

static void loader_step(struct boot *b)
{
	struct fault fault;
	uint64_t count;

	if (read(b->loader.done, &count, sizeof count) < 0)
		return;
	while (loader_failure(&b->loader, &fault))
		milestone_fault(&fault);
}

static void ask_name(struct boot *b, uint64_t now)
{
	if (b->network.root && !cmdline_keeps(&b->cmdline, "hostname"))
		reverse_begin(&b->reverse, &b->network.lease, now);
}

static void step(struct boot *b, uint64_t now)
{
	devices_read(b->devices, want_drivers, b);
	loader_step(b);
	network_step(&b->network, loader_pending(&b->loader, LOADER_NETWORK, NULL) > 0, now);
	if (b->generation != b->network.generation) {
		b->generation = b->network.generation;
		b->stage = b->say = now;
		b->say += SAY_EVERY;
		ask_name(b, now);
	}
	reverse_step(&b->reverse);
	if (b->network.root && !b->stopped_for_mount) {
		b->stopped_for_mount = true;
		stop_at(b, "mount");
	}
	root_step(&b->root, &b->network, now);
}

static void say_awaited(struct boot *b, uint64_t now)
{
	char what[200];
	struct text t = text_of(what, sizeof what);
	const char *module;

	if (!root_awaits(&b->root, &b->network, &t, now)) {
		if (!b->network.nic_count && loader_pending(&b->loader, LOADER_NETWORK, &module))
			text_format(&t, "kernel module %s", module);
		else
			network_awaits(&b->network, &t, now);
	}
	milestone_waiting("%s", what);
}

static void explain_no_card(const struct boot *b, struct fault *fault)
{
	char seen[FAULT_FACTS - 80];
	struct text t = text_of(seen, sizeof seen);

	if (fault->id != FAULT_NO_NIC || b->network.nic_count)
		return;
	devices_describe_adapters(&t);
	if (t.length)
		fault_set(fault, FAULT_NO_NIC, "(%s); a USB Ethernet adapter would do, with an image of "
			"mklanyard -m all", seen);
	else
		fault_set(fault, FAULT_NO_NIC, "(there is none on PCI); a USB Ethernet "
			"adapter would do, with an image of mklanyard -m all");
}

// The failure as it looks now.
static void current_fault(struct boot *b, struct fault *fault, uint64_t now)
{
	if (b->network.root && b->root.fault.id) {
		*fault = b->root.fault;
	} else if (b->network.root) {
		fault_set(fault, FAULT_NFS_SILENT, "(%s)", b->root.server);
	} else {
		network_fault(&b->network, fault, now);
		explain_no_card(b, fault);
	}
}

// What to do about a failure, beyond its sentence.
static void suggest(const struct boot *b, const struct fault *fault)
{
	if (fault->id == FAULT_NO_NIC && !b->network.nic_count)
		devices_suggest_drivers();
}

static void complain(struct boot *b, uint64_t now)
{
	struct fault fault;
	bool new = b->root.fault_new && strcmp(b->root.fault.facts, b->shown.facts) != 0;

	b->root.fault_new = false;
	if (!new && now < b->complain)
		return;
	b->complain = now + FAULT_AFTER;
	current_fault(b, &fault, now);
	b->shown = fault;
	milestone_fault(&fault);
	suggest(b, &fault);
}

static void speak(struct boot *b, uint64_t now)
{
	if (b->root.state == ROOT_MOUNTED)
		b->complain = now + FAULT_AFTER;
	else if (b->root.fault_new || now >= b->complain)
		complain(b, now);
	if (now >= b->say) {
		b->say = now + SAY_EVERY;
		say_awaited(b, now);
	}
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void rest(struct boot *b, uint64_t now)
{
	struct pollfd polls[NETWORK_POLLS + ROOT_POLLS + 3];
	size_t count = network_polls(&b->network, polls);
	uint64_t deadline = sooner(b->say, b->complain);

	deadline = sooner(deadline, network_deadline(&b->network, now));
	deadline = sooner(deadline, root_deadline(&b->root));
	if (reverse_is_due(&b->reverse, now))
		deadline = sooner(deadline, b->reverse.end);
	polls[count++] = (struct pollfd){.fd = b->devices, .events = POLLIN};
	polls[count++] = (struct pollfd){.fd = b->loader.done, .events = POLLIN};
	if (b->reverse.pid)
		polls[count++] = (struct pollfd){.fd = b->reverse.pipe, .events = POLLIN};
	count += root_polls(&b->root, polls + count);
	poll(polls, count, deadline > now ? (int)(deadline - now) : 0);
}

// Whether a boot that does not get on is to be given up: where panic= or lanyard.rescue say what to do
// then, or else never.
static bool given_up(const struct boot *b, uint64_t now)
{
	uint32_t patience = b->cmdline.patience, carrier = b->network.words.carrier;

	if (carrier && carrier < patience && network_awaits_link(&b->network))
		patience = carrier;
	return (b->cmdline.has_panic || b->cmdline.rescue) &&
		now - b->stage >= (uint64_t)patience * 1000;
}

// When to speak of a fault that nobody has reported.
static uint64_t first_complaint(const struct boot *b)
{
	uint64_t carrier = (uint64_t)b->network.words.carrier * 1000;

	return carrier ? sooner(carrier, FAULT_AFTER) : FAULT_AFTER;
}

// Until the root is mounted and the network settled. False with *fault if it is given up.
static bool reach_root(struct boot *b, struct fault *fault)
{
	uint64_t now = clock_ms();

	b->stage = now;
	b->say = now + SAY_EVERY;
	b->complain = now + first_complaint(b);
	for (;;) {
		step(b, now);
		if (b->root.state == ROOT_MOUNTED && network_settled(&b->network, now) &&
			!reverse_is_due(&b->reverse, now))
			return true;
		speak(b, now);
		if (given_up(b, now)) {
			current_fault(b, fault, now);
			suggest(b, fault);
			return false;
		}
		rest(b, now);
		now = clock_ms();
	}
}

// ---- the end ------------------------------------------------------------------------------------

// The machine's UUID: the boot program's, else what the firmware has told the kernel.
static const uint8_t *machine_uuid(struct boot *b)
{
	char text[64];

	if (!b->record.has_uuid && file_read("/sys/class/dmi/id/product_uuid", text, sizeof text) > 0)
		b->record.has_uuid = identity_read_uuid(text, b->record.uuid);
	return b->record.has_uuid ? b->record.uuid : NULL;
}

static void record_memory(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) == 0)
		milestone_record("init took %u KB of memory at most", (unsigned)usage.ru_maxrss);
}

static void hand_over(struct boot *b, char **argv, struct fault *fault)
{
	static const char *const protocols6[] = {[NETWORK_ROUTER] = "auto6", [NETWORK_DHCP6] = "dhcp6",
		[NETWORK_LINK] = "link6", [NETWORK_STATIC6] = "static"};
	const struct nic *nic = b->network.root, *below = vlans_below(&b->network, nic);
	struct netconf network = {
		.device = nic->link.name,
		.protocol6 = protocols6[b->network.source],
		.protocol = b->network.source >= NETWORK_ROUTER ? "none"
			: b->network.source == NETWORK_STATIC ? "static" : "dhcp",
		.lease = &b->network.lease,
		.root_server = b->root.server,
		.root_path = b->root.nfsroot.path,
		.uptime = (uint32_t)(b->network.configured / 1000),
	};
	struct handover h = {
		.root = b->root.plan.target,
		.cmdline = &b->cmdline,
		.network = &network,
		.found_name = b->reverse.name,
		.hwaddr = nic->link.hwaddr,
		.below = below ? below->link.name : NULL,
		.uuid = machine_uuid(b),
		.layer = b->cmdline.overlay ? LAYER_OVERLAY
			: b->root.plan.read_only ? LAYER_READ_ONLY : LAYER_WRITABLE,
	};
	const char *init = handover_find_init(&h, fault);

	if (!init)
		return;
	reverse_end(&b->reverse);
	network_end(&b->network);
	if (!keeper_start(&b->network, argv[0]))
		milestone_notice("the lease will not be renewed: %s", strerror(errno));
	modprobe_end();
	handover_prepare(&h, init);
	stop_at(b, "init");
	record_memory();
	milestone("the root is ready, starting %s", init);
	handover_switch(&h, init, argv, fault);
	failure_final(&b->cmdline, fault);
}

static void boot(struct boot *b, char **argv, struct fault *fault)
{
	if (!reach_root(b, fault))
		return;
	stop_at(b, "bottom");
	if (!b->network.confirmed)
		milestone_notice("the DHCP server has not confirmed the lease; going on with it");
	if (b->cmdline.overlay && !overlay_mount(b->cmdline.overlay, b->root.plan.target, fault)) {
		overlay_drop(b->root.plan.target);
		return;
	}
	hand_over(b, argv, fault);
	if (b->cmdline.overlay)
		overlay_drop(b->root.plan.target);
}

int main(int argc, char **argv)
{
	static struct boot b;
	struct fault fault;
	static char own_name[] = "init";
	char *none[] = {own_name, NULL};

	if (argc > 0 && getpid() == 1 && shutdown_is_meant(argv[0]))
		shutdown_main(argc, argv);
	if (getpid() != 1)
		return modprobe_main(argc, argv);
	begin(&b);
	for (;;) {
		boot(&b, argc > 0 ? argv : none, &fault);
		failure_handle(&b.cmdline, &fault);
		root_drop(&b.root);
	}
}
