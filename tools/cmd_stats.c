/* specrnn stats: mean, deviation, minimum and maximum of every bin over a corpus, in one pass. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "feature_run.h"
#include "front_end.h"
#include "jobs.h"
#include "plans.h"
#include "report.h"
#include "specrnn/io.h"

typedef struct options {
  const char *output;
  const char *config;
  const char *plans;
  int jobs;
} options;

static const options DEFAULTS = {.jobs = JOBS_ONE_PER_CPU};

static const cli_option OPTIONS[] = {
    {"output", 'o', CLI_STRING, "STATS.npz", offsetof(options, output), 0, 0, "where the statistics go"},
    CONFIG_OPTION(offsetof(options, config)),
    JOBS_OPTION(offsetof(options, jobs)),
    PLANS_OPTION(offsetof(options, plans)),
    {0},
};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Input", NULL, audio_input_options, AUDIO_INPUT_KEYS},
    {"Front end (--preset and --kind fill every value, each option overrides one)", NULL, front_end_options, NULL},
    {0},
};

typedef struct call {
  feature_run_config run;
  specrnn_features_config front_end;
  const char *const *inputs;
  size_t n_bins;
  specrnn_statistics *all;
  bool failed; /* some input */
} call;

/* What was seen of one input. */
typedef struct entry {
  specrnn_status status;
  specrnn_statistics *statistics;
} entry;

static specrnn_status add_rows(void *user, const float *rows, size_t n_rows, size_t n_bins)
{
  (void)n_bins;
  specrnn_statistics_add(user, rows, n_rows);
  return SPECRNN_OK;
}

static void work(void *user, size_t item, void *result)
{
  const call *c = user;
  entry *e = result;
  specrnn_log log = report_log(c->inputs[item]);
  e->status = specrnn_statistics_create(&e->statistics, c->n_bins, &log);
  if (!e->status) {
    const specrnn_row_sink sink = {.write = add_rows, .user = e->statistics};
    e->status = feature_run(c->inputs[item], &c->run, &sink, NULL, NULL, &log);
  }
}

/* An input counts whole or not at all: it is merged when its last frame was good. */
static void end(void *user, size_t item, void *result)
{
  call *c = user;
  entry *e = result;
  (void)item;
  specrnn_status status = e->status ? e->status : specrnn_statistics_merge(c->all, e->statistics);
  c->failed = c->failed || status;
  specrnn_statistics_destroy(&e->statistics);
}

static specrnn_status write_vectors(const call *c, specrnn_npz_writer *writer, const specrnn_log *log)
{
  enum { MEAN, DEVIATION, MINIMUM, MAXIMUM, FREQUENCIES, N_VECTORS };
  static const char *const NAMES[N_VECTORS] = {"mean", "deviation", "minimum", "maximum", "frequencies"};
  double *vectors = calloc(c->n_bins, N_VECTORS * sizeof *vectors);
  if (!vectors) {
    report_memory();
    return SPECRNN_ERROR_MEMORY;
  }
  double *vector[N_VECTORS];
  for (size_t i = 0; i < N_VECTORS; i++) {
    vector[i] = vectors + i * c->n_bins;
  }
  specrnn_statistics_read(c->all, vector[MEAN], vector[DEVIATION], vector[MINIMUM], vector[MAXIMUM]);
  specrnn_status status = specrnn_features_bin_frequencies_hz(&c->front_end, vector[FREQUENCIES], log);
  for (size_t i = 0; !status && i < N_VECTORS; i++) {
    specrnn_array array = specrnn_array_view(SPECRNN_F64, 1, &c->n_bins, vector[i]);
    status = specrnn_npz_write(writer, NAMES[i], &array, log);
  }
  free(vectors);
  return status;
}

static specrnn_status write_statistics(const call *c, const char *path)
{
  specrnn_log log = report_log(NULL);
  specrnn_npz_writer *writer = NULL;
  char *config = NULL;
  specrnn_status status = specrnn_npz_writer_create(&writer, path, SPECRNN_PACKING_STORED, &log);
  if (status) {
    return status;
  }
  status = write_vectors(c, writer, &log);
  int64_t count = (int64_t)specrnn_statistics_n_rows(c->all);
  specrnn_array scalar = specrnn_array_view(SPECRNN_I64, 0, NULL, &count);
  status = status ? status : specrnn_npz_write(writer, "count", &scalar, &log);
  status = status ? status : specrnn_config_to_json(&config, specrnn_features_options(), &c->front_end, &log);
  status = status ? status : specrnn_npz_write_text(writer, "config", config, &log);
  specrnn_json_destroy(&config);
  if (status) {
    specrnn_npz_writer_abandon(&writer);
    return status;
  }
  return specrnn_npz_writer_commit(&writer, &log);
}

static int run_call(call *c, const cli_arguments *arguments)
{
  const options *o = arguments->options;
  if (!o->output) {
    return report_usage("--output: say where the statistics go (see specrnn stats --help)");
  }
  specrnn_status status = front_end_from_arguments(arguments, o->config, SPECRNN_KIND_MEL, &c->front_end);
  if (status) {
    return front_end_exit(status);
  }
  if (!front_end_audio(arguments, &c->front_end, &c->run.audio)) {
    return CLI_EXIT_USAGE;
  }
  if (!plans_use(o->plans)) {
    return CLI_EXIT_FAILED;
  }
  c->run.front_end = &c->front_end;
  specrnn_log log = report_log(NULL);
  specrnn_features_shape shape;
  if (specrnn_features_describe(&c->front_end, &shape, &log)) {
    return CLI_EXIT_USAGE;
  }
  c->n_bins = shape.n_bins;
  if (specrnn_statistics_create(&c->all, shape.n_bins, &log)) {
    return CLI_EXIT_FAILED;
  }
  c->inputs = arguments->inputs;
  c->run.progress_name = arguments->n_inputs == 1 ? arguments->inputs[0] : NULL;
  const jobs j = {.n_jobs = o->jobs,
                  .names = arguments->inputs,
                  .n_items = (size_t)arguments->n_inputs,
                  .result_size = sizeof(entry),
                  .user = c,
                  .work = work,
                  .end = end};
  if (!jobs_run(&j)) {
    return CLI_EXIT_FAILED;
  }
  if (specrnn_statistics_n_rows(c->all) == 0 && c->failed) {
    return CLI_EXIT_FAILED; /* each input has said why */
  }
  if (specrnn_statistics_n_rows(c->all) == 0) {
    return report_failure(o->output, "not written: there is not one frame");
  }
  return write_statistics(c, o->output) || c->failed ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

static int run(const cli_arguments *arguments)
{
  call c = {0};
  int status = run_call(&c, arguments);
  specrnn_statistics_destroy(&c.all);
  return status;
}

const cli_command cmd_stats = {
    .name = "stats",
    .arguments = "IN... -o STATS.npz [options]",
    .summary = "per-bin mean, deviation, minimum, maximum of a corpus",
    .example = "specrnn stats corpus/*.wav -o stats.npz --preset kaldi\n"
               "specrnn features voice.wav -o voice.npy --preset kaldi --cmvn file --stats stats.npz",
    .description =
        "Computes mean, deviation (of the population), minimum and maximum of every bin over all frames of all inputs "
        "in one numerically stable pass, for --cmvn file and for the normaliser of a model. The .npz also holds count, "
        "frequencies and the configuration.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 1,
    .maximum_inputs = -1,
    .run = run,
};
