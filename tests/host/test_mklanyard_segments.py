# SPDX-License-Identifier: BSD-2-Clause
"""mklanyard --segments: what is in which part, what a card takes, and how large that is for every
network card that QEMU has, with Debian's kernel."""

import hashlib
import os

import pytest

from tests.host.maker import KERNEL
from tests.host.maker import maker, tree  # noqa: F401  (fixtures)
from tests.host.test_mklanyard_cards import NET, add_drivers
from tests.host.tree import AARCH64, Line, Tree, archive, module, pieces, program, read, write
from tests.site.paths import BIN

E1000, RTL8139 = "8086:100e", "10ec:8139"
LIMIT = 1_200_000  # bytes for a root by NFS version 3
LIMIT_V4 = 1_250_000

# QEMU's models: the PCI IDs of each, and its driver.
MODELS = {
    "e1000": ("8086:100e", "e1000"), "e1000-82544gc": ("8086:1008", "e1000"),
    "e1000-82545em": ("8086:100f", "e1000"), "e1000e": ("8086:10d3", "e1000e"),
    "igb": ("8086:10c9", "igb"), "virtio-net-pci": ("1af4:1000", "virtio_net"),
    "virtio-net-pci-non-transitional": ("1af4:1041", "virtio_net"),
    "vmxnet3": ("15ad:07b0", "vmxnet3"), "rtl8139": (RTL8139, "8139cp"),
    "ne2k_pci": ("10ec:8029", "ne2k_pci"), "pcnet": ("1022:2000", "pcnet32"),
    "i82550": ("8086:1209", "e100"), "i82559er": ("8086:1209", "e100"),
    "i82562": ("8086:1209", "e100"), "i82801": ("8086:2449", "e100"),
    "i82557a": ("8086:1229", "e100"),
    "tulip": ("1011:0019", "tulip"), "sungem": ("106b:0021", "sungem"),
    "sunhme": ("108e:1001", "sunhme"),
}


class Parts:
    """What mklanyard --segments has written into a folder."""

    def __init__(self, place):
        self.bytes, self.cards, self.extras = {}, {}, {}
        for line in read(f"{place}/index").decode().splitlines()[1:]:
            word, name, *rest = line.split(" ")
            if word == "segment":
                self.bytes[name] = read(f"{place}/{name}.img")
                assert [str(len(self.bytes[name])), hashlib.sha256(self.bytes[name]).hexdigest()] == rest
            else:
                parts = [] if rest[0] == "-" else rest[0].split(",")
                assert set(parts) < set(self.bytes)
                (self.cards if word == "card" else self.extras)[name] = (parts, rest[1:])

    def of(self, pci):
        """The names of the parts for a card."""
        vendor, device = pci.split(":")
        names = {"common"}
        for parts, ids in self.cards.values():
            if {f"{vendor}:{device}", f"{vendor}:*", f"*:{device}", "*:*"} & set(ids):
                names |= set(parts)
        return [name for name in self.bytes if name in names]

    def whole(self):
        return b"".join(self.bytes.values())

    def files(self, names):
        """{path: Entry} of these parts, of which no two have the same file."""
        entries = {}
        for name in names:
            for _, plain in pieces(self.bytes[name]):
                for path, entry in archive(plain)[0].items():
                    assert entry.mode & 0o40000 or path not in entries, path
                    entries[path] = entry
        return entries

    def table(self, names):
        """{name: Line} as init reads them: the common file, then the others by name. Checks that it is
        a list in the right order, of files that are there."""
        files = self.files(names)
        text = files["lanyard/modules"].content + b"".join(
            files[path].content for path in sorted(files) if path.startswith("lanyard/modules.d/"))
        lines = {}
        for line in text.decode().splitlines():
            name, path, flag, needs, *aliases = line.split(" ")
            needs = [] if needs == "-" else needs.split(",")
            assert name not in lines and set(needs) <= set(lines), line
            assert path[1:] in files
            lines[name] = Line(name, path, flag, needs, aliases)
        return lines


def divide(maker, root, *options):
    place = str(maker.place / "parts")
    done = maker.run(root, *options, "--segments", place, "-o", maker.image)
    assert done.returncode == 0, done.stderr
    parts = Parts(place)
    assert maker.bytes() == parts.whole()
    return parts


@pytest.fixture
def full(tree):
    """A tree with a kernel's drivers, some of which say exactly what they drive."""
    add_drivers(tree)
    for name, needs, alias in (
            ("intel/e1000/e1000", "", ["pci:v00008086d0000100Esv*sd*bc*sc*i*",
                                       "pci:v00008086d0000100Fsv*sd*bc*sc*i*"]),
            ("realtek/8139too", "", ["pci:v000010ECd00008139sv*sd*bc*sc*i*",
                                     "pci:v*d00008139sv000013D1sd0000AB06bc*sc*i*"]),
            ("realtek/r8169", "libphy,realtek", ["pci:v000010ECd00008168sv*sd*bc02sc00i*"]),
            ("acme/bridge", "", ["pci:v00001111d00002222sv*sd*bc06sc04i00"]),
            ("acme/odd", "", ["pci:vACME*"])):
        name = NET + "ethernet/" + name
        tree.add(name + ".ko", module(os.path.basename(name), needs, alias=alias))
    tree.add(NET + "../virtio/virtio_pci.ko",
             module("virtio_pci", alias=["pci:v00001AF4d*sv*sd*bc*sc*i*"]))
    tree.depmod()
    return tree


def test_parts_of_cards(maker, full):
    parts = divide(maker, full.root, "-m", "netboot")
    assert parts.extras == {"nfsv4": (["nfsv4"], [])}
    any_card = {"odd", "acme_card", "acme_lib", "mlx4_core", "mlx4_en", "vmxnet3"}

    def own(pci):
        return set(parts.of(pci)) - {"common"} - any_card - {"libphy", "phy"}

    assert own(E1000) == {"e1000", "xen_netfront"}  # Xen takes this card away
    assert own("8086:100f") == {"e1000"}
    assert own(RTL8139) == {"8139too", "xen_netfront"}
    assert own("13d1:8139") == {"8139too"}
    assert own("10ec:8168") == {"r8169"} and {"libphy", "phy"} <= set(parts.of("10ec:8168"))
    assert own("1af4:1000") == {"virtio_net", "virtio_pci"}
    assert own("1111:2222") == own("ffff:ffff") == set()  # which is a card that nobody knows
    # Written in a way that says nothing of the card: it goes to all.
    assert parts.cards["odd"] == (["odd"], ["*:*"])
    assert "mlx4_en" in parts.cards["mlx4_core"][0]
    assert set(parts.cards["acme_card"][0]) == {"acme_lib", "acme_card", "libphy", "phy"}
    assert "bridge" not in parts.cards and "mdio_mux" not in parts.cards


def test_any_closed_parts_are_a_list(maker, full):
    parts = divide(maker, full.root, "-m", "all")
    everything = parts.table(parts.bytes)
    assert set(everything) == set(parts.table([*parts.bytes][::-1]))
    for name, (needed, _) in parts.cards.items():
        lines = parts.table(["common", *needed])
        assert lines[name] == everything[name] and "nfsv4" not in lines
        assert "nfsv4" in parts.table(["common", *needed, *parts.extras["nfsv4"][0]])
    assert "nfs" in parts.table(["common"]) and "ax88179_178a" in everything


def test_firmware_goes_with_its_driver(maker, full):
    """What two drivers name is common."""
    for name, files in (("one", ["a.bin", "both.bin"]), ("two", ["both.bin", "gone.bin"])):
        full.add(NET + f"ethernet/fw/{name}.ko", module(
            name, firmware=files, alias=[f"pci:v0000{ord(name[0]):04X}d00000001sv*sd*bc*sc*i*"]))
    full.depmod()
    for name in ("a.bin", "both.bin"):
        write(f"{full.root}/lib/firmware/{name}", name)
    parts = divide(maker, full.root, "-m", "netboot")
    assert "lib/firmware/a.bin" in parts.files(["one"])
    assert "lib/firmware/both.bin" in parts.files(["common"])
    assert "lib/firmware/both.bin" in parts.files(parts.bytes)


def test_board_is_common(maker, tmp_path):
    """Without what a device tree lists, there may be no PCI bus."""
    board = Tree(tmp_path / "arm", machine=AARCH64)
    add_drivers(board)
    parts = divide(maker, board.root, "-m", "netboot", "--init",
                   write(str(tmp_path / "init-arm"), program(machine=AARCH64)))
    assert {"clk_board", "mdio_mux"} <= set(parts.table(["common"]))
    assert "e1000" not in parts.table(["common"])


def test_modules_called_like_parts(maker, full):
    for name in ("common", "phy"):
        full.add(NET + f"ethernet/x/{name}.ko",
                 module(name, alias=["pci:v00000001d00000001sv*sd*bc*sc*i*"]))
    full.depmod()
    parts = divide(maker, full.root, "-m", "netboot")
    assert {"common", "phy"} <= set(parts.table(parts.of("0001:0001")))


def test_same_input_same_bytes(maker, full):
    first = divide(maker, full.root, "-m", "netboot")
    assert divide(maker, full.root, "-m", "netboot").bytes == first.bytes


@pytest.fixture(scope="module")
def debian(tmp_path_factory):
    from tests.host.maker import Maker
    maker = Maker(tmp_path_factory.mktemp("debian"))
    place = str(maker.place / "parts")
    done = maker.run(KERNEL, "-m", "netboot", "--segments", place, init=f"{BIN}/init")
    assert done.returncode == 0, done.stderr
    return Parts(place)


@pytest.mark.parametrize("model", MODELS)
def test_size_for_every_card_of_qemu(debian, model):
    pci, driver = MODELS[model]
    names = debian.of(pci)
    size = sum(len(debian.bytes[name]) for name in names)
    extra = sum(len(debian.bytes[name]) for name in debian.extras["nfsv4"][0])
    print(f"{model} {pci}: {size} bytes, with NFS version 4 {size + extra}")
    assert pci in debian.cards[driver][1] or driver == "virtio_net"
    assert driver in debian.table(names)
    assert size <= LIMIT and size + extra <= LIMIT_V4


def test_every_card_of_debian(debian):
    """The parts of any card hold all that its driver needs; nothing is common that is for a card."""
    assert len(debian.cards) > 80
    common = debian.table(["common"])
    assert not any("/drivers/net/" in line.path for line in common.values())
    for name, (parts, ids) in debian.cards.items():
        assert "*:*" not in ids and name in debian.table(["common", *parts]), name
