/* Tables as a Kaldi archive: "KEY \0BFM \4<rows>\4<columns>" and floats, all little-endian (kaldi-matrix.cc,
 * io-funcs.h), with an index "KEY FILE:OFFSET" beside it. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/log.h"
#include "io/ark.h"
#include "io/bytes.h"
#include "io/table.h"

enum { BLOCK = 1024 };

static const char DEFAULT_KEY[] = "features";

/* "x.ark" becomes "x.scp"; any other name gets ".scp" behind it. */
char *specrnn_table_index_path(const char *path)
{
  static const char FROM[] = ".ark";
  static const char TO[] = ".scp";
  size_t length = strlen(path);
  if (length >= sizeof FROM - 1 && !strcasecmp(path + length - (sizeof FROM - 1), FROM)) {
    length -= sizeof FROM - 1;
  }
  char *name = malloc(length + sizeof TO);
  if (name) {
    memcpy(name, path, length);
    memcpy(name + length, TO, sizeof TO);
  }
  return name;
}

/* A pipe has no offsets to come back to: no index. */
static specrnn_status ark_open(specrnn_table_writer *writer, const char *path, const specrnn_log *log)
{
  if (writer->sink.spool) {
    return SPECRNN_OK;
  }
  writer->index_path = strdup(path);
  char *name = specrnn_table_index_path(path);
  specrnn_status status = writer->index_path && name ? srn_sink_open(&writer->index, name, SRN_SINK_DIRECT, log)
                                                     : srn_fail_memory(log, strlen(path) + 1);
  free(name);
  return status;
}

static specrnn_status check_key(const char *key, const specrnn_log *log)
{
  bool valid = *key;
  for (const char *c = key; *c; c++) {
    valid = valid && !isspace((unsigned char)*c) && !iscntrl((unsigned char)*c);
  }
  return valid ? SPECRNN_OK
               : srn_fail(log, SPECRNN_ERROR_ARGUMENT, "'%s' cannot be a key of a Kaldi archive: white space", key);
}

static void format_head(unsigned char head[SRN_ARK_HEAD_SIZE], size_t n_rows, size_t n_columns)
{
  memcpy(head, SRN_ARK_FLOAT_MATRIX, SRN_ARK_TOKEN_SIZE);
  unsigned char *at = head + SRN_ARK_TOKEN_SIZE;
  *at = SRN_ARK_INT_SIZE;
  srn_store_le(at + 1, n_rows, SRN_ARK_INT_SIZE);
  at += 1 + SRN_ARK_INT_SIZE;
  *at = SRN_ARK_INT_SIZE;
  srn_store_le(at + 1, n_columns, SRN_ARK_INT_SIZE);
}

static specrnn_status ark_check(const specrnn_table_info *info, const specrnn_log *log)
{
  specrnn_status status = check_key(info->name ? info->name : DEFAULT_KEY, log);
  if (!status && info->n_columns > INT32_MAX) {
    status =
        srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "%zu columns; a Kaldi matrix has at most 2^31 - 1", info->n_columns);
  }
  return status;
}

static const char *key_of(const specrnn_table_writer *writer)
{
  return writer->name ? writer->name : DEFAULT_KEY;
}

static specrnn_status ark_begin(specrnn_table_writer *writer, const specrnn_table_info *info, const specrnn_log *log)
{
  errno = 0;
  fprintf(writer->sink.stream, "%s ", key_of(writer));
  off_t start = ftello(writer->sink.stream);
  writer->start = start > 0 ? (uint64_t)start : 0;
  unsigned char head[SRN_ARK_HEAD_SIZE];
  format_head(head, 0, info->n_columns);
  return srn_sink_write(&writer->sink, head, sizeof head, log);
}

/* What was written of it is written over, and cut off where nothing follows. */
static specrnn_status ark_drop(specrnn_table_writer *writer, const specrnn_log *log)
{
  uint64_t begin = writer->start - strlen(key_of(writer)) - 1;
  specrnn_status status = srn_sink_seek(&writer->sink, begin, log);
  if (!status && ftruncate(fileno(writer->sink.stream), (off_t)begin) != 0) {
    status = srn_fail(log, SPECRNN_ERROR_IO, "cannot take back a matrix: %s", strerror(errno));
  }
  return status;
}

static specrnn_status append_doubles(specrnn_table_writer *writer, const double *values, size_t count,
                                     const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  while (count && !status) {
    float block[BLOCK];
    size_t part = count < BLOCK ? count : BLOCK;
    for (size_t i = 0; i < part; i++) {
      block[i] = (float)values[i];
    }
    status = srn_sink_write_numbers(&writer->sink, block, part, sizeof *block, log);
    values += part;
    count -= part;
  }
  return status;
}

static specrnn_status ark_append(specrnn_table_writer *writer, const void *rows, size_t n_rows, const double *times_s,
                                 const specrnn_log *log)
{
  (void)times_s;
  if (n_rows > INT32_MAX - writer->n_rows) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "a Kaldi matrix has at most 2^31 - 1 rows");
  }
  size_t count = n_rows * writer->n_columns;
  return writer->dtype == SPECRNN_F64 ? append_doubles(writer, rows, count, log)
                                      : srn_sink_write_numbers(&writer->sink, rows, count, sizeof(float), log);
}

static specrnn_status ark_end(specrnn_table_writer *writer, const specrnn_log *log)
{
  unsigned char head[SRN_ARK_HEAD_SIZE];
  format_head(head, writer->n_rows, writer->n_rows ? writer->n_columns : 0); /* Kaldi's empty matrix is 0 x 0 */
  uint64_t end = writer->start + sizeof head + (uint64_t)writer->n_rows * writer->n_columns * sizeof(float);
  specrnn_status status = srn_sink_seek(&writer->sink, writer->start, log);
  if (!status) {
    status = srn_sink_write(&writer->sink, head, sizeof head, log);
  }
  status = status ? status : srn_sink_seek(&writer->sink, end, log);
  if (!status && writer->index.stream) {
    fprintf(writer->index.stream, "%s %s:%llu\n", key_of(writer), writer->index_path,
            (unsigned long long)writer->start);
    status = srn_sink_check(&writer->index, log);
  }
  return status;
}

const srn_table_ops srn_table_ark = {
    .sink = SRN_SINK_SEEKABLE,
    .holds_many = true,
    .open = ark_open,
    .check = ark_check,
    .begin = ark_begin,
    .append = ark_append,
    .end = ark_end,
    .drop = ark_drop,
};
