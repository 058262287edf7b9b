#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes a whole Debian system as a root tree: systemd, Debian's kernel, no package chosen for Lanyard.
#
# usage: tests/debian/make-root.sh TAR             makes the archive, by mmdebstrap
#        tests/debian/make-root.sh TAR DIR         unpacks it to DIR, which must not exist
#
# The one thing that is set up in it is what every administrator sets up: root's password, which is
# empty here. DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR name other mirrors, DEBIAN_RELEASE another
# release than this machine's.
set -eu

[ $# -ge 1 ] && [ $# -le 2 ] || { sed -n '5,6s/^# //p' "$0" >&2; exit 100; }
[ "$(id -u)" -eq 0 ] || { echo "make-root: the tree's files belong to root: run as root" >&2; exit 1; }
tar=$1

if [ $# -eq 2 ]; then
	mkdir -p "$2"
	tar -C "$2" --numeric-owner --xattrs --xattrs-include='*' -xpf "$tar"
	exit
fi

release=${DEBIAN_RELEASE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
security=${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security}
by='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'

new=$(dirname "$tar")/new-$(basename "$tar") # mmdebstrap goes by the name's end

echo "make-root: Debian $release from $mirror (a minute or two)"
# shellcheck disable=SC2016 # the hook's own shell knows "$1"
mmdebstrap --quiet --mode=root --variant=important --include=linux-image-amd64 \
	--customize-hook='chroot "$1" passwd --quiet --delete root' "$release" "$new" - <<-EOF
	deb $by $mirror $release main
	deb $by $mirror $release-updates main
	deb $by $security $release-security main
EOF
mv "$new" "$tar"
