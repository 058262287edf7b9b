// SPDX-License-Identifier: BSD-2-Clause
// The handle table in memory: entries by inode number, each with its names. A name says its
// directory by that one's 16 bytes, so that an entry can go without anybody looking for references
// to it.
#define _GNU_SOURCE
#include "server-stub/nfs/table.h"
#include "server-stub/nfs/table_log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	BUCKETS = 1 << 14,
	NAMES_MAX = 16,   // of one file; the oldest is forgotten
	STEPS_MAX = 1000, // names tried for one handle
	DEPTH_MAX = 256,
	WASTE_MAX = 20000, // records in the log that say nothing any more
};

struct name {
	struct name *next;
	uint8_t directory[TABLE_NAME];
	char text[];
};

struct entry {
	struct entry *next;
	uint8_t key[TABLE_NAME]; // inode number, random number
	uint8_t type;            // of the inode: S_IFMT >> 12
	struct name *names;      // the newest first
};

struct handle_table {
	pthread_mutex_t lock;
	struct entry *buckets[BUCKETS];
	uint8_t root[TABLE_NAME];
	struct table_log log;
	size_t live; // records that would say all there is
};

static void put_ino(uint8_t key[TABLE_NAME], uint64_t ino)
{
	for (int i = 0; i < 8; i++)
		key[i] = (uint8_t)(ino >> (56 - 8 * i));
}

static uint8_t type_of(const struct stat *st)
{
	return (uint8_t)((st->st_mode & S_IFMT) >> 12);
}

static struct entry **bucket(struct handle_table *t, const uint8_t *ino)
{
	uint32_t hash = 0x811c9dc5;

	for (int i = 0; i < 8; i++)
		hash = (hash ^ ino[i]) * 0x01000193;
	return &t->buckets[(hash ^ hash >> 15) % BUCKETS];
}

static struct entry *find(struct handle_table *t, const uint8_t key[TABLE_NAME])
{
	struct entry *e = *bucket(t, key);

	while (e && memcmp(e->key, key, TABLE_NAME) != 0)
		e = e->next;
	return e;
}

static struct entry *find_inode(struct handle_table *t, const struct stat *st)
{
	uint8_t key[TABLE_NAME];
	struct entry *e;

	put_ino(key, st->st_ino);
	for (e = *bucket(t, key); e; e = e->next)
		if (memcmp(e->key, key, 8) == 0 && e->type == type_of(st))
			break;
	return e;
}

static struct entry *add_entry(struct handle_table *t, const uint8_t key[TABLE_NAME], uint8_t type)
{
	struct entry *e = calloc(1, sizeof *e), **to = bucket(t, key);

	if (!e)
		return NULL;
	memcpy(e->key, key, TABLE_NAME);
	e->type = type;
	e->next = *to;
	*to = e;
	t->live++;
	return e;
}

static void free_entry(struct entry *e)
{
	while (e->names) {
		struct name *n = e->names;

		e->names = n->next;
		free(n);
	}
	free(e);
}

static void drop_entry(struct handle_table *t, const uint8_t key[TABLE_NAME])
{
	struct entry **at = bucket(t, key), *e;

	while (*at && memcmp((*at)->key, key, TABLE_NAME) != 0)
		at = &(*at)->next;
	e = *at;
	if (!e)
		return;
	*at = e->next;
	free_entry(e);
	t->live--;
}

static struct name **find_name(struct entry *e, const uint8_t *directory, const char *text)
{
	struct name **at = &e->names;

	while (*at && (memcmp((*at)->directory, directory, TABLE_NAME) != 0 ||
			      strcmp((*at)->text, text) != 0))
		at = &(*at)->next;
	return at;
}

static void drop_name(struct entry *e, const uint8_t *directory, const char *text)
{
	struct name **at = find_name(e, directory, text), *n = *at;

	if (n) {
		*at = n->next;
		free(n);
	}
}

static void limit_names(struct entry *e)
{
	struct name **at = &e->names;
	int count = 0;

	while (*at && count++ < NAMES_MAX)
		at = &(*at)->next;
	if (*at) {
		free(*at);
		*at = NULL;
	}
}

static bool add_name(struct entry *e, const uint8_t *directory, const char *text)
{
	struct name *n = malloc(sizeof *n + strlen(text) + 1);

	if (!n)
		return false;
	memcpy(n->directory, directory, TABLE_NAME);
	strcpy(n->text, text);
	n->next = e->names;
	e->names = n;
	limit_names(e);
	return true;
}

// ---- the log ---------------------------------------------------------------------------------

static void replay(void *context, const struct table_record *r)
{
	struct handle_table *t = context;
	struct entry *e = find(t, r->child);

	if (r->kind == 'E' && !e)
		add_entry(t, r->child, r->type);
	else if (r->kind == 'N' && e && !*find_name(e, r->directory, r->name))
		add_name(e, r->directory, r->name);
	else if (r->kind == 'U' && e)
		drop_name(e, r->directory, r->name);
	else if (r->kind == 'D')
		drop_entry(t, r->child);
}

static void log_names(struct table_log *log, const struct entry *e, const struct name *n)
{
	struct table_record r = {.kind = 'N'};

	if (!n)
		return;
	log_names(log, e, n->next); // the newest is read last
	memcpy(r.child, e->key, TABLE_NAME);
	memcpy(r.directory, n->directory, TABLE_NAME);
	strcpy(r.name, n->text);
	table_log_write(log, &r);
}

static void log_entry(struct table_log *log, const struct entry *e)
{
	struct table_record r = {.kind = 'E', .type = e->type};

	memcpy(r.child, e->key, TABLE_NAME);
	table_log_write(log, &r);
}

// The table as a fresh log. The root's entry goes first.
static void rewrite(struct handle_table *t)
{
	const struct entry *root = find(t, t->root);

	if (!root || !table_log_begin(&t->log))
		return;
	log_entry(&t->log, root);
	for (size_t i = 0; i < BUCKETS; i++) {
		for (const struct entry *e = t->buckets[i]; e; e = e->next) {
			if (e != root)
				log_entry(&t->log, e);
			log_names(&t->log, e, e->names);
		}
	}
	table_log_end(&t->log);
}

static void note(struct handle_table *t, char kind, const struct entry *e, const uint8_t *directory,
	const char *name)
{
	struct table_record r = {.kind = kind, .type = e->type};

	memcpy(r.child, e->key, TABLE_NAME);
	if (directory)
		memcpy(r.directory, directory, TABLE_NAME);
	if (name)
		strcpy(r.name, name);
	table_log_write(&t->log, &r);
	if (t->log.records > 4 * t->live + WASTE_MAX)
		rewrite(t);
}

// ---- the table -------------------------------------------------------------------------------

static void clear(struct handle_table *t)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (t->buckets[i]) {
			struct entry *e = t->buckets[i];

			t->buckets[i] = e->next;
			free_entry(e);
		}
	}
	t->live = 0;
}

static struct entry *make_entry(struct handle_table *t, const struct stat *st)
{
	uint8_t key[TABLE_NAME];

	put_ino(key, st->st_ino);
	randombytes_buf(key + 8, 8);
	return add_entry(t, key, type_of(st));
}

struct handle_table *table_load(
	const char *state, uint32_t id, const struct stat *root, char *error, size_t size)
{
	struct handle_table *t = calloc(1, sizeof *t);
	struct entry *e;

	if (!t)
		return NULL;
	pthread_mutex_init(&t->lock, NULL);
	if (!table_log_open(&t->log, state, id, replay, t, error, size)) {
		table_free(t);
		return NULL;
	}
	e = find_inode(t, root);
	if (!e) { // another tree lies here now: what the log says is about the old one
		clear(t);
		e = make_entry(t, root);
	}
	if (!e) {
		table_free(t);
		return NULL;
	}
	memcpy(t->root, e->key, TABLE_NAME);
	rewrite(t);
	return t;
}

void table_free(struct handle_table *t)
{
	if (!t)
		return;
	clear(t);
	table_log_close(&t->log);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static int add(struct handle_table *t, const struct stat *st, const uint8_t *directory,
	const char *name, uint8_t to[TABLE_NAME])
{
	struct entry *e = find_inode(t, st);

	if (!e) {
		e = make_entry(t, st);
		if (!e)
			return ENOMEM;
		note(t, 'E', e, NULL, NULL);
	}
	if (name && !*find_name(e, directory, name)) {
		if (!add_name(e, directory, name))
			return ENOMEM;
		note(t, 'N', e, directory, name);
	}
	memcpy(to, e->key, TABLE_NAME);
	return 0;
}

int table_add(struct handle_table *t, const struct stat *st, const uint8_t *directory,
	const char *name, uint8_t to[TABLE_NAME])
{
	int error = 0;

	pthread_mutex_lock(&t->lock);
	if (name)
		error = add(t, st, directory, name, to);
	else
		memcpy(to, t->root, TABLE_NAME);
	pthread_mutex_unlock(&t->lock);
	return error;
}

static bool is_inode(int fd, const struct entry *e)
{
	uint8_t key[TABLE_NAME];
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	put_ino(key, st.st_ino);
	return memcmp(key, e->key, 8) == 0 && type_of(&st) == e->type;
}

static int walk(struct handle_table *t, int root, const struct entry *e, int depth, int *steps);

// The file of one of an entry's names, or -1.
static int try_name(struct handle_table *t, int root, const struct entry *e, const struct name *n,
	int depth, int *steps)
{
	const struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH};
	const struct entry *parent = find(t, n->directory);
	int directory = parent ? walk(t, root, parent, depth - 1, steps) : -1;
	int fd;

	if (directory < 0)
		return -1;
	fd = (int)syscall(SYS_openat2, directory, n->text, &how, sizeof how);
	close(directory);
	if (fd >= 0 && !is_inode(fd, e)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int walk(struct handle_table *t, int root, const struct entry *e, int depth, int *steps)
{
	int fd = -1;

	if (memcmp(e->key, t->root, TABLE_NAME) == 0)
		return openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (const struct name *n = e->names; n && fd < 0; n = n->next)
		if (depth > 0 && (*steps)-- > 0)
			fd = try_name(t, root, e, n, depth, steps);
	return fd;
}

int table_open(struct handle_table *t, int root, const uint8_t name[TABLE_NAME])
{
	int steps = STEPS_MAX, fd = -1;
	const struct entry *e;

	pthread_mutex_lock(&t->lock);
	e = find(t, name);
	if (e)
		fd = walk(t, root, e, DEPTH_MAX, &steps);
	pthread_mutex_unlock(&t->lock);
	if (fd < 0)
		errno = ESTALE;
	return fd;
}

void table_removed(struct handle_table *t, const struct stat *st, const uint8_t *directory,
	const char *name, bool last)
{
	struct entry *e;

	pthread_mutex_lock(&t->lock);
	e = find_inode(t, st);
	if (e && last) {
		note(t, 'D', e, NULL, NULL);
		drop_entry(t, e->key);
	} else if (e) {
		drop_name(e, directory, name);
		note(t, 'U', e, directory, name);
	}
	pthread_mutex_unlock(&t->lock);
}

void table_renamed(struct handle_table *t, const struct stat *st, const uint8_t *from,
	const char *from_name, const uint8_t *to, const char *to_name)
{
	uint8_t ignored[TABLE_NAME];
	struct entry *e;

	pthread_mutex_lock(&t->lock);
	e = find_inode(t, st);
	if (e && *find_name(e, from, from_name)) {
		drop_name(e, from, from_name);
		note(t, 'U', e, from, from_name);
	}
	if (e)
		add(t, st, to, to_name, ignored);
	pthread_mutex_unlock(&t->lock);
}
