// SPDX-License-Identifier: BSD-2-Clause
// netstack/wire/{xdr,rpc,portmap,mount3,nfs3}.h: every message in both directions, what its fields
// mean, every truncation, every buffer that is too small, values that their types do not have.
#include "tests/unit/vectors.h"
#include "tests/unit/nfs_messages.h"

static union {
	uint8_t bytes[NFS_MESSAGE_SIZE];
	uint64_t align;
} message, again;

static void each_vector(void (*check)(const struct nfs_message *m, struct bytes *whole))
{
	for (size_t i = 0; i < COUNT(nfs_messages); i++) {
		for (size_t v = 0; v < COUNT(nfs_messages[i].hex) && nfs_messages[i].hex[v]; v++) {
			struct bytes whole = from_hex(nfs_messages[i].hex[v]);

			check(&nfs_messages[i], &whole);
			exact_free(&whole);
		}
	}
}

static void decode(const struct nfs_message *m, const struct bytes *whole)
{
	struct xdr x = xdr_decoder(whole->at, whole->length);

	memset(&message, 0, sizeof message);
	m->run(&x, &message);
	if (x.failed || xdr_left(&x))
		fail_msg("%s: does not decode", m->name);
}

static void check_identity(const struct nfs_message *m, struct bytes *whole)
{
	struct bytes out = exact_copy(whole->at, whole->length);
	struct xdr x = xdr_encoder(out.at, out.length);

	decode(m, whole);
	memset(out.at, 0xee, out.length);
	m->run(&x, &message);
	if (x.failed || xdr_length(&x) != whole->length ||
		memcmp(out.at, whole->at, whole->length) != 0)
		fail_msg("%s: is not what it was decoded from", m->name);
	exact_free(&out);
}

static void decoded_and_encoded_is_the_same(void **state)
{
	(void)state;
	each_vector(check_identity);
}

static void decode_cut(const uint8_t *bytes, size_t length, void *context)
{
	const struct nfs_message *m = context;
	struct xdr x = xdr_decoder(bytes, length);

	m->run(&x, &again);
	if (!x.failed)
		fail_msg("%s: %zu bytes decode", m->name, length);
}

static void check_truncations(const struct nfs_message *m, struct bytes *whole)
{
	each_truncation(whole, decode_cut, (void *)m);
}

static void every_truncation_fails(void **state)
{
	(void)state;
	each_vector(check_truncations);
}

static void check_small_buffers(const struct nfs_message *m, struct bytes *whole)
{
	decode(m, whole);
	for (size_t size = 0; size < whole->length; size++) {
		struct bytes out = exact_copy(whole->at, size);
		struct xdr x = xdr_encoder(out.at, size);

		memcpy(&again, &message, sizeof again);
		m->run(&x, &again);
		if (!x.failed)
			fail_msg("%s: fits into %zu bytes", m->name, size);
		exact_free(&out);
	}
}

static void every_small_buffer_fails(void **state)
{
	(void)state;
	each_vector(check_small_buffers);
}

static bool decodes(void (*run)(struct xdr *, void *), const char *hex)
{
	struct bytes b = from_hex(hex);
	struct xdr x = xdr_decoder(b.at, b.length);
	bool good;

	run(&x, &message);
	good = !x.failed;
	exact_free(&b);
	return good;
}

static void refuses_what_types_do_not_have(void **state)
{
	(void)state;
	assert_false(decodes(run_nfs3_handle, "00000041 00*68"));
	assert_false(decodes(run_nfs3_handle, "ffffffff 00*68"));
	assert_false(decodes(run_nfs3_handle, "fffffffd 00*68"));
	assert_false(decodes(run_nfs3_diropargs, "00000000 00000401 00*1028"));
	assert_true(decodes(run_nfs3_diropargs, "00000000 00000400 00*1024"));
	assert_false(decodes(run_mount3_path, "00000401 00*1028"));
	// Booleans, enumerations.
	assert_false(decodes(run_nfs3_entry, "00000002 00*100"));
	assert_false(decodes(run_nfs3_create_args, "00000000 00000000 00000003 00*100"));
	assert_false(decodes(run_nfs3_setattr_args, "00000000 00*16 00000003 00*100"));
	assert_false(decodes(run_nfs3_write_args, "00*16 00000003 00*100"));
	assert_false(decodes(run_rpc_reply, "00000000 00000001 00000002 00*100"));
	assert_false(decodes(run_rpc_reply, "00000000 00000001 00000000 00*8 00000006 00*100"));
	assert_false(decodes(run_rpc_reply, "00000000 00000001 00000001 00000002 00*100"));
	// A reply is no call, a call no reply.
	assert_false(decodes(run_rpc_call, "00000000 00000001 00000002 00*100"));
	assert_false(decodes(run_rpc_reply, "00000000 00000000 00000002 00*100"));
	// Credentials: 401 bytes, 17 groups, a machine name of 256 bytes.
	assert_false(decodes(run_rpc_call, "00*8 00000002 00*12 00000001 00000191 00*500"));
	assert_false(decodes(run_rpc_auth_sys, "00*16 00000011 00*100"));
	assert_false(decodes(run_rpc_auth_sys, "00000000 00000100 00*400"));
	// More flavors announced than there are.
	assert_false(decodes(run_mount3_result, "00000000 00000000 40000000 00*64"));
}

static void keeps_some_of_many_flavors(void **state)
{
	const struct mount3_result *r = (const void *)&message;

	(void)state;
	assert_true(decodes(run_mount3_result, "00000000 00000000 0000000a 00000001 00*36"));
	assert_int_equal(r->flavor_count, MOUNT3_FLAVORS_MAX);
	assert_int_equal(r->flavors[0], RPC_AUTH_SYS);
}

static const char *vector(const char *name, size_t which)
{
	for (size_t i = 0; i < COUNT(nfs_messages); i++)
		if (strcmp(nfs_messages[i].name, name) == 0)
			return nfs_messages[i].hex[which];
	fail_msg("no message %s", name);
	return NULL;
}

#define DECODED(name, which, type)                                                                 \
	(assert_true(decodes(run_##name, vector(#name, which))),                                   \
		(const type *)(const void *)&message)

static void fields_mean_what_the_rfc_says(void **state)
{
	const struct nfs3_fattr *a =
		&DECODED(nfs3_getattr_res, 0, struct nfs3_getattr_res)->attributes;

	(void)state;
	assert_int_equal(a->type, NF3REG);
	assert_int_equal(a->mode, 0100644);
	assert_int_equal(a->nlink, 2);
	assert_int_equal(a->uid, 1000);
	assert_int_equal(a->gid, 1001);
	assert_true(a->size == 0x1234 && a->used == 0x2000);
	assert_int_equal(a->rdev_major, 8);
	assert_int_equal(a->rdev_minor, 17);
	assert_true(a->fsid == 0xfe && a->fileid == 0x100000042);
	assert_int_equal(a->atime.nseconds, 500000000);
	assert_int_equal(a->mtime.nseconds, 999999999);
	assert_int_equal(a->ctime.seconds, 0x65000002);
}

static void settings_mean_what_the_rfc_says(void **state)
{
	const struct nfs3_sattr *s =
		&DECODED(nfs3_setattr_args, 0, struct nfs3_setattr_args)->attributes;

	(void)state;
	assert_true(s->set_mode && s->set_uid && s->set_gid && s->set_size);
	assert_int_equal(s->mode, 0755);
	assert_true(s->size == 0x200000000);
	assert_int_equal(s->set_atime, NFS3_SET_TO_CLIENT_TIME);
	assert_int_equal(s->atime.nseconds, 1);
	assert_int_equal(s->mtime.nseconds, 999999999);
	s = &DECODED(nfs3_setattr_args, 1, struct nfs3_setattr_args)->attributes;
	assert_true(!s->set_mode && s->set_size && s->size == 0);
	assert_int_equal(s->set_mtime, NFS3_SET_TO_SERVER_TIME);
}

static void headers_mean_what_the_rfc_says(void **state)
{
	const struct rpc_call *c = DECODED(rpc_call, 0, struct rpc_call);
	const struct rpc_auth_sys *auth;
	const struct rpc_reply *r;

	(void)state;
	assert_int_equal(c->xid, 0x12345678);
	assert_int_equal(c->prog, NFS3_PROGRAM);
	assert_int_equal(c->vers, NFS3_VERSION);
	assert_int_equal(c->proc, NFS3_GETATTR);
	assert_int_equal(c->cred.flavor, RPC_AUTH_SYS);
	assert_int_equal(c->cred.body.length, 24);
	auth = DECODED(rpc_auth_sys, 0, struct rpc_auth_sys);
	assert_int_equal(auth->uid, 1000);
	assert_int_equal(auth->gid_count, 2);
	assert_int_equal(auth->gids[1], 44);
	r = DECODED(rpc_reply, 1, struct rpc_reply);
	assert_int_equal(r->accept_stat, RPC_PROG_MISMATCH);
	assert_int_equal(r->low, 3);
	r = DECODED(rpc_reply, 3, struct rpc_reply);
	assert_int_equal(r->auth_stat, RPC_AUTH_TOOWEAK);
}

// Data that was read to its place in the reply is not moved, and its padding is zeroed.
static void data_in_place_stays(void **state)
{
	uint8_t buffer[128];
	struct nfs3_read_res r = {.count = 5, .data = {buffer + 20, 5}};
	struct xdr x = xdr_encoder(buffer, sizeof buffer);

	(void)state;
	memset(buffer, 0xee, sizeof buffer);
	memcpy(buffer + 20, "hello", 5);
	nfs3_read_res(&x, &r);
	assert_false(x.failed);
	assert_hex(buffer, xdr_length(&x),
		"00000000 00000000 00000005 00000000 00000005 68656c6c6f 000000");
}

static void padding_is_not_looked_at(void **state)
{
	(void)state;
	assert_true(decodes(run_nfs3_handle, "00000001 42ffffff"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoded_and_encoded_is_the_same),
		cmocka_unit_test(every_truncation_fails),
		cmocka_unit_test(every_small_buffer_fails),
		cmocka_unit_test(refuses_what_types_do_not_have),
		cmocka_unit_test(keeps_some_of_many_flavors),
		cmocka_unit_test(fields_mean_what_the_rfc_says),
		cmocka_unit_test(settings_mean_what_the_rfc_says),
		cmocka_unit_test(headers_mean_what_the_rfc_says),
		cmocka_unit_test(data_in_place_stays),
		cmocka_unit_test(padding_is_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
