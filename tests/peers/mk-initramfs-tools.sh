#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes Debian's own initramfs (initramfs-tools, MODULES=netboot, BOOT=nfs) for the kernel of ROOT.
#
# usage: tests/peers/mk-initramfs-tools.sh ROOT IMAGE
#
# mkinitramfs looks for modules in /lib/modules and for the kernel's configuration in /boot. Both
# are bound there in a mount namespace of this process: the machine stays as it is. Needs root.
set -eu

root=$(cd "$1" && pwd)
image=$(realpath "$2")
kernel=$(ls "$root/lib/modules" | sort -V | tail -1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/conf.d" "$work/scripts" "$work/hooks"
cat > "$work/initramfs.conf" <<EOF
MODULES=netboot
BOOT=nfs
BUSYBOX=auto
KEYMAP=n
COMPRESS=zstd
DEVICE=
NFSROOT=auto
RUNSIZE=10%
EOF
: > "$work/modules"

unshare --mount --propagation private sh -eu -c '
	mkdir -p /lib/modules
	mount --bind "$1/lib/modules" /lib/modules
	mount --bind "$1/boot" /boot
	mkinitramfs -d "$2" -o "$3.new" "$4"
' sh "$root" "$work" "$image" "$kernel"
mv "$image.new" "$image"
