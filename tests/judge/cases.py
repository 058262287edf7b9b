# SPDX-License-Identifier: BSD-2-Clause
"""The judge's cases, its answers, and where we differ on purpose: readers of the files beside this one.

cases.txt        "=== name" begins a case, "--- file" a file of it; the first is pxelinux.cfg/default
                 unless it is named; "keys" is no file, but what a person types. What other files a
                 server has is in KERNELS, INITRDS and SECTORS.
answers.json     what Debian's pxelinux did with each: the files asked for after the configuration was
                 found, each once, and the kernel's command line (null: no kernel was started)
differences.txt  "=== name", why, then "line: ..." or "requests: ..." as we have it
"""

import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
KERNELS = ["vmlinuz", "second", "Foo", "sub/vmlinuz", "linux.img2", "boot/k", "img", "kernel.c32", "KERNEL.IMG"]
INITRDS = ["a.img", "b.img", "sub/d.img", "initrd.gz"]
SECTORS = ["sector", "sector.bs", "sector.bin", "sector.bss", "sector.img", "sector.0"]
SECTOR = b"\xf4\xeb\xfd" + bytes(507) + b"\x55\xaa"  # hlt, and again

# What stands for what cannot be written in cases.txt. Keys are what a terminal sends for them.
SIGNS = {"<CR>": "\r", "<TAB>": "\t", "<DEL>": "\x7f", "<FF>": "\f", "<BEL>": "\a", "<NUL>": "\0",
         "<BOM>": "\ufeff", "<x80>": "x" * 80, "<x4000>": "x" * 4000, "<ENTER>": "\n", "<ESC>": "\x1b",
         "<UP>": "\x1b[A", "<DOWN>": "\x1b[B", "<HOME>": "\x1b[H", "<END>": "\x1b[F", "<F1>": "\x1bOP"}


def sections(name, mark="=== "):
    """[(title, lines)] of a file."""
    found = []
    with open(os.path.join(HERE, name), encoding="utf-8", newline="") as file:
        for line in file.read().split("\n"):
            if line.startswith(mark):
                found.append((line[len(mark):], []))
            elif found:
                found[-1][1].append(line)
    return found


def expand(text, keys):
    text = text.rstrip("\n") + ("" if keys else "\n")
    for sign, meaning in SIGNS.items():
        text = text.replace(sign, meaning)
    return text.replace("<NONE>\n", "")


def cases():
    """{name: {file: text}}. A text that ends with <NONE> has no newline there."""
    result = {}
    for name, lines in sections("cases.txt"):
        assert name not in result, name
        files, current = {}, "pxelinux.cfg/default"
        for line in lines:
            if line.startswith("--- "):
                current = line[4:]
                files[current] = ""
            else:
                files[current] = files.get(current, "") + line + "\n"
        result[name] = {file: expand(text, file == "keys") for file, text in files.items()}
    return result


def answers():
    """{name: {"line": ..., "requests": [...]}}"""
    with open(os.path.join(HERE, "answers.json"), encoding="utf-8") as file:
        return json.load(file)["cases"]


def differences():
    """{name: {"why": ..., "line": ..., "requests": ...}}; the last two only where they differ."""
    result = {}
    for name, lines in sections("differences.txt"):
        entry = {"why": []}
        for line in lines:
            if line.startswith("line:"):
                entry["line"] = None if line == "line:" else line[len("line: "):]
            elif line.startswith("requests:"):
                entry["requests"] = line[len("requests:"):].split()
            elif line:
                entry["why"].append(line)
        entry["why"] = " ".join(entry["why"])
        assert entry["why"], name
        result[name] = entry
    return result


def asked(files):
    """The names after the configuration's own, each once, without syslinux's modules."""
    files = [f for f in files if not f.endswith(".c32")]
    if "pxelinux.cfg/default" in files:
        files = files[files.index("pxelinux.cfg/default") + 1:]
    return [f for f in dict.fromkeys(files) if f != "pxelinux.cfg/default"]
