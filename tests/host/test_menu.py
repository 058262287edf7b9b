# SPDX-License-Identifier: BSD-2-Clause
"""The menu as a person sees and uses it, on a terminal of 80 by 25."""

import re

import pytest

from tests.host.client import terminal
from tests.host.kernel import blob, bzimage

FILES = {"vmlinuz": bzimage(seed=1), "second": bzimage(seed=2), "a.img": blob(5001, "a"),
         "help.txt": "Some help\n"}
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, PAGE_UP, PAGE_DOWN, F1 = "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1bOP"
ESC, CTRL_U = "\x1b", "\x15"
MENU = """UI menu.c32
MENU TITLE Choose ^well
F1 help.txt
LABEL one
MENU LABEL ^First one
LINUX vmlinuz
APPEND a=1
TEXT HELP
  This is the first.
    It has two lines.
ENDTEXT
LABEL head
MENU LABEL Not to be chosen
MENU DISABLE
MENU SEPARATOR
LABEL two words
MENU INDENT 2
LINUX second
INITRD a.img
LABEL secret
MENU LABEL Hidden
MENU HIDE
LINUX vmlinuz
APPEND hidden
MENU BEGIN more
MENU LABEL ^More of them
LABEL three
MENU LABEL ^Third
LINUX vmlinuz
APPEND three
LABEL back
MENU LABEL Back
MENU EXIT
MENU END
LABEL quit
MENU LABEL Prompt
MENU QUIT
"""


def look(dnsmasq, config, keys):
    """The terminal while the menu waits after these keys."""
    result = dnsmasq.boot(config, FILES, "--keys", keys)
    assert result.events[-1]["event"] in ("keys_used_up", "waits_for_a_person"), result
    return terminal(result.console)


def bar(screen):
    """The text under the bar."""
    rows = [row for row in range(25) if screen.buffer[row][4].bg == "white"]
    assert len(rows) == 1, screen.display
    return screen.display[rows[0]].strip()


def test_the_page(dnsmasq):
    screen = look(dnsmasq, MENU, "x")
    lines = [line.rstrip() for line in screen.display]
    assert lines[1] == "    Choose well"
    assert all(screen.buffer[1][column].bg == "blue" for column in range(80)) and screen.buffer[1][4].bold
    assert lines[3:9] == ["    First one", "    Not to be chosen", "", "      two words",
                          "    More of them" + " " * 59 + ">", "    Prompt"], lines
    assert lines[18:20] == ["    This is the first.", "      It has two lines."], lines
    assert "Tab" in lines[23] and "Esc" in lines[23]
    assert screen.buffer[7][4].bold and not screen.buffer[7][5].bold  # the hot key
    assert bar(screen) == "First one"
    assert [screen.buffer[3][column].bg == "white" for column in (1, 2, 77, 78)] == [False, True, True, False]


def test_what_is_too_long_is_cut(dnsmasq):
    title = "Words that do not fit " * 5
    config = f"UI menu.c32\nMENU TITLE ^{title}\nLABEL one\nMENU LABEL {title}\nLABEL two\nMENU LABEL " + \
        "x" * 72 + f"\nMENU BEGIN sub\nMENU LABEL {title}\nMENU INDENT 4\nLABEL three\nLABEL back\nMENU EXIT\nMENU END\n"
    lines = look(dnsmasq, config, "x").display
    assert lines[1] == lines[3] == "    " + title[:69] + "..." + "    "
    assert lines[4] == "    " + "x" * 72 + "    "
    assert lines[5] == " " * 8 + title[:63] + "... >" + "    "
    assert look(dnsmasq, config, END + "\n").display[4] == "    back" + " " * 67 + "<" + "    "


CHOICES = {
    "Enter takes the first": ("\n", "BOOT_IMAGE=vmlinuz a=1"),
    "what is disabled is passed over": (DOWN + "\n", "BOOT_IMAGE=second initrd=a.img"),
    "and back": (DOWN + UP + UP + "\n", "BOOT_IMAGE=vmlinuz a=1"),
    "a hot key moves the bar": (DOWN + "f\n", "BOOT_IMAGE=vmlinuz a=1"),
    "a submenu": ("M\n\n", "BOOT_IMAGE=vmlinuz three"),
    "a submenu by an arrow, a hot key in it": ("m" + RIGHT + END + "t\n", "BOOT_IMAGE=vmlinuz three"),
    "out of it by an entry": ("m\n" + END + "\nf\n", "BOOT_IMAGE=vmlinuz a=1"),
    "out of it by Escape": ("m\n" + ESC + HOME + "\n", "BOOT_IMAGE=vmlinuz a=1"),
    "out of it by an arrow; the bar is where it was": ("m\n" + LEFT + "\n\n", "BOOT_IMAGE=vmlinuz three"),
    "End, Home": (END + HOME + "\n", "BOOT_IMAGE=vmlinuz a=1"),
    "pages": (PAGE_DOWN + PAGE_UP + "\n", "BOOT_IMAGE=vmlinuz a=1"),
    "Tab edits the line": ("\t b=2\n", "BOOT_IMAGE=vmlinuz a=1 b=2"),
    "all of it": ("\t" + CTRL_U + "second x\n", "BOOT_IMAGE=second x"),
    "Escape leaves it as it was": ("\tnonsense" + ESC + "\n", "BOOT_IMAGE=vmlinuz a=1"),
    "Escape leads to the prompt": (ESC + "secret b\n", "BOOT_IMAGE=vmlinuz hidden b"),
    "so does MENU QUIT": (END + "\ntwo words\n", "BOOT_IMAGE=second initrd=a.img"),
    "and menu leads back": (ESC + "menu\n" + DOWN + "\n", "BOOT_IMAGE=second initrd=a.img"),
    "a function key": (F1 + "x\n", "BOOT_IMAGE=vmlinuz a=1"),
}


@pytest.mark.parametrize("name", CHOICES)
def test_choices(dnsmasq, name):
    keys, line = CHOICES[name]
    result = dnsmasq.boot(MENU, FILES, "--keys", keys)
    assert result.line == line, result
    assert result.faults == [], result
    if name == "a function key":
        assert "Some help" in result.console and "Any key leads back to the menu." in result.console
    if name == "Escape leads to the prompt":
        assert "menu leads back.\nboot: " in result.console


WAYS = ["UI vesamenu.c32", "DEFAULT menu.c32", "DEFAULT menu", "DEFAULT m\nLABEL m\nKERNEL boot/vesamenu.c32",
        "DEFAULT m\nLABEL m\nCOM32 menu.c32", "UI menu.c32\nDEFAULT one\nPROMPT 0"]


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_the_menu(dnsmasq, way):
    result = dnsmasq.boot(MENU.replace("UI menu.c32", way), FILES)
    assert [e["event"] for e in result.events[-2:]] == ["menu", "waits_for_a_person"], result
    assert result.loaded() == [], result


def test_default_is_under_the_bar(dnsmasq):
    assert bar(look(dnsmasq, MENU + "DEFAULT two words\n", "x")) == "two words"
    assert bar(look(dnsmasq, MENU + "DEFAULT three\n", "x")) == "Third"
    assert bar(look(dnsmasq, MENU + "LABEL z\nMENU DEFAULT\n", "x")) == "z"
    assert bar(look(dnsmasq, MENU + "LABEL z\nMENU DEFAULT\nDEFAULT one\n", "x")) == "First one"
    assert bar(look(dnsmasq, MENU + "LABEL z\nMENU DEFAULT\nMENU HIDE\n", "x")) == "First one"


def test_countdown_boots_what_is_under_the_bar(dnsmasq):
    result = dnsmasq.boot(MENU + "TIMEOUT 30\nDEFAULT two\n", FILES, "--hurry", "20")
    assert result.of("menu")[0]["timeout"] == 3000
    assert result.line == "BOOT_IMAGE=second initrd=a.img", result
    assert "Automatic boot in 3 seconds..." in result.console
    assert "1" in result.console.partition("3 seconds")[2]


@pytest.mark.parametrize("end", ["TIMEOUT 10", "TOTALTIMEOUT 10", "MENU SHIFTKEY"])
def test_a_submenu_under_the_bar_waits_when_the_time_is_over(dnsmasq, end):
    config = f"UI menu.c32\n{end}\nMENU BEGIN sub\nMENU TITLE Below\nLABEL a\nLINUX vmlinuz\nMENU END\n"
    result = dnsmasq.boot(config, FILES, "--hurry", "20")
    assert result.events[-1]["event"] == "waits_for_a_person", result
    assert result.faults == [] and result.plan is None, result


def test_ontimeout(dnsmasq):
    result = dnsmasq.boot(MENU + "TIMEOUT 10\nONTIMEOUT two words\n", FILES, "--hurry", "20")
    assert result.line == "BOOT_IMAGE=second initrd=a.img", result
    result = dnsmasq.boot(MENU + "TIMEOUT 10\nONTIMEOUT one z\n", FILES, "--hurry", "20")
    assert result.line == "BOOT_IMAGE=vmlinuz a=1 z", result


def test_a_key_stops_the_countdown(dnsmasq):
    screen = look(dnsmasq, MENU + "TIMEOUT 1\n", DOWN)
    assert not any("Automatic" in line for line in screen.display)


def test_totaltimeout_is_not_stopped(dnsmasq):
    result = dnsmasq.boot(MENU + "TIMEOUT 600\nTOTALTIMEOUT 20\nONTIMEOUT two\n", FILES, "--hurry", "20")
    assert result.line == "BOOT_IMAGE=second initrd=a.img", result


def test_a_hidden_menu(dnsmasq):
    result = dnsmasq.boot(MENU + "MENU HIDDEN\nTIMEOUT 10\n", FILES, "--hurry", "20")
    assert result.line == "BOOT_IMAGE=vmlinuz a=1", result
    assert "Press any key to display" in result.console and "First" not in result.console
    assert bar(look(dnsmasq, MENU + "MENU HIDDEN\n", "x")) == "First one"
    result = dnsmasq.boot(MENU + "MENU HIDDEN\nMENU HIDDENKEY F2,x,^B two words\n", FILES, "--keys", "x")
    assert result.line == "BOOT_IMAGE=second initrd=a.img", result


def test_shiftkey(dnsmasq):
    assert dnsmasq.boot(MENU + "MENU SHIFTKEY\n", FILES).line == "BOOT_IMAGE=vmlinuz a=1"
    result = dnsmasq.boot(MENU + "MENU SHIFTKEY\nNOESCAPE 1\n", FILES, "--shift")
    assert result.events[-1]["event"] == "waits_for_a_person", result


def test_passwords(dnsmasq):
    config = MENU + "LABEL locked\nMENU LABEL ^Locked\nMENU PASSWD geheim\nLINUX vmlinuz\nAPPEND locked\n"
    result = dnsmasq.boot(config, FILES, "--keys", "l\ngeheim\n")
    assert result.line == "BOOT_IMAGE=vmlinuz locked", result
    assert "geheim" not in result.console
    assert result.console.count("*") >= 6
    assert "Not that one" in look(dnsmasq, config, "l\nwrong\n").display[22]
    config = "MENU MASTER PASSWD m\n" + config
    assert dnsmasq.boot(config, FILES, "--keys", "l\nm\n").line == "BOOT_IMAGE=vmlinuz locked"
    assert "Password required" in look(dnsmasq, config, "f\t").display[22]
    assert dnsmasq.boot(config, FILES, "--keys", "f\tm\n b\n").line == "BOOT_IMAGE=vmlinuz a=1 b"
    assert dnsmasq.boot(config, FILES, "--keys", ESC + "m\none\n").line == "BOOT_IMAGE=vmlinuz a=1"


def test_texts_of_the_menu(dnsmasq):
    config = MENU + ("MENU TABMSG Tab is for you\nMENU NOTABMSG Tab is not\nMENU PASSPROMPT Say the word\n"
                     "MENU AUTOBOOT In # second{,s}.\nTIMEOUT 20\n"
                     "LABEL locked\nMENU LABEL ^Locked\nMENU PASSWD x\nLINUX vmlinuz\n")
    assert "Tab is for you" in look(dnsmasq, config, "x").display[23]
    assert "Tab is not" in look(dnsmasq, "ALLOWOPTIONS 0\n" + config, "x").display[23]
    assert "Say the word" in look(dnsmasq, config, "l\n").display[22]
    assert "In 2 seconds." in dnsmasq.boot(config, FILES, "--hurry", "20").console
    config = config.replace("TIMEOUT 20", "TIMEOUT 10")
    assert "In 1 second." in dnsmasq.boot(config, FILES, "--hurry", "20").console


# Made by md5pass, sha1pass and mkpasswd for "geheim".
ENCRYPTED = ["$1$abcdefgh$eKehL.s8tG6zTf8hBtmEF.", "$4$abcd$/DGVRLoE/1yVDKXXrfDMy4cTVDk$", "$5$abcd$NcU0NmPxzJsGO5KHTxQ9OanZpi9UV16H7DCfxzCk4R2", "$6$rounds=1000$abcd$dHqOAu5LcX0PV1VJiO5eWf80HtIxHiuWYhRjXC0ydimVfzs.WcyXO5XJB0DTZ3TsUoFiL4RMgpNrsVqeXssJl."]


@pytest.mark.parametrize("password", ENCRYPTED)
def test_encrypted_passwords(dnsmasq, password):
    config = MENU + f"LABEL locked\nMENU LABEL ^Locked\nMENU PASSWD {password}\nLINUX vmlinuz\nAPPEND locked\n"
    assert dnsmasq.boot(config, FILES, "--keys", "l\ngeheim\n").line == "BOOT_IMAGE=vmlinuz locked"
    assert "Not that one." == look(dnsmasq, config, f"l\n{password}\n").display[22].strip()
    master = config.replace("MENU PASSWD " + password, "MENU PASSWD other") + f"MENU MASTER PASSWD {password}\n"
    assert dnsmasq.boot(master, FILES, "--keys", "l\ngeheim\n").line == "BOOT_IMAGE=vmlinuz locked"
    assert "Not that one." == look(dnsmasq, master, "l\nGeheim\n").display[22].strip()


@pytest.mark.parametrize("password, says", [("$y$j9T$x$y", "encrypted in a way not known"),
                                            ("$6$rounds=100001$abcd$x", "too many rounds")])
def test_passwords_that_stay_locked(dnsmasq, password, says):
    config = MENU + f"LABEL locked\nMENU LABEL ^Locked\nMENU PASSWD {password}\nLINUX vmlinuz\n"
    assert says in look(dnsmasq, config, f"l\n{password}\n").display[22]


@pytest.mark.parametrize("keys", ["\t", ESC])
def test_allowoptions_0(dnsmasq, keys):
    screen = look(dnsmasq, "ALLOWOPTIONS 0\n" + MENU, keys)
    assert bar(screen) == "First one"
    assert "Tab" not in screen.display[23]


def test_many_entries_scroll(dnsmasq):
    config = "UI menu.c32\n" + "".join(f"LABEL l{i}\nLINUX vmlinuz\nAPPEND {i}\n" for i in range(1, 41))
    screen = look(dnsmasq, config, DOWN * 13)
    assert bar(screen) == "l14" and "more" in screen.display[17] and screen.display[3].strip() == "l1"
    assert screen.display[2].strip() == ""
    screen = look(dnsmasq, config, PAGE_DOWN + DOWN)
    assert bar(screen) == "l16" and screen.display[3].strip() == "l3" and "more" in screen.display[2]
    screen = look(dnsmasq, config, END)
    assert bar(screen) == "l40" and "more" not in screen.display[17]
    assert dnsmasq.boot(config, FILES, "--keys", END + PAGE_UP + "\n").line == "BOOT_IMAGE=vmlinuz 26"


def test_a_long_line_is_edited(dnsmasq):
    words = " ".join(f"w{i}=x" for i in range(100))
    config = f"UI menu.c32\nLABEL one\nLINUX vmlinuz\nAPPEND {words}\n"
    screen = look(dnsmasq, config, "\t")
    assert "w99=x" in screen.display[21] and screen.cursor.y == 21
    screen = look(dnsmasq, config, "\t\x01")
    assert screen.display[18].strip().startswith(">") and "vmlinuz w0=x" in screen.display[18]
    assert (screen.cursor.y, screen.cursor.x) == (18, 4)
    result = dnsmasq.boot(config, FILES, "--keys", "\t\x01\x0bsecond z\n")
    assert result.line == "BOOT_IMAGE=second z", result


def test_only_what_changes_is_sent(dnsmasq):
    once = dnsmasq.boot(MENU, FILES, "--keys", "x").console
    moved = dnsmasq.boot(MENU, FILES, "--keys", "x" + DOWN).console
    assert len(moved) - len(once) < 500, (len(once), len(moved))


def test_of_the_countdown_only_the_number_changes(dnsmasq):
    result = dnsmasq.boot(MENU + "TIMEOUT 60\n", FILES, "--hurry", "20")
    sent = result.console.partition("Esc leads to the prompt")[2].partition("\x1b[2J")[0]
    assert re.sub(r"\x1b\[[\d;]*[Hm]", "", sent) == "54321... "


def test_what_fails_leads_back_to_the_menu(dnsmasq):
    config = MENU + "LABEL bad\nMENU LABEL ^Bad\nLINUX missing\n"
    result = dnsmasq.boot(config, FILES, "--keys", "b\nf\n", "--countdown", "expire")
    assert result.faults == ["LAN-201"], result
    assert result.of("countdown")[0]["what"] == "back to the menu"
    assert result.line == "BOOT_IMAGE=vmlinuz a=1", result


def test_another_configuration(dnsmasq):
    other = {"other.cfg": "MENU TITLE Other\nLABEL o\nLINUX second\nLABEL top\nKERNEL menu.c32\nAPPEND ~\n"}
    config = MENU + "LABEL o\nMENU LABEL ^Other\nKERNEL menu.c32\nAPPEND other.cfg\n"
    result = dnsmasq.boot(config, FILES | other, "--keys", "o\n\n")
    assert result.line == "BOOT_IMAGE=second ", result
    result = dnsmasq.boot(config, FILES | other, "--keys", "o\n" + END + "\n\n")
    assert result.line == "BOOT_IMAGE=vmlinuz a=1", result
    result = dnsmasq.boot("UI menu.c32 other.cfg more.cfg\n", FILES | other | {"more.cfg": "LABEL p\nLINUX vmlinuz\n"},
                          "--keys", END + "\n")
    assert result.line == "BOOT_IMAGE=vmlinuz ", result


def test_config_changes_the_directory(dnsmasq):
    files = {"sub/x.cfg": "DEFAULT k\nLABEL k\nLINUX deep\nINITRD i\n", "sub/deep": FILES["vmlinuz"], "sub/i": blob(9, "i")}
    result = dnsmasq.boot("DEFAULT c\nLABEL c\nCONFIG sub/x.cfg sub\n", files)
    assert result.line == "BOOT_IMAGE=deep initrd=i", result
    assert result.loaded() == ["sub/x.cfg", "sub/deep", "sub/i"]
    result = dnsmasq.boot("DEFAULT c\nLABEL c\nCONFIG sub/x.cfg ::sub/\n", files)
    assert result.line == "BOOT_IMAGE=deep initrd=i", result


def test_configurations_that_name_each_other_for_ever(dnsmasq):
    result = dnsmasq.boot("DEFAULT c\nLABEL c\nCONFIG x.cfg\n", {"x.cfg": "DEFAULT c\nLABEL c\nCONFIG x.cfg\n"},
                          "--countdown", "expire", timeout=20)
    assert result.plan is None and "LAN-302" in result.faults, result


@pytest.mark.parametrize("kernel, event", [
    ("reboot.c32", "reset"), ("poweroff.c32", "power_off"), ("chain.c32\nAPPEND boot", "local_boot"),
    ("boot/chain.c32", "local_boot"),
])
def test_modules_that_are_built_in(dnsmasq, kernel, event):
    result = dnsmasq.boot(f"DEFAULT x\nLABEL x\nKERNEL {kernel}\n", FILES)
    assert result.events[-1]["event"] == event, result
    assert result.loaded() == []


@pytest.mark.parametrize("firmware, line", [("bios", "BOOT_IMAGE=second b"), ("efi", "BOOT_IMAGE=vmlinuz a=1")])
def test_ifcpu64(dnsmasq, firmware, line):
    config = MENU.replace("UI menu.c32", "DEFAULT x") + "LABEL x\nCOM32 ifcpu64.c32\nAPPEND one -- pae -- second b\n"
    assert dnsmasq.boot(config, FILES, "--firmware", firmware).line == line


@pytest.mark.parametrize("kernel, words", [
    ("mboot.c32", "Multiboot"), ("hdt.c32", "module of syslinux"),
])
def test_modules_that_are_not(dnsmasq, kernel, words):
    result = dnsmasq.boot(f"DEFAULT x\nLABEL x\nKERNEL {kernel}\n", FILES)
    assert result.faults == ["LAN-306"], result
    assert words in result.sentence("LAN-306")


@pytest.mark.parametrize("value, number", [("0", 0), ("-1", 65535), ("0xffff", 65535), ("5", 5), ("", 0)])
def test_localboot(dnsmasq, value, number):
    result = dnsmasq.boot(f"DEFAULT x\nLABEL x\nLOCALBOOT {value}\n", FILES)
    assert result.events[-1] == {"event": "local_boot", "type": number}, result


def test_onerror(dnsmasq):
    result = dnsmasq.boot("DEFAULT gone a\nONERROR one x\nLABEL one\nLINUX vmlinuz\n", FILES)
    assert result.line == "BOOT_IMAGE=vmlinuz x gone a", result


def test_implicit_0_and_allowoptions_0_at_the_prompt(dnsmasq):
    config = "IMPLICIT 0\nALLOWOPTIONS 0\nLABEL one\nLINUX vmlinuz\nAPPEND a\n"
    result = dnsmasq.boot(config, FILES, "--keys", "second\none single\n")
    assert result.faults == ["LAN-303", "LAN-304"], result
    assert result.line == "BOOT_IMAGE=vmlinuz a", result


def test_noescape(dnsmasq):
    config = "NOESCAPE 1\nDEFAULT one\nLABEL one\nLINUX vmlinuz\n"
    assert dnsmasq.boot(config, FILES, "--shift").line == "BOOT_IMAGE=vmlinuz "


def test_console_0(dnsmasq):
    result = dnsmasq.boot("CONSOLE 0\nSAY quiet\nCONSOLE 1\nDEFAULT one\nLABEL one\nLINUX vmlinuz\n", FILES)
    assert [e["on"] for e in result.of("screen")] == [False, True]


def test_included_files(dnsmasq):
    files = FILES | {"inc/a.cfg": "LABEL in\nLINUX vmlinuz\nINCLUDE inc/a.cfg\n", "top.cfg": "APPEND top\n"}
    result = dnsmasq.boot("INCLUDE top.cfg\nMENU INCLUDE inc/a.cfg\nINCLUDE gone.cfg\nDEFAULT in\n", files)
    assert result.line == "BOOT_IMAGE=vmlinuz top", result
    assert result.loaded()[:3] == ["top.cfg", "inc/a.cfg", "gone.cfg"]
    facts = [e["facts"] for e in result.of("fault")]
    assert "in inc/a.cfg line 3: \"INCLUDE inc/a.cfg\"" in facts[0] and "does not include itself" in facts[0]
    assert "line 3: \"INCLUDE gone.cfg\" (expected a file that the server has" in facts[1]
    assert len(facts) == 2
