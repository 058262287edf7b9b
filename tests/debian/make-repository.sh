#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes an apt repository of newer versions: the packages as Debian has them, but for the version, which
# ends with '+newer', also where one of them wants another in this very version. So a system that has
# them has something to upgrade, with all that their own scripts do then.
#
# usage: tests/debian/make-repository.sh DEBS DIR
#        DIR must not exist; then it is a source for apt: deb [trusted=yes] file:DIR ./
set -eu

[ $# -eq 2 ] || { sed -n '7,8s/^# //p' "$0" >&2; exit 100; }
debs=$(cd "$1" && pwd)
mkdir "$2"
dir=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# member DEB NAME: the archive inside the package that begins so, unpacked if it is compressed
member() {
	inside=$(ar t "$1" | grep "^$2")
	case $inside in
	*.xz) ar p "$1" "$inside" | xz -dc ;;
	*.zst) ar p "$1" "$inside" | zstd -dc ;;
	*) ar p "$1" "$inside" ;;
	esac
}

# newer DEB TO: owners and modes in the packages stay, whoever runs this
newer() {
	rm -rf "${work:?}"/*
	version=$(dpkg-deb -f "$1" Version)
	dpkg-deb -e "$1" "$work/control"
	awk -v old="$version" '
		/^Version: / { print $0 "+newer"; next }
		{
			out = ""
			while ((at = index($0, "(= " old ")"))) {
				out = out substr($0, 1, at - 1) "(= " old "+newer)"
				$0 = substr($0, at + length(old) + 4)
			}
			print out $0
		}' "$work/control/control" > "$work/new"
	mv "$work/new" "$work/control/control"
	tar -C "$work/control" --owner=0 --group=0 --numeric-owner -cf "$work/control.tar" .
	member "$1" data.tar > "$work/data.tar"
	echo 2.0 > "$work/debian-binary"
	(cd "$work" && ar rcD "$2" debian-binary control.tar data.tar)
}

for deb in "$debs"/*.deb; do
	name=$(dpkg-deb -f "$deb" Package).deb
	newer "$deb" "$dir/$name"
	dpkg-deb -f "$dir/$name"
	echo "Filename: ./$name"
	echo "Size: $(stat -c %s "$dir/$name")"
	echo "SHA256: $(sha256sum "$dir/$name" | cut -d ' ' -f 1)"
	echo
done > "$dir/Packages"
