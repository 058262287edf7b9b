// SPDX-License-Identifier: BSD-2-Clause
// A network: the lease that the firmware got is used as it is, without a word on the wire. Only a
// machine that has none asks by DHCP, on all its cards at once; the first answer wins.
#include "bootloader/boot.h"
#include "bootloader/console.h"
#include "netstack/base/memory.h"
#include "netstack/wire/dhcp.h"
#include "netstack/wire/ipparam.h"
#include "netstack/wire/url.h"

static struct record_packet packet(const void *bytes, size_t length)
{
	return (struct record_packet){.bytes = bytes, .length = length};
}

// Opens a card, again and again for a while: some drivers fail at the first try.
static bool open_nic(struct boot *b, struct netdev *nic, uint32_t patience)
{
	uint64_t start = platform_now(), delay = RETRY_FIRST;
	struct fault fault = {0};

	while (!nic->ops->open(nic, &fault)) {
		console_fault(&fault);
		if (platform_now() - start + delay >= patience)
			return false;
		console_stage("trying %s again in %u s", nic->name, (unsigned)delay / 1000);
		for (uint64_t until = platform_now() + delay; platform_now() < until;)
			loop_turn(b, until);
		delay *= 2;
	}
	return true;
}

// Opening a card makes some links bounce; until it is up again nobody hears us. A card that cannot
// say is not waited for. False if it stays down.
static bool await_link(struct boot *b, struct netdev *nic)
{
	enum { LINK_POLL = 20 };
	const uint64_t start = platform_now();
	char hwaddr[3 * NETDEV_HWADDR];
	struct text t = text_of(hwaddr, sizeof hwaddr);
	uint32_t waited = 0;
	struct fault fault;

	while (nic->ops->link(nic) == LINK_DOWN && waited < NIC_PATIENCE) {
		if (waited >= NOTICE_AFTER)
			console_status("waiting for the link of %s, %u s", nic->name, waited / 1000);
		loop_turn(b, platform_now() + LINK_POLL);
		waited = (uint32_t)(platform_now() - start);
	}
	if (waited >= NOTICE_AFTER && waited < NIC_PATIENCE)
		console_stage("the link of %s is up after %u.%u s", nic->name, waited / 1000,
			waited % 1000 / 100);
	if (waited < NIC_PATIENCE)
		return true;
	text_hwaddr(&t, nic->hwaddr, nic->hwaddr_length, ':');
	fault_set(&fault, FAULT_NO_LINK, "on %s since %u s", hwaddr, waited / 1000);
	console_fault(&fault);
	return false;
}

// The card with that hardware address, else the first.
static struct netdev *find_nic(struct boot *b, const uint8_t *hwaddr, size_t length)
{
	struct netdev **list;
	size_t count = witness_netdevs(&b->witness, &list);

	for (size_t i = 0; i < count; i++) {
		const struct netdev *nic = list[i];

		if (nic->hwaddr_length == length && memcmp(nic->hwaddr, hwaddr, length) == 0)
			return list[i];
	}
	return count ? list[0] : NULL;
}

static void add_routes(struct boot *b)
{
	const struct lease *l = &b->lease;
	const struct ipaddr everywhere = ipaddr_v4(0, 0, 0, 0);

	for (size_t i = 0; i < l->route_count; i++)
		stack_add_route(&b->stack, &l->routes[i].destination, l->routes[i].prefix,
			&l->routes[i].gateway, 0);
	if (!l->classless && !ipaddr_is_unset(&l->routers[0]))
		stack_add_route(&b->stack, &everywhere, 0, &l->routers[0], 0);
}

static void add_server(struct boot *b, const struct ipaddr *server)
{
	size_t i = 0;

	while (i < FETCH_SERVERS && !ipaddr_is_unset(&b->servers[i]) && !ipaddr_equal(&b->servers[i], server))
		i++;
	if (i < FETCH_SERVERS)
		b->servers[i] = *server;
}

// The boot servers: who the lease (or the proxy) names, the others of option 150, then who gave the
// lease, in case that one serves files too.
static void list_servers(struct boot *b)
{
	const struct lease *l = &b->lease;

	memset(b->servers, 0, sizeof b->servers);
	add_server(b, &l->next_server);
	for (size_t i = 0; i < LEASE_SERVERS; i++)
		add_server(b, &l->tftp_servers[i]);
	add_server(b, &l->server_id);
}

// The texts that SYSAPPEND's bits 1 and 2 ask for.
static void describe(struct boot *b)
{
	const struct lease *l = &b->lease;
	struct text ip = text_of(b->ip_parameter, sizeof b->ip_parameter);
	struct text bootif = text_of(b->bootif, sizeof b->bootif);
	struct ipparam p = {
		.client = l->address,
		.server = l->next_server,
		.gateway = l->routers[0],
		.prefix = l->prefix,
		.has_mask = true,
	};

	text_format(&ip, "ip=");
	ipparam_format(&p, &ip);
	text_format(&bootif, "BOOTIF=%02x-", b->nic->hwtype);
	text_hwaddr(&bootif, b->nic->hwaddr, b->nic->hwaddr_length, '-');
}

// TFTP blocks that need no fragments; 0: the usual ones do.
static uint16_t block_size(const struct boot *b)
{
	uint16_t mtu = b->nic->mtu;

	if (b->lease.mtu && (b->lease.mtu < mtu || !mtu))
		mtu = b->lease.mtu;
	return mtu && mtu < TFTP_BLKSIZE + 32 ? (uint16_t)(mtu - 32) : 0;
}

// The firmware has found where the URL's host is: nobody needs to be asked again.
static void know_boot_server(struct boot *b)
{
	char host[DNS_HOST];
	struct text t = text_of(host, sizeof host);
	struct url u;

	if (ipaddr_is_unset(&b->id->boot_server) || !url_read(&u, b->id->boot_url))
		return;
	text_append(&t, u.host.at, u.host.length);
	if (!t.cut && t.length)
		fetch_know(&b->fetch, host, &b->id->boot_server, 1);
}

// Configures the chosen card, which is open, with b->lease.
static bool use_lease(struct boot *b)
{
	char address[IPADDR_TEXT], server[IPADDR_TEXT];
	struct fault fault;

	stack_init(&b->stack, &b->random);
	fetch_init(&b->fetch, &b->stack, &b->random);
	if (stack_add_interface(&b->stack, b->nic) < 0) {
		fault_set(&fault, FAULT_NIC_OPEN, "(%s: an address of %u bytes)", b->nic->name,
			b->nic->hwaddr_length);
		console_fault(&fault);
		return false;
	}
	stack_set_address(&b->stack, 0, &b->lease.address, b->lease.prefix, platform_now());
	add_routes(b);
	list_servers(b);
	describe(b);
	b->fetch.blksize = block_size(b);
	b->fetch.path.most = b->nic->burst;
	b->fetch.domain = b->lease.domain;
	memcpy(b->fetch.dns, b->lease.dns, sizeof b->fetch.dns);
	if (b->id->boot_url)
		know_boot_server(b);
	console_stage("lease %s/%u from %s (%s)", ipaddr_format(&b->lease.address, address),
		b->lease.prefix, ipaddr_format(&b->lease.server_id, server), b->lease_from);
	record_stage(&b->timeline, "lease", console_elapsed());
	if (path_prefix(b->prefix, &b->lease, &fault))
		return true;
	console_fault(&fault);
	return false;
}

// The lease in the firmware's cached packets. Some ROMs leave the proxy's empty: that is no fault.
static bool read_firmware_lease(struct boot *b, struct dhcp_message *ack, struct fault *fault)
{
	const struct platform_identity *id = b->id;
	struct dhcp_message other;

	if (!dhcp_parse(ack, id->ack.bytes, id->ack.length))
		return fault_set(fault, FAULT_DHCP_BAD, "(the copy that the firmware keeps)");
	if (!lease_read(&b->lease, ack, fault))
		return false;
	if (dhcp_parse(&other, id->proxy.bytes, id->proxy.length))
		lease_add_proxy(&b->lease, &other);
	if (dhcp_parse(&other, id->discover.bytes, id->discover.length))
		lease_add_discover(&b->lease, &other);
	return true;
}

static bool use_firmware_lease(struct boot *b)
{
	const struct platform_identity *id = b->id;
	struct dhcp_message ack;
	struct fault fault;

	if (!read_firmware_lease(b, &ack, &fault)) {
		console_fault(&fault);
		return false;
	}
	b->nic = id->boot_nic ? id->boot_nic : find_nic(b, ack.chaddr, ack.hlen);
	if (!b->nic) {
		fault_set(&fault, FAULT_NO_NIC, "(%s)", b->id->firmware);
		console_fault(&fault);
		return false;
	}
	if (!open_nic(b, b->nic, NIC_PATIENCE))
		return false;
	if (!await_link(b, b->nic)) {
		b->nic->ops->close(b->nic);
		return false;
	}
	b->discover = packet(id->discover.bytes, id->discover.length);
	b->ack = packet(id->ack.bytes, id->ack.length);
	b->proxy = packet(id->proxy.bytes, id->proxy.length);
	b->lease_from = "firmware";
	return use_lease(b);
}

static void on_dhcp(void *owner, const struct datagram *d, uint64_t now)
{
	struct boot_dhcp *h = owner;

	dhcp_client_input(&h->client, d->payload, d->length, &d->from, now);
}

// "PXEClient:Arch:00000:UNDI:002001", as RFC 4578's readers know it: some servers answer no other.
static const char *vendor_class(uint16_t arch)
{
	static char buffer[40];
	struct text t = text_of(buffer, sizeof buffer);

	text_format(&t, "PXEClient:Arch:%05u:UNDI:002001", arch);
	return buffer;
}

static void start_dhcp(struct boot *b, struct netdev *nic)
{
	int interface = stack_add_interface(&b->stack, nic);
	struct boot_dhcp *h = &b->dhcp[interface < 0 ? 0 : interface];
	const struct stack_handler handler = {.owner = h, .input = on_dhcp};
	struct dhcp_client_config cfg = {
		.random = &b->random,
		.hwaddr_length = nic->hwaddr_length,
		.hwtype = nic->hwtype,
		.start = DHCP_SELECTING,
		.vendor_class = vendor_class(b->id->arch),
		.uuid = b->id->has_uuid ? b->id->uuid : NULL,
		.arch = b->id->arch,
		.proxy_wait = PROXY_WAIT,
	};

	if (interface < 0)
		return;
	memcpy(cfg.hwaddr, nic->hwaddr, sizeof cfg.hwaddr);
	dhcp_client_start(&h->client, &cfg, platform_now());
	h->socket = stack_bind(&b->stack, interface, DHCP_CLIENT_PORT, &handler);
}

// Opens all cards and starts DHCP on them: only the one that the URL came through, where there was one.
// Gives their number.
static size_t start_all(struct boot *b)
{
	struct netdev **list;
	size_t count = witness_netdevs(&b->witness, &list);

	for (size_t i = 0; i < count; i++)
		if ((!b->id->boot_url || list[i] == b->id->boot_nic) &&
			b->stack.interface_count < STACK_INTERFACES && open_nic(b, list[i], 0))
			start_dhcp(b, list[i]);
	return b->stack.interface_count;
}

void acquire_step(struct boot *b, uint64_t now)
{
	uint8_t buffer[DHCP_PACKET];
	struct endpoint to;

	for (size_t i = 0; i < b->stack.interface_count; i++) {
		struct boot_dhcp *h = &b->dhcp[i];

		while (h->socket) {
			struct writer w = writer_of(buffer, sizeof buffer);

			if (!dhcp_client_output(&h->client, &w, &to, now))
				break;
			stack_send(&b->stack, h->socket, &to, buffer, writer_length(&w), now);
		}
	}
}

uint64_t acquire_deadline(const struct boot *b)
{
	uint64_t next = DEADLINE_NEVER;

	for (size_t i = 0; i < b->stack.interface_count; i++) {
		const struct boot_dhcp *h = &b->dhcp[i];
		uint64_t due = h->socket ? dhcp_client_deadline(&h->client) : DEADLINE_NEVER;

		if (due < next)
			next = due;
	}
	return next;
}

// The interface whose DHCP has succeeded; -1 if none has yet.
static int answered(const struct boot *b)
{
	for (size_t i = 0; i < b->stack.interface_count; i++)
		if (b->dhcp[i].socket && dhcp_client_status(&b->dhcp[i].client) == MACHINE_DONE)
			return (int)i;
	return -1;
}

static bool all_links_down(const struct boot *b)
{
	for (size_t i = 0; i < b->stack.interface_count; i++) {
		struct netdev *dev = b->stack.interfaces[i].dev;

		if (dev->ops->link(dev) != LINK_DOWN)
			return false;
	}
	return true;
}

static void tell_silence(struct boot *b, uint32_t seconds)
{
	const struct boot_dhcp *h = &b->dhcp[0];
	struct netdev *nic = b->stack.interfaces[0].dev;
	char hwaddr[3 * NETDEV_HWADDR];
	struct text t = text_of(hwaddr, sizeof hwaddr);
	struct fault fault;

	text_hwaddr(&t, nic->hwaddr, nic->hwaddr_length, ':');
	if (all_links_down(b))
		fault_set(&fault, FAULT_NO_LINK, "on %s since %u s", hwaddr, seconds);
	else if (h->client.fault.id)
		fault = h->client.fault;
	else
		fault_set(&fault, FAULT_DHCP_SILENT, "on %s in %u s (%u tries)", hwaddr, seconds,
			h->client.tries);
	console_fault(&fault);
}

static void draw_wait(struct boot *b, uint32_t waited, bool told)
{
	char words[80];
	struct text t = text_of(words, sizeof words);

	if (all_links_down(b))
		text_format(&t, "the link of %s", b->stack.interfaces[0].dev->name);
	else
		dhcp_client_describe(&b->dhcp[0].client, &t, platform_now());
	if (told)
		console_status("waiting for %s; rebooting in %u s", words,
			(DHCP_PATIENCE + DHCP_REBOOT - waited) / 1000);
	else
		console_status("waiting for %s", words);
}

// Waits for the first answer. Gives its interface; -1 when the time is over.
static int await_answer(struct boot *b)
{
	uint64_t start = platform_now(), draw = start + NOTICE_AFTER;
	bool told = false;

	while (answered(b) < 0) {
		uint64_t now = platform_now();
		uint32_t waited = (uint32_t)(now - start);

		if (waited >= DHCP_PATIENCE + DHCP_REBOOT)
			return -1;
		if (waited >= DHCP_PATIENCE && !told) {
			tell_silence(b, waited / 1000);
			told = true;
		}
		if (now >= draw) {
			draw_wait(b, waited, told);
			draw = now + 1000;
		}
		loop_turn(b, draw);
	}
	return answered(b);
}

// Where a URL has led the firmware, the files lie beside it on the same server. We cannot speak HTTPS:
// then the server is asked by TFTP, for the URL's path without its first slash.
static void use_boot_url(struct boot *b)
{
	struct text file = text_of(b->lease.boot_file, sizeof b->lease.boot_file);
	struct url u;

	if (url_read(&u, b->id->boot_url) && text_is(u.scheme.at, u.scheme.length, "https"))
		text_append(&file, u.path.at + (u.path.length > 0), u.path.length - (u.path.length > 0));
	else
		text_format(&file, "%s", b->id->boot_url);
	if (!ipaddr_is_unset(&b->id->boot_server))
		b->lease.next_server = b->id->boot_server;
}

static bool lease_by_dhcp(struct boot *b)
{
	const struct dhcp_client *c;
	struct fault fault;
	int interface;

	stack_init(&b->stack, &b->random);
	fetch_init(&b->fetch, &b->stack, &b->random);
	if (start_all(b) == 0) {
		fault_set(&fault, FAULT_NO_NIC, "(%s)", b->id->firmware);
		console_fault(&fault);
		return false;
	}
	interface = await_answer(b);
	for (size_t i = 0; i < b->stack.interface_count; i++) {
		struct netdev *nic = b->stack.interfaces[i].dev;

		b->dhcp[i].socket = NULL; // the stack begins anew in use_lease
		if ((int)i == interface)
			b->nic = nic;
		else
			nic->ops->close(nic);
	}
	if (interface < 0)
		return false;
	c = &b->dhcp[interface].client;
	b->lease = c->lease;
	b->discover = packet(c->discover.bytes, c->discover.length);
	b->ack = packet(c->ack.bytes, c->ack.length);
	b->proxy = packet(c->proxy.bytes, c->proxy.length);
	b->lease_from = "dhcp";
	if (b->id->boot_url)
		use_boot_url(b);
	return use_lease(b);
}

bool acquire(struct boot *b)
{
	return (b->id->ack.length && use_firmware_lease(b)) || lease_by_dhcp(b);
}
