// SPDX-License-Identifier: BSD-2-Clause
// Reading ip= as the kernel's ipconfig does, made strict: what the kernel would guess at (short
// addresses, non-contiguous masks, unknown words) is an error that names the field. Besides the
// kernel's ten fields it takes <device>:<autoconf>, an address with /prefix, a mask written as a
// prefix length, and <mtu>[:<mac>] in place of the name servers, as other initramfs programs do.
#include "netstack/wire/ipparam.h"
#include "netstack/base/memory.h"

enum { MTU_MIN = 68, MTU_MIN_V6 = 1280, MTU_MAX = 65535, SHOWN = 40, CUSTOMARY_PREFIX = 64 };

enum field {
	CLIENT,
	SERVER,
	GATEWAY,
	NETMASK,
	HOSTNAME,
	DEVICE,
	AUTOCONF,
	DNS0,
	DNS1,
	NTP0,
	FIELDS,
};

static const struct {
	const char *name, *form;
} fields[] = {
	[CLIENT] = {"client address", "an address such as 192.168.1.50 or [fd00::50]"},
	[SERVER] = {"server address", "an address such as 192.168.1.1 or [fd00::1]"},
	[GATEWAY] = {"gateway", "an address such as 192.168.1.1 or [fd00::1]"},
	[NETMASK] = {"netmask", "a mask such as 255.255.255.0, or 1 to 32 (IPv6: to 128)"},
	[HOSTNAME] = {"hostname", "letters, digits, '-' and '.', at most 63 before the first dot"},
	[DEVICE] = {"device", "a name of at most 15 characters such as eth0"},
	[AUTOCONF] = {"autoconf", "one of dhcp on any both all bootp rarp dhcp6 auto6 either6 link6 off "
				 "none static, or dhcp,TYPE,TEXT"},
	[DNS0] = {"first name server", "an address, or an MTU from 68 to 65535"},
	[DNS1] = {"second name server", "an address"},
	[NTP0] = {"time server", "an address"},
};

static const struct {
	const char *word;
	enum ipparam_autoconf means;
} words[] = {
	{"dhcp", IPPARAM_DHCP},
	{"on", IPPARAM_DHCP},
	{"any", IPPARAM_DHCP},
	{"both", IPPARAM_DHCP},
	{"all", IPPARAM_DHCP},
	{"single-dhcp", IPPARAM_DHCP},
	{"bootp", IPPARAM_BOOTP},
	{"rarp", IPPARAM_BOOTP},
	{"auto6", IPPARAM_ROUTER},
	{"dhcp6", IPPARAM_DHCP6},
	{"either6", IPPARAM_EITHER6},
	{"link6", IPPARAM_LINK6},
	{"off", IPPARAM_STATIC},
	{"none", IPPARAM_STATIC},
	{"static", IPPARAM_STATIC},
};

// What other readers of ip= know besides.
static const char *const unsupported[] = {"link-local", "ibft"};

enum {
	WORD_COUNT = sizeof words / sizeof *words,
	UNSUPPORTED_COUNT = sizeof unsupported / sizeof *unsupported,
};

// Says that what stands in place `number` cannot be `field`.
static bool refuse_at(struct fault *fault, int number, enum field field, struct text_view found)
{
	char shown[SHOWN];
	struct text t = text_of(shown, sizeof shown);

	text_foreign(&t, found.at, found.length);
	return fault_set(fault, FAULT_IP_PARAMETER, "in field %d (%s): '%s' is not %s", number,
		fields[field].name, shown, fields[field].form);
}

static bool refuse(struct fault *fault, enum field field, struct text_view found)
{
	return refuse_at(fault, field + 1, field, found);
}

static bool is_unsupported(struct text_view s)
{
	for (int i = 0; i < UNSUPPORTED_COUNT; i++)
		if (text_is(s.at, s.length, unsupported[i]))
			return true;
	return false;
}

static bool refuse_autoconf(struct fault *fault, int number, struct text_view found)
{
	char shown[SHOWN];
	struct text t = text_of(shown, sizeof shown);

	if (!is_unsupported(found))
		return refuse_at(fault, number, AUTOCONF, found);
	text_foreign(&t, found.at, found.length);
	return fault_set(fault, FAULT_IP_PARAMETER,
		"in field %d (autoconf): '%s' is not supported, only DHCP, DHCPv6, what routers announce, and "
		"addresses given there",
		number, shown);
}

// Adds a sentence to the notice.
static void notice(struct ipparam *p, const char *what, const struct ipaddr *a)
{
	size_t used = strlen(p->notice);
	struct text t = text_of(p->notice + used, sizeof p->notice - used);
	char shown[IPADDR_TEXT];

	text_format(&t, "%s%s", used ? "; " : "", what);
	if (a)
		text_format(&t, " %s", ipaddr_format(a, shown));
}

static bool is_unset(struct text_view s)
{
	return s.length == 0 || text_is(s.at, s.length, "0.0.0.0") ||
	       text_is(s.at, s.length, "255.255.255.255");
}

struct text_view ipparam_field(struct text_view *rest)
{
	struct text_view field = {rest->at, 0};
	bool bracket = false;

	while (field.length < rest->length && (bracket || rest->at[field.length] != ':')) {
		bracket = rest->at[field.length] == '[' || (bracket && rest->at[field.length] != ']');
		field.length++;
	}
	rest->at += field.length;
	rest->length -= field.length;
	if (rest->length) { // the colon
		rest->at++;
		rest->length--;
	}
	return field;
}

// An IPv6 address has brackets, or its colons would be those between fields.
static bool parse_bracketed(struct ipaddr *a, struct text_view s)
{
	return s.length && *s.at == '[' && ipaddr_parse_v6(a, s.at, s.length);
}

static bool parse_address(struct ipaddr *a, struct text_view s)
{
	if (is_unset(s))
		return true;
	return (ipaddr_parse(a, s.at, s.length) || parse_bracketed(a, s)) && ipaddr_is_host(a);
}

static bool parse_prefix(uint8_t *prefix, struct text_view s, unsigned most)
{
	uint32_t n;

	if (!text_u32(s.at, s.length, 10, &n) || n < 1 || n > most)
		return false;
	*prefix = (uint8_t)n;
	return true;
}

static unsigned longest_prefix(const struct ipparam *p)
{
	return p->client.family == IP_V6 ? 128 : 32;
}

// The client's address, perhaps with /prefix.
static bool parse_client(struct ipparam *p, struct text_view s)
{
	struct text_view rest = s, address = text_field(&rest, '/');

	if (!parse_address(&p->client, address))
		return false;
	p->has_mask = address.length < s.length;
	return !p->has_mask ||
	       (!ipaddr_is_unset(&p->client) && parse_prefix(&p->prefix, rest, longest_prefix(p)));
}

static bool parse_mask(struct ipparam *p, struct text_view s)
{
	struct ipaddr mask;
	int prefix;
	uint8_t bits;

	if (is_unset(s))
		return true;
	if (!parse_prefix(&bits, s, longest_prefix(p))) {
		prefix = p->client.family != IP_V6 && ipaddr_parse(&mask, s.at, s.length) ?
			ipaddr_mask_to_prefix(&mask) : -1;
		if (prefix < 0)
			return false;
		bits = (uint8_t)prefix;
	}
	if (p->has_mask && bits != p->prefix) // the client field's /prefix says otherwise
		return false;
	p->has_mask = true;
	p->prefix = bits;
	return true;
}

static bool copy(char *to, size_t size, struct text_view s)
{
	if (s.length >= size)
		return false;
	memcpy(to, s.at, s.length);
	to[s.length] = 0;
	return true;
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

// host.domain: the part after the first dot is the NIS domain to the kernel.
static bool parse_hostname(struct ipparam *p, struct text_view s)
{
	struct text_view host = s, domain = {s.at + s.length, 0};

	for (size_t i = s.length; i > 0; i--) {
		if (!is_name(s.at[i - 1]))
			return false;
		if (s.at[i - 1] == '.') {
			host.length = i - 1;
			domain = (struct text_view){s.at + i, s.length - i};
		}
	}
	if (host.length == 0 && s.length != 0)
		return false;
	return copy(p->hostname, sizeof p->hostname, host) &&
	       copy(p->domain, sizeof p->domain, domain);
}

// What the kernel takes for an interface's name, without what nobody types.
static bool parse_device(struct ipparam *p, struct text_view s)
{
	for (size_t i = 0; i < s.length; i++) {
		uint8_t c = (uint8_t)s.at[i];

		if (c <= ' ' || c >= 0x7f || c == '/')
			return false;
	}
	if (text_is(s.at, s.length, ".") || text_is(s.at, s.length, ".."))
		return false;
	return copy(p->device, sizeof p->device, s);
}

// dhcp,<type>,<text>: option 61 as the kernel makes it, one type byte and the text as it stands.
static bool parse_client_id(struct ipparam *p, struct text_view s)
{
	uint32_t type;
	size_t comma = 0;

	while (comma < s.length && s.at[comma] != ',')
		comma++;
	if (comma == s.length || !text_number(s.at, comma, &type) || type > 255)
		return false;
	s.at += comma + 1;
	s.length -= comma + 1;
	if (s.length == 0 || s.length >= sizeof p->client_id)
		return false;
	p->client_id[0] = (uint8_t)type;
	memcpy(p->client_id + 1, s.at, s.length);
	p->client_id_length = (uint8_t)(s.length + 1);
	return true;
}

static bool has_client_id(struct text_view s)
{
	return s.length >= 5 && text_is(s.at, 5, "dhcp,");
}

static bool parse_autoconf(struct ipparam *p, struct text_view s)
{
	if (has_client_id(s)) {
		p->autoconf = IPPARAM_DHCP;
		return parse_client_id(p, (struct text_view){s.at + 5, s.length - 5});
	}
	for (int i = 0; i < WORD_COUNT; i++) {
		if (!text_is(s.at, s.length, words[i].word))
			continue;
		p->autoconf = words[i].means;
		return true;
	}
	return false;
}

static bool parse_autoconf_field(struct ipparam *p, struct text_view s)
{
	if (s.length)
		return parse_autoconf(p, s);
	p->autoconf = ipaddr_is_unset(&p->client) ? IPPARAM_DHCP : IPPARAM_STATIC;
	return true;
}

static bool parse_mtu(struct ipparam *p, struct text_view s)
{
	uint32_t n;

	if (!text_u32(s.at, s.length, 10, &n) || n < MTU_MIN || n > MTU_MAX)
		return false;
	p->mtu = (uint16_t)n;
	return true;
}

// What follows autoconf: <dns0>:<dns1>:<ntp0>, or <mtu>:<mac>.
static bool parse_tail(struct ipparam *p, struct text_view rest, struct fault *fault)
{
	struct ipaddr *const addresses[] = {&p->dns[0], &p->dns[1], &p->ntp};
	struct text_view first = ipparam_field(&rest);
	enum field field = DNS0;

	if (bootif_parse(p->hwaddr, rest.at, rest.length)) {
		p->has_hwaddr = true;
		return first.length == 0 || parse_mtu(p, first) || refuse(fault, DNS0, first);
	}
	if (parse_mtu(p, first))
		return rest.length == 0 ||
		       fault_set(fault, FAULT_IP_PARAMETER,
			       "in field 9: what follows the MTU is no hardware address");
	for (; field < FIELDS; first = ipparam_field(&rest), field++)
		if (!parse_address(addresses[field - DNS0], first))
			return refuse(fault, field, first);
	if (first.length || rest.length)
		return fault_set(fault, FAULT_IP_PARAMETER, "because it has more than ten fields");
	return true;
}

static bool parse_fields(struct ipparam *p, struct text_view rest, struct fault *fault)
{
	static bool (*const parse[])(struct ipparam *, struct text_view) = {
		[CLIENT] = parse_client,
		[NETMASK] = parse_mask,
		[HOSTNAME] = parse_hostname,
		[DEVICE] = parse_device,
		[AUTOCONF] = parse_autoconf_field,
	};

	for (enum field field = CLIENT; field <= AUTOCONF; field++) {
		struct text_view s = ipparam_field(&rest);
		bool good = field == SERVER    ? parse_address(&p->server, s)
			    : field == GATEWAY ? parse_address(&p->gateway, s)
					       : parse[field](p, s);

		if (!good)
			return field == AUTOCONF ? refuse_autoconf(fault, field + 1, s)
						 : refuse(fault, field, s);
	}
	return parse_tail(p, rest, fault);
}

// <device>:<autoconf>[:<mtu>[:<mac>]]
static bool is_device_form(struct text_view rest)
{
	struct text_view device = ipparam_field(&rest), word = ipparam_field(&rest);
	struct ipparam scratch = {0};
	struct ipaddr address;

	return device.length && *device.at != '[' && word.length &&
	       !ipaddr_parse(&address, device.at, device.length) &&
	       (parse_autoconf(&scratch, word) || is_unsupported(word));
}

static bool parse_device_form(struct ipparam *p, struct text_view rest, struct fault *fault)
{
	struct text_view device = ipparam_field(&rest), word = ipparam_field(&rest), mtu;

	if (!parse_device(p, device))
		return refuse_at(fault, 1, DEVICE, device);
	if (!parse_autoconf(p, word))
		return refuse_autoconf(fault, 2, word);
	mtu = ipparam_field(&rest);
	if (mtu.length && !parse_mtu(p, mtu))
		return fault_set(fault, FAULT_IP_PARAMETER,
			"in field 3: the MTU is not from 68 to 65535");
	p->has_hwaddr = bootif_parse(p->hwaddr, rest.at, rest.length);
	if (rest.length && !p->has_hwaddr)
		return fault_set(fault, FAULT_IP_PARAMETER,
			"in field 4: that is no hardware address");
	return true;
}

// What no field can tell alone.
static bool fits_together(const struct ipparam *p, struct fault *fault)
{
	if (p->client.family == IP_V6 && p->autoconf != IPPARAM_STATIC)
		return fault_set(fault, FAULT_IP_PARAMETER,
			"in field 7 (autoconf): with an IPv6 address it is 'none' or empty");
	if (p->client.family && p->gateway.family && p->gateway.family != p->client.family)
		return fault_set(fault, FAULT_IP_PARAMETER,
			"in field 3 (gateway): one is IPv6, this or the client address");
	if (p->mtu && p->mtu < MTU_MIN_V6 && (p->client.family == IP_V6 || p->autoconf >= IPPARAM_ROUTER))
		return fault_set(fault, FAULT_IP_PARAMETER, "because IPv6 needs an MTU of 1280 or more");
	return true;
}

// Fills in what follows from the rest, and says so.
static void complete(struct ipparam *p)
{
	struct ipaddr mask;

	if (ipaddr_is_unset(&p->client))
		return;
	if (!p->has_mask && p->client.family == IP_V6) {
		p->prefix = CUSTOMARY_PREFIX;
		notice(p, "no prefix length given, taking 64", NULL);
	} else if (!p->has_mask) {
		p->prefix = (uint8_t)ipaddr_classful_prefix(&p->client);
		mask = ipaddr_prefix_to_mask(p->prefix);
		notice(p, "no netmask given, taking the class's", &mask);
	}
	if (!ipaddr_is_unset(&p->gateway) && !ipaddr_is_link_local(&p->gateway) &&
		!ipaddr_same_net(&p->client, &p->gateway, p->prefix))
		notice(p, "gateway off the network, reached on the link:", &p->gateway);
}

bool ipparam_parse(struct ipparam *p, const char *value, size_t length, struct fault *fault)
{
	struct text_view all = {value, length};
	bool good;

	*p = (struct ipparam){0};
	fault_clear(fault);
	if (length == 0) {
		p->autoconf = IPPARAM_DHCP;
		notice(p, "ip= is empty, using DHCP", NULL);
		return true;
	}
	if (has_client_id(all) || is_unsupported(all))
		return parse_autoconf(p, all) || refuse_autoconf(fault, AUTOCONF + 1, all);
	if (parse_autoconf(p, all))
		return true;
	good = (is_device_form(all) ? parse_device_form(p, all, fault) : parse_fields(p, all, fault)) &&
	       fits_together(p, fault);
	if (good)
		complete(p);
	return good;
}

bool bootif_parse(uint8_t hwaddr[6], const char *value, size_t length)
{
	enum { WITHOUT_TYPE = 6 * 3 - 1, WITH_TYPE = 7 * 3 - 1 };
	uint8_t bytes[6];
	uint32_t byte;

	if (length == WITH_TYPE && text_u32(value, 2, 16, &byte) &&
		(value[2] == '-' || value[2] == ':')) {
		value += 3;
		length -= 3;
	}
	if (length != WITHOUT_TYPE)
		return false;
	for (int i = 0; i < 6; i++, value += 3) {
		if (!text_u32(value, 2, 16, &byte) || (i < 5 && value[2] != '-' && value[2] != ':'))
			return false;
		bytes[i] = (uint8_t)byte;
	}
	memcpy(hwaddr, bytes, sizeof bytes);
	return true;
}
