// SPDX-License-Identifier: BSD-2-Clause
// Writes the fuzzers' first corpus: the unit tests' packets, scripts of such packets for the
// machines (tests/fuzz/script.h), and small texts and images (make fuzz-seeds).
#include "tests/unit/vectors.h"
#include "tests/unit/http_heads.h"
#include "tests/unit/ip_parameters.h"
#include "tests/unit/nfs_messages.h"
#include "tests/unit/packets.h"

#include <err.h>
#include <sys/stat.h>

static const char *corpus;

static void write_seed(const char *harness, const char *name, const void *bytes, size_t length)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", corpus, harness);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/%s/seed-%s", corpus, harness, name);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
		err(1, "%s", path);
}

// FNV-1a, for names that stay when the table grows.
static uint32_t hash(const char *text)
{
	uint32_t h = 0x811c9dc5;

	while (*text)
		h = (h ^ (uint8_t)*text++) * 0x01000193;
	return h;
}

static void write_packets(const char *harness, const struct packet *table, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct bytes b = from_hex(table[i].hex);

		write_seed(harness, table[i].name, b.at, b.length);
		exact_free(&b);
	}
}

// Adds a step to a script.
static size_t add_step(uint8_t *script, size_t at, uint8_t control, const char *hex)
{
	struct bytes b = from_hex(hex);

	script[at++] = control;
	script[at++] = (uint8_t)(b.length >> 8);
	script[at++] = (uint8_t)b.length;
	memcpy(script + at, b.at, b.length);
	at += b.length;
	exact_free(&b);
	return at;
}

// The steps, after one byte of options.
static void write_script(const char *harness, const char *name, uint8_t options, uint8_t control,
	const char *const *steps)
{
	static uint8_t script[VECTOR_MAX];
	size_t length = 0;

	script[length++] = options;
	for (; *steps; steps++)
		length = add_step(script, length, control, *steps);
	write_seed(harness, name, script, length);
}

static void write_tftp_scripts(void)
{
	static const char *const plain[] = {"0003 0001 61*512", "0003 0002 61*512", "0003 0003", NULL};
	static const char *const window[] = {"0006 74737a69736500 323000 626c6b73697a6500 3800 "
					     "77696e646f7773697a6500 3200",
		"0003 0001 61*8", "0003 0002 62*8", "0003 0003 63*4", NULL};
	static const char *const gap[] = {"0006 626c6b73697a6500 3800 77696e646f7773697a6500 3400",
		"0003 0001 61*8", "0003 0003 63*8", "0003 0002 62*8", "0003 0003 63*8", "0003 0004", NULL};
	static const char *const errors[] = {"0005 0008 6e6f00", "0003 0001 61", NULL};
	static const char *const missing[] = {"0005 0001 46696c65206e6f7420666f756e64", NULL};

	write_script("tftp_client", "plain", 0, 2, plain);
	write_script("tftp_client", "window", 2 | 2 << 2, 2, window);
	write_script("tftp_client", "gap", 2 | 4 << 2, 3, gap);
	write_script("tftp_client", "without-options", 0, 1, errors);
	write_script("tftp_client", "missing", 0, 1, missing);
	write_script("tftp_client", "size", 1, 1, window);
}

// Half of a file comes, then an error; the next server has all of it.
static void write_tftp_continuation(void)
{
	static const struct {
		uint8_t control;
		const char *hex;
	} steps[] = {{2, "0006 626c6b73697a6500 3800 7473697a6500 313200"}, {2, "0003 0001 3031323334353637"},
		{2, "0005 0000 6e6f00"}, {0xf2, ""}, {2, "0006 626c6b73697a6500 3800 7473697a6500 313200"},
		{2, "0003 0001 3031323334353637"}, {2, "0003 0002 38396162"}};
	static uint8_t script[VECTOR_MAX];
	size_t length = 0;

	script[length++] = 2; // blocks of 8 bytes
	for (size_t i = 0; i < COUNT(steps); i++)
		length = add_step(script, length, steps[i].control, steps[i].hex);
	write_seed("tftp_client", "kept", script, length);
}

static void write_tftp_server_scripts(void)
{
	// The request, then ACKs; with control bit 0x10 they take the last block's number.
	static const char *const plain[] = {"0001 6100 6f6374657400", "0004 0001", "0004 0002", "0004 0003",
		"0004 0004", NULL};
	static const char *const window[] = {"0001 6100 6f6374657400 77696e646f7773697a6500 3400 "
					     "626c6b73697a6500 35303000 7473697a6500 3000 74696d656f757400 3200",
		"0004 0000", "0004 0004", "0004 0006", "0004 0006", "0004 000a", NULL};
	static const char *const netascii[] = {"0001 6100 6e6574617363696900 77696e646f7773697a6500 363400 "
					       "626c6b73697a6500 383000",
		"0004 0000", "0004 0020", "0004 0040", "0004 0060", NULL};
	static const char *const size[] = {"0001 6100 6f6374657400 7473697a6500 3000", "0005 0000 78", NULL};
	static const char *const missing[] = {"0001 3f00 6f6374657400", NULL};

	write_script("tftp_server", "plain", 0, 2, plain);
	write_script("tftp_server", "following", 4, 0x12, window);
	write_script("tftp_server", "window", 0, 2, window);
	write_script("tftp_server", "unreadable", 8, 0x12, window);
	write_script("tftp_server", "netascii", 0, 2, netascii);
	write_script("tftp_server", "netascii-plain", 1, 0x12, netascii);
	write_script("tftp_server", "empty", 2, 0x12, plain);
	write_script("tftp_server", "again", 16, 0x8a, window);
	write_script("tftp_server", "size", 0, 3, size);
	write_script("tftp_server", "missing", 0, 3, missing);
}

static void write_tcp_scripts(void)
{
	// flags, sequence from the next one wanted, acknowledgment, window, timestamp, bytes
	static const char *const order[] = {"10 00000000 0000 1000 01 61*100", "10 00000064 0000 1000 01 62*100",
		"10 000000c8 0000 1000 01 63*100", "10 00000000 0000 1000 01 64*100",
		"11 00000000 000a 1000 01 65*50", NULL};
	static const char *const gaps[] = {"10 000003e8 0000 1000 00 61*100", "10 000007d0 0000 1000 00 62*100",
		"10 00000300 0000 1000 00 63*1500", "11 00000bb8 0000 1000 00 64*10",
		"10 00000000 0000 1000 00 65*1000", "10 ffffff00 0000 1000 00 66*600", NULL};
	static const char *const hostile[] = {"14 00000005 0000 1000 80", "02 00000005 0000 1000 00",
		"10 00000000 7fff 1000 00 61", "10 00000000 0000 0000 f0 62", "10 7fffffff 0000 0000 00 63*3",
		"14 00000000 0000 1000 80", NULL};

	for (uint8_t options = 0; options < 64; options += 7) {
		char name[32];

		snprintf(name, sizeof name, "order-%u", options);
		write_script("tcp_client", name, options, 0x12, order);
		snprintf(name, sizeof name, "gaps-%u", options);
		write_script("tcp_client", name, options, 0x03, gaps);
		snprintf(name, sizeof name, "hostile-%u", options);
		write_script("tcp_client", name, options, 0x02, hostile);
	}
	write_script("tcp_client", "aborts", 64 | 7, 0x02, order);
	write_script("tcp_client", "closes", 7, 0x4a, order);
	write_script("tcp_client", "unanswered", 128, 0x0e, hostile);
}

static void write_http_fields(void)
{
	static const char *const fields[] = {"/boot/vmlinuz", "\\boot\\lanyard.0\xff\xff", "a/./../../b//c/..",
		"http://server/a%20b", "%00", "bytes=0-499", "bytes=-500", "bytes=9500-",
		"bytes=18446744073709551615-18446744073709551615", "\"x,y\", W/\"1-2-3.4\", *",
		"Sun, 06 Nov 1994 08:49:37 GMT", "LANYARDX64.EFI.0"};
	char name[32], text[128];

	for (size_t i = 0; i < COUNT(fields); i++) {
		snprintf(name, sizeof name, "%08x", hash(fields[i]));
		snprintf(text, sizeof text, "\x02%s", fields[i]);
		write_seed("http_request", name, text, strlen(text));
	}
}

static void write_dhcp_scripts(void)
{
	const char *const lease[] = {PACKET(dhcp_packets, "dnsmasq-offer"),
		PACKET(dhcp_packets, "dnsmasq-ack"), PACKET(dhcp_packets, "dnsmasq-ack"), NULL};
	const char *const proxy[] = {PACKET(dhcp_packets, "proxy-offer"),
		PACKET(dhcp_packets, "dnsmasq-offer"), PACKET(dhcp_packets, "dnsmasq-ack"), NULL};
	const char *const nak[] = {PACKET(dhcp_packets, "dnsmasq-offer"),
		PACKET(dhcp_packets, "relayed-nak"), PACKET(dhcp_packets, "dnsmasq-offer"), NULL};

	write_script("dhcp_client", "lease", 0, 0x32, lease);
	write_script("dhcp_client", "lease-and-proxy", 32 | 8, 0x12, proxy);
	write_script("dhcp_client", "nak", 4, 0x52, nak);
	write_script("dhcp_client", "renewing", 1, 0x32, lease);
	write_script("dhcp_client", "rebooting", 2 | 16, 0xd2, lease);
}

// A client's message, to harness dhcp_server's network 10.0.0.0/24: ciaddr and options differ.
#define CLIENT(ciaddr, options) "01010600 3903f326 00000000 " ciaddr " 00*12 52540000 0001 00*202 " \
	"63825363 " options " ff"

static void write_dhcp_server_scripts(void)
{
	static const char *const whole[] = {CLIENT("00*4", "350101"),
		CLIENT("00*4", "350103 32040a000064 36040a000001"), CLIENT("0a000064", "350103"),
		CLIENT("0a000064", "350107 36040a000001"), NULL};
	static const char *const reboot[] = {CLIENT("00*4", "350103 32040a000066"),
		CLIENT("00*4", "350103 3204c0a80105"), CLIENT("00*4", "350101 32040a000064"),
		CLIENT("00*4", "350104 32040a000066 36040a000001"), CLIENT("00*4", "350101"), NULL};
	static const char *const others[] = {CLIENT("00*4", "350101 3d03006964"),
		CLIENT("00*4", "350103 32040a000064 36040a000009"), CLIENT("0a000042", "350108"),
		CLIENT("00*4", "350101 5d020007 3c09505845436c69656e74 611100*17 0c03777331"),
		"01010600 3903f326 00*16 0a000002 52540000 0001 00*202 63825363 350101 520401020304 ff",
		"01010600 3903f326 00*16 0a070002 52540000 0001 00*202 63825363 350103 32040a000001 ff",
		CLIENT("00*4", "350105"), CLIENT("00*4", ""), NULL};
	static const char *const proxy[] = {CLIENT("00*4", "350101 5d020000 3c09505845436c69656e74"),
		CLIENT("00*4", "350101 5d020007 3c09505845436c69656e74 611100*17"),
		CLIENT("00*4", "350101 5d020010 3c0a48545450436c69656e74"),
		CLIENT("0a000009", "350103 5d020007 3c09505845436c69656e74 36040a0000fe"),
		CLIENT("0a000009", "350108 5d02000b 3c09505845436c69656e74"), NULL};

	write_script("dhcp_server", "proxy", 12, 0x02, proxy);
	write_script("dhcp_server", "proxy-asked-again", 12, 0x22, proxy);
	for (uint8_t i = 0; i < 4; i++) {
		char name[16];

		snprintf(name, sizeof name, "lease-%u", i);
		write_script("dhcp_server", name, i, 0x22, whole);
		snprintf(name, sizeof name, "reboot-%u", i);
		write_script("dhcp_server", name, i, i & 1 ? 0x4c : 0x22, reboot);
		snprintf(name, sizeof name, "others-%u", i);
		write_script("dhcp_server", name, i, i & 1 ? 0xa2 : 0x22, others);
	}
}

static void write_frames(void)
{
	static uint8_t script[VECTOR_MAX];
	size_t length = 0;

	for (size_t i = 0; i < COUNT(ether_packets); i++)
		length = add_step(script, length, 0x32, ether_packets[i].hex);
	write_seed("stack", "frames", script, length);
	length = 0;
	for (size_t i = 0; i < COUNT(ether_packets); i++)
		length = add_step(script, length, i % 3 ? 0x30 : 0x20, ether_packets[i].hex);
	write_seed("vlan", "burst", script, length);
	length = 0;
	for (size_t i = 0; i < COUNT(ip_packets); i++) {
		char hex[4096];

		snprintf(hex, sizeof hex, "525400123456 46e031477456 0800 %s", ip_packets[i].hex);
		length = add_step(script, length, 0x22, hex);
	}
	write_seed("stack", "datagrams", script, length);
	length = 0;
	for (size_t i = 0; i < COUNT(tcp_packets); i++) {
		char hex[4096];

		snprintf(hex, sizeof hex, "525400123456 46e031477456 0800 %s", tcp_packets[i].hex);
		length = add_step(script, length, 0x22, hex);
	}
	write_seed("stack", "segments", script, length);
}

static void write_texts(void)
{
	static const char *const configs[] = {
		"DEFAULT linux\nLABEL linux\nKERNEL vmlinuz\nAPPEND root=/dev/nfs initrd=initrd.img "
		"nfsroot=192.168.2.2:/nfsroot ip=dhcp rw\n",
		"serial 0 115200 0x303\r\nsay hello\r\nprompt 1\r\ntimeout 50\r\nipappend 3\r\n"
		"append quiet\r\nlabel a b\r\n linux ::k\r\n initrd a,b,tftp://10.0.0.1/c#d\r\n append - \r\n",
		"LABEL x\nTEXT HELP\nLABEL no\nENDTEXT\nKERNEL memdisk.bin\nSYSAPPEND 0x3\nDEFAULT x y z vga=ask mem=1G",
		"UI menu.c32\nMENU TITLE t\nLABEL a\nMENU LABEL ^A\nMENU PASSWD p\nMENU BEGIN s\nINCLUDE x y\nLABEL b\n"
		"MENU EXIT\nMENU HIDE\nMENU END\nMENU SEPARATOR\nLABEL c\nMENU GOTO s\nMENU INDENT 9\nMENU HIDDEN\n"
		"MENU HIDDENKEY a,^B,F1 c\nMENU AUTOBOOT #{,s}\nF1 f\nLOCALBOOT -1\nMENU DISABLE\nKERNLE\n",
	};
	static const char *const lines[] = {
		"BOOT_IMAGE=vmlinuz root=/dev/nfs nfsroot=192.168.2.2:/nfsroot,vers=3,rw ip=dhcp quiet",
		"root=nfs:srv:/path:ro,vers=4.2 rootflags=rsize=65536 e1000.debug=\"a b\" panic=5",
		"nfsroot=nfs://10.0.0.1:2049/srv/%s,port=2049 ro init=/bin/sh BOOTIF=01-52-54-00-12-34-56 -- x",
		"nfsroot=[fe80::1]:/p modprobe.blacklist=e1000,x rootdelay=9 ip=::::h:eth0:dhcp nfsaddrs=off",
	};
	char name[16];

	for (size_t i = 0; i < COUNT(configs); i++) {
		snprintf(name, sizeof name, "%zu", i);
		write_seed("config", name, configs[i], strlen(configs[i]));
	}
	for (size_t i = 0; i < COUNT(lines); i++) {
		snprintf(name, sizeof name, "%zu", i);
		write_seed("nfsroot", name, lines[i], strlen(lines[i]));
	}
}

// The fields of Documentation/arch/x86/boot.rst and of arm64's booting.rst that make an image one.
static void write_images(void)
{
	static uint8_t image[3 * 512 + 64];

	image[0x1f1] = 2;                         // setup_sects
	memcpy(image + 0x1f4, "\x04\0\0\0", 4);  // syssize
	memcpy(image + 0x1fe, "\x55\xaa\xeb\x6aHdrS\x0f\x02", 10);
	memcpy(image + 0x20e, "\x00\x02", 2);     // kernel_version
	image[0x211] = 1;                         // loadflags
	memcpy(image + 0x22c, "\xff\xff\xff\x7f\0\0\x20\0\1", 9); // initrd_addr_max, alignment, relocatable
	memcpy(image + 0x238, "\xff\x07\0\0", 4); // cmdline_size
	memcpy(image + 0x400, "6.1.0-test (x) #1", 18);
	write_seed("linux", "x86", image, sizeof image);
	memset(image, 0, sizeof image);
	memcpy(image, "MZ", 2);
	memcpy(image + 0x38, "ARM\x64\x40", 5);
	memcpy(image + 0x40, "PE\0\0\x64\xaa", 6);
	write_seed("linux", "arm64", image, sizeof image);
	write_seed("linux", "html", "<!DOCTYPE html><html>", 21);
	write_seed("linux", "gzip", "\x1f\x8b\x08\x00", 4);
	write_seed("linux", "elf", "\x7f" "ELF\2\1\1", 7);
}

static void write_dns_scripts(void)
{
	// Flags and number of records, then the records.
	static const char *const address[] = {"8182 00", "8180 01 c00c 0001 0001 00000001 0004 0a000009", NULL};
	static const char *const alias[] = {"8180 01 c00c 0005 0001 00000001 0007 046e657874 c011",
		"8380 00", "8183 00", "8180 00", "8180 01 c00c 0001 0001 00000001 0004 0a000009", NULL};

	for (uint8_t i = 0; i < 4; i++) {
		char name[16];

		snprintf(name, sizeof name, "address-%u", i);
		write_script("dns_client", name, i, 0x10, address);
		snprintf(name, sizeof name, "alias-%u", i);
		write_script("dns_client", name, i, i & 1 ? 0x3b : 0x1b, alias);
	}
}

static void write_http_heads(void)
{
	static const char *const bodies[] = {"HTTP/1.1 200 OK\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: x\r\n\r\n",
		"HTTP/1.1 200 OK\n\n8000000000000000\n", "\n\nx\n"};
	char name[16];

	for (size_t i = 0; i < COUNT(http_heads); i++) {
		snprintf(name, sizeof name, "%08x", hash(http_heads[i].head));
		write_seed("http", name, http_heads[i].head, strlen(http_heads[i].head));
	}
	for (size_t i = 0; i < COUNT(bodies); i++) {
		snprintf(name, sizeof name, "%08x", hash(bodies[i]));
		write_seed("http", name, bodies[i], strlen(bodies[i]));
	}
}

// Answers as text; each begins with its control byte.
static void write_http_script(const char *name, uint8_t options, const char *const *steps)
{
	static uint8_t script[VECTOR_MAX];
	size_t at = 0;

	script[at++] = options;
	for (; *steps; steps++) {
		size_t length = strlen(*steps + 1);

		script[at++] = (uint8_t)**steps;
		script[at++] = (uint8_t)(length >> 8);
		script[at++] = (uint8_t)length;
		memcpy(script + at, *steps + 1, length);
		at += length;
	}
	write_seed("http_client", name, script, at);
}

static void write_http_scripts(void)
{
	static const char *const length[] = {"\1HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
		"\1world", NULL};
	static const char *const ahead[] = {"\1HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n",
		"\x81x", "\x81x", "\x81x", "\x81x", "\x81x", "\x81x", "\x81x", "\x81x", "\x81x", "\x81x",
		"\x81x", "\x81x", "\x81x", "\x81x", "\x81x", "\x81x", "\x81x", "\x11yyy", "\x41", NULL};
	static const char *const chunks[] = {"\1HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		"\0015\r\nhello\r\n", "\0010\r\n\r\n", NULL};
	static const char *const close[] = {"\1HTTP/1.0 200 OK\r\n\r\nhello", "\x21world", NULL};
	static const char *const again[] = {"\1HTTP/1.1 302 F\r\nLocation: /x\r\nContent-Length: 1\r\n\r\nx",
		"\1HTTP/1.1 301 F\r\nLocation: http://h:8/x\r\nContent-Length: 0\r\n\r\n",
		"\1HTTP/1.1 404 N\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", NULL};
	static const char *const rest[] = {"\1HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/10\r\n"
		"Content-Length: 5\r\nETag: \"x\"\r\n\r\nworld", NULL};
	static const char *const other[] = {"\1HTTP/1.1 206 P\r\nContent-Range: bytes 4-9/10\r\n"
		"Content-Length: 6\r\n\r\noworld", "\1HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", NULL};
	static const char *const *const all[] = {length, ahead, chunks, close, again, rest, other};

	for (size_t i = 0; i < COUNT(all); i++) {
		char name[16];

		snprintf(name, sizeof name, "script-%zu", i);
		write_http_script(name, i < 5 ? 0 : 2, all[i]);
	}
	write_http_script("size", 1, length);
}

static void write_urls(void)
{
	static const char *const urls[] = {"http://a/b/c/d;p?q\n../../g?y/../x#s", "tftp://h//f\n",
		"http://user@[::1]:8080?x\n//g/./..", "http://a\n?%41%", "http://a/b\n//h:1/../.."};
	char name[16];

	for (size_t i = 0; i < COUNT(urls); i++) {
		snprintf(name, sizeof name, "%08x", hash(urls[i]));
		write_seed("url", name, urls[i], strlen(urls[i]));
	}
}

// The message's number, then the message.
static void write_nfs(void)
{
	for (size_t i = 0; i < COUNT(nfs_messages); i++) {
		for (size_t v = 0; v < COUNT(nfs_messages[i].hex) && nfs_messages[i].hex[v]; v++) {
			char hex[8192], name[80];
			struct bytes b;

			snprintf(hex, sizeof hex, "%02x %s", (unsigned)i, nfs_messages[i].hex[v]);
			snprintf(name, sizeof name, "%s-%zu", nfs_messages[i].name, v);
			b = from_hex(hex);
			write_seed("nfs3", name, b.at, b.length);
			exact_free(&b);
		}
	}
	write_seed("nfs3", "records", "\xff\0\0\0\1a\x80\0\0\2bc\x80\0\0\0", 16);
}

static void write_dhcp6_scripts(void)
{
	// Types, then options: a server's identifier, the association, an address.
	static const char *const lease[] = {
		"02 0002000400020901 000700010a 00030028 12345601 0000003c 00000069 00050018 "
		"fd00000000000002000000000000001a 00000078 00000078",
		"07 0002000400020901 00030028 12345601 0000003c 00000069 00050018 "
		"fd00000000000002000000000000001a 00000078 00000078", "07 0002000400020901",
		"07 0002000400020901 00030028 12345601 0000003c 00000069 00050018 "
		"fd00000000000002000000000000001a 00000078 00000078", NULL};
	static const char *const refused[] = {"02 0002000400020901 00030012 12345601 00*8 000d00020002",
		"07 0002000400020901 000e0000 00030028 12345601 00*8 00050018 "
		"fd00000000000002000000000000001a 00000078 00000078",
		"07 0002000400020901 00030012 12345601 00*8 000d00020003", "07 0002000400020901 000d00020004",
		NULL};

	for (uint8_t i = 0; i < 8; i++) {
		char name[16];

		snprintf(name, sizeof name, "lease-%u", i);
		write_script("dhcp6_client", name, (uint8_t)(i << 1), i & 1 ? 0x71 : 0x31, lease);
		snprintf(name, sizeof name, "refused-%u", i);
		write_script("dhcp6_client", name, (uint8_t)(i << 1), i & 1 ? 0xf1 : 0x31, refused);
	}
	write_script("dhcp6_client", "information", 1, 0x13, lease + 2);
}

int main(int argc, char **argv)
{
	char name[32];

	if (argc != 2)
		errx(100, "usage: %s CORPUS-DIRECTORY", argv[0]);
	corpus = argv[1];
	write_tftp_scripts();
	write_tftp_continuation();
	write_tftp_server_scripts();
	write_tcp_scripts();
	write_http_fields();
	write_dhcp_scripts();
	write_dhcp_server_scripts();
	write_frames();
	write_texts();
	write_images();
	write_packets("ether", ether_packets, COUNT(ether_packets));
	write_packets("ip", ip_packets, COUNT(ip_packets));
	write_packets("tcp", tcp_packets, COUNT(tcp_packets));
	write_packets("dhcp", dhcp_packets, COUNT(dhcp_packets));
	write_packets("dhcp6", dhcp6_packets, COUNT(dhcp6_packets));
	write_dhcp6_scripts();
	write_packets("tftp", tftp_packets, COUNT(tftp_packets));
	write_packets("dns", dns_packets, COUNT(dns_packets));
	write_packets("dns", dns_record_packets, COUNT(dns_record_packets));
	write_dns_scripts();
	write_http_heads();
	write_http_scripts();
	write_urls();
	for (size_t i = 0; i < COUNT(ip_parameters); i++) {
		snprintf(name, sizeof name, "%08x", hash(ip_parameters[i].value));
		write_seed("ipparam", name, ip_parameters[i].value, strlen(ip_parameters[i].value));
	}
	write_nfs();
	return 0;
}
