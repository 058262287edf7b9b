// SPDX-License-Identifier: BSD-2-Clause
// wire: an Ethernet cable between two taps, with the faults of link.h in both directions. Real time,
// in one loop: frames are read, told when they arrive, and written at that time.
//
// A frame may come up to 50 us late where the system is idle, never early.
#define _GNU_SOURCE // ppoll
#include "tests/wire/link.h"
#include "tests/wire/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	EXIT_USAGE = 100,
	EXIT_SYSTEM = 111,
	BURST = 64,
	FRAME = 65536,
	TAP_QUEUE = 10000, // frames that the kernel keeps for us
	REORDER_MS = 2,    // a frame that is overtaken comes up to so much later
	RUNNING_MS = 5000, // the kernel takes up to a second to notice that a tap is in use
	LINE = 1024,
	WORDS = 64,
};

static const char usage[] =
	"usage: wire TAP_A TAP_B [--delay MS] [--jitter MS] [--rate MBIT] [--loss P] [--dup P]\n"
	"            [--reorder P] [--corrupt P] [--cut-after BYTES [--cut-for MS]] [--seed N]\n"
	"An Ethernet cable between two taps. MS: in each direction. P: percent of the frames.\n"
	"It prints what it has done when it is told to end (SIGTERM, SIGINT). A line of options on its\n"
	"standard input does the same and makes it a new cable with these faults.\n";

static const char *names[2];
static int taps[2];
static struct link links[2]; // links[i] carries what taps[i] sends
static struct link_cut cut;
static struct queue queue;
static uint64_t overflowed, refused;
static volatile sig_atomic_t ended;

static void die(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
	exit(EXIT_SYSTEM);
}

static void misused(const char *what)
{
	fprintf(stderr, "wire: %s\n%s", what, usage);
	exit(EXIT_USAGE);
}

static uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void on_signal(int number)
{
	(void)number;
	ended = 1;
}

// ---- options

// A number of the command line, times `unit`.
static uint64_t scaled(const char *text, double unit, double most)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0 && value <= most))
		misused("that is no number that fits here");
	return (uint64_t)(value * unit + 0.5);
}

static uint32_t percent(const char *text)
{
	return (uint32_t)scaled(text, LINK_CERTAIN / 100.0, 100);
}

static uint64_t ms(const char *text)
{
	return scaled(text, 1e6, 1e6);
}

// Makes both directions what the options say; gives the place of the first word that is none.
static int become(int argc, char **argv)
{
	static const struct option known[] = {
		{"delay", 1, NULL, 'd'},
		{"jitter", 1, NULL, 'j'},
		{"rate", 1, NULL, 'r'},
		{"loss", 1, NULL, 'l'},
		{"dup", 1, NULL, 'u'},
		{"reorder", 1, NULL, 'o'},
		{"corrupt", 1, NULL, 'c'},
		{"cut-after", 1, NULL, 'a'},
		{"cut-for", 1, NULL, 'f'},
		{"seed", 1, NULL, 's'},
		{"help", 0, NULL, 'h'},
		{0},
	};
	struct link_chances c = {.reorder_by = REORDER_MS * 1000000};
	uint64_t seed = 1;
	int option;

	cut = (struct link_cut){0};
	optind = 0; // glibc: begin anew
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
		switch (option) {
		case 'd': c.delay = ms(optarg); break;
		case 'j': c.jitter = ms(optarg); break;
		case 'r': c.kbit = (uint32_t)scaled(optarg, 1000, 100000); break;
		case 'l': c.loss = percent(optarg); break;
		case 'u': c.duplicate = percent(optarg); break;
		case 'o': c.reorder = percent(optarg); break;
		case 'c': c.corrupt = percent(optarg); break;
		case 'a': cut.after = scaled(optarg, 1, 1e15); break;
		case 'f': cut.lasts = ms(optarg); break;
		case 's': seed = scaled(optarg, 1, 1e15); break;
		case 'h': fputs(usage, stdout); exit(0);
		default: misused("no such option, or its value is missing");
		}
	for (int i = 0; i < 2; i++)
		link_init(&links[i], &c, &cut, 2 * seed + (uint64_t)i);
	return optind;
}

// ---- taps

// Up and running, and with room for a burst that comes while others have the processor.
static void prepare(const char *name)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	uint64_t end = clock_ns() + RUNNING_MS * 1000000ull;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = {.ifr_qlen = TAP_QUEUE};

	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	if (fd < 0 || ioctl(fd, SIOCSIFTXQLEN, &r) < 0 || ioctl(fd, SIOCGIFFLAGS, &r) < 0)
		die(name);
	r.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		die(name);
	while (ioctl(fd, SIOCGIFFLAGS, &r) == 0 && !(r.ifr_flags & IFF_RUNNING) && clock_ns() < end)
		nanosleep(&pause, NULL);
	close(fd);
}

static int open_tap(const char *name)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	if (fd < 0)
		die("/dev/net/tun");
	snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
	if (ioctl(fd, TUNSETIFF, &r) < 0)
		die(name);
	return fd;
}

// ---- frames

static void take(int from, const uint8_t *frame, size_t length, uint64_t now)
{
	struct link_copy copies[LINK_COPIES];
	size_t count = link_take(&links[from], frame, length, now, copies);

	for (size_t i = 0; i < count; i++) {
		struct queue_frame *f = queue_add(&queue, frame, length, !from, copies[i].due);

		if (!f)
			overflowed++;
		else if (copies[i].corrupt)
			f->bytes[copies[i].bit / 8] ^= (uint8_t)(1u << copies[i].bit % 8);
	}
}

static void receive(int from)
{
	static uint8_t frame[FRAME];

	for (int i = 0; i < BURST; i++) {
		ssize_t length = read(taps[from], frame, sizeof frame);

		if (length < 0 && errno != EAGAIN && errno != EINTR && errno != EIO)
			die(names[from]);
		if (length <= 0)
			return;
		take(from, frame, (size_t)length, clock_ns());
	}
}

static void deliver(void)
{
	while (queue_deadline(&queue) <= clock_ns()) {
		struct queue_frame *f = queue_take(&queue);

		if (write(taps[f->to], f->bytes, f->length) < 0)
			refused++;
		free(f);
	}
}

static void tell(void)
{
	for (int i = 0; i < 2; i++) {
		const struct link_count *c = &links[i].count;

		printf("%s to %s: %llu frames %llu bytes, %llu lost %llu doubled %llu reordered "
		       "%llu corrupted %llu dropped %llu cut\n", names[i], names[!i],
			(unsigned long long)c->frames, (unsigned long long)c->bytes,
			(unsigned long long)c->lost, (unsigned long long)c->doubled,
			(unsigned long long)c->reordered, (unsigned long long)c->corrupted,
			(unsigned long long)c->dropped, (unsigned long long)c->cut);
	}
	printf("on the way: %zu, refused by a tap: %llu, without room: %llu\n", queue.count,
		(unsigned long long)refused, (unsigned long long)overflowed);
	fflush(stdout);
}

// ---- another cable

static void change(char *line)
{
	char *words[WORDS] = {"wire"};
	int count = 1;

	for (char *word = strtok(line, " \n"); word && count < WORDS; word = strtok(NULL, " \n"))
		words[count++] = word;
	tell();
	if (become(count, words) != count)
		misused("a line of options only");
}

// At its end standard input is forgotten.
static void read_line(int *fd)
{
	static char line[LINE];
	static size_t length;
	ssize_t count = read(*fd, line + length, sizeof line - 1 - length);

	if (count <= 0) {
		*fd = -1;
		return;
	}
	length += (size_t)count;
	line[length] = 0;
	if (!strchr(line, '\n'))
		return;
	length = 0;
	change(line);
}

static void rest(const sigset_t *allowed)
{
	static int input = STDIN_FILENO;
	struct pollfd fds[3] = {{.fd = taps[0], .events = POLLIN}, {.fd = taps[1], .events = POLLIN},
		{.fd = input, .events = POLLIN}};
	uint64_t due = queue_deadline(&queue), now = clock_ns(), left = due > now ? due - now : 0;
	struct timespec timeout = {(time_t)(left / 1000000000), (long)(left % 1000000000)};

	if (ppoll(fds, 3, due == UINT64_MAX ? NULL : &timeout, allowed) < 0 && errno != EINTR)
		die("ppoll");
	else if (!ended && fds[2].revents)
		read_line(&input);
}

int main(int argc, char **argv)
{
	const struct sigaction action = {.sa_handler = on_signal};
	sigset_t blocked, allowed;
	int first = become(argc, argv);

	if (argc - first != 2)
		misused("two taps, please");
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &allowed);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	prctl(PR_SET_TIMERSLACK, 1);
	for (int i = 0; i < 2; i++)
		taps[i] = open_tap(names[i] = argv[first + i]);
	prepare(names[0]);
	prepare(names[1]);
	printf("wire: %s and %s are connected\n", names[0], names[1]);
	fflush(stdout);
	while (!ended) {
		receive(0);
		receive(1);
		deliver();
		rest(&allowed);
	}
	tell();
	return 0;
}
