// SPDX-License-Identifier: BSD-2-Clause
// Carries out a plan: the kernel to the place where it will run; then the sizes of all initrds, room
// for them in one piece with the record in front, and each straight to its place in it.
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "netstack/base/memory.h"

enum { LOWEST = 0x100000, PAGE = 4096, ARCH_ARM64 = 11 };

static const uint64_t initrd_size_max = 1ull << 48; // sums of them stay far from 2^64

// The boot server that answers is the first to be asked for the next file.
static void prefer(struct boot *b, const struct ipaddr *server)
{
	for (size_t i = 1; i < FETCH_SERVERS; i++)
		if (ipaddr_equal(&b->servers[i], server)) {
			b->servers[i] = b->servers[0];
			b->servers[0] = *server;
		}
}

// What a relative name is relative to: the prefix; for a configuration that has come from a URL of its
// own the place where that lies, unless DHCP says where the files are (option 210).
static const char *base_of(const struct boot *b, const struct path *wanted, char buffer[PATH_URL])
{
	const struct path *config = &b->config_path;
	struct text t = text_of(buffer, PATH_URL);

	if (wanted == config || !config->http || config->relative || b->lease.path_prefix[0])
		return b->prefix;
	path_url(config, &b->servers[0], &t);
	return buffer;
}

// Who is asked: the server that the name says; the boot servers where it says none, and after it where
// the file is one of theirs.
static void list_servers(const struct boot *b, const struct path *path, struct ipaddr *servers)
{
	size_t count = 0;

	if (!ipaddr_is_unset(&path->server))
		servers[count++] = path->server;
	if (!path->relative && (count || path->host[0]))
		return;
	for (size_t i = 0; i < FETCH_SERVERS && count < FETCH_SERVERS; i++)
		if (!ipaddr_equal(&b->servers[i], &path->server))
			servers[count++] = b->servers[i];
}

// The boot server is known by a name only, which has just been looked up: once is enough, even in vain.
static void settle_next_host(struct boot *b)
{
	struct ipaddr found[DNS_ADDRESSES];
	size_t count = fetch_host_addresses(&b->fetch, b->lease.next_host, found);

	memmove(&b->servers[count], &b->servers[0], (FETCH_SERVERS - count) * sizeof *found);
	memcpy(b->servers, found, count * sizeof *found);
	b->lease.next_host[0] = 0;
}

bool load_file(struct boot *b, const char *name, struct path *path, struct sink *sink, bool show,
	uint64_t *size, struct fault *fault)
{
	struct fetch_job job = {.name = name, .file = path->file, .host = path->host, .sink = sink,
		.quiet = !show};
	char buffer[PATH_URL];
	bool loaded;

	if (!path_resolve(path, base_of(b, path, buffer), name, fault))
		return false;
	job.protocol = path->http ? FETCH_HTTP : FETCH_TFTP;
	job.port = path->port;
	list_servers(b, path, job.servers);
	if (!path->host[0] && ipaddr_is_unset(&path->server))
		job.host = b->lease.next_host;
	loaded = loop_fetch(b, &job, size, &path->server, fault);
	if (job.host != path->host)
		settle_next_host(b);
	if (loaded || fetch_refused(fault))
		prefer(b, &path->server);
	return loaded;
}

static void release(struct boot_load *l)
{
	sink_kernel_release(&l->kernel);
	if (l->stage)
		platform_release(l->stage, l->stage_size);
	if (l->region)
		platform_release(l->region, l->region_size);
	if (l->trees_room)
		platform_release(l->trees_room, TREES_ROOM);
	l->stage = l->region = l->trees_room = NULL;
}

static uint64_t padded(uint64_t size)
{
	return (size + 3) & ~(uint64_t)3;
}

// A name that is no label may stand for another kind of program, which pxelinux finds by trying
// suffixes: then the command is that name.
static bool probe_suffixes(struct boot *b, struct fault *fault)
{
	for (const char *const *suffix = plan_suffixes; *suffix; suffix++) {
		char buffer[PATH_NAME + 8];
		struct text name = text_of(buffer, sizeof buffer);
		uint64_t size;

		text_format(&name, "%s%s", b->plan.kernel, *suffix);
		if (load_file(b, buffer, &b->load.kernel_path, NULL, false, &size, fault)) {
			struct text next = text_of(b->next_command, sizeof b->next_command);

			text_format(&next, "%s %s", buffer, b->plan.arguments);
			return false;
		}
		if (!fetch_refused(fault))
			return false;
	}
	return true;
}

static bool load_kernel(struct boot *b, struct fault *fault)
{
	struct boot_load *l = &b->load;
	const struct plan *p = &b->plan;
	uint64_t size;

	if (p->image != IMAGE_LINUX)
		return fault_set(fault, FAULT_IMAGE_TYPE, "(\"%s\"%s)", p->kernel,
			p->image == IMAGE_PROGRAM ? " is a boot program for a BIOS" : "");
	if (!p->label && !probe_suffixes(b, fault))
		return false;
	sink_kernel(&l->kernel, b->id->arch == ARCH_ARM64 ? LINUX_ARM64 : LINUX_X86);
	l->kernel.programs = b->id->programs;
	l->kernel.packing = b->id->packing;
	if (!load_file(b, p->kernel, &l->kernel_path, &l->kernel.sink, !p->quiet, &size, fault) ||
		!sink_kernel_finish(&l->kernel, fault))
		return false;
	milestone(b, "kernel", l->kernel.size);
	if (l->kernel.image.cmdline_size && strlen(p->command_line) > l->kernel.image.cmdline_size)
		return fault_set(fault, FAULT_COMMAND_LINE, "(%zu characters, this kernel takes %u)",
			strlen(p->command_line), l->kernel.image.cmdline_size);
	return true;
}

static bool load_trees(struct boot *b, struct fault *fault)
{
	const struct plan *p = &b->plan;

	return !b->id->load_trees || !(p->fdt || p->fdtdir || p->overlays || p->kaslrseed) ||
	       b->id->load_trees(b, fault);
}

// With the card's ID, if the name wants it; for one file at a time.
static const char *initrd_name(struct boot *b, size_t i)
{
	const char *card = b->nic == b->id->boot_nic ? b->id->nic_text : "";
	struct text t = text_of(b->load.name, sizeof b->load.name);

	path_put_card(&t, b->plan.initrds[i], card);
	return t.cut ? b->plan.initrds[i] : b->load.name;
}

// The highest address that an initrd's byte may have.
static uint64_t initrd_limit(const struct boot *b)
{
	uint64_t limit = b->load.kernel.image.initrd_max;

	if (b->plan.memory_limit - 1 < limit)
		limit = b->plan.memory_limit - 1;
	return limit;
}

static uint8_t *reserve(const struct boot *b, uint64_t size, bool top, struct fault *fault)
{
	const struct platform_place place = {
		.size = size,
		.min = LOWEST,
		.max = initrd_limit(b),
		.align = PAGE,
		.top = top,
	};
	uint8_t *at = platform_reserve(&place);

	if (!at)
		fault_set(fault, FAULT_MEMORY,
			"(%u MB for the initrds below address 0x%llx, %u MB are free)",
			(unsigned)(size >> 20) + 1, (unsigned long long)place.max,
			(unsigned)(platform_memory_free() >> 20));
	return at;
}

static bool size_credible(const struct boot *b, size_t i, struct fault *fault)
{
	uint64_t size = b->load.initrds[i].size;

	return size == SINK_SIZE_UNKNOWN || size <= initrd_size_max ||
	       fault_set(fault, FAULT_FILE_TOO_LARGE, "(\"%.100s\": %llu bytes)", b->plan.initrds[i],
		       (unsigned long long)size);
}

static bool ask_sizes(struct boot *b, struct fault *fault)
{
	struct boot_load *l = &b->load;

	for (size_t i = 0; i < b->plan.initrd_count; i++)
		if (!load_file(b, initrd_name(b, i), &l->paths[i], NULL, false,
			    &l->initrds[i].size, fault) ||
			!size_credible(b, i, fault))
			return false;
	return true;
}

static bool load_initrd(struct boot *b, size_t i, struct sink *sink, struct fault *fault)
{
	return load_file(b, initrd_name(b, i), &b->load.paths[i], sink, !b->plan.quiet,
		&b->load.initrds[i].size, fault);
}

static bool reserve_stage(struct boot *b, struct fault *fault)
{
	struct boot_load *l = &b->load;

	l->stage_size = platform_memory_free() >> 1;
	while (!l->stage && l->stage_size > PAGE)
		if (!(l->stage = reserve(b, l->stage_size, false, fault)))
			l->stage_size >>= 1;
	return l->stage;
}

// Initrds whose size nobody tells go to low memory, one behind the other, in half of what there is;
// so there is room for all of them together afterwards.
static bool fetch_unknown(struct boot *b, struct fault *fault)
{
	struct boot_load *l = &b->load;
	uint64_t used = 0;

	for (size_t i = 0; i < b->plan.initrd_count; i++) {
		struct sink_memory sink;

		if (l->initrds[i].size != SINK_SIZE_UNKNOWN)
			continue;
		if (!l->stage && !reserve_stage(b, fault))
			return false;
		sink_memory(&sink, l->stage + used, used < l->stage_size ? l->stage_size - used : 0);
		l->staged[i] = l->stage + used;
		if (!load_initrd(b, i, &sink.sink, fault))
			return false;
		used = padded(used + l->initrds[i].size);
	}
	return true;
}

// A file's name for the record: its URL where that is its name.
static const char *source_of(struct boot *b, size_t number, const struct path *path)
{
	struct text url = text_of(b->load.urls[number], PATH_URL);

	if (!path->http)
		return path->file;
	path_url(path, &b->servers[0], &url);
	return b->load.urls[number];
}

// Each to its place; between them zeros: at most three, unless a file is shorter now than it was said to
// be.
static bool fetch_known(struct boot *b, struct fault *fault)
{
	struct boot_load *l = &b->load;
	uint8_t *at = l->region + RECORD_SIZE;

	for (size_t i = 0; i < b->plan.initrd_count; i++) {
		const uint64_t size = l->initrds[i].size;
		struct sink_memory sink;

		sink_memory(&sink, at, size);
		if (l->staged[i])
			memcpy(at, l->staged[i], size);
		else if (!load_initrd(b, i, &sink.sink, fault))
			return false;
		memset(at + l->initrds[i].size, 0, padded(size) - l->initrds[i].size);
		l->initrds[i].name = source_of(b, i, &l->paths[i]);
		at += padded(size);
	}
	return true;
}

static bool load_initrds(struct boot *b, struct fault *fault)
{
	struct boot_load *l = &b->load;

	if (b->plan.initrd_count == 0)
		return true;
	if (!ask_sizes(b, fault) || !fetch_unknown(b, fault))
		return false;
	l->region_size = RECORD_SIZE;
	for (size_t i = 0; i < b->plan.initrd_count; i++)
		l->region_size += padded(l->initrds[i].size);
	if (!(l->region = reserve(b, l->region_size, true, fault)) || !fetch_known(b, fault))
		return false;
	milestone(b, "initrd", l->region_size - RECORD_SIZE);
	return true;
}

static void fill_record(struct boot *b)
{
	struct boot_load *l = &b->load;
	const struct record r = {
		.discover = b->discover,
		.ack = b->ack,
		.proxy = b->proxy,
		.hwaddr = b->nic->hwaddr,
		.hwaddr_length = b->nic->hwaddr_length,
		.hwtype = b->nic->hwtype,
		.nic_name = b->nic->name,
		.bus = b->id->nic_text,
		.vlan = b->nic == b->id->boot_nic ? b->id->vlan : 0,
		.firmware = b->id->firmware,
		.arch = b->id->arch,
		.uuid = b->id->has_uuid ? b->id->uuid : NULL,
		.timeline = &b->timeline,
		.lease_from = b->lease_from,
		.address = b->lease.address,
		.prefix = b->lease.prefix,
		.server = b->config_path.server,
		.config = source_of(b, PLAN_INITRDS + 1, &b->config_path),
		.label = b->plan.label,
		.kernel = {source_of(b, PLAN_INITRDS, &l->kernel_path), l->kernel.size},
		.initrds = l->initrds,
		.initrd_count = b->plan.initrd_count,
	};

	if (l->region)
		record_write(l->region, &r);
}

static void tell_start(const struct boot *b)
{
	char counters[160];
	struct text t = text_of(counters, sizeof counters);

	platform_describe_nic(&t);
	if (t.length && !b->plan.quiet)
		console_stage("%s", counters);
	if (b->load.kernel.image.program)
		console_stage("starting %s", b->plan.kernel);
	else
		console_stage("starting Linux %s", b->load.kernel.image.version);
}

// Programs that look like a kernel to boot programs (memdisk, memtest86, ipxe.lkrn): no number is what
// their version begins with. What they are given as initrd is not for Linux: the record would be a part of it.
static bool is_disguised(const struct linux_image *image)
{
	return image->machine == LINUX_X86 && !image->pe && (image->version[0] < '0' || image->version[0] > '9');
}

void load_and_start(struct boot *b, struct fault *fault)
{
	struct boot_load *l = &b->load;

	memset(l, 0, sizeof *l);
	tape_bulk(&b->witness.tape, true);
	milestones_begin(b);
	if (load_kernel(b, fault) && load_trees(b, fault) && load_initrds(b, fault)) {
		const uint32_t before = l->region && is_disguised(&l->kernel.image) ? RECORD_SIZE : 0;
		const struct platform_linux start = {
			.image = &l->kernel.image,
			.kernel = l->kernel.at,
			.kernel_size = l->kernel.size,
			.initrd = l->region ? l->region + before : NULL,
			.initrd_size = l->region_size - before,
			.command_line = b->plan.command_line,
			.video_mode = b->plan.video_mode,
			.keep_pxe = b->plan.keep_pxe,
			.trees = l->trees_room ? &l->trees : NULL,
		};

		tell_start(b);
		milestone(b, "boot", 0);
		fill_record(b);
		fetch_close(&b->fetch, platform_now());
		loop_drain(b);
		platform_boot_linux(&start, fault);
	} else if (!b->next_command[0]) {
		milestone_fault(b, fault);
	}
	tape_bulk(&b->witness.tape, false);
	release(l);
}
