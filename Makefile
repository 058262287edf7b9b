# SPDX-License-Identifier: BSD-2-Clause
# Lanyard's one Makefile. 'make help' explains every target. Lists are explicit: a file that is not
# named here is not built. Each room has its section; objects of the four worlds (host, BIOS, EFI,
# init) go to their own folders under $(BUILD).

BUILD ?= build
DEPS ?= build/deps
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
CC = gcc
PYTHON = /usr/bin/python3
SECONDS ?= 30

BIN = $(BUILD)/bin
WARN = -Wall -Wextra -Werror
CFLAGS_ALL = -std=gnu11 $(WARN) -I. -MMD -MP
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help deps demo check ci check-all bench fuzz install clean layering freestanding unit sim \
	host qemu-check qemu-ci

PROGRAMS = $(addprefix $(BIN)/,lanyard.0 lanyardx64.efi init mklanyard lanyardd)

all: $(PROGRAMS) $(BIN)/lanyard-host ## build every program into build/bin

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 14

# ---- netstack: everything in it compiles in all worlds -------------------------------------------

BASE_SRC = netstack/base/bytes.c netstack/base/fault.c netstack/base/fault_texts.c netstack/base/ipaddr.c \
	netstack/base/random.c netstack/base/rtt.c netstack/base/text.c
WIRE_SRC = netstack/wire/arp.c netstack/wire/dhcp.c netstack/wire/dns.c netstack/wire/ether.c \
	netstack/wire/http.c netstack/wire/icmp.c \
	netstack/wire/ip.c netstack/wire/ipparam.c netstack/wire/ipparam_format.c \
	netstack/wire/linkparam.c \
	netstack/wire/tcp.c netstack/wire/syslog.c netstack/wire/tftp.c netstack/wire/udp.c netstack/wire/url.c
# Codecs of NFS, for init's questions, the tests and the server; not part of the boot program.
NFS_WIRE_SRC = netstack/wire/mount3.c netstack/wire/nfs3.c netstack/wire/nfs3_results.c \
	netstack/wire/portmap.c netstack/wire/rpc.c netstack/wire/xdr.c
# What only init needs of the network.
INIT_STACK_SRC = netstack/dhcp6_client.c netstack/wire/dhcp6.c netstack/wire/dns_lists.c \
	netstack/wire/dns_records.c netstack/wire/ndisc.c
NETSTACK_SRC = netstack/dhcp_client.c netstack/dns_client.c netstack/http_answer.c \
	netstack/http_client.c netstack/lease.c netstack/neighbour.c netstack/route.c \
	netstack/stack.c netstack/stack_tcp.c netstack/tcp_client.c netstack/tcp_input.c \
	netstack/tcp_ranges.c netstack/tftp_answer.c netstack/tftp_client.c netstack/tftp_path.c \
	netstack/tftp_put.c netstack/vlan.c
# The server's protocol machines are as freestanding as the client's.
MACHINE_SRC = server-stub/machine/dhcp_server.c server-stub/machine/netascii.c \
	server-stub/machine/tftp_receiver.c server-stub/machine/tftp_server.c

# ---- bootloader: the portable boot program -------------------------------------------------------

BOOTLOADER_SRC = bootloader/acquire.c bootloader/boot.c bootloader/builtin.c bootloader/chain.c \
	bootloader/chain_words.c bootloader/choose.c bootloader/partition.c bootloader/program.c \
	bootloader/program_words.c \
	bootloader/config.c bootloader/config_menu.c bootloader/config_words.c \
	bootloader/configure.c bootloader/console.c bootloader/console_ansi.c \
	bootloader/console_display.c bootloader/gzip.c bootloader/hash.c bootloader/hash_sha2.c \
	bootloader/menu.c bootloader/menu_draw.c \
	bootloader/menu_run.c bootloader/menu_screen.c bootloader/milestone.c \
	bootloader/prompt_edit.c bootloader/sysappend.c bootloader/cpio.c bootloader/fetch.c \
	bootloader/fetch_http.c bootloader/fetch_names.c bootloader/fetch_pieces.c \
	bootloader/fetch_tftp.c \
	bootloader/linux.c bootloader/load.c bootloader/loop.c bootloader/packed.c bootloader/password.c \
	bootloader/password_all.c bootloader/password_sha2.c bootloader/paths.c \
	bootloader/place.c bootloader/plan.c bootloader/progress.c bootloader/prompt.c bootloader/record.c \
	bootloader/search.c bootloader/serial_keys.c bootloader/sinks.c bootloader/tape.c \
	bootloader/tape_read.c bootloader/tape_send.c bootloader/tree_names.c bootloader/trees.c \
	bootloader/uuid.c bootloader/witness.c

BOOT_SRC = $(BASE_SRC) $(WIRE_SRC) $(NETSTACK_SRC) $(BOOTLOADER_SRC)
# In the firmware's worlds: without the sentences of other programs.
FIRMWARE_SRC = $(BOOT_SRC:%/fault_texts.c=%/fault_texts_boot.c)

# ---- host world: tests and lanyard-host, always under ASan and UBSan ------------------------------

HOST_CFLAGS = $(CFLAGS_ALL) -O1 -g $(SANITIZE)

$(BUILD)/host/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -c -o $@ $<

host_objects = $(patsubst %.c,$(BUILD)/host/%.o,$(1))

# The boot program without a platform, for tests: each links the parts that it names.
$(BUILD)/host/boot.a: $(call host_objects,$(BOOT_SRC))
	@rm -f $@
	ar rcs $@ $^

# What the boot program is made of must compile without a C library on every machine it is for, and
# need none: not even the compiler's own 64-bit division. 'make freestanding' checks that.

FREE_CFLAGS = -std=gnu11 $(WARN) -I. -MMD -MP -Os -ffreestanding -fno-stack-protector
FREE_i386 = $(CC) -m32 -march=i386 -mno-sse -mno-mmx -mno-80387 -fno-pic
FREE_x86_64 = $(CC) -m64 -mno-red-zone -mgeneral-regs-only -fpic -fshort-wchar
FREE_aarch64 = clang --target=aarch64-none-elf -mgeneral-regs-only -fpic -fshort-wchar
FREE_WORLDS = i386 x86_64 aarch64

define free_world
$(BUILD)/free/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$(FREE_$(1)) $(FREE_CFLAGS) -c -o $$@ $$<

$(BUILD)/free/$(1).list: $(patsubst %.c,$(BUILD)/free/$(1)/%.o,$(BOOT_SRC) $(NFS_WIRE_SRC) \
	$(INIT_STACK_SRC) $(MACHINE_SRC))
	@echo $$^ >$$@
endef
$(foreach world,$(FREE_WORLDS),$(eval $(call free_world,$(world))))

freestanding: $(FREE_WORLDS:%=$(BUILD)/free/%.list) ## the boot program needs no library, on three machines
	@status=0; for w in $(FREE_WORLDS); do $(TALLY) freestanding-$$w tests/freestanding.sh $$w \
		$$(cat $(BUILD)/free/$$w.list) || status=1; done; exit $$status

# ---- bios: lanyard.0 -----------------------------------------------------------------------------

# 32-bit C and a small 16-bit part (entry.S, and undi_exchange.c compiled with -m16).

PXE_API = $(DEPS)/headers.stamp
BIOS_SRC = bios/boot_linux.c bios/clock.c bios/console.c bios/disk.c bios/entropy.c bios/identity.c \
	bios/leave.c bios/main.c bios/memory.c bios/memory_map.c bios/pic.c bios/program.c bios/pxe.c \
	bios/serial.c bios/undi.c bios/unlzma.c bios/calls.c \
	netstack/base/memory.c
BIOS_CFLAGS = $(CFLAGS_ALL) -Os -march=i386 -mregparm=3 -mno-sse -mno-mmx -mno-80387 -ffreestanding \
	-fno-pic -fno-stack-protector -fomit-frame-pointer -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -ffunction-sections \
	-fdata-sections -isystem $(DEPS)/include

bios_objects = $(BUILD)/bios/bios/entry.o $(BUILD)/bios/bios/program_code.o \
	$(BUILD)/bios16/bios/undi_exchange.o \
	$(patsubst %.c,$(BUILD)/bios/%.o,$(BIOS_SRC) $(FIRMWARE_SRC:%/password_all.c=%/password_few.c))

$(BUILD)/bios/%.o: %.c | $(PXE_API)
	@mkdir -p $(@D)
	$(CC) $(BIOS_CFLAGS) -m32 -c -o $@ $<

$(BUILD)/bios16/%.o: %.c | $(PXE_API)
	@mkdir -p $(@D)
	$(CC) $(BIOS_CFLAGS) -m16 -fno-jump-tables -c -o $@ $<

$(BUILD)/bios/bios/entry.o $(BUILD)/bios/bios/program_code.o: $(BUILD)/bios/bios/%.o: bios/%.S
	@mkdir -p $(@D)
	$(CC) -m32 -c -o $@ $<

$(BUILD)/bios/lanyard.elf: bios/lanyard.ld $(bios_objects)
	$(CC) -m32 -nostdlib -static -no-pie -Wl,--gc-sections,--build-id=none,-z,noexecstack \
		-Wl,--no-warn-rwx-segments -Wl,-Map=$(@:.elf=.map) -T bios/lanyard.ld -o $@ $(bios_objects)

$(BUILD)/bios/calls: bios/host/calls.c bios/calls.c bios/calls.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -O2 -MF $@.d -o $@ $(filter %.c,$^)

# The file: what runs first, then the rest packed (lanyard.ld, bios/calls.h). 80 KiB is what others' boot
# programs have, too.
$(BIN)/lanyard.0: $(BUILD)/bios/lanyard.elf $(BUILD)/bios/calls ## the boot program for PC BIOS PXE ROMs
	@mkdir -p $(@D)
	objcopy -O binary -j .first $< $<.first
	objcopy -O binary -j .text -j .rodata -j .data -j .mark $< $<.body
	$(BUILD)/bios/calls < $<.body > $<.places
	xz --format=raw --lzma1=lc=3,lp=0,pb=0,dict=1MiB,nice=273 --stdout $<.places > $<.packed
	cat $<.first $<.packed > $@
	@test $$(stat -c %s $@) -le 81920 || { echo "$@ is larger than 80 KiB" >&2; rm $@; exit 1; }

# The parts that need no machine, on the host; each test includes the file that it tests.
BIOS_UNIT_TESTS = bios_calls bios_memory_map bios_undi bios_unlzma

$(addprefix $(BUILD)/unit/,$(BIOS_UNIT_TESTS)): $(BUILD)/unit/%: tests/unit/%.c \
	$(BUILD)/host/boot.a | $(PXE_API)
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -idirafter $(DEPS)/include -o $@ $< $(BUILD)/host/boot.a -lcmocka

# ---- efi: lanyardx64.efi -------------------------------------------------------------------------
# A PE program by clang and lld-link, which need no self-relocation and set NX_COMPAT: sections of
# whole pages, none of them writable and executable. The headers are gnu-efi's.

EFI_SRC = efi/boot_linux.c efi/cards.c efi/clock.c efi/console.c efi/disk.c efi/entropy.c efi/firmware.c \
	efi/identity.c efi/initrd.c efi/main.c efi/memory.c efi/mnp.c efi/origin.c efi/path.c efi/sbat.c \
	efi/serial.c efi/snp.c efi/watchdog.c netstack/base/memory.c
EFI_INCLUDE = -DGNU_EFI_USE_MS_ABI -idirafter /usr/include/efi
EFI_CFLAGS = $(CFLAGS_ALL) -Oz -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables \
	-ffunction-sections -fdata-sections $(EFI_INCLUDE)
EFI_x64 = clang --target=x86_64-unknown-windows-gnu -mno-red-zone -mgeneral-regs-only \
	-mno-stack-arg-probe -idirafter /usr/include/efi/x86_64

$(BUILD)/efi-x64/%.o: %.c
	@mkdir -p $(@D)
	$(EFI_x64) $(EFI_CFLAGS) -c -o $@ $<

# Not packed as a whole, as lanyard.0 is: but the sentences are.
$(BUILD)/generated/fault_texts_packed.c: netstack/base/fault_pairs.py netstack/base/fault_boot.def
	@mkdir -p $(@D)
	$(PYTHON) netstack/base/fault_pairs.py netstack/base/fault_boot.def >$@

$(BUILD)/efi-x64/fault_texts_packed.o: $(BUILD)/generated/fault_texts_packed.c
	@mkdir -p $(@D)
	$(EFI_x64) $(EFI_CFLAGS) -c -o $@ $<

$(BIN)/lanyardx64.efi: $(patsubst %.c,$(BUILD)/efi-x64/%.o,$(EFI_SRC) efi/processor_x86_64.c \
		$(filter-out %/fault_texts_boot.c,$(FIRMWARE_SRC)) fault_texts_packed.c) ## the boot program for x64 UEFI
	@mkdir -p $(@D)
	lld-link /subsystem:efi_application /entry:efi_main /nodefaultlib /opt:ref /filealign:32 /timestamp:0 \
		/out:$@ $^
	@$(PYTHON) tests/pe.py $@ 163840

# The same for arm64 ('make arm64'), with the types that gnu-efi has there.
EFI_aa64 = clang --target=aarch64-unknown-windows-gnu -mgeneral-regs-only -mno-stack-arg-probe \
	-idirafter $(DEPS)/arm64/usr/include/efi -idirafter $(DEPS)/arm64/usr/include/efi/aarch64
EFI_AA64_SRC = $(EFI_SRC) efi/device_tree.c efi/processor_aarch64.c efi/tree_merge.c efi/libc/libc.c \
	$(filter-out %/fault_texts_boot.c,$(FIRMWARE_SRC)) fault_texts_packed.c
# Device trees by libfdt, whose few calls of a C library efi/libc answers.
LIBFDT = fdt fdt_check fdt_overlay fdt_ro fdt_rw fdt_strerror fdt_wip
LIBFDT_INCLUDE = -idirafter $(DEPS)/libfdt

$(LIBFDT:%=$(BUILD)/efi-aa64/libfdt/%.o): $(BUILD)/efi-aa64/libfdt/%.o: $(DEPS)/libfdt.stamp
	@mkdir -p $(@D)
	$(EFI_aa64) $(EFI_CFLAGS) -Wno-sign-compare -Wno-unused-parameter -idirafter efi/libc \
		-I$(DEPS)/libfdt -c -o $@ $(DEPS)/libfdt/$*.c

$(BUILD)/efi-aa64/%.o: %.c | $(DEPS)/arm64.stamp $(DEPS)/libfdt.stamp
	@mkdir -p $(@D)
	$(EFI_aa64) $(EFI_CFLAGS) -idirafter efi/libc $(LIBFDT_INCLUDE) -c -o $@ $<

$(BUILD)/efi-aa64/fault_texts_packed.o: $(BUILD)/generated/fault_texts_packed.c | $(DEPS)/arm64.stamp
	@mkdir -p $(@D)
	$(EFI_aa64) $(EFI_CFLAGS) -c -o $@ $<

$(BIN)/lanyardaa64.efi: $(patsubst %.c,$(BUILD)/efi-aa64/%.o,$(EFI_AA64_SRC)) \
		$(LIBFDT:%=$(BUILD)/efi-aa64/libfdt/%.o) ## the boot program for arm64 UEFI
	@mkdir -p $(@D)
	lld-link /subsystem:efi_application /entry:efi_main /nodefaultlib /opt:ref /filealign:32 /timestamp:0 \
		/out:$@ $^
	@$(PYTHON) tests/pe.py $@ 196608

# The parts that need no machine, on the host; each test includes the file that it tests.
EFI_UNIT_TESTS = efi_boot_linux efi_cards efi_console efi_disk efi_mnp efi_origin efi_snp

$(addprefix $(BUILD)/unit/,$(EFI_UNIT_TESTS)): $(BUILD)/unit/%: tests/unit/%.c $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) $(EFI_INCLUDE) -idirafter /usr/include/efi/x86_64 -o $@ $< \
		$(BUILD)/host/boot.a -lcmocka

# ---- initramfs: init -----------------------------------------------------------------------------
# Process 1 of the initramfs: static, on musl, which finds the kernel's headers only when told where.
# INIT_PURE_SRC does no I/O and is tested on the host like the codecs.

MUSL_CC = musl-gcc
INIT_PURE_SRC = initramfs/cmdline.c initramfs/httpdate.c initramfs/pattern.c initramfs/sntp.c \
	initramfs/words.c initramfs/modules/modules.c initramfs/net/inet6.c \
	initramfs/root/exports.c initramfs/root/nfsroot.c initramfs/root/tmpfs_list.c \
	initramfs/system/cloudinit.c initramfs/system/fstab.c initramfs/system/identity.c \
	initramfs/system/ifupdown.c initramfs/system/initrdconf.c initramfs/system/linknames.c \
	initramfs/system/mountpoints.c initramfs/system/netconf.c initramfs/system/ntpsec.c
INIT_NETSTACK_SRC = $(BASE_SRC) $(INIT_STACK_SRC) netstack/dhcp_client.c netstack/dns_client.c \
	netstack/lease.c netstack/wire/dhcp.c netstack/wire/dns.c netstack/wire/http.c \
	netstack/wire/ip.c netstack/wire/ipparam.c netstack/wire/linkparam.c \
	netstack/wire/mount3.c netstack/wire/portmap.c netstack/wire/rpc.c netstack/wire/syslog.c \
	netstack/wire/udp.c netstack/wire/xdr.c
INIT_SRC = $(INIT_PURE_SRC) $(INIT_NETSTACK_SRC) initramfs/child.c initramfs/clock.c \
	initramfs/early.c initramfs/entropy.c initramfs/failure.c initramfs/file.c \
	initramfs/init.c initramfs/logserver.c initramfs/milestone.c initramfs/record.c \
	initramfs/wallclock.c initramfs/modules/devices.c initramfs/modules/loader.c \
	initramfs/modules/modprobe.c initramfs/modules/module_files.c initramfs/net/address.c \
	initramfs/net/cards.c initramfs/net/dhcp.c initramfs/net/dhcp6.c initramfs/net/keeper.c \
	initramfs/net/lookup.c initramfs/net/names.c initramfs/net/netlink.c \
	initramfs/net/network.c initramfs/net/network6.c initramfs/net/network_report.c \
	initramfs/net/packet.c initramfs/net/peer.c initramfs/net/phy.c initramfs/net/reverse.c \
	initramfs/net/solicited.c initramfs/net/vlans.c initramfs/root/mount.c \
	initramfs/root/overlay.c initramfs/root/probe.c initramfs/root/root.c \
	initramfs/root/swap.c initramfs/root/tmpfs.c initramfs/system/etcfiles.c \
	initramfs/system/fixednames.c initramfs/system/handover.c initramfs/system/layer.c \
	initramfs/system/mountunits.c initramfs/system/resolver.c initramfs/system/runfiles.c \
	initramfs/system/shutdown.c initramfs/system/upgrade.c
INIT_CFLAGS = $(CFLAGS_ALL) -Os -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
	-idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu

$(BUILD)/init/%.o: %.c
	@mkdir -p $(@D)
	$(MUSL_CC) $(INIT_CFLAGS) -c -o $@ $<

$(BIN)/init: $(patsubst %.c,$(BUILD)/init/%.o,$(INIT_SRC)) ## process 1 of the initramfs
	@mkdir -p $(@D)
	$(MUSL_CC) -static -s -Wl,--gc-sections,--build-id=none -o $@ $^

# The same for arm64, by clang and ld.lld, with that architecture's musl (whose macros it warns of).
MUSL_arm64 = $(DEPS)/arm64/usr/lib/aarch64-linux-musl
INIT_arm64 = clang --target=aarch64-linux-musl -nostdlibinc -ffunction-sections -fdata-sections -Os \
	-isystem $(DEPS)/arm64/usr/include/aarch64-linux-musl -idirafter $(DEPS)/arm64/usr/include \
	-idirafter $(DEPS)/arm64/usr/include/aarch64-linux-gnu -fno-asynchronous-unwind-tables

$(BUILD)/init-arm64/%.o: %.c | $(DEPS)/arm64.stamp
	@mkdir -p $(@D)
	$(INIT_arm64) $(CFLAGS_ALL) -Wno-sign-compare -c -o $@ $<

$(BIN)/init-arm64: $(patsubst %.c,$(BUILD)/init-arm64/%.o,$(INIT_SRC)) ## process 1 of the initramfs on arm64
	@mkdir -p $(@D)
	ld.lld -static -s --gc-sections --build-id=none -o $@ $(MUSL_arm64)/crt1.o $(MUSL_arm64)/crti.o $^ \
		$(MUSL_arm64)/libc.a $(DEPS)/arm64/usr/lib/gcc/aarch64-linux-gnu/12/libgcc.a \
		$(MUSL_arm64)/crtn.o

INIT_UNIT_TESTS = cmdline dhcp6 dns_records exports httpdate inet6 linkparam module_list ndisc \
	netconf nfsroot pattern services shared_root sntp tmpfs_list words

$(BUILD)/host/init.a: $(call host_objects,$(INIT_PURE_SRC) $(INIT_STACK_SRC) $(NFS_WIRE_SRC))
	@rm -f $@
	ar rcs $@ $^

$(addprefix $(BUILD)/unit/,$(INIT_UNIT_TESTS)): $(BUILD)/unit/%: tests/unit/%.c \
	$(BUILD)/host/init.a $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $(filter %.c %.a,$^) -lcmocka

# ---- initramfs: mklanyard ------------------------------------------------------------------------
# A program of this machine; $(BUILD)/host/mklanyard is the same one under ASan, for the tests.

MKLANYARD_SRC = initramfs/mklanyard/additions.c initramfs/mklanyard/archives.c \
	initramfs/mklanyard/buffer.c initramfs/mklanyard/compress.c initramfs/mklanyard/depmod.c \
	initramfs/mklanyard/division.c initramfs/mklanyard/drivers.c \
	initramfs/mklanyard/elf.c initramfs/mklanyard/firmware.c initramfs/mklanyard/image.c \
	initramfs/mklanyard/index.c initramfs/mklanyard/main.c initramfs/mklanyard/microcode.c \
	initramfs/mklanyard/modules.c initramfs/mklanyard/options.c initramfs/mklanyard/output.c \
	initramfs/mklanyard/programs.c initramfs/mklanyard/say.c initramfs/mklanyard/segments.c \
	initramfs/mklanyard/sysfs.c \
	initramfs/mklanyard/table.c initramfs/mklanyard/tree.c initramfs/mklanyard/trie.c $(BASE_SRC)
MKLANYARD_LIBS = -pthread -lkmod -larchive -llzma -lzstd -lsodium

$(BUILD)/mklanyard/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -O2 -g -c -o $@ $<

$(BIN)/mklanyard: $(patsubst %.c,$(BUILD)/mklanyard/%.o,$(MKLANYARD_SRC))
	@mkdir -p $(@D)
	$(CC) -o $@ $^ $(MKLANYARD_LIBS)

$(BUILD)/host/mklanyard: $(call host_objects,$(MKLANYARD_SRC))
	$(CC) $(HOST_CFLAGS) -o $@ $^ $(MKLANYARD_LIBS)

$(BUILD)/unit/mklanyard: tests/unit/mklanyard.c \
		$(call host_objects,$(filter-out %/main.c,$(MKLANYARD_SRC)))
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $(filter %.c %.o,$^) $(MKLANYARD_LIBS) -lcmocka

MKLANYARD_PURE_SRC = initramfs/mklanyard/elf.c initramfs/mklanyard/trie.c

$(BUILD)/replay/mklanyard: $(call host_objects,$(MKLANYARD_PURE_SRC))

$(BUILD)/fuzz/mklanyard: $(patsubst %.c,$(BUILD)/fuzz/objects/%.o,$(MKLANYARD_PURE_SRC))

host: $(BIN)/mklanyard $(BIN)/init

# ---- server-stub: nfsd ---------------------------------------------------------------------------
# NFS_PURE_SRC does no I/O and is tested like the codecs.

NFS_PURE_SRC = $(NFS_WIRE_SRC) server-stub/machine/rpc_record.c
NFS_UNIT_TESTS = nfs3 rpc_record
NFS_SRC = $(NFS_PURE_SRC) netstack/base/bytes.c server-stub/nfs/attributes.c \
	server-stub/nfs/connection.c server-stub/nfs/credentials.c server-stub/nfs/dispatch.c \
	server-stub/nfs/export.c server-stub/nfs/files.c server-stub/nfs/handle.c \
	server-stub/nfs/key.c server-stub/nfs/loop.c server-stub/nfs/mount.c server-stub/nfs/object.c \
	server-stub/nfs/portmap.c server-stub/nfs/proc_acl.c server-stub/nfs/proc_attributes.c server-stub/nfs/proc_create.c \
	server-stub/nfs/proc_filesystem.c server-stub/nfs/proc_io.c server-stub/nfs/proc_list.c \
	server-stub/nfs/proc_lookup.c server-stub/nfs/proc_names.c server-stub/nfs/replies.c \
	server-stub/nfs/server.c \
	server-stub/nfs/status.c server-stub/nfs/table.c server-stub/nfs/table_log.c \
	server-stub/nfs/workers.c

# The server alone, for the tests.
$(BUILD)/tests/nfsd: $(call host_objects,$(NFS_SRC) tests/host/nfsd.c)
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -pthread -Wl,--wrap=fsync -o $@ $^ -lsodium

host qemu-ci: $(BUILD)/tests/nfsd

$(BUILD)/host/nfs.a: $(call host_objects,$(NFS_PURE_SRC))
	@rm -f $@
	ar rcs $@ $^

$(addprefix $(BUILD)/unit/,$(NFS_UNIT_TESTS)): $(BUILD)/unit/%: tests/unit/%.c \
	$(BUILD)/host/nfs.a $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $(filter %.c %.a,$^) -lcmocka

$(BUILD)/replay/nfs3: $(call host_objects,$(NFS_PURE_SRC))

$(BUILD)/replay32/nfs3: $(patsubst %.c,$(BUILD)/replay32/objects/%.o,$(NFS_PURE_SRC))

$(BUILD)/fuzz/nfs3: $(patsubst %.c,$(BUILD)/fuzz/objects/%.o,$(NFS_PURE_SRC))

# ---- server-stub: lanyardd -----------------------------------------------------------------------

# The DHCP service. DHCPD_PURE_SRC does no I/O.
DHCPD_PURE_SRC = server-stub/addresses.c server-stub/boot_choice.c server-stub/machine/dhcp_server.c
DHCPD_UNIT_TESTS = addresses boot_choice own_network probe router_advert
DHCPD_SRC = $(DHCPD_PURE_SRC) server-stub/arp_check.c server-stub/dhcp_answer.c \
	server-stub/dhcp_network.c server-stub/dhcpd.c server-stub/dhcpd_sockets.c \
	server-stub/own_network.c server-stub/packet_batch.c server-stub/probe.c \
	server-stub/router_advert.c

$(BUILD)/host/dhcpd.a: $(call host_objects,$(DHCPD_SRC) server-stub/events.c server-stub/interface.c \
		server-stub/log.c)
	@rm -f $@
	ar rcs $@ $^

# The service alone, for the tests.
$(BUILD)/tests/dhcpd: $(call host_objects,tests/host/dhcpd.c) $(BUILD)/host/dhcpd.a $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $^

$(addprefix $(BUILD)/unit/,$(DHCPD_UNIT_TESTS)): $(BUILD)/unit/%: tests/unit/%.c \
	$(BUILD)/host/dhcpd.a $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $(filter %.c %.a,$^) -lcmocka

host: $(BUILD)/tests/dhcpd

# The harness takes the place of the log.
DHCPD_FUZZ_SRC = $(DHCPD_PURE_SRC) server-stub/arp_check.c server-stub/dhcp_answer.c \
	server-stub/dhcp_network.c server-stub/events.c server-stub/own_network.c \
	server-stub/packet_batch.c

$(BUILD)/replay/dhcp_server: $(call host_objects,$(DHCPD_FUZZ_SRC))

$(BUILD)/replay32/dhcp_server: $(patsubst %.c,$(BUILD)/replay32/objects/%.o,$(DHCPD_FUZZ_SRC))

$(BUILD)/fuzz/dhcp_server: $(patsubst %.c,$(BUILD)/fuzz/objects/%.o,$(DHCPD_FUZZ_SRC))

# The file services. FILED_PURE_SRC does no I/O.
FILED_PURE_SRC = server-stub/http_request.c server-stub/machine/netascii.c server-stub/names.c \
	server-stub/syslog_line.c
FILED_UNIT_TESTS = events http_request names netascii segments syslog_line syslogd
FILED_SRC = $(FILED_PURE_SRC) server-stub/address.c server-stub/httpd.c \
	server-stub/machine/tftp_receiver.c server-stub/machine/tftp_server.c \
	server-stub/segments.c server-stub/sources.c \
	server-stub/tapes.c server-stub/tftp_burst.c \
	server-stub/tftp_session.c server-stub/tftpd.c

# They alone, for the tests.
$(BUILD)/tests/filed: $(call host_objects,$(FILED_SRC) server-stub/events.c server-stub/log.c \
		tests/host/filed.c) $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $^ -lmicrohttpd

host: $(BUILD)/tests/filed

$(BUILD)/host/filed.a: $(call host_objects,$(FILED_PURE_SRC) server-stub/address.c server-stub/events.c \
		server-stub/segments.c server-stub/syslogd.c)
	@rm -f $@
	ar rcs $@ $^

$(addprefix $(BUILD)/unit/,$(FILED_UNIT_TESTS)): $(BUILD)/unit/%: tests/unit/%.c \
	$(BUILD)/host/filed.a $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $(filter %.c %.a,$^) -lcmocka

FILED_FUZZ = tftp_server tftp_receiver http_request syslog_line
FILED_FUZZ_SRC = $(FILED_PURE_SRC) server-stub/machine/tftp_receiver.c server-stub/machine/tftp_server.c

$(FILED_FUZZ:%=$(BUILD)/replay/%): $(call host_objects,$(FILED_FUZZ_SRC))

$(FILED_FUZZ:%=$(BUILD)/replay32/%): $(patsubst %.c,$(BUILD)/replay32/objects/%.o,$(FILED_FUZZ_SRC))

$(FILED_FUZZ:%=$(BUILD)/fuzz/%): $(patsubst %.c,$(BUILD)/fuzz/objects/%.o,$(FILED_FUZZ_SRC))

# The whole of it. $(BUILD)/host/lanyardd is the same program under ASan, for the tests.

LANYARDD_OWN_SRC = server-stub/boot_config.c server-stub/build_room.c server-stub/check.c \
	server-stub/child.c server-stub/configuration.c server-stub/events.c server-stub/image.c \
	server-stub/image_build.c server-stub/image_store.c server-stub/interface.c \
	server-stub/kernel.c server-stub/listen.c server-stub/log.c server-stub/main.c \
	server-stub/message.c server-stub/net.c server-stub/nfs.c server-stub/options.c \
	server-stub/ports.c server-stub/programs.c server-stub/rooted.c server-stub/sandbox.c \
	server-stub/supervisor.c server-stub/supply.c server-stub/syslogd.c server-stub/watch.c
# What is a part of several of its services counts once.
LANYARDD_SRC = $(sort $(LANYARDD_OWN_SRC) $(NFS_SRC) $(DHCPD_SRC) $(FILED_SRC) $(BASE_SRC) $(WIRE_SRC))
LANYARDD_LIBS = -linih -lcap -lmicrohttpd -lseccomp -lsodium

$(BUILD)/lanyardd/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2 -pthread -c -o $@ $<

$(BIN)/lanyardd: $(patsubst %.c,$(BUILD)/lanyardd/%.o,$(LANYARDD_SRC)) ## the server
	@mkdir -p $(@D)
	$(CC) -pthread -Wl,-z,relro,-z,now -o $@ $^ $(LANYARDD_LIBS)

$(BUILD)/host/lanyardd: $(call host_objects,$(LANYARDD_SRC))
	$(CC) $(HOST_CFLAGS) -pthread -o $@ $^ $(LANYARDD_LIBS)

host: $(BUILD)/host/lanyardd $(BIN)/lanyardd
qemu-check qemu-ci: $(BIN)/lanyardd

# ---- lanyard-host --------------------------------------------------------------------------------
# The boot program as a Linux program; some of its functions are wrapped to be told of (main.c, player.c).

LANYARD_HOST_SRC = tests/host/arena.c tests/host/console.c tests/host/disk.c tests/host/identity.c \
	tests/host/json.c tests/host/lint.c tests/host/main.c tests/host/packet.c tests/host/plan.c \
	tests/host/player.c tests/host/requests.c
LANYARD_HOST_WRAPPED = console_fault prompt_read prompt_countdown menu_run tape_begin tape_bulk tape_mark \
	witness_now
LANYARD_HOST_WRAP = $(LANYARD_HOST_WRAPPED:%=-Wl,--wrap=%)

$(BIN)/lanyard-host: $(call host_objects,$(BOOT_SRC) $(LANYARD_HOST_SRC))
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) $(LANYARD_HOST_WRAP) -o $@ $^ -lsodium

# ---- wire ----------------------------------------------------------------------------------------
# A cable with faults between two taps; its model of a link is that of tests/sim too.

LINK_SRC = tests/wire/link.c
WIRE_PROGRAM_SRC = $(LINK_SRC) tests/wire/queue.c tests/wire/wire.c netstack/base/bytes.c \
	netstack/base/random.c
WIRE_UNIT_TESTS = wire_link wire_queue

$(BUILD)/wire/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -O2 -g -c -o $@ $<

$(BIN)/wire: $(patsubst %.c,$(BUILD)/wire/%.o,$(WIRE_PROGRAM_SRC))
	@mkdir -p $(@D)
	$(CC) -o $@ $^

$(addprefix $(BUILD)/unit/,$(WIRE_UNIT_TESTS)): $(BUILD)/unit/%: tests/unit/%.c \
	$(call host_objects,$(filter-out %/wire.c,$(WIRE_PROGRAM_SRC)))
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $(filter %.c %.o,$^) -lcmocka

host: $(BIN)/wire

# ---- arm64 ---------------------------------------------------------------------------------------
# What runs on arm64 machines, cross-built by clang and lld; mklanyard and lanyardd find it beside
# themselves. Its packages are fetched when it is made.

.PHONY: arm64
ARM64_PROGRAMS = $(BIN)/lanyardaa64.efi $(BIN)/init-arm64

arm64: $(ARM64_PROGRAMS) ## build lanyardaa64.efi and init-arm64, for arm64 machines

# Unpacking takes longer than fetching where it is made small.
$(BUILD)/efi-aa64/bootloader/gzip.o: EFI_CFLAGS += -O2

# Device trees on the host, libfdt under ASan as well. Each test includes the file that it tests.
ARM64_UNIT_TESTS = device_tree tree_merge
ARM64_FUZZ = tree_merge
HOST_LIBFDT = $(patsubst %,$(BUILD)/host/libfdt/%.o,$(LIBFDT) fdt_empty_tree fdt_sw)
FUZZ_LIBFDT = $(LIBFDT:%=$(BUILD)/fuzz/libfdt/%.o)

$(HOST_LIBFDT): $(BUILD)/host/libfdt/%.o: $(DEPS)/libfdt.stamp
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -Wno-sign-compare -Wno-unused-parameter -I$(DEPS)/libfdt -c -o $@ \
		$(DEPS)/libfdt/$*.c

$(FUZZ_LIBFDT): $(BUILD)/fuzz/libfdt/%.o: $(DEPS)/libfdt.stamp
	@mkdir -p $(@D)
	$(FUZZ_CC),fuzzer-no-link -Wno-sign-compare -Wno-unused-parameter -I$(DEPS)/libfdt -c -o $@ \
		$(DEPS)/libfdt/$*.c

$(addprefix $(BUILD)/unit/,$(ARM64_UNIT_TESTS)): $(BUILD)/unit/%: tests/unit/%.c $(HOST_LIBFDT) \
		$(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) $(LIBFDT_INCLUDE) $(EFI_INCLUDE) -idirafter /usr/include/efi/x86_64 -o $@ \
		$< $(filter %.o %.a,$^) -lcmocka

$(ARM64_FUZZ:%=$(BUILD)/replay/%): $(BUILD)/replay/%: tests/fuzz/%.c tests/fuzz/replay.c $(HOST_LIBFDT) \
		$(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) $(LIBFDT_INCLUDE) -o $@ $< tests/fuzz/replay.c $(filter %.o %.a,$^)

$(ARM64_FUZZ:%=$(BUILD)/fuzz/%): $(BUILD)/fuzz/%: tests/fuzz/%.c $(FUZZ_LIBFDT) $(BUILD)/fuzz/boot.a
	@mkdir -p $(@D)
	$(FUZZ_CC),fuzzer $(LIBFDT_INCLUDE) -o $@ $< $(filter %.o %.a,$^)

.PHONY: arm64-check
arm64-check: arm64 $(BIN)/lanyardd $(BIN)/mklanyard $(ARM64_UNIT_TESTS:%=$(BUILD)/unit/%) \
		$(ARM64_FUZZ:%=$(BUILD)/replay/%) $(BUILD)/demo-root-arm64.stamp

arm64-check: ## device trees on the host, and boots of arm64 machines in QEMU
	@tests/deps.sh arm64
	@status=0; for t in $(ARM64_UNIT_TESTS); do $(TALLY) unit-$$t $(BUILD)/unit/$$t || status=1; done; \
	for h in $(ARM64_FUZZ); do \
		$(TALLY) fuzz-replay-$$h $(BUILD)/replay/$$h $(CORPUS)/$$h || status=1; done; \
	$(TALLY) qemu-arm64 $(QEMU_TESTS) -m 'arm64 and not long' || status=1; exit $$status

.PHONY: arm64-long
arm64-long: arm64 $(BIN)/lanyardd $(BIN)/mklanyard $(DEPS)/debian-arm64.tar $(DEPS)/zboot.stamp \
		$(BUILD)/demo-root-arm64.stamp
arm64-long: ## a whole Debian on an arm64 machine, and a kernel that unpacks itself: some minutes
	@tests/deps.sh arm64
	@$(TALLY) qemu-arm64-long $(QEMU_TESTS) -m 'arm64 and long'

$(DEPS)/debian-arm64.tar: tests/debian/make-arm64-root.sh | $(DEPS)/arm64-root.stamp
	tests/debian/make-arm64-root.sh $(DEPS) $@

$(BUILD)/demo-root-arm64.stamp: tests/demo/make-root.sh $(shell find tests/demo/root -type f) \
		$(DEPS)/demo-root.stamp $(DEPS)/arm64-root.stamp
	tests/demo/make-root.sh $(DEPS) $(BUILD)/demo-root-arm64 arm64
	@touch $@

# ---- deps ----------------------------------------------------------------------------------------
# tests/packages.list says what and why. Fetched packages are shared by all build folders.

deps: ## install the Debian packages that are missing, fetch others into build/deps
	@tests/deps.sh
	@tests/fetch-deps.sh $(DEPS) headers kernel servers demo-root

$(DEPS)/%.stamp: tests/packages.list
	@tests/fetch-deps.sh $(DEPS) $*

# ---- demo ----------------------------------------------------------------------------------------
# A small root tree, lanyardd, and a diskless machine on this terminal. The image is for other servers.

$(BUILD)/demo-root.stamp: tests/demo/make-root.sh $(shell find tests/demo/root -type f) \
		$(DEPS)/demo-root.stamp $(DEPS)/kernel.stamp
	tests/demo/make-root.sh $(DEPS) $(BUILD)/demo-root
	@touch $@

$(BUILD)/peers/script.img: tests/peers/mk-script-initrd.sh $(BUILD)/demo-root.stamp
	@mkdir -p $(@D)
	tests/peers/mk-script-initrd.sh $(BUILD)/demo-root $@

$(BUILD)/peers/initramfs-tools.img: tests/peers/mk-initramfs-tools.sh $(BUILD)/demo-root.stamp
	@mkdir -p $(@D)
	tests/peers/mk-initramfs-tools.sh $(BUILD)/demo-root $@

$(BUILD)/demo-initrd.img: $(BIN)/mklanyard $(BIN)/init $(BUILD)/demo-root.stamp
	$(BIN)/mklanyard -r $(BUILD)/demo-root -m list:e1000,virtio_net,virtio_pci -o $@

.PHONY: demo-files
demo-files: $(BUILD)/demo-root.stamp $(BUILD)/demo-initrd.img

demo: ## boot a diskless machine in QEMU by lanyardd, with a shell on this terminal (FIRMWARE=uefi, ARCH=arm64, ROOT=debian, ROOT=DIR)
	@[ "$$(id -u)" -eq 0 ] || { echo "The demo makes network namespaces and installs what is" \
		"missing: it needs root. Run: sudo make demo"; exit 1; }
	@$(MAKE) --no-print-directory deps
	@$(if $(filter arm64,$(ARCH)),tests/deps.sh arm64)
	@$(MAKE) --no-print-directory all demo-files $(if $(filter debian,$(ROOT)),$(DEPS)/debian.tar) \
		$(if $(filter arm64,$(ARCH)),arm64 $(BUILD)/demo-root-arm64.stamp)
	@BUILD=$(BUILD) DEPS=$(DEPS) FIRMWARE=$(FIRMWARE) ARCH=$(ARCH) $(PYTHON) tests/demo/demo.py $(DEMO)

# ---- tests ---------------------------------------------------------------------------------------
# tests/tally.sh runs a suite, keeps its counts in $(BUILD)/counts, and sums them up.

TALLY = tests/tally.sh $(BUILD)/counts

layering: ## who may include whom (ARCHITECTURE.md)
	@$(TALLY) layering $(PYTHON) tests/layering.py

# ---- tests (unit): one program per file, cmocka ---------------------------------------------------

UNIT_TESTS = bytes config dhcp dhcp_write dns ether fault gzip http icmp ip ipaddr ipparam lease \
	lease_search linux menu mklanyard partition password paths place plan prompt_edit random record rtt \
	serial_keys sinks sysappend syslog tape tcp text tftp tftp_path trees udp url uuid vlan $(INIT_UNIT_TESTS) \
	$(BIOS_UNIT_TESTS) $(EFI_UNIT_TESTS) $(NFS_UNIT_TESTS) $(DHCPD_UNIT_TESTS) \
	$(FILED_UNIT_TESTS) $(WIRE_UNIT_TESTS)

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $< $(BUILD)/host/boot.a -lcmocka

$(BUILD)/unit/fault: tests/unit/fault.c $(BUILD)/generated/fault_texts_packed.c $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -I$(BUILD)/generated -o $@ $< $(BUILD)/host/boot.a -lcmocka

$(BUILD)/unit/password: tests/unit/password.c $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $< $(BUILD)/host/boot.a -lcmocka -lcrypt

unit: $(addprefix $(BUILD)/unit/,$(UNIT_TESTS)) ## codecs and parsers with vectors and truncations
	@status=0; for t in $(UNIT_TESTS); do $(TALLY) unit-$$t $(BUILD)/unit/$$t || status=1; \
	done; exit $$status

# ---- tests (sim): machines wired together in virtual time -----------------------------------------
# CHAOS_TESTS try SEEDS made-up networks each.

SEEDS ?= 200
CHAOS_TESTS = chaos_chain chaos_dhcp chaos_dns chaos_http chaos_put chaos_tftp chaos_tcp chaos_vlan
SIM_TESTS = chain $(CHAOS_TESTS) dhcp dhcp_lease dhcp_server dns_client dhcp6 drop http link tcp tcp_end \
	tcp_stack tftp tftp_ahead tftp_flow tftp_kept tftp_netascii tftp_put tftp_server
SIM_SRC = $(BASE_SRC) $(WIRE_SRC) $(NETSTACK_SRC) $(INIT_STACK_SRC) $(MACHINE_SRC) tests/sim/chaos.c \
	tests/sim/client.c $(LINK_SRC) tests/sim/fault_netdev.c tests/sim/file.c tests/sim/hub.c \
	tests/sim/server.c tests/sim/sim.c

$(BUILD)/sim/%: tests/sim/%.c $(call host_objects,$(SIM_SRC))
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $< $(filter %.o,$^) -lcmocka

$(BUILD)/sim/tftp $(BUILD)/sim/tftp_ahead $(BUILD)/sim/tftp_flow $(BUILD)/sim/tftp_kept: \
	$(BUILD)/host/tests/sim/tftp_play.o
$(BUILD)/sim/chaos_tftp: $(BUILD)/host/tests/sim/odd_server.o
$(BUILD)/sim/tftp_server $(BUILD)/sim/tftp_netascii: $(BUILD)/host/tests/sim/tftp_server_play.o
$(BUILD)/sim/http: $(BUILD)/host/tests/sim/http_play.o
$(BUILD)/sim/chaos_http: $(BUILD)/host/tests/sim/tcp_server.o
$(BUILD)/sim/dhcp $(BUILD)/sim/dhcp_lease: $(BUILD)/host/tests/sim/dhcp_play.o
$(BUILD)/sim/link $(BUILD)/sim/drop: $(BUILD)/host/tests/sim/wire_play.o
$(BUILD)/sim/chaos_tcp: $(BUILD)/host/tests/sim/tcp_reader.o $(BUILD)/host/tests/sim/tcp_server.o
$(BUILD)/sim/tcp_stack: $(BUILD)/host/tests/sim/wire_play.o $(BUILD)/host/tests/sim/tcp_reader.o
$(BUILD)/sim/tcp $(BUILD)/sim/tcp_end: $(BUILD)/host/tests/sim/tcp_play.o \
	$(BUILD)/host/tests/sim/tcp_reader.o

sim: $(addprefix $(BUILD)/sim/,$(SIM_TESTS)) ## protocol machines against each other on bad networks (SEEDS=N)
	@status=0; for t in $(SIM_TESTS); do SEEDS=$(SEEDS) $(TALLY) sim-$$t $(BUILD)/sim/$$t || status=1; \
	done; exit $$status

# ---- tests (fuzz) --------------------------------------------------------------------------------
# A harness is linked twice: with libFuzzer to explore, and by the usual compiler with replay.c, which
# runs the corpus. What 'make fuzz' finds stays in $(BUILD)/fuzz; a crashing input goes into the corpus
# together with its repair.

FUZZ_HARNESSES = config dhcp dhcp6 dhcp6_client dhcp_client dhcp_server dns dns_client ether gzip \
	http http_client http_request init_texts ip ipparam linux mklanyard nfs3 nfsroot partition stack syslog_line \
	tape tcp tcp_client tftp tftp_client tftp_put tftp_receiver tftp_server url vlan
FUZZ_CC = clang $(CFLAGS_ALL) -O1 -g -fno-sanitize-recover=undefined -fsanitize=address,undefined
CORPUS = tests/fuzz/corpus
# libFuzzer takes 0 s for no limit.
FUZZ_LENGTH = $(if $(filter 0,$(SECONDS)),-runs=0,-max_total_time=$(SECONDS))

$(BUILD)/replay/%: tests/fuzz/%.c tests/fuzz/replay.c $(BUILD)/host/init.a $(BUILD)/host/boot.a
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -o $@ $(filter %.c %.o,$^) $(filter %.a,$^)

# The same with the word size of the BIOS boot program, but for what runs on the build machine only.
FUZZ_HARNESSES_32 = $(filter-out mklanyard,$(FUZZ_HARNESSES))
REPLAY32_CFLAGS = $(HOST_CFLAGS) -m32 -idirafter /usr/include/x86_64-linux-gnu

$(BUILD)/replay32/objects/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(REPLAY32_CFLAGS) -c -o $@ $<

$(BUILD)/replay32/all.a: \
		$(patsubst %.c,$(BUILD)/replay32/objects/%.o,$(BOOT_SRC) $(INIT_PURE_SRC) $(INIT_STACK_SRC) \
		$(NFS_WIRE_SRC))
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/replay32/%: tests/fuzz/%.c tests/fuzz/replay.c $(BUILD)/replay32/all.a
	@mkdir -p $(@D)
	$(CC) $(REPLAY32_CFLAGS) -o $@ $(filter %.c %.o,$^) $(filter %.a,$^)

$(BUILD)/fuzz/objects/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC),fuzzer-no-link -c -o $@ $<

$(BUILD)/fuzz/boot.a: $(patsubst %.c,$(BUILD)/fuzz/objects/%.o,$(BOOT_SRC))
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/fuzz/init.a: $(patsubst %.c,$(BUILD)/fuzz/objects/%.o,$(INIT_PURE_SRC) $(INIT_STACK_SRC) \
		$(NFS_WIRE_SRC))
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/fuzz/%: tests/fuzz/%.c $(BUILD)/fuzz/init.a $(BUILD)/fuzz/boot.a
	@mkdir -p $(@D)
	$(FUZZ_CC),fuzzer -o $@ $(filter %.c %.o,$^) $(filter %.a,$^)

$(BUILD)/fuzz-seeds: tests/fuzz/seeds.c tests/unit/packets.h tests/unit/ip_parameters.h \
		tests/unit/http_heads.h tests/unit/nfs_messages.h $(call host_objects,$(NFS_WIRE_SRC) netstack/base/bytes.c)
	$(CC) $(HOST_CFLAGS) -o $@ $< $(filter %.o,$^) -lcmocka

.PHONY: fuzz-seeds fuzz-replay
fuzz-seeds: $(BUILD)/fuzz-seeds ## write the unit tests' packets into the fuzzing corpus
	$(BUILD)/fuzz-seeds $(CORPUS)

REPLAYS = $(FUZZ_HARNESSES:%=replay/%) $(FUZZ_HARNESSES_32:%=replay32/%)

fuzz-replay: $(REPLAYS:%=$(BUILD)/%) ## run the fuzzing corpus, in 64 and in 32 bits
	@status=0; for r in $(REPLAYS); do \
		$(TALLY) fuzz-$$(echo $$r | tr / -) $(BUILD)/$$r $(CORPUS)/$$(basename $$r) || status=1; \
	done; exit $$status

fuzz: $(FUZZ_HARNESSES:%=$(BUILD)/fuzz/%) $(ARM64_FUZZ:%=$(BUILD)/fuzz/%)
fuzz: ## explore with libFuzzer, SECONDS=30 for each harness (0: the corpus only)
	@status=0; for h in $(FUZZ_HARNESSES) $(ARM64_FUZZ); do \
		mkdir -p $(BUILD)/fuzz/found/$$h; \
		if $(BUILD)/fuzz/$$h $(FUZZ_LENGTH) -max_len=2048 -timeout=5 -verbosity=0 \
			-print_final_stats=1 -artifact_prefix=$(BUILD)/fuzz/$$h- $(BUILD)/fuzz/found/$$h \
			$(CORPUS)/$$h >$(BUILD)/fuzz/$$h.log 2>&1; \
		then echo "$$h: $$(sed -n 's/^stat::number_of_executed_units: *//p' \
			$(BUILD)/fuzz/$$h.log) inputs, nothing found"; \
		else status=1; echo "$$h: FAILED"; grep -v '# Uses:' $(BUILD)/fuzz/$$h.log | tail -n 60; fi; \
	done; exit $$status

# ---- tests (host): our programs against real peers in a namespace ---------------------------------

host: $(BIN)/lanyard-host $(BUILD)/host/mklanyard $(DEPS)/servers.stamp $(DEPS)/clients.stamp \
		$(DEPS)/kernel.stamp
host: ## boot program, lanyardd and mklanyard on this machine, against real servers and clients
	@$(TALLY) host env BUILD=$(BUILD) DEPS=$(DEPS) $(PYTHON) -m pytest -q -rf --durations=5 --no-header \
		-p no:cacheprovider -n 4 --dist loadfile tests/host

# ---- tests (qemu) --------------------------------------------------------------------------------
# Marked `fast`: four tests. The others are part of `make ci`, but for those marked `long`. Two at a time: a
# machine has one CPU.

QEMU_TESTS = env BUILD=$(BUILD) DEPS=$(DEPS) $(PYTHON) -m pytest -q -rf --durations=5 --no-header \
	-p no:cacheprovider -n 2 tests/qemu

qemu-check: $(BIN)/lanyard.0 demo-files ## boot the demo root in QEMU, four tests
	@$(TALLY) qemu-check $(QEMU_TESTS) -m fast

# A whole Debian as an archive, which every site unpacks for itself.
$(DEPS)/debian.tar: tests/debian/roots/debian tests/debian/make-root.sh
	@mkdir -p $(@D)
	tests/debian/make-root.sh $@

# Other systems: ways to manage the network, inits, releases.
$(DEPS)/debian-%.tar: tests/debian/roots/% tests/debian/make-root.sh
	@mkdir -p $(@D)
	tests/debian/make-root.sh $@

qemu-ci: $(DEPS)/debian.tar $(patsubst %,$(DEPS)/debian-%.tar,cloud networkmanager nfsclient pc sysvinit)

qemu-ci: $(BIN)/lanyard.0 $(BIN)/lanyardx64.efi $(DEPS)/efi.stamp $(DEPS)/upgrades.stamp demo-files ## all other boots in QEMU: UEFI, whole Debians, failures
	@-tests/fetch-deps.sh $(DEPS) firmware # only one test needs it
	@$(TALLY) qemu-ci $(QEMU_TESTS) -m 'not fast and not arm64 and not long'

.PHONY: roots-check
roots-check: $(BIN)/lanyardd demo-files $(DEPS)/debian.tar $(DEPS)/upgrades.stamp \
		$(patsubst %,$(DEPS)/debian-%.tar,bullseye cloud networkmanager nfsclient pc server sysvinit \
			trixie)
roots-check: ## other systems and releases as roots, upgrades, the kernel's NFS server: 20 minutes
	@$(TALLY) roots-check $(QEMU_TESTS) -m 'long and not arm64'

# ---- bench ---------------------------------------------------------------------------------------

RUNS ?= 1

bench: ## measure Lanyard beside its peers in one run (PARTS="sizes loaders initramfs", RUNS=1)
	@$(MAKE) --no-print-directory deps
	@tests/deps.sh peers arm64
	@$(MAKE) --no-print-directory all arm64 $(BUILD)/demo-root.stamp $(DEPS)/debian.tar \
		$(BUILD)/demo-root-arm64.stamp $(patsubst %,$(DEPS)/%.stamp,efi arm64-efi firmware web) \
		$(DEPS)/debian-sysvinit.tar
	@BUILD=$(BUILD) DEPS=$(DEPS) $(PYTHON) tests/bench/bench.py --runs $(RUNS) $(PARTS)

# ---- docs and installation -----------------------------------------------------------------------
# Man pages lie in docs/; the list of failures is made from netstack/base/fault.def.

MAN_PAGES = docs/lanyard-init.8 docs/lanyard-modules.5 docs/lanyard-record.5 docs/lanyard-segments.5 \
	docs/lanyard.0.8 docs/lanyardd.8 docs/lanyardd.conf.5 docs/lanyardx64.efi.8 docs/mklanyard.8 \
	docs/lanyard-chroot.8 docs/lanyard-root.7 docs/pxelinux.cfg.5 $(BUILD)/man/lanyard-faults.7

$(BUILD)/man/faults: docs/faults.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -O1 -o $@ $<

$(BUILD)/man/lanyard-faults.7: $(BUILD)/man/faults
	$< >$@

.PHONY: manual
manual: $(MAN_PAGES) ## check the manual pages
	@$(TALLY) manual tests/manual.sh $(MAN_PAGES) docs/lanyard-host.8

.PHONY: $(BUILD)/lanyardd.service # for this PREFIX
$(BUILD)/lanyardd.service: server-stub/lanyardd.service
	@mkdir -p $(@D)
	sed 's|@SBIN@|$(PREFIX)/sbin|' $< >$@

install: $(PROGRAMS) $(MAN_PAGES) $(BUILD)/lanyardd.service
install: ## install below $(DESTDIR)$(PREFIX), PREFIX=/usr/local
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/lib/lanyard \
		$(DESTDIR)$(PREFIX)/lib/systemd/system $(addprefix $(DESTDIR)$(PREFIX)/share/man/man,5 7 8)
	install $(BIN)/mklanyard $(BIN)/lanyardd $(DESTDIR)$(PREFIX)/sbin
	install server-stub/lanyard-chroot.sh $(DESTDIR)$(PREFIX)/sbin/lanyard-chroot
	install -m 644 $(BUILD)/lanyardd.service $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -d $(addprefix $(DESTDIR)$(SYSCONFDIR)/kernel/,postinst.d postrm.d)
	install initramfs/mklanyard/kernel-hook.sh $(DESTDIR)$(SYSCONFDIR)/kernel/postinst.d/zz-mklanyard
	install initramfs/mklanyard/kernel-hook.sh $(DESTDIR)$(SYSCONFDIR)/kernel/postrm.d/zz-mklanyard
	install $(BIN)/init $(DESTDIR)$(PREFIX)/lib/lanyard
	install -m 644 $(BIN)/lanyard.0 $(BIN)/lanyardx64.efi $(DESTDIR)$(PREFIX)/lib/lanyard
	$(if $(wildcard $(BIN)/init-arm64),install $(BIN)/init-arm64 $(DESTDIR)$(PREFIX)/lib/lanyard)
	$(if $(wildcard $(BIN)/lanyardaa64.efi),install -m 644 $(BIN)/lanyardaa64.efi \
		$(DESTDIR)$(PREFIX)/lib/lanyard)
	$(foreach n,5 7 8,install -m 644 $(filter %.$(n),$(MAN_PAGES)) \
		$(DESTDIR)$(PREFIX)/share/man/man$(n) &&) true

# ---- suites --------------------------------------------------------------------------------------
# A suite is a target that runs its cases through $(TALLY). All run, even after a failure; the sum is
# the last line.

CHECK_SUITES = layering freestanding manual unit fuzz-replay sim host qemu-check
CI_SUITES = qemu-ci arm64-check
LONG_SUITES = arm64-long roots-check

run_suites = status=0; for suite in $(1); do \
	$(MAKE) --no-print-directory $$suite || status=1; done; $(TALLY) --sum && exit $$status

check: ## install what is missing, build, run the tests (under 10 minutes)
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all
	@$(TALLY) --reset
	@$(call run_suites,$(CHECK_SUITES))

ci: ## the longer suites, after 'make check' (under 35 minutes)
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all
	@$(TALLY) --reset
	@$(call run_suites,$(CI_SUITES))

check-all: export SEEDS = 10000
check-all: ## everything there is, without a time limit; 10000 made-up networks
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all
	@$(TALLY) --reset
	@$(call run_suites,$(CHECK_SUITES) $(CI_SUITES) $(LONG_SUITES))

clean: ## remove everything built (but not the fetched packages)
	rm -rf $(filter-out $(BUILD)/deps,$(wildcard $(BUILD)/*))

-include $(shell find $(BUILD) \( -name deps -o -name 'demo-root*' -o -name debian-root -o -name run \) \
	-prune -o -type f -name '*.d' -print 2>/dev/null)
