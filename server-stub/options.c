// SPDX-License-Identifier: BSD-2-Clause
// One table of words serves getopt_long and the configuration file. The command line is read twice:
// for -c, and, after the file, in full.
#include "server-stub/options.h"
#include "server-stub/configuration.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char options_usage[] =
	"usage: lanyardd [options] [ROOT]\n"
	"Boots diskless machines from the root tree ROOT: DHCP, TFTP, HTTP and NFS.\n"
	"  -i, --interface IFACE  serve there (repeatable; default: all that have an address)\n"
	"  --rw               the clients may write to ROOT (default: read-only, changes in "
	"memory)\n"
	"  --dhcp MODE        auto: give addresses unless another server does (default); pool: "
	"always;\n"
	"                     proxy: boot data only, beside another server; off\n"
	"  --pool A-B         the addresses to give (default: the upper half of the network)\n"
	"  --router A, --dns A    what clients are told (default: this machine's own); --domain "
	"NAME\n"
	"  --append WORDS     more words for the kernel, such as 'console=ttyS0'\n"
	"  --modules LIST     drivers in the initramfs, as mklanyard's -m (default: netboot)\n"
	"  --whole-image      machines load all drivers, not those of their network card alone\n"
	"  --tftp-root DIR    files that clients may get, before lanyardd's own (repeatable)\n"
	"  --allow A/N        networks besides the interfaces' own that may mount ROOT "
	"(repeatable)\n"
	"  --http-port N, --tftp-port N, --nfs-port N    (defaults: 80, 69, 2049; 0: off)\n"
	"  --no-portmap       leave port 111 alone\n"
	"  --no-syslog        leave port 514 alone: no lines of the clients in the log\n"
	"  --no-tapes         take no tapes of boots that failed\n"
	"  --no-router-advert let iPXE wait for an IPv6 router\n"
	"  --state DIR        keys and initramfs images (default /var/lib/lanyard)\n"
	"  --programs DIR     where lanyard.0, mklanyard and init are (default: beside lanyardd)\n"
	"  -c, --config FILE  configuration (default /etc/lanyard/lanyardd.conf)\n"
	"  --unconfined       let a debugger into the server's processes\n"
	"  --check            look at everything, serve nothing\n"
	"  -f                 stay in front (default)\n"
	"  -v, --verbose      say more\n";

const char OPTIONS_UNKNOWN[] = "is no word of lanyardd's";

static const char WANTS_ADDRESS[] = "wants an IPv4 address";
static const char WANTS_PORT[] = "wants a port number, or 0 for off";
static const char TOO_MANY[] = "stands there too often";

// ---- one word each ---------------------------------------------------------------------------

static const char *read_address(struct ipaddr *a, const char *value)
{
	return ipaddr_parse(a, value, strlen(value)) && ipaddr_is_host(a) ? NULL : WANTS_ADDRESS;
}

static const char *read_port(uint16_t *port, const char *value)
{
	uint32_t number;

	if (!text_u32(value, strlen(value), 10, &number) || number > UINT16_MAX)
		return WANTS_PORT;
	*port = (uint16_t)number;
	return NULL;
}

static const char *add(struct option_list *list, const char *value, bool from_file)
{
	if (list->from_file && !from_file)
		list->count = 0;
	list->from_file = from_file;
	if (!*value)
		return "wants a value";
	if (list->count == OPTION_LIST)
		return TOO_MANY;
	list->items[list->count++] = value;
	return NULL;
}

static const char *read_dhcp(struct options *o, const char *value)
{
	static const char *const modes[] = {
		[DHCPD_OFF] = "off", [DHCPD_AUTO] = "auto", [DHCPD_POOL] = "pool",
		[DHCPD_PROXY] = "proxy"};

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (!strcmp(value, modes[i])) {
			o->dhcp = (enum dhcpd_mode)i;
			return NULL;
		}
	return "wants auto, pool, proxy or off";
}

static const char *read_pool(struct options *o, const char *value)
{
	static const char wants[] = "wants FIRST-LAST, two IPv4 addresses";
	const char *dash = strchr(value, '-');
	struct dhcpd_pool p = {0};

	if (!dash || !ipaddr_parse(&p.first, value, (size_t)(dash - value)) ||
		!ipaddr_parse(&p.last, dash + 1, strlen(dash + 1)) ||
		ipaddr_to_u32(&p.first) > ipaddr_to_u32(&p.last))
		return wants;
	o->pool = p;
	return NULL;
}

static const char *read_allow(struct options *o, const char *value, bool from_file)
{
	const char *slash = strchr(value, '/');
	size_t length = slash ? (size_t)(slash - value) : strlen(value);
	struct option_network n = {.prefix = 32};
	const char *bad = add(&o->allow, value, from_file);
	uint32_t prefix = 32;

	if (bad)
		return bad;
	if (!ipaddr_parse(&n.address, value, length) ||
		(slash && !text_u32(slash + 1, strlen(slash + 1), 10, &prefix)) || prefix > 32)
		return "wants an IPv4 address or network, such as 10.1.0.0/16";
	n.prefix = (uint8_t)prefix;
	o->allowed[o->allow.count - 1] = n;
	return NULL;
}

static const char *read_text(const char **to, const char *value)
{
	for (const char *p = value; *p; p++)
		if (iscntrl((unsigned char)*p))
			return "wants text without control characters";
	*to = value;
	return NULL;
}

static const char *read_http_port(struct options *o, const char *value)
{
	o->http_port_given = true;
	return read_port(&o->http_port, value);
}

// ---- the table -------------------------------------------------------------------------------

enum word_id {
	APPEND = 256,
	ALLOW,
	CHECK,
	DHCP,
	DNS,
	DOMAIN,
	HELP,
	HTTP_PORT,
	MODULES,
	NFS_PORT,
	NO_PORTMAP,
	NO_ROUTER_ADVERT,
	NO_SYSLOG,
	NO_TAPES,
	POOL,
	PROGRAMS,
	ROOT,
	ROUTER,
	RW,
	STATE,
	TFTP_PORT,
	TFTP_ROOT,
	UNCONFINED,
	WHOLE_IMAGE,
};

static const struct option words[] = {
	{"append", required_argument, NULL, APPEND},
	{"allow", required_argument, NULL, ALLOW},
	{"check", no_argument, NULL, CHECK},
	{"config", required_argument, NULL, 'c'},
	{"dhcp", required_argument, NULL, DHCP},
	{"dns", required_argument, NULL, DNS},
	{"domain", required_argument, NULL, DOMAIN},
	{"help", no_argument, NULL, HELP},
	{"http-port", required_argument, NULL, HTTP_PORT},
	{"interface", required_argument, NULL, 'i'},
	{"modules", required_argument, NULL, MODULES},
	{"nfs-port", required_argument, NULL, NFS_PORT},
	{"no-portmap", no_argument, NULL, NO_PORTMAP},
	{"no-router-advert", no_argument, NULL, NO_ROUTER_ADVERT},
	{"no-syslog", no_argument, NULL, NO_SYSLOG},
	{"no-tapes", no_argument, NULL, NO_TAPES},
	{"pool", required_argument, NULL, POOL},
	{"programs", required_argument, NULL, PROGRAMS},
	{"root", required_argument, NULL, ROOT},
	{"router", required_argument, NULL, ROUTER},
	{"rw", no_argument, NULL, RW},
	{"state", required_argument, NULL, STATE},
	{"tftp-port", required_argument, NULL, TFTP_PORT},
	{"tftp-root", required_argument, NULL, TFTP_ROOT},
	{"unconfined", no_argument, NULL, UNCONFINED},
	{"verbose", no_argument, NULL, 'v'},
	{"whole-image", no_argument, NULL, WHOLE_IMAGE},
	{NULL, 0, NULL, 0},
};

static const char *set_flag(struct options *o, int id, bool value)
{
	switch (id) {
	case CHECK:
		o->check = value;
		break;
	case HELP:
		o->help = value;
		break;
	case NO_PORTMAP:
		o->portmap = !value;
		break;
	case NO_ROUTER_ADVERT:
		o->router_advert = !value;
		break;
	case NO_SYSLOG:
		o->syslog = !value;
		break;
	case NO_TAPES:
		o->tapes = !value;
		break;
	case RW:
		o->rw = value;
		break;
	case UNCONFINED:
		o->unconfined = value;
		break;
	case WHOLE_IMAGE:
		o->whole_image = value;
		break;
	default:
		o->verbose = value;
	}
	return NULL;
}

static const char *set_value(struct options *o, int id, const char *value, bool from_file)
{
	switch (id) {
	case 'c':
		return read_text(&o->file, value);
	case 'i':
		return add(&o->interfaces, value, from_file);
	case ALLOW:
		return read_allow(o, value, from_file);
	case APPEND:
		return read_text(&o->append, value);
	case DHCP:
		return read_dhcp(o, value);
	case DNS:
		return read_address(&o->dns, value);
	case DOMAIN:
		return read_text(&o->domain, value);
	case HTTP_PORT:
		return read_http_port(o, value);
	case MODULES:
		return read_text(&o->modules, value);
	case NFS_PORT:
		return read_port(&o->nfs_port, value);
	case POOL:
		return read_pool(o, value);
	case PROGRAMS:
		return read_text(&o->programs, value);
	case ROOT:
		return read_text(&o->root, value);
	case ROUTER:
		return read_address(&o->router, value);
	case STATE:
		return read_text(&o->state, value);
	case TFTP_PORT:
		return read_port(&o->tftp_port, value);
	default:
		return add(&o->tftp_roots, value, from_file);
	}
}

// ---- the configuration file ------------------------------------------------------------------

static bool only_on_the_command_line(int id)
{
	return id == 'c' || id == CHECK || id == HELP;
}

static const char *set_flag_by_text(struct options *o, int id, const char *value)
{
	bool yes = text_same(value, "yes"), no = text_same(value, "no");

	return yes || no ? set_flag(o, id, yes) : "wants yes or no";
}

const char *options_set(struct options *o, const char *word, const char *value, bool from_file)
{
	for (const struct option *w = words; w->name; w++) {
		if (strcmp(w->name, word) || only_on_the_command_line(w->val))
			continue;
		if (w->has_arg == no_argument)
			return set_flag_by_text(o, w->val, value);
		return set_value(o, w->val, value, from_file);
	}
	return OPTIONS_UNKNOWN;
}

// ---- the command line ------------------------------------------------------------------------

// `kind` is what getopt_long said: ':' for a missing value, '?' for an unknown option.
static bool refuse_option(int kind, const char *last, struct fault *f)
{
	const char *problem = kind == ':' ? "needs a value" : "is no option";

	if (optopt > ' ' && optopt < 0x7f)
		return fault_set(f, FAULT_SERVER_USAGE, "(-%c %s)", optopt, problem);
	return fault_set(f, FAULT_SERVER_USAGE, "(%s %s)", last, problem);
}

static const char *name_of(int id)
{
	for (const struct option *w = words; w->name; w++)
		if (w->val == id)
			return w->name;
	return "?";
}

static bool take(struct options *o, int id, struct fault *f)
{
	const char *bad = optarg ? set_value(o, id, optarg, false) : set_flag(o, id, true);

	return !bad ||
	       fault_set(f, FAULT_SERVER_USAGE, "(--%s %s, not '%s')", name_of(id), bad, optarg);
}

// Looks for -c and --help only if `first`.
static bool read_line(struct options *o, int argc, char **argv, bool first, struct fault *f)
{
	int id;

	opterr = 0;
	optind = 0; // GNU: start anew
	while ((id = getopt_long(argc, argv, ":c:i:fv", words, NULL)) != -1) {
		if (id == '?' || id == ':')
			return refuse_option(id, argv[optind - 1], f);
		if (id != 'f' && (!first || only_on_the_command_line(id)) && !take(o, id, f))
			return false;
	}
	if (argc - optind > 1)
		return fault_set(
			f, FAULT_SERVER_USAGE, "('%s' belongs to no option)", argv[optind + 1]);
	if (optind < argc)
		o->root = argv[optind];
	return true;
}

// The clients are told the path in nfsroot=, which ends at a space or comma.
static bool resolve_root(struct options *o, struct fault *f)
{
	char *real = realpath(o->root, NULL);

	if (!real)
		return fault_set(f, FAULT_SERVER_ROOT, "(%s: %s)", o->root, strerror(errno));
	for (const char *p = real; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == ',' || *p == 0x7f)
			return fault_set(f, FAULT_SERVER_ROOT,
				"(%s: spaces and commas cannot be told to a kernel)", real);
	o->root = real;
	return true;
}

bool options_read(struct options *o, int argc, char **argv, struct fault *f)
{
	*o = (struct options){.state = "/var/lib/lanyard",
		.modules = "netboot",
		.dhcp = DHCPD_AUTO,
		.http_port = 80,
		.tftp_port = 69,
		.nfs_port = 2049,
		.portmap = true,
		.router_advert = true,
		.syslog = true,
		.tapes = true};
	if (!read_line(o, argc, argv, true, f))
		return false;
	if (o->help)
		return true;
	o->root = NULL;
	if (!configuration_read(o, f) || !read_line(o, argc, argv, false, f))
		return false;
	if (!o->root)
		return fault_set(f, FAULT_SERVER_USAGE, "(no root tree: lanyardd ROOT)");
	return resolve_root(o, f);
}
