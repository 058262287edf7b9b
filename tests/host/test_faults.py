# SPDX-License-Identifier: BSD-2-Clause
"""What goes wrong is told by number and name, tried again, then another way; and nothing hangs."""

import hashlib
import os
import random
import subprocess
import sys
import time

import pytest

from tests.host.client import HWADDR, PROGRAM, SERVER, dhcp
from tests.host.kernel import ARM64, ELF, HTML, blob, bzimage
from tests.site import Dnsmasq
from tests.site.namespace import kill_group

OTHER = "192.168.2.3"
FILES = {"vmlinuz": bzimage(), "second": bzimage(seed=2), "a": blob(100, "a")}
DEFAULT = "pxelinux.cfg/default"
CONFIG = "DEFAULT l\nLABEL l\nKERNEL vmlinuz\n"
EXPIRE = ",".join(["expire"] * 20)


def countdowns(result):
    return [e["what"] for e in result.of("countdown")]


def next_servers(result):
    return [line.split(", ")[1] for line in result.console.splitlines() if "the next server" in line]


def tftpd(site, root, mode, address=SERVER):
    """Our own server of one of its kinds, bound when this returns."""
    program = os.path.join(os.path.dirname(__file__), "tftpd.py")
    site.popen([sys.executable, program, address, root, mode])
    deadline = time.monotonic() + 10
    while f"{address}:69" not in site.run(["ss", "-lnuH"]):
        assert time.monotonic() < deadline
        time.sleep(0.02)


# Files

def test_missing_kernel(dnsmasq):
    result = dnsmasq.boot("DEFAULT l\nLABEL l\nKERNEL nosuch\n", FILES)
    assert result.faults == ["LAN-201"], result
    sentence = result.sentence("LAN-201")
    assert "nosuch" in sentence and SERVER in sentence
    assert result.loaded() == ["nosuch"]
    assert countdowns(result) == ["rebooting"] and result.status == 1


def test_missing_initrd_is_known_before_any_is_fetched(dnsmasq):
    result = dnsmasq.boot(CONFIG + "INITRD a,nosuch\n", FILES)
    assert result.faults == ["LAN-201"], result
    assert "nosuch" in result.sentence("LAN-201")
    assert result.loaded() == ["vmlinuz", "a", "nosuch"]


def test_another_label_is_tried(dnsmasq):
    config = "DEFAULT l\nLABEL l\nKERNEL nosuch\nLABEL l\nKERNEL vmlinuz\nLABEL other\nKERNEL second\n"
    result = dnsmasq.boot(config, FILES, "--countdown", "expire")
    assert countdowns(result) == ["trying label other"], result
    assert result.line == "BOOT_IMAGE=second "


def test_another_configuration_is_tried(dnsmasq):
    files = FILES | {"pxelinux.cfg/C0A802": "DEFAULT l\nLABEL l\nKERNEL nosuch\n"}
    result = dnsmasq.boot(CONFIG, files, "--countdown", "expire")
    assert countdowns(result) == ["trying this configuration"], result
    assert result.line == "BOOT_IMAGE=vmlinuz "


def test_a_key_stops_and_gives_the_prompt(dnsmasq):
    result = dnsmasq.boot("DEFAULT l\nLABEL l\nKERNEL nosuch\n", FILES, "--countdown", "key",
                          "--keys", "second\n")
    assert countdowns(result) == ["rebooting"]
    assert result.loaded()[-1] == "second" and result.plan, result


def test_when_nothing_is_left_the_machine_restarts(dnsmasq):
    config = "DEFAULT l\nLABEL l\nKERNEL nosuch\nLABEL m\nKERNEL nosuch\n"
    result = dnsmasq.boot(config, FILES, "--countdown", EXPIRE)
    assert countdowns(result) == ["trying label m", "rebooting"], result
    assert result.events[-1] == {"event": "reset"} and result.status == 1


NO_KERNELS = {  # name: the file, the fault, a word of its sentence
    "empty": (b"", "LAN-209", ""),
    "a web page": (HTML, "LAN-401", "HTML"),
    "a program": (ELF, "LAN-401", "ELF"),
    "for arm64": (ARM64, "LAN-401", "arm64"),
    "compressed": (b"\x1f\x8b\x08" + bytes(99), "LAN-401", "gzip"),
    "short noise": (blob(3000, 1), "LAN-401", ""),
    "noise": (blob(100_000, 2), "LAN-401", ""),
    "a byte is missing": (bzimage()[:-1], "LAN-402", ""),
    "all but the header is missing": (bzimage()[:700], "LAN-402", ""),
    "cut within the header": (bzimage()[:0x230], "LAN-402", ""),
    "one byte": (b"M", "LAN-401", ""),
}


@pytest.mark.parametrize("kind", NO_KERNELS)
def test_not_a_kernel(dnsmasq, kind):
    kernel, fault, word = NO_KERNELS[kind]
    result = dnsmasq.boot(CONFIG, {"vmlinuz": kernel})
    assert result.faults == [fault], result
    sentence = result.sentence(fault)
    assert word in sentence and f'("vmlinuz" from {SERVER})' in sentence, sentence


def test_empty_initrd(dnsmasq):
    result = dnsmasq.boot(CONFIG + "INITRD a,empty\n", FILES | {"empty": b""})
    assert result.faults == ["LAN-209"], result
    assert "empty" in result.sentence("LAN-209")


def test_command_line_too_long(dnsmasq):
    result = dnsmasq.boot(CONFIG + "APPEND " + "x" * 2030 + "\n", FILES)
    assert result.faults == ["LAN-307"], result
    assert "2049 characters" in result.sentence("LAN-307")
    assert result.loaded() == []


def test_command_line_too_long_for_this_kernel(dnsmasq):
    files = {"vmlinuz": bzimage(cmdline_size=255)}
    assert dnsmasq.boot(CONFIG + "APPEND " + "x" * 200 + "\n", files).plan
    result = dnsmasq.boot(CONFIG + "APPEND " + "x" * 240 + "\n", files)
    assert result.faults == ["LAN-307"], result
    assert "takes 255" in result.sentence("LAN-307")


def test_too_many_initrds(dnsmasq):
    assert len(dnsmasq.boot(CONFIG + "INITRD " + ",".join(["a"] * 16) + "\n", FILES).initrds) == 16
    result = dnsmasq.boot(CONFIG + "INITRD " + ",".join(["a"] * 17) + "\n", FILES)
    assert result.faults == ["LAN-302"], result


def test_memory_too_small_for_the_kernel(dnsmasq):
    result = dnsmasq.boot(CONFIG, {"vmlinuz": bzimage(init_size=54 << 20)}, "--memory", "64")
    assert result.faults == ["LAN-403"], result
    assert "64 MB" in result.sentence("LAN-403")


def test_memory_too_small_for_the_initrd(dnsmasq):
    result = dnsmasq.boot(CONFIG + "INITRD big\n", FILES | {"big": bytes(40 << 20)}, "--memory", "32")
    assert result.faults == ["LAN-403"], result
    assert "big" not in result.loaded()[2:]


def test_initrd_above_the_kernels_limit(dnsmasq):
    files = {"vmlinuz": bzimage(initrd_max=(20 << 20) - 1), "a": blob(6 << 20, "a")}
    result = dnsmasq.boot(CONFIG + "INITRD a\n", files)
    assert result.plan, result
    files["a"] = blob(30 << 20, "a")
    assert dnsmasq.boot(CONFIG + "INITRD a\n", files).faults == ["LAN-403"]


@pytest.mark.parametrize("seed", range(8))
def test_a_binary_configuration(dnsmasq, seed):
    words = [b"LABEL ", b"DEFAULT ", b"KERNEL ", b"APPEND ", b"initrd=", b"\n", b"\0", b"TEXT HELP\n"]
    chosen = random.Random(seed)
    config = b"".join(chosen.choice([*words, chosen.randbytes(9)]) for _ in range(4000))
    dnsmasq.serve({DEFAULT: config[:60_000]})
    result = dnsmasq.run("--countdown", EXPIRE, "--keys", "\n" * 4, ack=dhcp(), timeout=60)
    assert result.status == 1 and result.faults, result


# No configuration

def test_missing_configuration(dnsmasq):
    result = dnsmasq.boot(None, FILES)
    assert result.faults == ["LAN-301"], result
    assert SERVER in result.sentence("LAN-301")
    assert countdowns(result) == ["looking again"]
    assert "rebooting in 300 s" in result.console


@pytest.mark.parametrize("options, seconds", [({}, 300), ({211: (30).to_bytes(4, "big")}, 30)])
def test_it_is_looked_for_again_until_the_reboot(dnsmasq, options, seconds):
    result = dnsmasq.boot(None, FILES, "--countdown", EXPIRE, ack=dhcp(options=options))
    assert result.events[-1] == {"event": "reset"}
    assert sum(e["ms"] for e in result.of("countdown")) == seconds * 1000, result
    assert len(result.of("countdown")) == len(result.faults) - 1 >= 3


def test_it_appears_meanwhile(dnsmasq):
    def appear(event):
        if event["event"] == "countdown":
            path = os.path.join(dnsmasq.root, DEFAULT)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path + "~", "w", encoding="ascii") as file:
                file.write(CONFIG)
            os.rename(path + "~", path)

    result = dnsmasq.boot(None, FILES, "--countdown", EXPIRE, on_event=appear)
    assert result.plan, result


# Servers

def test_a_server_that_is_not_there(dnsmasq):
    result = dnsmasq.boot(CONFIG, FILES, "--hurry", "50", ack=dhcp(server="192.168.2.9",
                                                                  next_server="192.168.2.9"))
    assert set(result.faults) == {"LAN-107"} and len(result.faults) == 4, result
    assert "192.168.2.9" in result.sentence("LAN-107")
    assert countdowns(result) == ["looking again"]
    assert "trying 192.168.2.9 again in 2 s" in result.console


def test_the_next_server_is_tried(dnsmasq):
    result = dnsmasq.boot(CONFIG, FILES, "--hurry", "50", ack=dhcp(next_server="192.168.2.9"))
    assert set(result.faults) == {"LAN-107"}, result
    assert result.plan and f"trying the next server, {SERVER}" in result.console


def test_no_server_is_known(dnsmasq):
    result = dnsmasq.boot(CONFIG, FILES, ack=dhcp(next_server=None, options={54: None}))
    assert result.faults == ["LAN-211"], result


def test_a_server_on_no_network(dnsmasq):
    result = dnsmasq.boot(CONFIG, FILES, "--hurry", "50",
                          ack=dhcp(server="10.9.9.9", next_server="10.9.9.9", options={3: None}))
    assert set(result.faults) == {"LAN-108"}, result


def test_nothing_listens(segment):
    result = segment.run("--hurry", "20", ack=dhcp())
    assert set(result.faults) == {"LAN-210"}, result


def test_a_mute_server(segment):
    tftpd(segment.site, segment.root, "mute")
    result = segment.run("--hurry", "100", ack=dhcp())
    assert set(result.faults) == {"LAN-204"}, result
    assert "waiting for pxelinux.cfg/01-52-54-00-12-34-01 from 192.168.2.2 (" in result.console


@pytest.mark.parametrize("mode, restarts", [("sized", 0), ("lossy", 2), ("hasty", 0)])
def test_acks_ahead_of_their_blocks(segment, mode, restarts):
    """A server without windows gets ACKs for blocks that are to come. If one of these is lost, the
    file is loaded again from its beginning."""
    tftpd(segment.site, segment.root, mode)
    segment.serve({DEFAULT: CONFIG + "INITRD a,b\n", "vmlinuz": bzimage(100_000),
                   "a": blob(70_001, "a"), "b": blob(1024, "b")})
    result = segment.run(ack=dhcp())
    assert result.plan and result.faults == [], result
    segment.check_contents(result.plan, "vmlinuz")
    again = "a packet of vmlinuz was lost: loading it from its beginning"
    assert " ".join(result.console.split()).count(again) == restarts


def test_a_card_that_stops_sending(dnsmasq):
    result = dnsmasq.boot(CONFIG, FILES, "--hurry", "100", "--stuck", "3", ack=dhcp())
    assert set(result.faults) <= {"LAN-204", "LAN-205", "LAN-107"} and result.faults, result
    assert not result.plan and countdowns(result), result


def test_a_server_dies_and_comes_back(segment):
    server = Dnsmasq(segment.site, tftp_root=segment.root)
    asked = []

    def trouble(event):
        if event["event"] == "request" and event["file"] == "big":
            asked.append(event)
            if len(asked) == 2:  # the first one asks for the size only
                time.sleep(0.3)
                server.stop()
        elif event["event"] == "fault" and not server.process:
            server.start()

    result = segment.boot(CONFIG + "INITRD big,a\n", FILES | {"big": blob(30_000_000, "big")},
                          "--hurry", "10", on_event=trouble)
    assert result.faults[0] == "LAN-205", result
    assert "big" in result.sentence("LAN-205")
    assert result.plan, result
    segment.check_contents(result.plan, "vmlinuz")


@pytest.mark.parametrize("kind, faults", [
    ("same", ["LAN-205"] * 2), ("other", ["LAN-205"] * 2 + ["LAN-217"]),
    ("shorter", ["LAN-205"] * 2 + ["LAN-217"])])
def test_the_next_server_continues(segment, kind, faults):
    """Half of the kernel comes from the first server. The next one's file has to agree with it."""
    kernel = bzimage(200_000)
    kernels = {"same": kernel, "other": kernel[:9000] + b"other" + kernel[9005:],
               "shorter": bzimage(150_000)}
    segment.serve({DEFAULT: CONFIG, "vmlinuz": kernel})
    there = segment.site.path("next")
    os.mkdir(there)
    with open(os.path.join(there, "vmlinuz"), "wb") as file:
        file.write(kernels[kind])
    segment.site.ip("addr", "add", f"{OTHER}/24", "dev", "br0")
    tftpd(segment.site, segment.root, "half")
    tftpd(segment.site, there, "sized", OTHER)
    result = segment.run("--hurry", "20", ack=dhcp(server=OTHER), timeout=60)
    assert result.faults == faults, result
    assert f"trying the next server, {OTHER}" in result.console
    assert result.plan["kernel"]["sha256"] == hashlib.sha256(kernels[kind]).hexdigest()


def test_the_next_servers(dnsmasq):
    """After the configuration's, which is off: the proxy's, not the ACK's, which is not there either."""
    ack = dhcp(boot_file="", next_server="192.168.2.9", server="192.168.2.9",
               options={210: b"tftp://192.168.2.8/", 150: bytes([192, 168, 2, 10, 192, 168, 2, 11])})
    dnsmasq.serve(FILES | {"pxelinux.cfg/01-52-54-00-12-34-01": CONFIG})
    result = dnsmasq.run("--hurry", "50", ack=ack,
                         proxy=dhcp(address=None, options={60: b"PXEClient"}))
    assert set(result.faults) == {"LAN-107"}, result
    assert next_servers(result)[0] == SERVER and result.plan, result


def test_all_next_servers(dnsmasq):
    """The configuration's, the proxy's, those of option 150, the DHCP server."""
    ack = dhcp(boot_file="", next_server=None, server="192.168.2.9",
               options={210: b"tftp://192.168.2.8/", 150: bytes([192, 168, 2, 10, 192, 168, 2, 11])})
    result = dnsmasq.run("--hurry", "50", ack=ack, proxy=dhcp(
        address=None, next_server="192.168.2.7", options={60: b"PXEClient"}))
    assert next_servers(result)[:4] == [f"192.168.2.{n}" for n in (7, 10, 11, 9)], result
    assert not result.plan


def test_a_server_dies_for_good(segment):
    server = Dnsmasq(segment.site, tftp_root=segment.root)

    def trouble(event):
        if event["event"] == "request" and event["file"] == "vmlinuz":
            server.stop()

    result = segment.boot(CONFIG, {"vmlinuz": bzimage(30_000_000)}, "--hurry", "50", on_event=trouble)
    assert len(result.faults) == 4 and set(result.faults) <= {"LAN-204", "LAN-205", "LAN-210"}, result
    assert countdowns(result) == ["rebooting"]


# DHCP

def test_no_dhcp_answer(segment):
    result = segment.run("--hurry", "200")
    assert result.faults == ["LAN-104"], result
    assert HWADDR in result.sentence("LAN-104") and " in 3" in result.sentence("LAN-104")
    assert "waiting for an answer to DHCPDISCOVER" in result.console
    assert result.events[-1] == {"event": "reset"} and result.status == 1


def test_no_link(segment):
    segment.site.link(f"v-{segment.netns}", False)
    result = segment.run("--hurry", "200")
    assert result.faults == ["LAN-103"], result


def test_a_lease_that_cannot_be_used(dnsmasq):
    """DHCP is then done anew."""
    dnsmasq.serve(FILES | {DEFAULT: CONFIG})
    for ack in (b"garbage", dhcp(address=None), dhcp(address="127.0.0.1"), dhcp(op=1)):
        result = dnsmasq.run(ack=ack)
        assert result.faults == ["LAN-106"], result
        assert result.plan
        assert [e["message"] for e in result.of("request") if e["protocol"] == "dhcp"][:1] == [
            "DHCPDISCOVER"]


def test_the_firmwares_lease_needs_no_dhcp(dnsmasq):
    result = dnsmasq.boot(CONFIG, FILES)
    assert all(e["protocol"] == "tftp" for e in result.of("request")), result
    assert "lease 192.168.2.50/24 from 192.168.2.2 (firmware)" in result.console


def test_a_card_that_does_not_start(segment):
    """A tap that another program has opened."""
    tap = segment.site.add_tap()
    segment.netns = None
    first = segment.site.popen([PROGRAM, "--iface", tap], stdout=subprocess.PIPE, text=True)
    first.stdout.readline()
    result = segment.run(interface=tap)
    assert result.faults == ["LAN-102", "LAN-101"], result
    result = segment.run("--hurry", "100", interface=tap, ack=dhcp())
    assert result.faults.count("LAN-102") == 7 and result.events[-1] == {"event": "reset"}, result
    kill_group(first)
    first.stdout.close()
