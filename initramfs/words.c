// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/words.h"

#include <string.h>

// Reads one value into place `i`; false with *fault.
typedef bool read_value(struct words *w, size_t i, const char *value, struct fault *fault);

static bool read_vlan(struct words *w, size_t i, const char *value, struct fault *fault)
{
	w->vlan_count = i + linkparam_vlan(&w->vlans[i], value, strlen(value), fault);
	return w->vlan_count > i;
}

static bool read_ifname(struct words *w, size_t i, const char *value, struct fault *fault)
{
	w->name_count = i + linkparam_ifname(&w->names[i], value, strlen(value), fault);
	return w->name_count > i;
}

static bool read_route(struct words *w, size_t i, const char *value, struct fault *fault)
{
	w->route_count = i + linkparam_route(&w->routes[i], value, strlen(value), fault);
	return w->route_count > i;
}

static bool read_nameserver(struct words *w, size_t i, const char *value, struct fault *fault)
{
	struct ipaddr a;

	if (!linkparam_nameserver(&a, value, strlen(value), fault))
		return false;
	w->nameservers[i] = a;
	return true;
}

static bool read_bootdev(struct words *w, size_t i, const char *value, struct fault *fault)
{
	(void)i;
	if (!linkparam_is_name(value, strlen(value)))
		return fault_set(fault, FAULT_LINK_PARAMETER, "in bootdev=: that is no interface's name");
	memcpy(w->bootdev, value, strlen(value) + 1);
	return true;
}

static bool read_carrier(struct words *w, size_t i, const char *value, struct fault *fault)
{
	uint32_t seconds;

	(void)i;
	if (!text_u32(value, strlen(value), 10, &seconds) || !seconds || seconds > WORDS_SECONDS)
		return fault_set(fault, FAULT_LINK_PARAMETER,
			"in a time to wait for the link: that is not a number of seconds, 1 to %u",
			(unsigned)WORDS_SECONDS);
	w->carrier = seconds;
	return true;
}

static bool refuse_bond(struct words *w, size_t i, const char *value, struct fault *fault)
{
	size_t length = strcspn(value, ":");

	(void)i;
	if (length < sizeof w->joined) {
		memcpy(w->joined, value, length);
		w->joined[length] = 0;
	}
	return fault_set(fault, FAULT_LINK_PARAMETER,
		"(bond=, team= and bridge= are not supported: the cards are used one by one)");
}

// `most`: how many values there is room for; of bootdev= and times the last one counts.
static const struct {
	const char *name;
	size_t most;
	read_value *read;
} known[] = {
	{"vlan", WORDS_VLANS, read_vlan},
	{"ifname", WORDS_NAMES, read_ifname},
	{"rd.route", WORDS_ROUTES, read_route},
	{"nameserver", LEASE_SERVERS, read_nameserver},
	{"bootdev", SIZE_MAX, read_bootdev},
	{"carrier_timeout", SIZE_MAX, read_carrier},
	{"rd.net.timeout.carrier", SIZE_MAX, read_carrier},
	{"bond", 1, refuse_bond},
	{"team", 1, refuse_bond},
	{"bridge", 1, refuse_bond},
};

static void read_word(struct words *w, const struct cmdline *c, size_t k, words_fault *complain)
{
	struct fault fault;
	const char *value;
	size_t at = 0, count = 0;

	while ((value = cmdline_next(c, known[k].name, &at))) {
		fault_clear(&fault);
		if (count >= known[k].most)
			fault_set(&fault, FAULT_LINK_PARAMETER, "(there is room for %u of %s=; '%s' is left out)",
				(unsigned)known[k].most, known[k].name, value);
		else if (known[k].read(w, count, value, &fault))
			count++;
		if (fault.id)
			complain(&fault);
	}
}

void words_read(struct words *w, const struct cmdline *c, words_fault *complain)
{
	*w = (struct words){0};
	for (size_t k = 0; k < sizeof known / sizeof *known; k++)
		read_word(w, c, k, complain);
}

void words_add_nameservers(const struct words *w, struct lease *lease)
{
	struct ipaddr own[LEASE_SERVERS];
	size_t count = 0;

	memcpy(own, lease->dns, sizeof own);
	while (count < LEASE_SERVERS && !ipaddr_is_unset(&w->nameservers[count]))
		count++;
	memcpy(lease->dns, w->nameservers, count * sizeof *own);
	memcpy(lease->dns + count, own, (LEASE_SERVERS - count) * sizeof *own);
}
