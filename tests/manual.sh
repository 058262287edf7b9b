#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Checks manual pages: mandoc finds nothing wrong with their language, and every page of Lanyard's own
# that they refer to is among them.
#
# usage: tests/manual.sh PAGE...
set -eu

passed=0 failed=0
complain() { echo "manual: $*"; bad=1; }

has() { # NAME SECTION PAGE...
	wanted=$1.$2; shift 2
	for other; do
		[ "${other##*/}" = "$wanted" ] && return 0
	done
	return 1
}

for page; do
	bad=0
	mandoc -T lint -W warning "$page" || complain "$page: see above"
	for reference in $(awk '$1 == ".Xr" && $2 ~ /lanyard|pxelinux.cfg/ { print $2 "," $3 }' "$page"); do
		has "${reference%,*}" "${reference#*,}" "$@" ||
			complain "$page: refers to ${reference%,*}(${reference#*,}), which does not exist"
	done
	if [ "$bad" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo "manual: $passed passed, $failed failed"
[ "$failed" = 0 ]
