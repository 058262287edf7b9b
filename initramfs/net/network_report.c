// SPDX-License-Identifier: BSD-2-Clause
// The network's state in words (network.h): what is awaited, and what that amounts to as a failure.
#include "initramfs/net/network_parts.h"

#include <string.h>

static const struct nic *in_state(const struct network *n, enum nic_state state)
{
	for (size_t i = 0; i < n->nic_count; i++)
		if (n->nics[i].state == state)
			return &n->nics[i];
	return NULL;
}

// One that has no link yet, whether started or about to be.
static const struct nic *without_link(const struct network *n)
{
	const struct nic *raised = in_state(n, NIC_RAISED);

	return raised ? raised : in_state(n, NIC_NEGOTIATING);
}

void network_awaits(const struct network *n, struct text *to, uint64_t now)
{
	const struct nic *nic;

	if (n->root && !n->confirmed) {
		text_format(to, "the DHCP server to confirm the lease");
	} else if ((nic = in_state(n, NIC_ASKING))) {
		dhcp_client_describe(&nic->dhcp.client, to, now);
		text_format(to, " on %s", nic->link.name);
	} else if ((nic = in_state(n, NIC_SOLICITING)) || (nic = in_state(n, NIC_LISTENING))) {
		network6_awaits(nic, to, now);
	} else if ((nic = without_link(n))) {
		text_format(to, "the link of %s (", nic->link.name);
		text_hwaddr(to, nic->link.hwaddr, sizeof nic->link.hwaddr, ':');
		text_format(to, ")");
	} else if (n->bootdev[0]) {
		text_format(to, "the network card %s", n->bootdev);
	} else if (n->has_bootif) {
		text_format(to, "the network card ");
		text_hwaddr(to, n->bootif, sizeof n->bootif, ':');
	} else {
		text_format(to, "a network card");
	}
}

bool network_awaits_link(const struct network *n)
{
	return !n->root && !in_state(n, NIC_ASKING) && !in_state(n, NIC_LISTENING) &&
		!in_state(n, NIC_SOLICITING) &&
		without_link(n);
}

static void dhcp_fault(const struct nic *nic, struct fault *fault, uint64_t now)
{
	const struct dhcp *d = &nic->dhcp;
	char hwaddr[20];
	struct text t = text_of(hwaddr, sizeof hwaddr);

	text_hwaddr(&t, nic->link.hwaddr, sizeof nic->link.hwaddr, ':');
	if (d->client.fault.id)
		*fault = d->client.fault;
	else
		fault_set(fault, FAULT_DHCP_SILENT, "on %s (%s) in %u s (%u tries)%s%s", hwaddr,
			nic->link.name, (unsigned)(now - d->started) / 1000, d->client.tries,
			d->error ? "; sending: " : "", d->error ? strerror(d->error) : "");
}

void network_fault(const struct network *n, struct fault *fault, uint64_t now)
{
	const struct nic *nic;

	if ((nic = in_state(n, NIC_ASKING)))
		dhcp_fault(nic, fault, now);
	else if ((nic = in_state(n, NIC_SOLICITING)) || (nic = in_state(n, NIC_LISTENING)))
		network6_fault(nic, fault, now);
	else if ((nic = without_link(n)))
		fault_set(fault, FAULT_NO_LINK, "on %s in %u s", nic->link.name,
			(unsigned)(now - nic->since) / 1000);
	else if ((nic = in_state(n, NIC_FAILED)))
		fault_set(fault, FAULT_NO_NIC, "(%s cannot be used, as said above)", nic->link.name);
	else if (n->nic_count)
		fault_set(fault, FAULT_NO_NIC, "(the command line names another one than %s)",
			n->nics[0].link.name);
	else
		fault_set(fault, FAULT_NO_NIC, "in %u s", (unsigned)(now - n->started) / 1000);
}
