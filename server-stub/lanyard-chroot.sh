#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A command inside a root tree on the server, for packages and kernels: see lanyard-chroot(8).
#
# All that it mounts is seen by nobody else and is gone with the command, and so are the processes that
# the command leaves behind: it has a mount namespace and a PID namespace of its own. Of the server's
# devices the tree sees no disk, and of a PC's boot loader nothing that would look for one.
set -eu

usage() {
	echo "usage: lanyard-chroot TREE [COMMAND [ARGUMENT ...]]" >&2
	exit 100
}

fail() {
	echo "lanyard-chroot: $*" >&2
	exit 111
}

case ${1-} in
'' | -*) usage ;;
esac
if [ "${LANYARD_CHROOT-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] || fail "this needs root"
	[ -x "$1/bin/sh" ] || fail "$1 is no root tree: it has no bin/sh"
	[ "$(realpath "$1")" != / ] || fail "that is this machine's own root"
	LANYARD_CHROOT=inside exec unshare --mount --propagation private --pid --fork --kill-child \
		-- "$0" "$@"
fi
unset LANYARD_CHROOT
tree=$(realpath "$1"); shift
case $tree in
*[[:space:]]*) fail "a path with blanks is not understood: $tree" ;;
esac
added='' # files that are in the tree only meanwhile

# The file of the tree that the path leads to, which need not exist.
inside() {
	path=$1
	for _ in 1 2 3 4 5; do
		link=$(readlink "$tree$path") || break
		case $link in
		/*) path=$link ;;
		*) path=${path%/*}/$link ;;
		esac
	done
	echo "$tree$(realpath -sm -- "$path")"
}

bind() {
	mount --bind "$1" "$2" || fail "cannot lay $1 over $2"
}

# ---- what every program needs -------------------------------------------------------------------

lay_system() {
	mount --rbind "$tree" "$tree" || fail "cannot mount $tree"
	mkdir -p "$tree/proc" "$tree/sys" "$tree/dev" "$tree/run"
	mount -t proc -o nosuid,nodev,noexec proc "$tree/proc"
	mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$tree/sys"
	mount -t tmpfs -o mode=755 lanyard "$tree/run"
	mkdir -m 1777 "$tree/run/lock"
	mkdir "$tree/run/systemd" "$tree/run/lanyard"
	echo lanyard-chroot >"$tree/run/systemd/container" # for systemd-detect-virt(1)
	mount -t tmpfs -o mode=755,nosuid lanyard "$tree/dev"
	for name in null zero full random urandom tty; do
		: >"$tree/dev/$name"
		bind "/dev/$name" "$tree/dev/$name"
	done
	mkdir -m 1777 "$tree/dev/shm"
	mkdir "$tree/dev/pts"
	mount -t devpts -o newinstance,mode=620,ptmxmode=666 devpts "$tree/dev/pts"
	ln -s pts/ptmx "$tree/dev/ptmx"
	ln -s /proc/self/fd "$tree/dev/fd"
	ln -s fd/0 "$tree/dev/stdin"
	ln -s fd/1 "$tree/dev/stdout"
	ln -s fd/2 "$tree/dev/stderr"
}

# Name servers: the tree's own, else this machine's.
lay_resolver() {
	[ -r /etc/resolv.conf ] || return 0
	file=$(inside /etc/resolv.conf)
	if grep -qs '^[[:space:]]*nameserver' "$file"; then
		return 0
	elif [ -e "$file" ]; then
		cat /etc/resolv.conf >"$tree/run/lanyard/resolv.conf"
		bind "$tree/run/lanyard/resolv.conf" "$file"
	else
		case $file in
		"$tree"/run/*) ;;
		*) added="$added $file" ;;
		esac
		mkdir -p "${file%/*}"
		cat /etc/resolv.conf >"$file"
	fi
}

# No service of the tree is to start on this machine. Left behind, it would do nothing.
forbid_services() {
	policy=/usr/sbin/policy-rc.d
	[ ! -e "$tree$policy" ] || return 0
	[ -d "$tree/usr/sbin" ] || return 0
	added="$added $tree$policy"
	: >"$tree/run/lanyard/chroot"
	printf '#!/bin/sh\n[ ! -e /run/lanyard/chroot ] || exit 101\n' >"$tree$policy"
	chmod 755 "$tree$policy"
}

# ---- what would fail for want of the PC's disk --------------------------------------------------

hide() { # SIGN DIRECTORY NAME
	[ -e "$tree$1" ] || return 0
	mkdir "$tree/run/lanyard/$3"
	bind "$tree/run/lanyard/$3" "$tree$2"
}

lay_boot() {
	hide /boot/grub/grub.cfg /boot/grub no-grub
	hide /boot/efi/EFI /boot/efi no-efi
	count=0
	for conf in "$tree"/etc/initramfs-tools/initramfs.conf "$tree"/etc/initramfs-tools/conf.d/*; do
		grep -qs '^[[:space:]]*\(export \)\?MODULES=["'\'']\?dep\>' "$conf" || continue
		count=$((count + 1))
		sed '/^[[:space:]]*\(export \)\?MODULES=/s/=.*/=most/' "$conf" >"$tree/run/lanyard/conf.$count"
		bind "$tree/run/lanyard/conf.$count" "$conf"
	done
}

# ---- the command --------------------------------------------------------------------------------

# shellcheck disable=SC2317 # by the trap
clean_up() {
	for file in $added; do
		rm -f -- "$file"
	done
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 143' TERM
trap : INT # the command gets it, too, and decides
lay_system
lay_resolver
forbid_services
lay_boot
if [ $# -eq 0 ]; then
	set -- /bin/sh
	[ ! -x "$tree/bin/bash" ] || set -- /bin/bash
fi
unset TMPDIR
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
status=0
chroot "$tree" "$@" || status=$?
exit $status
