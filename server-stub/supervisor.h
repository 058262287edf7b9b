// SPDX-License-Identifier: BSD-2-Clause
// The process that keeps what needs rights: sockets, the root tree's directory, the state
// directory. It reads nothing from the network. It makes the children (net.h, nfs.h), has the
// initramfs made (image.h), gives kernel and image to the net child, and starts again what ends.
#pragma once

#include "server-stub/options.h"

enum supervisor_end {
	SUPERVISOR_DONE,   // SIGTERM or SIGINT
	SUPERVISOR_AGAIN,  // SIGHUP: everything anew
	SUPERVISOR_FAILED, // a fault has been said
};

// Serves until a signal. The command line is read again at SIGHUP; what cannot be understood leaves
// everything as it is.
enum supervisor_end supervisor_run(const struct options *o, int argc, char **argv);
