# SPDX-License-Identifier: BSD-2-Clause
"""An initramfs for each machine: lanyardd joins what its card needs."""

import hashlib

from tests.host.client import Client
from tests.host.filed import Tftp
from tests.host.lanyardd import images, sha256, start
from tests.host.tree import module, read, write


def add_cards(root):
    """Two cards' drivers, with a module that one of them needs."""
    folder = "drivers/net/ethernet/x/"
    root.add(folder + "first.ko", module("first", alias=["pci:v00008086d0000100Esv*sd*bc*sc*i*"]))
    root.add(folder + "help.ko", module("help"))
    root.add(folder + "second.ko",
             module("second", "help", alias=["pci:v000010ECd00008139sv*sd*bc02sc00i*"]))
    root.depmod()


def initrd_for(site, *words):
    """The one initrd that the boot program loads, and the names of the modules in it."""
    if not hasattr(site, "client"):
        site.client = Client(site, None, site.add_client())
    result = site.client.run(*words)
    assert result.plan and result.faults == [], result
    initrd, = result.plan["initrds"]
    return initrd


def segments(image):
    """{name: bytes} of an image's parts, and its index' other lines."""
    content, at, parts, lines = read(image), 0, {}, []
    for line in read(image[:-4] + ".idx").decode().splitlines()[1:]:
        word, name, rest = line.split(" ", 2)
        if word != "segment":
            lines.append(line)
            continue
        size, digest = rest.split(" ")
        parts[name] = content[at:at + int(size)]
        at += int(size)
        assert hashlib.sha256(parts[name]).hexdigest() == digest
    assert at == len(content)
    return parts, lines


def test_machines_load_what_their_card_needs(site, root):
    add_cards(root)
    server = start(site, root, modules="netboot")
    image, = images(server)
    parts, lines = segments(f"{server.state}/images/{image}")
    assert set(parts) == {"common", "first", "second", "help", "nfsv4"}
    assert "card second help,second 10ec:8139" in lines

    def join(*names):
        return b"".join(parts[name] for name in parts if name in names)

    for bus, content in (("pci 00:03.0 8086:100e irq 11", join("common", "first")),
                         ("pci 00:03.0 10ec:8139", join("common", "help", "second")),
                         ("pci 00:03.0 10ec:8140", join(*parts)),
                         ("isapnp 00000001 irq 3", join(*parts))):
        initrd = initrd_for(site, "--bus", bus)
        assert (initrd["size"], initrd["sha256"]) == \
            (len(content), hashlib.sha256(content).hexdigest()), bus
    # The same by TFTP and HTTP, in pieces too, and for boot programs that leave the word as it is.
    for name, content in (("8086-100e/no-nfsv4", join("common", "first")),
                          ("8086:100E", join("common", "first", "nfsv4")),
                          ("{nic}/no-nfsv4", join(*parts))):
        with Tftp(site) as client:
            got, options = client.fetch(f"initrd.img/{name}", tsize=0, blksize=1400)
            assert got == content and int(options["tsize"]) == len(content)
        url = "http://192.168.2.2/initrd.img/" + name.replace("{", "%7B").replace("}", "%7D")
        head = site.run(["curl", "-sfI", url])
        assert f"Content-Length: {len(content)}" in head
        site.run(["curl", "-sf", "-r", "100-1099", "-o", site.path("piece"), url])
        assert read(site.path("piece")) == content[100:1100]


def test_whole_image(site, root):
    """One word turns the cutting off; words about the root keep NFS version 4."""
    add_cards(root)
    server = start(site, root, "--whole-image", modules="netboot")
    image, = images(server)
    assert initrd_for(site, "--bus", "pci 00:03.0 8086:100e")["sha256"] == \
        sha256(f"{server.state}/images/{image}")
    server.stop()
    server = start(site, root, "--append", "nfsroot=192.168.2.9:/x,vers=4.1", modules="netboot",
                   state=server.state)
    assert initrd_for(site, "--bus", "pci 00:03.0 8086:100e")["file"].endswith("/8086-100e")


def test_image_without_a_sound_index(site, root):
    """It goes to all machines as it is."""
    add_cards(root)
    server = start(site, root, modules="netboot")
    image, = images(server)
    server.stop()
    write(f"{server.state}/images/{image[:-4]}.idx", "segments 1 x zstd\nsegment common 5 x\n")
    server = start(site, root, modules="netboot", state=server.state)
    assert "goes to all machines as it is" in server.log()
    assert initrd_for(site, "--bus", "pci 00:03.0 8086:100e")["sha256"] == \
        sha256(f"{server.state}/images/{image}")
