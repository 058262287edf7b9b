// SPDX-License-Identifier: BSD-2-Clause
// A child of the card's MNP service with its own poll: background polling every 10 ms is off. Tokens
// wait for frames in a ring; each completes by its event, in order. Received frames are copied, and
// given back at once. One frame is sent at a time.
#include "efi/mnp.h"
#include "efi/firmware.h"
#include "netstack/base/memory.h"

enum { HEADER = 14, FRAME_MIN = 60, PAGE = 4096, POLLS = 4 };

struct mnp_received { // EFI_MANAGED_NETWORK_RECEIVE_DATA
	EFI_TIME time;
	EFI_EVENT recycle;
	UINT32 length, header_length, address_length, data_length;
	BOOLEAN broadcast, multicast, promiscuous;
	UINT16 type;
	void *to, *from, *header, *data;
};

struct mnp_protocol {
	void *GetModeData;
	EFI_STATUS (EFIAPI *Configure)(struct mnp_protocol *, const EFI_MANAGED_NETWORK_CONFIG_DATA *);
	void *McastIpToMac;
	EFI_STATUS (EFIAPI *Groups)(struct mnp_protocol *, BOOLEAN join, const EFI_MAC_ADDRESS *);
	EFI_STATUS (EFIAPI *Transmit)(struct mnp_protocol *, struct mnp_token *);
	EFI_STATUS (EFIAPI *Receive)(struct mnp_protocol *, struct mnp_token *);
	EFI_STATUS (EFIAPI *Cancel)(struct mnp_protocol *, struct mnp_token *);
	EFI_STATUS (EFIAPI *Poll)(struct mnp_protocol *);
};

static const EFI_GUID service_guid =
	{0xf36ff770, 0xa7e1, 0x42cf, {0x9e, 0xd2, 0x56, 0xf0, 0xf2, 0x71, 0xf4, 0x4c}};
static const EFI_GUID mnp_guid =
	{0x7ab33a91, 0xace5, 0x4326, {0xb5, 0x72, 0xe7, 0xee, 0x33, 0xd3, 0x9f, 0x16}};

static size_t memory_pages(void)
{
	return (sizeof(struct mnp_memory) + PAGE - 1) / PAGE;
}

// ---- open and close ------------------------------------------------------------------------------

static EFI_STATUS make_events(struct mnp *m)
{
	EFI_STATUS status = firmware_services->CreateEvent(0, 0, NULL, NULL, &m->tx.event);

	for (size_t i = 0; i < MNP_TOKENS && !EFI_ERROR(status); i++)
		status = firmware_services->CreateEvent(0, 0, NULL, NULL, &m->rx[i].event);
	return status;
}

static void close_events(struct mnp *m)
{
	for (size_t i = 0; i < MNP_TOKENS; i++)
		if (m->rx[i].event)
			firmware_services->CloseEvent(m->rx[i].event);
	if (m->tx.event)
		firmware_services->CloseEvent(m->tx.event);
}

static void post(struct mnp *m)
{
	for (size_t i = 0; i < MNP_TOKENS; i++) {
		const size_t token = (m->next + i) % MNP_TOKENS;

		if (m->posted[token])
			continue;
		if (EFI_ERROR(m->protocol->Receive(m->protocol, &m->rx[token])))
			return;
		m->posted[token] = true;
	}
}

static EFI_STATUS make_child(struct mnp *m)
{
	static const EFI_MANAGED_NETWORK_CONFIG_DATA config = {
		.EnableUnicastReceive = TRUE,
		.EnableBroadcastReceive = TRUE,
		.FlushQueuesOnReset = TRUE,
		.DisableBackgroundPolling = TRUE,
	};
	EFI_SERVICE_BINDING *service = firmware_protocol(m->handle, &service_guid);
	EFI_STATUS status;

	if (!service)
		return EFI_UNSUPPORTED;
	m->child = NULL;
	status = service->CreateChild(service, &m->child);
	if (EFI_ERROR(status))
		return status;
	m->protocol = firmware_protocol(m->child, &mnp_guid);
	status = m->protocol ? m->protocol->Configure(m->protocol, &config) : EFI_UNSUPPORTED;
	return EFI_ERROR(status) ? status : make_events(m);
}

static void drop_child(struct mnp *m)
{
	EFI_SERVICE_BINDING *service = firmware_protocol(m->handle, &service_guid);

	if (m->child && m->protocol) {
		m->protocol->Cancel(m->protocol, NULL);
		m->protocol->Configure(m->protocol, NULL);
	}
	close_events(m);
	if (m->child && service)
		service->DestroyChild(service, m->child);
	m->child = NULL;
	m->protocol = NULL;
}

static bool mnp_open(struct netdev *dev, struct fault *fault)
{
	struct mnp *m = (struct mnp *)dev;
	EFI_PHYSICAL_ADDRESS at = 0;
	EFI_STATUS status;

	if (m->memory)
		return true;
	memset(m->rx, 0, sizeof m->rx);
	memset(m->posted, 0, sizeof m->posted);
	m->tx.event = NULL;
	m->sending = false;
	m->next = 0;
	status = firmware_services->AllocatePages(AllocateAnyPages, EfiLoaderData, memory_pages(), &at);
	if (!EFI_ERROR(status)) {
		status = make_child(m);
		if (EFI_ERROR(status)) {
			drop_child(m);
			firmware_services->FreePages(at, memory_pages());
		}
	}
	if (EFI_ERROR(status))
		return fault_set(fault, FAULT_NIC_OPEN, "(%s, the firmware's network: %s)", dev->name,
			firmware_status(status));
	m->memory = (struct mnp_memory *)(uintptr_t)at;
	post(m);
	return true;
}

static void mnp_close(struct netdev *dev)
{
	struct mnp *m = (struct mnp *)dev;

	if (!m->memory)
		return;
	drop_child(m);
	firmware_services->FreePages((uintptr_t)m->memory, memory_pages());
	m->memory = NULL;
}

static enum netdev_link mnp_link(struct netdev *dev)
{
	(void)dev;
	return LINK_UNKNOWN;
}

// ---- frames --------------------------------------------------------------------------------------

// Copies a frame out; its length, 0 for one that does not count.
static size_t take(struct mnp *m, const struct mnp_received *r, uint8_t *to)
{
	if (r->header_length != HEADER || r->data_length > NETDEV_FRAME - HEADER || !r->header ||
		!r->data) {
		m->count.bad_length++;
		return 0;
	}
	memcpy(to, r->header, HEADER);
	memcpy(to + HEADER, r->data, r->data_length);
	return HEADER + r->data_length;
}

// The token that completes next: true if it has, with the frame in its slot.
static bool complete(struct mnp *m, size_t *length)
{
	struct mnp_token *t = &m->rx[m->next];

	*length = 0;
	if (!m->posted[m->next] || firmware_services->CheckEvent(t->event))
		return false;
	m->posted[m->next] = false;
	if (EFI_ERROR(t->status) || !t->data) {
		m->count.errors++;
	} else {
		struct mnp_received *r = t->data;

		*length = take(m, r, m->memory->rx[m->next]);
		firmware_services->SignalEvent(r->recycle);
	}
	t->data = NULL;
	m->next = (m->next + 1) % MNP_TOKENS;
	return true;
}

static size_t mnp_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct mnp *m = (struct mnp *)dev;
	size_t count = 0, length;

	if (!m->memory)
		return 0;
	post(m);
	m->count.polls++;
	for (unsigned i = 0; i < POLLS; i++)
		m->protocol->Poll(m->protocol);
	for (unsigned i = 0; i < MNP_TOKENS && count < max; i++) {
		const uint8_t *slot = m->memory->rx[m->next];

		if (!complete(m, &length))
			break;
		if (length)
			burst[count++] = (struct netdev_frame){slot, length, false};
	}
	m->count.received += (uint32_t)count;
	return count;
}

static bool send(struct mnp *m, const struct netdev_frame *f)
{
	size_t length = f->length < FRAME_MIN ? FRAME_MIN : f->length;

	if (m->sending && firmware_services->CheckEvent(m->tx.event))
		return false;
	memset(m->memory->tx, 0, FRAME_MIN);
	memcpy(m->memory->tx, f->bytes, f->length);
	m->send = (struct mnp_send){
		.data_length = (UINT32)(length - HEADER),
		.header_length = HEADER,
		.fragments = 1,
		.length = (UINT32)length,
		.bytes = m->memory->tx,
	};
	m->tx.data = &m->send;
	m->sending = !EFI_ERROR(m->protocol->Transmit(m->protocol, &m->tx));
	if (m->sending)
		m->count.sent++;
	else
		m->count.errors++;
	return true;
}

static size_t mnp_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	struct mnp *m = (struct mnp *)dev;
	size_t i;

	for (i = 0; m->memory && i < count; i++)
		if (frames[i].length >= HEADER && frames[i].length <= NETDEV_FRAME && !send(m, &frames[i]))
			break;
	return i;
}

static bool mnp_set_filter(struct netdev *dev, const uint8_t (*groups)[6], size_t count)
{
	struct mnp *m = (struct mnp *)dev;
	bool joined = m->memory != NULL;

	if (m->memory)
		m->protocol->Groups(m->protocol, FALSE, NULL); // leaves all
	for (size_t i = 0; m->memory && i < count; i++) {
		EFI_MAC_ADDRESS group = {0};

		memcpy(group.Addr, groups[i], 6);
		joined = !EFI_ERROR(m->protocol->Groups(m->protocol, TRUE, &group)) && joined;
	}
	return joined;
}

EFI_HANDLE mnp_service_on(const EFI_DEVICE_PATH *path)
{
	EFI_DEVICE_PATH *rest = (EFI_DEVICE_PATH *)path;
	EFI_HANDLE handle;

	if (firmware_services->LocateDevicePath((EFI_GUID *)&service_guid, &rest, &handle))
		return NULL;
	return handle;
}

void mnp_init(struct mnp *m, EFI_HANDLE handle, const struct netdev *dev)
{
	static const struct netdev_ops ops = {
		.open = mnp_open,
		.close = mnp_close,
		.link = mnp_link,
		.receive = mnp_receive,
		.transmit = mnp_transmit,
		.set_filter = mnp_set_filter,
	};

	memset(m, 0, sizeof *m);
	m->dev = *dev;
	m->dev.ops = &ops;
	m->handle = handle;
}

void mnp_describe(const struct mnp *m, struct text *to)
{
	const struct mnp_counters *c = &m->count;

	text_format(to, "%s: %u frames in, %u out, %u polls of the firmware's network", m->dev.name,
		c->received, c->sent, c->polls);
	if (c->bad_length)
		text_format(to, ", %u bad lengths", c->bad_length);
	if (c->errors)
		text_format(to, ", %u errors", c->errors);
}
