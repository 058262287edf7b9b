// SPDX-License-Identifier: BSD-2-Clause
// The NFS server: MOUNT version 3 and NFS version 3 (RFC 1813) over TCP, all procedures, and the
// port mapper's answers for clients that ask it. It runs on threads of its own: one moves bytes,
// the workers execute calls, each with the caller's rights at the file system.
//
// It must be user 0 with CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE, CAP_CHOWN, CAP_FOWNER, CAP_FSETID,
// CAP_MKNOD, CAP_SETUID and CAP_SETGID; CAP_SYS_ADMIN at the start only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct nfs_export_config {
	const char *path; // what clients mount, from '/'
	const char *root; // the directory; NULL: path
	bool writable;
	bool root_squash; // the clients' user 0 is nobody
	bool async;       // answer before the disk has it
};

// How files are named in handles: as the kernel does, or, where the file system cannot, by a table
// in the state directory.
enum nfs_handles { NFS_HANDLES_PROBE, NFS_HANDLES_TABLE };

struct nfs_config {
	const struct nfs_export_config *exports;
	size_t export_count;
	const char *state;    // directory of key and tables; NULL: handles die with the server
	const int *listeners; // listening TCP sockets, the server's from then on
	size_t listener_count;
	int portmap_udp;  // a bound socket, the server's from then on; -1: none
	uint16_t port;    // what the port mapper answers
	unsigned workers; // 0: 4
	enum nfs_handles handles;
	// Whether a client may connect; NULL: every one.
	bool (*admit)(void *context, const struct sockaddr *peer);
	void *context;
};

struct nfs_server;

// NULL with a sentence in `error`.
struct nfs_server *nfs_server_start(const struct nfs_config *config, char *error, size_t size);
// Ends all threads and connections; every call that was begun has been executed.
void nfs_server_stop(struct nfs_server *s);
// A TCP socket that listens on all addresses, IPv6 if `v6`; -1 and errno if that is impossible.
int nfs_listen(uint16_t port, bool v6);
