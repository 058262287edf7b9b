// SPDX-License-Identifier: BSD-2-Clause
// DHCPv6 messages, RFC 8415 sections 8 and 21:
//
//	 type (1) | transaction id (3) | options
//	 code (2) | length (2) | data                                          an option
//	 IAID (4) | T1 (4) | T2 (4) | options                                  IA_NA
//	 address (16) | preferred lifetime (4) | valid lifetime (4) | options  IAADDR
#include "netstack/wire/dhcp6.h"
#include "netstack/base/memory.h"
#include "netstack/wire/dns.h"
#include "netstack/wire/dns_lists.h"

enum {
	XID = 0xffffff,
	DUID_LL = 3,
	DUID_UUID = 4,
	ETHERNET = 1,
	MAX_RT_LEAST = 60,
	MAX_RT_MOST = 86400,
	NTP_ADDRESS = 1, // suboption of option 56
	FQDN_SERVER_UPDATES = 1,
};

// ---- reading ------------------------------------------------------------------------------------

// The next option; false at the end, and where it is cut off (then r->failed).
static bool next_option(struct reader *r, uint16_t *code, struct reader *data)
{
	if (r->failed || !reader_left(r))
		return false;
	*code = read_u16(r);
	*data = read_sub(r, read_u16(r));
	return !r->failed;
}

static struct text_view rest_of(const struct reader *r)
{
	return (struct text_view){(const char *)r->at, reader_left(r)};
}

static void read_text(struct text_view *to, const struct reader *data)
{
	if (!to->at && reader_left(data))
		*to = rest_of(data);
}

static bool read_duid(struct dhcp6_duid *duid, struct reader *data)
{
	size_t length = reader_left(data);

	if (duid->length)
		return true;
	if (!length || length > DHCP6_DUID)
		return false;
	duid->length = (uint8_t)length;
	read_bytes(data, duid->bytes, length);
	return true;
}

static void read_status(struct dhcp6_status *status, struct reader *data)
{
	uint16_t code = read_u16(data);

	if (!data->failed && status->code == DHCP6_SUCCESS)
		*status = (struct dhcp6_status){code, rest_of(data)};
}

static struct ipaddr read_address(struct reader *r)
{
	struct ipaddr a = {.family = IP_V6};

	read_bytes(r, a.bytes, sizeof a.bytes);
	return a;
}

// Option 56 has options of its own: an address, a multicast address, or a name.
static void read_ntp(struct dhcp6_message *m, struct reader *data)
{
	struct reader sub;
	uint16_t code;

	while (next_option(data, &code, &sub))
		if (code == NTP_ADDRESS)
			dns_list_servers(m->ntp, DHCP6_SERVERS, false, &sub);
}

static void read_search(struct dhcp6_message *m, struct reader *data)
{
	struct text search = text_of(m->search, sizeof m->search);

	dns_list_search(&search, data);
}

// Flags, then the name.
static void read_fqdn(struct dhcp6_message *m, struct reader *data)
{
	struct text t = text_of(m->fqdn, sizeof m->fqdn);

	read_skip(data, 1);
	if (data->failed || !dns_list_name(data, &t) || t.cut)
		m->fqdn[0] = 0;
}

static void read_max_rt(struct dhcp6_message *m, struct reader *data)
{
	uint32_t seconds = read_u32(data);

	if (seconds >= MAX_RT_LEAST && seconds <= MAX_RT_MOST)
		m->sol_max_rt = seconds;
}

// An address's own status stands for the association's where that has none. False if it is malformed.
static bool read_ia_address(struct dhcp6_message *m, struct reader *data)
{
	struct dhcp6_address a = {.address = read_address(data)};
	struct dhcp6_status status = {0};
	struct reader option;
	uint16_t code;

	a.preferred = read_u32(data);
	a.valid = read_u32(data);
	while (next_option(data, &code, &option))
		if (code == DHCP6_OPTION_STATUS_CODE)
			read_status(&status, &option);
	if (data->failed)
		return false;
	if (status.code != DHCP6_SUCCESS && m->ia_status.code == DHCP6_SUCCESS)
		m->ia_status = status;
	if (status.code == DHCP6_SUCCESS && ipaddr_is_host(&a.address) &&
		!ipaddr_is_link_local(&a.address) && a.preferred <= a.valid && m->count < DHCP6_ADDRESSES)
		m->addresses[m->count++] = a;
	return true;
}

static bool read_ia_options(struct dhcp6_message *m, struct reader *data)
{
	struct reader option;
	uint16_t code;

	while (next_option(data, &code, &option)) {
		if (code == DHCP6_OPTION_STATUS_CODE)
			read_status(&m->ia_status, &option);
		else if (code == DHCP6_OPTION_IAADDR && !read_ia_address(m, &option))
			return false;
	}
	return !data->failed;
}

// Section 21.4: with T1 > T2, both greater than 0, it counts as absent.
static bool read_ia(struct dhcp6_message *m, struct reader *data, uint32_t iaid)
{
	uint32_t id = read_u32(data), t1 = read_u32(data), t2 = read_u32(data);

	if (data->failed)
		return false;
	if (id != iaid || m->has_ia || (t1 && t2 && t1 > t2))
		return true;
	m->has_ia = true;
	m->t1 = t1;
	m->t2 = t2;
	return read_ia_options(m, data);
}

// False where the whole message cannot be trusted.
static bool read_option(struct dhcp6_message *m, uint16_t code, struct reader *data, uint32_t iaid)
{
	switch (code) {
	case DHCP6_OPTION_CLIENTID:
		return read_duid(&m->client, data);
	case DHCP6_OPTION_SERVERID:
		return read_duid(&m->server, data);
	case DHCP6_OPTION_IA_NA:
		return read_ia(m, data, iaid);
	case DHCP6_OPTION_PREFERENCE:
		m->preference = read_u8(data);
		break;
	case DHCP6_OPTION_STATUS_CODE:
		read_status(&m->status, data);
		break;
	case DHCP6_OPTION_RAPID_COMMIT:
		m->rapid_commit = true;
		break;
	case DHCP6_OPTION_DNS_SERVERS:
		dns_list_servers(m->dns, DHCP6_SERVERS, true, data);
		break;
	case DHCP6_OPTION_DOMAIN_LIST:
		read_search(m, data);
		break;
	case DHCP6_OPTION_SNTP_SERVERS:
		dns_list_servers(m->ntp, DHCP6_SERVERS, false, data);
		break;
	case DHCP6_OPTION_CLIENT_FQDN:
		read_fqdn(m, data);
		break;
	case DHCP6_OPTION_NEW_POSIX_TIMEZONE:
		read_text(&m->posix_zone, data);
		break;
	case DHCP6_OPTION_NEW_TZDB_TIMEZONE:
		read_text(&m->tz_name, data);
		break;
	case DHCP6_OPTION_NTP_SERVER:
		read_ntp(m, data);
		break;
	case DHCP6_OPTION_BOOTFILE_URL:
		read_text(&m->boot_file_url, data);
		break;
	case DHCP6_OPTION_SOL_MAX_RT:
		read_max_rt(m, data);
		break;
	default:
		break;
	}
	return true;
}

bool dhcp6_read(struct dhcp6_message *m, const void *packet, size_t length, uint32_t iaid)
{
	struct reader r = reader_of(packet, length), data;
	uint32_t head = read_u32(&r);
	uint16_t code;

	*m = (struct dhcp6_message){.type = (uint8_t)(head >> 24), .xid = head & XID};
	while (next_option(&r, &code, &data))
		if (!read_option(m, code, &data, iaid))
			return false;
	return !r.failed;
}

// ---- writing ------------------------------------------------------------------------------------

void dhcp6_write_header(struct writer *w, enum dhcp6_type type, uint32_t xid)
{
	write_u32(w, (uint32_t)type << 24 | (xid & XID));
}

void dhcp6_write_option(struct writer *w, enum dhcp6_option code, const void *bytes, size_t length)
{
	write_u16(w, (uint16_t)code);
	write_u16(w, (uint16_t)length);
	write_bytes(w, bytes, length);
}

// Times and lifetimes are the server's business: 0.
void dhcp6_write_ia(struct writer *w, uint32_t iaid, const struct ipaddr *address)
{
	enum { IA = 12, ADDRESS = 24, HEAD = 4 };

	write_u16(w, DHCP6_OPTION_IA_NA);
	write_u16(w, address ? IA + HEAD + ADDRESS : IA);
	write_u32(w, iaid);
	write_zeros(w, 8);
	if (!address)
		return;
	write_u16(w, DHCP6_OPTION_IAADDR);
	write_u16(w, ADDRESS);
	write_bytes(w, address->bytes, sizeof address->bytes);
	write_zeros(w, 8);
}

void dhcp6_write_fqdn(struct writer *w, const char *host)
{
	size_t length = 0;

	while (host[length] && host[length] != '.')
		length++;
	if (!length || length > DNS_LABEL)
		return;
	write_u16(w, DHCP6_OPTION_CLIENT_FQDN);
	write_u16(w, (uint16_t)(length + 2));
	write_u8(w, FQDN_SERVER_UPDATES);
	write_u8(w, (uint8_t)length);
	write_bytes(w, host, length);
}

// ---- identifiers and words ----------------------------------------------------------------------

struct dhcp6_duid dhcp6_duid_uuid(const uint8_t uuid[16])
{
	struct dhcp6_duid duid = {.length = 18};
	struct writer w = writer_of(duid.bytes, sizeof duid.bytes);

	write_u16(&w, DUID_UUID);
	write_bytes(&w, uuid, 16);
	return duid;
}

struct dhcp6_duid dhcp6_duid_ll(const uint8_t hwaddr[6])
{
	struct dhcp6_duid duid = {.length = 10};
	struct writer w = writer_of(duid.bytes, sizeof duid.bytes);

	write_u16(&w, DUID_LL);
	write_u16(&w, ETHERNET);
	write_bytes(&w, hwaddr, 6);
	return duid;
}

bool dhcp6_duid_equal(const struct dhcp6_duid *a, const struct dhcp6_duid *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

void dhcp6_status_text(const struct dhcp6_status *status, struct text *to)
{
	static const char *const meanings[] = {
		[DHCP6_SUCCESS] = "success",
		[DHCP6_UNSPEC_FAIL] = "failure without a reason",
		[DHCP6_NO_ADDRS_AVAIL] = "no addresses available",
		[DHCP6_NO_BINDING] = "it does not know the lease",
		[DHCP6_NOT_ON_LINK] = "the address does not belong on this network",
		[DHCP6_USE_MULTICAST] = "multicast is to be used",
	};

	if (status->words.length)
		text_foreign(to, status->words.at, status->words.length);
	else if (status->code < sizeof meanings / sizeof *meanings)
		text_format(to, "%s", meanings[status->code]);
	else
		text_format(to, "status %u", status->code);
}
