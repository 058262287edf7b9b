// SPDX-License-Identifier: BSD-2-Clause
// The kernel's command line, read as the kernel reads it (lib/cmdline.c): words between blanks, a
// double quote keeps blanks together, "--" ends it. Words that init does not know are left alone.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CMDLINE_SIZE = 4096,
	CMDLINE_WORDS = 256,
	CMDLINE_IPS = 4,     // ip= words kept; the last ones
	CMDLINE_PATIENCE = 120, // seconds, without rootdelay=
};

// Texts point into `text`; NULL where the word is absent. Of a repeated word the last one counts.
struct cmdline {
	char text[CMDLINE_SIZE];
	const char *words[CMDLINE_WORDS]; // without their quotes
	size_t count;
	const char *root;       // root=
	const char *nfsroot;    // nfsroot=
	const char *rootflags;  // rootflags=: more mount options
	const char *ip[CMDLINE_IPS]; // ip= or nfsaddrs=
	size_t ip_count;
	const char *bootif;     // BOOTIF=
	const char *dhcp_class; // dhcpclass=: option 60
	const char *init;       // init=
	const char *overlay;    // lanyard.overlay=
	const char *tmpfs;      // lanyard.tmpfs=
	const char *keep;       // lanyard.keep=
	const char *log;        // lanyard.log=
	const char *swap;       // lanyard.swap=
	const char *stops;      // break=, a list of stages
	bool quiet, rescue;
	bool rw;                // of ro and rw the later one
	int access_at;          // index of that ro or rw among the words, -1: neither given
	int nfsroot_at;         // index of nfsroot=, -1
	bool has_panic;
	int panic;              // panic=: seconds until the reboot after a failure; negative: at once
	uint32_t patience;      // seconds until a stage that makes no progress has failed (rootdelay=)
};

// `length` characters of /proc/cmdline; what exceeds CMDLINE_SIZE or CMDLINE_WORDS is left out.
void cmdline_parse(struct cmdline *c, const char *text, size_t length);
// The value of the next NAME=VALUE word from word *at on, which is moved behind it; NULL: no more.
const char *cmdline_next(const struct cmdline *c, const char *name, size_t *at);
// Parameters for a module: every NAME.param[=value] word without its NAME, blanks between them; in
// NAME '-' and '_' are the same. A value with blanks is quoted again. False if `size` is too small.
bool cmdline_module_parameters(const struct cmdline *c, const char *module, char *to, size_t size);
// Whether break= names the stage; as initramfs-tools has it, "mountroot" is "mount", and break alone is
// "premount".
bool cmdline_breaks(const struct cmdline *c, const char *stage);
// Whether lanyard.keep= has the word, or "all".
bool cmdline_keeps(const struct cmdline *c, const char *word);
// Whether modprobe.blacklist= or module_blacklist= names the module.
bool cmdline_blacklisted(const struct cmdline *c, const char *module);
