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
#include "plans.h"
#include "report.h"
#include "row_spool.h"
#include "specrnn/io.h"

typedef struct options {
  const char *output;
  const char *format;
  const char *config;
  const char *stats;
  const char *plans;
} options;

static const options DEFAULTS = {0};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "OUT", FIELD(output), 0, 0,
     "file by its extension: .npy .npz .csv .json .ark .raw; a folder (with / at the end, or existing) for a file per "
     "input; - for standard output"},
    {"format", 0, CLI_STRING, "F", FIELD(format), 0, 0,
     "raw|npy|npz|csv|json|ark, for folders (default npy) and standard output (default raw: float32, little-endian)"},
    {"config", 0, CLI_STRING, "FILE", FIELD(config), 0, 0,
     "replay the configuration stored in an .npz, a model or a .json; options override it"},
    {"stats", 0, CLI_STRING, "FILE", FIELD(stats), 0, 0, "statistics for --cmvn file, as specrnn stats writes them"},
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
  specrnn_table_writer *container; /* of many inputs, or NULL */
} call;

/* What the rows of one input are written to. */
typedef struct table_sink {
  call *c;
  specrnn_table_writer *writer;
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

static bool is_folder(const char *path)
{
  struct stat status;
  size_t length = strlen(path);
  return (length > 0 && path[length - 1] == '/') || (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

static bool choose_format(call *c, int n_inputs)
{
  const options *o = c->options;
  if (!o->output) {
    report_usage("--output: say where the features go (see specrnn features --help)");
    return false;
  }
  c->to_folder = strcmp(o->output, "-") && is_folder(o->output);
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
  if (n_inputs > 1 && !c->to_folder && !specrnn_table_format_holds_many(c->format)) {
    report_usage("%s: holds the features of one input; name a folder, an .npz or an .ark for %d", o->output, n_inputs);
    return false;
  }
  return true;
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
  if (c->front_end.cmvn == SPECRNN_CMVN_FILE) {
    if (!c->options->stats) {
      report_usage("--cmvn file: needs --stats FILE");
      return SPECRNN_ERROR_ARGUMENT;
    }
    specrnn_status status = statistics_load(&c->statistics, c->options->stats);
    if (status) {
      return status;
    }
    c->run.statistics = c->statistics;
  }
  specrnn_status status = specrnn_config_to_json(&c->config_json, specrnn_features_options(), &c->front_end, &log);
  return status ? status : describe_columns(c, &log);
}

/* --------------------------------------------------------------------------------------------------------------
 * writing */

static size_t channels_per_row(const call *c, int channels)
{
  return c->run.audio.channels == SPECRNN_AUDIO_FEATURES ? (size_t)channels : 1;
}

static specrnn_status begin_table(const call *c, specrnn_table_writer *writer, const char *name, size_t n_columns,
                                  const specrnn_log *log)
{
  specrnn_table_info info = SPECRNN_TABLE_INFO_INIT;
  info.name = name;
  info.dtype = c->is_complex ? SPECRNN_C64 : SPECRNN_F32;
  info.n_columns = c->is_complex ? n_columns / 2 : n_columns;
  info.column_values = n_columns == c->n_bins ? c->frequencies : NULL;
  info.sample_rate_hz = c->front_end.sample_rate_hz;
  info.config_json = c->config_json;
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
    specrnn_status status = begin_table(sink->c, sink->writer, NULL, n_columns, sink->log);
    if (status) {
      return status;
    }
  }
  return append_rows(sink, rows, n_rows, n_columns);
}

static specrnn_status fill_table(call *c, specrnn_table_writer *writer, const char *path, const specrnn_log *log)
{
  table_sink sink = {.c = c, .writer = writer, .log = log};
  const specrnn_row_sink rows = {.write = write_rows, .user = &sink};
  int channels = 1;
  specrnn_status status = feature_run(path, &c->run, &rows, &channels, NULL, log);
  if (!status && sink.n_rows == 0) {
    status = begin_table(c, writer, NULL, c->n_bins * channels_per_row(c, channels), log);
  }
  return status;
}

/* One input to one file of its own, row by row. */
static specrnn_status write_file(call *c, const char *path, const char *out)
{
  specrnn_table_writer *writer = NULL;
  specrnn_log log = report_log(path);
  specrnn_log out_log = report_log(NULL);
  specrnn_status status = specrnn_table_writer_create(&writer, out, c->format, &out_log);
  if (status) {
    return status;
  }
  status = fill_table(c, writer, path, &log);
  if (status) {
    specrnn_table_writer_abandon(&writer);
    return status;
  }
  return specrnn_table_writer_commit(&writer, &out_log);
}

/* One of many inputs to a common file: its rows wait until all are good, as a common file takes nothing back. */
static specrnn_status write_entry(call *c, const char *path)
{
  char name[NAME_SIZE];
  input_name(path, name, sizeof name);
  specrnn_log log = report_log(path);
  row_spool *spool = NULL;
  specrnn_status status = row_spool_create(&spool, &log);
  if (status) {
    return status;
  }
  const specrnn_row_sink rows = {.write = row_spool_write, .user = spool};
  int channels = 1;
  status = feature_run(path, &c->run, &rows, &channels, NULL, &log);
  if (!status) {
    status = begin_table(c, c->container, name, c->n_bins * channels_per_row(c, channels), &log);
  }
  table_sink sink = {.c = c, .writer = c->container, .log = &log};
  const float *block;
  size_t n = 0;
  while (!status && !(status = row_spool_read(spool, &block, &n)) && n > 0) {
    status = append_rows(&sink, block, n, row_spool_columns(spool));
  }
  row_spool_destroy(&spool);
  return status ? status : specrnn_table_end(c->container, &log);
}

/* All channels, (channels, frames, bins): the number of frames is known at the end only, so the array is collected. */
static specrnn_status write_channels(call *c, const char *path, const char *out)
{
  specrnn_log log = report_log(path);
  row_spool *spool = NULL;
  float *rows = NULL;
  specrnn_status status = row_spool_create(&spool, &log);
  if (status) {
    return status;
  }
  const specrnn_row_sink sink = {.write = row_spool_write, .user = spool};
  specrnn_compute_result result;
  int channels = 1;
  status = feature_run(path, &c->run, &sink, &channels, &result, &log);
  if (!status) {
    status = row_spool_collect(spool, &rows);
  }
  if (!status) {
    const size_t shape[] = {(size_t)channels, (size_t)result.n_frames, c->is_complex ? c->n_bins / 2 : c->n_bins};
    specrnn_array array = specrnn_array_view(c->is_complex ? SPECRNN_C64 : SPECRNN_F32, 3, shape, rows);
    specrnn_log out_log = report_log(NULL);
    status = specrnn_npy_save(out, &array, &out_log);
  }
  free(rows);
  row_spool_destroy(&spool);
  return status;
}

static specrnn_status write_one(call *c, const char *path, const char *out)
{
  if (c->run.audio.channels != SPECRNN_AUDIO_ALL) {
    return write_file(c, path, out);
  }
  if (c->format != SPECRNN_TABLE_NPY) {
    report_usage("--channels all: (channels, frames, bins) goes to an .npy only");
    return SPECRNN_ERROR_ARGUMENT;
  }
  return write_channels(c, path, out);
}

/* ------------------------------------------------------------------------------------------------------------ all
 * inputs */

static specrnn_status write_into_folder(call *c, const char *path)
{
  static const char *const EXTENSIONS[] = {"raw", "npy", "npz", "csv", "json", "ark"};
  char name[NAME_SIZE];
  input_name(path, name, sizeof name);
  size_t size = strlen(c->options->output) + strlen(name) + sizeof "/.json";
  char *out = malloc(size);
  if (!out) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  snprintf(out, size, "%s/%s.%s", c->options->output, name, EXTENSIONS[c->format]);
  specrnn_status status = write_one(c, path, out);
  free(out);
  return status;
}

static int write_folder(call *c, const cli_arguments *arguments)
{
  if (mkdir(c->options->output, 0777) != 0 && errno != EEXIST) {
    return report_failure(c->options->output, "cannot make the folder: %s", strerror(errno));
  }
  int exit_status = CLI_EXIT_OK;
  for (int i = 0; i < arguments->n_inputs; i++) {
    if (write_into_folder(c, arguments->inputs[i])) {
      exit_status = CLI_EXIT_FAILED;
    }
  }
  return exit_status;
}

static int write_container(call *c, const cli_arguments *arguments)
{
  specrnn_log log = report_log(NULL);
  if (c->run.audio.channels == SPECRNN_AUDIO_ALL) {
    return report_usage("--channels all: of many inputs goes to a folder");
  }
  if (specrnn_table_writer_create(&c->container, c->options->output, c->format, &log)) {
    return CLI_EXIT_FAILED;
  }
  int exit_status = CLI_EXIT_OK;
  int written = 0;
  for (int i = 0; i < arguments->n_inputs; i++) {
    if (write_entry(c, arguments->inputs[i])) {
      exit_status = CLI_EXIT_FAILED;
    } else {
      written++;
    }
  }
  if (written == 0) {
    specrnn_table_writer_abandon(&c->container);
    return CLI_EXIT_FAILED;
  }
  return specrnn_table_writer_commit(&c->container, &log) ? CLI_EXIT_FAILED : exit_status;
}

static int run_call(call *c, const cli_arguments *arguments)
{
  if (!choose_format(c, arguments->n_inputs) ||
      !front_end_from_arguments(arguments, c->options->config, SPECRNN_KIND_MEL, &c->front_end) ||
      !front_end_audio(arguments, &c->front_end, &c->run.audio)) {
    return CLI_EXIT_USAGE;
  }
  if (!plans_use(c->options->plans)) {
    return CLI_EXIT_FAILED;
  }
  specrnn_status status = prepare(c);
  if (status) {
    return status == SPECRNN_ERROR_ARGUMENT ? CLI_EXIT_USAGE : CLI_EXIT_FAILED;
  }
  if (c->to_folder) {
    return write_folder(c, arguments);
  }
  if (arguments->n_inputs > 1) {
    return write_container(c, arguments);
  }
  return report_status(write_one(c, arguments->inputs[0], c->options->output));
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
        "(channels, frames, bins).",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = -1,
    .run = run,
};
