# SPDX-License-Identifier: BSD-2-Clause
"""Servers that others wrote, each as a process inside a site.

Each class writes its configuration into the site's directory, starts the daemon in the foreground
with its messages in a log there, and returns when the daemon serves. Each can be stopped and
started again. The daemons come from build/deps/servers (see tests/fetch-deps.sh) or, where they
are installed, from the machine.
"""

import os
import re
import signal
import sys
import time

from .namespace import kill_group, program
from .paths import BIN, BUILD, DEPS

SERVERS = os.path.join(DEPS, "servers")
WEB = os.path.join(DEPS, "web")
_LIBRARIES = ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/ganesha"]


class Server:
    """A daemon in a site. Subclasses say argv() and how one sees that it serves: `ready`, a text in
    its log, or `udp`/`tcp`, a port that is bound."""

    ready = None
    udp = None
    tcp = None
    start_timeout = 15

    def __init__(self, site, name=None):
        self.site = site
        self.name = name or type(self).__name__.lower()
        self.log_path = site.path(self.name + ".log")
        self.process = None
        site.on_close(self.stop)
        self.start()

    def argv(self):
        raise NotImplementedError

    def write(self, suffix, text):
        """A configuration file of this server; returns its path."""
        path = self.site.path(self.name + suffix)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start(self):
        """Start the daemon and wait until it serves."""
        argv = self.argv()
        env = dict(os.environ)
        for place in (SERVERS, WEB):
            if argv[0].startswith(place + "/"):
                env["LD_LIBRARY_PATH"] = ":".join(os.path.join(place, name) for name in _LIBRARIES)
        with open(self.log_path, "ab") as log:
            start = log.tell()
            self.process = self.site.namespace.popen(argv, stdout=log, stderr=log, env=env)
        deadline = time.monotonic() + self.start_timeout
        while not self._serves(start):
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended at once:\n{self.log()[-2000:]}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not serve after {self.start_timeout} s:\n"
                                   f"{self.log()[-2000:]}")
            time.sleep(0.05)

    def _serves(self, log_start):
        if self.ready:
            return self.ready in self.log()[log_start:]
        kind, port = ("udp", self.udp) if self.udp else ("tcp", self.tcp)
        return self.site.bound(kind, port)

    def stop(self):
        """Stop the daemon. Idempotent."""
        if self.process:
            process, self.process = self.process, None
            kill_group(process, signal.SIGTERM)

    def restart(self, **settings):
        """The same daemon again, with some attributes changed."""
        self.stop()
        vars(self).update(settings)
        self.start()

    def log(self):
        """What the daemon has said so far."""
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()


class Dnsmasq(Server):
    """dnsmasq: DHCP with a pool (or, with proxy=True, PXE answers beside another DHCP server),
    TFTP, and a DNS that knows only `hosts` ({name: address})."""

    ready = "started, version"

    def __init__(self, site, tftp_root=None, boot_file=None, pool=("192.168.2.100", "192.168.2.150"),
                 proxy=False, root_path=None, hosts=None, extra=()):
        self.tftp_root, self.boot_file, self.pool, self.proxy = tftp_root, boot_file, pool, proxy
        self.root_path, self.hosts, self.extra = root_path, hosts or {}, extra
        super().__init__(site)

    def config(self):
        lines = ["interface=br0", "bind-interfaces", "no-resolv", "no-hosts", "local=/#/",
                 "user=root", "log-dhcp", "log-facility=-", "log-async=0", "pid-file",
                 f"dhcp-leasefile={self.site.path(self.name + '.leases')}",
                 "dhcp-authoritative", "no-ping"]
        lines += [f"address=/{name}/{address}" for name, address in self.hosts.items()]
        if self.proxy:
            lines.append(f"dhcp-range={self.site.address},proxy")
        elif self.pool:
            lines.append(f"dhcp-range={self.pool[0]},{self.pool[1]},1h")
        if self.boot_file and self.proxy:
            lines.append(f"pxe-service=x86PC,Lanyard,{self.boot_file}")
        elif self.boot_file:
            lines.append(f"dhcp-boot={self.boot_file}")
        if self.root_path:
            lines.append(f"dhcp-option=option:root-path,{self.root_path}")
        if self.tftp_root:
            lines += ["enable-tftp", f"tftp-root={self.tftp_root}"]
        return "\n".join([*lines, *self.extra]) + "\n"

    def argv(self):
        path = self.write(".conf", self.config())
        return [program("dnsmasq"), "--keep-in-foreground", f"--conf-file={path}"]


class IscDhcpd(Server):
    """isc-dhcp-server. `config` is a whole dhcpd.conf; without one, a plain pool."""

    ready = "Server starting service"

    def __init__(self, site, config=None, boot_file="lanyard.0"):
        self.text = config or (
            "default-lease-time 600; max-lease-time 7200; authoritative;\n"
            "ping-check false;\n"
            "subnet 192.168.2.0 netmask 255.255.255.0 {\n"
            "  range 192.168.2.100 192.168.2.150;\n"
            f"  option routers {site.address};\n"
            f"  filename \"{boot_file}\";\n"
            f"  next-server {site.address};\n"
            "}\n")
        super().__init__(site)

    def argv(self):
        leases = self.site.path("dhcpd.leases")
        open(leases, "a", encoding="ascii").close()
        return [program("dhcpd", SERVERS), "-4", "-f", "-d", "-cf", self.write(".conf", self.text),
                "-lf", leases, "-pf", self.site.path("dhcpd.pid"), "br0"]


class TftpdHpa(Server):
    """tftpd-hpa as the how-to runs it: --secure, its tree is /."""

    udp = 69

    def __init__(self, site, root):
        self.root = root
        super().__init__(site)

    def argv(self):
        return [program("in.tftpd", SERVERS), "--foreground", "--address", f"{self.site.address}:69",
                "--user", "nobody", "--secure", "--verbose", self.root]


class Atftpd(Server):
    """atftpd, which knows windowsize (RFC 7440)."""

    udp = 69

    def __init__(self, site, root):
        self.root = root
        super().__init__(site)

    def argv(self):
        return [program("atftpd", SERVERS), "--daemon", "--no-fork", "--bind-address",
                self.site.address, "--port", "69", "--logfile", "-", "--user", "root.root",
                self.root]


class Rpcbind(Server):
    """Tells NFSv3 clients where mountd and nfsd are."""

    udp = 111

    def argv(self):
        return [program("rpcbind", SERVERS), "-f", "-w", "-i"]


class Ganesha(Server):
    """nfs-ganesha and the rpcbind that it needs: exports {pseudo path: directory}. An NFS server in
    user space, so that no kernel module is needed. Directories on overlayfs cannot be exported."""

    ready = "NFS SERVER INITIALIZED"
    start_timeout = 30

    def __init__(self, site, exports, read_only=False, protocols="3,4", bind=None):
        self.exports, self.read_only = exports, read_only
        self.protocols, self.bind = protocols, bind or site.address
        self.rpcbind = Rpcbind(site)
        super().__init__(site)

    def config(self):
        plugins = os.path.join(SERVERS, "usr/lib/x86_64-linux-gnu/ganesha")
        ours = self._program().startswith(SERVERS)
        text = ("NFS_CORE_PARAM {\n"
                f"  Protocols = {self.protocols}; Enable_NLM = false; Enable_RQUOTA = false;\n"
                f"  mount_path_pseudo = true; Bind_addr = {self.bind};\n"
                + (f"  Plugins_Dir = {plugins};\n" if ours else "") +
                "}\n"
                "NFSV4 { Graceless = true; UseGetpwnam = true; Only_Numeric_Owners = true;\n"
                f"  RecoveryRoot = {self.site.path('ganesha')}; }}\n"
                f"EXPORT_DEFAULTS {{ SecType = sys; Protocols = {self.protocols}; "
                "Squash = No_Root_Squash; }\n")
        access = "RO" if self.read_only else "RW"
        for number, (pseudo, directory) in enumerate(self.exports.items(), 1):
            text += (f"EXPORT {{ Export_Id = {number}; Path = {directory}; Pseudo = {pseudo};\n"
                     f"  Access_Type = {access}; FSAL {{ Name = VFS; }} }}\n")
        return text

    def start(self):
        super().start()
        refused = [line for line in self.log().splitlines() if "Could not create export" in line]
        if refused:
            raise RuntimeError(f"ganesha: {refused[-1]}\nfor why see {self.log_path}")

    @staticmethod
    def _program():
        return program("ganesha.nfsd", SERVERS)

    def argv(self):
        os.makedirs(self.site.path("ganesha"), exist_ok=True)
        return [self._program(), "-F", "-L", "/dev/stdout", "-N", "NIV_EVENT", "-f",
                self.write(".conf", self.config()), "-p", self.site.path("ganesha.pid")]


class Httpd(Server):
    """busybox httpd for the files below root."""

    tcp = 80

    def __init__(self, site, root):
        self.root = root
        super().__init__(site)

    def argv(self):
        return [program("busybox"), "httpd", "-f", "-p", f"{self.site.address}:80", "-h", self.root]


class Lighttpd(Server):
    """lighttpd for the files below root: keep-alive, ranges, sendfile."""

    tcp = 80

    def __init__(self, site, root):
        self.root = root
        super().__init__(site)

    def config(self):
        return (f'server.document-root = "{self.root}"\nserver.bind = "{self.site.address}"\n'
                'server.port = 80\nserver.errorlog = "/dev/stderr"\n'
                'mimetype.assign = ("" => "application/octet-stream")\n')

    def argv(self):
        return [program("lighttpd", WEB), "-D", "-f", self.write(".conf", self.config()),
                "-m", os.path.join(WEB, "usr/lib/lighttpd")]


class Sntp(Server):
    """A time server, this machine's clock."""

    udp = 123

    def argv(self):
        here = os.path.dirname(os.path.abspath(__file__))
        return [sys.executable, os.path.join(here, "sntp.py"), self.site.address]


class Lanyardd(Server):
    """lanyardd, which is all of the above: DHCP, TFTP, HTTP, NFS for one root tree. Its state outlives
    stop() and start(). `modules` is what mklanyard's -m takes; the demo's machines need these.
    `sanitized`: the program under ASan; `leaks`: it looks for lost memory when it ends."""

    ready = "lanyardd: ready:"
    start_timeout = 60

    def __init__(self, site, root, *options, rw=False, modules="list:e1000,virtio_net,virtio_pci",
                 dhcp="pool", state=None, sanitized=False, leaks=False, programs=BIN,
                 config=os.devnull):
        self.root, self.options, self.rw, self.modules = root, list(options), rw, modules
        self.dhcp, self.programs, self.config = dhcp, programs, config
        self.program = f"{BUILD}/host/lanyardd" if sanitized else f"{BIN}/lanyardd"
        self.leaks = leaks
        self.state = state or site.path("lanyardd.state")
        super().__init__(site)

    def argv(self):
        argv = ["env", f"ASAN_OPTIONS=detect_leaks={int(self.leaks)}", self.program, "--programs", self.programs,
                "--state", self.state, "--dhcp", self.dhcp, "-c", self.config]
        if self.modules:
            argv += ["--modules", self.modules]
        argv += ["--unconfined"] if self.leaks else []  # the search for leaks is a debugger
        return argv + (["--rw"] if self.rw else []) + [*map(str, self.options), self.root]

    def processes(self):
        """{what: pid} of the supervisor ("lanyardd") and its children ("net", "nfs")."""
        found = {}
        listing = self.site.run(["ps", "-o", "pid=,ppid=,user:32=,stat=", "-C", "lanyardd"],
                                check=False)
        lines = [line.split() for line in listing.splitlines()]
        lines = [line for line in lines if line[3][0] != "Z"]
        pids = {line[0] for line in lines}
        for pid, parent, user, _ in lines:
            what = "lanyardd" if parent not in pids else "nfs" if user == "root" else "net"
            found[what] = int(pid)
        return found

    def initrds(self):
        """{what it was cut to, such as "8086-100e/no-nfsv4": bytes} of the initramfs that machines took."""
        return {cut: int(size) for cut, size in
                re.findall(r"initrd-\S+\.img/(\S+) to \S+: (\d+) bytes", self.log())}

    def kill(self, what):
        """kill -9 of one of its processes."""
        self.site.run(["kill", "-9", str(self.processes()[what])])

    def wait_for(self, text, timeout=30, start=0):
        """Wait until the log has the text after `start` characters."""
        deadline = time.monotonic() + timeout
        while text not in self.log()[start:]:
            if time.monotonic() > deadline:
                raise RuntimeError(f"lanyardd does not say '{text}':\n{self.log()[-3000:]}")
            time.sleep(0.05)

    def stop(self):
        """SIGTERM, to the end of all processes. Fails if a sanitizer had something to say."""
        super().stop()
        deadline = time.monotonic() + 20
        while self.site.run(["pgrep", "-r", "D,R,S,T,t", "-x", "lanyardd"], check=False):
            if time.monotonic() > deadline:
                raise RuntimeError(f"lanyardd does not end: {self.log()[-2000:]}")
            time.sleep(0.05)
        report = re.search(r"(AddressSanitizer|LeakSanitizer|runtime error).*", self.log(), re.DOTALL)
        assert not report, f"lanyardd's log says:\n{report.group()[:4000]}"

    def signal(self, number):
        """A signal to the supervisor."""
        self.site.run(["kill", f"-{int(number)}", str(self.processes()["lanyardd"])])
