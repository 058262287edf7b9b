# SPDX-License-Identifier: BSD-2-Clause
"""lanyardd as a whole: what it makes of a root tree, how its processes end and return, what it says
when something is missing, --check, the configuration. The boot program (lanyard-host) is its client."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from tests.host.client import Client
from tests.host.dhcpd import Neighbour, Peer
from tests.host.filed import Tftp
from tests.host.kernel import bzimage
from tests.host.nfs3 import Client as NfsClient
from tests.host.nfsd import inside
from tests.host.tree import Tree, module, read, unpack, write
from tests.site import Lanyardd, Site
from tests.site.paths import BIN, BUILD

OLD, NEW = "6.1.0-9-test", "6.1.0-10-test"
MODULES = "list:e1000"


class Root(Tree):
    """A root tree with a kernel and a shell's worth of a system."""

    def __init__(self, root):
        os.makedirs(root)
        os.chmod(root, 0o755)
        super().__init__(root, OLD)
        self.add_kernel(OLD)
        write(f"{root}/sbin/init", "#!/bin/sh\n")

    def add_kernel(self, version):
        self.version = version
        self.directory = f"{self.root}/lib/modules/{version}"
        for name in ("nfs", "nfsv3", "nfsv4", "overlay", "8021q", "e1000"):
            self.add(f"fs/{name}.ko", module(name))
        self.write("modules.builtin", "kernel/net/packet/af_packet.ko\n")
        self.write("modules.order", "")
        write(f"{self.root}/boot/config-{version}", read(f"{self.root}/boot/config-{OLD}"))
        write(f"{self.root}/boot/vmlinuz-{version}", bzimage(seed=version))

    def path(self, name):
        return os.path.join(self.directory, name)


@pytest.fixture
def site():
    with Site(name="lanyardd", capture=False) as site:
        yield site


@pytest.fixture
def root(site):
    return Root(site.path("tree"))


def start(site, root, *options, **words):
    words.setdefault("modules", MODULES)
    return Lanyardd(site, root.root, *options, sanitized=True, **words)


def boot(site):
    """A plan that the boot program makes with this server."""
    if not hasattr(site, "client"):
        site.client = Client(site, None, site.add_client())
    result = site.client.run()
    assert result.plan and result.faults == [], result
    return result.plan


def sha256(path):
    return hashlib.sha256(read(path)).hexdigest()


def images(server):
    return sorted(name for name in os.listdir(f"{server.state}/images") if name.endswith(".img"))


def refused(site, root, *options, status=111, **words):
    """What lanyardd says where it cannot begin."""
    with pytest.raises(RuntimeError) as error:
        start(site, root, *options, **words)
    assert "ended at once" in str(error.value), error.value
    assert "Sanitizer" not in str(error.value)
    return str(error.value)


# What is served

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


# Its processes

def status(site, pid):
    text = site.run(["cat", f"/proc/{pid}/status"])
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def test_rights(site, root):
    server = start(site, root)
    pids = server.processes()
    net, nfs = status(site, pids["net"]), status(site, pids["nfs"])
    assert net["Uid"].split() == ["65534"] * 4 and net["Groups"].strip() == ""
    assert int(net["CapPrm"], 16) == int(net["CapEff"], 16) == 0
    wanted = sum(1 << bit for bit in (0, 1, 2, 3, 4, 6, 7, 27))  # of linux/capability.h
    assert int(nfs["CapPrm"], 16) == int(nfs["CapBnd"], 16) == wanted
    for each in net, nfs:
        assert each["NoNewPrivs"].strip() == "1" and each["Seccomp"].strip() == "2"
    assert site.run(["readlink", f"/proc/{pids['net']}/root"]).endswith(" (deleted)\n")


def test_clean_end(site, root):
    """After some work; no memory is lost in any process."""
    server = start(site, root, "--tftp-root", root.root, leaks=True)
    boot(site)
    root.add_kernel(NEW)
    server.wait_for("machines boot kernel")
    process = server.process
    server.signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert server.processes() == {}
    assert "LAN-" not in server.log()
    server.stop()


def test_restart_keeps_the_image(site, root):
    server = start(site, root)
    before = boot(site)
    server.stop()
    length = len(server.log())
    server.start()
    assert boot(site)["initrds"] == before["initrds"]
    assert "making" not in server.log()[length:]


@pytest.mark.parametrize("what", ["net", "nfs"])
def test_a_child_is_killed(site, root, what):
    server = start(site, root, rw=True)
    with inside(site):
        client = NfsClient(site.address, 2049)
    before = client.mount(root.root)
    pid = server.processes()[what]
    server.kill(what)
    server.wait_for("LAN-713")
    deadline = time.monotonic() + 10
    while server.processes().get(what, pid) == pid:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    boot(site)
    with inside(site):
        assert NfsClient(site.address, 2049).mount(root.root) == before


def test_a_child_that_keeps_ending_is_started_ever_more_slowly(site, root):
    server = start(site, root)
    for _ in range(4):
        length = len(server.log())
        pid = server.processes()["net"]
        server.kill("net")
        server.wait_for("LAN-713", start=length)
        deadline = time.monotonic() + 10
        while server.processes().get("net", pid) == pid:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    pauses = [float(text) for text in re.findall(r"next start is in (\S+) s", server.log())]
    assert pauses == [0.1, 0.2, 0.4, 0.8]


def test_supervisor_is_killed(site, root):
    server = start(site, root)
    before = boot(site)
    server.kill("lanyardd")
    deadline = time.monotonic() + 10
    while server.processes():
        assert time.monotonic() < deadline, server.processes()
        time.sleep(0.05)
    server.process = None
    server.start()
    assert boot(site)["initrds"] == before["initrds"]


def test_a_new_one_waits_for_the_old_ones_children(site, root):
    """No fault where lanyardd is started while its predecessor's children are still ending."""
    server = start(site, root)
    server.signal(signal.SIGSTOP)
    server.kill("lanyardd")
    server.process = None
    server.start()
    assert "LAN-706" not in server.log()


def test_idle_memory(site, root):
    server = Lanyardd(site, root.root, modules=MODULES)
    boot(site)
    resident = sum(int(status(site, pid)["VmRSS"].split()[0]) for pid in server.processes().values())
    assert resident <= 16 * 1024


# Kernel and image

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


def programs(site, script):
    """lanyardd's programs with another mklanyard."""
    place = site.path("programs")
    os.makedirs(place)
    for name in ("lanyard.0", "init"):
        shutil.copy(f"{BIN}/{name}", place)
    write(f"{place}/mklanyard", "#!/bin/sh\n" + script)
    os.chmod(f"{place}/mklanyard", 0o755)
    return place


LOOK_AROUND = r"""
exec >/out/image 2>&1
echo "files: $(echo /*)"
echo "home: $(cat /root/.profile /home/*/.profile 2>/dev/null)"
for place in /usr /tree TREE PROGRAMS /; do
    touch $place/x 2>/dev/null && echo "wrote: $place"
done
echo "cards: $(sed -n 's/:.*//p' /proc/net/dev | tr -d ' \n')"
echo "processes: $(echo /proc/[0-9]*)"
grep -E '^(Uid|Gid|Groups|CapPrm|NoNewPrivs):' /proc/self/status
echo "memory: $(ulimit -v)"
echo "tree: $(cat TREE/boot/config-* | wc -c)"
echo "arguments: $*"
"""


def test_mklanyard_is_shut_in(site, root):
    """What mklanyard could see and do, had the tree taken it over."""
    place = site.path("programs")
    script = LOOK_AROUND.replace("TREE", root.root).replace("PROGRAMS", place)
    server = start(site, root, programs=programs(site, script))
    image, = images(server)
    seen = read(f"{server.state}/images/{image}").decode()
    words = dict(line.split(":", 1) for line in seen.splitlines() if ":" in line)
    assert set(words["files"].split()) <= {"/" + name for name in (
        "bin", "dev", "lib", "lib32", "lib64", "out", "proc", "sbin", "tmp", "usr")}
    assert words["home"].strip() == "" and "wrote" not in words
    assert words["cards"].strip() == "lo"
    assert len(words["processes"].split()) <= 2  # itself and the command that looks
    assert set(words["Uid"].split()) == set(words["Gid"].split()) == {"65534"}
    assert words["Groups"].strip() == "" and int(words["CapPrm"], 16) == 0
    assert words["NoNewPrivs"].strip() == "1"
    assert int(words["memory"]) < 2 << 20  # KiB
    assert int(words["tree"]) == len(read(f"{root.root}/boot/config-{OLD}"))
    assert words["arguments"].split() == ["-r", root.root, "-k", OLD, "-m", MODULES,
                                          "-o", "/out/image", "--segments", "/out/parts"]


class Contained(Lanyardd):
    """As in a container, which may not make namespaces or mounts."""

    def argv(self):
        return ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", *super().argv()]


def test_without_the_right_to_make_namespaces(site, root):
    server = Contained(site, root.root, "-v", modules=MODULES, sanitized=True)
    boot(site)
    assert int(status(site, server.processes()["lanyardd"])["CapEff"], 16) & 1 << 21 == 0
    with inside(site):
        assert NfsClient(site.address, 2049).mount(root.root)
    assert "LAN-" not in server.log()


@pytest.mark.parametrize("script, fact", [
    ("echo mklanyard: LAN-603 all is lost >&2; exit 111", "LAN-603 all is lost"),
    ("exit 0", "LAN-705"),
    ("kill -9 $$", "LAN-705"),
    ("ln -s /etc/shadow /out/image", "LAN-705"),
    ("mkfifo /out/image", "LAN-705"),
    ("mkdir /out/image", "LAN-705"),
    ("head -c 600M /dev/zero >/out/image", "LAN-705"),
], ids=["fails", "makes-nothing", "is-killed", "link", "pipe", "directory", "too-large"])
def test_mklanyard_misbehaves(site, root, script, fact):
    text = refused(site, root, programs=programs(site, script + "\n"))
    assert fact in text and "LAN-705" in text
    assert os.listdir(site.path("lanyardd.state", "images")) == ["work"]


HTTP_CLIENT = [(60, b"HTTPClient:Arch:00016:UNDI:003016"), (93, b"\0\x10")]


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


# What is missing

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


def test_no_interface(site, root):
    assert "LAN-708" in refused(site, root, "-i", "br9")


def test_no_mklanyard(site, root):
    place = site.path("empty")
    os.mkdir(place)
    assert "LAN-705" in refused(site, root, programs=place)


def test_state_that_cannot_be_used(site, root):
    assert "LAN-709" in refused(site, root, state="/proc/nowhere")


HOLD = """
import socket, sys, time
kind = socket.SOCK_STREAM if sys.argv[1] == "tcp" else socket.SOCK_DGRAM
s = socket.socket(socket.AF_INET, kind)
s.bind(("0.0.0.0", int(sys.argv[2])))
if kind == socket.SOCK_STREAM:
    s.listen()
time.sleep(1000)
"""


def hold(site, kind, port):
    site.popen(["/usr/bin/python3", "-c", HOLD, kind, str(port)])
    deadline = time.monotonic() + 10
    while not site.bound(kind, port):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("kind, port, service", [
    ("udp", 69, "TFTP"), ("udp", 67, "DHCP"), ("tcp", 2049, "NFS"), ("udp", 4011, "DHCP")])
def test_port_in_use(site, root, kind, port, service):
    hold(site, kind, port)
    text = refused(site, root, dhcp="proxy" if port == 4011 else "pool")
    assert "LAN-706" in text and "python3" in text and service in text and str(port) in text


def test_ports_that_it_can_do_without(site, root):
    """A web server or rpcbind may be there; unless the port was asked for."""
    hold(site, "tcp", 80)
    hold(site, "tcp", 111)
    server = start(site, root)
    boot(site)
    assert "LAN-706" in server.log() and "--http-port" in server.log()
    assert Peer(site).lease(options=HTTP_CLIENT).file == ""
    assert "LAN-718" in server.log()
    server.stop()
    server.options = ["--http-port", "80"]
    with pytest.raises(RuntimeError, match="LAN-706"):
        server.start()


def test_beside_another_dhcp_server(site, root):
    """By itself it leaves the addresses to that one, and gives boot data."""
    other = Neighbour(site)
    server = start(site, root, dhcp="auto")
    server.wait_for("another server gives the addresses: 192.168.2.3")
    assert boot(site)["kernel"]["sha256"] == sha256(f"{root.root}/boot/vmlinuz-{OLD}")
    assert "52:54:00:12:34:01" in other.leases()
    assert "LAN-" not in server.log() and "are given" not in server.log()


def test_boot_data_beside_another_dhcp_server(site, root):
    Neighbour(site)
    server = start(site, root, dhcp="proxy")
    assert boot(site)["kernel"]["sha256"] == sha256(f"{root.root}/boot/vmlinuz-{OLD}")
    server.wait_for("another server gives the addresses: 192.168.2.3")
    assert "LAN-" not in server.log()


# Who may mount

def test_only_the_networks_served_may_mount(site, root):
    server = start(site, root)
    client = site.add_client("far", mac="52:54:00:12:34:77")
    site.ip("addr", "add", "10.7.0.5/24", "dev", "eth0", netns=client)
    site.ip("route", "add", "192.168.2.0/24", "dev", "eth0", netns=client)
    site.ip("route", "add", "10.7.0.0/24", "dev", "br0")
    ls = ["timeout", "10", "nfs-ls",
          f"nfs://192.168.2.2{root.root}?version=3&nfsport=2049&mountport=2049"]
    assert "boot" not in site.run(ls, netns=client, check=False)
    server.wait_for("10.7.0.5 may not mount")
    server.stop()
    server.options = ["--allow", "10.7.0.0/16"]
    server.start()
    assert "boot" in site.run(ls, netns=client)


# Changes while it runs

def test_an_address_appears(site, root):
    server = start(site, root)
    site.ip("link", "add", "br1", "type", "bridge")
    site.ip("addr", "add", "192.168.7.1/24", "dev", "br1")
    site.ip("link", "set", "br1", "up")
    server.wait_for("on br1, 192.168.7.1/24")
    server.wait_for("br1: addresses")
    boot(site)
    assert "LAN-" not in server.log()


def test_a_bridge_changes_its_hardware_address(site, root):
    """As it does when it gets another port: nothing is started again."""
    server = start(site, root)
    before = server.processes()
    site.ip("link", "set", "br0", "address", "02:00:00:00:00:99")
    time.sleep(2)
    boot(site)
    assert server.processes() == before


def test_hangup_reads_the_configuration_again(site, root):
    config = write(site.path("lanyardd.conf"), "append = one\n")
    server = start(site, root, config=config)
    assert "one" in boot(site)["command_line"].split()
    write(config, "append = two\n")
    length = len(server.log())
    server.signal(signal.SIGHUP)
    server.wait_for("lanyardd: ready:", start=length)
    assert "two" in boot(site)["command_line"].split()
    write(config, "appendix = three\n")
    server.signal(signal.SIGHUP)
    server.wait_for("goes on as it was")
    assert "LAN-702" in server.log() and f"{config}:1" in server.log()
    assert "two" in boot(site)["command_line"].split()


# Command line and configuration

def run(*words, user=None):
    return subprocess.run([f"{BUILD}/host/lanyardd", *words], capture_output=True, text=True,
                          timeout=60, check=False, user=user,
                          env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))


@pytest.mark.parametrize("words, fact", [
    ((), "no root tree"), (("--frobnicate", "/"), "--frobnicate"), (("/", "/tmp"), "'/tmp'"),
    (("--pool", "192.168.2.9-192.168.2.1", "/"), "FIRST-LAST"), (("--pool", "x", "/"), "--pool"),
    (("--dhcp=maybe", "/"), "proxy"),
    (("--nfs-port", "70000", "/"), "--nfs-port"), (("--router", "nobody", "/"), "--router"),
    (("--allow", "10.0.0.0/33", "/"), "--allow"), (("-i",), "-i"), (("--append", "a\nb", "/"), "append"),
])
def test_command_line(words, fact):
    done = run("-c", os.devnull, *words)
    assert done.returncode == 100 and "LAN-701" in done.stderr and fact in done.stderr, done


def test_help():
    done = run("--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: lanyardd")


def test_not_root(tmp_path):
    done = run("-c", os.devnull, "/usr", user=65534)
    assert done.returncode == 111 and "LAN-707" in done.stderr, done


@pytest.mark.parametrize("text, fact", [
    ("frobnicate = 1\n", ":1: 'frobnicate'"), ("\n# x\nrw = perhaps\n", ":3: 'rw' wants yes or no"),
    ("rw = yes\npool = 1-2\n", ":2: 'pool'"), ("nonsense\n", ":1:"), ("[x]\nrw = yes\n", "'x' is a section"),
    ("append = " + "x" * 300 + "\n", ":1:"), ("check = yes\n", ":1: 'check'"), ("root =\n", "703"),
    ("interface =\n", ":1: 'interface'"),
])
def test_configuration_faults(tmp_path, text, fact):
    path = write(str(tmp_path / "conf"), text)
    done = run("-c", path, *(() if "root" in text else ("/usr",)))
    assert done.returncode == 111 and fact in done.stderr, done
    assert "LAN-702" in done.stderr or "LAN-703" in done.stderr


def test_configuration_that_is_missing():
    done = run("-c", "/nowhere/conf", "/usr")
    assert done.returncode == 111 and "LAN-702" in done.stderr and "/nowhere/conf" in done.stderr


def test_command_line_wins(site, root):
    other = Root(site.path("other"))
    config = write(site.path("lanyardd.conf"), f"""
# A whole configuration.
root = {other.root}
rw = yes
append = from the file   ; a comment
interface = br7
modules = list:nothing
tftp-port = 6969
no-portmap = yes
""")
    start(site, root, "--append", "from the line", "-i", "br0", "--tftp-port", "69", config=config)
    words = boot(site)["command_line"].split()
    assert {"line", "rw"} <= set(words) and "file" not in words
    assert any(word.startswith(f"nfsroot=192.168.2.2:{root.root},") for word in words)
    assert not site.bound("tcp", 111)


# --check

def check(site, root, *options, status=0):
    server = Lanyardd.__new__(Lanyardd)
    server.root, server.options, server.rw, server.modules = root.root, list(options), False, None
    server.dhcp, server.programs, server.config = "auto", BIN, os.devnull
    server.leaks = False
    server.program, server.state = f"{BUILD}/host/lanyardd", site.path("state")
    argv = " ".join(["ASAN_OPTIONS=detect_leaks=0", *map(str, server.argv()[2:]), "--check"])
    output = site.run(["sh", "-c", f"{argv}; echo status $?"], timeout=60)
    assert output.splitlines()[-1] == f"status {status}", output
    lines = output.splitlines()[:-2]
    assert all(line.split()[0] in ("ok", "note", "problem") for line in lines), output
    return [line for line in lines if line.startswith("problem")], output


def test_check_finds_nothing(site, root):
    """What it can do without is no problem."""
    hold(site, "udp", 4011)
    problems, output = check(site, root)
    assert not problems and OLD in output and "192.168.2.2/24" in output
    assert "goes on without proxyDHCP's second port" in output and "let in UDP 67, UDP 4011," in output
    assert "no other DHCP server answers on br0" in output
    assert not os.path.exists(site.path("state"))  # nothing is changed


def test_check_before_a_proxy(site, root):
    """The other server is what it needs; the second port is one more."""
    Neighbour(site)
    hold(site, "udp", 4011)
    problems, output = check(site, root, "--dhcp", "proxy", status=1)
    assert len(problems) == 1 and "LAN-706" in problems[0] and "4011" in problems[0]
    assert "another DHCP server answers on br0: 192.168.2.3" in output and "UDP 4011" in output


def test_check_beside_a_lanyardd_that_serves(site, root):
    start(site, root)
    problems, output = check(site, root)
    assert not problems and "lanyardd's already" in output


def test_check_finds_everything(site, root):
    """Each problem on one line with its number; the exit status tells."""
    hold(site, "udp", 69)
    hold(site, "udp", 67)
    Neighbour(site)
    shutil.rmtree(f"{root.root}/boot")
    os.unlink(f"{root.root}/sbin/init")
    problems, _ = check(site, root, "--tftp-root", "/nowhere", "--dhcp=pool", status=1)
    text = "\n".join(problems)
    for number, fact in (("704", root.root), ("703", "init"), ("706", "port 69: by python3"),
                         ("706", "port 67: by python3"), ("710", "192.168.2.3"), ("715", "/nowhere")):
        assert any(f"LAN-{number}" in line and fact in line for line in problems), (number, text)


def test_check_finds_modules_that_mklanyard_may_not_read(site, root):
    os.chmod(root.path("modules.order"), 0o600)
    problems, _ = check(site, root, status=1)
    assert len(problems) == 1 and "LAN-715" in problems[0] and "modules.order" in problems[0]


# An initramfs for each machine

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
