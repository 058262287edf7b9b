// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/record.h"

#include "initramfs/file.h"
#include "netstack/base/text.h"
#include "netstack/wire/dhcp.h"
#include "netstack/wire/ipparam.h"

#include <string.h>

enum { RECORD_FILE = 4096, UUID_OPTION = 17, VLAN_MAX = 4094 };

static bool read_packet(const char *directory, const char *name, char *packet,
	struct dhcp_message *m)
{
	char path[128];
	struct text t = text_of(path, sizeof path);
	ssize_t length;

	text_format(&t, "%s/%s", directory, name);
	length = file_read(path, packet, RECORD_FILE);
	return !t.cut && length > 0 && dhcp_parse(m, packet, (size_t)length);
}

static void read_discover(struct record *r, const struct dhcp_message *m)
{
	uint8_t uuid[UUID_OPTION];

	lease_add_discover(&r->lease, m);
	if (dhcp_option(m, DHCP_OPTION_CLIENT_UUID, uuid, sizeof uuid) == UUID_OPTION && uuid[0] == 0) {
		memcpy(r->uuid, uuid + 1, sizeof r->uuid);
		r->has_uuid = true;
	}
}

static void read_nic_line(struct record *r, const char *line, size_t length)
{
	uint32_t vlan;

	if (length > 7 && memcmp(line, "hwaddr ", 7) == 0)
		r->has_hwaddr = bootif_parse(r->hwaddr, line + 7, length - 7);
	else if (length > 5 && memcmp(line, "vlan ", 5) == 0 &&
		text_u32(line + 5, length - 5, 10, &vlan) && vlan >= 1 && vlan <= VLAN_MAX)
		r->vlan = (uint16_t)vlan;
}

// What `nic` says: lines of a word, a blank, a value.
static void read_nic(struct record *r, const char *directory)
{
	char path[128], nic[RECORD_FILE], *line = nic;
	struct text t = text_of(path, sizeof path);

	text_format(&t, "%s/nic", directory);
	if (t.cut || file_read(path, nic, sizeof nic) < 0)
		return;
	while (*line) {
		size_t length = strcspn(line, "\n");

		read_nic_line(r, line, length);
		line += length + (line[length] == '\n');
	}
}

void record_read(struct record *r, const char *directory)
{
	char packet[RECORD_FILE];
	struct dhcp_message m;
	struct fault ignored;

	*r = (struct record){0};
	read_nic(r, directory);
	if (read_packet(directory, "dhcpack", packet, &m)) {
		r->has_lease = m.op == DHCP_BOOTREPLY && lease_read(&r->lease, &m, &ignored);
		if (!r->has_hwaddr && m.htype == 1 && m.hlen == sizeof r->hwaddr) {
			memcpy(r->hwaddr, m.chaddr, sizeof r->hwaddr);
			r->has_hwaddr = true;
		}
	}
	if (read_packet(directory, "dhcpdiscover", packet, &m))
		read_discover(r, &m);
	if (r->has_lease && read_packet(directory, "proxyack", packet, &m))
		lease_add_proxy(&r->lease, &m);
}
