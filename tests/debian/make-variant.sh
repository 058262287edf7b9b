#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes a Debian system as a root tree that differs from make-root.sh's in one thing.
#
# usage: tests/debian/make-variant.sh DIR/debian-NAME.tar       with NAME one of
#   networkmanager   NetworkManager is there; no kernel
#   sysvinit         sysvinit is its init, systemd is absent; no kernel
#   bullseye         Debian 11 with its kernel
#   trixie           Debian 13 with its kernel
#   server           the kernel's NFS server, with a kernel
#
# Root's password is empty, and nothing else is set up. DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR name
# other mirrors.
set -eu

[ $# -eq 1 ] || { sed -n '5,10s/^# //p' "$0" >&2; exit 100; }
[ "$(id -u)" -eq 0 ] || { echo "make-variant: the tree's files belong to root: run as root" >&2; exit 1; }
tar=$1
name=$(basename "$tar" .tar)
name=${name#debian-}

release=$(. /etc/os-release && echo "$VERSION_CODENAME")
set=important
case $name in
networkmanager) packages=network-manager ;;
sysvinit)
	set=apt
	packages=sysvinit-core,initscripts,sysv-rc,orphan-sysvinit-scripts,udev,kmod,login,passwd
	packages=$packages,ifupdown,isc-dhcp-client,iproute2,procps,mount,hostname,rsyslog,cron
	;;
bullseye | trixie) release=$name packages=linux-image-amd64 ;;
server)
	set=apt
	packages=systemd-sysv,udev,kmod,login,passwd,iproute2,procps,mount,nfs-kernel-server,linux-image-amd64
	;;
*) sed -n '5,10s/^# //p' "$0" >&2; exit 100 ;;
esac
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
security=${DEBIAN_SECURITY_MIRROR:-http://deb.debian.org/debian-security}
by='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'

new=$(dirname "$tar")/new-$(basename "$tar") # mmdebstrap goes by the name's end

echo "make-variant: Debian $release, $name, from $mirror (a minute or two)"
# shellcheck disable=SC2016 # the hook's own shell knows "$1"
mmdebstrap --quiet --mode=root --variant=$set --include="$packages" \
	--customize-hook='chroot "$1" passwd --quiet --delete root' "$release" "$new" - <<-END
	deb $by $mirror $release main
	deb $by $mirror $release-updates main
	deb $by $security $release-security main
END
mv "$new" "$tar"
