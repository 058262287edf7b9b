// SPDX-License-Identifier: BSD-2-Clause
// A ring: the oldest gives way. One that is being executed stays.
#define _GNU_SOURCE
#include "server-stub/nfs/replies.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct slot {
	uint8_t peer[DISPATCH_PEER];
	uint8_t hash[crypto_shorthash_BYTES];
	bool used, executing;
	uint64_t when; // ms
	struct dispatch_reply reply;
};

struct replies {
	pthread_mutex_t lock;
	pthread_cond_t done;
	unsigned next;
	struct slot slots[REPLIES_COUNT];
};

struct replies *replies_new(void)
{
	struct replies *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->done, NULL);
	return r;
}

void replies_free(struct replies *r)
{
	if (!r)
		return;
	for (int i = 0; i < REPLIES_COUNT; i++)
		free(r->slots[i].reply.bytes);
	pthread_cond_destroy(&r->done);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static struct slot *find(struct replies *r, const uint8_t *peer, const uint8_t *hash)
{
	uint64_t now = now_ms();

	for (int i = 0; i < REPLIES_COUNT; i++) {
		struct slot *s = &r->slots[i];

		if (s->used && (s->executing || now - s->when <= REPLIES_MS) &&
			memcmp(s->hash, hash, sizeof s->hash) == 0 &&
			memcmp(s->peer, peer, sizeof s->peer) == 0)
			return s;
	}
	return NULL;
}

static bool copy(const struct dispatch_reply *from, struct dispatch_reply *to)
{
	to->bytes = malloc(from->length);
	to->length = from->length;
	if (to->bytes)
		memcpy(to->bytes, from->bytes, from->length);
	return to->bytes != NULL;
}

// There are fewer workers than slots: one is not executing.
static unsigned claim(struct replies *r, const uint8_t *peer, const uint8_t *hash)
{
	struct slot *s;

	do {
		s = &r->slots[r->next];
		r->next = (r->next + 1) % REPLIES_COUNT;
	} while (s->executing);
	free(s->reply.bytes);
	*s = (struct slot){.used = true, .executing = true};
	memcpy(s->peer, peer, sizeof s->peer);
	memcpy(s->hash, hash, sizeof s->hash);
	return (unsigned)(s - r->slots);
}

bool replies_begin(struct nfs_files *f, const uint8_t peer[DISPATCH_PEER], const uint8_t *record,
	size_t length, struct dispatch_reply *to, unsigned *slot)
{
	uint8_t hash[crypto_shorthash_BYTES];
	struct replies *r = f->replies;
	struct slot *s;
	bool known;

	crypto_shorthash(hash, record, length, f->key);
	pthread_mutex_lock(&r->lock);
	while ((s = find(r, peer, hash)) && s->executing)
		pthread_cond_wait(&r->done, &r->lock);
	known = s && copy(&s->reply, to);
	if (!known)
		*slot = claim(r, peer, hash);
	pthread_mutex_unlock(&r->lock);
	return known;
}

void replies_end(struct nfs_files *f, unsigned slot, const struct dispatch_reply *reply)
{
	struct replies *r = f->replies;
	struct slot *s = &r->slots[slot];

	pthread_mutex_lock(&r->lock);
	s->executing = false;
	s->when = now_ms();
	s->used = reply->bytes && reply->length <= REPLIES_LENGTH_MAX && copy(reply, &s->reply);
	pthread_cond_broadcast(&r->done);
	pthread_mutex_unlock(&r->lock);
}
