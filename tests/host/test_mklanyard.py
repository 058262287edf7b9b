# SPDX-License-Identifier: BSD-2-Clause
"""mklanyard (mklanyard(8)), with ASan and UBSan, on trees made here and on Debian's kernel."""

import os
import shutil
import signal
import stat
import subprocess
import time

import pytest

from tests.host.maker import KERNEL, MKLANYARD
from tests.host.maker import maker, tree  # noqa: F401  (fixtures)
from tests.host.tree import (AARCH64, BASE, CONFIG, VERSION, Tree, module, packed, program, read,
                             table, unpack, write)
from tests.site.paths import BIN

SIZE_LIMIT = 1_250_000                 # for e1000 + virtio_net, NFSv3, NFSv4, overlay


# Debian's kernel

def debian_version():
    return os.listdir(KERNEL + "/lib/modules")[0]


def test_debian_image_for_e1000_and_virtio(maker):
    """The image that the project promises: its size, its modules, and their order."""
    entries = maker.make(KERNEL, "-m", "list:e1000,virtio-net", init=os.path.join(BIN, "init"))
    lines = table(entries)

    assert len(maker.bytes()) <= SIZE_LIMIT
    assert {name: line.flag for name, line in lines.items()}.items() >= {
        "e1000": "n", "virtio_net": "n", "virtio_pci": "n", "nfs": "a", "nfsv3": "a", "nfsv4": "d",
        "overlay": "d", "sunrpc": "-", "virtio_ring": "-"}.items()
    assert "pci:v00008086d0000100Esv*sd*bc*sc*i*" in lines["e1000"].aliases
    assert lines["virtio_net"].aliases == ["virtio:d00000001v*"]
    assert set(lines["nfsv3"].needs) >= {"nfs", "lockd", "nfs_acl"}
    assert not lines["nfs"].aliases and "af_packet" not in lines
    for line in lines.values():
        assert entries[line.path.lstrip("/")].content == read(KERNEL + line.path)


def test_debian_kernel_without_an_index(maker, tmp_path):
    """As dpkg -x leaves it: the index is made elsewhere, and the image is the same."""
    bare = tmp_path / "bare"
    version = debian_version()
    shutil.copytree(f"{KERNEL}/boot", bare / "boot", ignore=shutil.ignore_patterns("vmlinuz*"))
    target = bare / "lib/modules" / version
    os.makedirs(target)
    for name in ("kernel", "modules.builtin", "modules.builtin.modinfo", "modules.order"):
        subprocess.run(["cp", "-al", f"{KERNEL}/lib/modules/{version}/{name}", target], check=True)
    maker.make(KERNEL, "-m", "list:igb,virtio_net")
    expected = maker.bytes()
    maker.make(bare, "-m", "list:igb,virtio_net")
    assert maker.bytes() == expected
    assert sorted(os.listdir(target)) == ["kernel", "modules.builtin", "modules.builtin.modinfo",
                                          "modules.order"]


def test_released_program_makes_the_same_image(maker, tree):
    """The program that is installed, and the one under test here."""
    maker.make(tree.root)
    expected = maker.bytes()
    other = [os.path.join(BIN, "mklanyard"), *maker.command(tree.root)[1:]]
    subprocess.run(other, check=True, env=maker.environment())
    assert maker.bytes() == expected


# What is in an image

def test_skeleton(maker, tree):
    entries = maker.make(tree.root)
    assert entries["init"].content == read(maker.init)
    assert entries["init"].mode == stat.S_IFREG | 0o755
    for name in ("dev", "proc", "sys", "run", "root", "lanyard", f"lib/modules/{VERSION}"):
        assert entries[name].mode == stat.S_IFDIR | 0o755
    assert entries["dev/console"].mode == stat.S_IFCHR | 0o600
    assert entries["dev/console"].device == (5, 1)
    assert list(entries) == sorted(entries)
    assert [entry.inode for entry in entries.values()] == list(range(1, len(entries) + 1))
    assert {(entry.uid, entry.gid, entry.mtime) for entry in entries.values()} == {(0, 0, 0)}
    assert not [path for path in entries if "busybox" in path]
    assert set(table(entries)) == set(BASE)


def test_same_input_same_bytes(maker, tree, tmp_path):
    for name in "ab":
        tree.add(f"net/{name}.ko", module(name, alias=[f"pci:{name}*"]))
    images = set()
    other = tmp_path / "elsewhere" / "root"
    shutil.copytree(tree.root, other)  # other times, other inodes
    for root, modules, extra in ((tree.root, "a,b", {}), (tree.root, "b,a,b", {}),
                                 (other, "a,b", {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"})):
        maker.make(root, "-m", f"list:{modules}", **extra)
        images.add(maker.bytes())
    assert len(images) == 1


@pytest.mark.parametrize("kind", ["zstd", "xz", "gzip", "none"])
def test_time_is_source_date_epoch(maker, tree, kind):
    entries = maker.make(tree.root, "-m", "list:nfs", "--compress", kind,
                         SOURCE_DATE_EPOCH="1700000000")
    assert {entry.mtime for entry in entries.values()} == {1700000000}
    first = maker.bytes()
    time.sleep(1.1)  # no clock's second may get in
    maker.make(tree.root, "-m", "list:nfs", "--compress", kind, SOURCE_DATE_EPOCH="1700000000")
    assert maker.bytes() == first


def test_print_lists_the_image(maker, tree):
    listed = maker.run(tree.root, "-m", "list:nfs", "--print")
    assert listed.returncode == 0 and not os.path.exists(maker.image)
    *lines, total = listed.stdout.splitlines()
    entries = maker.make(tree.root)
    assert [tuple(line.split()) for line in lines] == \
        [(str(len(entry.content)), "/" + path) for path, entry in entries.items()]
    assert total.split()[0] == str(sum(len(entry.content) for entry in entries.values()))


def test_shell(maker, tree):
    write(tree.root + "/usr/bin/busybox", program(interpreter=True))  # not this one
    host = maker.make(tree.root, "-m", "list:nfs", "--with-shell")
    assert host["bin/busybox"].content == read("/bin/busybox")
    assert host["bin/sh"].mode == stat.S_IFLNK | 0o777 and host["bin/sh"].content == b"busybox"
    write(tree.root + "/bin/busybox", program())
    own = maker.make(tree.root, "-m", "list:nfs", "--with-shell")
    assert own["bin/busybox"].content == program()


# Modules

def test_dependencies_come_first_and_only_once(maker, tree):
    tree.add("d.ko", module("d"))
    tree.add("c.ko", module("c", "d"))
    tree.add("crc-b.ko", module("crc_b", "d"))
    tree.add("a.ko", module("a", "crc-b,c", alias=["pci:v1*", "a-by-name"]))
    lines = table(maker.make(tree.root, "-m", "list:a,d"))
    assert [lines[n].flag for n in ("d", "c", "crc_b", "a")] == ["a", "-", "-", "n"]
    assert lines["a"].needs == ["crc_b", "c"] and lines["c"].needs == ["d"]
    assert lines["a"].aliases == ["pci:v1*"]
    assert lines["crc_b"].path.endswith("/kernel/crc-b.ko")


def test_soft_dependencies(maker, tree):
    """Before: those of pre: and of no heading, where they exist. A loop of them ends."""
    for name in ("before", "after", "bare"):
        tree.add(f"{name}.ko", module(name))
    tree.add("crc_fast.ko", module("crc_fast", alias=["crc"]))
    tree.add("crc_slow.ko", module("crc_slow", alias=["crc"]))
    tree.add("x.ko", module("x", alias=["pci:x"], softdep=["pre: before absent crc post: after",
                                                           "bare", "pre: y"]))
    tree.add("y.ko", module("y", softdep=["pre: x"]))
    lines = table(maker.make(tree.root, "-m", "list:x"))
    assert set(lines["x"].needs) == {"before", "bare", "crc_fast", "crc_slow", "y"}
    assert "after" not in lines and lines["y"].needs == []


def test_bus_drivers_come_along(maker, tree):
    """A card on the virtio bus appears once a driver has found the bus."""
    tree.add("virtio.ko", module("virtio"))
    tree.add("virtio_pci.ko", module("virtio_pci", "virtio", alias=["pci:v00001AF4d*"]))
    tree.add("virtio_net.ko", module("virtio_net", "virtio", alias=["virtio:d00000001v*"]))
    tree.add("vmbus.ko", module("vmbus", alias=["acpi*:VMBUS:*"]))
    tree.add("hv.ko", module("hv", "vmbus", alias=["vmbus:1"]))
    lines = table(maker.make(tree.root, "-m", "list:virtio_net"))
    assert lines["virtio_pci"].flag == "n" and lines["virtio_pci"].aliases == ["pci:v00001AF4d*"]
    assert lines["virtio"].flag == "-" and lines["virtio_net"].needs == ["virtio"]
    lines = table(maker.make(tree.root, "-m", "list:hv"))
    assert lines["vmbus"].flag == "n"  # a dependency that has devices of its own
    assert "virtio_pci" not in lines


def test_built_in_is_there_already(maker, tree):
    entries = maker.make(tree.root, "-m", "list:built_in,nfs")
    assert set(table(entries)) == set(BASE)


def test_kernel_without_overlay_and_packet(maker, tree):
    os.unlink(tree.path("kernel/fs/overlay.ko"))
    tree.write("modules.builtin", "")
    done = maker.run(tree.root)
    assert done.returncode == 0
    assert [line.split(":")[1] for line in done.stderr.splitlines()] == [" note"] * 2
    assert "no af_packet" in done.stderr and "no overlay" in done.stderr


@pytest.mark.parametrize("ending, indexed", [(".xz", True), (".xz", False), (".zst", True),
                                             (".zst", False), (".gz", True)])
def test_packed_modules_are_unpacked(maker, tree, ending, indexed):
    maker.make(tree.root)
    expected = maker.bytes()
    tree.pack(ending)
    if indexed:
        tree.depmod()
    maker.make(tree.root)
    assert maker.bytes() == expected


@pytest.mark.parametrize("content, sentence", [
    (b"", "LAN-605 "), (b"\x7fELF", "LAN-605 "), (b"#!/bin/sh\n" * 50, "LAN-605 "),
    (module("a")[:300], "LAN-605 "), (program(), "LAN-605 "),
    (module("a", machine=AARCH64), "LAN-605 "),
    (module("a", "b,nowhere"), "LAN-602 the tree has no such module 'nowhere', which a needs"),
])
def test_bad_module(maker, tree, content, sentence):
    """With an index from the time when it was good."""
    tree.add("b.ko", module("b"))
    tree.add("a.ko", module("a", "b"))
    tree.depmod()
    tree.add("a.ko", content)
    assert sentence in maker.refuse(tree.root, "-m", "list:b,a")


@pytest.mark.parametrize("ending", [".xz", ".zst", ".gz"])
def test_bad_packed_module(maker, tree, ending):
    good = packed(module("a"), ending)
    tree.add("a.ko" + ending, good)
    tree.depmod()
    assert "a" in table(maker.make(tree.root, "-m", "list:a"))
    os.unlink(maker.image)
    for content in (b"", good[:len(good) // 2], b"not packed"):
        tree.add("a.ko" + ending, content)
        assert "LAN-605 " in maker.refuse(tree.root, "-m", "list:a")


def test_unknown_module(maker, tree):
    sentence = maker.refuse(tree.root, "-m", "list:nfs,e1001")
    assert "LAN-602 the tree has no such module 'e1001'" in sentence and tree.root in sentence


def test_kernel_without_nfs(maker, tree):
    os.unlink(tree.path("kernel/fs/nfs.ko"))
    sentence = maker.refuse(tree.root, "-m", "list:nfsv3")
    assert "LAN-602 the tree has no such module 'nfs'" in sentence


# The index

def fake_depmod(maker, text):
    """A depmod that comes first in PATH."""
    path = write(str(maker.place / "bin" / "depmod"), "#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return os.path.dirname(path) + ":" + os.environ["PATH"]


def test_index_of_the_tree_is_used(maker, tree):
    tree.depmod()
    maker.make(tree.root, PATH=fake_depmod(maker, "echo called >&2; exit 1"))


@pytest.mark.parametrize("name", ["modules.dep.bin", "modules.alias.bin", "modules.builtin.bin"])
@pytest.mark.parametrize("damage", [lambda c: c[:-5], lambda c: b"", lambda c: bytes(len(c)),
                                    lambda c: c[:8] + c[8:12] * (len(c) // 4 - 2)])
def test_damaged_index_is_made_anew(maker, tree, name, damage):
    maker.make(tree.root)
    expected = maker.bytes()
    tree.depmod()
    tree.write(name, damage(read(tree.path(name))))
    maker.make(tree.root)
    assert maker.bytes() == expected


def test_depmod_fails(maker, tree):
    path = fake_depmod(maker, "echo first >&2; echo 'no such luck' >&2; exit 3")
    assert "LAN-606 " in (sentence := maker.refuse(tree.root, PATH=path))
    assert "ended with code 3: no such luck" in sentence


def test_interrupt_leaves_nothing(maker, tree):
    """Ctrl-C while depmod runs: both end at once, and the temporary index goes."""
    path = fake_depmod(maker, "touch $0.ran; exec sleep 60")
    process = subprocess.Popen(maker.command(tree.root), env=maker.environment(PATH=path),
                               start_new_session=True, stderr=subprocess.PIPE)
    marker = str(maker.place / "bin" / "depmod.ran")
    deadline = time.monotonic() + 20
    while not os.path.exists(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert os.listdir(maker.tmp)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT
    assert os.listdir(maker.tmp) == [] and not os.path.exists(maker.image)


@pytest.mark.parametrize("indexed", [True, False])
def test_tree_is_left_as_it_was(maker, tree, indexed):
    if indexed:
        tree.depmod()
    before = tree.snapshot()
    maker.make(tree.root)
    after = tree.snapshot()
    assert {p: (s.st_mode, s.st_ino, s.st_size, s.st_mtime_ns) for p, s in before.items()} == \
        {p: (s.st_mode, s.st_ino, s.st_size, s.st_mtime_ns) for p, s in after.items()}


# The tree

@pytest.mark.parametrize("link", ["system/lib", "/system/lib", "../../../../../system/lib"])
def test_merged_directories(maker, tmp_path, link):
    """lib is a link, resolved inside the tree however it is written."""
    tree = Tree(tmp_path / "merged", lib="system/lib")
    os.symlink(link, tree.root + "/lib")
    assert "nfs" in table(maker.make(tree.root))


def test_modules_below_usr(maker, tmp_path):
    tree = Tree(tmp_path / "merged", lib="usr/lib")
    entries = maker.make(tree.root)
    assert table(entries)["nfs"].path == f"/lib/modules/{VERSION}/kernel/fs/nfs.ko"


def test_newest_kernel(maker, tmp_path):
    for version in ("6.1.0-9-amd64", "6.1.0-10-amd64", "5.19.0-1-amd64"):
        Tree(tmp_path / "root", version)
    os.makedirs(tmp_path / "root/lib/modules/9.9.9/misc")  # left over by a kernel that is gone
    os.makedirs(tmp_path / "root/lib/modules/.hidden/kernel")
    assert "lib/modules/6.1.0-10-amd64" in maker.make(tmp_path / "root")
    chosen = maker.make(tmp_path / "root", "-m", "list:nfs", "-k", "5.19.0-1-amd64")
    assert "lib/modules/5.19.0-1-amd64" in chosen and "lib/modules/6.1.0-10-amd64" not in chosen


@pytest.mark.parametrize("version", ["7.0", "..", "a/b", "", " "])
def test_no_such_kernel(maker, tree, version):
    assert "LAN-601 " in maker.refuse(tree.root, "-m", "list:nfs", "-k", version)


def test_no_tree(maker, tmp_path):
    assert "LAN-604 " in maker.refuse(tmp_path / "nowhere")
    assert "LAN-601 " in maker.refuse(maker.tmp)


def link_out(tree, target):
    os.unlink(tree.path("kernel/fs/nfsv3.ko"))
    os.symlink(target, tree.path("kernel/fs/nfsv3.ko"))


@pytest.mark.parametrize("indexed", [True, False])
def test_links_stay_in_the_tree(maker, tree, tmp_path, indexed):
    """A link with an absolute path means the tree's file of that path, never the machine's."""
    if indexed:
        tree.depmod()
    outside = write(str(tmp_path / "outside/nfsv3.ko"), module("nfsv3") + b"secret")
    link_out(tree, outside)
    done = maker.run(tree.root)
    assert b"secret" not in (maker.bytes() if os.path.exists(maker.image) else b"")
    assert "LAN-604 " in done.stderr if indexed else "no nfsv3" in done.stderr
    write(tree.root + outside, module("nfsv3") + b"the tree's own")
    entries = maker.make(tree.root)
    assert entries[table(entries)["nfsv3"].path.lstrip("/")].content.endswith(b"the tree's own")


def test_nothing_strange_is_opened(maker, tree):
    """Neither a pipe, which would never end, nor a directory, nor a device."""
    tree.depmod()
    os.unlink(tree.path("kernel/fs/nfsv3.ko"))
    os.mkfifo(tree.path("kernel/fs/nfsv3.ko"))
    assert "LAN-604 " in maker.refuse(tree.root)
    os.unlink(tree.path("modules.dep.bin"))
    os.mkfifo(tree.path("modules.dep.bin"))
    os.unlink(tree.path("modules.order"))
    os.symlink("/dev/zero", tree.path("modules.order"))
    assert maker.run(tree.root).returncode == 0  # no nfsv3, and so says a note


def test_loops_of_links_end(maker, tree):
    for name in ("x", "y"):
        os.symlink(".", tree.path("kernel/" + name))
        os.symlink("../..", tree.path("kernel/fs/" + name))
    maker.make(tree.root)


# Compression

@pytest.mark.parametrize("config, kind", [
    (CONFIG, b"\x28\xb5\x2f\xfd"),
    (CONFIG.replace("CONFIG_RD_ZSTD=y", "# CONFIG_RD_ZSTD is not set"),
     b"\xfd7zXZ\0\0\x01"),  # 01: the check is CRC32
    ("CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_GZIP=y\n", b"\x1f\x8b"),
    ("CONFIG_BLK_DEV_INITRD=y\n", b"0707"),
])
def test_compression_suits_the_kernel(maker, tree, config, kind):
    write(f"{tree.root}/boot/config-{VERSION}", config)
    maker.make(tree.root)
    assert maker.bytes().startswith(kind)


def test_kernel_of_unknown_configuration(maker, tree):
    os.unlink(f"{tree.root}/boot/config-{VERSION}")
    done = maker.run(tree.root)
    assert done.returncode == 0 and "choosing gzip" in done.stderr
    assert maker.bytes().startswith(b"\x1f\x8b")
    tree.write("config", CONFIG)  # where other distributions have it
    maker.make(tree.root)
    assert maker.bytes().startswith(b"\x28\xb5\x2f\xfd")


def test_compression_that_the_kernel_lacks(maker, tree):
    write(f"{tree.root}/boot/config-{VERSION}", "CONFIG_BLK_DEV_INITRD=y\nCONFIG_RD_GZIP=y\n")
    assert "LAN-607 " in maker.refuse(tree.root, "-m", "list:nfs", "--compress", "xz")
    write(f"{tree.root}/boot/config-{VERSION}", "# CONFIG_BLK_DEV_INITRD is not set\n")
    assert "LAN-607 " in maker.refuse(tree.root)


# Programs

def test_programs_that_do_not_fit(maker, tree):
    for content in (program(interpreter=True), program(AARCH64), b"#!/bin/sh\n", b"",
                    module("init")):
        write(maker.init, content)
        assert "LAN-608 " in maker.refuse(tree.root)
    os.unlink(maker.init)
    assert "LAN-608 " in maker.refuse(tree.root)


def test_init_beside_the_program(maker, tree, tmp_path):
    """Without --init: in the same folder, else where `make install` puts it."""
    copy = str(tmp_path / "prefix/bin/mklanyard")
    os.makedirs(os.path.dirname(copy))
    shutil.copy(MKLANYARD, copy)
    run = [copy, "-r", tree.root, "-m", "list:nfs", "-o", maker.image]
    assert b"LAN-608" in subprocess.run(run, capture_output=True, check=False).stderr
    for place in ("lib/lanyard/init", "bin/init"):
        write(str(tmp_path / "prefix" / place), program() + place.encode())
        subprocess.run(run, check=True)
        assert unpack(maker.image)["init"].content == program() + place.encode()


# Output

def test_image_is_replaced_at_once(maker, tree):
    os.symlink("real", maker.image)
    old = write(os.path.join(os.path.dirname(maker.image), "real"), "old")
    with open(old, encoding="ascii") as reader:
        maker.make(tree.root)
        assert reader.read() == "old"
    assert os.path.islink(maker.image) and stat.S_IMODE(os.stat(old).st_mode) == 0o644


def test_image_into_a_pipe(maker, tree):
    done = subprocess.run(maker.command(tree.root, "-m", "list:nfs", "-o", "/dev/stdout"),
                          stdout=subprocess.PIPE, env=maker.environment(), check=True)
    maker.make(tree.root)
    assert done.stdout == maker.bytes()


@pytest.mark.parametrize("output", ["/dev/full", "/nowhere/image", "/proc/image"])
def test_image_cannot_be_written(maker, tree, output):
    assert "LAN-603 " in maker.refuse(tree.root, "-m", "list:nfs", "-o", output)


# The command line

@pytest.mark.parametrize("options, words", [
    ([], "-m is missing"), (["-m", "list:nfs"], "-o IMAGE is missing"),
    (["-m", "netboot"], "-o IMAGE is missing"), (["-m", "netboot,e1000", "-o", "x"], "-m wants"),
    (["-m", "some", "-o", "x"], "not 'some'"), (["-m", "list:", "-o", "x"], "no module's name"),
    (["-m", "list:a,,b", "-o", "x"], "no module's name"),
    (["-m", "list:../../x", "-o", "x"], "no module's name"),
    (["--compress", "bzip2"], "not 'bzip2'"), (["-o"], "-o needs a value"),
    (["--init"], "--init needs a value"), (["-x"], "-x is no option"),
    (["--shell"], "--shell is no option"),
    (["-m", "list:nfs", "-o", "x", "more"], "'more' belongs to no option"),
])
def test_misuse(options, words):
    done = subprocess.run([MKLANYARD, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 100
    assert done.stderr.startswith("mklanyard: LAN-609 ") and words in done.stderr
    assert done.stderr.count("\n") == 1 and done.stdout == ""


@pytest.mark.parametrize("epoch", ["", "x", "-1", "4294967296", "1e9"])
def test_bad_epoch(maker, tree, epoch):
    done = maker.run(tree.root, SOURCE_DATE_EPOCH=epoch)
    assert done.returncode == 100 and "SOURCE_DATE_EPOCH" in done.stderr


def test_help():
    done = subprocess.run([MKLANYARD, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("usage: mklanyard ")
