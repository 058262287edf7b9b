#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes the smallest initramfs that boots an NFS root with nothing of ours in it: busybox, a script
# of some twenty lines, the modules for e1000, virtio-net and NFSv3. A measuring stick for init.
#
# usage: tests/peers/mk-script-initrd.sh ROOT IMAGE      (ROOT: the tree whose kernel will boot)
set -eu

root=$(cd "$1" && pwd)
image=$2
kernel=$(ls "$root/lib/modules" | sort -V | tail -1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/bin" "$work/dev" "$work/proc" "$work/sys" "$work/root" "$work/modules"
cp "$(command -v busybox)" "$work/bin/busybox"
PATH=$PATH:/sbin
modprobe -d "$root" -S "$kernel" -D -a e1000 virtio_net virtio_pci nfs nfsv3 overlay |
	awk '/^insmod/ && !seen[$2]++ { print $2 }' > "$work/list"
while read -r module; do
	cp "$module" "$work/modules/"
	echo "/modules/${module##*/}"
done < "$work/list" > "$work/order"
mv "$work/order" "$work/list"

cat > "$work/lease" <<'EOF'
#!/bin/busybox sh
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
[ -z "$router" ] || ip route add default via "$router"
echo "server='$siaddr' rootpath='$rootpath'" > /lease.txt
EOF
cat > "$work/init" <<'EOF'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev
echo "script-initrd: start at $(cut -d' ' -f1 /proc/uptime)"
for word in $(cat /proc/cmdline); do case $word in
	nfsroot=*) nfsroot=${word#nfsroot=} ;; rw) mode=rw ;; ro) mode=ro ;;
esac; done
while read -r module; do insmod "$module"; done < /list
ip link set lo up; ip link set eth0 up
until [ "$(cat /sys/class/net/eth0/carrier 2>/dev/null)" = 1 ]; do sleep 0.1; done
until udhcpc -i eth0 -n -q -f -t 5 -s /lease; do echo "script-initrd: no lease"; sleep 1; done
. /lease.txt
case $nfsroot in *:*) server=${nfsroot%%:*} nfsroot=${nfsroot#*:} ;; esac
path=${nfsroot%%,*}
until mount -t nfs -o "nolock,vers=3,proto=tcp,addr=$server,${mode:-ro}" "$server:$path" /root; do
	echo "script-initrd: mount failed"; sleep 1
done
echo "script-initrd: switching root at $(cut -d' ' -f1 /proc/uptime)"
mount --move /dev /root/dev; umount /proc; umount /sys
exec switch_root /root /sbin/init
EOF
chmod 755 "$work/init" "$work/lease"
(cd "$work" && find . | sort | cpio -o -H newc -R 0:0 --quiet) | zstd -q -19 > "$image.new"
mv "$image.new" "$image"
