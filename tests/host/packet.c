// SPDX-License-Identifier: BSD-2-Clause
// Network devices: an interface of this (network namespace's) machine by a packet socket, or a tap.
// Frames from a local sender may come without their checksums: PACKET_AUXDATA says which.
#include "tests/host/host.h"
#include "tests/host/player.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NO_FILE = 1 << 30 }; // the card of a tape is open

struct packet {
	struct netdev dev;
	uint8_t number;
	int fd; // -1: closed
	bool tap;
	uint8_t frames[NETDEV_BURST][2048];
};

static struct packet packets[HOST_NICS];
static struct netdev *list[HOST_NICS];

static int device_ioctl(unsigned long request, struct ifreq *r)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result = ioctl(fd, request, r);

	close(fd);
	return result;
}

static int interface_ioctl(const char *name, unsigned long request, struct ifreq *r)
{
	memset(r, 0, sizeof *r);
	snprintf(r->ifr_name, sizeof r->ifr_name, "%s", name);
	return device_ioctl(request, r);
}

static int open_tap(const char *name)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	if (fd >= 0 && ioctl(fd, TUNSETIFF, &r) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_socket(const char *name)
{
	struct sockaddr_ll here = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	struct ifreq r;

	if (fd < 0 || interface_ioctl(name, SIOCGIFINDEX, &r) < 0)
		return -1;
	here.sll_ifindex = r.ifr_ifindex;
	if (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) < 0 ||
		bind(fd, (struct sockaddr *)&here, sizeof here) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool packet_open(struct netdev *dev, struct fault *fault)
{
	struct packet *p = (struct packet *)dev;

	if (player_playing())
		p->fd = NO_FILE;
	if (p->fd < 0)
		p->fd = p->tap ? open_tap(dev->name) : open_socket(dev->name);
	return p->fd >= 0 || fault_set(fault, FAULT_NIC_OPEN, "(%s: %s)", dev->name, strerror(errno));
}

static void packet_close(struct netdev *dev)
{
	struct packet *p = (struct packet *)dev;

	if (p->fd >= 0 && p->fd != NO_FILE)
		close(p->fd);
	p->fd = -1;
}

static enum netdev_link real_link(const struct netdev *dev)
{
	struct ifreq r;

	if (((const struct packet *)dev)->tap)
		return LINK_UP;
	if (interface_ioctl(dev->name, SIOCGIFFLAGS, &r) < 0)
		return LINK_UNKNOWN;
	return r.ifr_flags & IFF_RUNNING ? LINK_UP : LINK_DOWN;
}

static enum netdev_link packet_link(struct netdev *dev)
{
	const struct packet *p = (struct packet *)dev;

	return player_playing() ? player_link(p->number) : real_link(dev);
}

// Whether the sender left the checksum to hardware that the frame never met.
static bool checksum_absent(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
			struct tpacket_auxdata data;

			memcpy(&data, CMSG_DATA(c), sizeof data);
			return data.tp_status & TP_STATUS_CSUMNOTREADY;
		}
	return false;
}

// One frame into `buffer`; its length, 0 for one that does not count, -1 if there is none.
static ssize_t receive_frame(struct packet *p, uint8_t *buffer, size_t size, bool *absent)
{
	struct sockaddr_ll from = {0};
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec part = {.iov_base = buffer, .iov_len = size};
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof from,
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control,
	};
	ssize_t length;

	*absent = false;
	if (p->tap)
		return read(p->fd, buffer, size);
	length = recvmsg(p->fd, &m, 0);
	*absent = length > 0 && checksum_absent(&m);
	return from.sll_pkttype == PACKET_OUTGOING ? 0 : length;
}

static size_t play(const struct packet *p, struct netdev_frame *burst, size_t max)
{
	const struct player_event *e;
	size_t count = 0;

	while (count < max && (e = player_frame(p->number)))
		burst[count++] = (struct netdev_frame){e->bytes, e->length, e->kind == TAPE_UNSUMMED};
	return count;
}

static size_t packet_receive(struct netdev *dev, struct netdev_frame *burst, size_t max)
{
	struct packet *p = (struct packet *)dev;
	size_t count = 0;

	if (player_playing())
		return p->fd < 0 ? 0 : play(p, burst, max);
	while (p->fd >= 0 && count < max) {
		bool absent;
		ssize_t length = receive_frame(p, p->frames[count], sizeof p->frames[count], &absent);

		if (length < 0)
			break;
		if (length == 0)
			continue;
		burst[count] = (struct netdev_frame){p->frames[count], (size_t)length, absent};
		count++;
	}
	return count;
}

static size_t packet_transmit(struct netdev *dev, const struct netdev_frame *frames, size_t count)
{
	struct packet *p = (struct packet *)dev;

	for (size_t i = 0; i < count; i++) {
		if (options.stuck == 0)
			return i;
		if (options.stuck > 0)
			options.stuck--;
		if (player_playing() ? player_busy(p->number) : write(p->fd, frames[i].bytes, frames[i].length) < 0 &&
			(errno == EAGAIN || errno == ENOBUFS))
			return i;
		player_sent();
		host_request(frames[i].bytes, frames[i].length);
	}
	return count;
}

static const struct netdev_ops packet_ops = {
	.open = packet_open,
	.close = packet_close,
	.link = packet_link,
	.receive = packet_receive,
	.transmit = packet_transmit,
};

// By the name of its driver: /sys may show another network namespace than ours.
static bool is_tap(const char *name)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq r;

	memset(&r, 0, sizeof r);
	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	r.ifr_data = (char *)&info;
	return device_ioctl(SIOCETHTOOL, &r) == 0 && strcmp(info.driver, "tun") == 0;
}

static void play_card(struct packet *p, const struct player_event *card)
{
	memcpy(p->dev.hwaddr, card->bytes, 6);
	p->dev.mtu = (uint16_t)(card->bytes[6] | card->bytes[7] << 8);
	snprintf(p->dev.name, sizeof p->dev.name, "%.*s", (int)(card->length - TAPE_CARD_HEAD),
		(const char *)card->bytes + TAPE_CARD_HEAD);
}

// A tap's own address is that of this machine's end: the other end gets one of its own.
static void set_hwaddr(struct packet *p, int number)
{
	static const uint8_t other_end[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x01};
	const struct player_event *card;
	size_t at = 0;
	struct ifreq r;

	p->dev.hwaddr_length = 6;
	p->dev.hwtype = 1;
	if (player_playing()) {
		if ((card = player_find(TAPE_CARD, p->number, &at)) && card->length > TAPE_CARD_HEAD)
			play_card(p, card);
		return;
	}
	if (interface_ioctl(p->dev.name, SIOCGIFHWADDR, &r) < 0)
		host_die(p->dev.name);
	memcpy(p->dev.hwaddr, p->tap ? (const void *)other_end : r.ifr_hwaddr.sa_data, 6);
	if (p->tap)
		p->dev.hwaddr[5] = (uint8_t)(p->dev.hwaddr[5] + number);
}

size_t platform_netdevs(struct netdev ***devices)
{
	for (int i = 0; i < options.interface_count && !list[i]; i++) {
		struct packet *p = &packets[i];

		p->fd = -1;
		p->number = (uint8_t)i;
		p->dev.ops = &packet_ops;
		p->dev.mtu = 1500;
		p->tap = !player_playing() && is_tap(options.interfaces[i]);
		snprintf(p->dev.name, sizeof p->dev.name, "%s", options.interfaces[i]);
		set_hwaddr(p, i);
		list[i] = &p->dev;
	}
	*devices = list;
	return (size_t)options.interface_count;
}

void platform_describe_nic(struct text *to)
{
	(void)to; // nothing is counted
}

void host_idle(int timeout)
{
	struct pollfd fds[HOST_NICS];
	nfds_t count = 0;

	for (int i = 0; i < HOST_NICS; i++)
		if (list[i] && packets[i].fd >= 0)
			fds[count++] = (struct pollfd){.fd = packets[i].fd, .events = POLLIN};
	poll(fds, count, timeout);
}
