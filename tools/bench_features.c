/* specrnn bench features: the front end against its floor, and the pace of a stream of small pushes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "bench_floor.h"
#include "front_end.h"
#include "plans.h"
#include "report.h"
#include "specrnn/cpu.h"
#include "whole.h"

typedef struct options {
  bool json;
  double seconds;
  int repetitions;
  const char *cpu;
  const char *config;
  const char *plans;
} options;

static const options DEFAULTS = {.seconds = 60.0, .repetitions = 15};

#define FIELD(name) offsetof(options, name)

static const cli_option OPTIONS[] = {
    {"json", 0, CLI_FLAG, NULL, FIELD(json), 0, 0, "print one JSON object"},
    {"seconds", 0, CLI_TIME, "S", FIELD(seconds), 1, 3600, "length of the noise that is analysed (default 60)"},
    {"repetitions", 0, CLI_COUNT, "N", FIELD(repetitions), 1, 1000, "the fastest of N counts (default 15)"},
    {"cpu", 0, CLI_STRING, "LEVEL", FIELD(cpu), 0, 0,
     "use the inner loops of this level at most: baseline, x86-64-v2, x86-64-v3, x86-64-v4 ..."},
    CONFIG_OPTION(FIELD(config)),
    PLANS_OPTION(FIELD(plans)),
    {0},
};

static const cli_group GROUPS[] = {
    {"Options", OPTIONS, NULL, NULL},
    {"Front end (where one is given it alone is measured)", NULL, front_end_options, NULL},
    {0},
};

enum { PUSH_SAMPLES = 16384, PULL_FRAMES = 64, FLOOR_BATCH = 16 };
static const double PUSH_S = 0.010;

/* The configurations that are measured where none is given. */
static const struct standard {
  const char *name;
  specrnn_preset preset;
  int n_fft, hop_length, n_mels;
  specrnn_precision precision;
} STANDARDS[] = {
    {"mel 80 dB 512/256 float", SPECRNN_PRESET_LIBROSA, 512, 256, 80, SPECRNN_PRECISION_FLOAT},
    {"mel 80 dB 400/160 float", SPECRNN_PRESET_LIBROSA, 400, 160, 80, SPECRNN_PRECISION_FLOAT},
    {"kaldi fbank 80 float", SPECRNN_PRESET_KALDI, 0, 0, 80, SPECRNN_PRECISION_FLOAT},
    {"mel 80 dB 512/256 double", SPECRNN_PRESET_LIBROSA, 512, 256, 80, SPECRNN_PRECISION_DOUBLE},
    {"mel 80 dB 400/160 double", SPECRNN_PRESET_LIBROSA, 400, 160, 80, SPECRNN_PRECISION_DOUBLE},
    {"kaldi fbank 80 double", SPECRNN_PRESET_KALDI, 0, 0, 80, SPECRNN_PRECISION_DOUBLE},
};

/* One configuration while it is measured. */
typedef struct run {
  specrnn_features_config config; /* resolved, fit for a stream */
  specrnn_extractor *extractor;
  const float *samples;
  size_t n_samples;
  size_t n_frames;
  float *rows; /* (PULL_FRAMES, n_bins) */
} run;

/* ------------------------------------------------------------------------------------------------------- the subject
 */

static void pull_all(run *r)
{
  size_t n;
  while (specrnn_extractor_pull(r->extractor, r->rows, PULL_FRAMES, &n) == SPECRNN_OK) {
    r->n_frames += n;
  }
}

static void run_extractor(void *user)
{
  run *r = user;
  r->n_frames = 0;
  specrnn_extractor_reset(r->extractor);
  for (size_t start = 0; start < r->n_samples; start += PUSH_SAMPLES) {
    size_t left = r->n_samples - start;
    if (specrnn_extractor_push(r->extractor, r->samples + start, left < PUSH_SAMPLES ? left : PUSH_SAMPLES)) {
      return; /* cannot be: max_push is PUSH_SAMPLES and every frame was pulled */
    }
    pull_all(r);
  }
  if (specrnn_extractor_flush(r->extractor) == SPECRNN_OK) {
    pull_all(r);
  }
}

/* What looks at the whole input has no place in a stream, and costs a second pass that the floor does not have. */
static void fit_for_stream(specrnn_features_config *config)
{
  config->top_db = config->scale == SPECRNN_SCALE_WHISPER ? config->top_db : SPECRNN_NONE;
  config->maximum = SPECRNN_MAXIMUM_RUNNING;
}

static bool prepare(run *r, const options *o)
{
  specrnn_log log = report_log(NULL);
  specrnn_extractor_options extractor_options = SPECRNN_EXTRACTOR_OPTIONS_INIT;
  extractor_options.max_push = PUSH_SAMPLES;
  fit_for_stream(&r->config);
  if (specrnn_extractor_create(&r->extractor, &r->config, &extractor_options, &log)) {
    return false;
  }
  r->n_samples = (size_t)whole_of(o->seconds * r->config.sample_rate_hz, 0, INT64_MAX);
  float *samples = malloc(r->n_samples * sizeof *samples);
  r->rows = malloc(PULL_FRAMES * specrnn_extractor_n_bins(r->extractor) * sizeof *r->rows);
  if (!samples || !r->rows) {
    free(samples);
    report_memory();
    return false;
  }
  bench_fill_noise(samples, r->n_samples);
  r->samples = samples;
  return true;
}

static void release(run *r)
{
  union {
    const float *in;
    void *out;
  } samples = {.in = r->samples};
  specrnn_extractor_destroy(&r->extractor);
  free(samples.out);
  free(r->rows);
}

/* ------------------------------------------------------------------------------------------------------ measurements
 */

/* Nanoseconds per frame of the extractor and of the faster floor: single transforms or batches. */
static bool measure_throughput(run *r, const options *o, json_t *facts)
{
  bool in_double = r->config.precision == SPECRNN_PRECISION_DOUBLE;
  bench_floor *single = bench_floor_create(r->config.n_fft, r->config.win_length, r->config.hop_length, 1, in_double,
                                           o->plans != NULL, r->samples, r->n_samples);
  bench_floor *batched = bench_floor_create(r->config.n_fft, r->config.win_length, r->config.hop_length, FLOOR_BATCH,
                                            in_double, o->plans != NULL, r->samples, r->n_samples);
  bool good = single && batched && bench_floor_frames(single) > 0;
  if (good) {
    bench_subject subjects[] = {{run_extractor, r, 0}, {bench_floor_run, single, 0}, {bench_floor_run, batched, 0}};
    bench_run(subjects, sizeof subjects / sizeof *subjects, o->repetitions);
    double floor_s = fmin(subjects[1].best_s, subjects[2].best_s) / (double)bench_floor_frames(single);
    double ours_s = subjects[0].best_s / (double)r->n_frames;
    json_object_set_new(facts, "frames", json_integer((json_int_t)r->n_frames));
    json_object_set_new(facts, "ns_per_frame", json_real(1e9 * ours_s));
    json_object_set_new(facts, "floor_ns_per_frame", json_real(1e9 * floor_s));
    json_object_set_new(facts, "ratio", json_real(ours_s / floor_s));
    json_object_set_new(facts, "ms_per_input", json_real(1e3 * subjects[0].best_s));
    json_object_set_new(facts, "real_time_factor", json_real(subjects[0].best_s / o->seconds));
    json_object_set_new(facts, "times_real_time", json_real(o->seconds / subjects[0].best_s));
  } else {
    report_failure(NULL, "the input is shorter than a frame, or memory is out");
  }
  bench_floor_destroy(single);
  bench_floor_destroy(batched);
  return good;
}

/* The time of each push of 10 ms together with the pulls that it allows, as an audio callback would do it. */
static bool measure_pushes(run *r, json_t *facts)
{
  size_t push = (size_t)whole_of(PUSH_S * r->config.sample_rate_hz, 0, INT64_MAX);
  size_t n_pushes = push > 0 ? r->n_samples / push : 0;
  double *times_s = n_pushes > 0 ? malloc(n_pushes * sizeof *times_s) : NULL;
  if (!times_s) {
    report_memory();
    return false;
  }
  specrnn_extractor_reset(r->extractor);
  for (size_t i = 0; i < n_pushes; i++) {
    double start_s = bench_now_s();
    if (specrnn_extractor_push(r->extractor, r->samples + i * push, push) == SPECRNN_OK) {
      pull_all(r);
    }
    times_s[i] = bench_now_s() - start_s;
  }
  json_object_set_new(facts, "latency_samples",
                      json_integer((json_int_t)specrnn_extractor_latency_samples(r->extractor)));
  json_object_set_new(facts, "push_p50_us", json_real(1e6 * bench_percentile(times_s, n_pushes, 0.5)));
  json_object_set_new(facts, "push_p999_us", json_real(1e6 * bench_percentile(times_s, n_pushes, 0.999)));
  json_object_set_new(facts, "push_max_us", json_real(1e6 * bench_percentile(times_s, n_pushes, 1.0)));
  free(times_s);
  return true;
}

static json_t *measure(const char *name, const specrnn_features_config *config, const options *o)
{
  run r = {.config = *config};
  json_t *facts = json_pack("{s:s, s:s, s:i, s:i}", "configuration", name, "precision",
                            config->precision == SPECRNN_PRECISION_DOUBLE ? "double" : "float", "n_fft", config->n_fft,
                            "hop_length", config->hop_length);
  bool good = facts && prepare(&r, o) && measure_throughput(&r, o, facts) && measure_pushes(&r, facts);
  release(&r);
  if (!good) {
    json_decref(facts);
    return NULL;
  }
  return facts;
}

static bool standard_config(const struct standard *standard, specrnn_features_config *config)
{
  specrnn_log log = report_log(standard->name);
  if (specrnn_features_preset(config, standard->preset, SPECRNN_KIND_MEL)) {
    return false;
  }
  config->sample_rate_hz = 16000;
  if (standard->n_fft) {
    config->n_fft = standard->n_fft;
    config->hop_length = standard->hop_length;
  }
  config->n_mels = standard->n_mels;
  config->precision = standard->precision;
  return specrnn_features_resolve(config, &log) == SPECRNN_OK;
}

static int measure_standards(const options *o, json_t *results)
{
  for (size_t i = 0; i < sizeof STANDARDS / sizeof *STANDARDS; i++) {
    specrnn_features_config config;
    json_t *facts = standard_config(&STANDARDS[i], &config) ? measure(STANDARDS[i].name, &config, o) : NULL;
    if (!facts || json_array_append_new(results, facts)) {
      return CLI_EXIT_FAILED;
    }
  }
  return CLI_EXIT_OK;
}

static int measure_own(const cli_arguments *arguments, const options *o, json_t *results)
{
  specrnn_features_config config;
  specrnn_status status = front_end_from_arguments(arguments, o->config, SPECRNN_KIND_MEL, &config);
  if (status) {
    return front_end_exit(status);
  }
  json_t *facts = measure("given", &config, o);
  return facts && !json_array_append_new(results, facts) ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}

static int run_bench(const cli_arguments *arguments)
{
  const options *o = arguments->options;
  if (!bench_limit_cpu(o->cpu)) {
    return CLI_EXIT_USAGE;
  }
  if (!plans_use(o->plans)) {
    return CLI_EXIT_FAILED;
  }
  json_t *results = json_array();
  bool own = o->config || cli_assigned_any(arguments, specrnn_features_options());
  int status = own ? measure_own(arguments, o, results) : measure_standards(o, results);
  if (status) {
    json_decref(results);
    return status;
  }
  return bench_print(
      json_pack("{s:s, s:f, s:s, s:o}", "cpu_level", specrnn_cpu_level_name(specrnn_cpu_level_in_use()), "seconds",
                o->seconds, "floor",
                o->plans ? "window + FFTW (measured plan) + power" : "window + FFTW (estimated plan) + power",
                "features", results),
      o->json);
}

const cli_command bench_features_command = {
    .name = "bench features",
    .arguments = "[options]",
    .summary = "the front end against the floor of FFTW alone",
    .example = "specrnn bench features --json\n"
               "specrnn bench features --preset whisper",
    .description =
        "Times the front end on noise, one thread, beside its floor in the same run: window, FFTW and power alone, the "
        "faster of single and batched transforms, planned in the same way. Then times pushes of 10 ms, each with the "
        "pulls that it allows. Keys: configuration, precision, n_fft, hop_length, frames, ns_per_frame, "
        "floor_ns_per_frame, ratio, ms_per_input, real_time_factor, times_real_time, latency_samples, push_p50_us, "
        "push_p999_us, "
        "push_max_us.",
    .groups = GROUPS,
    .defaults = &DEFAULTS,
    .options_size = sizeof(options),
    .minimum_inputs = 0,
    .maximum_inputs = 0,
    .run = run_bench,
};
