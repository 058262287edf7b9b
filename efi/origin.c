// SPDX-License-Identifier: BSD-2-Clause
// The nodes are those of UEFI 2.10, sections 10.3.4.12 (IPv4), 10.3.4.19 (VLAN) and 10.3.4.23 (URI). A
// node that is too short for its kind says nothing.
#include "efi/origin.h"
#include "efi/path.h"
#include "netstack/base/memory.h"

enum {
	NODE_HEADER = 4,
	URI_NODE = 24,
	IPV4_REMOTE = 8, // offset
	VLAN_ID = 4,     // offset
	VLAN_MAX = 4094,
};

// The bytes of the first node of that kind, NULL if it has not so many.
static const uint8_t *node(const EFI_DEVICE_PATH *path, uint8_t subtype, size_t least, size_t *length)
{
	const EFI_DEVICE_PATH *found = path_find(path, MESSAGING_DEVICE_PATH, subtype);

	if (!found)
		return NULL;
	*length = (size_t)(found->Length[0] | found->Length[1] << 8);
	return *length >= least ? (const uint8_t *)found : NULL;
}

// The text in the node, which has no end of its own. A part of an address would be another one.
static void read_url(char url[ORIGIN_URL], const uint8_t *bytes, size_t length)
{
	while (length && !bytes[length - 1])
		length--;
	if (length >= ORIGIN_URL)
		return;
	for (size_t i = 0; i < length; i++)
		if (bytes[i] <= ' ' || bytes[i] >= 0x7f)
			return;
	memcpy(url, bytes, length);
	url[length] = 0;
}

void origin_read(struct origin *o, const EFI_DEVICE_PATH *path)
{
	const uint8_t *bytes;
	size_t length;

	*o = (struct origin){0};
	bytes = node(path, MSG_VLAN_DP, VLAN_ID + 2, &length);
	if (bytes)
		o->vlan = (uint16_t)(bytes[VLAN_ID] | bytes[VLAN_ID + 1] << 8);
	if (o->vlan > VLAN_MAX)
		o->vlan = 0;
	bytes = node(path, MSG_IPv4_DP, IPV4_REMOTE + 4, &length);
	if (bytes)
		o->server = ipaddr_v4(bytes[IPV4_REMOTE], bytes[IPV4_REMOTE + 1],
			bytes[IPV4_REMOTE + 2], bytes[IPV4_REMOTE + 3]);
	if (!ipaddr_is_host(&o->server))
		o->server = (struct ipaddr){0};
	bytes = node(path, URI_NODE, NODE_HEADER, &length);
	if (bytes)
		read_url(o->url, bytes + NODE_HEADER, length - NODE_HEADER);
}
