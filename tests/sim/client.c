// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/client.h"

#include <string.h>

static void dhcp_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct sim_client *c = owner;

	dhcp_client_input(&c->dhcp, d->payload, d->length, &d->from, now);
}

static void tftp_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct sim_client *c = owner;

	tftp_client_input(&c->tftp, d->payload, d->length, &d->from, now);
}

static void tftp_unreachable(void *owner, const struct endpoint *peer, const struct fault *fault,
	uint64_t now)
{
	struct sim_client *c = owner;

	tftp_client_unreachable(&c->tftp, peer, fault, now);
}

static void end(struct sim_client *c, const struct fault *fault, uint64_t now)
{
	c->stage = SIM_ENDED;
	c->ended = now;
	c->linger = now + TFTP_LINGER;
	if (fault)
		c->fault = *fault;
}

static void pump_dhcp(struct sim_client *c, uint64_t now)
{
	uint8_t buffer[DHCP_PACKET];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct endpoint to;

	while (dhcp_client_output(&c->dhcp, &w, &to, now)) {
		to.interface = 0;
		stack_send(&c->node.stack, c->dhcp_socket, &to, buffer, writer_length(&w), now);
		w = writer_of(buffer, sizeof buffer);
	}
}

static void pump_tftp(struct sim_client *c, uint64_t now)
{
	uint8_t buffer[STACK_PAYLOAD];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct fault fault;
	struct endpoint to;

	while (tftp_client_output(&c->tftp, &w, &to, now)) {
		if (stack_send(&c->node.stack, c->tftp_socket, &to, buffer, writer_length(&w), now) ==
			STACK_NO_ROUTE) {
			fault_set(&fault, FAULT_NO_ROUTE, "of the TFTP server");
			tftp_client_unreachable(&c->tftp, &to, &fault, now);
		}
		w = writer_of(buffer, sizeof buffer);
	}
}

static void next_file(struct sim_client *c, uint64_t now)
{
	struct stack_handler handler = {.owner = c, .input = tftp_input, .unreachable = tftp_unreachable};

	if (c->file == c->file_count) {
		end(c, NULL, now);
		return;
	}
	if (c->tftp_socket)
		stack_unbind(&c->node.stack, c->tftp_socket);
	c->tftp_socket = stack_bind(&c->node.stack, -1, STACK_PORT_ANY, &handler);
	sim_sink_init(&c->sink, &c->files[c->file]);
	c->tftp_config.file = c->files[c->file].name;
	c->tftp_config.sink = &c->sink.sink;
	c->tftp_config.path = &c->path;
	tftp_client_start(&c->tftp, &c->tftp_config, now);
}

void sim_client_fetch(struct sim_client *c, uint64_t now)
{
	c->stage = SIM_TFTP;
	next_file(c, now);
}

static void configure(struct sim_client *c, uint64_t now)
{
	const struct lease *l = &c->dhcp.lease;
	struct ipaddr all = ipaddr_from_u32(0);

	stack_set_address(&c->node.stack, 0, &l->address, l->prefix, now);
	if (!ipaddr_is_unset(&l->routers[0]))
		stack_add_route(&c->node.stack, &all, 0, &l->routers[0], 0);
	c->tftp_config.server = (struct endpoint){.addr = l->next_server, .interface = -1};
	sim_client_fetch(c, now);
}

static void step(struct sim_node *node, uint64_t now)
{
	struct sim_client *c = (struct sim_client *)node;

	if (c->stage == SIM_DHCP) {
		pump_dhcp(c, now);
		if (dhcp_client_status(&c->dhcp) == MACHINE_DONE)
			configure(c, now);
	}
	if (c->tftp_socket)
		pump_tftp(c, now);
	if (c->stage != SIM_TFTP || tftp_client_status(&c->tftp) == MACHINE_RUNNING)
		return;
	pump_tftp(c, now);
	if (tftp_client_status(&c->tftp) == MACHINE_FAILED) {
		end(c, &c->tftp.fault, now);
	} else if (!c->tftp_config.size_only && !sim_sink_good(&c->sink)) {
		c->sink.wrong = true;
		end(c, NULL, now);
	} else {
		c->file++;
		next_file(c, now);
		pump_tftp(c, now);
	}
}

static uint64_t deadline(const struct sim_node *node)
{
	const struct sim_client *c = (const struct sim_client *)node;

	if (c->stage == SIM_DHCP)
		return dhcp_client_deadline(&c->dhcp);
	return c->tftp_socket ? tftp_client_deadline(&c->tftp) : DEADLINE_NEVER;
}

void sim_client_init(struct sim_client *c, struct sim *s, const struct sim_file *files, size_t count)
{
	memset(c, 0, sizeof *c);
	c->node.step = step;
	c->node.deadline = deadline;
	c->stage = SIM_ENDED;
	c->files = files;
	c->file_count = count;
	c->tftp_config = (struct tftp_client_config){.random = &s->random};
	c->dhcp_config = (struct dhcp_client_config){
		.random = &s->random,
		.hwaddr_length = 6,
		.hwtype = 1,
		.start = DHCP_SELECTING,
		.vendor_class = "PXEClient:Arch:00000:UNDI:003016",
		.arch = 0,
	};
}

void sim_client_start(struct sim_client *c, struct sim *s)
{
	struct stack_handler handler = {.owner = c, .input = dhcp_input};

	memcpy(c->dhcp_config.hwaddr, c->node.port.dev.hwaddr, 6);
	c->dhcp_socket = stack_bind(&c->node.stack, -1, DHCP_CLIENT_PORT, &handler);
	c->stage = SIM_DHCP;
	dhcp_client_start(&c->dhcp, &c->dhcp_config, s->now);
}

const char *sim_client_wrong(const struct sim_client *c, uint64_t patience)
{
	if (c->stage != SIM_ENDED)
		return "never ended";
	if (c->sink.wrong)
		return "wrong bytes";
	if (c->fault.id == FAULT_NONE)
		return sim_sink_good(&c->sink) ? NULL : "not all of it";
	if (c->sink.commits)
		return "a fault after the file was complete";
	return c->ended - c->tftp.progress > patience + 1 ? "a fault too late" : NULL;
}

bool sim_client_heard_nothing(const struct sim_client *c)
{
	return c->fault.id == FAULT_TFTP_STALLED || c->fault.id == FAULT_TFTP_SILENT ||
	       c->fault.id == FAULT_ARP_SILENT;
}

bool sim_client_ended(void *client)
{
	return ((struct sim_client *)client)->stage == SIM_ENDED;
}
