// SPDX-License-Identifier: BSD-2-Clause
// As strict as ip=: nothing is guessed. Every word is fields with colons between them; a hardware
// address, which has colons of its own, stands last.
#include "netstack/wire/linkparam.h"
#include "netstack/base/memory.h"
#include "netstack/wire/ipparam.h"

enum { SHOWN = 40, VLAN_MAX = 4094 };

static const char name_form[] = "an interface's name of at most 15 characters such as eth0";
static const char address_form[] = "an address such as 192.168.1.1 or [fd00::1]";

static bool refuse(struct fault *fault, const char *word, const char *field, struct text_view found,
	const char *form)
{
	char shown[SHOWN];
	struct text t = text_of(shown, sizeof shown);

	text_foreign(&t, found.at, found.length);
	return fault_set(fault, FAULT_LINK_PARAMETER, "in %s= (%s): '%s' is not %s", word, field, shown,
		form);
}

bool linkparam_is_name(const char *text, size_t length)
{
	if (!length || length >= LINKPARAM_NAME || text_is(text, length, ".") ||
		text_is(text, length, ".."))
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == '/' || text[i] == ':')
			return false;
	return true;
}

static bool copy_name(char to[LINKPARAM_NAME], struct text_view s)
{
	if (!linkparam_is_name(s.at, s.length))
		return false;
	memcpy(to, s.at, s.length);
	to[s.length] = 0;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

// What stands before the digits at the end: "vlan", a device's name and a dot, or nothing.
static bool vlan_number(struct text_view s, uint16_t *id)
{
	size_t digits = s.length;
	uint32_t n;

	while (digits && is_digit(s.at[digits - 1]))
		digits--;
	if (digits && !(digits > 1 && s.at[digits - 1] == '.') && !text_is(s.at, digits, "vlan"))
		return false;
	if (!text_u32(s.at + digits, s.length - digits, 10, &n) || n < 1 || n > VLAN_MAX)
		return false;
	*id = (uint16_t)n;
	return true;
}

// eth0.5 names the device itself.
static void device_of_name(struct linkparam_vlan *v, struct text_view name)
{
	size_t dot = name.length;

	while (dot && name.at[dot - 1] != '.')
		dot--;
	if (dot)
		memcpy(v->device, name.at, dot - 1);
}

bool linkparam_vlan(struct linkparam_vlan *v, const char *value, size_t length, struct fault *fault)
{
	struct text_view rest = {value, length}, name = text_field(&rest, ':');
	struct text made = text_of(v->name, sizeof v->name);

	*v = (struct linkparam_vlan){0};
	if (!copy_name(v->name, name))
		return refuse(fault, "vlan", "name", name, name_form);
	if (!vlan_number(name, &v->id))
		return refuse(fault, "vlan", "name", name,
			"a name with a VLAN number from 1 to 4094 such as vlan5, eth0.5 or 5");
	if (length > name.length && !copy_name(v->device, rest))
		return refuse(fault, "vlan", "device", rest, name_form);
	if (length == name.length)
		device_of_name(v, name);
	if (is_digit(v->name[0]))
		text_format(&made, "vlan%u", v->id);
	return true;
}

bool linkparam_ifname(struct linkparam_ifname *i, const char *value, size_t length,
	struct fault *fault)
{
	struct text_view rest = {value, length}, name = text_field(&rest, ':');

	*i = (struct linkparam_ifname){0};
	if (!copy_name(i->name, name))
		return refuse(fault, "ifname", "name", name, name_form);
	if (!bootif_parse(i->hwaddr, rest.at, rest.length))
		return refuse(fault, "ifname", "hardware address", rest,
			"a hardware address such as 52:54:00:12:34:01");
	return true;
}

static bool parse_host(struct ipaddr *a, struct text_view s)
{
	return (ipaddr_parse(a, s.at, s.length) || ipaddr_parse_v6(a, s.at, s.length)) &&
	       ipaddr_is_host(a);
}

static bool parse_prefix(uint8_t *prefix, struct text_view s, bool six)
{
	struct ipaddr mask;
	uint32_t n;
	int bits = -1;

	if (text_u32(s.at, s.length, 10, &n) && n <= (six ? 128 : 32))
		bits = (int)n;
	else if (!six && ipaddr_parse(&mask, s.at, s.length))
		bits = ipaddr_mask_to_prefix(&mask);
	*prefix = (uint8_t)bits;
	return bits >= 0;
}

static void clear_host_bits(struct ipaddr *a, unsigned prefix)
{
	for (unsigned bit = prefix; bit < (a->family == IP_V6 ? 128 : 32); bit++)
		a->bytes[bit / 8] &= (uint8_t)~(0x80 >> bit % 8);
}

// NETWORK[/PREFIX]; a host without a prefix. Brackets of IPv6 may be around both.
static bool parse_network(struct linkparam_route *r, struct text_view s, struct fault *fault)
{
	struct text_view prefix, address;
	bool six;

	if (s.length > 2 && *s.at == '[' && s.at[s.length - 1] == ']')
		s = (struct text_view){s.at + 1, s.length - 2};
	prefix = s;
	address = text_field(&prefix, '/');
	six = ipaddr_parse_v6(&r->destination, address.at, address.length);
	if (!six && !ipaddr_parse(&r->destination, address.at, address.length))
		return refuse(fault, "rd.route", "network", address, address_form);
	r->prefix = six ? 128 : 32;
	if (address.length < s.length && !parse_prefix(&r->prefix, prefix, six))
		return refuse(fault, "rd.route", "prefix", prefix,
			"a mask such as 255.255.255.0, or 0 to 32 (IPv6: to 128)");
	clear_host_bits(&r->destination, r->prefix);
	return true;
}

bool linkparam_route(struct linkparam_route *r, const char *value, size_t length,
	struct fault *fault)
{
	struct text_view rest = {value, length}, network = ipparam_field(&rest);
	struct text_view gateway = ipparam_field(&rest);

	*r = (struct linkparam_route){0};
	if (!parse_network(r, network, fault))
		return false;
	if (gateway.length && !parse_host(&r->gateway, gateway))
		return refuse(fault, "rd.route", "gateway", gateway, address_form);
	if (gateway.length && r->gateway.family != r->destination.family)
		return refuse(fault, "rd.route", "gateway", gateway, "of the same IP version as the network");
	if (rest.length && !copy_name(r->device, rest))
		return refuse(fault, "rd.route", "device", rest, name_form);
	if (!gateway.length && !rest.length)
		return refuse(fault, "rd.route", "gateway", gateway, address_form);
	return true;
}

bool linkparam_nameserver(struct ipaddr *a, const char *value, size_t length, struct fault *fault)
{
	*a = (struct ipaddr){0};
	return parse_host(a, (struct text_view){value, length}) ||
	       refuse(fault, "nameserver", "address", (struct text_view){value, length}, address_form);
}
