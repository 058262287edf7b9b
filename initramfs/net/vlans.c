// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/net/vlans.h"

#include "initramfs/milestone.h"
#include "initramfs/net/cards.h"

#include <errno.h>
#include <string.h>

// The only real card, once all drivers have looked; NULL if there are several.
static const struct nic *only_card(const struct network *n)
{
	const struct nic *only = NULL;

	if (n->drivers_pending)
		return NULL;
	for (size_t i = 0; i < n->nic_count; i++) {
		if (n->nics[i].link.below)
			continue;
		if (only)
			return NULL;
		only = &n->nics[i];
	}
	return only;
}

static bool belongs_on(const struct network *n, const struct linkparam_vlan *v,
	const struct nic *nic)
{
	if (nic->link.below || nic->link.gone)
		return false;
	if (v->device[0])
		return cards_is_called(nic, v->device);
	return n->has_bootif ? cards_is_bootif(n, nic) : nic == only_card(n);
}

static void make(struct network *n, size_t i, const struct nic *nic)
{
	const struct linkparam_vlan *v = &n->words.vlans[i];
	int error = netlink_add_vlan(&n->netlink, nic->link.index, v->name, v->id);
	struct fault fault;

	// The module is on its way.
	if (error == EOPNOTSUPP && n->drivers_pending)
		return;
	n->vlans_made |= 1u << i;
	if (error) {
		n->vlans_failed |= 1u << i;
		fault_set(&fault, FAULT_MODULE_LOAD, "(vlan=%s: %s%s)", v->name, strerror(error),
			error == EOPNOTSUPP ? "; mklanyard -m list:8021q adds the module to the image" : "");
		milestone_fault(&fault);
		return;
	}
	milestone("VLAN %u on %s is %s", v->id, nic->link.name, v->name);
}

void vlans_step(struct network *n)
{
	for (size_t i = 0; i < n->words.vlan_count; i++)
		for (size_t c = 0; c < n->nic_count && !(n->vlans_made & 1u << i); c++)
			if (belongs_on(n, &n->words.vlans[i], &n->nics[c]))
				make(n, i, &n->nics[c]);
}

bool vlans_is_one(const struct network *n, const char *name)
{
	for (size_t i = 0; i < n->words.vlan_count; i++)
		if (strcmp(n->words.vlans[i].name, name) == 0)
			return true;
	return false;
}

const struct nic *vlans_below(const struct network *n, const struct nic *nic)
{
	for (size_t i = 0; i < n->nic_count && nic->link.below; i++)
		if (n->nics[i].link.index == nic->link.below)
			return &n->nics[i];
	return NULL;
}

// The choice of the card may have to wait until all of them are there.
static bool is_open(const struct network *n, const struct linkparam_vlan *v)
{
	return !v->device[0] && !n->has_bootif && n->drivers_pending;
}

bool vlans_carries(const struct network *n, const struct nic *nic)
{
	for (size_t i = 0; i < n->words.vlan_count && !nic->link.below; i++)
		if (!(n->vlans_failed & 1u << i) && (is_open(n, &n->words.vlans[i]) ||
			belongs_on(n, &n->words.vlans[i], nic)))
			return true;
	return false;
}
