// SPDX-License-Identifier: BSD-2-Clause
#include "initramfs/mklanyard/compress.h"

#include <archive.h>
#include <archive_entry.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

enum { DICTIONARY_LIMIT = 8 << 20 };
enum { XZ_QUICK = 1 }; // its level; those of zstd:
static const int zstd_levels[] = {
	[DENSITY_QUICK] = 12, [DENSITY_MEDIUM] = 17, [DENSITY_MOST] = 19};

static bool pack_none(enum density density, const struct buffer *from, struct buffer *to);
static bool pack_gzip(enum density density, const struct buffer *from, struct buffer *to);
static bool pack_xz(enum density density, const struct buffer *from, struct buffer *to);
static bool pack_zstd(enum density density, const struct buffer *from, struct buffer *to);

static const struct {
	const char *name, *config;
	bool (*pack)(enum density density, const struct buffer *from, struct buffer *to);
} kinds[] = {
	[COMPRESS_NONE] = {"none", "CONFIG_BLK_DEV_INITRD=y", pack_none},
	[COMPRESS_GZIP] = {"gzip", "CONFIG_RD_GZIP=y", pack_gzip},
	[COMPRESS_XZ] = {"xz", "CONFIG_RD_XZ=y", pack_xz},
	[COMPRESS_ZSTD] = {"zstd", "CONFIG_RD_ZSTD=y", pack_zstd},
};

bool compress_by_name(const char *name, enum compression *c)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(name, kinds[i].name)) {
			*c = (enum compression)i;
			return true;
		}
	return false;
}

const char *compress_name(enum compression c)
{
	return kinds[c].name;
}

bool compress_is_known_to(enum compression c, const char *config, size_t length)
{
	size_t wanted = strlen(kinds[c].config);

	while (length) {
		const char *end = memchr(config, '\n', length);
		size_t line = end ? (size_t)(end - config) : length;

		if (line == wanted && !memcmp(config, kinds[c].config, line))
			return true;
		line += end != NULL;
		config += line;
		length -= line;
	}
	return false;
}

enum compression compress_best(const char *config, size_t length)
{
	static const enum compression order[] = {COMPRESS_ZSTD, COMPRESS_XZ, COMPRESS_GZIP};

	for (size_t i = 0; config && i < sizeof order / sizeof *order; i++)
		if (compress_is_known_to(order[i], config, length))
			return order[i];
	return config ? COMPRESS_NONE : COMPRESS_GZIP; // gzip is the one that nobody leaves out
}

static bool pack_none(enum density density, const struct buffer *from, struct buffer *to)
{
	(void)density;
	buffer_add(to, from->bytes, from->length);
	return true;
}

static la_ssize_t append(struct archive *a, void *to, const void *bytes, size_t length)
{
	(void)a;
	buffer_add(to, bytes, length);
	return (la_ssize_t)length;
}

// libarchive compresses archives; its archive format "raw" is the one file's bytes and nothing
// else.
static bool pack_gzip(enum density density, const struct buffer *from, struct buffer *to)
{
	struct archive *a = archive_write_new();
	struct archive_entry *header = archive_entry_new();
	bool good = a && header && archive_write_set_format_raw(a) == ARCHIVE_OK &&
		    archive_write_add_filter_gzip(a) == ARCHIVE_OK &&
		    archive_write_set_filter_option(
			    a, "gzip", "compression-level", density ? "9" : "6") == ARCHIVE_OK &&
		    archive_write_set_filter_option(a, "gzip", "timestamp", NULL) == ARCHIVE_OK &&
		    archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
		    archive_write_open(a, to, NULL, append, NULL) == ARCHIVE_OK;

	if (good) {
		archive_entry_set_pathname(header, "image");
		archive_entry_set_filetype(header, S_IFREG);
		archive_entry_set_size(header, (la_int64_t)from->length);
		good = archive_write_header(a, header) == ARCHIVE_OK &&
		       archive_write_data(a, from->bytes, from->length) ==
			       (la_ssize_t)from->length &&
		       archive_write_close(a) == ARCHIVE_OK;
	}
	archive_entry_free(header);
	archive_write_free(a);
	return good;
}

// By liblzma itself: libarchive's filter always has the check CRC64.
static bool pack_xz(enum density density, const struct buffer *from, struct buffer *to)
{
	lzma_options_lzma options;
	lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
	size_t bound = lzma_stream_buffer_bound(from->length), length = 0;
	uint8_t *packed;
	bool good;

	if (lzma_lzma_preset(&options, density ? 9 | LZMA_PRESET_EXTREME : XZ_QUICK))
		return false;
	packed = buffer_memory(bound, 1);
	options.dict_size = DICTIONARY_LIMIT;
	if (from->length < DICTIONARY_LIMIT)
		options.dict_size = from->length < LZMA_DICT_SIZE_MIN ? LZMA_DICT_SIZE_MIN
								      : (uint32_t)from->length;
	good = lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, from->bytes, from->length,
		       packed, &length, bound) == LZMA_OK;
	if (good)
		buffer_add(to, packed, length);
	free(packed);
	return good;
}

// By libzstd itself: it is told the length beforehand, so that the kernel takes no more memory for
// the window than that.
static bool pack_zstd(enum density density, const struct buffer *from, struct buffer *to)
{
	size_t bound = ZSTD_compressBound(from->length), length;
	uint8_t *packed = buffer_memory(bound, 1);

	length = ZSTD_compress(
		packed, bound, from->bytes, from->length, zstd_levels[density]);
	if (!ZSTD_isError(length))
		buffer_add(to, packed, length);
	free(packed);
	return !ZSTD_isError(length);
}

bool compress_pack(enum compression c, enum density density, const struct buffer *from, struct buffer *to,
	struct fault *f)
{
	return kinds[c].pack(density, from, to) ||
	       fault_set(f, FAULT_IMAGE_WRITE, "(the %s library failed)", kinds[c].name);
}
