/* Rows that wait on disk. */
#include "row_spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_ROWS = 1024, MESSAGE_SIZE = 256 };

struct row_spool {
  FILE *file;
  const specrnn_log *log;
  size_t n_columns;
  uint64_t n_rows, n_read;
  float *block; /* (BLOCK_ROWS, n_columns) */
};

static specrnn_status fail(const specrnn_log *log, specrnn_status status, const char *what)
{
  char message[MESSAGE_SIZE];
  if (status == SPECRNN_ERROR_MEMORY) {
    snprintf(message, sizeof message, "%s: out of memory", what);
  } else {
    snprintf(message, sizeof message, "cannot %s a temporary file in %s: %s", what, P_tmpdir, strerror(errno));
  }
  if (log && log->write) {
    log->write(log->user, SPECRNN_LOG_ERROR, message);
  }
  return status;
}

specrnn_status row_spool_create(row_spool **out, const specrnn_log *log)
{
  row_spool *spool = calloc(1, sizeof *spool);
  if (!spool) {
    return fail(log, SPECRNN_ERROR_MEMORY, "rows");
  }
  spool->log = log;
  spool->file = tmpfile();
  if (!spool->file) {
    specrnn_status status = fail(log, SPECRNN_ERROR_IO, "make");
    free(spool);
    return status;
  }
  *out = spool;
  return SPECRNN_OK;
}

void row_spool_destroy(row_spool **spool)
{
  if (*spool) {
    fclose((*spool)->file);
    free((*spool)->block);
    free(*spool);
    *spool = NULL;
  }
}

specrnn_status row_spool_write(void *user, const float *rows, size_t n_rows, size_t n_columns)
{
  row_spool *spool = user;
  spool->n_columns = n_columns;
  spool->n_rows += n_rows;
  if (fwrite(rows, n_columns * sizeof *rows, n_rows, spool->file) != n_rows) {
    return fail(spool->log, SPECRNN_ERROR_IO, "write");
  }
  return SPECRNN_OK;
}

size_t row_spool_columns(const row_spool *spool)
{
  return spool->n_columns;
}

uint64_t row_spool_count(const row_spool *spool)
{
  return spool->n_rows;
}

static specrnn_status begin_reading(row_spool *spool)
{
  if (fflush(spool->file) != 0 || fseek(spool->file, 0, SEEK_SET) != 0) {
    return fail(spool->log, SPECRNN_ERROR_IO, "read");
  }
  return SPECRNN_OK;
}

specrnn_status row_spool_read(row_spool *spool, const float **rows, size_t *n_rows)
{
  *n_rows = 0;
  if (spool->n_read == spool->n_rows) {
    return SPECRNN_OK;
  }
  if (!spool->block) {
    spool->block = malloc(BLOCK_ROWS * spool->n_columns * sizeof *spool->block);
    if (!spool->block) {
      return fail(spool->log, SPECRNN_ERROR_MEMORY, "rows");
    }
    specrnn_status status = begin_reading(spool);
    if (status) {
      return status;
    }
  }
  uint64_t left = spool->n_rows - spool->n_read;
  size_t n = left < BLOCK_ROWS ? (size_t)left : BLOCK_ROWS;
  if (fread(spool->block, spool->n_columns * sizeof *spool->block, n, spool->file) != n) {
    return fail(spool->log, SPECRNN_ERROR_IO, "read");
  }
  spool->n_read += n;
  *rows = spool->block;
  *n_rows = n;
  return SPECRNN_OK;
}

specrnn_status row_spool_rewind(row_spool *spool)
{
  spool->n_read = 0;
  return begin_reading(spool);
}

specrnn_status row_spool_collect(row_spool *spool, float **rows)
{
  size_t row_size = spool->n_columns * sizeof **rows;
  size_t bytes;
  if (__builtin_mul_overflow(row_size, (size_t)spool->n_rows, &bytes)) {
    return fail(spool->log, SPECRNN_ERROR_MEMORY, "rows");
  }
  float *all = malloc(bytes ? bytes : 1);
  if (!all) {
    return fail(spool->log, SPECRNN_ERROR_MEMORY, "rows");
  }
  specrnn_status status = begin_reading(spool);
  if (!status && fread(all, 1, bytes, spool->file) != bytes) {
    status = fail(spool->log, SPECRNN_ERROR_IO, "read");
  }
  if (status) {
    free(all);
    return status;
  }
  *rows = all;
  return SPECRNN_OK;
}
