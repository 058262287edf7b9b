#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs a test suite and keeps how many of its cases passed and failed.
#
#   tally.sh DIR NAME COMMAND...   run, show the output, write "passed failed" to DIR/NAME
#   tally.sh DIR --sum             print "N passed, N failed" over DIR, exit 1 if any failed
#   tally.sh DIR --reset           forget earlier counts
#
# Understands the closing lines of cmocka and pytest and "N passed, N failed". A suite that names no
# counts is one case; one that ends badly has at least one failure.
set -u
dir=$1 name=$2
mkdir -p "$dir"

case $name in
--reset)
    rm -f "$dir"/*
    exit 0 ;;
--sum)
    cat "$dir"/* 2>/dev/null | awk '{p += $1; f += $2} END {
        printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0}'
    exit ;;
esac

shift 2
out=$(mktemp)
trap 'rm -f "$out"' EXIT
{ "$@" 2>&1; echo $? >"$out.status"; } | tee "$out"
status=$(cat "$out.status")
rm -f "$out.status"

awk -v status="$status" '
    /^\[  PASSED  \] [0-9]+ test/ { p += $4; seen = 1 }
    /^\[  FAILED  \] [0-9]+ test/ { f += $4; seen = 1 }
    /[0-9]+ (passed|failed|error)/ && !/^\[/ {
        for (i = 2; i <= NF; i++) {
            if ($i ~ /^passed/) p += $(i - 1)
            if ($i ~ /^failed/ || $i ~ /^error/) f += $(i - 1)
        }
        seen = 1
    }
    END {
        if (!seen && status == 0) p = 1
        if (status != 0 && f == 0) f = 1
        print p + 0, f + 0
    }' "$out" >"$dir/$name"
exit "$status"
