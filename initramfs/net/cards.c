// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/net/cards.h"

#include "initramfs/milestone.h"
#include "initramfs/net/names.h"
#include "initramfs/net/vlans.h"

#include <string.h>
#include <unistd.h>

enum {
	HOLD = 10000,            // ms that other cards wait for the one that booted
	ONLY_CARD_AFTER = 3000,  // ms until a device name that fits no card is given up
};

// Drivers that look at their link when they are started, and then only every 2 s, whatever their card
// reports meanwhile: an autonegotiation that ends in between is noticed that late. It begins when the
// driver finds its card, and takes from half a second to some seconds.
static const char *const late_drivers[] = {"e1000"};

static bool has_file(const char *name, const char *file)
{
	char path[64];
	struct text t = text_of(path, sizeof path);

	text_format(&t, "/sys/class/net/%s/%s", name, file);
	return access(path, F_OK) == 0;
}

bool cards_is_wired(const char *name)
{
	return has_file(name, "device") && !has_file(name, "phy80211");
}

bool cards_notices_late(const char *name)
{
	char path[64], target[256];
	struct text t = text_of(path, sizeof path);
	const char *driver;
	ssize_t length;

	text_format(&t, "/sys/class/net/%s/device/driver", name);
	length = readlink(path, target, sizeof target - 1);
	if (length <= 0)
		return false;
	target[length] = 0;
	driver = strrchr(target, '/');
	for (size_t i = 0; driver && i < sizeof late_drivers / sizeof *late_drivers; i++)
		if (strcmp(driver + 1, late_drivers[i]) == 0)
			return true;
	return false;
}

// ---- what is said about them --------------------------------------------------------------------

static void read_parameters(struct network *n)
{
	for (size_t i = 0; i < n->cmdline->ip_count; i++) {
		const char *value = n->cmdline->ip[i];
		struct ipparam *p = &n->parameters[n->parameter_count];
		struct fault fault = {0};

		if (!*value)
			continue;
		if (!ipparam_parse(p, value, strlen(value), &fault)) {
			milestone_fault(&fault);
			milestone_notice("DHCP is used in its place");
			continue;
		}
		if (p->notice[0])
			milestone_notice("ip=%s: %s", value, p->notice);
		n->parameter_count++;
	}
}

static void forget(const struct network *n, char device[LINKPARAM_NAME])
{
	if (n->words.joined[0] && strcmp(device, n->words.joined) == 0)
		device[0] = 0;
}

// What other words say of a bond or bridge then counts for any card.
static void forget_joined(struct network *n)
{
	for (size_t i = 0; i < n->parameter_count; i++)
		forget(n, n->parameters[i].device);
	for (size_t i = 0; i < n->words.vlan_count; i++)
		forget(n, n->words.vlans[i].device);
	for (size_t i = 0; i < n->words.route_count; i++)
		forget(n, n->words.routes[i].device);
	forget(n, n->words.bootdev);
}

// The VLAN that the machine booted in, where the command line names none.
static void read_recorded_vlan(struct network *n)
{
	struct linkparam_vlan *v = &n->words.vlans[0];
	struct text name;

	if (!n->record->vlan || n->words.vlan_count)
		return;
	name = text_of(v->name, sizeof v->name);
	text_format(&name, "vlan%u", n->record->vlan);
	v->id = n->record->vlan;
	n->words.vlan_count = 1;
}

void cards_read(struct network *n)
{
	const char *value = n->cmdline->bootif;

	read_parameters(n);
	words_read(&n->words, n->cmdline, milestone_fault);
	forget_joined(n);
	read_recorded_vlan(n);
	memcpy(n->bootdev, n->words.bootdev, sizeof n->bootdev);
	if (n->bootdev[0]) {
		n->has_bootif = true;
		return;
	}
	if (value) {
		n->has_bootif = bootif_parse(n->bootif, value, strlen(value));
		if (!n->has_bootif)
			milestone_notice("BOOTIF=%s is no hardware address", value);
	}
	if (!n->has_bootif && n->record->has_hwaddr) {
		memcpy(n->bootif, n->record->hwaddr, sizeof n->bootif);
		n->has_bootif = true;
	}
}

bool cards_is_bootif(const struct network *n, const struct nic *nic)
{
	const struct nic *below = vlans_below(n, nic);

	if (!n->bootdev[0])
		return n->has_bootif && memcmp(nic->link.hwaddr, n->bootif, sizeof n->bootif) == 0;
	return strcmp(nic->link.name, n->bootdev) == 0 ||
		(below && strcmp(below->link.name, n->bootdev) == 0);
}

bool cards_is_called(const struct nic *nic, const char *name)
{
	return strcmp(nic->link.name, name) == 0 ||
		names_fit(name, nic->link.name, nic->link.hwaddr);
}

bool cards_fits_record(const struct network *n, const struct nic *nic)
{
	return n->record->has_lease && n->record->has_hwaddr &&
		memcmp(n->record->hwaddr, nic->link.hwaddr, sizeof n->record->hwaddr) == 0;
}

static bool names(const struct ipparam *p, const struct nic *nic)
{
	if (p->has_hwaddr)
		return memcmp(p->hwaddr, nic->link.hwaddr, sizeof p->hwaddr) == 0;
	return p->device[0] && strcmp(p->device, nic->link.name) == 0;
}

static bool names_none(const struct ipparam *p)
{
	return !p->device[0] && !p->has_hwaddr;
}

const struct ipparam *cards_parameter(const struct network *n, const struct nic *nic)
{
	for (size_t i = n->parameter_count; i-- > 0;)
		if (names(&n->parameters[i], nic))
			return &n->parameters[i];
	for (size_t i = n->parameter_count; i-- > 0;)
		if (names_none(&n->parameters[i]))
			return &n->parameters[i];
	return NULL;
}

static bool has_address(const struct ipparam *p)
{
	return p && p->autoconf == IPPARAM_STATIC && !ipaddr_is_unset(&p->client);
}

const struct ipparam *cards_static(const struct network *n, const struct nic *nic)
{
	const struct ipparam *p = cards_parameter(n, nic);

	if (!has_address(p))
		return NULL;
	return names(p, nic) || !n->has_bootif || cards_is_bootif(n, nic) ? p : NULL;
}

bool cards_is_used(const struct network *n, const struct nic *nic)
{
	const struct ipparam *p = cards_parameter(n, nic);

	return !vlans_carries(n, nic) || (p && names(p, nic));
}

// A new card is down, as renaming demands.
static void rename_card(struct network *n, struct nic *nic)
{
	for (size_t i = 0; i < n->words.name_count && !nic->link.below; i++) {
		const struct linkparam_ifname *to = &n->words.names[i];
		int error;

		if (memcmp(to->hwaddr, nic->link.hwaddr, sizeof to->hwaddr) != 0 ||
			strcmp(to->name, nic->link.name) == 0)
			continue;
		error = netlink_rename(&n->netlink, nic->link.index, to->name);
		milestone_notice("%s is to be called %s (ifname=)%s%s", nic->link.name, to->name,
			error ? ": " : "", error ? strerror(error) : "");
		if (!error)
			memcpy(nic->link.name, to->name, sizeof to->name);
	}
}

static void resolve(char device[LINKPARAM_NAME], const struct nic *nic)
{
	if (!names_fit(device, nic->link.name, nic->link.hwaddr))
		return;
	milestone_notice("%s is called %s here", device, nic->link.name);
	memcpy(device, nic->link.name, sizeof nic->link.name);
}

void cards_resolve(struct network *n, struct nic *nic)
{
	rename_card(n, nic);
	if (nic->link.below)
		return;
	for (size_t i = 0; i < n->parameter_count; i++)
		resolve(n->parameters[i].device, nic);
	for (size_t i = 0; i < n->words.vlan_count; i++)
		resolve(n->words.vlans[i].device, nic);
	resolve(n->bootdev, nic);
}

// ---- decisions ----------------------------------------------------------------------------------

// How many cards may get an address; *first is one of them.
static unsigned count_used(const struct network *n, const struct nic **first)
{
	unsigned count = 0;

	for (size_t i = 0; i < n->nic_count; i++)
		if (cards_is_used(n, &n->nics[i]) && count++ == 0)
			*first = &n->nics[i];
	return count;
}

// ip= names a device that no card is called (another system's name for it): the only card will do.
static const struct nic *only_card(const struct network *n)
{
	const struct nic *nic = NULL;

	return n->parameter_count && count_used(n, &nic) == 1 && !cards_parameter(n, nic) ? nic : NULL;
}

static void adopt_only_card(struct network *n, uint64_t now)
{
	const struct nic *nic = only_card(n);
	struct ipparam *p = &n->parameters[n->parameter_count - 1];

	if (!nic || n->drivers_pending || now - nic->since < ONLY_CARD_AFTER)
		return;
	milestone_notice("ip= names '%s', but the only card is %s: it is used", p->device,
		nic->link.name);
	memcpy(p->device, nic->link.name, sizeof p->device);
	p->has_hwaddr = false;
}

// An ip= with an address but no device fits one card only.
static void refuse_ambiguous(struct network *n)
{
	const struct nic *first;
	unsigned count = n->parameter_count ? count_used(n, &first) : 0;
	struct fault fault;

	if (n->has_bootif || count < 2 || n->root)
		return;
	for (size_t i = 0; i < n->parameter_count; i++) {
		struct ipparam *p = &n->parameters[i];

		if (!names_none(p) || !has_address(p))
			continue;
		fault_set(&fault, FAULT_IP_PARAMETER,
			"(an address without a device name, but this machine has %u network cards)", count);
		milestone_fault(&fault);
		milestone_notice("DHCP is used in its place");
		*p = (struct ipparam){.autoconf = IPPARAM_DHCP};
	}
}

void cards_decide(struct network *n, uint64_t now)
{
	adopt_only_card(n, now);
	refuse_ambiguous(n);
}

bool cards_all_may(const struct network *n, uint64_t now)
{
	return !n->has_bootif || now - n->started >= HOLD;
}

bool cards_may_start(const struct network *n, const struct nic *nic, uint64_t now)
{
	const struct ipparam *p = cards_parameter(n, nic);
	const struct nic *below = vlans_below(n, nic);

	if (below && !below->link.up)
		return false;
	if (!cards_is_used(n, nic))
		return true; // its VLAN waits for it
	if (n->parameter_count && !p)
		return false;
	if (p && names(p, nic))
		return true;
	if (!n->has_bootif && has_address(p))
		return !n->drivers_pending; // a second card would make the address ambiguous
	return cards_is_bootif(n, nic) || cards_all_may(n, now);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t cards_deadline(const struct network *n)
{
	uint64_t deadline = DEADLINE_NEVER;
	const struct nic *only = only_card(n);

	if (n->has_bootif && !n->all_tried)
		deadline = sooner(deadline, n->started + HOLD);
	if (only)
		deadline = sooner(deadline, only->since + ONLY_CARD_AFTER);
	return deadline;
}
