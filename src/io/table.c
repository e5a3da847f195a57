/* Tables of frames: what all formats share. The calls are checked here, the formats write. */
#include "io/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/checked.h"
#include "core/log.h"
#include "core/temporary.h"
#include "io/json_parse.h"

static const srn_table_ops *const FORMATS[] = {
    [SPECRNN_TABLE_RAW] = &srn_table_raw, [SPECRNN_TABLE_NPY] = &srn_table_npy,   [SPECRNN_TABLE_NPZ] = &srn_table_npz,
    [SPECRNN_TABLE_CSV] = &srn_table_csv, [SPECRNN_TABLE_JSON] = &srn_table_json, [SPECRNN_TABLE_ARK] = &srn_table_ark,
};

static const struct {
  const char *extension;
  specrnn_table_format format;
} EXTENSIONS[] = {
    {".raw", SPECRNN_TABLE_RAW}, {".f32", SPECRNN_TABLE_RAW}, {".npy", SPECRNN_TABLE_NPY},
    {".npz", SPECRNN_TABLE_NPZ}, {".csv", SPECRNN_TABLE_CSV}, {".json", SPECRNN_TABLE_JSON},
    {".ark", SPECRNN_TABLE_ARK},
};

specrnn_status specrnn_table_format_of_path(specrnn_table_format *format, const char *path, const specrnn_log *log)
{
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  const char *dot = strrchr(name, '.');
  for (size_t i = 0; dot && i < sizeof EXTENSIONS / sizeof *EXTENSIONS; i++) {
    if (!strcasecmp(dot, EXTENSIONS[i].extension)) {
      *format = EXTENSIONS[i].format;
      return SPECRNN_OK;
    }
  }
  return srn_fail(log, SPECRNN_ERROR_ARGUMENT,
                  "the extension of '%s' names no format; .npy, .npz, .csv, .json, .ark, .raw and .f32 do", name);
}

bool specrnn_table_format_holds_many(specrnn_table_format format)
{
  return FORMATS[format]->holds_many;
}

specrnn_status specrnn_table_writer_create(specrnn_table_writer **out, const char *path, specrnn_table_format format,
                                           const specrnn_log *log)
{
  specrnn_table_writer *writer = calloc(1, sizeof *writer);
  if (!writer) {
    return srn_fail_memory(log, sizeof *writer);
  }
  writer->ops = FORMATS[format];
  specrnn_status status = format == SPECRNN_TABLE_NPZ
                              ? specrnn_npz_writer_create(&writer->archive, path, SPECRNN_PACKING_STORED, log)
                              : srn_sink_open(&writer->sink, path, writer->ops->sink, log);
  if (!status && writer->ops->open) {
    status = writer->ops->open(writer, path, log);
  }
  if (status) {
    specrnn_table_writer_abandon(&writer);
    return status;
  }
  *out = writer;
  return SPECRNN_OK;
}

/* ----------------------------------------------------------------------------------------------------------- beginning
 */

static specrnn_status check_config_json(const char *json, const specrnn_log *log)
{
  json_t *root;
  specrnn_status status = srn_json_parse_object(&root, json, "the table's configuration", log);
  if (!status) {
    json_decref(root);
  }
  return status;
}

static specrnn_status check_info(const specrnn_table_writer *writer, const specrnn_table_info *info,
                                 const specrnn_log *log)
{
  size_t bytes;
  bool is_real = info->dtype == SPECRNN_F32 || info->dtype == SPECRNN_F64;
  if (!is_real && info->dtype != SPECRNN_C64 /* what a front end gives */) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "tables of %s are not written", specrnn_dtype_name(info->dtype));
  }
  if (!is_real && !writer->ops->holds_complex) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "this format cannot hold complex numbers; .npy and .npz can");
  }
  if (info->n_channels && !writer->ops->holds_complex) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "this format cannot hold an axis of channels; .npy and .npz can");
  }
  if (info->n_columns == 0 || !srn_size_mul(info->n_columns, sizeof(double), &bytes)) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "a table of %zu columns", info->n_columns);
  }
  return info->config_json ? check_config_json(info->config_json, log) : SPECRNN_OK;
}

static void forget_table(specrnn_table_writer *writer)
{
  free(writer->name);
  free(writer->column_values);
  writer->name = NULL;
  writer->column_values = NULL;
  writer->open = false;
}

static specrnn_status keep_info(specrnn_table_writer *writer, const specrnn_table_info *info, const specrnn_log *log)
{
  if (info->name) {
    writer->name = strdup(info->name);
    if (!writer->name) {
      return srn_fail_memory(log, strlen(info->name) + 1);
    }
  }
  if (info->column_values) {
    size_t bytes = info->n_columns * sizeof *info->column_values;
    writer->column_values = malloc(bytes);
    if (!writer->column_values) {
      return srn_fail_memory(log, bytes);
    }
    memcpy(writer->column_values, info->column_values, bytes);
  }
  writer->n_columns = info->n_columns;
  writer->n_channels = info->n_channels;
  writer->dtype = info->dtype;
  writer->n_rows = 0;
  writer->has_times = SRN_UNKNOWN;
  return SPECRNN_OK;
}

/* Remembers a failure, so that a commit in spite of it writes nothing. */
static specrnn_status remember(specrnn_table_writer *writer, specrnn_status status)
{
  writer->failed = writer->failed || status;
  return status;
}

specrnn_status specrnn_table_begin(specrnn_table_writer *writer, const specrnn_table_info *info, const specrnn_log *log)
{
  if (writer->open) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "a table is begun while another is open");
  }
  if (writer->n_tables && !writer->ops->holds_many) {
    return srn_fail(log, SPECRNN_ERROR_UNSUPPORTED, "this format holds one table; .npz and .ark hold many");
  }
  specrnn_status status = check_info(writer, info, log);
  if (!status && writer->ops->check) {
    status = writer->ops->check(info, log);
  }
  if (!status && writer->ops->holds_many) {
    status = srn_name_set_add(&writer->names, info->name ? info->name : "", log);
  }
  if (status) { /* of this table; nothing was written, and another may come */
    return status;
  }
  if ((status = keep_info(writer, info, log)) || (status = writer->ops->begin(writer, info, log))) {
    forget_table(writer);
    return remember(writer, status);
  }
  writer->open = true;
  writer->failed_before = writer->failed;
  writer->n_tables++;
  return SPECRNN_OK;
}

/* ---------------------------------------------------------------------------------------------------------------- rows
 */

static specrnn_status collect_times(specrnn_table_writer *writer, size_t n_rows, const double *times_s,
                                    const specrnn_log *log)
{
  errno = 0;
  if (!writer->times && !(writer->times = tmpfile())) {
    return srn_fail_temporary(log, "make", errno);
  }
  bool collected = fwrite(times_s, sizeof *times_s, n_rows, writer->times) == n_rows;
  return collected ? SPECRNN_OK : srn_fail_temporary(log, "write", errno);
}

specrnn_status specrnn_table_append(specrnn_table_writer *writer, const void *rows, size_t n_rows,
                                    const double *times_s, const specrnn_log *log)
{
  if (!writer->open) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "rows are appended while no table is open");
  }
  if (!n_rows) {
    return SPECRNN_OK;
  }
  srn_presence has_times = times_s ? SRN_PRESENT : SRN_ABSENT;
  if (writer->has_times != SRN_UNKNOWN && writer->has_times != has_times) {
    return srn_fail(log, SPECRNN_ERROR_ARGUMENT, "some rows of a table have times, and some have none");
  }
  bool first = writer->has_times == SRN_UNKNOWN;
  writer->has_times = has_times;
  specrnn_status status = SPECRNN_OK;
  if (first && writer->times) { /* of the table before */
    rewind(writer->times);
  }
  if (times_s && writer->ops->collects_times) {
    status = collect_times(writer, n_rows, times_s, log);
  }
  if (!status) {
    status = writer->ops->append(writer, rows, n_rows, times_s, log);
    writer->n_rows += n_rows;
  }
  return remember(writer, status);
}

size_t srn_table_frames(const specrnn_table_writer *writer)
{
  return writer->n_channels ? writer->n_rows / writer->n_channels : writer->n_rows;
}

specrnn_status srn_table_each_time(specrnn_table_writer *writer,
                                   bool (*put)(specrnn_table_writer *writer, size_t index, double time_s),
                                   const specrnn_log *log)
{
  size_t n_frames = srn_table_frames(writer);
  errno = 0;
  if (fflush(writer->times) != 0 || fseeko(writer->times, 0, SEEK_SET) != 0) {
    return srn_fail_temporary(log, "write", errno);
  }
  for (size_t i = 0; i < n_frames; i++) {
    double time_s;
    if (fread(&time_s, sizeof time_s, 1, writer->times) != 1) {
      return srn_fail_temporary(log, "read", errno);
    }
    if (!put(writer, i, time_s)) {
      break;
    }
  }
  return SPECRNN_OK;
}

/* -------------------------------------------------------------------------------------------------------------- ending
 */

specrnn_status specrnn_table_end(specrnn_table_writer *writer, const specrnn_log *log)
{
  if (!writer->open) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "a table is ended while none is open");
  }
  specrnn_status status;
  if (writer->n_channels && writer->n_rows % writer->n_channels) {
    status = srn_fail(log, SPECRNN_ERROR_SHAPE, "%zu rows are not as many for each of %zu channels", writer->n_rows,
                      writer->n_channels);
  } else {
    status = writer->ops->end(writer, log);
  }
  forget_table(writer);
  return remember(writer, status);
}

specrnn_status specrnn_table_drop(specrnn_table_writer *writer, const specrnn_log *log)
{
  if (!writer->open) {
    return SPECRNN_OK;
  }
  specrnn_status status = SPECRNN_OK;
  if (writer->ops->drop) {
    status = writer->ops->drop(writer, log);
    writer->n_tables--;
  }
  bool lost = status || !writer->ops->drop;
  forget_table(writer);
  writer->failed = lost || writer->failed_before;
  return status;
}

static specrnn_status finish(specrnn_table_writer *writer, const specrnn_log *log)
{
  specrnn_status status = writer->open ? specrnn_table_end(writer, log) : SPECRNN_OK;
  if (status) {
    return status;
  }
  if (writer->failed) {
    return srn_fail(log, SPECRNN_ERROR_STATE, "an earlier call failed: nothing is written");
  }
  if (!writer->n_tables) {
    return srn_fail(log, SPECRNN_ERROR_EMPTY, "no table was written");
  }
  if (writer->archive) {
    return specrnn_npz_writer_commit(&writer->archive, log);
  }
  /* An archive and its index are one: the first takes its name when both are there. */
  srn_file **const set[] = {&writer->sink.file, &writer->index.file};
  status = srn_sink_settle(&writer->sink, log);
  if (!status && writer->index.stream) {
    status = srn_sink_settle(&writer->index, log);
  }
  return status ? status : srn_files_commit(set, sizeof set / sizeof *set, log);
}

specrnn_status specrnn_table_writer_commit(specrnn_table_writer **writer, const specrnn_log *log)
{
  specrnn_status status = finish(*writer, log);
  specrnn_table_writer_abandon(writer);
  return status;
}

void specrnn_table_writer_abandon(specrnn_table_writer **writer)
{
  if (!writer || !*writer) {
    return;
  }
  specrnn_table_writer *w = *writer;
  forget_table(w);
  specrnn_npz_writer_abandon(&w->archive);
  srn_sink_abandon(&w->sink);
  srn_sink_abandon(&w->index);
  free(w->index_path);
  if (w->times) {
    fclose(w->times);
  }
  srn_name_set_clear(&w->names);
  free(w);
  *writer = NULL;
}
