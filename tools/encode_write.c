/* Encodings to files: one archive or table, a folder of them, or vectors. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "encode_call.h"
#include "encode_tape.h"
#include "jobs.h"
#include "path.h"
#include "report.h"
#include "result_names.h"

static const char *const EXTENSIONS[] = {
    [SPECRNN_TABLE_RAW] = "raw", [SPECRNN_TABLE_NPY] = "npy",   [SPECRNN_TABLE_NPZ] = "npz",
    [SPECRNN_TABLE_CSV] = "csv", [SPECRNN_TABLE_JSON] = "json", [SPECRNN_TABLE_ARK] = "ark",
};

enum { PREFIX_SIZE = 1100 };

/* What all inputs go to: a folder, a common archive or table, or one array of vectors. */
typedef struct output {
  const encode_call *c;
  pthread_mutex_t *opening; /* archives of arrays are read by one at a time */
  specrnn_npz_writer *npz;
  specrnn_table_writer *table;
  encode_pool *pool;
  const char **names; /* (list.count) of the inputs that are in it */
  size_t n_names;
  bool some_failed; /* inputs */
  bool broken;      /* the output itself: nothing more goes to it */
} output;

/* A file for one input while it is written: one of the two. */
typedef struct own_file {
  specrnn_npz_writer *npz;
  specrnn_table_writer *table;
} own_file;

/* What the work on one input leaves for its end. */
typedef struct entry {
  specrnn_status status;
  encode_input input;
  own_file file;
  encode_tape *tape;
  encode_pool *pool;
} entry;

static specrnn_status open_input(const output *o, const encode_item *item, encode_input *input)
{
  pthread_mutex_lock(o->opening);
  specrnn_status status = encode_input_open(input, &o->c->source, item);
  pthread_mutex_unlock(o->opening);
  return status;
}

/* -------------------------------------------------------------------------------------------- a file for one input */

static encode_npz_config npz_config(const encode_call *c, const encode_input *input, specrnn_npz_writer *writer,
                                    const char *prefix)
{
  return (encode_npz_config){
      .writer = writer,
      .prefix = prefix,
      .choice = &c->choice,
      .trace = c->options->gates,
      .front_end = input->item->kind == ENCODE_SOUND ? &c->front_end : NULL,
      .times = input->times,
  };
}

static encode_table_sink table_sink(const encode_call *c, const encode_item *item, specrnn_table_writer *writer)
{
  return (encode_table_sink){
      .writer = writer,
      .format = c->format,
      .choice = &c->choice,
      .front_end = item->kind == ENCODE_SOUND ? &c->front_end : NULL,
      .config_json = c->front_end_json,
  };
}

static specrnn_status write_text(const encode_call *c, specrnn_npz_writer *writer, const char *const *names, size_t n)
{
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_npz_write_texts(writer, "names", names, n, &log);
  if (!status && c->front_end_json) {
    status = specrnn_npz_write_text(writer, "config", c->front_end_json, &log);
  }
  return status;
}

static specrnn_status fill_npz(const encode_call *c, encode_input *input, own_file *file, const char *path)
{
  encode_npz_sink *sink = NULL;
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_npz_writer_create(&file->npz, path, SPECRNN_PACKING_STORED, &log);
  if (status) {
    return status;
  }
  char prefix[PREFIX_SIZE] = "";
  if (c->named) {
    snprintf(prefix, sizeof prefix, "%s/", input->item->name);
  }
  const encode_npz_config config = npz_config(c, input, file->npz, prefix);
  status = encode_npz_sink_create(&sink, &config);
  if (!status) {
    const encode_sink use = encode_npz_sink_use(sink);
    status = encode_input_run(input, &use);
  }
  if (!status) {
    const char *name = input->item->name;
    status = write_text(c, file->npz, &name, 1);
  }
  encode_npz_sink_destroy(&sink);
  return status;
}

static specrnn_status fill_table(const encode_call *c, encode_input *input, own_file *file, const char *path)
{
  specrnn_log log = report_log(NULL);
  specrnn_status status = specrnn_table_writer_create(&file->table, path, c->format, &log);
  if (status) {
    return status;
  }
  encode_table_sink sink = table_sink(c, input->item, file->table);
  sink.batch_path = path;
  sink.name = c->named ? input->item->name : NULL;
  const encode_sink use = encode_table_sink_use(&sink);
  status = encode_input_run(input, &use);
  if (sink.batch_written) {
    specrnn_table_writer_abandon(&file->table);
  }
  return status;
}

static specrnn_status fill_file(const output *o, const encode_item *item, own_file *file, const char *path)
{
  encode_input input;
  specrnn_status status = open_input(o, item, &input);
  if (!status) {
    status =
        o->c->format == SPECRNN_TABLE_NPZ ? fill_npz(o->c, &input, file, path) : fill_table(o->c, &input, file, path);
  }
  encode_input_close(&input);
  return status;
}

/* Puts the file in its place, or drops it where its filling failed. */
static specrnn_status finish_file(own_file *file, specrnn_status filled)
{
  specrnn_log log = report_log(NULL);
  if (filled) {
    specrnn_npz_writer_abandon(&file->npz);
    specrnn_table_writer_abandon(&file->table);
    return filled;
  }
  if (file->npz) {
    return specrnn_npz_writer_commit(&file->npz, &log);
  }
  return file->table ? specrnn_table_writer_commit(&file->table, &log) : SPECRNN_OK;
}

static int write_single(const output *o)
{
  own_file file = {0};
  specrnn_status status = fill_file(o, &o->c->list.items[0], &file, o->c->options->output);
  return report_status(finish_file(&file, status));
}

/* -------------------------------------------------------------------------------------------------------- all inputs
 */

/* Runs `work` on all inputs and `end` after each, in their order. False where memory is lacking. */
static bool run_all(output *o, void (*work)(void *, size_t, void *), void (*end)(void *, size_t, void *))
{
  const encode_list *list = &o->c->list;
  const char **names = calloc(list->count, sizeof *names);
  if (!names) {
    report_memory();
    return false;
  }
  for (size_t i = 0; i < list->count; i++) {
    const encode_item *item = &list->items[i];
    names[i] = strcmp(item->path, "-") ? item->name : item->path;
  }
  const jobs j = {.n_jobs = o->c->options->jobs,
                  .names = names,
                  .n_items = list->count,
                  .result_size = sizeof(entry),
                  .user = o,
                  .work = work,
                  .end = end};
  bool good = jobs_run(&j);
  free(names);
  return good;
}

static int exit_status_of(const output *o)
{
  return o->some_failed ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

/* -------------------------------------------------------------------------------------------------------- one folder
 */

static void work_file(void *user, size_t index, void *result)
{
  const output *o = user;
  entry *e = result;
  const encode_item *item = &o->c->list.items[index];
  char *path = path_in_folder(o->c->options->output, item->name, EXTENSIONS[o->c->format]);
  if (path && !cli_output_spares_inputs(o->c->arguments, path)) {
    e->status = SPECRNN_ERROR_ARGUMENT;
  } else if (path) {
    e->status = fill_file(o, item, &e->file, path);
  } else {
    report_memory();
    e->status = SPECRNN_ERROR_MEMORY;
  }
  free(path);
}

static void end_file(void *user, size_t index, void *result)
{
  output *o = user;
  entry *e = result;
  (void)index;
  e->status = finish_file(&e->file, e->status);
  o->some_failed = o->some_failed || e->status;
}

static bool places_differ(const output *o)
{
  const encode_list *list = &o->c->list;
  const char **names = calloc(list->count, sizeof *names);
  if (!names) {
    report_memory();
    return false;
  }
  for (size_t i = 0; i < list->count; i++) {
    names[i] = list->items[i].name;
  }
  bool differ = folder_places_differ(o->c->options->output, names, list->count, EXTENSIONS[o->c->format]);
  free(names);
  return differ;
}

static int write_folder(output *o)
{
  const char *folder = o->c->options->output;
  if (!places_differ(o)) {
    return CLI_EXIT_USAGE;
  }
  if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
    return report_failure(folder, "cannot make the folder: %s", strerror(errno));
  }
  bool good = run_all(o, work_file, end_file);
  /* Again: a folder may have one place for names that differ in case alone, which nothing says beforehand. */
  return places_differ(o) && good ? exit_status_of(o) : CLI_EXIT_FAILED;
}

/* ---------------------------------------------------------------------------------------------------- one common file
 */

static void work_tape(void *user, size_t index, void *result)
{
  const output *o = user;
  entry *e = result;
  e->status = open_input(o, &o->c->list.items[index], &e->input);
  if (!e->status) {
    e->status = encode_tape_create(&e->tape, &o->c->choice, o->c->options->gates, &e->input.log);
  }
  if (!e->status) {
    const encode_sink use = encode_tape_use(e->tape);
    e->status = encode_input_run(&e->input, &use);
  }
  specrnn_array_destroy(&e->input.features); /* its times are needed still */
}

static specrnn_status add_to_npz(output *o, entry *e)
{
  char prefix[PREFIX_SIZE];
  encode_npz_sink *sink = NULL;
  snprintf(prefix, sizeof prefix, "%s/", e->input.item->name);
  const encode_npz_config config = npz_config(o->c, &e->input, o->npz, prefix);
  specrnn_status status = encode_npz_sink_create(&sink, &config);
  if (!status) {
    const encode_sink use = encode_npz_sink_use(sink);
    status = encode_tape_play(e->tape, &use);
    o->broken = status != SPECRNN_OK;
  }
  encode_npz_sink_destroy(&sink);
  return status;
}

static specrnn_status add_to_table(output *o, entry *e)
{
  encode_table_sink sink = table_sink(o->c, e->input.item, o->table);
  sink.name = e->input.item->name;
  const encode_sink use = encode_table_sink_use(&sink);
  specrnn_status status = encode_tape_play(e->tape, &use);
  if (status) { /* the others are written all the same */
    o->broken = specrnn_table_drop(o->table, &e->input.log) != SPECRNN_OK;
  }
  return status;
}

static void end_tape(void *user, size_t index, void *result)
{
  output *o = user;
  entry *e = result;
  (void)index;
  if (!e->status && !o->broken) {
    e->status = o->npz ? add_to_npz(o, e) : add_to_table(o, e);
  }
  if (!e->status && !o->broken) {
    o->names[o->n_names++] = e->input.item->name;
  }
  o->some_failed = o->some_failed || e->status;
  encode_tape_destroy(&e->tape);
  encode_input_close(&e->input);
}

static int write_common_npz(output *o)
{
  specrnn_log log = report_log(NULL);
  if (specrnn_npz_writer_create(&o->npz, o->c->options->output, SPECRNN_PACKING_STORED, &log)) {
    return CLI_EXIT_FAILED;
  }
  if (!run_all(o, work_tape, end_tape) || o->broken || o->n_names == 0 ||
      write_text(o->c, o->npz, o->names, o->n_names)) {
    specrnn_npz_writer_abandon(&o->npz);
    return CLI_EXIT_FAILED;
  }
  return specrnn_npz_writer_commit(&o->npz, &log) ? CLI_EXIT_FAILED : exit_status_of(o);
}

static int write_common_table(output *o)
{
  specrnn_log log = report_log(NULL);
  if (specrnn_table_writer_create(&o->table, o->c->options->output, o->c->format, &log)) {
    return CLI_EXIT_FAILED;
  }
  if (!run_all(o, work_tape, end_tape) || o->broken || o->n_names == 0) {
    specrnn_table_writer_abandon(&o->table);
    return CLI_EXIT_FAILED;
  }
  return specrnn_table_writer_commit(&o->table, &log) ? CLI_EXIT_FAILED : exit_status_of(o);
}

/* --------------------------------------------------------------------------------------------------------------
 * vectors */

static specrnn_status save_vectors_npz(const encode_call *c, const specrnn_array *vectors, const encode_pool *pool)
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

static specrnn_status save_vectors_raw(const encode_call *c, const specrnn_array *vectors)
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

static specrnn_status save_vectors(const encode_call *c, const encode_pool *pool)
{
  const size_t shape[] = {encode_pool_count(pool), encode_choice_width(&c->choice)};
  specrnn_array vectors = specrnn_array_view(SPECRNN_F32, 2, shape, encode_pool_vectors(pool));
  return c->format == SPECRNN_TABLE_NPZ ? save_vectors_npz(c, &vectors, pool) : save_vectors_raw(c, &vectors);
}

static void work_pool(void *user, size_t index, void *result)
{
  const output *o = user;
  entry *e = result;
  const encode_item *item = &o->c->list.items[index];
  e->status = open_input(o, item, &e->input);
  if (!e->status) {
    e->status = encode_pool_create(&e->pool, &o->c->choice, o->c->pooling);
  }
  if (!e->status) {
    const encode_sink use = encode_pool_use(e->pool, item->name);
    e->status = encode_input_run(&e->input, &use);
  }
  encode_input_close(&e->input);
}

static void end_pool(void *user, size_t index, void *result)
{
  output *o = user;
  entry *e = result;
  (void)index;
  if (!e->status) {
    e->status = encode_pool_take(o->pool, e->pool);
  }
  o->some_failed = o->some_failed || e->status;
  encode_pool_destroy(&e->pool);
}

static int write_vectors(output *o)
{
  const encode_call *c = o->c;
  if (encode_pool_create(&o->pool, &c->choice, c->pooling)) {
    return CLI_EXIT_FAILED;
  }
  bool good = run_all(o, work_pool, end_pool) && encode_pool_count(o->pool) > 0 && !save_vectors(c, o->pool);
  encode_pool_destroy(&o->pool);
  return good ? exit_status_of(o) : CLI_EXIT_FAILED;
}

/* ----------------------------------------------------------------------------------------------------------- all
 * of it */

static int write_all(output *o)
{
  const encode_call *c = o->c;
  if (c->pools) {
    return write_vectors(o);
  }
  if (c->to_folder) {
    return write_folder(o);
  }
  if (c->list.count == 1 && c->arguments->n_inputs == 1) {
    return write_single(o);
  }
  return c->format == SPECRNN_TABLE_NPZ ? write_common_npz(o) : write_common_table(o);
}

int encode_write(const encode_call *c)
{
  pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
  output o = {.c = c, .opening = &opening, .names = calloc(c->list.count, sizeof *o.names)};
  int exit_status = o.names ? write_all(&o) : report_memory();
  report_progress_end();
  free(o.names);
  pthread_mutex_destroy(&opening);
  return exit_status;
}
