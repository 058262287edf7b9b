// SPDX-License-Identifier: BSD-2-Clause
// Module loading. One lock guards all jobs; it is held only to choose and to note the result, never
// while the kernel links a module.
#include "initramfs/modules/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STACK = 64 << 10, PARAMETERS = 1024, LOW_PRIORITY = 10 };

// A card's driver has to wait for its hardware: what else is to be loaded fills these pauses but does
// not hold the driver up. A priority counts for the calling thread alone.
static void set_priority(enum loader_rank rank)
{
	setpriority(PRIO_PROCESS, 0, rank == LOADER_NETWORK ? 0 : LOW_PRIORITY);
}

int loader_insert(const struct module *m, const struct cmdline *cmdline)
{
	char parameters[PARAMETERS];
	int fd, error = 0;

	if (!cmdline_module_parameters(cmdline, m->name, parameters, sizeof parameters))
		return E2BIG;
	fd = open(m->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (syscall(SYS_finit_module, fd, parameters, 0) < 0 && errno != EEXIST)
		error = errno;
	close(fd);
	return error;
}

// Whether all that the module needs has been tried; what failed may be built into this kernel.
static bool ready(const struct loader *l, const struct module *m)
{
	for (size_t i = 0; i < m->count; i++) {
		enum loader_state state = l->jobs[l->modules->dependencies[m->first + i]].state;

		if (state == LOADER_WANTED || state == LOADER_LOADING)
			return false;
	}
	return true;
}

static int choose(const struct loader *l)
{
	int best = -1;

	for (size_t i = 0; i < l->modules->count; i++)
		if (l->jobs[i].state == LOADER_WANTED && ready(l, &l->modules->list[i]) &&
			(best < 0 || l->jobs[i].rank > l->jobs[best].rank))
			best = (int)i;
	return best;
}

static void note(struct loader *l, int index, int error)
{
	uint64_t one = 1;

	pthread_mutex_lock(&l->lock);
	l->jobs[index].error = error;
	l->jobs[index].state = error ? LOADER_FAILED : LOADER_DONE;
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
	if (write(l->done, &one, sizeof one) < 0)
		return; // it already is at its highest count, and readable
}

static void *work(void *owner)
{
	struct loader *l = owner;

	for (;;) {
		enum loader_rank rank;
		int index;

		pthread_mutex_lock(&l->lock);
		while ((index = choose(l)) < 0)
			pthread_cond_wait(&l->changed, &l->lock);
		l->jobs[index].state = LOADER_LOADING;
		rank = l->jobs[index].rank;
		pthread_mutex_unlock(&l->lock);
		set_priority(rank);
		note(l, index, loader_insert(&l->modules->list[index], l->cmdline));
	}
	return NULL;
}

// At least two: a driver that waits for its hardware leaves its processor to the other worker.
static long worker_count(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 2 ? 2 : processors > LOADER_WORKERS ? LOADER_WORKERS : processors;
}

bool loader_start(struct loader *l, const struct modules *modules, const struct cmdline *cmdline)
{
	pthread_attr_t attributes;
	pthread_t thread;

	*l = (struct loader){.modules = modules, .cmdline = cmdline};
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->changed, NULL);
	l->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->done < 0)
		return false;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	for (long i = worker_count(); i > 0; i--) {
		errno = pthread_create(&thread, &attributes, work, l);
		if (errno)
			return false;
	}
	return true;
}

// Dependencies stand below their owner in the list, so this ends.
static void want(struct loader *l, size_t index, enum loader_rank rank)
{
	const struct module *m = &l->modules->list[index];
	struct loader_job *job = &l->jobs[index];

	if (job->state != LOADER_IDLE && job->rank >= rank)
		return;
	if (job->state == LOADER_IDLE)
		job->state = LOADER_WANTED;
	job->rank = rank;
	for (size_t i = 0; i < m->count; i++)
		want(l, l->modules->dependencies[m->first + i], rank);
}

void loader_want(struct loader *l, size_t index, enum loader_rank rank)
{
	pthread_mutex_lock(&l->lock);
	want(l, index, rank);
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
}

void loader_want_all(struct loader *l, unsigned flags, enum loader_rank rank)
{
	for (size_t i = 0; i < l->modules->count; i++)
		if (l->modules->list[i].flags & flags)
			loader_want(l, i, rank);
}

unsigned loader_want_alias(struct loader *l, const char *modalias)
{
	unsigned count = 0;

	for (size_t i = 0; i < l->modules->count; i++) {
		const struct module *m = &l->modules->list[i];

		if (!(m->flags & MODULE_BY_ALIAS) || !modules_match(m, modalias) ||
			cmdline_blacklisted(l->cmdline, m->name))
			continue;
		loader_want(l, i, LOADER_NETWORK);
		count++;
	}
	return count;
}

unsigned loader_pending(struct loader *l, enum loader_rank rank, const char **name)
{
	unsigned count = 0;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->modules->count; i++) {
		const struct loader_job *job = &l->jobs[i];

		if (job->rank < rank || (job->state != LOADER_WANTED && job->state != LOADER_LOADING))
			continue;
		count++;
		if (name)
			*name = l->modules->list[i].name;
	}
	pthread_mutex_unlock(&l->lock);
	return count;
}

bool loader_failure(struct loader *l, struct fault *fault)
{
	bool found = false;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->modules->count && !found; i++) {
		struct loader_job *job = &l->jobs[i];

		if (job->state != LOADER_FAILED || job->reported)
			continue;
		job->reported = true;
		if (job->error == ENODEV && (l->modules->list[i].flags & MODULE_BY_ALIAS))
			continue;
		found = true;
		fault_set(fault, FAULT_MODULE_LOAD, "(%s: %s)", l->modules->list[i].name,
			strerror(job->error));
	}
	pthread_mutex_unlock(&l->lock);
	return found;
}

bool loader_loaded(struct loader *l, const char *name)
{
	int index = modules_find(l->modules, name);
	bool loaded;

	if (index < 0)
		return false;
	pthread_mutex_lock(&l->lock);
	loaded = l->jobs[index].state == LOADER_DONE;
	pthread_mutex_unlock(&l->lock);
	return loaded;
}
