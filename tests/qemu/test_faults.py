# SPDX-License-Identifier: BSD-2-Clause
"""What is missing is said in a sentence with a number (netstack/base/fault.def), on the console that
the person looks at; nothing hangs: the machine goes on by itself, to a retry and to a reboot.

The boot program's faults are met through the card's PXE ROM; init's with -kernel and -initrd, which
reaches init in a few seconds."""

import json
import re
import subprocess

from tests.qemu.support import BOOT_TIMEOUT, INITRD, PROGRAM, SHELL
from tests.site import Dnsmasq, Ganesha, Lanyardd, Machine
from tests.site.paths import BIN
from tests.site.payload import INITRDS, RootCopy, TftpTree, boot_file, kernel

CONFIG = """\
SERIAL 0 115200
DEFAULT linux
LABEL linux
  KERNEL {kernel}
  INITRD initrd.img
  APPEND root=/dev/nfs nfsroot=192.168.2.2:/nfsroot ip=dhcp rw console=ttyS0
"""

# What init says while it goes on trying.
TRIES_AGAIN = r"waiting for the next try"

# -no-reboot makes a reset the machine's end.
REBOOT_TIMEOUT = 240


def boot_program(site, config, extra=()):
    """Servers with this configuration, and a machine that boots from them."""
    tree = TftpTree(site, config, PROGRAM, INITRD)
    Dnsmasq(site, tftp_root=tree.dir, boot_file=boot_file(PROGRAM), extra=extra)
    return Machine(site)


def start_init(site, words):
    """A machine that starts Linux and init at once, with these words on the command line."""
    return Machine(site, kernel=kernel(), initrd=INITRDS.get(INITRD, INITRD),
                   append=f"console=ttyS0 loglevel=4 root=/dev/nfs panic=5 {words}")


def test_missing_kernel(site):
    """The server knows of it: from a line in its log, and by a tape that repeats the boot on a desk."""
    tree = TftpTree(site, "REPLAY ::lanyard.tape\n" + CONFIG.format(kernel="nosuchkernel"))
    server = Lanyardd(site, RootCopy(site).dir, "--tftp-root", tree.dir)
    with Machine(site) as machine:
        machine.wait_for(r"LAN-201 .*nosuchkernel", BOOT_TIMEOUT)
        machine.wait_for(r"the server has a tape of this", 60)
        machine.wait_for(r"(?i)reboot", REBOOT_TIMEOUT)
        machine.wait_end(REBOOT_TIMEOUT)
    assert re.search(r"client: 52:54:00:12:34:01 \(192\.168\.2\.\d+\): lanyard: LAN-201 .*nosuchkernel", server.log())
    tape = re.search(r"lanyard-host --replay (\S+/52-54-00-12-34-01\.tape)$", server.log(), re.MULTILINE)
    done = subprocess.run([f"{BIN}/lanyard-host", "--replay", tape[1]], capture_output=True, text=True,
                          timeout=60, check=False)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [e["id"] for e in events if e["event"] == "fault"] == ["LAN-201"], done
    assert events[-1] == {"event": "tape_ends", "fault": "LAN-201", "repeated": True, "lost": 0}, done
    assert [e["file"] for e in events if e["event"] == "request"][-1] == "nosuchkernel"


def test_missing_configuration(site):
    # Option 211: seconds until the reboot.
    with boot_program(site, None, ["dhcp-option-force=211,30i"]) as machine:
        machine.wait_for_screen(r"LAN-301", BOOT_TIMEOUT)
        machine.wait_end(REBOOT_TIMEOUT)


def test_unknown_host_for_the_boot_program(site):
    with boot_program(site, CONFIG.format(kernel="nosuchhost::vmlinuz")) as machine:
        machine.wait_for(r"LAN-512 .*nosuchhost", BOOT_TIMEOUT)
        machine.wait_for(r"(?i)reboot", REBOOT_TIMEOUT)


def test_no_dhcp_answer(site):
    with start_init(site, "nfsroot=192.168.2.2:/nfsroot ip=dhcp") as machine:
        machine.wait_for(r"LAN-104 .*52:54:00:12:34:01", BOOT_TIMEOUT)
        machine.wait_end(REBOOT_TIMEOUT)


def test_dhcp_server_gone_after_the_boot_program(site):
    """The recorded lease is enough: nobody has to answer a second time."""
    tree = TftpTree(site, CONFIG.format(kernel="vmlinuz"), PROGRAM, INITRD)
    root = RootCopy(site)
    server = Dnsmasq(site, tftp_root=tree.dir, boot_file=boot_file(PROGRAM))
    Ganesha(site, {"/nfsroot": root.dir})
    with Machine(site) as machine:
        machine.wait_for(r"Linux version", BOOT_TIMEOUT)
        server.stop()
        machine.wait_for(SHELL, BOOT_TIMEOUT)
        machine.shell("cat /proc/mounts")


def test_no_nfs_export(site):
    """Most servers answer 'not exported' and 'not for you' alike: their lists of exports tell which."""
    Dnsmasq(site)
    Ganesha(site, {"/nfsroot": RootCopy(site).dir})
    with start_init(site, "nfsroot=192.168.2.2:/nosuchexport ip=dhcp") as machine:
        machine.wait_for(r"LAN-507 .*/nosuchexport.*; the server exports /nfsroot\)", BOOT_TIMEOUT)
        machine.wait_for(TRIES_AGAIN, 60)


def test_no_nfs_server(site):
    Dnsmasq(site)
    with start_init(site, "nfsroot=192.168.2.2:/nfsroot ip=dhcp") as machine:
        machine.wait_for(r"LAN-505 .*192\.168\.2\.2", BOOT_TIMEOUT)
        machine.wait_for(TRIES_AGAIN, 60)


def test_unknown_host_for_init(site):
    Dnsmasq(site)
    with start_init(site, "nfsroot=nosuchhost.example:/nfsroot ip=dhcp") as machine:
        machine.wait_for(r"LAN-512 .*nosuchhost\.example", BOOT_TIMEOUT)
        machine.wait_for(TRIES_AGAIN, 60)
