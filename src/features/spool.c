/* A queue of rows that is written once and read once. */
#include "features/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/temporary.h"

enum { FIRST_BYTES = 65536 };

struct srn_spool {
  size_t row_bytes;
  size_t limit; /* bytes */
  unsigned char *memory;
  size_t capacity;
  size_t used;
  FILE *file; /* holds everything once it exists */
  uint64_t n_rows;
  uint64_t n_read;
};

specrnn_status srn_spool_create(srn_spool **out, size_t row_floats, size_t memory_limit, const specrnn_log *log)
{
  srn_spool *spool = calloc(1, sizeof *spool);
  if (!spool) {
    return srn_fail_memory(log, sizeof *spool);
  }
  spool->row_bytes = row_floats * sizeof(float);
  spool->limit = memory_limit;
  *out = spool;
  return SPECRNN_OK;
}

void srn_spool_destroy(srn_spool **spool)
{
  if (*spool) {
    if ((*spool)->file) {
      fclose((*spool)->file);
    }
    free((*spool)->memory);
    free(*spool);
    *spool = NULL;
  }
}

static specrnn_status fail_io(const specrnn_log *log, const char *what)
{
  return srn_fail_temporary(log, what, errno);
}

static specrnn_status write_file(srn_spool *spool, const void *bytes, size_t count, const specrnn_log *log)
{
  return fwrite(bytes, 1, count, spool->file) == count ? SPECRNN_OK : fail_io(log, "write");
}

/* From memory to a file, for good. */
static specrnn_status spill(srn_spool *spool, const specrnn_log *log)
{
  spool->file = tmpfile();
  if (!spool->file) {
    return fail_io(log, "make");
  }
  specrnn_status status = spool->used ? write_file(spool, spool->memory, spool->used, log) : SPECRNN_OK;
  free(spool->memory);
  spool->memory = NULL;
  spool->capacity = spool->used = 0;
  return status;
}

static bool grow(srn_spool *spool, size_t bytes)
{
  size_t capacity = spool->capacity ? spool->capacity : FIRST_BYTES;
  while (capacity < bytes) {
    capacity *= 2; /* bytes is at most the limit, far below the end of size_t */
  }
  capacity = capacity > spool->limit ? spool->limit : capacity;
  unsigned char *memory = realloc(spool->memory, capacity);
  if (!memory) {
    return false;
  }
  spool->memory = memory;
  spool->capacity = capacity;
  return true;
}

specrnn_status srn_spool_append(srn_spool *spool, const float *rows, size_t n_rows, const specrnn_log *log)
{
  size_t bytes = n_rows * spool->row_bytes;
  if (!spool->file && (bytes > spool->limit || spool->used > spool->limit - bytes)) {
    specrnn_status status = spill(spool, log);
    if (status) {
      return status;
    }
  }
  spool->n_rows += n_rows;
  if (spool->file) {
    return write_file(spool, rows, bytes, log);
  }
  if (spool->used + bytes > spool->capacity && !grow(spool, spool->used + bytes)) {
    return srn_fail_memory(log, spool->used + bytes);
  }
  memcpy(spool->memory + spool->used, rows, bytes);
  spool->used += bytes;
  return SPECRNN_OK;
}

specrnn_status srn_spool_read(srn_spool *spool, float *rows, size_t max_rows, size_t *n_rows, const specrnn_log *log)
{
  uint64_t left = spool->n_rows - spool->n_read;
  size_t n = left < max_rows ? (size_t)left : max_rows;
  if (!spool->n_read && spool->file && (fflush(spool->file) != 0 || fseek(spool->file, 0, SEEK_SET) != 0)) {
    return fail_io(log, "write");
  }
  if (spool->file && fread(rows, spool->row_bytes, n, spool->file) != n) {
    return fail_io(log, "read");
  }
  if (!spool->file && n) {
    memcpy(rows, spool->memory + (size_t)spool->n_read * spool->row_bytes, n * spool->row_bytes);
  }
  spool->n_read += n;
  *n_rows = n;
  return SPECRNN_OK;
}
