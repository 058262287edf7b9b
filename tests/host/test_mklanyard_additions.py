# SPDX-License-Identifier: BSD-2-Clause
"""What an administrator adds to mklanyard's images: modules by initramfs-tools' list, files of the
tree's and of this machine's."""

import os
import stat

from tests.host.maker import maker, tree  # noqa: F401  (fixtures)
from tests.host.test_mklanyard_cards import NET, added
from tests.host.tree import BASE, module, table, unpack, write

LIST = "etc/initramfs-tools/modules"


def add_modules(tree):
    tree.add(NET + "ethernet/x/card.ko", module("card", "help", alias=["pci:v00001D*"]))
    tree.add(NET + "ethernet/x/help.ko", module("help"))
    tree.add("drivers/misc/plain-thing.ko", module("plain_thing"))
    tree.depmod()


def test_list_of_modules(maker, tree):
    """As update-initramfs takes it: one on each line, remarks, either dash."""
    add_modules(tree)
    write(f"{tree.root}/{LIST}", "# List of modules\n\n  card # of ours\nplain-thing\nnfs\noverlay")
    lines = added(maker.make(tree.root))
    assert {name: line.flag for name, line in lines.items()} == \
        {"card": "n", "help": "-", "plain_thing": "a"}


def test_list_that_has_grown_old(maker, tree):
    """Each oddity is a note, and the image comes about."""
    add_modules(tree)
    tree.add("drivers/misc/broken.ko", b"no module")
    tree.depmod()
    write(f"{tree.root}/{LIST}",
          "gone\ncard debug=1\nbroken\na/b\n\x01\n../../x\n" + "long" * 100 + "\n")
    done = maker.run(tree.root)
    assert done.returncode == 0
    notes = done.stderr.splitlines()
    assert all(note.startswith("mklanyard: note: etc/initramfs-tools/modules") for note in notes)
    for words in (f"names gone, which kernel {tree.version} does not have",
                  "what stands behind card has no effect; write card.NAME=VALUE",
                  "names broken, which is left out", "names 'a/b', which is no module's name",
                  "names '../../x', which is no module's name"):
        assert any(words in note for note in notes), words
    assert {"card", "help"} == set(added(unpack(maker.image)))


def test_no_list(maker, tree):
    for kind in ("", "directory", "pipe"):
        path = f"{tree.root}/{LIST}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if kind:
            os.mkdir(path) if kind == "directory" else os.mkfifo(path)
        assert set(table(maker.make(tree.root))) == set(BASE)
        if kind == "directory":
            os.rmdir(path)


def test_modules_that_are_no_cards_are_for_all(maker, tree):
    add_modules(tree)
    tree.add("drivers/ata/ahci.ko", module("ahci", alias=["pci:v00008086d00002922sv*sd*bc*sc*i*"]))
    tree.depmod()
    write(f"{tree.root}/{LIST}", "ahci\ncard\n")
    place = maker.place / "parts"
    assert maker.run(tree.root, "-m", "list:nfs", "--segments", str(place)).returncode == 0
    index = (place / "index").read_text()
    assert "\nsegment card " in index and "ahci" not in index


def test_files(maker, tree, tmp_path):
    """The tree's, and this machine's; at the same paths, root's, with their permissions."""
    own = str(tmp_path / "own")
    write(f"{tree.root}/etc/lanyard/initramfs/etc/ssl/ca.pem", "certificate")
    write(f"{own}/bin/tool", "program")
    os.chmod(f"{own}/bin/tool", 0o4750)
    os.symlink("tool", f"{own}/bin/same")
    write(f"{own}/lib/firmware/x.bin", b"\0\1")
    os.mkfifo(f"{own}/bin/pipe")
    entries = maker.make(tree.root, "-m", "list:nfs", "--files", own)
    assert entries["etc/ssl/ca.pem"].content == b"certificate"
    assert (entries["bin/tool"].mode, entries["bin/tool"].uid) == (stat.S_IFREG | 0o750, 0)
    assert stat.S_ISLNK(entries["bin/same"].mode) and entries["bin/same"].content == b"tool"
    assert entries["lib/firmware/x.bin"].content == b"\0\1" and "bin/pipe" not in entries
    again = maker.bytes()
    maker.make(tree.root, "-m", "list:nfs", "--files", own)
    assert maker.bytes() == again


def test_files_that_the_image_has(maker, tree, tmp_path):
    own = str(tmp_path / "own")
    for name in ("init", "lanyard/modules", "new"):
        write(f"{own}/{name}", "mine")
    done = maker.run(tree.root, "-m", "list:nfs", "--files", own)
    assert done.returncode == 0 and done.stderr.count("is not added: the image has one") == 2
    entries = unpack(maker.image)
    assert entries["new"].content == b"mine" != entries["init"].content


def test_files_of_a_stranger(maker, tree, tmp_path):
    """Links stay links and are not followed; what is outside of the tree stays there."""
    secret = write(str(tmp_path / "secret/key"), "secret")
    folder = f"{tree.root}/etc/lanyard/initramfs"
    os.makedirs(folder)
    os.symlink(os.path.dirname(secret), f"{folder}/folder")
    os.symlink(secret, f"{folder}/key")
    entries = maker.make(tree.root)
    assert entries["key"].content == secret.encode() and stat.S_ISLNK(entries["key"].mode)
    assert not any(path.startswith("folder/") for path in entries)
    os.unlink(f"{folder}/folder")
    os.unlink(f"{folder}/key")
    os.rmdir(folder)
    os.symlink(os.path.dirname(secret), folder)
    assert "key" not in maker.make(tree.root)


def test_missing_folder(maker, tree, tmp_path):
    assert "LAN-" in maker.refuse(tree.root, "-m", "list:nfs", "--files", str(tmp_path / "none"))
