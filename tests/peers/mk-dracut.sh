#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes dracut's initramfs for a root over NFS, for any machine (--no-hostonly), for the kernel of ROOT.
#
# usage: tests/peers/mk-dracut.sh ROOT IMAGE
#
# dracut looks for modules in /lib/modules and for the kernel's configuration in /boot. Both are bound
# there in a mount namespace of this process: the machine stays as it is. Needs root.
set -eu

root=$(cd "$1" && pwd)
image=$(realpath "$2")
kernel=$(ls "$root/lib/modules" | sort -V | tail -1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/conf.d"
: > "$work/dracut.conf"
unshare --mount --propagation private sh -eu -c '
	mkdir -p /lib/modules
	mount --bind "$1/lib/modules" /lib/modules
	mount --bind "$1/boot" /boot
	dracut --conf "$2/dracut.conf" --confdir "$2/conf.d" --tmpdir "$2" --quiet --force \
		--no-hostonly --no-hostonly-cmdline --add "network-legacy nfs" \
		--omit "crypt systemd systemd-initrd dracut-systemd systemd-networkd" --zstd "$3.new" "$4"
' sh "$root" "$work" "$image" "$kernel"
mv "$image.new" "$image"
