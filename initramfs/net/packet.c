// SPDX-License-Identifier: BSD-2-Clause
// packet(7) with SOCK_DGRAM: the kernel adds and takes the Ethernet header, the IP and UDP headers
// are ours. Frames from a local peer (veth, a VM's host) may carry no finished checksum; the kernel
// tells so beside each frame (PACKET_AUXDATA).
#include "initramfs/net/packet.h"

#include "netstack/wire/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENT_PORT = 68, FRAME_ROOM = 1500 };

// IPv4, UDP, not a later fragment, to port 68.
static struct sock_filter dhcp_only[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 4, 0),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLIENT_PORT, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, PACKET_SIZE),
	BPF_STMT(BPF_RET | BPF_K, 0),
};
static struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};

static bool set_filter(int fd, struct sock_filter *code, size_t length)
{
	struct sock_fprog program = {.len = (unsigned short)length, .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

static int fail(struct packet *p)
{
	int error = errno;

	packet_close(p);
	return error;
}

// Protocol 0 first, so that nothing is queued before the filter stands.
int packet_open(struct packet *p, int index)
{
	struct sockaddr_ll local = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = index,
	};
	int yes = 1;

	p->index = index;
	p->unicast = -1;
	p->raw = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->raw < 0 || !set_filter(p->raw, dhcp_only, sizeof dhcp_only / sizeof *dhcp_only) ||
		setsockopt(p->raw, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) < 0 ||
		bind(p->raw, (struct sockaddr *)&local, sizeof local) < 0)
		return fail(p);
	return 0;
}

// Answers are read from the packet socket; what this one would receive is dropped, but while it is
// bound the kernel does not tell the server that the port is closed.
int packet_bind(struct packet *p, const char *name, const struct ipaddr *address)
{
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(CLIENT_PORT)};
	int yes = 1;

	if (p->unicast >= 0)
		close(p->unicast);
	memcpy(&local.sin_addr, address->bytes, 4);
	p->unicast = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->unicast < 0)
		return errno;
	set_filter(p->unicast, nothing, 1);
	setsockopt(p->unicast, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (setsockopt(p->unicast, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)) < 0 ||
		bind(p->unicast, (struct sockaddr *)&local, sizeof local) < 0) {
		int error = errno;

		close(p->unicast);
		p->unicast = -1;
		return error;
	}
	return 0;
}

void packet_close(struct packet *p)
{
	if (p->raw >= 0)
		close(p->raw);
	if (p->unicast >= 0)
		close(p->unicast);
	p->raw = p->unicast = -1;
}

static bool checksum_ready(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA ||
			c->cmsg_len < CMSG_LEN(sizeof aux))
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof aux);
		return !(aux.tp_status & TP_STATUS_CSUMNOTREADY);
	}
	return true;
}

static bool unwrap(struct packet_payload *d, size_t length, bool trust_checksum, int index)
{
	struct reader r = reader_of(d->frame, length), segment, payload;
	struct ip ip;
	struct udp udp;

	if (!ip_read(&r, &ip, &segment) || ip.protocol != IP_UDP ||
		!udp_read(&segment, &ip, trust_checksum, &udp, &payload) ||
		udp.destination != CLIENT_PORT)
		return false;
	d->from = (struct endpoint){.addr = ip.source, .interface = index, .port = udp.source};
	d->bytes = payload.at;
	d->length = reader_left(&payload);
	return true;
}

bool packet_receive(struct packet *p, struct packet_payload *d)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct tpacket_auxdata)) + 64];
	struct iovec part = {.iov_base = d->frame, .iov_len = sizeof d->frame};

	for (;;) {
		struct msghdr m = {
			.msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof control,
		};
		ssize_t got = recvmsg(p->raw, &m, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (!(m.msg_flags & MSG_TRUNC) && unwrap(d, (size_t)got, !checksum_ready(&m), p->index))
			return true;
	}
}

static int send_broadcast(struct packet *p, const struct ipaddr *source, const struct endpoint *to,
	const void *payload, size_t length)
{
	uint8_t frame[FRAME_ROOM];
	struct writer w = writer_of(frame, sizeof frame);
	struct sockaddr_ll peer = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = p->index,
		.sll_halen = ETH_ALEN,
		.sll_addr = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	};
	struct ip ip = {.ttl = 64, .protocol = IP_UDP, .source = *source, .destination = to->addr};
	struct udp udp = {.source = CLIENT_PORT, .destination = to->port};

	if (ipaddr_is_unset(source))
		ip.source = ipaddr_v4(0, 0, 0, 0);
	udp_write(&w, &ip, &udp, payload, length);
	if (w.failed)
		return EMSGSIZE;
	return sendto(p->raw, frame, writer_length(&w), 0, (struct sockaddr *)&peer, sizeof peer) < 0
		? errno : 0;
}

int packet_send(struct packet *p, const struct ipaddr *source, const struct endpoint *to,
	const void *payload, size_t length)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(to->port)};

	if (ipaddr_is_broadcast(&to->addr))
		return send_broadcast(p, source, to, payload, length);
	if (p->unicast < 0)
		return ENOTCONN;
	memcpy(&peer.sin_addr, to->addr.bytes, 4);
	return sendto(p->unicast, payload, length, 0, (struct sockaddr *)&peer, sizeof peer) < 0
		? errno : 0;
}
