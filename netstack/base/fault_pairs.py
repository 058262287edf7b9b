#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Packs the sentences of boot programs for those that are not packed as a whole: writes a C file with the
texts of fault_boot.def, in which bytes from 0x80 on stand for the pair of bytes that was the most frequent
when it was made (byte pair encoding), and what unpacks them.

usage: fault_pairs.py fault_boot.def > FILE.c
"""
import collections
import re
import sys

FAULT = re.compile(r'^FAULT\(\w+, (\d+), "([^"\\]*)", "([^"\\]*)", "([^"\\]*)"\)$')
CODE = """
static const uint8_t pairs[][2] = {{{pairs}}};
static const uint8_t packed[] = {{{packed}}};
static char texts[{size}];

static char *unpack(char *to, uint8_t byte)
{{
	if (byte >= 0x80)
		return unpack(unpack(to, pairs[byte - 0x80][0]), pairs[byte - 0x80][1]);
	*to++ = (char)byte;
	return to;
}}

const char *fault_texts(void)
{{
	char *to = texts;

	for (size_t i = 0; i < sizeof packed; i++)
		to = unpack(to, packed[i]);
	return texts;
}}
"""


def texts(path):
    out = []
    for number, line in enumerate(open(path, encoding="ascii"), 1):
        found = FAULT.match(line.rstrip())
        if found:
            out += found.groups()
        elif line.startswith("FAULT"):
            sys.exit(f"{path}:{number}: not of the form FAULT(NAME, number, \"...\", \"...\", \"...\")")
    return "".join(text + "\0" for text in out).encode("ascii") + b"\0"


def pack(data):
    pairs = []
    while len(pairs) < 128:
        (pair, count), = collections.Counter(zip(data, data[1:])).most_common(1)
        if count < 4:
            break
        out, at = [], 0
        while at < len(data):
            taken = tuple(data[at:at + 2]) == pair
            out.append(0x80 + len(pairs) if taken else data[at])
            at += 2 if taken else 1
        data = out
        pairs.append(pair)
    return pairs, data


def main():
    plain = texts(sys.argv[1])
    pairs, packed = pack(list(plain))
    print("// Made by netstack/base/fault_pairs.py.\n#include \"netstack/base/fault_texts.h\"\n\n"
          "#include <stddef.h>\n#include <stdint.h>")
    print(CODE.format(pairs=", ".join(f"{{{a}, {b}}}" for a, b in pairs), packed=", ".join(map(str, packed)),
                      size=len(plain)))


main()
