# SPDX-License-Identifier: BSD-2-Clause
"""The configuration language: what pxelinux makes of these files, lanyard plans."""

import pytest

from tests.host.client import dhcp, terminal
from tests.host.kernel import blob, bzimage

FILES = {
    "vmlinuz": bzimage(seed=1), "second": bzimage(seed=2), "Foo": bzimage(seed=3),
    "a.img": blob(5001, "a"), "b.img": blob(1, "b"), "c.img": blob(30_000, "c"),
    "sub/d.img": blob(1428 * 3, "d"),
}
LABEL = "LABEL linux\nKERNEL vmlinuz\n"
IP = "ip=192.168.2.50:192.168.2.2:192.168.2.2:255.255.255.0"
BOOTIF = "BOOTIF=01-52-54-00-12-34-01"

# name: configuration, the command line, the initrds
PLANS = {
    "the how-to's file": (
        "DEFAULT linux\nLABEL linux\nKERNEL vmlinuz\nAPPEND root=/dev/nfs initrd=a.img "
        "nfsroot=192.168.2.2:/nfsroot ip=dhcp rw\n",
        "BOOT_IMAGE=vmlinuz root=/dev/nfs initrd=a.img nfsroot=192.168.2.2:/nfsroot ip=dhcp rw",
        ["a.img"]),
    "keywords in any case, tabs, CR": (
        "dEfAuLT\tlinux\r\n  lAbEl\tlinux\r\n\tLinux vmlinuz\r\n\tApPend\t a b\r\n",
        "BOOT_IMAGE=vmlinuz a b", []),
    "a CR cuts the line": ("DEFAULT linux\n" + LABEL + "APPEND a\rb\n", "BOOT_IMAGE=vmlinuz a", []),
    "trailing blanks are kept": ("DEFAULT linux\n" + LABEL + "APPEND a  \n", "BOOT_IMAGE=vmlinuz a  ",
                                 []),
    "a comment after a value reaches the kernel": (
        "# first\nDEFAULT linux\n" + LABEL + "#APPEND no\nAPPEND a # b\n", "BOOT_IMAGE=vmlinuz a # b", []),
    "a label's kernel defaults to its name": ("DEFAULT second\nLABEL second\n", "BOOT_IMAGE=second ", []),
    "all of LABEL before its first word": (
        "DEFAULT Foo Bar\nLABEL Foo\nLABEL Foo Bar\nKERNEL vmlinuz\nAPPEND a\n", "BOOT_IMAGE=vmlinuz a", []),
    "first word of LABEL, DEFAULT with arguments": (
        "DEFAULT Foo x\nLABEL Foo Bar\nKERNEL vmlinuz\nAPPEND a\n", "BOOT_IMAGE=vmlinuz a x", []),
    "matching is case-sensitive": (
        "DEFAULT Foo\nLABEL foo\nKERNEL second\nLABEL Foo\nKERNEL vmlinuz\n", "BOOT_IMAGE=vmlinuz ", []),
    "the first duplicate label wins": (
        "DEFAULT linux\n" + LABEL + "LABEL linux\nKERNEL second\n", "BOOT_IMAGE=vmlinuz ", []),
    "the last value in a label wins": (
        "DEFAULT linux\nLABEL linux\nKERNEL menu.c32\nAPPEND a\nLINUX vmlinuz\nAPPEND b\n",
        "BOOT_IMAGE=vmlinuz b", []),
    "the last DEFAULT wins": ("DEFAULT second\n" + LABEL + "DEFAULT linux\n", "BOOT_IMAGE=vmlinuz ", []),
    "DEFAULT within a label is global": (LABEL + "DEFAULT linux\nAPPEND a\n", "BOOT_IMAGE=vmlinuz a", []),
    "a global APPEND": ("APPEND g h\nDEFAULT linux\n" + LABEL, "BOOT_IMAGE=vmlinuz g h", []),
    "a label's APPEND replaces the global one": (
        "APPEND g\nDEFAULT linux\n" + LABEL + "APPEND a\n", "BOOT_IMAGE=vmlinuz a", []),
    "APPEND - is none": ("APPEND g\nDEFAULT linux\n" + LABEL + "APPEND -\n", "BOOT_IMAGE=vmlinuz ", []),
    "'- ' is not '-'": ("APPEND g\nDEFAULT linux\n" + LABEL + "APPEND - \n", "BOOT_IMAGE=vmlinuz - ", []),
    "an empty APPEND is none, too": (
        "APPEND g\nDEFAULT linux\n" + LABEL + "APPEND\n", "BOOT_IMAGE=vmlinuz ", []),
    "KERNEL outside a label is ignored": (
        "KERNEL second\nINITRD a.img\nDEFAULT linux\nLABEL linux\nKERNEL vmlinuz\n", "BOOT_IMAGE=vmlinuz ",
        []),
    "KERNEL with arguments": (
        "DEFAULT linux\nLABEL linux\nKERNEL vmlinuz x=1 y\nAPPEND a\n", "BOOT_IMAGE=vmlinuz x=1 y a", []),
    "INITRD comes after APPEND": (
        "DEFAULT linux\n" + LABEL + "INITRD a.img\nAPPEND a b\n", "BOOT_IMAGE=vmlinuz a b initrd=a.img",
        ["a.img"]),
    "several initrds": (
        "DEFAULT linux\n" + LABEL + "INITRD b.img,sub/d.img,a.img,c.img\n",
        "BOOT_IMAGE=vmlinuz initrd=b.img,sub/d.img,a.img,c.img", ["b.img", "sub/d.img", "a.img", "c.img"]),
    "the same initrd twice": (
        "DEFAULT linux\n" + LABEL + "INITRD b.img,b.img\n", "BOOT_IMAGE=vmlinuz initrd=b.img,b.img",
        ["b.img", "b.img"]),
    "the first initrd= on the line wins": (
        "DEFAULT linux initrd=c.img\n" + LABEL + "APPEND initrd=a.img\nINITRD b.img\n",
        "BOOT_IMAGE=vmlinuz initrd=a.img initrd=b.img initrd=c.img", ["a.img"]),
    "initrd= within another word": (
        "DEFAULT linux\n" + LABEL + "APPEND noinitrd=a.img initrd=b.img\n",
        "BOOT_IMAGE=vmlinuz noinitrd=a.img initrd=b.img", ["a.img"]),
    "no initrd": ("DEFAULT linux\n" + LABEL + "APPEND initrd=\n", "BOOT_IMAGE=vmlinuz initrd=", []),
    "SYSAPPEND 1": ("DEFAULT linux\n" + LABEL + "SYSAPPEND 1\n", f"BOOT_IMAGE=vmlinuz {IP}", []),
    "IPAPPEND 2": ("DEFAULT linux\n" + LABEL + "IPAPPEND 2\n", f"BOOT_IMAGE=vmlinuz {BOOTIF}", []),
    "SYSAPPEND 0x3, typed arguments last": (
        "DEFAULT linux t=1\n" + LABEL + "INITRD b.img\nSYSAPPEND 0x3\nAPPEND a\n",
        f"BOOT_IMAGE=vmlinuz a initrd=b.img {IP} {BOOTIF} t=1", ["b.img"]),
    "SYSAPPEND's FSUUID, which a network does not have": (
        "DEFAULT linux\n" + LABEL + "SYSAPPEND 0x40002\n", f"BOOT_IMAGE=vmlinuz {BOOTIF}", []),
    "SYSAPPEND in octal": ("DEFAULT linux\n" + LABEL + "SYSAPPEND 02\n", f"BOOT_IMAGE=vmlinuz {BOOTIF}", []),
    "a global SYSAPPEND": ("SYSAPPEND 2\nDEFAULT linux\n" + LABEL, f"BOOT_IMAGE=vmlinuz {BOOTIF}", []),
    "a label's SYSAPPEND replaces it": (
        "SYSAPPEND 2\nDEFAULT linux\n" + LABEL + "SYSAPPEND 0\n", "BOOT_IMAGE=vmlinuz ", []),
    "it counts from where it stands": (
        "DEFAULT linux\n" + LABEL + "LABEL x\nSYSAPPEND 2\n", "BOOT_IMAGE=vmlinuz ", []),
    "TEXT HELP is consumed": (
        "DEFAULT linux\n" + LABEL + "TEXT HELP\nLABEL linux\nKERNEL no\nAPPEND no\n ENDTEXT\nAPPEND a\n",
        "BOOT_IMAGE=vmlinuz a", []),
    "menu lines do no harm": (
        "MENU TITLE Boot\nMENU BEGIN sub\nMENU LABEL ^Sub\nMENU END\nDEFAULT linux\n"
        + LABEL + "MENU LABEL ^Linux\nMENU DEFAULT\nAPPEND a\nONTIMEOUT x\nNOESCAPE 1\n",
        "BOOT_IMAGE=vmlinuz a", []),
    "PROMPT 0 boots at once, whatever TIMEOUT says": (
        "PROMPT 0\nTIMEOUT 600\nDEFAULT linux\n" + LABEL, "BOOT_IMAGE=vmlinuz ", []),
    "a command line of 2047 characters": (
        "DEFAULT linux\n" + LABEL + "APPEND " + "x" * (2047 - len("BOOT_IMAGE=vmlinuz ")) + "\n",
        "BOOT_IMAGE=vmlinuz " + "x" * (2047 - len("BOOT_IMAGE=vmlinuz ")), []),
    "a line of more than 4095 characters goes on as another line": (
        "DEFAULT linux\n" + LABEL + "# " + "x" * 4093 + "APPEND a\n", "BOOT_IMAGE=vmlinuz a", []),
    "bytes beyond ASCII": (
        "DEFAULT linux\n" + LABEL + "APPEND name=Gr\u00fc\u00dfe\n",
        "BOOT_IMAGE=vmlinuz name=Gr\u00fc\u00dfe".encode().decode("latin-1"), []),
    "SAY and SERIAL": (
        "SERIAL 1 115200 0x003\nSAY Hello\nDEFAULT linux\n" + LABEL, "BOOT_IMAGE=vmlinuz ", []),
}


WITH_ERRORS = {"KERNEL outside a label is ignored": 2}


@pytest.mark.parametrize("name", PLANS)
def test_plan(dnsmasq, name):
    config, line, initrds = PLANS[name]
    result = dnsmasq.boot(config, FILES)
    assert result.line == line, result
    assert result.initrds == initrds, result
    assert result.faults == ["LAN-302"] * WITH_ERRORS.get(name, 0), result
    dnsmasq.check_contents(result.plan, line.split()[0].removeprefix("BOOT_IMAGE="))


def test_what_acts_while_the_file_is_read(dnsmasq):
    result = dnsmasq.boot("SERIAL 1 115200 0x003\nSAY Hello,  you\nSERIAL 0\nDEFAULT linux\n" + LABEL, FILES)
    assert [(e["port"], e["baud"], e["flow"]) for e in result.of("serial")] == [(1, 115200, 3), (0, 9600, 0)]
    assert "\nHello,  you\n" in result.console


# Errors: each is told with its place, and the rest counts

DEFAULT = "DEFAULT linux\n" + LABEL


def facts(result):
    assert set(result.faults) <= {"LAN-302"}, result
    assert result.line == "BOOT_IMAGE=vmlinuz ", result
    return [e["facts"] for e in result.of("fault")]


def test_an_error_is_shown_with_its_place(dnsmasq):
    result = dnsmasq.boot("TIMEOUT soon\nLABLE oops\n" + DEFAULT + "MENU SOMETHING " + "x" * 90 + "\n", FILES)
    assert facts(result) == [
        'in pxelinux.cfg/default line 1: "TIMEOUT soon" (expected a number)',
        'in pxelinux.cfg/default line 2: "LABLE oops" (expected a word of pxelinux.cfg, perhaps label)',
        'in pxelinux.cfg/default line 6: "MENU SOMETHING ' + "x" * 35 + '..." (expected a word that MENU knows)']
    assert 'LAN-302 the configuration has an error in pxelinux.cfg/default line' in result.console


def test_a_line_of_half_a_megabyte(dnsmasq):
    told = facts(dnsmasq.boot(DEFAULT + "word" * 131_072 + "\n", FILES))
    assert len(told) == 5 and 'line 4: "wordword' in told[0], told


def test_includes_for_ever(dnsmasq):
    chain = {f"{n}.cfg": f"INCLUDE {n + 1}.cfg\n" for n in range(30)}
    told = facts(dnsmasq.boot(DEFAULT + "INCLUDE 0.cfg\n", FILES | chain))
    assert told == ['in 15.cfg line 1: "INCLUDE 16.cfg" (expected files not more than 16 deep inside each other)']
    loop = {"a.cfg": "INCLUDE b.cfg\n", "b.cfg": "\nINCLUDE a.cfg\n"}
    told = facts(dnsmasq.boot(DEFAULT + "INCLUDE a.cfg\n", FILES | loop))
    assert told == ['in b.cfg line 2: "INCLUDE a.cfg" (expected a file that does not include itself)']
    told = facts(dnsmasq.boot(DEFAULT + "INCLUDE a.cfg\n" * 257, FILES | {"a.cfg": "#\n"}))
    assert told == ['in pxelinux.cfg/default line 259: "INCLUDE a.cfg" (expected not more than 256 files)',
                    'in pxelinux.cfg/default line 260: "INCLUDE a.cfg" (expected not more than 256 files)']


def test_a_binary_file_is_included(dnsmasq):
    told = facts(dnsmasq.boot("INCLUDE k\n" + DEFAULT, FILES | {"k": blob(20_000, "k")}))
    assert len(told) == 1 and told[0].startswith("in k line ") and "a text file, not a binary one" in told[0], told


# The prompt

def test_without_default_there_is_a_prompt(dnsmasq):
    result = dnsmasq.boot(LABEL, FILES)
    assert result.faults == ["LAN-303"]
    assert "labels: linux\n" in result.console
    assert result.events[-1]["event"] == "waits_for_a_person", result


def test_a_label_is_typed(dnsmasq):
    result = dnsmasq.boot(LABEL + "APPEND a\n", FILES, "--keys", "linux b  c\n")
    assert result.line == "BOOT_IMAGE=vmlinuz a b  c", result
    assert "boot: linux b  c\n" in result.console


def test_enter_boots_the_default(dnsmasq):
    result = dnsmasq.boot("PROMPT 1\nDEFAULT linux x\n" + LABEL, FILES, "--keys", "  \n")
    assert result.line == "BOOT_IMAGE=vmlinuz x", result


def test_enter_without_default_names_the_labels(dnsmasq):
    result = dnsmasq.boot(LABEL + "LABEL other\n", FILES, "--keys", "\nlinux\n")
    assert result.line == "BOOT_IMAGE=vmlinuz ", result
    assert result.console.count("labels: linux other\n") == 2, result


def test_line_editing(dnsmasq):
    result = dnsmasq.boot(LABEL, FILES, "--keys", "nonsense\x15\x08linuy\x7fx\x08x a\x02b\x05 c\x1bOD\x1bODd\x1b[H\x04l\x1b[F e\x17\n")
    assert result.line == "BOOT_IMAGE=vmlinuz bad c ", result


def test_tab_completes_labels_and_names_them(dnsmasq):
    config = "PROMPT 1\n" + LABEL + "LABEL linux-old\nMENU DISABLE\nLABEL lint\nLABEL other\n"
    result = dnsmasq.boot(config, FILES, "--keys", "l\t\tu\t a\n")
    assert result.line == "BOOT_IMAGE=vmlinuz a", result
    assert "boot: lin\nlabels: linux lint\nboot: linux a\n" in result.console, result
    result = dnsmasq.boot("NOCOMPLETE 1\n" + config, FILES, "--keys", "l\tinux\n")
    assert result.line == "BOOT_IMAGE=vmlinuz ", result
    assert "lint" not in result.console.partition("boot:")[2]


def test_lines_given_before(dnsmasq):
    result = dnsmasq.boot(LABEL, FILES, "--keys", "one x\ntwo\n\x1b[A\x1b[A\x1b[A\x1b[B\x1b[A\x1b[D\x1b[D\x17linux \n")
    assert result.line == "BOOT_IMAGE=vmlinuz x", result


def test_a_line_longer_than_the_screen(dnsmasq):
    words = " ".join(f"word{i}" for i in range(30))
    result = dnsmasq.boot(LABEL, FILES, "--keys", f"linux {words}\x01\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C y\n")
    assert result.line == f"BOOT_IMAGE=vmlinuz y {words}", result
    assert terminal(result.console).display[-1:] != [""]
    assert max(len(line.rstrip()) for line in terminal(result.console).display) < 80


def test_function_keys_show_files(dnsmasq):
    text = "\x0cWelcome\r\n\x0f1eBright\x0f07 dim\n\x18image.lss\nend\x10hidden\x17 shown\x1acut\n"
    result = dnsmasq.boot(LABEL + "F1 help.txt\nF0 gone\n", FILES | {"help.txt": text}, "--keys",
                          "li\x1bOP\x1b[21~nux\n")
    assert result.line == "BOOT_IMAGE=vmlinuz ", result
    assert result.faults == ["LAN-303", "LAN-201"]
    screen = terminal(result.console)
    lines = [line.rstrip() for line in screen.display]
    at = lines.index("Welcome")
    assert lines[at + 1:at + 3] == ["Bright dim", "end shown"], lines
    assert (screen.buffer[at + 1][0].fg, screen.buffer[at + 1][0].bg) == ("brown", "blue")
    assert screen.buffer[at + 1][8].fg == "default"


def test_a_line_longer_than_the_prompt_takes(dnsmasq):
    result = dnsmasq.boot(LABEL, FILES, "--keys", "linux " + "x" * 2100 + "\n")
    assert result.faults[-1] == "LAN-307", result


def test_prompt_times_out(dnsmasq):
    result = dnsmasq.boot("PROMPT 1\nTIMEOUT 5\nDEFAULT linux x\n" + LABEL, FILES)
    assert result.of("prompt")[0]["timeout"] == 500
    assert result.line == "BOOT_IMAGE=vmlinuz x", result


def test_a_key_cancels_the_timeout(dnsmasq):
    result = dnsmasq.boot("PROMPT 1\nTIMEOUT 3\nDEFAULT linux x\n" + LABEL, FILES, "--keys", "l",
                          "--hurry", "100")
    assert result.events[-1]["event"] == "keys_used_up", result
    assert result.plan is None


def test_prompt_without_timeout_waits(dnsmasq):
    result = dnsmasq.boot("PROMPT 1\nTIMEOUT 0\nDEFAULT linux\n" + LABEL, FILES)
    assert result.events[-1]["event"] == "waits_for_a_person", result


def test_shift_asks_for_the_prompt(dnsmasq):
    result = dnsmasq.boot("DEFAULT linux\n" + LABEL, FILES, "--shift", "--keys", "second\n")
    assert result.line == "BOOT_IMAGE=second ", result


def test_a_failed_command_leads_back_to_the_prompt(dnsmasq):
    result = dnsmasq.boot(LABEL, FILES, "--keys", "missing\nlinux\n")
    assert result.faults == ["LAN-303", "LAN-201"], result
    assert result.line == "BOOT_IMAGE=vmlinuz ", result
    assert len(result.of("prompt")) == 2


# Kernels by their file names

SUFFIXES = [".c32", ".img", ".bss", ".bin", ".bs", ".0", ""]


def test_an_implicit_kernel_is_tried_with_suffixes(dnsmasq):
    result = dnsmasq.boot("APPEND global\nDEFAULT vmlinuz a initrd=b.img\n" + LABEL, FILES)
    assert result.loaded() == [f"vmlinuz{s}" for s in SUFFIXES] + ["b.img"], result
    assert result.line == "BOOT_IMAGE=vmlinuz a initrd=b.img"
    assert "label" not in result.plan["record"]["lanyard/source"]


def test_a_suffix_that_exists_is_another_kind_of_program(dnsmasq):
    result = dnsmasq.boot("DEFAULT disk\n" + LABEL, FILES | {"disk.img": blob(99, "m")})
    assert result.faults == ["LAN-306"], result
    assert "disk.img" in result.sentence("LAN-306")


@pytest.mark.parametrize("kernel", ["mboot.c32", "disk.img"])
def test_kernel_with_such_a_suffix(dnsmasq, kernel):
    result = dnsmasq.boot(f"DEFAULT l\nLABEL l\nKERNEL {kernel}\n", FILES)
    assert result.faults == ["LAN-306"], result
    assert result.loaded() == []


def test_linux_takes_any_name(dnsmasq):
    result = dnsmasq.boot("DEFAULT l\nLABEL l\nLINUX k.img\n", {"k.img": bzimage()})
    assert result.line == "BOOT_IMAGE=k.img ", result


# Words that matter to the boot program

def test_words_for_the_boot_program(dnsmasq):
    result = dnsmasq.boot("DEFAULT linux\n" + LABEL + "APPEND vga=0x317 keeppxe\n", FILES)
    assert result.plan["video_mode"] == 0x317
    assert result.plan["keep_pxe"] is True


def test_quiet_keeps_the_screen_free(dnsmasq):
    loud = dnsmasq.boot("DEFAULT linux\n" + LABEL + "APPEND initrd=a.img\n", FILES)
    quiet = dnsmasq.boot("DEFAULT linux\n" + LABEL + "APPEND initrd=a.img quiet\n", FILES)
    assert "a.img  5.0 kB in" in loud.console
    assert "a.img" not in quiet.console
    assert quiet.plan["initrds"] == loud.plan["initrds"]


def test_mem_limits_the_place_of_the_initrd(dnsmasq):
    files = FILES | {"big.img": blob(3 << 20, "big")}
    config = "DEFAULT linux\n" + LABEL + "APPEND initrd=big.img {}\n"
    assert dnsmasq.boot(config.format("mem=64M"), files).plan
    result = dnsmasq.boot(config.format("mem=3M"), files)
    assert result.faults == ["LAN-403"], result
    assert dnsmasq.boot(config.format("lowmem=3M"), files).plan


def test_without_router_the_field_is_empty(dnsmasq):
    result = dnsmasq.boot("DEFAULT linux\n" + LABEL + "SYSAPPEND 1\n", FILES, ack=dhcp(options={3: None}))
    assert result.line == "BOOT_IMAGE=vmlinuz ip=192.168.2.50:192.168.2.2::255.255.255.0", result
