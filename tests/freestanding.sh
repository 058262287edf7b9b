#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Checks that the boot program needs no library: every symbol that the objects of one world leave
# open is defined by another of them, by the platform, or is one of the five memory functions that
# compilers call by themselves (netstack/base/memory.h). The global offset table is the linker's.
#
#   freestanding.sh WORLD OBJECT...
set -eu
world=$1
shift

open=$(nm "$@" | awk '
    NF == 2 && $1 == "U" { open[$2] = 1 }
    NF == 3 { defined[$3] = 1 }
    END {
        for (s in open)
            if (!(s in defined) && s !~ /^(memcpy|memmove|memset|memcmp|strlen|_GLOBAL_OFFSET_TABLE_|platform_[a-z_]+)$/)
                print s
    }' | sort)

if [ -n "$open" ]; then
    echo "$world: these come from nowhere:" $open
    exit 1
fi
echo "$world: $# files need no library"
