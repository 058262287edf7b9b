#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# An EFI zboot image, which no Debian package for arm64 has: Linux's small EFI program that unpacks the
# kernel in it, from Debian's sources of Linux, around a kernel of Debian's. It does by hand what
# drivers/firmware/efi/libstub/Makefile{,.zboot} do, without configuring a kernel.
#
# usage: tests/qemu/make-zboot.sh DEPS KERNEL IMAGE      (DEPS/zboot: tests/fetch-deps.sh DEPS zboot)
set -eu

deps=$(realpath "$1") kernel=$(realpath "$2") image=$(realpath "$3")
source=$deps/zboot/source
common=$(echo "$deps"/zboot/usr/src/linux-headers-*-common)
own=$(echo "$deps"/zboot/usr/src/linux-headers-*-arm64)
stub=$source/drivers/firmware/efi/libstub
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for dir in "$common/arch/arm64/include" "$own/arch/arm64/include/generated" "$common/include" \
	"$own/include" "$common/arch/arm64/include/uapi" "$own/arch/arm64/include/generated/uapi" \
	"$common/include/uapi" "$own/include/generated/uapi" "$stub" "$source/lib" \
	"$source/drivers/firmware" "$source/scripts/dtc/libfdt"; do
	echo "-I$dir"
done > "$work/flags"
cat >> "$work/flags" <<-END
	--target=aarch64-linux-gnu -nostdinc -isystem $(clang -print-resource-dir)/include -w
	-D__KERNEL__ -DCONFIG_EFI_ZBOOT=1 -DCONFIG_KERNEL_GZIP=1
	-include $common/include/linux/compiler-version.h -include $common/include/linux/kconfig.h
END
cat > "$work/c-flags" <<-END
	-include $common/include/linux/compiler_types.h -include $common/include/linux/hidden.h
	-std=gnu11 -Os -fpie -ffreestanding -fshort-wchar -fno-strict-aliasing -fno-stack-protector
	-fno-addrsig -fno-asynchronous-unwind-tables -mgeneral-regs-only -mbranch-protection=none
	-D__NO_FORTIFY -D__DISABLE_EXPORTS -DDISABLE_BRANCH_PROFILING
	-DKBUILD_MODNAME="zboot" -DKBUILD_BASENAME="zboot"
END

cd "$work"
for file in "$stub"/*.c "$source"/lib/cmdline.c "$source"/lib/ctype.c "$source"/lib/fdt*.c; do
	name=${file##*/} name=${name%.c}
	case $name in arm32* | riscv* | loongarch* | x86* | unaccepted* | bitmap | find) continue ;; esac
	[ "${file%/lib/*}" = "$file" ] || name=lib-$name
	clang @flags @c-flags -c -o "$name.o" "$file"
	llvm-objcopy --remove-section=.note.gnu.property --prefix-alloc-sections=.init \
		--prefix-symbols=__efistub_ "$name.o"
done
llvm-ar rcs stub.a ./*.o

# The kernel with the memory behind it that it wants empty; and how much of it is code, which its PE
# header tells (SizeOfCode).
cp "$kernel" payload
code=$(od -An -j92 -N4 -tu4 payload)
truncate -s "$(od -An -j16 -N4 -tu4 payload)" payload
gzip -n payload
cat > payload.S <<-END
	.section .gzdata, "a"
	.incbin "payload.gz"
	.globl zboot_code_size
	.set zboot_code_size, $code
END
clang --target=aarch64-linux-gnu -c payload.S
clang @flags -D__ASSEMBLY__ -DMACHINE_TYPE=IMAGE_FILE_MACHINE_ARM64 -DZBOOT_EFI_PATH='"none"' \
	-DZBOOT_SIZE_LEN=0 -DCOMP_TYPE='"gzip"' -c "$stub/zboot-header.S"
ld.lld -T "$stub/zboot.lds" -o program payload.o zboot-header.o stub.a
llvm-objcopy -O binary program "$image"
