// SPDX-License-Identifier: BSD-2-Clause
// init's readers of what others have written: the first byte chooses one. Texts are what administrators
// and other systems' tools write; lists of exports and times come from servers, announcements from routers.
#include "initramfs/root/exports.h"
#include "initramfs/system/fstab.h"
#include "initramfs/httpdate.h"
#include "initramfs/system/identity.h"
#include "initramfs/system/ifupdown.h"
#include "initramfs/net/inet6.h"
#include "initramfs/pattern.h"
#include "initramfs/sntp.h"
#include "initramfs/root/tmpfs_list.h"
#include "netstack/wire/linkparam.h"
#include "netstack/wire/ndisc.h"
#include "tests/fuzz/harness.h"

#include <stdlib.h>

enum { ROOM = 1 << 16 };

static char room[ROOM];

static void hear(void *owner, const char *word)
{
	(void)owner;
	PROMISE(word[0] && strlen(word) < 512);
}

static void read_links(const char *value, size_t length)
{
	struct linkparam_vlan vlan;
	struct linkparam_ifname ifname;
	struct linkparam_route route;
	struct ipaddr address;
	struct fault fault = {0};

	if (linkparam_vlan(&vlan, value, length, &fault))
		PROMISE(vlan.id >= 1 && vlan.id <= 4094 && vlan.name[0]);
	else
		PROMISE(fault.id == FAULT_LINK_PARAMETER);
	if (linkparam_ifname(&ifname, value, length, &fault))
		PROMISE(linkparam_is_name(ifname.name, strlen(ifname.name)));
	if (linkparam_route(&route, value, length, &fault))
		PROMISE(route.prefix <= (route.destination.family == IP_V6 ? 128 : 32) &&
			(route.device[0] || !ipaddr_is_unset(&route.gateway)));
	linkparam_nameserver(&address, value, length, &fault);
}

static void read_tmpfs(const char *list)
{
	struct tmpfs_entry e;

	while (tmpfs_next(&list, &e))
		PROMISE(!e.path[0] || (e.path[0] == '/' && strstr(e.options, "mode=")));
}

static void read_shared_hosts(const char *text)
{
	static char again[ROOM];
	struct text t = text_of(room, sizeof room), a = text_of(again, sizeof again);

	identity_knows_itself(text);
	if (identity_add_host(text, "192.168.2.57", "ws1", "example.org", &t))
		PROMISE(t.cut || !identity_add_host(room, "192.168.2.57", "ws1", "example.org", &a));
}

static void read_files(const char *text)
{
	struct text t = text_of(room, sizeof room);
	struct ipaddr address;
	uint8_t uuid[16], prefix;

	fstab_without_disks(text, &t);
	t = text_of(room, sizeof room);
	fstab_without_crypt(text, &t);
	t = text_of(room, sizeof room);
	identity_hosts(text, "ws1", "example.org", &t);
	PROMISE(t.cut || strstr(room, "127.0.1.1\tws1.example.org ws1\n"));
	read_shared_hosts(text);
	identity_read_uuid(text, uuid);
	if (inet6_find(text, "eth0", &address, &prefix))
		PROMISE(address.family == IP_V6 && prefix <= 128 &&
			inet6_presence(text, "eth0", &address) != INET6_ABSENT);
	if (inet6_find_link(text, "eth0", &address))
		PROMISE(inet6_presence(text, "eth0", &address) != INET6_ABSENT);
	pattern_match(text, "pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00");
	pattern_match("*[0-9]*dc?", text);
	ifupdown_read(text, hear, hear, NULL);
}

static void read_packets(const uint8_t *bytes, size_t length)
{
	struct xdr x = xdr_decoder(bytes, length);
	struct ipaddr own = ipaddr_v4(192, 168, 2, 57);
	struct exports e;
	struct ndisc_dns dns = {0};
	uint64_t seconds;

	ndisc_read_dns(&dns, bytes, length);
	PROMISE(memchr(dns.search, 0, sizeof dns.search) && !strchr(dns.search, '\n'));
	exports_read(&e, &x, "/srv/nfsroot", &own);
	PROMISE((e.verdict == EXPORTS_UNKNOWN) == !e.words[0]);
	sntp_read(bytes, length, 0, &seconds);
	httpdate_read((const char *)bytes, length, &seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text;

	if (!length)
		return 0;
	text = malloc(length); // ends where its memory ends
	memcpy(text, bytes + 1, length - 1);
	text[length - 1] = 0;
	switch (bytes[0] % 4) {
	case 0:
		read_links(text, length - 1);
		break;
	case 1:
		read_tmpfs(text);
		break;
	case 2:
		read_files(text);
		break;
	default:
		read_packets(bytes + 1, length - 1);
	}
	free(text);
	return 0;
}
