# SPDX-License-Identifier: BSD-2-Clause
"""lanyard-host --lint: what an administrator is told of a configuration."""

import subprocess

import pytest

from tests.host.client import PROGRAM
from tests.host.tree import write

GOOD = """# fine
UI menu.c32
INCLUDE pxelinux.cfg/more
LABEL linux
LINUX vmlinuz
INITRD initrd.img,::initrd.img,tftp://192.0.2.1/elsewhere
LABEL local
LOCALBOOT 0
LABEL disk
COM32 chain.c32
APPEND hd0,1 swap
LABEL other
KERNEL memtest.bin
MENU PASSWD $4$abcd$xx
MENU MASTER PASSWD $1$a$b
"""

# lines, and what is said of them
CASES = [
    ("Lable x", 'default:1: "Lable x": expected a word of pxelinux.cfg, perhaps label'),
    ("\nMENU TITEL x", 'default:2: "MENU TITEL x": expected a word that MENU knows, perhaps title'),
    ("TIMEOUT soon", 'default:1: "TIMEOUT soon": expected a number'),
    ("INCLUDE gone", 'default:1: "INCLUDE gone": expected a file that the server has'),
    ("INCLUDE pxelinux.cfg/default", "expected a file that does not include itself"),
    ("LABEL a\nLINUX gone", "default:1: gone: there is no such file"),
    ("LABEL a\nLINUX vmlinuz\nINITRD initrd.img,gone.img", "default:1: gone.img: there is no such initrd"),
    ("LABEL a\nLINUX vmlinuz\n\nLABEL a\nLINUX vmlinuz", "default:4: LABEL a: a label before it has the same name"),
    ("LABEL a\nLINUX vmlinuz\nAPPEND " + "x" * 2050, "default:1: the command line is too long"),
    ("DEFAULT gone", "default: DEFAULT gone: there is no such label, nor a file of that name"),
    ("ONTIMEOUT gone x", "default: ONTIMEOUT gone: there is no such label"),
    ("IMPLICIT 0\nDEFAULT vmlinuz", "default: DEFAULT vmlinuz: there is no such label"),
    ("NOESCAPE 1\nDEFAULT a\nLABEL a\nLINUX vmlinuz\nLABEL b\nLINUX vmlinuz", "default:5: LABEL b: never reached"),
    ("DISPLAY gone.txt", "default:1: DISPLAY gone.txt: there is no such file"),
    ("LABEL a\nLINUX vmlinuz\nMENU PASSWD $2$x$y", "default:1: $2$ is an encryption of passwords that cannot be checked"),
    ("LABEL a\nLINUX vmlinuz\nMENU PASSWD $6$x$y", "default:1: $6$ passwords stay locked on BIOS machines: use $1$ or $4$"),
    ("LABEL a\nLINUX vmlinuz\nMENU PASSWD $5$rounds=200000$x$y", "so many rounds take too long"),
    ("MENU MASTER PASSWD $y$x$y", "default:1: $y$ is an encryption"),
    ("LABEL a\nCOMBOOT memtest.bin", "memtest.bin: this kind of program cannot be started"),
    ("LABEL a\nPXE gone.0", "gone.0: there is no such file"),
    ("LABEL a\nCOM32 chain.c32\nAPPEND hd0 save", 'default:1: this module cannot be run (chain.c32: "save" is not known here'),
    ("LABEL a\nCOM32 hdt.c32", 'default:1: this module cannot be run ("hdt.c32": a module of syslinux)'),
    ("LABEL a\nKERNEL mboot.c32", "Multiboot"),
]


@pytest.fixture
def root(tmp_path):
    for name in ("vmlinuz", "initrd.img", "memtest.bin"):
        write(str(tmp_path / name), b"x")
    write(str(tmp_path / "pxelinux.cfg/more"), "LABEL in\nLINUX /vmlinuz\n")
    return tmp_path


def lint(root, text, *words):
    write(str(root / "pxelinux.cfg/default"), text)
    run = subprocess.run([PROGRAM, "--lint", str(root / "pxelinux.cfg/default"), *words],
                         capture_output=True, text=True, timeout=30)
    assert not run.stderr, run.stderr
    return run.returncode, run.stdout


def test_nothing_wrong(root):
    assert lint(root, GOOD) == (0, "")


@pytest.mark.parametrize("text, words", CASES)
def test_what_is_wrong(root, text, words):
    status, output = lint(root, text + "\n")
    assert status == 1
    assert words in output
    assert len(output.splitlines()) == 1, output
    assert output.startswith((str(root), "pxelinux.cfg/"))


def test_root_is_where_the_files_are(root, tmp_path):
    other = tmp_path / "other"
    write(str(other / "vmlinuz"), b"x")
    status, output = lint(root, GOOD, "--root", str(other))
    assert status == 1
    assert "initrd.img: there is no such initrd" in output and "more" in output and "vmlinuz" not in output


def test_a_thousand_labels_and_fifty_files(root):
    for number in range(50):
        labels = "".join(f"LABEL l{number}-{i}\nMENU LABEL Entry {i}\nLINUX vmlinuz\nAPPEND root=/dev/nfs n={i}\n"
                         "INITRD initrd.img\n" for i in range(20))
        write(str(root / f"part{number}"), labels)
    text = "".join(f"MENU INCLUDE part{number} Part {number}\n" for number in range(50))
    assert lint(root, "UI menu.c32\n" + text) == (0, "")
    run = subprocess.run([PROGRAM, "--lint", str(root / "pxelinux.cfg/default"), "--show"], capture_output=True,
                         text=True, timeout=30)
    assert run.stderr.startswith("1000 labels in 51 files, read in ")
