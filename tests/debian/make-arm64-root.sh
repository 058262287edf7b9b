#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes a Debian system for arm64 as a root tree, on a machine that cannot run its programs: systemd and
# Debian's kernel, out of the packages as they are. What their installation scripts would have made
# is made here as far as systemd asks for it.
#
# usage: tests/debian/make-arm64-root.sh DEPS TAR
#
# DEPS is where tests/fetch-deps.sh unpacked the kernel (arm64-root). DEBIAN_MIRROR,
# DEBIAN_SECURITY_MIRROR as for make-root.sh, DEBIAN_RELEASE names another release than this machine's.
set -eu

[ $# -eq 2 ] || { sed -n '7s/^# //p' "$0" >&2; exit 100; }
[ "$(id -u)" -eq 0 ] || { echo "make-root: the tree's files belong to root: run as root" >&2; exit 1; }
deps=$(cd "$1" && pwd)
tar=$2
release=${DEBIAN_RELEASE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
security=${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security}
by='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
packages=base-files,base-passwd,bash,dash,coreutils,util-linux,mount,systemd-sysv,udev,dbus,kmod
packages=$packages,grep,sed,findutils,hostname,iproute2,libc-bin,procps

new=$(dirname "$tar")/new-$(basename "$tar")
root=$new.d
rm -rf "$root"
echo "make-root: Debian $release for arm64 from $mirror"
mmdebstrap --quiet --mode=root --variant=extract --architectures=arm64 --include=$packages \
	--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr "$release" "$root" - <<-END
	deb $by $mirror $release main
	deb $by $mirror $release-updates main
	deb $by $security $release-security main
END
cd "$root"
rm -rf usr/share/doc usr/share/man usr/share/locale var/cache/apt/archives var/lib/apt/lists
for name in passwd group; do cp "usr/share/base-passwd/$name.master" "etc/$name"; done
sed -i 's/^root:\*:/root::/' etc/passwd
[ -e etc/nsswitch.conf ] || cp usr/share/libc-bin/nsswitch.conf etc/
[ -e bin/sh ] || ln -s dash bin/sh
ln -sf /lib/systemd/system/multi-user.target etc/systemd/system/default.target
cp -a "$deps"/kernel-arm64/boot/. boot/
mkdir -p lib/modules
cp -a "$deps"/kernel-arm64/lib/modules/. lib/modules/
cd - >/dev/null
tar -C "$root" --numeric-owner -cpf "$new" .
rm -rf "$root"
mv "$new" "$tar"
