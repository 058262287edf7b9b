// SPDX-License-Identifier: BSD-2-Clause
// Every fixed size and every patience of the boot program, in one place. What does not fit is a
// named fault, never a silent cut.
#pragma once

#define LANYARD_VERSION "0.1"

enum {
	// Configuration (pxelinux.cfg)
	CONFIG_TEXT = 768 * 1024,  // bytes of all its files together
	CONFIG_FILES = 256,        // that it includes
	CONFIG_DEPTH = 17,         // files inside each other
	CONFIG_LABELS = 1536,      // and other entries of menus
	CONFIG_MENUS = 128,
	CONFIG_KEYS = 16,          // MENU HIDDENKEY
	CONFIG_LINE = 4095,        // longer lines are split there, as pxelinux does
	CONFIG_PROBLEMS = 5,       // errors that are shown; the others are counted

	// A boot plan
	PLAN_LINE = 2047,          // characters of the kernel command line
	PLAN_INITRDS = 16,
	PATH_NAME = 256,           // a file name with its NUL
	PROMPT_LINE = 2048,        // what can be typed at the prompt, with its NUL
	PROMPT_HISTORY = 8,        // lines that it remembers

	// Device trees
	TREE_SIZE = 2 << 20,       // bytes, which is what arm64 kernels take
	TREES_ROOM = 4 << 20,      // a tree and its overlays

	// Fetching
	FETCH_SLOTS = 1,           // transfers at the same time
	FETCH_HELPERS = 3,         // connections that bring pieces of a large file by HTTP, besides the first
	FETCH_SERVERS = 8,         // servers that a file is looked for on
	FETCH_NAMES = 4,           // servers' names whose addresses are kept
	FETCH_AHEAD = 7,           // blocks acknowledged ahead of time: many ROMs have 8 receive buffers
	FETCH_PACKET = 640,        // longest packet that a transfer sends: a request with options
	FETCH_TRIES = 4,           // on a server
	FETCH_TRIES_BESIDE = 2,    // the same, where there is another one
	RETRY_FIRST = 1000,        // ms before the second try; doubles
	RETRY_ASKED = 60000,       // the same at most, where a busy server says how long
	BUSY_PATIENCE = 500,       // ms that a packet waits for a busy card before it counts as lost

	// Waiting, ms
	NOTICE_AFTER = 1000,       // a wait that lasts longer says what is awaited
	REDRAW = 200,              // between two drawings of a progress line
	NIC_PATIENCE = 60000,      // for a network card that will not start
	DHCP_PATIENCE = 30000,     // for an answer, until the fault is told
	DHCP_REBOOT = 120000,      // after that
	PROXY_WAIT = 300,          // for a proxyDHCP offer after the first offer
	LABEL_DELAY = 10000,       // before another label or configuration is tried
	REBOOT_DELAY = 60000,      // before a reboot, when nothing could be booted
	MISSING_DELAY = 300000,    // the same without a configuration (option 211 overrides)
	SEARCH_FIRST = 5000,       // before a missing configuration is looked for again; doubles
	SEARCH_MAX = 60000,

	RECORD_SIZE = 8192,        // the record cpio
	RECORD_STAGES = 12,
};
