#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Installs the Debian packages that are missing, and says which and why.
#
# usage: tests/deps.sh [GROUP...]      (groups of tests/packages.list; default: build demo check)
#
# Silent and without any change when nothing is missing. Only root can install: for everybody
# else it prints the one line to run and fails. No package in these groups starts a service.
set -eu

here=$(dirname "$0")
list=$here/packages.list
[ $# -gt 0 ] || set -- build demo check

# wanted GROUP...: "package reason" per line
wanted() {
	awk -v groups=" $* " '
		/^\[/ { group = substr($1, 2, length($1) - 2); next }
		/^#/ || NF == 0 { next }
		index(groups, " " group " ") && !seen[$1]++ { sub(/[ \t]+#/, ""); print }' "$list"
}

installed() {
	dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# Without any package list, or with one older than a week, apt would ask mirrors for files
# that are gone.
lists_stale() {
	! find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -7 2>/dev/null | grep -q .
}

apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q "$@"
}

command -v apt-get >/dev/null || {
	echo "deps: this is no Debian system (no apt-get); install what $list names" >&2
	exit 1
}

missing=
reasons=
while read -r package reason; do
	installed "$package" && continue
	missing="$missing $package"
	reasons="$reasons$(printf '  %-20s %s' "$package" "$reason")
"
done <<EOF
$(wanted "$@")
EOF
[ -n "$missing" ] || exit 0

printf 'deps: missing Debian packages:\n%s' "$reasons"
if [ "$(id -u)" -ne 0 ]; then
	echo "deps: not root; run: sudo apt-get install --no-install-recommends$missing" >&2
	exit 1
fi
if lists_stale; then
	apt update
fi
# shellcheck disable=SC2086  # a list of words
apt install -y --no-install-recommends $missing || {
	echo "deps: that failed; once more with fresh package lists" >&2
	apt update
	apt install -y --no-install-recommends $missing
}
