// SPDX-License-Identifier: BSD-2-Clause
// Loads kernel modules in the background: worker threads take what is wanted in the order of
// dependencies, independent modules at the same time, so that the NFS client comes in while the
// network card is still negotiating its link.
#pragma once

#include "initramfs/cmdline.h"
#include "initramfs/modules/modules.h"

#include <pthread.h>

enum { LOADER_WORKERS = 4, LOADER_LARGEST = 64 << 20 };

enum loader_state { LOADER_IDLE, LOADER_WANTED, LOADER_LOADING, LOADER_DONE, LOADER_FAILED };

// The order in which modules that are ready to load are taken.
enum loader_rank { LOADER_LAST, LOADER_ROOT, LOADER_NETWORK };

struct loader_job {
	enum loader_state state;
	enum loader_rank rank;
	int error;       // errno of the failure
	bool reported;   // the failure was given out
};

struct loader {
	const struct modules *modules;
	const struct cmdline *cmdline;
	struct loader_job jobs[MODULES_MAX];
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int done; // eventfd, readable whenever something was loaded or failed
};

// Loads this one module now, with its parameters from the command line. 0 or an errno; a module that
// is in the kernel already is no failure.
int loader_insert(const struct module *m, const struct cmdline *cmdline);

// Starts the workers. They live as long as the process. False with errno.
bool loader_start(struct loader *l, const struct modules *modules, const struct cmdline *cmdline);
// Wants the module and all that it needs. Asking again may only raise its rank.
void loader_want(struct loader *l, size_t index, enum loader_rank rank);
// Wants every module with one of the `flags`.
void loader_want_all(struct loader *l, unsigned flags, enum loader_rank rank);
// Wants the modules for a device that announced itself; gives their number.
unsigned loader_want_alias(struct loader *l, const char *modalias);
// How many wanted modules of this rank or a higher one are not loaded yet; the name of one of them.
unsigned loader_pending(struct loader *l, enum loader_rank rank, const char **name);
// Gives each failure once: false if there is no new one. Drivers that found no device are no failure.
bool loader_failure(struct loader *l, struct fault *fault);
// Whether the module is in the kernel by our doing.
bool loader_loaded(struct loader *l, const char *name);
