// SPDX-License-Identifier: BSD-2-Clause
// A table with an entry for each address of the pool; clients are found by scanning their hashes.
#include "server-stub/addresses.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_MOST = 4096, HARDWARE_ETHERNET = 1 };

// ---- clients ---------------------------------------------------------------------------------

struct address_key address_key_of(const uint8_t *id, size_t id_length, const uint8_t *hwaddr,
	size_t hwaddr_length)
{
	struct address_key k = {0};

	if (id && id_length && id_length < sizeof k.bytes) {
		k.length = (uint8_t)id_length;
		memcpy(k.bytes, id, id_length);
	} else if (hwaddr_length < sizeof k.bytes) {
		k.length = (uint8_t)(1 + hwaddr_length);
		k.bytes[0] = HARDWARE_ETHERNET; // as RFC 2132 section 9.14 makes an identifier of it
		memcpy(k.bytes + 1, hwaddr, hwaddr_length);
	}
	return k;
}

// FNV-1a, mixed once more so that neighbouring hardware addresses are far apart. It must never
// change: it is what a restarted server remembers its clients by.
static uint64_t hash(const struct address_key *k)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < k->length; i++)
		h = (h ^ k->bytes[i]) * 0x100000001b3;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccd;
	h ^= h >> 33;
	return h ? h : 1; // 0: nobody
}

static bool same(const struct address_key *a, const struct address_key *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static void give(struct addresses *a, struct address *e, const struct address_key *client)
{
	if (!same(&e->client, client)) {
		e->client = *client;
		e->told = false;
		e->checked = 0;
	}
	a->hashes[e - a->list] = hash(client);
}

static void clear(struct addresses *a, struct address *e)
{
	*e = (struct address){.state = ADDRESS_FREE};
	a->hashes[e - a->list] = 0;
}

// ---- the pool --------------------------------------------------------------------------------

bool addresses_start(struct addresses *a, const struct ipaddr *first, const struct ipaddr *last)
{
	uint32_t low = ipaddr_to_u32(first), count = ipaddr_to_u32(last) - low + 1;

	if (count > ADDRESSES_MOST || !count)
		count = ADDRESSES_MOST;
	*a = (struct addresses){.first = low, .count = count};
	a->list = calloc(count, sizeof *a->list);
	a->hashes = calloc(count, sizeof *a->hashes);
	if (a->list && a->hashes)
		return true;
	addresses_end(a);
	return false;
}

void addresses_end(struct addresses *a)
{
	free(a->list);
	free(a->hashes);
	*a = (struct addresses){0};
}

static struct address *entry_of(const struct addresses *a, const struct ipaddr *address)
{
	uint32_t place = ipaddr_to_u32(address) - a->first;

	return address->family == IP_V4 && place < a->count ? &a->list[place] : NULL;
}

bool addresses_contain(const struct addresses *a, const struct ipaddr *address)
{
	return entry_of(a, address) != NULL;
}

void addresses_exclude(struct addresses *a, const struct ipaddr *address)
{
	struct address *e = entry_of(a, address);

	if (!e)
		return;
	clear(a, e);
	e->state = ADDRESS_EXCLUDED;
}

struct ipaddr addresses_name(const struct addresses *a, const struct address *entry)
{
	return ipaddr_from_u32(a->first + (uint32_t)(entry - a->list));
}

// ---- choosing --------------------------------------------------------------------------------

static bool is_free(const struct address *e, uint64_t now)
{
	return e->state == ADDRESS_FREE ||
		((e->state == ADDRESS_OFFERED || e->state == ADDRESS_RESTING) && e->until <= now);
}

static bool is_expired(const struct address *e, uint64_t now)
{
	return e->state == ADDRESS_LEASED && e->until <= now;
}

bool address_is_held(const struct address *entry, uint64_t now)
{
	return entry->state == ADDRESS_LEASED && entry->until > now;
}

struct address *addresses_of(struct addresses *a, const struct address_key *client)
{
	uint64_t wanted = hash(client);

	for (uint32_t i = 0; i < a->count; i++)
		if (a->hashes[i] == wanted && same(&a->list[i].client, client))
			return &a->list[i];
	return NULL;
}

// From the place that the client's hash says, round once.
static struct address *free_for(struct addresses *a, const struct address_key *client, uint64_t now)
{
	uint32_t start = (uint32_t)(hash(client) % a->count);

	for (uint32_t i = 0; i < a->count; i++) {
		struct address *e = &a->list[(start + i) % a->count];

		if (is_free(e, now))
			return e;
	}
	return NULL;
}

// The lease that ended first; else the offer that was made first, unless it is quite new.
static struct address *oldest(struct addresses *a, uint64_t now)
{
	struct address *lease = NULL, *offer = NULL;

	for (uint32_t i = 0; i < a->count; i++) {
		struct address *e = &a->list[i];

		if (is_expired(e, now) && (!lease || e->until < lease->until))
			lease = e;
		if (e->state == ADDRESS_OFFERED && (!offer || e->until < offer->until))
			offer = e;
	}
	if (lease)
		return lease;
	return offer && offer->until <= now + ADDRESSES_OFFER - ADDRESSES_HURRY ? offer : NULL;
}

struct address *addresses_offer(struct addresses *a, const struct address_key *client,
	const struct ipaddr *wanted, uint64_t now)
{
	struct address *e = addresses_of(a, client), *asked = entry_of(a, wanted);

	if (!e && asked && (is_free(asked, now) || is_expired(asked, now)))
		e = asked;
	if (!e)
		e = free_for(a, client, now);
	if (!e)
		e = oldest(a, now);
	if (!e)
		return NULL;
	give(a, e, client);
	if (!address_is_held(e, now)) {
		e->state = ADDRESS_OFFERED;
		e->until = now + ADDRESSES_OFFER;
	}
	return e;
}

struct address *addresses_request(struct addresses *a, const struct address_key *client,
	const struct ipaddr *wanted, uint64_t now)
{
	struct address *e = entry_of(a, wanted);

	if (!e)
		return NULL;
	if (a->hashes[e - a->list] && same(&e->client, client))
		return e;
	return is_free(e, now) || is_expired(e, now) ? e : NULL;
}

// ---- leases ----------------------------------------------------------------------------------

void addresses_lease(struct addresses *a, struct address *entry, const struct address_key *client,
	uint64_t until)
{
	struct address *before = addresses_of(a, client);

	if (before && before != entry)
		clear(a, before);
	give(a, entry, client);
	entry->state = ADDRESS_LEASED;
	entry->until = until;
}

bool addresses_release(struct addresses *a, const struct address_key *client,
	const struct ipaddr *address, uint64_t now)
{
	struct address *e = addresses_of(a, client);

	if (!e || e != entry_of(a, address))
		return false;
	e->state = ADDRESS_LEASED; // expired now: it stays the client's as long as others are to be had
	e->until = now;
	return true;
}

void addresses_rest(struct addresses *a, struct address *entry, uint64_t now)
{
	clear(a, entry);
	entry->state = ADDRESS_RESTING;
	entry->until = now + ADDRESSES_REST;
}

bool addresses_default_pool(const struct ipaddr *own, unsigned prefix, struct ipaddr *first,
	struct ipaddr *last)
{
	uint32_t size, network, low, high, self = ipaddr_to_u32(own);

	if (prefix < 1 || prefix > 30)
		return false;
	size = (uint32_t)1 << (32 - prefix);
	network = self & ~(size - 1);
	low = network + size / 2;
	high = network + size - 2;
	if (low == high && low == self)
		low = high = network + 1;
	if (high - low >= DEFAULT_MOST)
		high = low + DEFAULT_MOST - 1;
	*first = ipaddr_from_u32(low);
	*last = ipaddr_from_u32(high);
	return true;
}
