// SPDX-License-Identifier: BSD-2-Clause
// The card is opened exclusively: the firmware's own stack (MNP) then lets go of it, and with it DHCP,
// PXE and HTTP. It comes back stopped; starting it makes the link bounce.
//
// What drivers are known to do, and what is done about it here:
//   - fail to initialise while the link comes up: the caller tries again
//   - refuse filters that they have said to know, or say that they know none: smaller sets, errors
//     ignored
//   - refuse short frames: padded to 60 bytes
//   - report a transmission as done by another pointer than was given: any pointer will do
//   - never report it: taken as done after a while, later at once. One is under way at a time, and
//     there are many slots, so that the driver may still read the memory
//   - report lengths of 0 or more than the buffer has, or write some bytes past it: dropped; slots have
//     room to spare
//   - keep a frame that is too long for the buffer, and with it all behind it: taken into a large one
//   - fail for good: initialised again
// GetStatus asks the device itself in some drivers, which in a virtual machine costs as much as a frame:
// it is called when a frame waits to be sent, and else every now and then, because some drivers only
// work when it is.
#include "efi/snp.h"
#include "efi/clock.h"
#include "efi/firmware.h"
#include "netstack/base/memory.h"

enum {
	FRAME_MIN = 60,
	HEADER = 14,
	SPARE = 64,             // of a slot, that the driver is not told of
	COMPLETION_MS = 50,
	MUTE_AFTER = 3,
	STATUS_EVERY = 64,      // receive calls
	FAILING_MS = 2000,
	IF_ETHERNET = 1,
	PAGE = 4096,
	U_BOOT_BURST = 8,
};

static const EFI_GUID snp_guid = EFI_SIMPLE_NETWORK_PROTOCOL_GUID;

// ---- open and close ------------------------------------------------------------------------------

static size_t ring_pages(void)
{
	return (sizeof(struct snp_rings) + PAGE - 1) / PAGE;
}

static bool filters(struct snp *s, uint32_t enable, size_t groups, EFI_MAC_ADDRESS *list)
{
	EFI_SIMPLE_NETWORK_PROTOCOL *p = s->protocol;
	const uint32_t known = p->Mode->ReceiveFilterMask ? p->Mode->ReceiveFilterMask : 0x1f;

	p->ReceiveFilters(p, 0, known, TRUE, 0, NULL);
	return !EFI_ERROR(p->ReceiveFilters(p, enable & known, 0, groups == 0, groups, list));
}

static void hear(struct snp *s)
{
	static const uint32_t sets[] = {
		EFI_SIMPLE_NETWORK_RECEIVE_UNICAST | EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST,
		EFI_SIMPLE_NETWORK_RECEIVE_UNICAST | EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST |
			EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST,
		EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS,
		EFI_SIMPLE_NETWORK_RECEIVE_UNICAST,
	};

	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		if (filters(s, sets[i], 0, NULL))
			return;
}

// From whatever state the firmware has left it in.
static EFI_STATUS start(struct snp *s)
{
	EFI_SIMPLE_NETWORK_PROTOCOL *p = s->protocol;
	EFI_STATUS status;

	if (p->Mode->State == EfiSimpleNetworkInitialized)
		p->Shutdown(p);
	if (p->Mode->State == EfiSimpleNetworkStopped) {
		status = p->Start(p);
		if (EFI_ERROR(status) && status != EFI_ALREADY_STARTED)
			return status;
	}
	status = p->Initialize(p, 0, 0);
	if (EFI_ERROR(status)) {
		p->Shutdown(p);
		p->Stop(p);
		return status;
	}
	hear(s);
	s->outstanding = false;
	s->failing_since = 0;
	return EFI_SUCCESS;
}

static EFI_STATUS take(struct snp *s)
{
	EFI_PHYSICAL_ADDRESS at = 0;
	void *interface;
	EFI_STATUS status;

	status = firmware_services->OpenProtocol(s->handle, (EFI_GUID *)&snp_guid, &interface,
		firmware_image, NULL, EFI_OPEN_PROTOCOL_EXCLUSIVE);
	s->taken = EFI_ERROR(status);
	if (EFI_ERROR(status))
		return status;
	s->protocol = interface;
	status = firmware_services->AllocatePages(AllocateAnyPages, EfiLoaderData, ring_pages(), &at);
	if (!EFI_ERROR(status)) {
		s->rings = (struct snp_rings *)(uintptr_t)at;
		return EFI_SUCCESS;
	}
	firmware_services->CloseProtocol(s->handle, (EFI_GUID *)&snp_guid, firmware_image, NULL);
	return status;
}

static void give_back(struct snp *s)
{
	firmware_services->FreePages((uintptr_t)s->rings, ring_pages());
	firmware_services->CloseProtocol(s->handle, (EFI_GUID *)&snp_guid, firmware_image, NULL);
	s->rings = NULL;
}

static bool snp_open(struct netdev *dev, struct fault *fault)
{
	struct snp *s = (struct snp *)dev;
	EFI_STATUS status;

	if (s->rings)
		return true;
	status = take(s);
	if (!EFI_ERROR(status)) {
		status = start(s);
		if (EFI_ERROR(status))
			give_back(s);
	}
	if (EFI_ERROR(status))
		return fault_set(fault, FAULT_NIC_OPEN, "(%s, the firmware's driver, %s: %s)", dev->name,
			s->place, firmware_status(status));
	s->tx_head = s->tx_tail = 0;
	return true;
}

static void snp_close(struct netdev *dev)
{
	struct snp *s = (struct snp *)dev;

	if (!s->rings)
		return;
	s->protocol->Shutdown(s->protocol);
	s->protocol->Stop(s->protocol);
	give_back(s);
}

static enum netdev_link snp_link(struct netdev *dev)
{
	struct snp *s = (struct snp *)dev;
	const EFI_SIMPLE_NETWORK_MODE *mode = s->protocol->Mode;
	UINT32 interrupts;

	if (!mode->MediaPresentSupported)
		return LINK_UNKNOWN;
	if (s->rings)
		s->protocol->GetStatus(s->protocol, &interrupts, NULL); // brings MediaPresent up to date
	return mode->MediaPresent ? LINK_UP : LINK_DOWN;
}

// ---- sending -------------------------------------------------------------------------------------

static void take_completion(struct snp *s)
{
	UINT32 interrupts = 0;
	void *done = NULL;

	s->status_age = 0;
	if (EFI_ERROR(s->protocol->GetStatus(s->protocol, &interrupts, &done)))
		done = NULL;
	if (done) {
		s->count.completed++;
		s->unreported = 0;
		s->mute = s->outstanding = false;
	} else if (s->outstanding && clock_now() - s->sent_at >= COMPLETION_MS) {
		s->outstanding = false;
		s->mute = ++s->unreported >= MUTE_AFTER;
	}
}

static void send_waiting(struct snp *s)
{
	EFI_SIMPLE_NETWORK_PROTOCOL *p = s->protocol;

	if (s->outstanding && s->tx_head != s->tx_tail)
		take_completion(s);
	while (!s->outstanding && s->tx_head != s->tx_tail) {
		const uint16_t slot = s->tx_head % SNP_TX_SLOTS;
		EFI_STATUS status = p->Transmit(p, 0, s->tx_length[slot], s->rings->tx[slot], NULL, NULL,
			NULL);

		if (status == EFI_NOT_READY) {
			s->count.busy++;
			return;
		}
		s->tx_head++;
		if (EFI_ERROR(status)) {
			s->count.refused++;
			continue;
		}
		s->count.sent++;
		s->sent_at = clock_now();
		s->outstanding = !s->mute;
		if (s->tx_head != s->tx_tail)
			take_completion(s);
	}
}

static void queue(struct snp *s, const struct netdev_frame *f)
{
	const uint16_t slot = s->tx_tail % SNP_TX_SLOTS;
	uint8_t *to = s->rings->tx[slot];
	uint16_t length = (uint16_t)f->length;

	memcpy(to, f->bytes, length);
	if (length < FRAME_MIN) {
		memset(to + length, 0, FRAME_MIN - length);
		length = FRAME_MIN;
	}
	s->tx_length[slot] = length;
	s->tx_tail++;
}

static size_t snp_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	struct snp *s = (struct snp *)dev;
	const uint64_t before = clock_steps();
	size_t i;

	for (i = 0; s->rings && i < count; i++) {
		if ((uint16_t)(s->tx_tail - s->tx_head) >= SNP_TX_SLOTS - 1) // one may still be read
			break;
		if (frames[i].length >= HEADER && frames[i].length <= NETDEV_FRAME)
			queue(s, &frames[i]);
	}
	if (s->rings)
		send_waiting(s);
	s->count.steps_moving += clock_steps() - before;
	return i;
}

// ---- receiving -----------------------------------------------------------------------------------

static EFI_STATUS take_frame(struct snp *s, uint8_t *to, UINTN *size)
{
	return s->protocol->Receive(s->protocol, NULL, size, to, NULL, NULL, NULL);
}

// Calls that fail one after the other, for a while: a driver in a bad state.
static void count_failure(struct snp *s)
{
	const uint64_t now = clock_now();

	s->count.errors++;
	if (!s->failing_since)
		s->failing_since = now ? now : 1;
	if (now - s->failing_since < FAILING_MS)
		return;
	s->count.resets++;
	s->failing_since = 0;
	start(s);
}

// The next frame into a slot. False if there is none; *length is 0 for one that does not count.
static bool receive_one(struct snp *s, uint8_t *slot, size_t *length)
{
	UINTN size = SNP_SLOT - SPARE;
	EFI_STATUS status = take_frame(s, slot, &size);

	*length = 0;
	if (status == EFI_NOT_READY) {
		s->failing_since = 0;
		return false;
	}
	if (status == EFI_BUFFER_TOO_SMALL) {
		size = SNP_JUMBO - SPARE;
		status = take_frame(s, s->rings->jumbo, &size);
		size = 0;
	}
	if (EFI_ERROR(status)) {
		count_failure(s);
		return false;
	}
	s->failing_since = 0;
	if (size >= HEADER && size <= NETDEV_FRAME)
		*length = size;
	else
		s->count.bad_length++;
	return true;
}

static size_t snp_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct snp *s = (struct snp *)dev;
	const uint64_t before = clock_steps();
	size_t count = 0, length;

	if (!s->rings)
		return 0;
	s->count.polls++;
	if (++s->status_age >= STATUS_EVERY)
		take_completion(s);
	send_waiting(s);
	if (max > SNP_RX_SLOTS)
		max = SNP_RX_SLOTS;
	for (size_t calls = 0; calls < 2 * SNP_RX_SLOTS && count < max; calls++) {
		uint8_t *slot = s->rings->rx[count];

		if (!receive_one(s, slot, &length))
			break;
		if (length)
			burst[count++] = (struct netdev_frame){slot, length, false};
	}
	s->count.received += (uint32_t)count;
	*(count ? &s->count.steps_moving : &s->count.steps_in_vain) += clock_steps() - before;
	return count;
}

static bool snp_set_filter(struct netdev *dev, const uint8_t (*groups)[6], size_t count)
{
	struct snp *s = (struct snp *)dev;
	EFI_MAC_ADDRESS list[MAX_MCAST_FILTER_CNT] = {0};

	if (!s->rings || count > MAX_MCAST_FILTER_CNT || count > s->protocol->Mode->MaxMCastFilterCount)
		return false;
	for (size_t i = 0; i < count; i++)
		memcpy(list[i].Addr, groups[i], 6);
	if (count && filters(s, EFI_SIMPLE_NETWORK_RECEIVE_UNICAST |
			EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST | EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST,
			count, list))
		return true;
	hear(s);
	return count == 0;
}

// ---- what it is ----------------------------------------------------------------------------------

static const struct netdev_ops snp_ops = {
	.open = snp_open,
	.close = snp_close,
	.link = snp_link,
	.receive = snp_receive,
	.transmit = snp_transmit,
	.set_filter = snp_set_filter,
};

// Its driver of virtio-net gets nothing any more once all of its 32 buffers have been full. There
// has to be room for what is sent twice.
static bool is_u_boot(void)
{
	static const char vendor[] = "Das U-Boot";
	const CHAR16 *words = firmware_table->FirmwareVendor;

	for (size_t i = 0; words && i < sizeof vendor; i++)
		if (words[i] != (uint8_t)vendor[i])
			return false;
	return words;
}

bool snp_init(struct snp *s, EFI_HANDLE handle, unsigned number)
{
	EFI_SIMPLE_NETWORK_PROTOCOL *p = firmware_protocol(handle, &snp_guid);
	const EFI_SIMPLE_NETWORK_MODE *mode = p ? p->Mode : NULL;
	struct text name;

	if (!mode || mode->IfType != IF_ETHERNET || mode->HwAddressSize != 6)
		return false;
	memset(s, 0, sizeof *s);
	name = text_of(s->dev.name, sizeof s->dev.name);
	text_format(&name, "net%u", number);
	s->handle = handle;
	s->protocol = p;
	s->dev.ops = &snp_ops;
	s->dev.hwaddr_length = 6;
	s->dev.hwtype = 1;
	memcpy(s->dev.hwaddr, mode->CurrentAddress.Addr, 6);
	s->dev.burst = is_u_boot() ? U_BOOT_BURST : 0;
	s->dev.mtu = mode->MaxPacketSize >= 576 && mode->MaxPacketSize < 1500
		? (uint16_t)mode->MaxPacketSize : 1500;
	return true;
}

static void describe_count(struct text *to, uint32_t count, const char *what)
{
	if (count)
		text_format(to, ", %u %s", count, what);
}

bool snp_is_taken(const struct snp *s)
{
	return s->taken;
}

void snp_describe(const struct snp *s, struct text *to)
{
	const struct snp_counters *c = &s->count;

	text_format(to, "%s: %u frames in, %u out, %u polls, %u ms in the driver, %u ms in vain",
		s->dev.name, c->received, c->sent, c->polls, clock_steps_ms(c->steps_moving),
		clock_steps_ms(c->steps_in_vain));
	describe_count(to, c->sent - c->completed - s->outstanding, "not completed");
	describe_count(to, c->busy, "busy");
	describe_count(to, c->refused, "refused");
	describe_count(to, c->bad_length, "bad lengths");
	describe_count(to, c->errors, "errors");
	describe_count(to, c->resets, "resets");
}
