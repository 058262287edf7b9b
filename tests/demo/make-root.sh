#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes the demo's root tree from Debian packages: busybox, a few tools, a kernel and its modules.
#
# usage: tests/demo/make-root.sh DEPS DIR [arm64]
#
# DEPS is where tests/fetch-deps.sh unpacked the packages (demo-root, kernel; with arm64 those that end
# in -arm64, and demo-root to say which commands busybox has). The same packages give the same tree,
# file times included. Kernel and modules are hard links into DEPS where that is possible: they are
# large, and nothing should write to them.
set -eu

[ $# -eq 2 ] || [ $# -eq 3 ] || { echo "usage: $0 DEPS DIR [arm64]" >&2; exit 100; }
[ "$(id -u)" -eq 0 ] || { echo "make-root: the tree's files belong to root: run as root" >&2; exit 1; }
here=$(cd "$(dirname "$0")" && pwd)
deps=$(cd "$1" && pwd)
root=$2
suffix=${3:+-$3}
busybox=$deps/demo-root/bin/busybox
[ -x "$busybox" ] || busybox=$deps/demo-root/usr/bin/busybox
umask 022

# add DIR: its files on top; a directory such as lib there goes where the link lib points here
add() {
	tar -C "$1" -cf - . | tar -C "$root" -xpf - --keep-directory-symlink --no-overwrite-dir
}

rm -rf "$root"
mkdir -p "$root"
cd "$root" && root=$(pwd)
chmod 755 .
mkdir -p usr/bin usr/sbin usr/lib usr/lib64 boot dev etc home mnt proc root run srv sys media \
	var/cache var/log var/lib
for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$dir"; done
ln -s /run var/run
ln -s /run/lock var/lock
mkdir -m 1777 tmp var/tmp
chmod 700 root

add "$deps/demo-root$suffix"
rm -rf usr/share/doc usr/share/man usr/share/lintian usr/share/bug usr/share/locale
for applet in $("$busybox" --list); do
	[ -e "usr/bin/$applet" ] || [ -e "usr/sbin/$applet" ] || ln -s busybox "usr/bin/$applet"
done
ln -sf ../bin/busybox usr/sbin/init
for applet in poweroff reboot halt; do ln -sf ../bin/busybox "usr/sbin/$applet"; done

add "$here/root"
chown -R 0:0 etc usr
mkdir -p home/user
chown 1000:1000 home/user

copy=-al
ln "$(find "$deps/kernel$suffix/boot" -type f | head -1)" probe-link 2>/dev/null || copy=-a
rm -f probe-link
cp $copy "$deps/kernel$suffix"/boot/* boot/
mkdir -p usr/lib/modules
cp $copy "$deps/kernel$suffix"/lib/modules/* usr/lib/modules/
/sbin/ldconfig -r . 2>/dev/null || true

# One date for everything that this script made.
epoch=$(stat -c %Y "$(find boot -name 'vmlinuz-*' | head -1)")
find . ! -path './usr/lib/modules/*' ! -path './boot/*' -newermt "@$epoch" -print0 |
	xargs -0 touch -h -d "@$epoch"
