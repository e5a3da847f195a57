/* specrnn features: sound files to arrays of features. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "feature_run.h"
#include "front_end.h"
#include "jobs.h"
#include "path.h"
#include "plans.h"
#include "report.h"
#include "result_names.h"
#include "row_spool.h"
#include "specrnn/io.h"

typedef struct options {
  const char *output;
  const char *format;
  const char *config;
  const char *stats;
  const char *plans;
  const char *names;
  int jobs;
} options;

static const options DEFAULTS = {.jobs = JOBS_ONE_PER_CPU};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "OUT", FIELD(output), 0, 0,
     "file by its extension: .npy .npz .csv .json .ark .raw; a folder (with / at the end, or existing) for a file per "
     "input; - for standard output"},
    {"format", 0, CLI_STRING, "F", FIELD(format), 0, 0,
     "raw|npy|npz|csv|json|ark, for folders (default npy) and standard output (default raw: float32, little-endian)"},
    CONFIG_OPTION(FIELD(config)),
    {"stats", 0, CLI_STRING, "FILE", FIELD(stats), 0, 0, "statistics for --cmvn file, as specrnn stats writes them"},
    NAMES_OPTION(FIELD(names)),
    JOBS_OPTION(FIELD(jobs)),
    PLANS_OPTION(FIELD(plans)),
    {0},
};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Input", NULL, audio_input_options, AUDIO_INPUT_KEYS},
    {"Front end (--preset and --kind fill every value, each option overrides one)", NULL, front_end_options, NULL},
    {0},
};

enum { NAME_SIZE = 256, READ_ROWS = 1024 };

typedef struct call {
  const options *options;
  feature_run_config run;
  specrnn_features_config front_end;
  specrnn_statistics *statistics;
  char *config_json;
  double *frequencies; /* of a row, or NULL where bins have none */
  size_t n_bins;       /* floats of one channel's row */
  bool is_complex;
  specrnn_table_format format;
  bool to_folder;
  bool named;                      /* tables carry the names of their inputs */
  specrnn_table_writer *container; /* of many inputs, or NULL */
  const cli_arguments *arguments;
  const char *const *inputs;
  int n_written;
} call;

/* What the work on one input leaves for its end. */
typedef struct entry {
  specrnn_status status;
  specrnn_log log;
  char *out;                    /* the path of its own file, if it has one */
  specrnn_table_writer *writer; /* of that file */
  row_spool *spool;
  int channels;
} entry;

/* What the rows of one input are written to. */
typedef struct table_sink {
  const call *c;
  specrnn_table_writer *writer;
  const char *name;    /* of the table, or NULL */
  const int *channels; /* of the input, known before its first row */
  const specrnn_log *log;
  uint64_t n_rows;
} table_sink;

/* ----------------------------------------------------------------------------------------------------------
 * preparation */

static bool parse_format(const char *name, specrnn_table_format *format)
{
  char path[NAME_SIZE];
  snprintf(path, sizeof path, "x.%.200s", name);
  specrnn_log log = report_usage_log();
  return specrnn_table_format_of_path(format, path, &log) == SPECRNN_OK;
}

static bool choose_format(call *c, const char *const *inputs, int n_inputs)
{
  const options *o = c->options;
  if (!o->output) {
    report_usage("--output: say where the features go (see specrnn features --help)");
    return false;
  }
  c->to_folder = strcmp(o->output, "-") && path_is_folder(o->output);
  c->format = c->to_folder ? SPECRNN_TABLE_NPY : SPECRNN_TABLE_RAW;
  specrnn_log log = report_usage_log();
  if (o->format) {
    if (!parse_format(o->format, &c->format)) {
      return false;
    }
  } else if (!c->to_folder && strcmp(o->output, "-") &&
             specrnn_table_format_of_path(&c->format, o->output, &log) != SPECRNN_OK) {
    return false;
  }
  if (!result_names_choose(o->names, c->format, n_inputs > 1 && !c->to_folder, &c->named)) {
    return false;
  }
  if (n_inputs > 1 && !c->to_folder && !specrnn_table_format_holds_many(c->format)) {
    report_usage("%s: holds the features of one input; name a folder, an .npz or an .ark for %d", o->output, n_inputs);
    return false;
  }
  return input_names_differ(inputs, n_inputs);
}

static specrnn_status describe_columns(call *c, const specrnn_log *log)
{
  specrnn_features_shape shape;
  specrnn_status status = specrnn_features_describe(&c->front_end, &shape, log);
  if (status) {
    return status;
  }
  c->n_bins = shape.n_bins;
  c->is_complex = c->front_end.kind == SPECRNN_KIND_STFT && c->front_end.power == SPECRNN_POWER_COMPLEX;
  c->frequencies = calloc(shape.n_bins, sizeof *c->frequencies);
  if (!c->frequencies) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  status = specrnn_features_bin_frequencies_hz(&c->front_end, c->frequencies, log);
  for (size_t i = 0; !status && c->is_complex && i < shape.n_bins / 2; i++) {
    c->frequencies[i] = c->frequencies[2 * i]; /* a pair is one column */
  }
  for (size_t i = 0; !status && c->frequencies && i < shape.n_bins; i++) {
    if (isnan(c->frequencies[i])) {
      free(c->frequencies);
      c->frequencies = NULL;
    }
  }
  return status;
}

static specrnn_status prepare(call *c)
{
  c->run.front_end = &c->front_end;
  specrnn_log log = report_log(NULL);
  specrnn_status status = statistics_for(&c->statistics, &c->front_end, c->options->stats);
  c->run.statistics = c->statistics;
  status = status ? status : specrnn_config_to_json(&c->config_json, specrnn_features_options(), &c->front_end, &log);
  return status ? status : describe_columns(c, &log);
}

/* --------------------------------------------------------------------------------------------------------------
 * writing */

/* Columns of an input without a row to tell them. */
static size_t columns_of(const call *c, int channels)
{
  return c->n_bins * (c->run.audio.channels == SPECRNN_AUDIO_FEATURES ? (size_t)channels : 1);
}

static specrnn_status begin_table(const call *c, specrnn_table_writer *writer, const char *name, size_t n_columns,
                                  int channels, const specrnn_log *log)
{
  specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
  info.name = name;
  info.dtype = c->is_complex ? SPECRNN_C64 : SPECRNN_F32;
  info.n_columns = c->is_complex ? n_columns / 2 : n_columns;
  info.column_values = n_columns == c->n_bins ? c->frequencies : NULL;
  info.sample_rate_hz = c->front_end.sample_rate_hz;
  info.config_json = c->config_json;
  info.n_channels = c->run.audio.channels == SPECRNN_AUDIO_ALL ? (size_t)channels : 0;
  return specrnn_table_begin(writer, &info, log);
}

static specrnn_status append_rows(table_sink *sink, const float *rows, size_t n_rows, size_t n_columns)
{
  double times_s[READ_ROWS];
  specrnn_status status = SPECRNN_OK;
  while (!status && n_rows > 0) {
    size_t n = n_rows < READ_ROWS ? n_rows : READ_ROWS;
    for (size_t i = 0; i < n; i++) {
      times_s[i] = specrnn_features_frame_time_s(&sink->c->front_end, sink->n_rows + i);
    }
    status = specrnn_table_append(sink->writer, rows, n, times_s, sink->log);
    sink->n_rows += n;
    rows += n * n_columns;
    n_rows -= n;
  }
  return status;
}

/* The table begins with its first rows, when the number of columns is known. */
static specrnn_status write_rows(void *user, const float *rows, size_t n_rows, size_t n_columns)
{
  table_sink *sink = user;
  if (sink->n_rows == 0) {
    specrnn_status status = begin_table(sink->c, sink->writer, sink->name, n_columns, *sink->channels, sink->log);
    if (status) {
      return status;
    }
  }
  return append_rows(sink, rows, n_rows, n_columns);
}

/* One input to a file of its own, row by row. */
static specrnn_status fill_file(const call *c, const char *path, entry *e)
{
  specrnn_log out_log = report_log(NULL);
  specrnn_status status = specrnn_table_writer_create(&e->writer, e->out, c->format, &out_log);
  if (status) {
    return status;
  }
  char name[NAME_SIZE];
  input_name(path, name, sizeof name);
  table_sink sink = {.c = c, .writer = e->writer, .channels = &e->channels, .log = &e->log};
  sink.name = c->named ? name : NULL;
  const specrnn_row_sink rows = {.write = write_rows, .user = &sink};
  status = feature_run(path, &c->run, &rows, &e->channels, NULL, &e->log);
  if (!status && sink.n_rows == 0) {
    status = begin_table(c, e->writer, sink.name, columns_of(c, e->channels), e->channels, &e->log);
  }
  return status;
}

static specrnn_status fill_spool(const call *c, const char *path, entry *e)
{
  specrnn_status status = row_spool_create(&e->spool, &e->log);
  if (status) {
    return status;
  }
  const specrnn_row_sink rows = {.write = row_spool_write, .user = e->spool};
  return feature_run(path, &c->run, &rows, &e->channels, NULL, &e->log);
}

/* One of many inputs to a common file: its rows waited until all were good, as a common file takes nothing back. */
static specrnn_status end_in_container(const call *c, const char *path, entry *e)
{
  char name[NAME_SIZE];
  input_name(path, name, sizeof name);
  specrnn_status status = begin_table(c, c->container, name, columns_of(c, e->channels), e->channels, &e->log);
  table_sink sink = {.c = c, .writer = c->container, .channels = &e->channels, .log = &e->log};
  const float *block;
  size_t n = 0;
  while (!status && !(status = row_spool_read(e->spool, &block, &n)) && n > 0) {
    status = append_rows(&sink, block, n, row_spool_columns(e->spool));
  }
  status = status ? status : specrnn_table_end(c->container, &e->log);
  if (status) { /* the others are written all the same */
    specrnn_status dropped = specrnn_table_drop(c->container, &e->log);
    return dropped ? dropped : status;
  }
  return SPECRNN_OK;
}

static specrnn_status end_file(entry *e)
{
  specrnn_log out_log = report_log(NULL);
  return specrnn_table_writer_commit(&e->writer, &out_log);
}

/* ----------------------------------------------------------------------------------------------------------- all
 * inputs
 */

static const char *const EXTENSIONS[] = {"raw", "npy", "npz", "csv", "json", "ark"};

/* The file of an input: OUT itself, or NAME.npy ... in the folder OUT. */
static char *output_path(const call *c, const char *path)
{
  char name[NAME_SIZE];
  if (!c->to_folder) {
    return strdup(c->options->output);
  }
  input_name(path, name, sizeof name);
  return path_in_folder(c->options->output, name, EXTENSIONS[c->format]);
}

/* Of a folder: no two inputs have one place in it. */
static bool places_differ(const call *c, const cli_arguments *arguments)
{
  size_t n_inputs = (size_t)arguments->n_inputs;
  char(*texts)[NAME_SIZE] = calloc(n_inputs, sizeof *texts);
  const char **names = calloc(n_inputs, sizeof *names);
  for (size_t i = 0; texts && names && i < n_inputs; i++) {
    input_name(arguments->inputs[i], texts[i], sizeof texts[i]);
    names[i] = texts[i];
  }
  if (!texts || !names) {
    report_memory();
  }
  bool differ = texts && names && folder_places_differ(c->options->output, names, n_inputs, EXTENSIONS[c->format]);
  free(texts);
  free(names);
  return differ;
}

static void work(void *user, size_t item, void *result)
{
  const call *c = user;
  entry *e = result;
  e->channels = 1;
  e->log = report_log(c->inputs[item]);
  e->out = output_path(c, c->inputs[item]);
  if (!e->out) {
    report_memory();
    e->status = SPECRNN_ERROR_MEMORY;
  } else if (c->to_folder && !cli_output_spares_inputs(c->arguments, e->out)) {
    e->status = SPECRNN_ERROR_ARGUMENT;
  } else {
    e->status = c->container ? fill_spool(c, c->inputs[item], e) : fill_file(c, c->inputs[item], e);
  }
}

static void end(void *user, size_t item, void *result)
{
  call *c = user;
  entry *e = result;
  if (!e->status && c->container) {
    e->status = end_in_container(c, c->inputs[item], e);
  } else if (!e->status) {
    e->status = end_file(e);
  }
  c->n_written += !e->status;
  specrnn_table_writer_abandon(&e->writer);
  row_spool_destroy(&e->spool);
  free(e->out);
}

static int write_inputs(call *c, const cli_arguments *arguments)
{
  c->arguments = arguments;
  c->inputs = arguments->inputs;
  c->run.progress_name = arguments->n_inputs == 1 ? arguments->inputs[0] : NULL;
  const jobs j = {.n_jobs = c->options->jobs,
                  .names = arguments->inputs,
                  .n_items = (size_t)arguments->n_inputs,
                  .result_size = sizeof(entry),
                  .user = c,
                  .work = work,
                  .end = end};
  bool good = jobs_run(&j) && c->n_written == arguments->n_inputs;
  /* Again: a folder may have one place for names that differ in case alone, which nothing says beforehand. */
  good = (!c->to_folder || places_differ(c, arguments)) && good;
  return good ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}

static int write_container(call *c, const cli_arguments *arguments)
{
  specrnn_log log = report_log(NULL);
  if (specrnn_table_writer_create(&c->container, c->options->output, c->format, &log)) {
    return CLI_EXIT_FAILED;
  }
  int exit_status = write_inputs(c, arguments);
  if (c->n_written == 0) {
    specrnn_table_writer_abandon(&c->container);
    return CLI_EXIT_FAILED;
  }
  return specrnn_table_writer_commit(&c->container, &log) ? CLI_EXIT_FAILED : exit_status;
}

static int run_call(call *c, const cli_arguments *arguments)
{
  if (!choose_format(c, arguments->inputs, arguments->n_inputs)) {
    return CLI_EXIT_USAGE;
  }
  specrnn_status status = front_end_from_arguments(arguments, c->options->config, SPECRNN_KIND_MEL, &c->front_end);
  if (status) {
    return front_end_exit(status);
  }
  if (!front_end_audio(arguments, &c->front_end, &c->run.audio)) {
    return CLI_EXIT_USAGE;
  }
  if (!plans_use(c->options->plans)) {
    return CLI_EXIT_FAILED;
  }
  status = prepare(c);
  if (status) {
    return status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : CLI_EXIT_FAILED;
  }
  if (c->to_folder && !places_differ(c, arguments)) {
    return CLI_EXIT_USAGE;
  }
  if (c->to_folder && mkdir(c->options->output, 0777) != 0 && errno != EEXIST) {
    return report_failure(c->options->output, "cannot make the folder: %s", strerror(errno));
  }
  return arguments->n_inputs > 1 && !c->to_folder ? write_container(c, arguments) : write_inputs(c, arguments);
}

static int run(const cli_arguments *arguments)
{
  call c = {.options = arguments->options};
  int status = run_call(&c, arguments);
  specrnn_statistics_destroy(&c.statistics);
  specrnn_json_destroy(&c.config_json);
  free(c.frequencies);
  return status;
}

const cli_command cmd_features = {
    .name = "features",
    .arguments = "IN... -o OUT [options]",
    .summary = "spectrograms, mel bands, cepstra to .npy .npz .csv .json .ark",
    .example = "specrnn features voice.wav -o voice.npy --preset whisper\n"
               "specrnn features corpus/*.flac -o mel.npz --preset librosa --n-fft 512 --hop-length 256\n"
               "specrnn features more.wav -o more.npz --config mel.npz",
    .description =
        "Computes features of sound files as librosa, torchaudio, Kaldi or Whisper compute them: float32 arrays "
        "(frames, bins). An .npz holds features, times (s, frame centres), frequencies (Hz), sample_rate and the "
        "configuration as JSON; with many inputs the names carry the input's name in front. --channels all writes "
        "(channels, frames, bins) to .npy, .npz and raw.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = -1,
    .run = run,
};
