# SPDX-License-Identifier: BSD-2-Clause
"""A tree that was made for a cloud: netplan asks for DHCP on all cards, cloud-init finds its seed in the
tree, name servers are systemd-resolved's, the time is systemd-timesyncd's. None of them touches the
card, and none waits for it."""

import os
import re
import subprocess
import time

import pytest

from tests.qemu.debian import assert_healthy, identity, log_in, power_off
from tests.qemu.support import asked_for_addresses
from tests.qemu.test_roots import boot, variant
from tests.site import Dnsmasq, Ganesha, Sntp

NETPLAN = """network:
  version: 2
  renderer: networkd
  ethernets:
    all-en: {match: {name: "en*"}, dhcp4: true}
    all-eth: {match: {name: "eth*"}, dhcp4: true}
"""
USER_DATA = """#cloud-config
hostname: seeded
locale: C.UTF-8
ssh_genkeytypes: [ed25519]
"""
SEED = "var", "lib", "cloud", "seed", "nocloud"
OTHERS = "connman", "dhcpcd"
# The later stages have to do with neither network nor names.
STAGES = "cloud_config_modules: [timezone]\ncloud_final_modules: [final-message]\n"


def put(root, text, *names):
    os.makedirs(root.path(*names[:-1]), exist_ok=True)
    with open(root.path(*names), "w", encoding="ascii") as file:
        file.write(text)


def cloud_image(site):
    """As the makers of images leave it."""
    root = variant(site, "cloud")
    put(root, NETPLAN, "etc", "netplan", "90-default.yaml")
    put(root, "instance-id: nfsroot\n", *SEED, "meta-data")
    put(root, USER_DATA, *SEED, "user-data")
    put(root, STAGES, "etc", "cloud", "cloud.cfg.d", "90-stages.cfg")
    subprocess.run(["systemctl", "--quiet", f"--root={root.dir}", "enable", "systemd-networkd",
                    "systemd-resolved"], check=True)
    subprocess.run(["systemctl", "--quiet", f"--root={root.dir}", "disable", *OTHERS], check=True)
    return root


def network(machine):
    """Addresses, routes, name servers, and which files cloud-init and netplan have made."""
    machine.shell("echo 3 > /proc/sys/vm/drop_caches; ls / /root && md5sum /bin/ls", 120)
    return machine.shell("ip -o -4 addr show scope global | sed 's/ *valid_lft.*//'; ip -4 route; "
                         "resolvectl dns; ls /etc/netplan", 120)


def assert_cloud_init_is_done(machine):
    """It has made keys, and left the network alone."""
    status = machine.shell("cloud-init status --long --wait", 400)
    assert "status: done" in status and "nocloud" in status, status
    machine.shell("test -e /etc/ssh/ssh_host_ed25519_key")
    log = machine.shell("grep -E 'network config|Applying network' /var/log/cloud-init.log", 60)
    assert "network config is disabled by cmdline" in log and "Applying" not in log, log
    waits = machine.shell("systemctl is-enabled systemd-networkd-wait-online || true", 60)
    assert waits.strip() == "masked-runtime", waits


def assert_network_stays(machine, command, before):
    machine.shell(f"{command}; sleep 5", 240)
    assert network(machine) == before, command


@pytest.mark.parametrize("words", ["rw", pytest.param("lanyard.overlay=tmpfs", marks=pytest.mark.long)])
def test_cloud_image(site, words):
    """Written to by one machine, whose name the seed may give, then with ConnMan and dhcpcd started
    besides; or with an overlay. This server gives an error when it is told to remove an ACL (noacl)."""
    root = cloud_image(site)
    Dnsmasq(site, extra=["dhcp-option=option:ntp-server,192.168.2.2"])
    Sntp(site)
    Ganesha(site, {"/nfsroot": root.dir}, read_only=words != "rw")
    with boot(site, f"nfsroot=192.168.2.2:/nfsroot{',noacl' if words == 'rw' else ''} {words}") as machine:
        log_in(machine)
        assert_cloud_init_is_done(machine)
        assert_healthy(machine)
        before = network(machine)
        own = machine.shell(". /run/net-*.conf && echo $IPV4ADDR").strip()
        assert re.findall(r"inet (\S+)/24", before) == [own], before
        assert before.count("default via") == 1 and "Global: 192.168.2.2" in before, before
        assert "50-cloud-init" not in before, before
        assert identity(machine)[1] == ("seeded" if words == "rw" else "lan-525400123401")
        told = machine.shell("timedatectl show-timesync", 120)
        assert "SystemNTPServers=192.168.2.2\n" in told and "ServerAddress=192.168.2.2\n" in told, told
        assert_network_stays(machine, "netplan apply", before)
        assert_network_stays(machine, "systemctl restart systemd-networkd", before)
        if words != "rw":
            power_off(machine)
            return
        for service in OTHERS:
            assert_network_stays(machine, f"systemctl start {service}", before)
            machine.shell(f"systemctl is-active {service} && systemctl stop {service}", 120)
        assert_healthy(machine)
        # Nobody but init has asked for an address; networkd would, were it not for this file.
        assert len(asked_for_addresses(machine)) == 1
        machine.shell("rm /run/systemd/network/00-lanyard.network; systemctl restart systemd-networkd", 120)
        deadline = time.monotonic() + 90
        while len(asked_for_addresses(machine)) == 1:
            assert time.monotonic() < deadline
            time.sleep(2)
