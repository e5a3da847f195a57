/* Tables as raw numbers, .npy and .npz. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "io/npy.h"
#include "io/npz_write.h"
#include "io/table.h"

/* ----------------------------------------------------------------------------------------------------------------- raw
 */

static specrnn_status raw_begin(specrnn_table_writer *writer, const specrnn_table_info *info, const specrnn_log *log)
{
  (void)writer;
  (void)info;
  (void)log;
  return SPECRNN_OK;
}

/* Flushed, so that whoever reads the pipe sees a frame when it is complete. */
static specrnn_status raw_append(specrnn_table_writer *writer, const void *rows, size_t n_rows, const double *times_s,
                                 const specrnn_log *log)
{
  (void)times_s;
  errno = 0;
  if (srn_npy_write_data(writer->sink.stream, writer->dtype, rows, n_rows * writer->n_columns)) {
    fflush(writer->sink.stream);
  }
  return srn_sink_check(&writer->sink, log);
}

static specrnn_status raw_end(specrnn_table_writer *writer, const specrnn_log *log)
{
  (void)writer;
  (void)log;
  return SPECRNN_OK;
}

const srn_table_ops srn_table_raw = {
    .sink = SRN_SINK_DIRECT,
    .holds_complex = true,
    .begin = raw_begin,
    .append = raw_append,
    .end = raw_end,
};

/* ---------------------------------------------------------------------------------------------------------------- .npy
 */

static specrnn_status npy_begin(specrnn_table_writer *writer, const specrnn_table_info *info, const specrnn_log *log)
{
  errno = 0;
  specrnn_status status =
      srn_rows_begin(&writer->rows, writer->sink.stream, info->dtype, info->n_channels, 1, &info->n_columns, log);
  return status ? status : srn_sink_check(&writer->sink, log);
}

static specrnn_status npy_append(specrnn_table_writer *writer, const void *rows, size_t n_rows, const double *times_s,
                                 const specrnn_log *log)
{
  (void)times_s;
  errno = 0;
  srn_rows_append(&writer->rows, rows, n_rows);
  return srn_sink_check(&writer->sink, log);
}

static specrnn_status npy_end(specrnn_table_writer *writer, const specrnn_log *log)
{
  uint64_t size;
  errno = 0;
  if (!srn_rows_end(&writer->rows, &size)) {
    return srn_fail(log, SPECRNN_ERROR_IO, "%s: cannot write: %s", writer->sink.path, strerror(errno ? errno : EIO));
  }
  return SPECRNN_OK;
}

const srn_table_ops srn_table_npy = {
    .sink = SRN_SINK_SEEKABLE,
    .holds_complex = true,
    .begin = npy_begin,
    .append = npy_append,
    .end = npy_end,
};

/* ---------------------------------------------------------------------------------------------------------------- .npz
 */

/* "features", or "NAME/features". The caller frees it; NULL without memory. */
static char *member_name(const char *table, const char *member)
{
  size_t size = (table ? strlen(table) + 1 : 0) + strlen(member) + 1;
  char *name = malloc(size);
  if (name) {
    snprintf(name, size, "%s%s%s", table ? table : "", table ? "/" : "", member);
  }
  return name;
}

static specrnn_status write_doubles(specrnn_table_writer *writer, const char *member, int rank, size_t count,
                                    const double *values, const specrnn_log *log)
{
  char *name = member_name(writer->name, member);
  if (!name) {
    return srn_fail_memory(log, strlen(member) + 1);
  }
  specrnn_array array = specrnn_array_view(SPECRNN_F64, rank, &count, values);
  specrnn_status status = specrnn_npz_write(writer->archive, name, &array, log);
  free(name);
  return status;
}

static specrnn_status write_config(specrnn_table_writer *writer, const char *config_json, const specrnn_log *log)
{
  char *name = member_name(writer->name, "config");
  if (!name) {
    return srn_fail_memory(log, sizeof "config");
  }
  specrnn_status status = specrnn_npz_write_text(writer->archive, name, config_json, log);
  free(name);
  return status;
}

static specrnn_status begin_member(specrnn_table_writer *writer, const char *member, specrnn_dtype dtype,
                                   size_t n_channels, int row_rank, const specrnn_log *log)
{
  char *name = member_name(writer->name, member);
  if (!name) {
    return srn_fail_memory(log, strlen(member) + 1);
  }
  specrnn_status status = srn_npz_begin_channels(writer->archive, &writer->slot, name, dtype, n_channels, row_rank,
                                                 &writer->n_columns, log);
  free(name);
  return status;
}

static specrnn_status npz_drop(specrnn_table_writer *writer, const specrnn_log *log)
{
  return srn_npz_writer_drop_from(writer->archive, writer->first_entry, log);
}

static specrnn_status npz_begin(specrnn_table_writer *writer, const specrnn_table_info *info, const specrnn_log *log)
{
  specrnn_status status = SPECRNN_OK;
  writer->first_entry = srn_npz_writer_count(writer->archive);
  if (info->column_values) {
    status = write_doubles(writer, "frequencies", 1, info->n_columns, info->column_values, log);
  }
  if (!status && info->sample_rate_hz > 0) {
    status = write_doubles(writer, "sample_rate", 0, 1, &info->sample_rate_hz, log);
  }
  if (!status && info->config_json) {
    status = write_config(writer, info->config_json, log);
  }
  return status ? status : begin_member(writer, "features", info->dtype, info->n_channels, 1, log);
}

static specrnn_status npz_append(specrnn_table_writer *writer, const void *rows, size_t n_rows, const double *times_s,
                                 const specrnn_log *log)
{
  (void)times_s;
  return specrnn_npz_append_rows(writer->archive, writer->slot, rows, n_rows, log);
}

static bool put_time(specrnn_table_writer *writer, size_t index, double time_s)
{
  (void)index;
  return specrnn_npz_append_rows(writer->archive, writer->slot, &time_s, 1, NULL) ==
         SPECRNN_OK; /* the stream keeps it */
}

static specrnn_status npz_end(specrnn_table_writer *writer, const specrnn_log *log)
{
  specrnn_status status = specrnn_npz_end_rows(writer->archive, writer->slot, log);
  if (status || writer->has_times != SRN_PRESENT) {
    return status;
  }
  status = begin_member(writer, "times", SPECRNN_F64, 0, 0, log);
  if (!status) {
    status = srn_table_each_time(writer, put_time, log);
  }
  return status ? status : specrnn_npz_end_rows(writer->archive, writer->slot, log);
}

const srn_table_ops srn_table_npz = {
    .sink = SRN_SINK_SEEKABLE,
    .holds_many = true,
    .holds_complex = true,
    .collects_times = true,
    .begin = npz_begin,
    .append = npz_append,
    .end = npz_end,
    .drop = npz_drop,
};
