#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes a whole Debian system as a root tree, by mmdebstrap.
#
# usage: tests/debian/make-root.sh DIR/debian.tar       makes the archive of the standard system
#        tests/debian/make-root.sh DIR/debian-NAME.tar  makes the one that tests/debian/roots/NAME describes
#        tests/debian/make-root.sh TAR DIR              unpacks an archive to DIR, which must not exist
#
# The one thing that is set up in it is what every administrator sets up: root's password, which is
# empty here. DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR name other mirrors.
#
# A description is read by the shell, and gives `packages` (to install besides), `set` (mmdebstrap's
# variant), and `release`, if it is not this machine's.
set -eu

usage() {
	sed -n '5,7s/^# //p' "$0" >&2
	exit 100
}

[ $# -ge 1 ] && [ $# -le 2 ] || usage
[ "$(id -u)" -eq 0 ] || { echo "make-root: the tree's files belong to root: run as root" >&2; exit 1; }
tar=$1

if [ $# -eq 2 ]; then
	mkdir -p "$2"
	tar -C "$2" --numeric-owner --xattrs --xattrs-include='*' -xpf "$tar"
	exit
fi

name=$(basename "$tar" .tar)
description=$(dirname "$0")/roots/${name#debian-}
[ -f "$description" ] || usage

release=$(. /etc/os-release && echo "$VERSION_CODENAME")
set=important packages=''
# shellcheck source=/dev/null # any of roots/
. "$description"
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
security=${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security}
by='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'

new=$(dirname "$tar")/new-$(basename "$tar") # mmdebstrap goes by the name's end

echo "make-root: $name ($release) from $mirror (a minute or two)"
# shellcheck disable=SC2016 # the hook's own shell knows "$1"
mmdebstrap --quiet --mode=root --variant="$set" --include="$packages" \
	--customize-hook='chroot "$1" passwd --quiet --delete root' "$release" "$new" - <<-END
	deb $by $mirror $release main
	deb $by $mirror $release-updates main
	deb $by $security $release-security main
END
mv "$new" "$tar"
