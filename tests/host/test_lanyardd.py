# SPDX-License-Identifier: BSD-2-Clause
"""What lanyardd makes of a root tree: what it serves, kernels that come and go, what it says when something
is missing."""

import os
import shutil

import pytest

from tests.host.dhcpd import Peer
from tests.host.kernel import bzimage
from tests.host.lanyardd import HTTP_CLIENT, NEW, OLD, boot, images, refused, sha256, start
from tests.host.tree import module, read, unpack, write
from tests.site.paths import BIN


def test_boot_plan(site, root):
    server = start(site, root)
    plan = boot(site)
    image, = images(server)
    assert plan["kernel"]["sha256"] == sha256(f"{root.root}/boot/vmlinuz-{OLD}")
    assert [initrd["sha256"] for initrd in plan["initrds"]] == [sha256(f"{server.state}/images/{image}")]
    entries = unpack(f"{server.state}/images/{image}")
    assert entries["init"].content == read(f"{BIN}/init")
    assert any(path.endswith("e1000.ko") for path in entries)
    words = plan["command_line"].split()
    assert f"nfsroot=192.168.2.2:{root.root},port=2049,mountport=2049" in words
    assert {"root=/dev/nfs", "ip=dhcp", "ro", "lanyard.overlay=tmpfs"} <= set(words)
    assert "rw" not in words
    assert server.log().count("\n") < 20  # calm


def test_writable_and_appended(site, root):
    start(site, root, "--append", "console=ttyS1,9600 quiet", "--nfs-port", "12049", rw=True)
    words = boot(site)["command_line"].split()
    assert {"rw", "console=ttyS1,9600", "quiet"} <= set(words) and "ro" not in words
    assert f"nfsroot=192.168.2.2:{root.root},port=12049,mountport=12049" in words
    text = site.run(["curl", "-sf", "http://192.168.2.2/pxelinux.cfg/default"])
    assert text.splitlines()[1] == "SERIAL 1 9600"


def test_names_that_stay(site, root):
    """For configurations of the administrator's own; the tree's boot directory is there, too."""
    own = site.path("own")
    write(f"{own}/pxelinux.cfg/default", "DEFAULT x\nLABEL x\nKERNEL vmlinuz\nINITRD initrd.img\n")
    server = start(site, root, "--tftp-root", own)
    plan = boot(site)
    image, = images(server)
    assert plan["command_line"].split() == ["BOOT_IMAGE=vmlinuz", "initrd=initrd.img"]
    assert plan["kernel"]["sha256"] == sha256(f"{root.root}/boot/vmlinuz-{OLD}")
    assert plan["initrds"][0]["sha256"] == sha256(f"{server.state}/images/{image}")
    config = site.run(["curl", "-sf", f"http://192.168.2.2/boot/config-{OLD}"])
    assert config.encode() == read(f"{root.root}/boot/config-{OLD}")


def test_a_kernel_that_only_root_may_read(site, root):
    os.chmod(f"{root.root}/boot/vmlinuz-{OLD}", 0o600)
    start(site, root)
    assert boot(site)["kernel"]["sha256"] == sha256(f"{root.root}/boot/vmlinuz-{OLD}")


def test_newest_kernel_that_can_be_booted(site, root):
    """Newer ones without modules, without a kernel, or whose kernel is none, do not count."""
    root.add_kernel(NEW)
    write(f"{root.root}/boot/vmlinuz-7.0", bzimage(seed="7.0"))
    os.makedirs(f"{root.root}/lib/modules/8.0/kernel")
    os.makedirs(f"{root.root}/lib/modules/9.0/kernel")
    os.makedirs(f"{root.root}/boot/vmlinuz-9.0")
    start(site, root)
    assert boot(site)["kernel"]["version"].split()[0] and \
        boot(site)["kernel"]["sha256"] == sha256(f"{root.root}/boot/vmlinuz-{NEW}")


def test_links_stay_in_the_tree(site, root):
    """boot and lib/modules by absolute links, which mean the tree's own."""
    os.rename(f"{root.root}/boot", f"{root.root}/kernels")
    os.symlink("/kernels", f"{root.root}/boot")
    os.rename(f"{root.root}/lib", f"{root.root}/usr-lib")
    os.symlink("/usr-lib", f"{root.root}/lib")
    start(site, root)
    assert boot(site)["kernel"]["sha256"] == sha256(f"{root.root}/kernels/vmlinuz-{OLD}")


def test_a_new_kernel_is_noticed(site, root):
    server = start(site, root)
    boot(site)
    root.add_kernel(NEW)
    server.wait_for(f"machines boot kernel {NEW} from now on")
    plan = boot(site)
    assert plan["kernel"]["sha256"] == sha256(f"{root.root}/boot/vmlinuz-{NEW}")
    assert NEW in plan["initrds"][0]["file"]
    assert "LAN-" not in server.log()


def test_changed_modules_are_noticed(site, root):
    server = start(site, root)
    before = boot(site)["initrds"]
    root.add("fs/e1000.ko", module("e1000", alias=["pci:v1*"]))
    root.write("modules.order", "kernel/fs/e1000.ko\n")
    server.wait_for("machines boot kernel")
    after = boot(site)["initrds"]
    assert after[0]["sha256"] != before[0]["sha256"] and after[0]["file"] != before[0]["file"]


def test_an_image_that_cannot_be_made_leaves_the_old_one(site, root):
    server = start(site, root)
    before = boot(site)
    root.add_kernel(NEW)
    root.add("fs/e1000.ko", b"no module")
    server.wait_for("LAN-705")
    server.wait_for(f"machines go on booting kernel {OLD}")
    assert "LAN-605" in server.log()
    assert boot(site)["initrds"] == before["initrds"]
    # And what failed is made as soon as it can be.
    root.add("fs/e1000.ko", module("e1000"))
    root.write("modules.order", "again")
    server.wait_for(f"machines boot kernel {NEW} from now on")


def test_all_kernels_go_away(site, root):
    server = start(site, root)
    before = boot(site)
    shutil.rmtree(f"{root.root}/boot")
    server.wait_for("LAN-704")
    assert boot(site)["kernel"] == before["kernel"]


def test_first_start_with_an_older_image(site, root):
    """It cannot be made any more, but there is one from before."""
    server = start(site, root)
    before = boot(site)
    server.stop()
    root.add("fs/e1000.ko", b"no module")
    root.write("modules.order", "changed")
    server.start()
    server.wait_for("LAN-705")
    assert boot(site)["initrds"][0]["sha256"] == before["initrds"][0]["sha256"]


def test_uefi_http_boot(site, root):
    """The URL that a machine gets leads to the program, and its size can be asked for first."""
    server = start(site, root, "--http-port", "8080")
    url = Peer(site).lease(options=HTTP_CLIENT).file
    assert url == "http://192.168.2.2:8080/lanyardx64.efi"
    head = site.run(["curl", "-sfI", url]).lower()
    size = os.path.getsize(f"{BIN}/lanyardx64.efi")
    assert "content-type: application/efi\n" in head and f"content-length: {size}\n" in head, head
    site.run(["curl", "-sf", "-o", site.path("got"), url])
    assert sha256(site.path("got")) == sha256(f"{BIN}/lanyardx64.efi")
    assert "LAN-" not in server.log()


def test_no_kernel(site, root):
    os.unlink(f"{root.root}/boot/vmlinuz-{OLD}")
    text = refused(site, root)
    assert "LAN-704" in text and root.root in text and OLD in text


def test_no_modules(site, root):
    shutil.rmtree(f"{root.root}/lib")
    assert "LAN-704" in refused(site, root)


@pytest.mark.parametrize("make", [
    lambda path: os.symlink("/etc/hostname", path), os.mkdir, os.mkfifo,
    lambda path: write(path, ""), lambda path: os.symlink(path, path),
], ids=["link-out", "directory", "pipe", "empty", "loop"])
def test_a_kernel_that_is_none(site, root, make):
    path = f"{root.root}/boot/vmlinuz-{OLD}"
    os.unlink(path)
    make(path)
    assert "LAN-704" in refused(site, root)


def test_no_kernel_but_files_of_ones_own(site, root):
    """They are served, and the tree by NFS."""
    own = site.path("own")
    write(f"{own}/hello", "hello")
    shutil.rmtree(f"{root.root}/boot")
    server = start(site, root, "--tftp-root", own)
    assert site.run(["curl", "-sf", "http://192.168.2.2/hello"]) == "hello"
    assert "LAN-704" in server.log()


def test_no_tree(site, root):
    root.root += "/nowhere"
    text = refused(site, root)
    assert "LAN-703" in text and "/nowhere" in text


def test_a_tree_whose_name_a_kernel_cannot_be_told(site, root):
    os.rename(root.root, root.root + ",x")
    root.root += ",x"
    assert "LAN-703" in refused(site, root)


def test_no_mklanyard(site, root):
    place = site.path("empty")
    os.mkdir(place)
    assert "LAN-705" in refused(site, root, programs=place)


def test_state_that_cannot_be_used(site, root):
    assert "LAN-709" in refused(site, root, state="/proc/nowhere")
