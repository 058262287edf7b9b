// SPDX-License-Identifier: BSD-2-Clause
// Work on the root file system in a child process: a server that falls silent makes the child wait,
// not process 1, which goes on saying what is awaited; and what the child breaks stays with it.
#pragma once

// Runs work(argument) in a child whose root directory is `directory`; its result is the exit status
// (0 to 127). `what` is said, again and again, while it takes long. Gives the status; -1 if the child
// could not be started or died.
int child_run(const char *directory, int (*work)(void *argument), void *argument,
	const char *what);
