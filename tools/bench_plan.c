/* specrnn bench plan: measures FFTW's plans and keeps them for --plans. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "bench_floor.h"
#include "front_end.h"
#include "plans.h"
#include "report.h"
#include "shown.h"

typedef struct options {
  bool json;
  const char *output;
  const char *config;
} options;

static const options DEFAULTS = {0};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"json", 0, CLI_FLAG, NULL, FIELD(json), 0, 0, "print one JSON object"},
    {"output", 'o', CLI_STRING, "FILE", FIELD(output), 0, 0, "where the plans go (default: the cache folder)"},
    CONFIG_OPTION(FIELD(config)),
    {0},
};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Front end (where one is given its transform alone is measured)", NULL, front_end_options, NULL},
    {0},
};

enum { N_SAMPLES = 160000, REPETITIONS = 9 };

/* What the presets use, at 16 kHz and at librosa's own rate. */
static const int STANDARD_SIZES[] = {400, 512, 1024, 2048};
enum { N_STANDARD_SIZES = sizeof STANDARD_SIZES / sizeof *STANDARD_SIZES };

/* One transform: what a frame (window, transform, power) costs with the plan that FFTW has now. */
typedef struct transform {
  specrnn_features_config config; /* resolved */
  double estimated_ns, measured_ns;
} transform;

static bool time_plan(const transform *t, const float *samples, double *ns)
{
  const specrnn_features_config *config = &t->config;
  bool in_double = config->precision == SPECRNN_PRECISION_DOUBLE;
  bench_floor *floor = bench_floor_create(config->n_fft, config->win_length, config->hop_length, 1, in_double, false,
                                          samples, N_SAMPLES);
  if (!floor || bench_floor_frames(floor) == 0) {
    bench_floor_destroy(floor);
    return report_failure(NULL, "n_fft is %d; at most %d samples are measured", config->n_fft, N_SAMPLES) ==
           CLI_EXIT_OK;
  }
  bench_subject subject = {bench_floor_run, floor, 0.0};
  bench_run(&subject, 1, REPETITIONS);
  *ns = 1e9 * subject.best_s / (double)bench_floor_frames(floor);
  bench_floor_destroy(floor);
  return true;
}

static bool time_all(transform *transforms, size_t count, const float *samples, bool measured)
{
  bool good = true;
  for (size_t i = 0; good && i < count; i++) {
    transform *t = &transforms[i];
    good = time_plan(t, samples, measured ? &t->measured_ns : &t->estimated_ns);
  }
  return good;
}

/* Adds to what the file holds. The cache is replaced where it cannot be used; a file that the user names is not. */
static bool measure_all(const transform *transforms, size_t count, const char *path, bool is_cache)
{
  specrnn_log log = report_log(path);
  specrnn_status status = SPECRNN_OK;
  if (access(path, F_OK) == 0 && specrnn_plans_load(path, &log) && !is_cache) {
    return false;
  }
  for (size_t i = 0; !status && i < count; i++) {
    status = specrnn_plans_measure(&transforms[i].config, &log);
  }
  specrnn_log out_log = report_log(NULL);
  return !status && specrnn_plans_save(path, &out_log) == SPECRNN_OK;
}

static int print_report(const transform *transforms, size_t count, const char *path, bool as_json)
{
  json_t *rows = json_array();
  for (size_t i = 0; rows && i < count; i++) {
    const transform *t = &transforms[i];
    json_array_append_new(rows, json_pack("{s:i, s:s, s:f, s:f}", "n_fft", t->config.n_fft, "precision",
                                          t->config.precision == SPECRNN_PRECISION_DOUBLE ? "double" : "float",
                                          "estimated_ns_per_frame", t->estimated_ns, "measured_ns_per_frame",
                                          t->measured_ns));
  }
  return bench_print(json_pack("{s:o, s:o}", "file", shown_json(path), "plans", rows), as_json);
}

static int plan_into(const char *path, const options *o, transform *transforms, size_t count)
{
  float *samples = malloc(N_SAMPLES * sizeof *samples);
  if (!samples) {
    return report_memory();
  }
  bench_fill_noise(samples, N_SAMPLES);
  bool good = time_all(transforms, count, samples, false) && measure_all(transforms, count, path, !o->output) &&
              time_all(transforms, count, samples, true);
  free(samples);
  return good ? print_report(transforms, count, path, o->json) : CLI_EXIT_FAILED;
}

static bool standard_transforms(transform *transforms)
{
  specrnn_log log = report_log(NULL);
  bool good = true;
  for (size_t i = 0; good && i < 2 * N_STANDARD_SIZES; i++) {
    specrnn_features_config *config = &transforms[i].config;
    good = specrnn_features_preset(config, SPECRNN_PRESET_LIBROSA, SPECRNN_KIND_STFT) == SPECRNN_OK;
    config->n_fft = STANDARD_SIZES[i / 2];
    config->precision = i % 2 ? SPECRNN_PRECISION_DOUBLE : SPECRNN_PRECISION_FLOAT;
    good = good && specrnn_features_resolve(config, &log) == SPECRNN_OK;
  }
  return good;
}

static int run_plan(const cli_arguments *arguments)
{
  const options *o = arguments->options;
  transform transforms[2 * N_STANDARD_SIZES] = {0};
  size_t count = 2 * N_STANDARD_SIZES;
  if (o->config || cli_assigned_any(arguments, specrnn_features_options())) {
    count = 1;
    specrnn_status status = front_end_from_arguments(arguments, o->config, SPECRNN_KIND_MEL, &transforms[0].config);
    if (status) {
      return front_end_exit(status);
    }
  } else if (!standard_transforms(transforms)) {
    return CLI_EXIT_FAILED;
  }
  if (o->output && !strcmp(o->output, "-")) {
    return report_usage("--output -: names a file; ./- is one of that name");
  }
  if (o->output) {
    return plan_into(o->output, o, transforms, count);
  }
  char *path = plans_cache_path();
  if (!path) {
    return CLI_EXIT_USAGE;
  }
  int status = plans_make_cache_folder(path) ? plan_into(path, o, transforms, count) : CLI_EXIT_FAILED;
  free(path);
  return status;
}

const cli_command bench_plan_command = {
    .name = "bench plan",
    .arguments = "[-o FILE] [options]",
    .summary = "measure FFTW's plans and keep them for --plans",
    .example = "specrnn bench plan --json\n"
               "specrnn features voice.wav -o voice.npy --preset whisper --plans cache",
    .description =
        "Lets FFTW measure which way of computing a transform is fastest here, for the sizes 400, 512, 1024 and 2048 "
        "in both precisions or for the front end that is given, and adds the plans to a file: -o FILE, or "
        "$XDG_CACHE_HOME/specrnn/fftw-plans (by default in ~/.cache). Nothing reads that file unless --plans asks for "
        "it. With the same file results are the same in every run; between files they may differ in the last bits.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 0,
    .maximum_inputs = 0,
    .run = run_plan,
};
