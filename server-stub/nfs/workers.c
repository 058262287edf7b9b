// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "server-stub/nfs/workers.h"
#include "server-stub/nfs/dispatch.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { STACK = 512 * 1024 };

static struct job *next_job(struct workers *w)
{
	struct job *job;

	pthread_mutex_lock(&w->lock);
	while (!w->first && !w->ending)
		pthread_cond_wait(&w->more, &w->lock);
	job = w->first;
	if (job)
		w->first = job->next;
	if (!w->first)
		w->last = &w->first;
	pthread_mutex_unlock(&w->lock);
	return job;
}

static void execute(struct workers *w, struct job *job)
{
	bool broken;
	struct dispatch_reply reply = dispatch(w->files, job->connection->peer, job->record,
		job->length, &broken);

	free(job->record);
	connection_answer(
		job->connection, reply.bytes, reply.length, job->length, broken || !reply.bytes);
	free(job);
}

static void *work(void *context)
{
	struct workers *w = context;
	struct job *job;

	// What the caller's process has as mask and working directory is its own business.
	if (unshare(CLONE_FS) == 0)
		umask(0);
	while ((job = next_job(w)))
		execute(w, job);
	return NULL;
}

// Signals are for the program's main thread.
static bool start_thread(struct workers *w)
{
	pthread_attr_t attributes;
	sigset_t all, old;
	bool good;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	good = pthread_create(&w->threads[w->count], &attributes, work, w) == 0;
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return good;
}

bool workers_start(struct workers *w, struct nfs_files *files, unsigned count)
{
	*w = (struct workers){.files = files, .threads = calloc(count, sizeof *w->threads)};
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	while (w->threads && w->count < count && start_thread(w))
		w->count++;
	return w->count > 0;
}

void workers_stop(struct workers *w)
{
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_broadcast(&w->more);
	pthread_mutex_unlock(&w->lock);
	while (w->count)
		pthread_join(w->threads[--w->count], NULL);
	free(w->threads);
	pthread_cond_destroy(&w->more);
	pthread_mutex_destroy(&w->lock);
}

void workers_add(struct workers *w, struct connection *c, uint8_t *record, size_t length)
{
	struct job *job = malloc(sizeof *job);

	if (!job) {
		free(record);
		connection_answer(c, NULL, 0, length, true);
		return;
	}
	*job = (struct job){.connection = c, .record = record, .length = length};
	pthread_mutex_lock(&w->lock);
	*w->last = job;
	w->last = &job->next;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}
