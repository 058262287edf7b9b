// SPDX-License-Identifier: BSD-2-Clause
// Device discovery without udev: modalias files below /sys/bus/*/devices, and kernel uevents
// (NETLINK_KOBJECT_UEVENT), of which only messages from the kernel itself are believed.
#include "initramfs/modules/devices.h"

#include "initramfs/file.h"
#include "initramfs/milestone.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MODALIAS = 512, UEVENT = 8192, EVENT_BUFFER = 1 << 20 };

int devices_listen(void)
{
	struct sockaddr_nl local = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	int size = EVENT_BUFFER;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)&local, sizeof local) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

// "add@/devices/...", then NAME=value strings, each with its NUL.
static void read_event(const char *event, size_t length, devices_found *found, void *owner)
{
	const char *end = event + length;

	if (!text_starts(event, "add@"))
		return;
	for (const char *p = event; p < end; p += strlen(p) + 1)
		if (strncmp(p, "MODALIAS=", 9) == 0)
			found(owner, p + 9);
}

void devices_read(int fd, devices_found *found, void *owner)
{
	char event[UEVENT];
	struct sockaddr_nl from;

	for (;;) {
		socklen_t size = sizeof from;
		ssize_t got = recvfrom(fd, event, sizeof event - 1, 0, (struct sockaddr *)&from, &size);

		if (got < 0 && errno == ENOBUFS) { // some were lost
			devices_scan(found, owner);
			continue;
		}
		if (got < 0)
			return;
		event[got] = 0;
		if (from.nl_pid == 0)
			read_event(event, (size_t)got, found, owner);
	}
}

static void scan_bus(const char *bus, devices_found *found, void *owner)
{
	char path[600], modalias[MODALIAS];
	struct text t = text_of(path, sizeof path);
	DIR *dir;

	text_format(&t, "/sys/bus/%s/devices", bus);
	dir = opendir(path);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		ssize_t length;

		if (entry->d_name[0] == '.')
			continue;
		t = text_of(path, sizeof path);
		text_format(&t, "/sys/bus/%s/devices/%s/modalias", bus, entry->d_name);
		length = file_read(path, modalias, sizeof modalias);
		if (length <= 1)
			continue;
		modalias[strcspn(modalias, "\n")] = 0;
		found(owner, modalias);
	}
	closedir(dir);
}

// Most network cards are on PCI: their drivers begin while the other buses are looked at.
void devices_scan(devices_found *found, void *owner)
{
	DIR *dir;

	scan_bus("pci", found, owner);
	dir = opendir("/sys/bus");
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));)
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "pci") != 0)
			scan_bus(entry->d_name, found, owner);
	closedir(dir);
}

static void read_pci(const char *device, const char *file, char *to, size_t size)
{
	char path[300];
	struct text t = text_of(path, sizeof path);

	text_format(&t, "/sys/bus/pci/devices/%s/%s", device, file);
	if (file_read(path, to, size) < 0)
		to[0] = 0;
	to[strcspn(to, "\n")] = 0;
}

static bool has_driver(const char *device)
{
	char path[300];
	struct text t = text_of(path, sizeof path);

	text_format(&t, "/sys/bus/pci/devices/%s/driver", device);
	return access(path, F_OK) == 0;
}

// Class 0x0200 is Ethernet, and 0x0280 ("other") hardly ever anything but Wi-Fi.
struct adapter {
	char class[16], vendor[16], product[16];
	bool wireless;
};

static bool read_adapter(const char *device, struct adapter *a)
{
	read_pci(device, "class", a->class, sizeof a->class);
	read_pci(device, "vendor", a->vendor, sizeof a->vendor);
	read_pci(device, "device", a->product, sizeof a->product);
	a->wireless = strncmp(a->class, "0x0280", 6) == 0;
	return device[0] != '.' && strncmp(a->class, "0x02", 4) == 0 && strlen(a->vendor) > 2 &&
		strlen(a->product) > 2;
}

static void describe_adapter(const char *device, const struct adapter *a, struct text *to)
{
	text_format(to, "%s%s %s:%s at %s%s", to->length ? ", " : "", a->wireless ? "Wi-Fi" : "Ethernet",
		a->vendor + 2, a->product + 2, device, a->wireless ? " cannot carry the root"
			: has_driver(device) ? " has a driver, which gives no interface" : " has no driver here");
}

// The modalias without what no network driver goes by: who built the card.
static void suggest_driver(const char *device, const struct adapter *a)
{
	uint32_t vendor, product;

	if (!a->wireless && !has_driver(device) && text_number(a->vendor, strlen(a->vendor), &vendor) &&
		text_number(a->product, strlen(a->product), &product))
		milestone_notice("'mklanyard -m list:pci:v%08Xd%08Xsvsdbc02sc00i' adds the driver of %s to an "
			"image, if its kernel has one", vendor, product, device);
}

static void each_adapter(struct text *to)
{
	DIR *dir = opendir("/sys/bus/pci/devices");
	struct adapter a;

	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (!read_adapter(entry->d_name, &a))
			continue;
		if (to)
			describe_adapter(entry->d_name, &a, to);
		else
			suggest_driver(entry->d_name, &a);
	}
	closedir(dir);
}

void devices_describe_adapters(struct text *to)
{
	each_adapter(to);
}

void devices_suggest_drivers(void)
{
	each_adapter(NULL);
}
