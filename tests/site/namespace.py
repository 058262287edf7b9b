# SPDX-License-Identifier: BSD-2-Clause
"""A set of kernel namespaces that dies with this process.

One child holds a network, mount and process namespace open. It lives as long as the pipe to its
standard input does, and it is process 1 of the process namespace: when this process ends, however
it ends, the pipe closes, process 1 goes, and the kernel kills everything inside and removes the
interfaces. Nothing has a name outside, so any number of namespaces can exist at once.

Inside, /run is private and empty (daemons keep sockets and pid files there) and `ip netns` names
belong to this namespace alone.
"""

import os
import shlex
import shutil
import signal
import subprocess

# rpcbind insists on a user of its own, ganesha on /etc/mtab: where the machine lacks them, a copy of
# /etc gets them.
_SETUP = r"""
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/ganesha /run/netns /run/lock /run/rpcbind
if ! grep -q ^_rpc: /etc/passwd || ! [ -e /etc/mtab ]; then
    cp -a /etc /run/etc
    mount --bind /run/etc /etc
    grep -q ^_rpc: /etc/passwd ||
        echo '_rpc:x:65533:65534::/run/rpcbind:/usr/sbin/nologin' >> /etc/passwd
    [ -e /etc/mtab ] || ln -s ../proc/self/mounts /etc/mtab
fi
ip link set lo up
echo ready
read -r _ || exit 0
"""

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class NotRoot(RuntimeError):
    """Namespaces and taps need root (or its capabilities in a user namespace)."""


class Namespace:
    """A network, mount and process namespace; use as a context manager or call close()."""

    def __init__(self):
        if os.geteuid() != 0:
            raise NotRoot("a test site needs root: run this as root, for instance with sudo")
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc",
             "--propagation", "private", "sh", "-c", _SETUP],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True, env=dict(os.environ, PATH=SEARCH_PATH))
        if self._holder.stdout.readline() != "ready\n":
            self._holder.stdin.close()
            raise RuntimeError("cannot make a namespace: " + self._holder.stderr.read().strip())

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def command(self, argv, netns=None):
        """argv as it has to be run from outside, to run inside (in the inner `ip netns`, if one
        is named)."""
        pid = self._holder.pid
        enter = ["nsenter", f"--net=/proc/{pid}/ns/net", f"--mount=/proc/{pid}/ns/mnt",
                 f"--pid=/proc/{pid}/ns/pid_for_children", f"--root=/proc/{pid}/root",
                 f"--wdns={os.getcwd()}", "--"]
        if netns:
            enter += ["ip", "netns", "exec", netns]
        return enter + [str(word) for word in argv]

    def popen(self, argv, netns=None, **kwargs):
        """Like subprocess.Popen, inside, as the leader of a process group of its own (the child of
        nsenter is in it too: stop it with kill_group)."""
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        kwargs["env"] = dict(kwargs.get("env") or os.environ, PATH=SEARCH_PATH)
        return subprocess.Popen(self.command(argv, netns), start_new_session=True, **kwargs)

    def run(self, argv, netns=None, timeout=30, check=True, input=None):
        """Run a command inside to its end; returns its standard output as text."""
        process = self.popen(argv, netns, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             stdin=subprocess.DEVNULL if input is None else subprocess.PIPE)
        try:
            out, err = process.communicate(input, timeout=timeout)
        except BaseException:
            kill_group(process)
            raise
        if check and process.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, argv))}: exit {process.returncode}: "
                               f"{err.strip() or out.strip()}")
        return out

    def close(self):
        """Kill everything inside and remove it. Idempotent."""
        if self._holder is None:
            return
        holder, self._holder = self._holder, None
        holder.stdin.close()
        try:
            holder.wait(5)
        except subprocess.TimeoutExpired:
            kill_group(holder)
        holder.stdout.close()
        holder.stderr.close()

    def describe(self):
        """The command that opens a shell in here, for a person who looks on."""
        return shlex.join(self.command(["bash"]))


def kill_group(process, first=signal.SIGKILL, grace=5):
    """End a process made by Namespace.popen with its whole group, and reap it."""
    for number in (first, signal.SIGKILL):
        if process.poll() is None:
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                pass
        try:
            return process.wait(grace)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError(f"process {process.args} does not die")


def program(name, *directories):
    """The path of a program: in the directories named, else on the search path with sbin."""
    for directory in directories:
        for sub in ("usr/sbin", "usr/bin", "sbin", "bin"):
            path = os.path.join(directory, sub, name)
            if os.access(path, os.X_OK):
                return path
    path = shutil.which(name, path=SEARCH_PATH)
    if path is None:
        raise FileNotFoundError(f"no program '{name}': run 'make deps'")
    return path
