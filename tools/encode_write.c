/* Encodings to files: one archive or table, a folder of them, or vectors. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "encode_call.h"
#include "path.h"
#include "report.h"

static const char *const EXTENSIONS[] = {
    [SPECRNN_TABLE_RAW] = "raw", [SPECRNN_TABLE_NPY] = "npy",   [SPECRNN_TABLE_NPZ] = "npz",
    [SPECRNN_TABLE_CSV] = "csv", [SPECRNN_TABLE_JSON] = "json", [SPECRNN_TABLE_ARK] = "ark",
};

enum { PREFIX_SIZE = 1100 };

/* -------------------------------------------------------------------------------------------------------------
 * archives */

static specrnn_status write_text(encode_call *c, specrnn_npz_writer *writer)
{
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_npz_write_texts(writer, "names", c->written, c->n_written, &log);
  if (!status && c->front_end_json) {
    status = specrnn_npz_write_text(writer, "config", c->front_end_json, &log);
  }
  return status;
}

/* One input into an open archive. *archive_failed: nothing more can be written. */
static specrnn_status add_to_npz(encode_call *c, const encode_item *item, specrnn_npz_writer *writer,
                                 const char *prefix, bool hold, bool *archive_failed)
{
  encode_input input;
  encode_npz_sink *sink = NULL;
  specrnn_status status = encode_input_open(&input, &c->source, item);
  if (!status) {
    const encode_npz_config config = {
        .writer = writer,
        .prefix = prefix,
        .choice = &c->choice,
        .trace = c->options->gates,
        .front_end = item->kind == ENCODE_SOUND ? &c->front_end : NULL,
        .times = input.times,
    };
    status = encode_npz_sink_create(&sink, &config);
  }
  if (!status) {
    const encode_sink use = encode_npz_sink_use(sink);
    status = encode_input_run(&input, &use, hold);
    *archive_failed = status && encode_npz_sink_begun(sink);
  }
  if (!status) {
    c->written[c->n_written++] = item->name;
  }
  encode_npz_sink_destroy(&sink);
  encode_input_close(&input);
  return status;
}

static specrnn_status write_npz(encode_call *c, const encode_item *item, const char *path)
{
  specrnn_npz_writer *writer = NULL;
  bool archive_failed;
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_npz_writer_create(&writer, path, SPECRNN_PACKING_STORED, &log);
  if (status) {
    return status;
  }
  c->n_written = 0;
  status = add_to_npz(c, item, writer, "", false, &archive_failed);
  if (!status) {
    status = write_text(c, writer);
  }
  if (status) {
    specrnn_npz_writer_abandon(&writer);
    return status;
  }
  return specrnn_npz_writer_commit(&writer, &log);
}

static int write_common_npz(encode_call *c)
{
  specrnn_npz_writer *writer = NULL;
  specrnn_log log = report_log(NULL);
  if (specrnn_npz_writer_create(&writer, c->options->output, SPECRNN_PACKING_STORED, &log)) {
    return CLI_EXIT_FAILED;
  }
  int exit_status = CLI_EXIT_OK;
  bool archive_failed = false;
  for (size_t i = 0; i < c->list.count && !archive_failed; i++) {
    char prefix[PREFIX_SIZE];
    snprintf(prefix, sizeof prefix, "%s/", c->list.items[i].name);
    report_progress(i, c->list.count, c->list.items[i].name);
    if (add_to_npz(c, &c->list.items[i], writer, prefix, true, &archive_failed)) {
      exit_status = CLI_EXIT_FAILED;
    }
  }
  if (archive_failed || c->n_written == 0 || write_text(c, writer)) {
    specrnn_npz_writer_abandon(&writer);
    return CLI_EXIT_FAILED;
  }
  return specrnn_npz_writer_commit(&writer, &log) ? CLI_EXIT_FAILED : exit_status;
}

/* ---------------------------------------------------------------------------------------------------------------
 * tables */

static specrnn_status add_to_table(encode_call *c, const encode_item *item, encode_table_sink *sink, bool hold)
{
  encode_input input;
  sink->begun = false;
  sink->choice = &c->choice;
  sink->format = c->format;
  sink->front_end = item->kind == ENCODE_SOUND ? &c->front_end : NULL;
  sink->config_json = c->front_end_json;
  specrnn_status status = encode_input_open(&input, &c->source, item);
  if (!status) {
    const encode_sink use = encode_table_sink_use(sink);
    status = encode_input_run(&input, &use, hold);
  }
  encode_input_close(&input);
  return status;
}

static specrnn_status write_table(encode_call *c, const encode_item *item, const char *path)
{
  encode_table_sink sink = {.batch_path = path};
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_table_writer_create(&sink.writer, path, c->format, &log);
  if (status) {
    return status;
  }
  status = add_to_table(c, item, &sink, false);
  if (status || sink.batch_written) {
    specrnn_table_writer_abandon(&sink.writer);
    return status;
  }
  return specrnn_table_writer_commit(&sink.writer, &log);
}

static int write_common_table(encode_call *c)
{
  encode_table_sink sink = {0};
  specrnn_log log = report_log(NULL);
  if (specrnn_table_writer_create(&sink.writer, c->options->output, c->format, &log)) {
    return CLI_EXIT_FAILED;
  }
  int exit_status = CLI_EXIT_OK;
  size_t n_written = 0;
  bool table_failed = false;
  for (size_t i = 0; i < c->list.count && !table_failed; i++) {
    sink.name = c->list.items[i].name;
    report_progress(i, c->list.count, c->list.items[i].name);
    if (add_to_table(c, &c->list.items[i], &sink, true)) {
      exit_status = CLI_EXIT_FAILED;
      table_failed = sink.begun && !sink.layout.batched; /* a batch is refused before anything is written */
    } else {
      n_written++;
    }
  }
  if (table_failed || n_written == 0) {
    specrnn_table_writer_abandon(&sink.writer);
    return CLI_EXIT_FAILED;
  }
  return specrnn_table_writer_commit(&sink.writer, &log) ? CLI_EXIT_FAILED : exit_status;
}

/* --------------------------------------------------------------------------------------------------------------
 * vectors */

static specrnn_status save_vectors_npz(encode_call *c, const specrnn_array *vectors, const encode_pool *pool)
{
  specrnn_npz_writer *writer = NULL;
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_npz_writer_create(&writer, c->options->output, SPECRNN_PACKING_STORED, &log);
  if (status) {
    return status;
  }
  status = specrnn_npz_write(writer, "vectors", vectors, &log);
  if (!status) {
    status = specrnn_npz_write_texts(writer, "names", encode_pool_names(pool), encode_pool_count(pool), &log);
  }
  if (!status) {
    status = specrnn_npz_write_text(writer, "pool", c->options->pool, &log);
  }
  if (!status && c->front_end_json) {
    status = specrnn_npz_write_text(writer, "config", c->front_end_json, &log);
  }
  if (status) {
    specrnn_npz_writer_abandon(&writer);
    return status;
  }
  return specrnn_npz_writer_commit(&writer, &log);
}

static specrnn_status save_vectors_raw(encode_call *c, const specrnn_array *vectors)
{
  specrnn_table_writer *writer = NULL;
  specrnn_log log = report_log(NULL);
  specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
  info.n_columns = vectors->shape[1];
  specrnn_status status = specrnn_table_writer_create(&writer, c->options->output, c->format, &log);
  if (status) {
    return status;
  }
  status = specrnn_table_begin(writer, &info, &log);
  if (!status) {
    status = specrnn_table_append(writer, vectors->data, vectors->shape[0], NULL, &log);
  }
  if (status) {
    specrnn_table_writer_abandon(&writer);
    return status;
  }
  return specrnn_table_writer_commit(&writer, &log);
}

static specrnn_status save_vectors(encode_call *c, const encode_pool *pool)
{
  const size_t shape[] = {encode_pool_count(pool), encode_choice_width(&c->choice)};
  specrnn_array vectors = specrnn_array_view(SPECRNN_F32, 2, shape, encode_pool_vectors(pool));
  return c->format == SPECRNN_TABLE_NPZ ? save_vectors_npz(c, &vectors, pool) : save_vectors_raw(c, &vectors);
}

static specrnn_status pool_one(encode_call *c, const encode_item *item, encode_pool *pool)
{
  encode_input input;
  specrnn_status status = encode_input_open(&input, &c->source, item);
  if (!status) {
    const encode_sink use = encode_pool_use(pool, item->name);
    status = encode_input_run(&input, &use, false);
  }
  encode_input_close(&input);
  return status;
}

static int write_vectors(encode_call *c)
{
  encode_pool *pool = NULL;
  if (encode_pool_create(&pool, &c->choice, c->pooling)) {
    return CLI_EXIT_FAILED;
  }
  int exit_status = CLI_EXIT_OK;
  for (size_t i = 0; i < c->list.count; i++) {
    report_progress(i, c->list.count, c->list.items[i].name);
    if (pool_one(c, &c->list.items[i], pool)) {
      exit_status = CLI_EXIT_FAILED;
    }
  }
  if (encode_pool_count(pool) == 0 || save_vectors(c, pool)) {
    exit_status = CLI_EXIT_FAILED;
  }
  encode_pool_destroy(&pool);
  return exit_status;
}

/* ----------------------------------------------------------------------------------------------------------- all
 * inputs */

static specrnn_status write_one(encode_call *c, const encode_item *item, const char *path)
{
  return c->format == SPECRNN_TABLE_NPZ ? write_npz(c, item, path) : write_table(c, item, path);
}

static int write_folder(encode_call *c)
{
  if (mkdir(c->options->output, 0777) != 0 && errno != EEXIST) {
    return report_failure(c->options->output, "cannot make the folder: %s", strerror(errno));
  }
  int exit_status = CLI_EXIT_OK;
  for (size_t i = 0; i < c->list.count; i++) {
    char *path = path_in_folder(c->options->output, c->list.items[i].name, EXTENSIONS[c->format]);
    if (!path) {
      return report_memory();
    }
    report_progress(i, c->list.count, c->list.items[i].name);
    if (write_one(c, &c->list.items[i], path)) {
      exit_status = CLI_EXIT_FAILED;
    }
    free(path);
  }
  return exit_status;
}

static int write_all(encode_call *c)
{
  if (c->pools) {
    return write_vectors(c);
  }
  if (c->to_folder) {
    return write_folder(c);
  }
  if (c->list.count == 1 && c->arguments->n_inputs == 1) {
    return report_status(write_one(c, &c->list.items[0], c->options->output));
  }
  return c->format == SPECRNN_TABLE_NPZ ? write_common_npz(c) : write_common_table(c);
}

int encode_write(encode_call *c)
{
  int exit_status = write_all(c);
  report_progress_end();
  return exit_status;
}
