#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Fetches Debian packages without installing them, and unpacks them below DEPS.
#
# usage: tests/fetch-deps.sh DEPS NAME...       with NAME one of
#   headers    DEPS/include/syslinux/pxe_api.h and what it includes (sources of syslinux)
#   kernel     DEPS/kernel/{boot,lib/modules}: Debian's kernel for this release
#   servers    DEPS/servers/: the daemons of the group 'servers' in tests/packages.list
#   clients    DEPS/clients/: the programs of the group 'clients'
#   web        DEPS/web/: the group 'web', complete with the libraries of its HTTP server
#   efi        DEPS/efi/: the UEFI boot programs of the group 'efi'
#   firmware   DEPS/firmware/: the group 'firmware', from Debian 13
#   demo-root  DEPS/demo-root/: that group, complete with its libraries
#   upgrades   DEPS/upgrades/: that group as an apt repository (tests/debian/make-repository.sh)
#   libfdt     DEPS/libfdt/: the sources of that library, as the boot program compiles it
#   arm64      DEPS/arm64/: the group 'arm64-libraries', for that architecture
#   arm64-efi  DEPS/arm64-efi/: the group 'arm64-efi', the same
#   arm64-root DEPS/demo-root-arm64/ and DEPS/kernel-arm64/: what demo-root and kernel are there
#   zboot      DEPS/zboot/: what tests/qemu/make-zboot.sh compiles, of the group 'zboot'
#
# The machine stays as it is: apt works here with a state of its own (package lists, cache and
# sources in DEPS/apt) and verifies every file by Debian's signatures. Needs no root.
# A result appears under its final name only when it is complete, then DEPS/NAME.stamp, which
# holds what was asked for: nothing happens while that has not changed.
# DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR name other mirrors.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 2 ] || { sed -n '4,27s/^# \{0,1\}//p' "$0" >&2; exit 100; }
mkdir -p "$1"
deps=$(cd "$1" && pwd)
shift
state=$deps/apt

say() { echo "fetch-deps: $*"; }
fail() { say "$*" >&2; exit 1; }

group() {
	awk -v want="$1" '
		/^\[/ { group = substr($1, 2, length($1) - 2); next }
		/^#/ || NF == 0 { next }
		group == want { print $1 }' "$here/packages.list"
}

# apt_private PROGRAM ARGS: apt with its own sources, lists and cache
apt_private() {
	program=$1; shift
	"$program" -q=2 -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" \
		-o APT::Sandbox::User="$(id -un)" -o APT::Install-Recommends=false \
		-o APT::Get::AllowUnauthenticated=false \
		${architecture:+-o APT::Architecture="$architecture" -o APT::Architectures="$architecture"} "$@"
}

# prepare_apt [RELEASE]: by default that of this machine; for $architecture
prepare_apt() {
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	: > "$state/nothing"
	release=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
	mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
	security=${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security}
	by='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
	for type in deb deb-src; do
		echo "$type $by $mirror $release main"
		echo "$type $by $mirror $release-updates main"
		echo "$type $by $security $release-security main"
	done > "$state/sources.list"
	find "$state/lists" -name '*Packages*' -mmin -720 | grep -q . || {
		say "reading Debian's package lists"
		apt_private apt-get update
	}
}

# closure PACKAGE...: the packages and all that they need on a machine that has nothing.
# Resolved one by one, so that packages may conflict with each other.
closure() {
	for package; do
		apt_private apt-get -o Dir::State::status="$state/nothing" -s install "$package" |
			awk '/^Inst / { print $2 }'
	done | sort -u
}

# unpack NAME PACKAGE...: the binary packages' files below DEPS/NAME
unpack() {
	name=$1; shift
	rm -rf "${deps:?}/$name" "${deps:?}/$name.new" "$state/debs"
	mkdir -p "$deps/$name.new" "$state/debs"
	say "$name: $(echo "$@")"
	(cd "$state/debs" && apt_private apt-get download "$@")
	for deb in "$state"/debs/*.deb; do
		dpkg -x "$deb" "$deps/$name.new"
	done
	rm -rf "$state/debs"
	mv "$deps/$name.new" "$deps/$name"
}

get_headers() {
	say "headers: pxe_api.h from the sources of $(group sources)"
	rm -rf "$state/src" "$deps/include" "$deps/include.new"
	mkdir -p "$state/src/com32" "$deps/include.new"
	# shellcheck disable=SC2046  # a list of words
	(cd "$state/src" && apt_private apt-get source --download-only $(group sources))
	tar -xf "$state"/src/syslinux_*.orig.tar.* -C "$state/src/com32" --strip-components=3 \
		--wildcards '*/com32/include/*'
	# Only what pxe_api.h needs beyond the compiler's own headers: the rest of com32's C
	# library must not get in anybody's way.
	echo '#include <syslinux/pxe_api.h>' | gcc -m32 -ffreestanding -nostdinc \
		-isystem "$(gcc -print-file-name=include)" -idirafter "$state/src/com32" \
		-M -xc - | tr ' \\' '\n\n' | sed -n "s|^$state/src/com32/||p" |
	while read -r header; do
		mkdir -p "$deps/include.new/$(dirname "$header")"
		cp -p "$state/src/com32/$header" "$deps/include.new/$header"
	done
	[ -s "$deps/include.new/syslinux/pxe_api.h" ] || fail "syslinux's sources have no pxe_api.h"
	rm -rf "$state/src"
	mv "$deps/include.new" "$deps/include"
}

# get_kernel ARCHITECTURE NAME
get_kernel() {
	image=$(apt_private apt-cache depends "linux-image-$1" |
		awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }')
	[ -n "$image" ] || fail "Debian's package lists name no kernel for $1"
	unpack "$2" "$image"
	for dir in "$deps/$2"/lib/modules/*; do
		PATH=$PATH:/sbin:/usr/sbin depmod -b "$deps/$2" "${dir##*/}"
	done
}

# With their libraries, but with the machine's own C library, and without what only the
# packages' installation scripts would need.
# shellcheck disable=SC2046
get_servers() {
	unpack servers $(group servers) $(closure $(group servers) |
		grep '^lib' | grep -Ev '^lib(c6|gcc-s1|pam|perl|python)')
}

# shellcheck disable=SC2046
get_web() {
	unpack web $(group web) $(closure lighttpd | grep -E '^lib(crypt1|nettle|pcre2|xxhash)')
}

# shellcheck disable=SC2046
get_clients() {
	unpack clients $(group clients)
}

# shellcheck disable=SC2046
get_efi() {
	unpack efi $(group efi)
}

# With a state of its own, so that nothing else comes from there.
# shellcheck disable=SC2046,SC2030,SC2031
get_firmware() (
	state=$deps/apt-trixie
	prepare_apt trixie
	unpack firmware $(group firmware)
)

# shellcheck disable=SC2046
get_demo_root() {
	unpack demo-root $(closure $(group demo-root))
}

# shellcheck disable=SC2046
get_upgrades() {
	rm -rf "$deps/upgrades" "$deps/upgrades.new" "$state/debs"
	mkdir -p "$state/debs"
	say "upgrades: newer versions of $(echo $(group upgrades))"
	(cd "$state/debs" && apt_private apt-get download $(group upgrades))
	"$here/debian/make-repository.sh" "$state/debs" "$deps/upgrades.new"
	rm -rf "$state/debs"
	mv "$deps/upgrades.new" "$deps/upgrades"
}

# Of Debian 13: that is the newest, and old releases' sources leave some mirrors first.
# shellcheck disable=SC2030,SC2031
get_libfdt() (
	say "libfdt: from the sources of device-tree-compiler"
	state=$deps/apt-trixie
	prepare_apt trixie
	rm -rf "$state/src" "$deps/libfdt" "$deps/libfdt.new"
	mkdir -p "$state/src" "$deps/libfdt.new"
	(cd "$state/src" && apt_private apt-get source --tar-only --download-only device-tree-compiler)
	tar -xf "$state"/src/device-tree-compiler_*.orig.tar.* -C "$deps/libfdt.new" \
		--strip-components=2 --wildcards '*/libfdt/*.[ch]'
	[ -s "$deps/libfdt.new/libfdt.h" ] || fail "those sources have no libfdt"
	rm -rf "$state/src"
	mv "$deps/libfdt.new" "$deps/libfdt"
)

# Of that architecture, by an apt that knows no other.
# shellcheck disable=SC2030,SC2031
on_arm64() (
	state=$deps/apt-arm64
	architecture=arm64
	prepare_apt
	"$@"
)

# shellcheck disable=SC2046
get_arm64() {
	unpack arm64 $(group arm64-libraries)
}

# shellcheck disable=SC2046
get_arm64_efi() {
	unpack arm64-efi $(group arm64-efi)
}

# shellcheck disable=SC2046
get_arm64_root() {
	unpack demo-root-arm64 $(closure $(group demo-root))
	get_kernel arm64 kernel-arm64
}

# Headers as they are for a kernel of that architecture, and the few files of Linux's sources.
# shellcheck disable=SC2046
get_zboot() {
	headers=$(closure $(group zboot | grep headers) | grep -E '^linux-headers-.*(common|arm64)$')
	unpack zboot $headers $(group zboot | grep source)
	mkdir "$deps/zboot/source"
	tar -xf "$deps"/zboot/usr/src/linux-source-*.tar.xz -C "$deps/zboot/source" --strip-components=1 \
		--wildcards '*/drivers/firmware/efi/libstub' '*/scripts/dtc/libfdt' 'linux-source-*/lib'
	rm "$deps"/zboot/usr/src/linux-source-*.tar.xz
}

# asked NAME: what a result is made from
asked() {
	(. /etc/os-release && echo "$ID $VERSION_CODENAME")
	case $1 in
	headers) group sources ;;
	kernel) echo linux-image-amd64 ;;
	servers | web | clients | efi | firmware | demo-root | upgrades | zboot) group "$1" ;;
	libfdt) echo device-tree-compiler ;;
	arm64) group arm64-libraries ;;
	arm64-efi) group arm64-efi ;;
	arm64-root) group demo-root && echo linux-image-arm64 ;;
	*) fail "'$1' is none of headers, kernel, servers, web, clients, efi, firmware, demo-root," \
		"upgrades, libfdt, arm64, arm64-efi, arm64-root, zboot" ;;
	esac
}

exec 9> "$deps/.lock"
flock 9
for name; do
	wanted=$(asked "$name")
	if [ "$wanted" = "$(cat "$deps/$name.stamp" 2>/dev/null)" ]; then
		[ "$deps/$name.stamp" -nt "$here/packages.list" ] || touch "$deps/$name.stamp"
		continue
	fi
	[ "${prepared:-}" ] || prepare_apt
	prepared=yes
	case $name in
	headers) get_headers ;;
	kernel) get_kernel amd64 kernel ;;
	servers) get_servers ;;
	web) get_web ;;
	clients) get_clients ;;
	efi) get_efi ;;
	firmware) get_firmware ;;
	demo-root) get_demo_root ;;
	upgrades) get_upgrades ;;
	libfdt) get_libfdt ;;
	arm64) on_arm64 get_arm64 ;;
	arm64-efi) on_arm64 get_arm64_efi ;;
	arm64-root) on_arm64 get_arm64_root ;;
	zboot) on_arm64 get_zboot ;;
	esac
	echo "$wanted" > "$deps/$name.stamp"
done
