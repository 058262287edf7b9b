// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "initramfs/mklanyard/archives.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	SMALL_IMAGE = 12 << 20, // bytes of files that dense packing takes some 5 s for
	QUICK_PART = 8 << 20,   // bytes of files in an archive: enough of them for 4 processors,
	DENSE_PART = 32 << 20,  // and few, since each begins without knowing the others' patterns
	THREADS = 16
};

struct work {
	struct archives *archives;
	enum compression compress;
	uint32_t mtime;
	atomic_size_t next;
};

// The archives are about equally long, so that all processors are busy to the end.
void archives_cut(struct archives *a, const struct image *i, bool small, enum compression c)
{
	size_t total = image_total(i), part = small ? DENSE_PART : QUICK_PART;
	size_t wanted = c == COMPRESS_NONE || total <= SMALL_IMAGE ? 1 : (total + part - 1) / part;

	a->list = buffer_memory(wanted, sizeof *a->list);
	a->count = 1;
	for (size_t n = 0, before = 0; n < i->count; n++) {
		struct archive_part *last = &a->list[a->count - 1];
		size_t length = i->list[n].length;

		// an entry belongs where its middle is
		if (before + length / 2 > total / wanted * a->count && a->count < wanted) {
			last = &a->list[a->count++];
			last->first = n;
		}
		last->count++;
		last->length += length;
		before += length;
	}
	for (size_t n = 0; n < a->count; n++) {
		a->list[n].image = i;
		a->list[n].density =
			small || total <= SMALL_IMAGE ? DENSITY_MOST : DENSITY_QUICK;
	}
}

void archives_add(struct archives *a, const struct image *i, enum density density)
{
	a->list = buffer_resize(a->list, a->count + 1, sizeof *a->list);
	a->list[a->count++] = (struct archive_part){
		.image = i, .count = i->count, .length = image_total(i), .density = density};
}

static bool pack(const struct work *w, struct archive_part *part)
{
	struct buffer plain = {0};
	bool good =
		image_write(part->image, part->first, part->count, w->mtime, &plain,
			&part->fault) &&
		compress_pack(w->compress, part->density, &plain, &part->packed, &part->fault);

	buffer_free(&plain);
	return good;
}

static void *pack_next(void *owner)
{
	struct work *w = owner;
	size_t n;

	while ((n = atomic_fetch_add(&w->next, 1)) < w->archives->count)
		pack(w, &w->archives->list[n]);
	return NULL;
}

static size_t processors(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);

	return count < 1 ? 1 : count > THREADS ? THREADS : (size_t)count;
}

bool archives_pack(
	struct archives *a, enum compression c, uint32_t mtime, struct fault *f)
{
	struct work w = {a, c, mtime, 0};
	pthread_t threads[THREADS];
	size_t running = 0, wanted = processors();

	// This thread works too; where no other can be had it does all.
	while (running + 1 < wanted && running + 1 < a->count &&
		!pthread_create(&threads[running], NULL, pack_next, &w))
		running++;
	pack_next(&w);
	while (running)
		pthread_join(threads[--running], NULL);
	for (size_t n = 0; n < a->count; n++)
		if (a->list[n].fault.id) {
			*f = a->list[n].fault;
			return false;
		}
	return true;
}

void archives_free(struct archives *a)
{
	for (size_t n = 0; n < a->count; n++)
		buffer_free(&a->list[n].packed);
	free(a->list);
	*a = (struct archives){0};
}
