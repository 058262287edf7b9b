# SPDX-License-Identifier: BSD-2-Clause
"""An HTTP server that can misbehave. A program: it has to run inside the network namespace of its
address.

    httpd.py ADDRESS ROOT [NAME]

The first part of a path says how the rest, a file below ROOT, is served:

plain    Content-Length, ETag, Last-Modified, ranges, connections kept
chunked  in chunks; so is `nohead`, which does not know HEAD
close    until the end of the connection, HTTP/1.0
cut      half of it, then the end of the connection; ranges. `reset`: with a reset; `cutchunk`: in chunks
changed  half of it, then the end of the connection; the next time another file (the name with '.new')
hollow   half of it, then the end; the next time only the head of another file; then the file again
norange  half of it, then the end of the connection; whole the next time
die      half of it, then the server ends, if its NAME is 'mortal'
redirect to plain; `elsewhere`: to the other NAME; `loop`: to itself; `https`: to https
whole    plain, without ranges
single   plain; whoever else asks for the same file meanwhile is refused by a reset
tired    plain, and after a moment 408 and the end of the connection
busy     503 with Retry-After twice, then plain
page     a web page with status 200
drip     a byte twenty times a second
status   the file's name is the status line
length   the file's name is the value of Content-Length, comma for a second one
endless  header lines without end
badchunk a chunk that is none
silent   no answer
"""

import hashlib
import os
import socket
import struct
import sys
import threading
import time
from urllib.parse import unquote

ADDRESS, ROOT, NAME = (sys.argv + [""])[1:4]
seen = {}  # how often a path was asked for by GET
served = set()
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


class Gone(Exception):
    """This connection is over."""


def read_request(connection, buffer):
    while b"\r\n\r\n" not in buffer:
        data = connection.recv(65536)
        if not data:
            raise Gone
        buffer += data
    head, _, rest = buffer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ")
    fields = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
    return method, target, fields, rest


def head(status, *fields):
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode("latin-1")


def load(name):
    path = os.path.join(ROOT, unquote(name).lstrip("/"))
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def chunks(content, step=5000):
    parts = [content[i:i + step] for i in range(0, len(content), step)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def serve_plain(send, method, content, fields, half=False):
    """The whole file or, as If-Range allows, a part."""
    tag = f'"{hashlib.md5(content).hexdigest()[:8]}-{NAME}"'
    condition = fields.get("if-range", "")
    marks = [f"ETag: {tag}", f"Last-Modified: {DATE}", "Accept-Ranges: bytes"]
    if "range" in fields and condition in ("", tag, DATE):
        first, _, last = fields["range"].removeprefix("bytes=").partition("-")
        first, end = int(first), int(last) + 1 if last else len(content)
        body = content[first:end]
        send(head("206 Partial Content", f"Content-Length: {len(body)}",
                  f"Content-Range: bytes {first}-{end - 1}/{len(content)}", *marks))
    else:
        body = content
        send(head("200 OK", f"Content-Length: {len(body)}", *marks))
    if method == "GET":
        send(body[:len(body) // 2] if half else body)


def serve_broken(connection, send, mode, method, name, content, fields, count):
    """Modes that answer the first GET by half."""
    first = method == "GET" and count == 1 and mode != "whole" and (mode != "die" or NAME == "mortal")
    if mode == "changed" and count > 1:
        content = load(name + ".new")
    if mode in ("norange", "whole"):
        fields = {}
    if mode == "hollow" and count == 2 and method == "GET":
        send(head("200 OK", f"Content-Length: {len(content) + 1}", 'ETag: "another"'))
        raise Gone
    if mode == "cutchunk" and first:
        send(head("200 OK", "Transfer-Encoding: chunked", f"Last-Modified: {DATE}"))
        send(chunks(content)[:len(content) // 2])
    else:
        serve_plain(send, method, content, fields, half=first)
    if first:
        if mode == "reset":
            time.sleep(0.1)
            reset(connection)
        if mode == "die":
            time.sleep(0.1)
            os._exit(0)
        raise Gone


def serve_single(connection, send, method, name, content, fields):
    if name in served:
        reset(connection)
        raise Gone
    served.add(name)
    try:
        serve_plain(send, method, content, fields)
    finally:
        served.remove(name)


def serve_file(connection, send, mode, method, name, fields, count):
    content = load(name)
    if content is None:
        send(head("404 Not Found", "Content-Length: 9", "Content-Type: text/plain"))
        if method == "GET":
            send(b"not found")
    elif mode in ("plain", "tired") or (mode == "busy" and count > 2):
        serve_plain(send, method, content, fields)
        if mode == "tired":
            time.sleep(0.05)
            send(head("408 Request Timeout", "Content-Length: 0", "Connection: close"))
            raise Gone
    elif mode == "single" and method == "GET":
        serve_single(connection, send, method, name, content, fields)
    elif mode == "nohead" and method == "HEAD":
        send(head("501 Not Implemented", "Content-Length: 0"))
    elif mode in ("chunked", "nohead"):
        send(head("200 OK", "Transfer-Encoding: chunked"))
        if method == "GET":
            send(chunks(content))
    elif mode == "close":
        send(b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n" + (content if method == "GET" else b""))
        raise Gone
    elif mode == "busy":
        send(head("503 Service Unavailable", "Retry-After: 3", "Content-Length: 0"))
    elif mode == "drip":
        send(head("200 OK", f"Content-Length: {len(content)}"))
        for i in range(len(content) if method == "GET" else 0):
            send(content[i:i + 1])
            time.sleep(0.05)
    else:
        serve_broken(connection, send, mode, method, name, content, fields, count)


def serve_trick(send, mode, target, name):
    """Modes without a file. False for any other."""
    if mode in ("redirect", "elsewhere", "loop", "https"):
        to = {"redirect": f"/plain/{name}", "elsewhere": f"http://{NAME}:8080/plain/{name}",
              "loop": target, "https": f"https://{ADDRESS}/plain/{name}"}[mode]
        send(head("302 Found", f"Location: {to}", "Content-Length: 4") + b"here")
    elif mode == "page":
        page = b"<!DOCTYPE html><title>Please log in</title>"
        send(head("200 OK", "Content-Type: text/html", f"Content-Length: {len(page)}") + page)
    elif mode == "status":
        send(head(unquote(name), "Content-Length: 0"))
    elif mode == "length":
        send(head("200 OK", *[f"Content-Length: {value}" for value in unquote(name).split(",")]))
        send(b"x" * 100)
        raise Gone
    elif mode == "badchunk":
        send(head("200 OK", "Transfer-Encoding: chunked") + b"ffffffffffffffffff\r\nx")
    elif mode == "endless":
        send(b"HTTP/1.1 200 OK\r\n")
        while True:
            send(b"X-Nothing: " + b"y" * 1000 + b"\r\n")
    elif mode == "silent":
        time.sleep(60)
        raise Gone
    else:
        return False
    return True


def serve(connection):
    buffer = b""
    try:
        while True:
            method, target, fields, buffer = read_request(connection, buffer)
            _, mode, *rest = target.split("/")
            name = "/".join(rest)
            if method == "GET":
                seen[target] = seen.get(target, 0) + 1
            if not serve_trick(connection.sendall, mode, target, name):
                serve_file(connection, connection.sendall, mode, method, name, fields,
                           seen.get(target, 0))
    except (Gone, OSError):
        connection.close()


def main():
    listeners = [socket.create_server((ADDRESS, port)) for port in (80, 8080)]
    for listener in listeners[1:]:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
    print("serving", flush=True)
    accept(listeners[0])


def accept(listener):
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


main()
