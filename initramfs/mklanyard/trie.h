// SPDX-License-Identifier: BSD-2-Clause
// The index files that depmod writes (modules.dep.bin, modules.alias.bin, ...) are a trie, which
// libkmod walks without looking where it leads. Before libkmod may see a file that somebody else
// wrote, it is checked here.
//
//   file: magic b0 07 f4 57, version 00 02 00 01, u32 root          (all numbers big-endian)
//   u32 pointing to a node: its flags in the top bits, its file offset below
//   node: [prefix text with NUL] [u8 first, u8 last, u32 child for each] [u32 n, n x (u32, text)]
//
// A file is sound if every node and every text lies inside it, no way from the root is deeper than
// a name is long, and the nodes reached have no more bytes together than the file: so there is no
// loop, and none is reached a thousand times.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool trie_is_sound(const uint8_t *bytes, size_t length);
