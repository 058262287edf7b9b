# SPDX-License-Identifier: BSD-2-Clause
"""A network of its own for a test or a demo: bridge, servers, clients, machines. See README.md."""

from .console import Console, ConsoleError
from .machine import Machine
from .namespace import Namespace, NotRoot
from .servers import Atftpd, Dnsmasq, Ganesha, Httpd, IscDhcpd, Lanyardd, Lighttpd, Sntp, TftpdHpa
from .site import Site
from .wire import Wire

__all__ = ["Atftpd", "Console", "ConsoleError", "Dnsmasq", "Ganesha", "Httpd", "IscDhcpd",
           "Lanyardd", "Lighttpd", "Machine", "Namespace", "NotRoot", "Site", "Sntp", "TftpdHpa", "Wire"]
