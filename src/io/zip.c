/* Entries of a zip archive, by libzip. */
#include "io/zip.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "core/budget.h"
#include "core/log.h"
#include "io/whole_file.h"

struct srn_zip {
  zip_t *archive;
  unsigned char *owned; /* the bytes of a pipe, or NULL */
  uint64_t limit;       /* on one entry */
  srn_budget budget;    /* for all that are read */
  bool *drawn;          /* entries that the budget has paid for, or NULL where there are none */
};

/* Entries live one after the other, mostly, so that their sum is a matter of time rather than of memory. */
enum { BUDGET_TIMES = 16 };

uint64_t srn_allocation_limit(uint64_t file_size)
{
  const uint64_t extra = UINT64_C(16) << 20;
  return file_size > (UINT64_MAX - extra) / 2 ? UINT64_MAX : file_size * 2 + extra;
}

static specrnn_status status_of(zip_error_t *error)
{
  enum { ZLIB_MEMORY_ERROR = -4 }; /* Z_MEM_ERROR */
  switch (zip_error_code_zip(error)) {
  case ZIP_ER_ZLIB:
    return zip_error_code_system(error) == ZLIB_MEMORY_ERROR ? SPECRNN_ERROR_MEMORY : SPECRNN_ERROR_FORMAT;
  case ZIP_ER_MEMORY: return SPECRNN_ERROR_MEMORY;
  case ZIP_ER_OPEN:
  case ZIP_ER_READ: return SPECRNN_ERROR_IO;
  case ZIP_ER_COMPNOTSUPP:
  case ZIP_ER_ENCRNOTSUPP:
  case ZIP_ER_NOPASSWD: return SPECRNN_ERROR_UNSUPPORTED;
  default: return SPECRNN_ERROR_FORMAT;
  }
}

static specrnn_status fail_zip(const specrnn_log *log, zip_error_t *error, const char *what)
{
  return srn_fail(log, status_of(error), "%s: %s", what, zip_error_strerror(error));
}

static specrnn_status note_draws(srn_zip *zip, const specrnn_log *log)
{
  size_t count = srn_zip_count(zip);
  zip->drawn = count ? calloc(count, sizeof *zip->drawn) : NULL;
  return zip->drawn || !count ? SPECRNN_OK : srn_fail_memory(log, count * sizeof *zip->drawn);
}

static specrnn_status check_names(const srn_zip *zip, const specrnn_log *log)
{
  size_t count = srn_zip_count(zip);
  for (size_t i = 0; i < count; i++) {
    const char *name = srn_zip_name(zip, i);
    if (!name) {
      return srn_fail(log, SPECRNN_ERROR_FORMAT, "entry %zu of the zip has no readable name", i);
    }
    if (srn_zip_find(zip, name) != i) {
      return srn_fail(log, SPECRNN_ERROR_FORMAT, "the zip has two entries of the name %s", name);
    }
  }
  return SPECRNN_OK;
}

/* Takes over `source` and `owned`, also on failure. */
static specrnn_status open_source(srn_zip **out, zip_source_t *source, unsigned char *owned, uint64_t size,
                                  zip_error_t *error, const specrnn_log *log)
{
  specrnn_status status;
  srn_zip *zip = calloc(1, sizeof *zip);
  if (!zip) {
    zip_source_free(source);
    free(owned);
    return srn_fail_memory(log, sizeof *zip);
  }
  *zip =
      (srn_zip){.owned = owned, .limit = srn_allocation_limit(size), .budget = srn_budget_for(size, BUDGET_TIMES, 0)};
  if (!source) {
    status = fail_zip(log, error, "cannot read the zip");
    goto failed;
  }
  if (size == 0) { /* libzip takes nothing at all for an archive without entries */
    zip_source_free(source);
    status = srn_fail(log, SPECRNN_ERROR_FORMAT, "the file is empty");
    goto failed;
  }
  zip->archive = zip_open_from_source(source, ZIP_RDONLY, error);
  if (!zip->archive) {
    zip_source_free(source);
    status = fail_zip(log, error, "cannot read the zip");
    goto failed;
  }
  status = check_names(zip, log);
  status = status ? status : note_draws(zip, log);
  if (status) {
    goto failed;
  }
  *out = zip;
  return SPECRNN_OK;

failed:
  srn_zip_close(&zip);
  return status;
}

static specrnn_status open_block(srn_zip **out, const void *bytes, size_t size, unsigned char *owned,
                                 const specrnn_log *log)
{
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &error);
  specrnn_status status = open_source(out, source, owned, size, &error, log);
  zip_error_fini(&error);
  return status;
}

specrnn_status srn_zip_open_memory(srn_zip **out, const void *bytes, size_t size, const specrnn_log *log)
{
  return open_block(out, bytes, size, NULL, log);
}

specrnn_status srn_zip_open(srn_zip **out, const char *path, const specrnn_log *log)
{
  FILE *stream;
  specrnn_status status = srn_input_open(&stream, path, log);
  if (status) {
    return status;
  }
  uint64_t size = 0;
  if (stream == stdin || !srn_input_size(stream, &size)) {
    unsigned char *bytes;
    size_t length;
    status = srn_stream_read_whole(&bytes, &length, stream, SRN_WHOLE_FILE_LIMIT, log);
    srn_input_close(stream);
    return status ? status : open_block(out, bytes, length, bytes, log);
  }
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *source = zip_source_filep_create(stream, 0, -1, &error);
  if (!source) {
    srn_input_close(stream);
  }
  status = open_source(out, source, NULL, size, &error, log);
  zip_error_fini(&error);
  return status;
}

void srn_zip_close(srn_zip **zip)
{
  if (!zip || !*zip) {
    return;
  }
  if ((*zip)->archive) {
    zip_discard((*zip)->archive);
  }
  free((*zip)->owned);
  free((*zip)->drawn);
  free(*zip);
  *zip = NULL;
}

void srn_zip_set_limit(srn_zip *zip, uint64_t max_bytes)
{
  zip->limit = max_bytes;
  zip->budget.limit = max_bytes > zip->budget.used ? max_bytes : zip->budget.used;
}

size_t srn_zip_count(const srn_zip *zip)
{
  zip_int64_t count = zip_get_num_entries(zip->archive, 0);
  return count > 0 ? (size_t)count : 0;
}

const char *srn_zip_name(const srn_zip *zip, size_t index)
{
  return zip_get_name(zip->archive, index, ZIP_FL_ENC_GUESS);
}

size_t srn_zip_find(const srn_zip *zip, const char *name)
{
  zip_int64_t index = zip_name_locate(zip->archive, name, ZIP_FL_ENC_GUESS);
  return index < 0 ? SRN_ZIP_NO_ENTRY : (size_t)index;
}

uint64_t srn_zip_size(const srn_zip *zip, size_t index)
{
  zip_stat_t stat;
  zip_stat_init(&stat);
  return zip_stat_index(zip->archive, index, 0, &stat) == 0 && stat.valid & ZIP_STAT_SIZE ? stat.size : 0;
}

bool srn_zip_is_stored(const srn_zip *zip, size_t index)
{
  zip_stat_t stat;
  zip_stat_init(&stat);
  return zip_stat_index(zip->archive, index, 0, &stat) == 0 && stat.valid & ZIP_STAT_COMP_METHOD &&
         stat.comp_method == ZIP_CM_STORE;
}

/* Asking for a byte past the end makes libzip compare the checksum. */
static specrnn_status check_end(zip_file_t *entry, const specrnn_log *log)
{
  char beyond;
  zip_int64_t got = zip_fread(entry, &beyond, 1);
  if (got == 0) {
    return SPECRNN_OK;
  }
  if (got > 0) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the zip's entry is longer than its directory says");
  }
  return fail_zip(log, zip_file_get_error(entry), "cannot unpack the zip's entry");
}

static specrnn_status read_entry(srn_source *source, void *bytes, size_t size, const specrnn_log *log)
{
  unsigned char *at = bytes;
  while (size) {
    zip_int64_t got = zip_fread(source->handle, at, size);
    if (got < 0) {
      return fail_zip(log, zip_file_get_error(source->handle), "cannot unpack the zip's entry");
    }
    if (got == 0) {
      return srn_fail(log, SPECRNN_ERROR_FORMAT, "the zip's entry is shorter than its directory says");
    }
    at += got;
    size -= (size_t)got;
  }
  return source->left ? SPECRNN_OK : check_end(source->handle, log);
}

static void close_entry(srn_source *source)
{
  zip_fclose(source->handle);
}

/* Both limits, before anything is unpacked. */
static specrnn_status draw(srn_zip *zip, size_t index, uint64_t size, const specrnn_log *log)
{
  if (size > zip->limit) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT,
                    "the zip's entry unpacks to %llu bytes; the limit is %llu, which --memory-limit raises",
                    (unsigned long long)size, (unsigned long long)zip->limit);
  }
  specrnn_status status =
      zip->drawn[index] ? SPECRNN_OK : srn_budget_take(&zip->budget, size, "the zip's entry, unpacked,", log);
  zip->drawn[index] |= !status;
  return status;
}

specrnn_status srn_zip_entry_open(srn_source *source, srn_zip *zip, size_t index, const specrnn_log *log)
{
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat_index(zip->archive, index, 0, &stat) != 0) {
    return fail_zip(log, zip_get_error(zip->archive), "cannot read the zip's entry");
  }
  if (!(stat.valid & ZIP_STAT_SIZE)) {
    return srn_fail(log, SPECRNN_ERROR_FORMAT, "the zip does not state the size of its entry");
  }
  specrnn_status drawn = draw(zip, index, stat.size, log);
  if (drawn) {
    return drawn;
  }
  zip_file_t *entry = zip_fopen_index(zip->archive, index, 0);
  if (!entry) {
    return fail_zip(log, zip_get_error(zip->archive), "cannot read the zip's entry");
  }
  *source = (srn_source){.read = read_entry, .close = close_entry, .handle = entry, .left = stat.size};
  specrnn_status status = stat.size ? SPECRNN_OK : check_end(entry, log);
  if (status) {
    srn_source_close(source);
  }
  return status;
}

specrnn_status srn_zip_read_into(unsigned char *bytes, size_t size, srn_zip *zip, size_t index, const specrnn_log *log)
{
  srn_source source;
  specrnn_status status = srn_zip_entry_open(&source, zip, index, log);
  if (status) {
    return status;
  }
  status = srn_source_read(&source, bytes, size, "the zip's entry", log);
  srn_source_close(&source);
  return status;
}

specrnn_status srn_zip_read(unsigned char **bytes, size_t *size, srn_zip *zip, size_t index, const specrnn_log *log)
{
  srn_source source;
  specrnn_status status = srn_zip_entry_open(&source, zip, index, log);
  if (status) {
    return status;
  }
  size_t length = (size_t)source.left;
  unsigned char *block = malloc(length ? length : 1);
  status = block ? srn_source_read(&source, block, length, "the zip's entry", log) : srn_fail_memory(log, length);
  srn_source_close(&source);
  if (status) {
    free(block);
    return status;
  }
  *bytes = block;
  *size = length;
  return SPECRNN_OK;
}
