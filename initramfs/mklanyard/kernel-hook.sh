#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Run by kernel packages after a kernel was installed (/etc/kernel/postinst.d) or removed
# (/etc/kernel/postrm.d), with its version: makes its initramfs, or removes it, as
# /etc/lanyard/mklanyard.conf says; see mklanyard(8). Without that file it does nothing.
#
# It never fails: a kernel that is installed without an image is better than one half installed.

conf=${MKLANYARD_CONF:-/etc/lanyard/mklanyard.conf}
version=$1
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() {
	echo "mklanyard: $*" >&2
}

# The last line "WORD = VALUE".
value() {
	sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" "$conf" | sed -n '$s/[[:space:]]*$//p'
}

[ -r "$conf" ] || exit 0
image=$(value image)
case $version in
'' | */* | *[!A-Za-z0-9.+~_-]*) exit 0 ;;
esac
case $image in
'') exit 0 ;;
*VERSION*) ;;
*)
	say "$conf: image = $image has no VERSION in it, so all kernels would have the same"
	exit 0
	;;
esac
image=${image%%VERSION*}$version${image#*VERSION}

case $0 in
*postrm.d/*)
	rm -f -- "$image"
	exit 0
	;;
esac
options=$(value options)
set -f # the options are words, not patterns
# shellcheck disable=SC2086
if mklanyard -k "$version" ${options:--m netboot} -o "$image"; then
	say "made $image"
else
	say "$image was not made; what was there before stays"
fi
exit 0
