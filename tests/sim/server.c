// SPDX-License-Identifier: BSD-2-Clause
#include "tests/sim/server.h"

#include <string.h>

// ---- DHCP

static struct sim_lease *lease_of(struct sim_server *v, const struct dhcp_server_client *client)
{
	for (size_t i = 0; i < SIM_LEASES; i++) {
		struct sim_lease *l = &v->leases[i];

		if (ipaddr_is_unset(&l->address)) {
			memcpy(l->hwaddr, client->hwaddr, sizeof l->hwaddr);
			l->address = ipaddr_from_u32(v->pool + (uint32_t)i);
		}
		if (memcmp(l->hwaddr, client->hwaddr, client->hwaddr_length) == 0)
			return l;
	}
	return NULL;
}

static bool find(void *owner, const struct dhcp_server_client *client, struct dhcp_server_answer *answer)
{
	struct sim_server *v = owner;
	struct sim_lease *l = lease_of(v, client);

	if (!l)
		return false;
	*answer = v->answer;
	answer->address = l->address;
	return true;
}

static bool known(void *owner, const struct dhcp_server_client *client)
{
	return lease_of(owner, client) != NULL;
}

static bool grant(void *owner, const struct dhcp_server_client *client,
	const struct dhcp_server_answer *answer)
{
	(void)answer;
	lease_of(owner, client)->granted = true;
	return true;
}

static void give_back(void *owner, const struct dhcp_server_client *client, bool declined)
{
	(void)declined;
	lease_of(owner, client)->granted = false;
}

static void dhcp_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct sim_server *v = owner;
	uint8_t buffer[STACK_PAYLOAD];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct endpoint to;

	if (v->dead)
		return;
	dhcp_server_input(&v->dhcp, d->payload, d->length, &d->from, now);
	if (dhcp_server_output(&v->dhcp, &w, &to, now))
		stack_send(&v->node.stack, v->dhcp_socket, &to, buffer, writer_length(&w), now);
}

// ---- TFTP

static bool file_open(void *owner, const char *name, uint64_t *size, uint16_t *code, const char **text)
{
	struct sim_session *session = owner;
	struct sim_server *v = session->server;

	for (size_t i = 0; i < v->file_count; i++) {
		if (strcmp(v->files[i].name, name) != 0)
			continue;
		session->file = &v->files[i];
		*size = session->file->size;
		return true;
	}
	*code = 1;
	*text = "no such file";
	return false;
}

static bool file_read(void *owner, uint64_t offset, void *to, size_t length)
{
	struct sim_session *session = owner;

	session->server->bytes_read += length;
	sim_file_read(session->file, offset, to, length);
	return true;
}

static void session_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct sim_session *session = owner;

	tftp_server_input(&session->tftp, d->payload, d->length, &d->from, now);
}

static void tftp_input(void *owner, const struct datagram *d, uint64_t now)
{
	struct sim_server *v = owner;

	if (v->dead)
		return;
	v->requests++;
	for (size_t i = 0; i < SIM_SESSIONS; i++) {
		struct sim_session *session = &v->sessions[i];
		struct stack_handler handler = {.owner = session, .input = session_input};
		struct tftp_server_config cfg = v->tftp_config;

		if (session->used)
			continue;
		cfg.owner = session;
		*session = (struct sim_session){.used = true, .server = v};
		session->socket = stack_bind(&v->node.stack, -1, STACK_PORT_ANY, &handler);
		tftp_server_start(&session->tftp, &cfg, d->payload, d->length, &d->from, now);
		return;
	}
}

static void pump(struct sim_server *v, struct sim_session *session, uint64_t now)
{
	uint8_t buffer[STACK_PAYLOAD];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct endpoint to;

	while (!v->dead && tftp_server_output(&session->tftp, &w, &to, now)) {
		stack_send(&v->node.stack, session->socket, &to, buffer, writer_length(&w), now);
		w = writer_of(buffer, sizeof buffer);
		v->dead = v->dies_at && v->bytes_read >= v->dies_at;
	}
	if (tftp_server_status(&session->tftp) == MACHINE_RUNNING)
		return;
	stack_unbind(&v->node.stack, session->socket);
	session->used = false;
}

// ---- the node

static void step(struct sim_node *node, uint64_t now)
{
	struct sim_server *v = (struct sim_server *)node;

	for (size_t i = 0; i < SIM_SESSIONS && !v->dead; i++)
		if (v->sessions[i].used)
			pump(v, &v->sessions[i], now);
}

static uint64_t deadline(const struct sim_node *node)
{
	const struct sim_server *v = (const struct sim_server *)node;
	uint64_t first = DEADLINE_NEVER;

	for (size_t i = 0; i < SIM_SESSIONS && !v->dead; i++)
		if (v->sessions[i].used && tftp_server_deadline(&v->sessions[i].tftp) < first)
			first = tftp_server_deadline(&v->sessions[i].tftp);
	return first;
}

void sim_server_init(struct sim_server *v, struct sim *s, unsigned host, unsigned pool,
	const struct sim_file *files, size_t count)
{
	struct stack_handler dhcp = {.owner = v, .input = dhcp_input};
	struct stack_handler tftp = {.owner = v, .input = tftp_input};

	memset(v, 0, sizeof *v);
	v->node.step = step;
	v->node.deadline = deadline;
	v->address = ipaddr_v4(192, 168, 2, (uint8_t)host);
	v->files = files;
	v->file_count = count;
	v->tftp_config = (struct tftp_server_config){.open = file_open, .read = file_read};
	v->answer = (struct dhcp_server_answer){
		.prefix = 24,
		.next_server = v->address,
		.lease_time = 3600,
		.boot_file = "lanyard.0",
	};
	v->dhcp_config = (struct dhcp_server_config){
		.address = v->address,
		.owner = v,
		.find = find,
		.known = known,
		.grant = grant,
		.give_back = give_back,
	};
	sim_add(s, &v->node, &v->address, 24);
	v->tftp_socket = stack_bind(&v->node.stack, -1, 69, &tftp);
	if (!pool)
		return;
	v->pool = 192u << 24 | 168 << 16 | 2 << 8 | pool;
	dhcp_server_start(&v->dhcp, &v->dhcp_config, s->now);
	v->dhcp_socket = stack_bind(&v->node.stack, -1, 67, &dhcp);
}
